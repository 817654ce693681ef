"""What the public query knows beside the certificates: old records and their conflicts (N7)."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from zhicheng.approvals.models import IdKind
from zhicheng.reference.models import Grade, Level
from zhicheng.verification.models_batch import BatchPurpose, BatchVerification, BatchWay
from zhicheng.verification.models_conflicts import Outcome, SourceConflict, SourceDecision
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
    "Outcome",
    "ReportTerm",
    "SourceConflict",
    "SourceDecision",
    "UsedChallenge",
    "VerificationReport",
    "Way",
]


class LegacyRecord(models.Model):
    """A certificate of before this product: the last source in N7's order.

    From an old ledger (``ledger`` is the import that brought it) or registered by its holder
    (``registration``); both tables stand below and add their keys. One number may stand in two
    ledgers with different contents: then both are kept, and the conflict is listed. What is written
    here never changes; only an empty field may be filled in later, by an accepted registration.

    ``approval_date`` (批准时间) is the day on which the committee passed the person; ``month_only``
    says that the ledger knows its month alone (then it is the first of it). ``issued_on``
    (发证时间) is the document's day. ``id_number_index`` is of the person: an ID number of fifteen
    digits is indexed as the eighteen that it became.
    """

    certificate_number = models.CharField(_("证书编号"), max_length=60)
    name = models.CharField(_("姓名"), max_length=100)
    sex = models.CharField(_("性别"), max_length=20, blank=True, db_default="")
    id_kind = models.CharField(
        _("证件类别"), max_length=12, choices=IdKind, default=IdKind.RESIDENT, db_default="resident"
    )
    id_number_cipher = models.BinaryField()
    id_number_index = models.BinaryField(max_length=32)
    id_number_masked = models.CharField(_("身份证号码"), max_length=60)
    work_unit = models.CharField(_("工作单位"), max_length=200, blank=True, db_default="")
    specialty = models.CharField(_("专业名称"), max_length=100)
    qualification = models.CharField(_("资格名称"), max_length=60)
    level = models.CharField(_("级别"), max_length=16, choices=Level, blank=True, db_default="")
    grade = models.CharField(_("等级"), max_length=12, choices=Grade, blank=True, db_default="")
    approval_date = models.DateField(_("批准时间"))
    month_only = models.BooleanField(_("只知年月"), default=False, db_default=False)
    issued_on = models.DateField(_("发证时间"), null=True)
    document_number = models.CharField(_("批准文号"), max_length=80)
    committee = models.CharField(_("评委会"), max_length=200, blank=True, db_default="")
    department = models.CharField(_("核准部门"), max_length=200, blank=True, db_default="")
    issuer = models.CharField(_("发证单位"), max_length=200, blank=True, db_default="")
    self_managed = models.BooleanField(_("自主评审"), default=False, db_default=False)
    origin = models.CharField(_("来源"), max_length=200)
    ledger = models.BigIntegerField(null=True, db_index=True)
    registration = models.BigIntegerField(null=True, unique=True)
    content_digest = models.BinaryField(max_length=32, editable=False, db_default=b"")
    imported_at = models.DateTimeField(_("导入时间"), auto_now_add=True)
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("历史证书")
        ordering = ("certificate_number", "id")
        constraints: ClassVar = [
            # The digest is the trigger's, whoever writes: same number, same content, once.
            models.UniqueConstraint(
                fields=["certificate_number", "content_digest"], name="legacy_content_stands_once"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["id_number_index"], name="legacy_by_id_number"),
            models.Index(
                fields=["certificate_number"],
                opclasses=["varchar_pattern_ops"],
                name="legacy_by_number_beginning",
            ),
            models.Index(fields=["name"], opclasses=["varchar_pattern_ops"], name="legacy_by_name"),
        ]

    def __str__(self) -> str:
        return self.certificate_number
