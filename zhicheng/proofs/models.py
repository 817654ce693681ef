"""The outcome of each run of a proof."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class Subject(models.TextChoices):
    """What is proved."""

    AUDIT = "audit", _("审计链")
    LEDGER = "ledger", _("证书对账")


class Proof(models.Model):
    """One run; ``report`` is what the command prints with ``--json``."""

    subject = models.CharField(_("内容"), max_length=10, choices=Subject)
    started_at = models.DateTimeField(_("开始时间"))
    finished_at = models.DateTimeField(_("完成时间"))
    passed = models.BooleanField(_("通过"))
    report = models.JSONField(_("报告"))

    class Meta:
        verbose_name = _("验证结果")
        ordering = ("-started_at", "-id")
        indexes: ClassVar = [
            models.Index(fields=["subject", "-started_at"], name="proof_latest_of_subject")
        ]

    def __str__(self) -> str:
        return f"{self.get_subject_display()} {self.started_at:%Y-%m-%d %H:%M}"
