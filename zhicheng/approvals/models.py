"""Approval documents and the people they list (N2, N15-N17)."""

from collections.abc import Mapping
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from zhicheng.approvals.models_records import RecordEnd, RecordMode, RecordState, ReviewRecord
from zhicheng.organizations.models import Organization
from zhicheng.organizations.permissions import Relation
from zhicheng.reference.models import Grade, Level

__all__ = [
    "ApprovalDocument",
    "ApprovedPerson",
    "Channel",
    "IdKind",
    "RecordEnd",
    "RecordMode",
    "RecordState",
    "ReviewMode",
    "ReviewRecord",
    "Sex",
]


class ReviewMode(models.TextChoices):
    """How the people were reviewed (评审方式)."""

    COMMITTEE = "committee", _("委员会评审")
    AUTHORIZED = "authorized", _("授权评审")
    JOINT = "joint", _("联合评审")
    SELF_MANAGED = "self_managed", _("自主评审")


class Channel(models.TextChoices):
    """How they applied (申报渠道); the way of issue follows it (N17)."""

    ONLINE = "online", _("线上")
    PAPER = "paper", _("线下")


class Sex(models.TextChoices):
    """As it stands on the form."""

    MALE = "男", _("男")
    FEMALE = "女", _("女")


class IdKind(models.TextChoices):
    """The kind of identity document."""

    RESIDENT = "resident", _("居民身份证")
    PERMIT = "permit", _("居住证或永久居留身份证")
    PASSPORT = "passport", _("护照")


class ApprovalDocument(models.Model):
    """任职资格核准文件: announced by an approving department, or by a self-managed unit."""

    number = models.CharField(_("批准文号"), max_length=60, unique=True)
    approving_department = models.ForeignKey(
        Organization, verbose_name=_("核准部门"), on_delete=models.PROTECT, related_name="+"
    )
    review_mode = models.CharField(_("评审方式"), max_length=16, choices=ReviewMode)
    channel = models.CharField(_("申报渠道"), max_length=8, choices=Channel)
    review_unit = models.ForeignKey(
        Organization,
        verbose_name=_("评审单位"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    issued_on = models.DateField(_("发文日期"), null=True, blank=True)
    people_count = models.PositiveIntegerField(_("人数"), default=0)
    # How many of them have their electronic certificate: counted by its own trigger alone.
    issued_count = models.PositiveIntegerField(_("已签发"), default=0, db_default=0, editable=False)
    scan = models.BinaryField(_("扫描件"), null=True)
    scan_name = models.CharField(max_length=200, blank=True)
    scan_type = models.CharField(max_length=60, blank=True)
    scan_sha256 = models.CharField(max_length=64, blank=True)
    imported_at = models.DateTimeField(_("导入时间"), auto_now_add=True)
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("核准文件")
        ordering = ("-imported_at", "number")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(scan=None, scan_sha256="") | Q(scan__isnull=False) & ~Q(scan_sha256=""),
                name="approval_scan_has_digest",
            ),
            models.CheckConstraint(
                condition=Q(issued_count__lte=F("people_count")),
                name="no_more_certificates_than_announced_people",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def parties(self) -> Mapping[Relation, set[int]]:
        """The approving department stands beside it."""
        return {Relation.APPROVING: {self.approving_department_id}}


class ApprovedPerson(models.Model):
    """A person whom an approval document lists (评审通过人员)."""

    document = models.ForeignKey(ApprovalDocument, on_delete=models.PROTECT, related_name="people")
    name = models.CharField(_("姓名"), max_length=100)
    sex = models.CharField(_("性别"), max_length=2, choices=Sex)
    id_kind = models.CharField(
        _("证件类别"), max_length=12, choices=IdKind, default=IdKind.RESIDENT
    )
    id_number_cipher = models.BinaryField()
    id_number_index = models.BinaryField(max_length=32)
    id_number_masked = models.CharField(_("身份证号码"), max_length=30)
    work_unit = models.CharField(_("工作单位"), max_length=200)
    qualification = models.CharField(_("资格名称"), max_length=40)
    specialty = models.CharField(_("申报资格专业方向"), max_length=100)
    series = models.CharField(_("系列"), max_length=40, blank=True)
    level = models.CharField(_("级别"), max_length=16, choices=Level)
    grade = models.CharField(_("等级"), max_length=12, choices=Grade)
    approval_date = models.DateField(_("批准时间"))

    class Meta:
        verbose_name = _("评审通过人员")
        ordering = ("document_id", "id")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["document", "id_number_index", "qualification", "specialty"],
                name="person_listed_once_per_document_and_qualification",
            ),
            models.CheckConstraint(
                condition=Q(grade=Grade.SENIOR, level__in=[Level.SENIOR_FULL, Level.SENIOR_DEPUTY])
                | Q(grade=Grade.INTERMEDIATE, level=Level.INTERMEDIATE)
                | Q(grade=Grade.JUNIOR, level__in=[Level.ASSISTANT, Level.TECHNICIAN]),
                name="approved_grade_follows_level",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["id_number_index"], name="approved_by_id_number"),
            models.Index(fields=["document", "name"], name="approved_by_name"),
            models.Index(fields=["document", "work_unit"], name="approved_by_work_unit"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.id_number_masked}"
