"""A print job, its tray portions with their files, its pages: one blank each (N8, invariant 3)."""

from collections.abc import Mapping
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from zhicheng.layouts.models import PRODUCT_LAYOUT, LayoutVersion, Printer, PrinterCalibration
from zhicheng.organizations.models import Organization
from zhicheng.organizations.permissions import Relation
from zhicheng.photos.models import Photo
from zhicheng.reference.models import Grade
from zhicheng.registers.models import Register


class JobState(models.TextChoices):
    """How far a print job is."""

    PREPARING = "preparing", _("生成打印文件中")
    READY = "ready", _("待装纸打印")
    PRINTING = "printing", _("打印中，待确认")
    CONFIRMED = "confirmed", _("已确认")
    CANCELLED = "cancelled", _("已取消")


OPEN = (JobState.PREPARING, JobState.READY, JobState.PRINTING)


class PageState(models.TextChoices):
    """What became of a page: only a waiting one is in an open job."""

    WAITING = "waiting", _("待确认")
    GOOD = "good", _("完好")
    SPOILED = "spoiled", _("作废")
    UNPRINTED = "unprinted", _("没有印")
    CANCELLED = "cancelled", _("已取消")


class PrintJob(models.Model):
    """One batch for one printer: certificates of one grade on blanks of one edition.

    ``layout`` is None for the product's own layout, ``calibration`` for a printer that was never
    measured. ``address`` stands in the codes. ``follows`` is the job whose misprints this one
    prints again.
    """

    number = models.CharField(_("打印任务"), max_length=24, unique=True)
    organization = models.ForeignKey(
        Organization, verbose_name=_("单位"), on_delete=models.PROTECT, related_name="+"
    )
    register = models.ForeignKey(
        Register, null=True, on_delete=models.PROTECT, related_name="print_jobs"
    )
    reissue = models.BigIntegerField(_("补办换发"), null=True)
    grade = models.CharField(_("等级"), max_length=12, choices=Grade)
    edition = models.PositiveSmallIntegerField(_("印制年度"), null=True)
    layout = models.ForeignKey(
        LayoutVersion, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("版式")
    )
    layout_label = models.CharField(_("版式"), max_length=100)
    printer = models.ForeignKey(
        Printer, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("打印机")
    )
    calibration = models.ForeignKey(
        PrinterCalibration, null=True, on_delete=models.PROTECT, related_name="+"
    )
    address = models.CharField(max_length=200, blank=True)
    pages_count = models.PositiveIntegerField(_("页数"))
    portion_size = models.PositiveIntegerField(_("每次装纸"))
    state = models.CharField(_("状态"), max_length=12, choices=JobState, default=JobState.PREPARING)
    follows = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="followers"
    )
    asked = models.UUIDField(null=True)
    started_at = models.DateTimeField(_("建立时间"), auto_now_add=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField(_("文件生成时间"), null=True)
    loaded_at = models.DateTimeField(_("首次装纸时间"), null=True)
    ended_at = models.DateTimeField(_("结束时间"), null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("打印任务")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(register__isnull=False, reissue=None)
                | Q(register=None, reissue__isnull=False),
                name="print_job_is_of_a_register_or_reissue",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["preparing", "ready"], ended_at=None)
                | Q(state="printing", loaded_at__isnull=False, ended_at=None)
                | Q(state="confirmed", loaded_at__isnull=False, ended_at__isnull=False)
                | Q(state="cancelled", loaded_at=None, ended_at__isnull=False),
                name="print_job_state_has_its_times",
            ),
            models.CheckConstraint(
                condition=Q(pages_count__gte=1, portion_size__gte=1),
                name="print_job_has_pages",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["organization", "state"], name="print_job_by_unit_state"),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("certificates:print_job", args=[self.pk])

    def parties(self) -> Mapping[Relation, set[int]]:
        """Whoever prints."""
        return {Relation.ISSUING: {self.organization_id}}

    @property
    def layout_name(self) -> str:
        """Its layout for whoever reads it; ``layout_label`` is what was put on record."""
        return str(self.layout) if self.layout else str(PRODUCT_LAYOUT)

    @property
    def is_open(self) -> bool:
        """Whether something is still to be done."""
        return self.state in OPEN


class PrintPortion(models.Model):
    """As many pages as go into the tray at once, in the order of serials, and their file.

    ``content`` is the encrypted PDF: kept until the job ends, or for a day. ``loaded_at`` says
    that somebody named the tray's first serial rightly. ``handed_out`` counts the downloads.
    """

    job = models.ForeignKey(PrintJob, on_delete=models.PROTECT, related_name="portions")
    number = models.PositiveIntegerField(_("次序"))
    serials = models.JSONField(_("空白证书编号"), default=list)
    count = models.PositiveIntegerField(_("张数"))
    content = models.BinaryField(null=True)
    size = models.PositiveIntegerField(default=0)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    made_at = models.DateTimeField(_("生成时间"), null=True)
    loaded_at = models.DateTimeField(_("装纸时间"), null=True)
    loaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    handed_out = models.PositiveIntegerField(_("取用次数"), default=0)
    handed_out_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("装纸批次")
        ordering = ("job_id", "number")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["job", "number"], name="tray_portion_number_once"),
            models.CheckConstraint(
                condition=Q(handed_out=0) | Q(loaded_at__isnull=False),
                name="file_goes_out_after_the_first_serial_is_confirmed",
            ),
            models.CheckConstraint(
                condition=Q(content=None) | Q(sha256__regex=r"^[0-9a-f]{64}$", size__gt=0),
                name="print_file_has_its_digest",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.job_id}/{self.number}"


class PrintPage(models.Model):
    """That a certificate is printed on a blank by a job, and what came of it; never removed.

    ``code`` is the text of its QR code, signed once with ``signing_key`` on ``made_on``,
    ``photo`` the one that is printed: so the page can be made again to the byte while its job is
    open.
    """

    job = models.ForeignKey(PrintJob, on_delete=models.PROTECT, related_name="pages")
    portion = models.ForeignKey(PrintPortion, on_delete=models.PROTECT, related_name="pages")
    certificate = models.ForeignKey(
        "certificates.Certificate", on_delete=models.PROTECT, related_name="print_pages"
    )
    serial = models.BigIntegerField(_("空白证书编号"))
    state = models.CharField(_("结果"), max_length=10, choices=PageState, default=PageState.WAITING)
    code = models.TextField(blank=True)
    signing_key = models.CharField(_("签名密钥"), max_length=16, blank=True)
    made_on = models.DateField(_("制作日期"), null=True)
    photo = models.ForeignKey(
        Photo, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("照片")
    )

    class Meta:
        verbose_name = _("打印页")
        ordering = ("portion__number", "serial")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["certificate"],
                condition=Q(state="waiting"),
                name="certificate_is_in_one_open_print_job",
            ),
            models.UniqueConstraint(
                fields=["serial"],
                condition=Q(state__in=["waiting", "good"]),
                name="blank_is_printed_well_once",
            ),
            models.UniqueConstraint(
                fields=["job", "certificate"], name="certificate_is_on_one_page_of_a_job"
            ),
            models.UniqueConstraint(fields=["job", "serial"], name="blank_is_one_page_of_a_job"),
            models.CheckConstraint(
                condition=Q(code="") | (~Q(signing_key="") & Q(made_on__isnull=False)),
                name="printed_code_names_its_key_and_day",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["certificate", "state"], name="print_page_by_certificate"),
            models.Index(fields=["serial", "state"], name="print_page_by_serial"),
        ]

    def __str__(self) -> str:
        return f"{self.job_id}/{self.serial}"
