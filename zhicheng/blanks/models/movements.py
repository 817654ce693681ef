"""The journal: print runs bring blanks in, movements move them; neither ever changes (N1)."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import BigIntegerRangeField, RangeOperators
from django.contrib.postgres.indexes import BrinIndex, GistIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from zhicheng.blanks.models.custody import Custody
from zhicheng.blanks.models.orders import Delivery
from zhicheng.reference.models import Grade


class PrintRun(models.Model):
    """A delivery of printed blanks: the only way in which blanks come to exist (N1)."""

    serials = BigIntegerRangeField(_("编号区间"))
    grade = models.CharField(_("等级"), max_length=12, choices=Grade)
    printer = models.CharField(_("印刷单位"), max_length=100, blank=True)
    received_on = models.DateField(_("入库日期"))
    # 印制年度: where the data go on these blanks, the layouts say by grade and edition.
    edition = models.PositiveSmallIntegerField(_("印制年度"))
    delivery = models.ForeignKey(
        Delivery, null=True, on_delete=models.PROTECT, related_name="print_runs"
    )
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
            models.CheckConstraint(
                condition=Q(edition__gte=1980, edition__lte=2100),
                name="print_run_edition_is_a_year",
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
    DAMAGED = "damaged", _("到货损坏")
    RETURN_UNUSED = "return_unused", _("交回多余空白证书")
    CARRY_OVER = "carry_over", _("结转备用")
    TRANSFER = "transfer", _("备用证书调剂")
    LOSS = "loss", _("报告遗失")
    FOUND = "found", _("找回")
    WRITE_OFF = "write_off", _("确认遗失")
    CORRECTION = "correction", _("更正")
    REISSUE = "reissue", _("补办换发领取")


class Movement(models.Model):
    """One line of the ledger: these serials went from one custody to another. Never changed.

    An error is corrected by a movement back that names it in ``corrects``.
    """

    serials = BigIntegerRangeField(_("编号区间"))
    source = models.ForeignKey(Custody, on_delete=models.PROTECT, related_name="movements_out")
    target = models.ForeignKey(Custody, on_delete=models.PROTECT, related_name="movements_in")
    reason = models.CharField(_("事由"), max_length=20, choices=Reason)
    note = models.CharField(_("备注"), max_length=200, blank=True)
    corrects = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="corrected_by"
    )
    # The ledger's trigger sets the time, under the lock of both accounts, and the two balances.
    moved_at = models.DateTimeField(_("时间"), auto_now_add=True)
    source_after = models.BigIntegerField(_("转出后现存"), db_default=0, editable=False)
    target_after = models.BigIntegerField(_("转入后现存"), db_default=0, editable=False)
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
            models.CheckConstraint(
                condition=~Q(reason="correction") | ~Q(note=""), name="correction_says_why"
            ),
            models.CheckConstraint(
                condition=Q(reason="correction", corrects__isnull=False)
                | ~Q(reason="correction") & Q(corrects=None),
                name="correction_names_its_movement",
            ),
            models.UniqueConstraint(fields=["corrects"], name="movement_is_corrected_once"),
        ]
        indexes: ClassVar = [
            GistIndex(fields=["serials"], name="movement_by_serial"),
            models.Index(fields=["serials", "id"], name="movement_in_serial_order"),
            models.Index(fields=["source", "moved_at"], name="movement_by_source"),
            models.Index(fields=["target", "moved_at"], name="movement_by_target"),
            BrinIndex(fields=["moved_at"], name="movement_by_time"),
        ]
