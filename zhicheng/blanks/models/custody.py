"""The accounts of the ledger and what they hold (invariant 1)."""

from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import (
    BigIntegerRangeField,
    DateTimeRangeField,
    RangeOperators,
)
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zhicheng.organizations.models import Organization
from zhicheng.reference.models import Grade
from zhicheng.registers.models import Register


class CustodyState(models.TextChoices):
    """What a blank is to whoever holds it."""

    PRINTER = "printer", _("印刷厂")
    STORE = "store", _("市库存")
    RESERVED = "reserved", _("已配发待移交")
    IN_TRANSIT = "in_transit", _("移交待签收")
    UNIT = "unit", _("单位待填制")
    SPARE = "spare", _("备用")
    FILLING = "filling", _("已填制未发放")
    ON_CERTIFICATE = "on_certificate", _("已发放证书")
    SPOILED = "spoiled", _("废旧待交回")
    RETURNED_SPOILED = "returned_spoiled", _("废旧已交回")
    DESTROYED = "destroyed", _("已销毁")
    CARRIED_OVER = "carried_over", _("结转备用")
    LOST = "lost", _("遗失待查")
    WRITTEN_OFF = "written_off", _("确认遗失")


REGISTER_STATES = (
    CustodyState.RESERVED,
    CustodyState.IN_TRANSIT,
    CustodyState.UNIT,
    CustodyState.SPARE,
    CustodyState.FILLING,
    CustodyState.ON_CERTIFICATE,
    CustodyState.SPOILED,
)
# A blank that was handed out for one reissue goes the certificate's way as well (N11, N12).
REISSUE_STATES = (
    CustodyState.UNIT,
    CustodyState.FILLING,
    CustodyState.ON_CERTIFICATE,
    CustodyState.SPOILED,
)
# A lost blank keeps the register that it was allotted to, if there was one.
LOSS_STATES = (CustodyState.LOST, CustodyState.WRITTEN_OFF)


class Custody(models.Model):
    """An account of the ledger: who holds blanks of a grade, in which state, and what for.

    Allotted blanks are for a register, or one is for a reissue: ``reissue`` is its id. The folder
    of reissues stands below this one, so the column names no table here; the reissues' migration
    adds the foreign key.
    """

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(_("状态"), max_length=20, choices=CustodyState)
    grade = models.CharField(_("等级"), max_length=12, choices=Grade)
    register = models.ForeignKey(Register, null=True, on_delete=models.PROTECT, related_name="+")
    reissue = models.BigIntegerField(_("补办换发"), null=True)
    # Kept by the ledger's trigger: how many blanks it holds now, and since when it is so.
    balance = models.BigIntegerField(_("现存"), db_default=0, editable=False)
    changed_at = models.DateTimeField(_("最近变动"), null=True, editable=False)

    class Meta:
        verbose_name = _("保管账户")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "state", "grade", "register", "reissue"],
                nulls_distinct=False,
                name="one_custody_per_holder_state_and_purpose",
            ),
            models.CheckConstraint(
                condition=Q(state__in=REGISTER_STATES, register__isnull=False, reissue=None)
                | Q(state__in=REISSUE_STATES, register=None, reissue__isnull=False)
                | Q(state__in=LOSS_STATES) & (Q(register=None) | Q(reissue=None))
                | ~Q(state__in=[*REGISTER_STATES, *LOSS_STATES]) & Q(register=None, reissue=None),
                name="allotted_blanks_belong_to_a_register_or_reissue",
            ),
            models.CheckConstraint(condition=Q(balance__gte=0), name="account_is_never_overdrawn"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["register", "grade", "state"], name="custody_by_register"),
            models.Index(
                fields=["reissue"],
                condition=Q(reissue__isnull=False),
                name="custody_by_reissue",
            ),
            models.Index(
                fields=["organization", "reissue"],
                condition=Q(state="spoiled", reissue__isnull=False),
                name="spoiled_for_reissue_by_unit",
            ),
            # First pages ask for the few accounts that hold something now, of the many that did.
            models.Index(
                fields=["state", "organization"],
                condition=Q(balance__gt=0),
                name="custody_that_holds",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization} {self.get_state_display()}（{self.get_grade_display()}）"


class Holding(models.Model):
    """Where these serials are now. Written by the ledger's trigger alone."""

    serials = BigIntegerRangeField(_("编号区间"))
    custody = models.ForeignKey(
        Custody, on_delete=models.PROTECT, related_name="holdings", db_index=False
    )

    class Meta:
        verbose_name = _("现存")
        # An account's serials in order: allotments take the lowest without reading the rest.
        indexes: ClassVar = [
            models.Index(fields=["custody", "serials"], name="holding_by_custody"),
        ]
        constraints: ClassVar = [
            ExclusionConstraint(
                name="blank_has_one_custodian", expressions=[("serials", RangeOperators.OVERLAPS)]
            ),
        ]


class HoldingHistory(models.Model):
    """Who held these serials in which span of time; an open end means now.

    Written by the ledger's trigger alone. ``organization`` and ``register`` are the account's own,
    kept here for the indexes that answer "what did X hold at that moment" (migration 0007).
    """

    serials = BigIntegerRangeField(_("编号区间"))
    period = DateTimeRangeField(_("期间"))
    custody = models.ForeignKey(
        Custody, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    organization = models.ForeignKey(
        Organization,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    register = models.ForeignKey(
        Register,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )

    class Meta:
        verbose_name = _("历史保管")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(serials__isempty=False, period__isempty=False),
                name="history_tells_of_blanks_and_time",
            ),
            ExclusionConstraint(
                name="blank_has_one_custodian_at_any_moment",
                expressions=[
                    ("serials", RangeOperators.OVERLAPS),
                    ("period", RangeOperators.OVERLAPS),
                ],
            ),
        ]
