"""That the office revoked a certificate in force: why, by which decision, on which paper (N12)."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zhicheng.certificates.models import Certificate
from zhicheng.files.models import StoredFile


class Ground(models.TextChoices):
    """What was wrong: with the qualification, or with the certificate alone."""

    QUALIFICATION = "qualification", _("撤销资格")
    MISTAKEN = "mistaken", _("证书制发有误")


class Revocation(models.Model):
    """For ever: a revoked certificate never counts again."""

    certificate = models.OneToOneField(
        Certificate, verbose_name=_("证书"), on_delete=models.PROTECT, related_name="revocation"
    )
    ground = models.CharField(_("撤销原因"), max_length=16, choices=Ground)
    reason = models.CharField(_("情况说明"), max_length=500)
    document_number = models.CharField(_("撤销决定文号"), max_length=80)
    decided_on = models.DateField(_("决定日期"))
    file = models.OneToOneField(
        StoredFile, verbose_name=_("撤销决定"), on_delete=models.PROTECT, related_name="+"
    )
    revoked_at = models.DateTimeField(_("撤销时间"))
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("证书撤销")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(reason="") & ~Q(document_number=""),
                name="revocation_says_why_and_by_which_decision",
            ),
        ]

    def __str__(self) -> str:
        return self.document_number
