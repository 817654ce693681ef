"""An old paper certificate that its holder registers: what it says, papers, who agreed (N7)."""

from collections.abc import Mapping
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from zhicheng.approvals.models import IdKind
from zhicheng.certificates.models import Certificate
from zhicheng.files.models import StoredFile
from zhicheng.organizations.models import Organization
from zhicheng.organizations.permissions import Relation
from zhicheng.reference.models import Grade, Level
from zhicheng.verification.models import LegacyRecord


class RegistrationState(models.TextChoices):
    """Where a registration is; the table of moves is ``lifecycle.REGISTRATION``."""

    DRAFT = "draft", _("填写中")
    SUBMITTED = "submitted", _("待单位核对")
    CHECKED = "checked", _("待市职改办审核")
    RETURNED = "returned", _("退回补正")
    ACCEPTED = "accepted", _("已登记")
    CERTIFIED = "certified", _("已生成电子证书")
    REFUSED = "refused", _("不予登记")
    WITHDRAWN = "withdrawn", _("已撤回")


OPEN_STATES = ("draft", "submitted", "checked", "returned")


class EvidenceKind(models.TextChoices):
    """What a file is."""

    CERTIFICATE = "certificate", _("证书扫描件或照片")
    PHOTO = "photo", _("本人近期免冠照片")
    DOCUMENT = "document", _("批准文件或评审表复印件")
    OTHER = "other", _("其他材料")


class Registration(models.Model):
    """What stands on an old certificate, as its holder or a ledger says it.

    ``record`` is the old record: the ledger's from the beginning (``from_ledger``), else the one
    that the acceptance made. ``department`` and ``issuer`` are names as the certificate bears them;
    ``approving_department`` is who answers for it today, named by the office.
    """

    receipt_number = models.CharField(_("受理号"), max_length=24, unique=True)
    state = models.CharField(
        _("状态"), max_length=12, choices=RegistrationState, default=RegistrationState.DRAFT
    )
    from_ledger = models.BooleanField(_("台账有记录"), default=False)
    record = models.ForeignKey(
        LegacyRecord, null=True, on_delete=models.PROTECT, related_name="registrations"
    )
    certificate = models.OneToOneField(
        Certificate, null=True, on_delete=models.PROTECT, related_name="registration"
    )
    unit = models.ForeignKey(
        Organization, verbose_name=_("核对单位"), on_delete=models.PROTECT, related_name="+"
    )
    approving_department = models.ForeignKey(
        Organization,
        verbose_name=_("资格核准部门"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    certificate_number = models.CharField(_("证书编号"), max_length=60)
    name = models.CharField(_("姓名"), max_length=100)
    sex = models.CharField(_("性别"), max_length=20)
    id_kind = models.CharField(_("证件类别"), max_length=12, choices=IdKind)
    id_number_cipher = models.BinaryField()
    id_number_index = models.BinaryField(max_length=32)
    id_number_masked = models.CharField(_("身份证号码"), max_length=60)
    telephone_cipher = models.BinaryField()
    telephone_masked = models.CharField(_("联系电话"), max_length=40)
    work_unit = models.CharField(_("工作单位"), max_length=200)
    specialty = models.CharField(_("专业名称"), max_length=100)
    qualification = models.CharField(_("资格名称"), max_length=60)
    level = models.CharField(_("级别"), max_length=16, choices=Level)
    grade = models.CharField(_("等级"), max_length=12, choices=Grade)
    approval_date = models.DateField(_("批准时间"))
    issued_on = models.DateField(_("发证时间"), null=True)
    document_number = models.CharField(_("批准文号"), max_length=80)
    committee = models.CharField(_("评委会"), max_length=200, blank=True)
    department = models.CharField(_("核准部门"), max_length=200, blank=True)
    issuer = models.CharField(_("发证单位"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("填写时间"), auto_now_add=True)
    submitted_at = models.DateTimeField(_("提交时间"), null=True)
    checked_at = models.DateTimeField(_("核对时间"), null=True)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    check_note = models.CharField(_("核对说明"), max_length=300, blank=True)
    accepted_at = models.DateTimeField(_("审核时间"), null=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    returned_reason = models.CharField(_("退回原因"), max_length=300, blank=True)
    refused_reason = models.CharField(_("不予登记的原因"), max_length=300, blank=True)
    waiting_since = models.DateTimeField(_("本环节起始"))

    class Meta:
        verbose_name = _("历史证书登记")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["certificate_number", "id_number_index"],
                condition=Q(state__in=OPEN_STATES),
                name="one_open_registration_per_certificate",
            ),
            models.UniqueConstraint(
                fields=["record"],
                condition=Q(state__in=["accepted", "certified"]),
                name="record_is_registered_once",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["accepted", "certified"])
                | Q(
                    record__isnull=False,
                    approving_department__isnull=False,
                    checked_by__isnull=False,
                    accepted_by__isnull=False,
                ),
                name="accepted_registration_was_checked_and_is_on_file",
            ),
            models.CheckConstraint(
                condition=Q(accepted_by=None) | ~Q(accepted_by=F("checked_by")),
                name="checked_and_accepted_by_different_people",
            ),
            models.CheckConstraint(
                condition=Q(state="certified", certificate__isnull=False)
                | ~Q(state="certified") & Q(certificate=None),
                name="certified_registration_names_its_certificate",
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | ~Q(refused_reason=""),
                name="refused_registration_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(state="returned") | ~Q(returned_reason=""),
                name="returned_registration_says_why",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["unit", "state"], name="registration_by_unit_state"),
            models.Index(fields=["state", "waiting_since"], name="registration_by_state"),
            models.Index(
                fields=["certificate_number"],
                opclasses=["varchar_pattern_ops"],
                name="registration_by_old_number",
            ),
            models.Index(
                fields=["name"], opclasses=["varchar_pattern_ops"], name="registration_by_name"
            ),
            models.Index(fields=["id_number_index"], name="registration_by_id_number"),
        ]

    def __str__(self) -> str:
        return self.receipt_number

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("historic:registration", args=[self.pk])

    def parties(self) -> Mapping[Relation, set[int]]:
        """Who checks it, and who approved."""
        return {
            Relation.ISSUING: {self.unit_id},
            Relation.APPROVING: {self.approving_department_id or 0} - {0},
        }


class RegistrationEvidence(models.Model):
    """A file that the holder handed in."""

    registration = models.ForeignKey(
        Registration, on_delete=models.PROTECT, related_name="evidence"
    )
    kind = models.CharField(_("材料类别"), max_length=12, choices=EvidenceKind)
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(_("提交时间"), auto_now_add=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("历史证书登记材料")
        ordering = ("id",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["registration"],
                condition=Q(kind="photo", removed_at=None),
                name="registration_has_one_photo",
            ),
        ]
