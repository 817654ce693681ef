"""The stock ledger of blank certificates (N1, N5, N9; invariants 1, 2 and 6).

Blanks are never rows: they are ranges of serial numbers. ``Movement`` is the append-only ledger;
a trigger applies each movement to ``Holding``, where an exclusion constraint gives every serial
exactly one custodian. Nobody writes holdings by hand: another trigger refuses it.
"""

from collections.abc import Mapping
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import BigIntegerRangeField, RangeOperators
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from zhicheng.organizations.models import Organization
from zhicheng.organizations.permissions import Relation
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


REGISTER_STATES = (
    CustodyState.RESERVED,
    CustodyState.IN_TRANSIT,
    CustodyState.UNIT,
    CustodyState.SPARE,
    CustodyState.FILLING,
    CustodyState.ON_CERTIFICATE,
    CustodyState.SPOILED,
)


class Custody(models.Model):
    """An account of the ledger: who holds blanks of a grade, in which state, for which register."""

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(_("状态"), max_length=20, choices=CustodyState)
    grade = models.CharField(_("等级"), max_length=12, choices=Grade)
    register = models.ForeignKey(Register, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("保管账户")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "state", "grade", "register"],
                nulls_distinct=False,
                name="one_custody_per_holder_state_and_register",
            ),
            models.CheckConstraint(
                condition=Q(state__in=REGISTER_STATES, register__isnull=False)
                | ~Q(state__in=REGISTER_STATES) & Q(register=None),
                name="allotted_blanks_belong_to_a_register",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["register", "grade", "state"], name="custody_by_register"),
        ]

    def __str__(self) -> str:
        return f"{self.organization} {self.get_state_display()}（{self.get_grade_display()}）"


class PrintRun(models.Model):
    """A delivery of printed blanks: the only way in which blanks come to exist (N1)."""

    serials = BigIntegerRangeField(_("编号区间"))
    grade = models.CharField(_("等级"), max_length=12, choices=Grade)
    printer = models.CharField(_("印刷单位"), max_length=100, blank=True)
    received_on = models.DateField(_("入库日期"))
    custody = models.ForeignKey(Custody, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(_("登记时间"), auto_now_add=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("印制批次")
        ordering = ("-id",)
        constraints: ClassVar = [
            ExclusionConstraint(
                name="blank_is_printed_once", expressions=[("serials", RangeOperators.OVERLAPS)]
            ),
            models.CheckConstraint(
                condition=Q(serials__isempty=False, serials__startswith__gte=1),
                name="print_run_has_serials",
            ),
        ]


class Reason(models.TextChoices):
    """Why blanks moved."""

    DELIVERY = "delivery", _("印制入库")
    ALLOTMENT = "allotment", _("配发")
    HAND_OVER = "hand_over", _("移交")
    RECEIPT = "receipt", _("签收")
    FILLING = "filling", _("填制")
    SPARE = "spare", _("启用备用证书")
    SPOILAGE = "spoilage", _("错制作废")
    ISSUE = "issue", _("发放")
    RETURN_SPOILED = "return_spoiled", _("交回废旧证书")
    EXCHANGE = "exchange", _("换取空白证书")
    DESTRUCTION = "destruction", _("销毁")


class Movement(models.Model):
    """One line of the ledger: these serials went from one custody to another. Never changed."""

    serials = BigIntegerRangeField(_("编号区间"))
    source = models.ForeignKey(Custody, on_delete=models.PROTECT, related_name="movements_out")
    target = models.ForeignKey(Custody, on_delete=models.PROTECT, related_name="movements_in")
    reason = models.CharField(_("事由"), max_length=20, choices=Reason)
    note = models.CharField(_("备注"), max_length=200, blank=True)
    moved_at = models.DateTimeField(_("时间"), auto_now_add=True)
    moved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("流转记录")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(source=F("target")), name="movement_changes_custody"
            ),
            models.CheckConstraint(
                condition=Q(serials__isempty=False), name="movement_moves_blanks"
            ),
        ]
        indexes: ClassVar = [
            GistIndex(fields=["serials"], name="movement_by_serial"),
            models.Index(fields=["source", "moved_at"], name="movement_by_source"),
            models.Index(fields=["target", "moved_at"], name="movement_by_target"),
        ]


class Holding(models.Model):
    """Where these serials are now. Written by the ledger's trigger alone."""

    serials = BigIntegerRangeField(_("编号区间"))
    custody = models.ForeignKey(Custody, on_delete=models.PROTECT, related_name="holdings")

    class Meta:
        verbose_name = _("现存")
        constraints: ClassVar = [
            ExclusionConstraint(
                name="blank_has_one_custodian", expressions=[("serials", RangeOperators.OVERLAPS)]
            ),
        ]


class SparePolicy(models.Model):
    """超发比例 as a dated setting: in force from its day until the next one's (N5)."""

    valid_from = models.DateField(_("生效日期"), unique=True)
    rate = models.DecimalField(_("超发比例"), max_digits=5, decimal_places=4)
    round_up = models.BooleanField(_("进位取整"), default=True)

    class Meta:
        verbose_name = _("备用证书比例")
        ordering = ("-valid_from",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(rate__gte=0, rate__lte=1), name="spare_rate_is_a_share"
            ),
        ]


class AllotmentState(models.TextChoices):
    """How far the hand-over of an allotment is."""

    ALLOTTED = "allotted", _("待移交")
    HANDED_OVER = "handed_over", _("待签收")
    RECEIVED = "received", _("已签收")


class Allotment(models.Model):
    """The blanks of one grade for one accepted register: people on it and spares (N5)."""

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

    class Meta:
        verbose_name = _("配发")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["register", "grade"], name="register_is_allotted_once_per_grade"
            ),
            models.CheckConstraint(
                condition=Q(people__gte=1, spares__lt=F("people") * F("rate") + 1),
                name="allotment_never_exceeds_people_and_spares",
            ),
            models.CheckConstraint(
                condition=Q(state="allotted")
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

    def __str__(self) -> str:
        return f"{self.register} {self.get_grade_display()}"

    @property
    def percent(self) -> str:
        """The share of spares as people write it."""
        return f"{(self.rate * 100).normalize():f}%"

    def parties(self) -> Mapping[Relation, set[int]]:
        """As the register's."""
        return self.register.parties()


class SpoilReason(models.TextChoices):
    """Why a blank became a spoiled one."""

    MISPRINT = "misprint", _("打印错误")
    DAMAGED = "damaged", _("破损污损")
    SEAL_FAULT = "seal_fault", _("印章加盖有误")
    OTHER = "other", _("其他")


class Spoilage(models.Model):
    """A spoiled blank (废旧证书), why, and which spare took its place (N9)."""

    serial = models.BigIntegerField(_("空白证书编号"), unique=True)
    grade = models.CharField(_("等级"), max_length=12, choices=Grade)
    register = models.ForeignKey(Register, on_delete=models.PROTECT, related_name="spoilages")
    certificate_number = models.CharField(_("证书编号"), max_length=60, blank=True)
    reason = models.CharField(_("原因"), max_length=12, choices=SpoilReason)
    note = models.CharField(_("说明"), max_length=200, blank=True)
    replaced_by = models.BigIntegerField(_("替换编号"), null=True)
    needs_blank = models.BooleanField(_("待换取"), default=False)
    spoiled_at = models.DateTimeField(_("登记时间"), auto_now_add=True)
    spoiled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    exchange = models.ForeignKey(
        "Exchange", null=True, on_delete=models.PROTECT, related_name="spoilages"
    )

    class Meta:
        verbose_name = _("废旧证书")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(replaced_by=None) | Q(needs_blank=False, exchange=None),
                name="spoiled_blank_is_replaced_once",
            ),
            models.CheckConstraint(
                condition=Q(exchange=None) | Q(needs_blank=True),
                name="exchange_only_where_a_blank_is_needed",
            ),
        ]


class Exchange(models.Model):
    """Spoiled blanks brought to the municipal office for as many new ones (N9)."""

    register = models.ForeignKey(Register, on_delete=models.PROTECT, related_name="exchanges")
    grade = models.CharField(_("等级"), max_length=12, choices=Grade)
    spoiled = models.JSONField(_("交回编号"), default=list)
    given = models.JSONField(_("换取编号"), default=list)
    count = models.PositiveIntegerField(_("数量"))
    exchanged_at = models.DateTimeField(_("时间"), auto_now_add=True)
    exchanged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("换取")
        ordering = ("-id",)


class Destruction(models.Model):
    """Returned spoiled blanks destroyed by two people (N9, N18)."""

    grade = models.CharField(_("等级"), max_length=12, choices=Grade)
    serials = models.JSONField(_("编号区间"), default=list)
    count = models.PositiveIntegerField(_("数量"))
    proposed_at = models.DateTimeField(_("提请时间"), auto_now_add=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    confirmed_at = models.DateTimeField(_("销毁时间"), null=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("销毁记录")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("proposed_by")),
                name="destruction_is_confirmed_by_a_second_person",
            ),
        ]
