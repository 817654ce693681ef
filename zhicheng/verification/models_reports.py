"""Reports that holders have made of their certificates, each valid for a term, and renewed ones."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

DIGEST_BYTES = 32


class VerificationReport(models.Model):
    """What a certificate said when its holder had this report made.

    The code stands here as a keyed digest, by which it is found, and encrypted, by which the
    holder gets the paper again; both keys lie outside the database, so a stolen one opens no
    report. ``person`` is the blind index of the holder's ID number.
    """

    code_digest = models.BinaryField(max_length=DIGEST_BYTES)
    code_cipher = models.BinaryField()
    certificate_number = models.CharField(_("证书编号"), max_length=60)
    person = models.BinaryField(max_length=DIGEST_BYTES)
    said = models.JSONField(_("报告内容"))
    made_at = models.DateTimeField(_("出具时间"), auto_now_add=True)
    revoked_at = models.DateTimeField(_("撤销时间"), null=True)

    class Meta:
        verbose_name = _("核验报告")
        ordering = ("-made_at", "-id")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["code_digest"], name="report_code_is_given_once"),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True) | Q(revoked_at__gte=F("made_at")),
                name="report_is_revoked_after_it_was_made",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["certificate_number"], name="report_by_certificate"),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"


class ReportTerm(models.Model):
    """From when to when a report is valid: its first term, and one more for every renewal."""

    report = models.ForeignKey(VerificationReport, on_delete=models.CASCADE, related_name="terms")
    begins_on = models.DateField(_("有效期自"))
    ends_on = models.DateField(_("有效期至"))
    recorded_at = models.DateTimeField(_("登记时间"), auto_now_add=True)

    class Meta:
        verbose_name = _("核验报告有效期")
        ordering = ("id",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("begins_on")), name="report_term_ends_after_it_begins"
            ),
            models.UniqueConstraint(
                fields=["report", "ends_on"], name="report_is_renewed_to_another_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.begins_on:%Y-%m-%d} – {self.ends_on:%Y-%m-%d}"
