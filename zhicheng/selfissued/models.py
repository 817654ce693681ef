"""Certificates that self-managed units issue themselves, reported for information (N16).

They are no unified certificates: no blank, no credential, no signed file of ours belongs to them.
"""

from collections.abc import Mapping
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from zhicheng.approvals.models import IdKind, ReviewRecord, Sex
from zhicheng.organizations.models import Organization
from zhicheng.organizations.permissions import Relation
from zhicheng.reference.models import Grade, Level


class ReportState(models.TextChoices):
    """How far a report is."""

    FILED = "filed", _("待收录")
    ACCEPTED = "accepted", _("已收录")
    RETURNED = "returned", _("已退回")
    WITHDRAWN = "withdrawn", _("已撤回")


class Standing(models.TextChoices):
    """How a reported certificate stands; only an accepted or a void one is ever shown."""

    FILED = "filed", _("待收录")
    ACCEPTED = "accepted", _("已收录")
    RETURNED = "returned", _("已退回")
    WITHDRAWN = "withdrawn", _("已撤回")
    SUPERSEDED = "superseded", _("已更正")
    VOID = "void", _("单位已作废")


class Report(models.Model):
    """One file of a unit with its own certificates, taken whole or returned whole."""

    number = models.CharField(_("报送编号"), max_length=20, unique=True)
    unit = models.ForeignKey(
        Organization, verbose_name=_("单位"), on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField(
        _("状态"), max_length=10, choices=ReportState, default=ReportState.FILED
    )
    people_count = models.PositiveIntegerField(_("证书数"))
    correction_count = models.PositiveIntegerField(_("其中更正"), default=0)
    source = models.BinaryField()
    source_name = models.CharField(_("文件"), max_length=200)
    source_sha256 = models.CharField(max_length=64)
    filed_at = models.DateTimeField(_("报送时间"), auto_now_add=True)
    filed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(_("办理时间"), null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField(_("原因"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("自主发放证书报送")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state=ReportState.FILED, decided_at=None)
                | ~Q(state=ReportState.FILED) & Q(decided_at__isnull=False),
                name="self_issued_report_says_when_decided",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[ReportState.RETURNED, ReportState.WITHDRAWN])
                | ~Q(reason=""),
                name="returned_self_issued_report_says_why",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["unit", "-id"], name="self_report_of_unit")]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("selfissued:report", args=[self.pk])

    def parties(self) -> Mapping[Relation, set[int]]:
        """The unit that reports."""
        return {Relation.REPORTING: {self.unit_id}}


class SelfIssuedCertificate(models.Model):
    """A certificate as its unit reported it; a correction is a new row that supersedes it."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="certificates")
    unit = models.ForeignKey(
        Organization, verbose_name=_("发放单位"), on_delete=models.PROTECT, related_name="+"
    )
    record = models.ForeignKey(
        ReviewRecord, verbose_name=_("备案"), on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField(_("状态"), max_length=10, choices=Standing, default=Standing.FILED)
    number = models.CharField(_("证书编号"), max_length=60)
    name = models.CharField(_("姓名"), max_length=100)
    sex = models.CharField(_("性别"), max_length=2, choices=Sex)
    id_kind = models.CharField(_("证件类别"), max_length=12, choices=IdKind)
    id_number_cipher = models.BinaryField()
    id_number_index = models.BinaryField(max_length=32)
    id_number_masked = models.CharField(_("身份证号码"), max_length=30)
    work_unit = models.CharField(_("工作单位"), max_length=200)
    qualification = models.CharField(_("资格名称"), max_length=40)
    specialty = models.CharField(_("专业名称"), max_length=100)
    series = models.CharField(_("系列"), max_length=40, blank=True)
    level = models.CharField(_("级别"), max_length=16, choices=Level)
    grade = models.CharField(_("等级"), max_length=12, choices=Grade)
    approval_date = models.DateField(_("批准时间"))
    document_number = models.CharField(_("批准文号"), max_length=60)
    issued_on = models.DateField(_("发证日期"), null=True)
    correction_reason = models.CharField(_("更正原因"), max_length=200, blank=True)
    ended_at = models.DateTimeField(_("失效时间"), null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    end_reason = models.CharField(_("失效说明"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("自主发放证书")
        ordering = ("report_id", "id")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["report", "number"], name="self_issued_number_once_per_report"
            ),
            models.UniqueConstraint(
                fields=["unit", "number"],
                condition=Q(state__in=[Standing.ACCEPTED, Standing.VOID]),
                name="self_issued_number_stands_once_per_unit",
            ),
            models.UniqueConstraint(
                fields=["unit", "id_number_index", "qualification", "specialty", "document_number"],
                condition=Q(state=Standing.ACCEPTED),
                name="self_issued_once_per_person_and_qualification",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[Standing.VOID, Standing.SUPERSEDED], ended_at__isnull=False)
                | Q(state=Standing.WITHDRAWN)
                | Q(
                    state__in=[Standing.FILED, Standing.ACCEPTED, Standing.RETURNED], ended_at=None
                ),
                name="ended_self_issued_certificate_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(state=Standing.VOID) | ~Q(end_reason=""),
                name="void_self_issued_certificate_says_why",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["id_number_index"], name="self_issued_by_id_number"),
            models.Index(fields=["number"], name="self_issued_by_number"),
            models.Index(
                fields=["number"],
                opclasses=["varchar_pattern_ops"],
                name="self_issued_by_beginning",
            ),
            models.Index(
                fields=["name"], opclasses=["varchar_pattern_ops"], name="self_issued_by_name"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("selfissued:certificate", args=[self.pk])

    def parties(self) -> Mapping[Relation, set[int]]:
        """The unit that issued it."""
        return {Relation.REPORTING: {self.unit_id}}
