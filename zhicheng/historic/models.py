"""Old ledgers that were imported, and what makes their columns known again (N7)."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from zhicheng.historic.models_registration import (
    OPEN_STATES,
    EvidenceKind,
    Registration,
    RegistrationEvidence,
    RegistrationState,
)
from zhicheng.organizations.models import Organization
from zhicheng.reference.models import Grade, Level
from zhicheng.verification.models import LegacyRecord

__all__ = [
    "OPEN_STATES",
    "ColumnMapping",
    "EvidenceKind",
    "Ledger",
    "LedgerLine",
    "LedgerState",
    "LineOutcome",
    "Registration",
    "RegistrationEvidence",
    "RegistrationState",
]


class ColumnMapping(models.Model):
    """Which column an organisation took for what, by the fingerprint of the headings."""

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    fingerprint = models.CharField(max_length=64)
    headings = models.JSONField(_("表头"))
    chosen = models.JSONField(_("对应关系"))
    used_at = models.DateTimeField(_("最近使用"), auto_now=True)
    used_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("栏目对应")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "fingerprint"], name="headings_are_mapped_once"
            ),
        ]


class LedgerState(models.TextChoices):
    """Where an old ledger is on its way."""

    UPLOADED = "uploaded", _("待对应栏目")
    MAPPED = "mapped", _("检查中")
    CHECKED = "checked", _("待导入")
    IMPORTED = "imported", _("已导入")
    TAKEN_BACK = "taken_back", _("已撤回")
    DISCARDED = "discarded", _("已放弃")


class Ledger(models.Model):
    """One file with certificates of old, its mapping and what became of its rows.

    ``head_cipher`` holds the first rows of each sheet, encrypted JSON, for the mapping page;
    ``chosen`` maps a column's place to one of our fields (``columns.FIELDS``).
    """

    number = models.CharField(_("导入号"), max_length=24, unique=True)
    title = models.CharField(_("台账名称"), max_length=120)
    state = models.CharField(
        _("状态"), max_length=12, choices=LedgerState, default=LedgerState.UPLOADED
    )
    organization = models.ForeignKey(
        Organization, verbose_name=_("导入单位"), on_delete=models.PROTECT, related_name="+"
    )
    file_name = models.CharField(_("文件名"), max_length=200)
    sha256 = models.CharField("SHA-256", max_length=64)
    content = models.BinaryField()
    head_cipher = models.BinaryField()
    sheet = models.PositiveSmallIntegerField(_("工作表"), default=0)
    header_row = models.PositiveIntegerField(_("表头行"), default=0)
    chosen = models.JSONField(_("对应关系"), default=dict)
    self_managed = models.BooleanField(_("自主评审证书台账"), default=False)
    row_count = models.PositiveIntegerField(_("行数"), default=0)
    ready_count = models.PositiveIntegerField(_("可导入"), default=0)
    warning_count = models.PositiveIntegerField(_("有提示"), default=0)
    refused_count = models.PositiveIntegerField(_("不能导入"), default=0)
    taken_count = models.PositiveIntegerField(_("已导入"), default=0)
    same_count = models.PositiveIntegerField(_("重复"), default=0)
    conflict_count = models.PositiveIntegerField(_("与其他来源不一致"), default=0)
    uploaded_at = models.DateTimeField(_("上传时间"), auto_now_add=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    imported_at = models.DateTimeField(_("导入时间"), null=True)
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    taken_back_at = models.DateTimeField(_("撤回时间"), null=True)
    taken_back_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    taken_back_reason = models.CharField(_("撤回原因"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("历史台账")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["sha256"], condition=Q(state="imported"), name="ledger_file_counts_once"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["imported", "taken_back"]) | Q(imported_at__isnull=False),
                name="imported_ledger_says_when",
            ),
            models.CheckConstraint(
                condition=Q(state="taken_back", taken_back_at__isnull=False)
                & ~Q(taken_back_reason="")
                | ~Q(state="taken_back") & Q(taken_back_at=None, taken_back_reason=""),
                name="ledger_taken_back_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(state="imported")
                | Q(row_count=F("taken_count") + F("same_count") + F("refused_count")),
                name="ledger_accounts_for_every_row",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("historic:ledger", args=[self.pk])


class LineOutcome(models.TextChoices):
    """What became of a row of an old ledger."""

    READY = "ready", _("可导入")
    REFUSED = "refused", _("不能导入")
    TAKEN = "taken", _("已导入")
    SAME = "same", _("与已有记录相同")


class LedgerLine(models.Model):
    """A row as it was read: its data in their one form, what was found, the record it became.

    ``findings`` are lists of (column title, code, severity, message), without ID numbers.
    """

    ledger = models.ForeignKey(Ledger, on_delete=models.PROTECT, related_name="lines")
    row = models.PositiveIntegerField(_("行号"))
    outcome = models.CharField(_("结果"), max_length=8, choices=LineOutcome)
    findings = models.JSONField(_("问题"), default=list)
    worst = models.CharField(_("程度"), max_length=8, blank=True)
    record = models.ForeignKey(
        LegacyRecord, null=True, on_delete=models.PROTECT, related_name="lines"
    )
    certificate_number = models.CharField(_("证书编号"), max_length=60, blank=True)
    name = models.CharField(_("姓名"), max_length=100, blank=True)
    sex = models.CharField(_("性别"), max_length=20, blank=True)
    id_kind = models.CharField(max_length=12, blank=True)
    id_number_cipher = models.BinaryField()
    id_number_index = models.BinaryField(max_length=32)
    id_number_masked = models.CharField(_("身份证号码"), max_length=60, blank=True)
    work_unit = models.CharField(_("工作单位"), max_length=200, blank=True)
    specialty = models.CharField(_("专业名称"), max_length=100, blank=True)
    qualification = models.CharField(_("资格名称"), max_length=60, blank=True)
    level = models.CharField(max_length=16, choices=Level, blank=True)
    grade = models.CharField(max_length=12, choices=Grade, blank=True)
    approval_date = models.DateField(_("批准时间"), null=True)
    month_only = models.BooleanField(default=False)
    issued_on = models.DateField(_("发证时间"), null=True)
    document_number = models.CharField(_("批准文号"), max_length=80, blank=True)
    committee = models.CharField(max_length=200, blank=True)
    department = models.CharField(max_length=200, blank=True)
    issuer = models.CharField(max_length=200, blank=True)
    self_managed = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("台账行")
        ordering = ("ledger_id", "row")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["ledger", "row"], name="row_is_read_once"),
            models.CheckConstraint(
                condition=~Q(outcome__in=["ready", "taken", "same"])
                | Q(approval_date__isnull=False) & ~Q(certificate_number="") & ~Q(name=""),
                name="row_to_take_is_complete",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["ledger", "outcome", "row"], name="line_by_outcome"),
            models.Index(fields=["record"], name="line_by_record"),
        ]
