"""Certificate layouts by grade and year of blank, in versions; printers, their calibrations (N8).

A layout in use is never changed, only succeeded: what was printed with it stays explainable.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from zhicheng.documents.calibration import Calibration
from zhicheng.documents.layout import Layout, layout_of
from zhicheng.files.models import StoredFile
from zhicheng.organizations.models import Account, Organization
from zhicheng.organizations.permissions import Relation
from zhicheng.reference.models import Grade

# What a blank is printed with whose grade has no version of its own.
PRODUCT_LAYOUT = _("产品自带版式")


class LayoutState(models.TextChoices):
    """How far a version is."""

    DRAFT = "draft", _("草稿")
    IN_USE = "in_use", _("启用中")
    SUCCEEDED = "succeeded", _("已被接替")
    DISCARDED = "discarded", _("已放弃")


class LayoutVersion(models.Model):
    """One version of the layout for the blanks of a grade and year (印制年度).

    ``content`` has the shape of the layout files (``documents.layout.content_of``), ``revision``
    counts the savings of a draft, ``editors`` are the accounts that had a hand in it.
    """

    grade = models.CharField(_("等级"), max_length=12, choices=Grade)
    year = models.PositiveSmallIntegerField(_("印制年度"))
    number = models.PositiveSmallIntegerField(_("版本"))
    state = models.CharField(
        _("状态"), max_length=12, choices=LayoutState, default=LayoutState.DRAFT
    )
    content = models.JSONField(_("版式"))
    background = models.ForeignKey(
        StoredFile, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("底图")
    )
    note = models.CharField(_("说明"), max_length=200, blank=True)
    revision = models.PositiveIntegerField(_("修订"), default=1)
    editors = ArrayField(models.BigIntegerField(), default=list)
    drafted_at = models.DateTimeField(_("起草时间"), auto_now_add=True)
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    changed_at = models.DateTimeField(_("修改时间"))
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    put_in_use_at = models.DateTimeField(_("启用时间"), null=True)
    put_in_use_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    ended_at = models.DateTimeField(_("终止时间"), null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("套打版式")
        ordering = ("-year", "grade", "-number")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["grade", "year", "number"], name="layout_version_number_once"
            ),
            models.UniqueConstraint(
                fields=["grade", "year"],
                condition=Q(state="in_use"),
                name="one_layout_in_use_per_grade_and_year",
            ),
            models.UniqueConstraint(
                fields=["grade", "year"],
                condition=Q(state="draft"),
                name="one_layout_draft_per_grade_and_year",
            ),
            models.CheckConstraint(
                condition=Q(year__gte=1980, year__lte=2100), name="layout_year_is_sensible"
            ),
            models.CheckConstraint(
                condition=Q(state="draft", put_in_use_at=None, ended_at=None)
                | Q(state="discarded", put_in_use_at=None, ended_at__isnull=False)
                | Q(state="in_use", put_in_use_at__isnull=False, ended_at=None)
                | Q(state="succeeded", put_in_use_at__isnull=False, ended_at__isnull=False),
                name="layout_state_has_its_times",
            ),
        ]

    def __str__(self) -> str:
        return gettext("%(grade)s %(year)d 年版 第 %(number)d 版") % {
            "grade": self.get_grade_display(),
            "year": self.year,
            "number": self.number,
        }

    @property
    def code(self) -> str:
        """Its name in the audit, in files and in addresses."""
        return f"{self.grade}-{self.year}-{self.number}"

    def get_absolute_url(self) -> str:
        """Its page: the editor."""
        return reverse("layouts:version", args=[self.pk])

    @property
    def layout(self) -> Layout:
        """What the printing takes."""
        return layout_of(self.content, self.grade, str(self))


class Printer(models.Model):
    """A printer that an organisation prints certificates with; a tray of its own may be one."""

    organization = models.ForeignKey(
        Organization, verbose_name=_("单位"), on_delete=models.PROTECT, related_name="printers"
    )
    name = models.CharField(_("打印机名称"), max_length=60)
    tray_note = models.CharField(_("进纸说明"), max_length=200, blank=True)
    current = models.ForeignKey(
        "PrinterCalibration",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("现行校准"),
    )
    active = models.BooleanField(_("在用"), default=True)
    added_at = models.DateTimeField(_("登记时间"), auto_now_add=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    retired_at = models.DateTimeField(_("停用时间"), null=True)

    class Meta:
        verbose_name = _("打印机")
        ordering = ("organization", "-active", "name", "id")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "name"],
                condition=Q(active=True),
                name="printer_name_once_per_organization",
            ),
            models.CheckConstraint(
                condition=Q(active=True, retired_at=None)
                | Q(active=False, retired_at__isnull=False),
                name="retired_printer_says_when",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def parties(self) -> Mapping[Relation, set[int]]:
        """Whoever prints with it."""
        return {Relation.ISSUING: {self.organization_id}}

    @property
    def calibration(self) -> Calibration:
        """What its pages need; neutral before the first measurement."""
        return self.current.calibration if self.current else Calibration()

    @property
    def calibrated_at(self) -> datetime | None:
        """When it was measured last."""
        return self.current.calibrated_at if self.current else None

    @property
    def calibrated_by(self) -> Account | None:
        """Who measured it last."""
        return self.current.calibrated_by if self.current else None


class PrinterCalibration(models.Model):
    """One measurement of a printer, never changed: the crosses as found, and what follows."""

    printer = models.ForeignKey(Printer, on_delete=models.PROTECT, related_name="calibrations")
    dx = models.FloatField(_("横向偏移"))
    dy = models.FloatField(_("纵向偏移"))
    scale_x = models.FloatField(_("横向缩放"))
    scale_y = models.FloatField(_("纵向缩放"))
    skew = models.FloatField(_("歪斜（度）"), null=True)
    measured = models.JSONField(_("测量值"), default=dict)
    calibrated_at = models.DateTimeField(_("校准时间"), auto_now_add=True)
    calibrated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("打印机校准")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(dx__gte=-10, dx__lte=10, dy__gte=-10, dy__lte=10)
                & Q(scale_x__gte=0.98, scale_x__lte=1.0205)
                & Q(scale_y__gte=0.98, scale_y__lte=1.0205),
                name="calibration_is_within_reason",
            ),
        ]

    @property
    def calibration(self) -> Calibration:
        """As the rendering takes it."""
        return Calibration(self.dx, self.dy, self.scale_x, self.scale_y)
