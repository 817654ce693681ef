"""Blanks for an accepted register, and the dated share of spares (N5)."""

from collections.abc import Mapping
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from zhicheng.organizations.permissions import Relation
from zhicheng.reference.models import Grade
from zhicheng.registers.models import Register


class SparePolicy(models.Model):
    """超发比例 as a dated setting: in force from its day until the next one's (N5).

    Rows are only added; of several for one day the last counts.
    """

    valid_from = models.DateField(_("生效日期"))
    rate = models.DecimalField(_("超发比例"), max_digits=5, decimal_places=4)
    round_up = models.BooleanField(_("进位取整"), default=True)

    class Meta:
        verbose_name = _("备用证书比例")
        ordering = ("-valid_from", "-pk")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(rate__gte=0, rate__lte=1), name="spare_rate_is_a_share"
            ),
        ]


class Disposal(models.TextChoices):
    """What becomes of blanks that are left over once a register is complete."""

    RETURN = "return", _("交回市库存")
    CARRY_OVER = "carry_over", _("结转下次配发")
    TRANSFER = "transfer", _("调剂到本单位其他登记表")


class SpareDisposal(models.Model):
    """剩余证书处理办法 as a dated setting: which ways are open, and which is proposed (N5).

    Rows are only added; of several for one day the last counts.
    """

    valid_from = models.DateField(_("生效日期"))
    may_return = models.BooleanField(Disposal.RETURN.label, default=True)
    may_carry_over = models.BooleanField(Disposal.CARRY_OVER.label, default=True)
    may_transfer = models.BooleanField(Disposal.TRANSFER.label, default=True)
    proposed = models.CharField(
        _("默认办法"), max_length=12, choices=Disposal, default=Disposal.RETURN
    )

    class Meta:
        verbose_name = _("剩余证书处理办法")
        ordering = ("-valid_from", "-pk")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(proposed="return", may_return=True)
                | Q(proposed="carry_over", may_carry_over=True)
                | Q(proposed="transfer", may_transfer=True),
                name="proposed_disposal_is_allowed",
            ),
        ]

    @property
    def allowed(self) -> list[Disposal]:
        """The ways that are open, in their order."""
        ways = (self.may_return, self.may_carry_over, self.may_transfer)
        return [way for way, open_ in zip(Disposal, ways, strict=True) if open_]


class AllotmentState(models.TextChoices):
    """How far the hand-over of an allotment is."""

    ALLOTTED = "allotted", _("待移交")
    HANDED_OVER = "handed_over", _("待签收")
    RECEIVED = "received", _("已签收")
    WITHDRAWN = "withdrawn", _("已撤回")


class AllotmentsInForce(models.Manager["Allotment"]):
    """Allotments that weren't withdrawn by a correction."""

    def get_queryset(self) -> models.QuerySet["Allotment"]:
        """Without the withdrawn ones."""
        return super().get_queryset().exclude(state=AllotmentState.WITHDRAWN)


class Allotment(models.Model):
    """The blanks of one grade for one accepted register: people on it and spares (N5).

    ``row_serials`` and ``spare_serials`` are handed over by the office; ``carried_serials`` lie
    at the unit already, carried over from an earlier register. ``missing_serials`` and
    ``damaged_serials`` were named at the receipt.
    """

    register = models.ForeignKey(Register, on_delete=models.PROTECT, related_name="allotments")
    grade = models.CharField(_("等级"), max_length=12, choices=Grade)
    people = models.PositiveIntegerField(_("人数"))
    spares = models.PositiveIntegerField(_("备用"))
    rate = models.DecimalField(_("超发比例"), max_digits=5, decimal_places=4)
    state = models.CharField(
        _("状态"), max_length=12, choices=AllotmentState, default=AllotmentState.ALLOTTED
    )
    row_serials = models.JSONField(_("按人数配发"), default=list)
    spare_serials = models.JSONField(_("备用编号"), default=list)
    carried_serials = models.JSONField(_("结转抵用编号"), default=list)
    missing_serials = models.JSONField(_("签收时缺少"), default=list)
    damaged_serials = models.JSONField(_("签收时损坏"), default=list)
    allotted_at = models.DateTimeField(_("配发时间"), auto_now_add=True)
    allotted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    handed_over_at = models.DateTimeField(_("移交时间"), null=True)
    handed_over_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    collected_by = models.CharField(_("领取人"), max_length=60, blank=True)
    received_at = models.DateTimeField(_("签收时间"), null=True)
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = AllotmentsInForce()
    everything = models.Manager()

    class Meta:
        verbose_name = _("配发")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["register", "grade"],
                condition=~Q(state="withdrawn"),
                name="register_is_allotted_once_per_grade",
            ),
            models.CheckConstraint(
                condition=Q(people__gte=1, spares__lt=F("people") * F("rate") + 1),
                name="allotment_never_exceeds_people_and_spares",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["allotted", "withdrawn"])
                | Q(handed_over_at__isnull=False, handed_over_by__isnull=False),
                name="allotment_is_handed_over_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state="received")
                | Q(received_at__isnull=False, received_by__isnull=False)
                & ~Q(received_by=F("handed_over_by")),
                name="allotment_is_received_by_the_other_side",
            ),
        ]
        # First pages and lists ask for the few that are on their way.
        indexes: ClassVar = [
            models.Index(fields=["state", "register"], name="allotment_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.register} {self.get_grade_display()}"

    @property
    def percent(self) -> str:
        """The share of spares as people write it."""
        return f"{(self.rate * 100).normalize():f}%"

    def parties(self) -> Mapping[Relation, set[int]]:
        """As the register's."""
        return self.register.parties()
