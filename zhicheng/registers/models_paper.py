"""The register on paper: pages that were compared with the data, scans of the stamped form (N4)."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zhicheng.files.models import StoredFile


class PaperCheck(models.Model):
    """A page that the office compared with the data: which rows, and what came out (N4)."""

    register = models.ForeignKey(
        "registers.Register", on_delete=models.PROTECT, related_name="paper_checks"
    )
    printed = models.ForeignKey(
        "registers.RegisterPrint", on_delete=models.PROTECT, related_name="checks"
    )
    page = models.PositiveIntegerField(_("页"))
    first = models.PositiveIntegerField()
    last = models.PositiveIntegerField()
    agreed = models.BooleanField(_("一致"))
    checked_at = models.DateTimeField(_("核对时间"), auto_now_add=True)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("纸质登记表核对")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(first__gte=1, last__gte=models.F("first")) | Q(first=1, last=0),
                name="checked_page_has_rows",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.register_id} {self.page}"


class PaperScan(models.Model):
    """The stamped paper as it was scanned; ``pages`` are the codes that were read in it.

    Each of ``pages`` is [print, page, first row, last row].
    """

    register = models.ForeignKey(
        "registers.Register", on_delete=models.PROTECT, related_name="scans"
    )
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="+")
    pages = models.JSONField(default=list)
    foreign_codes = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("盖章登记表扫描件")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.register_id} {self.file_id}"
