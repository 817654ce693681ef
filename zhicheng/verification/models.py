"""What the public query knows beside the certificates: legacy records (N7)."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from zhicheng.verification.models_batch import BatchPurpose, BatchVerification, BatchWay
from zhicheng.verification.models_limits import (
    AlarmKind,
    AskingCount,
    EnumerationAlarm,
    UsedChallenge,
)
from zhicheng.verification.models_lookups import AddressKey, Lookup, Way
from zhicheng.verification.models_reports import ReportTerm, VerificationReport

__all__ = [
    "AddressKey",
    "AlarmKind",
    "AskingCount",
    "BatchPurpose",
    "BatchVerification",
    "BatchWay",
    "EnumerationAlarm",
    "LegacyRecord",
    "Lookup",
    "ReportTerm",
    "UsedChallenge",
    "VerificationReport",
    "Way",
]


class LegacyRecord(models.Model):
    """A certificate of before this product, from an old ledger: the last source in N7's order."""

    certificate_number = models.CharField(_("证书编号"), max_length=60, unique=True)
    name = models.CharField(_("姓名"), max_length=100)
    id_number_cipher = models.BinaryField()
    id_number_index = models.BinaryField(max_length=32)
    id_number_masked = models.CharField(_("身份证号码"), max_length=60)
    specialty = models.CharField(_("专业名称"), max_length=100)
    qualification = models.CharField(_("资格名称"), max_length=60)
    approval_date = models.DateField(_("批准时间"))
    document_number = models.CharField(_("批准文号"), max_length=80)
    origin = models.CharField(_("来源"), max_length=200)
    imported_at = models.DateTimeField(_("导入时间"), auto_now_add=True)
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("历史证书")
        ordering = ("certificate_number",)
        indexes: ClassVar = [
            models.Index(fields=["id_number_index"], name="legacy_by_id_number"),
        ]

    def __str__(self) -> str:
        return self.certificate_number
