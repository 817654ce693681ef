"""盘点: what should be there, what was counted, and how often a custodian counts (N18)."""

from collections.abc import Mapping
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import BigIntegerRangeField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from zhicheng.blanks.models.cases import BlankCase
from zhicheng.blanks.models.custody import Custody, CustodyState
from zhicheng.organizations.models import Organization
from zhicheng.organizations.permissions import Relation
from zhicheng.reference.models import Grade
from zhicheng.values.serials import SerialRange

# What can lie before somebody who counts, by whoever keeps it.
OFFICE_COUNTS = (CustodyState.STORE, CustodyState.RESERVED, CustodyState.RETURNED_SPOILED)
UNIT_COUNTS = (
    CustodyState.UNIT,
    CustodyState.SPARE,
    CustodyState.CARRIED_OVER,
    CustodyState.FILLING,
    CustodyState.SPOILED,
)


class StocktakeState(models.TextChoices):
    """How far a count is."""

    COUNTING = "counting", _("盘点中")
    FINISHED = "finished", _("待监盘确认")
    CONFIRMED = "confirmed", _("已确认")
    ABANDONED = "abandoned", _("已放弃")


class Stocktake(models.Model):
    """A count of what one custodian holds: of one grade or all, of one state or all."""

    number = models.CharField(_("盘点编号"), max_length=24, unique=True)
    organization = models.ForeignKey(
        Organization, verbose_name=_("保管单位"), on_delete=models.PROTECT, related_name="+"
    )
    grade = models.CharField(_("等级"), max_length=12, choices=Grade, blank=True)
    scope = models.CharField(_("状态"), max_length=20, choices=CustodyState, blank=True)
    state = models.CharField(
        _("进度"), max_length=12, choices=StocktakeState, default=StocktakeState.COUNTING
    )
    expected_count = models.PositiveIntegerField(_("账面"))
    counted_count = models.PositiveIntegerField(_("实盘"), default=0)
    missing = models.JSONField(_("短缺"), default=list)
    surplus = models.JSONField(_("溢出"), default=list)
    moved = models.JSONField(_("盘点期间流转"), default=list)
    missing_count = models.PositiveIntegerField(_("短缺"), default=0)
    surplus_count = models.PositiveIntegerField(_("溢出"), default=0)
    started_at = models.DateTimeField(_("开始"), auto_now_add=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    finished_at = models.DateTimeField(_("盘完"), null=True)
    finished_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    confirmed_at = models.DateTimeField(_("确认"), null=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    note = models.CharField(_("说明"), max_length=300, blank=True)
    cases = models.ManyToManyField(BlankCase, related_name="stocktakes")

    class Meta:
        verbose_name = _("盘点")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "grade", "scope"],
                condition=Q(state__in=["counting", "finished"]),
                name="one_stocktake_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="confirmed")
                | Q(
                    finished_at__isnull=False,
                    finished_by__isnull=False,
                    confirmed_at__isnull=False,
                    confirmed_by__isnull=False,
                ),
                name="confirmed_stocktake_was_finished",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("finished_by")),
                name="stocktake_is_confirmed_by_a_second_person",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["organization", "-id"], name="stocktake_by_custodian"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def states(self) -> tuple[CustodyState, ...]:
        """The states of the ledger that are counted."""
        if self.scope:
            return (CustodyState(self.scope),)
        return OFFICE_COUNTS if self.organization.is_municipal_office else UNIT_COUNTS

    def parties(self) -> Mapping[Relation, set[int]]:
        """The custodian, as an issuing unit."""
        return {Relation.ISSUING: {self.organization_id}}


class StocktakeExpected(models.Model):
    """What should be there, frozen when the count began; never changed."""

    stocktake = models.ForeignKey(Stocktake, on_delete=models.PROTECT, related_name="expected")
    serials = BigIntegerRangeField(_("编号区间"))
    custody = models.ForeignKey(Custody, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("账面数")
        ordering = ("serials",)


class StocktakeCount(models.Model):
    """Serials that somebody counted in one go: a scan or a range. Only ever withdrawn."""

    stocktake = models.ForeignKey(Stocktake, on_delete=models.PROTECT, related_name="counts")
    serials = BigIntegerRangeField(_("编号区间"))
    counted_at = models.DateTimeField(_("时间"), auto_now_add=True)
    counted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    withdrawn_at = models.DateTimeField(_("撤销时间"), null=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("实盘记录")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="withdrawn_count_says_by_whom",
            ),
        ]

    @property
    def range(self) -> SerialRange:
        """What was counted in this entry."""
        value = self.serials
        return SerialRange(value.lower, value.upper - 1)


class StocktakePolicy(models.Model):
    """After how many months a custodian is reminded to count, from a day on.

    Rows are only added; of several for one day the last counts.
    """

    valid_from = models.DateField(_("生效日期"))
    months = models.PositiveSmallIntegerField(_("盘点周期（月）"))

    class Meta:
        verbose_name = _("盘点周期")
        ordering = ("-valid_from", "-pk")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(months__gte=1, months__lte=60), name="stocktake_period_is_sensible"
            ),
        ]
