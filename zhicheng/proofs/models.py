"""The outcome of each run of a proof."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class Subject(models.TextChoices):
    """What is proved: by the hour, but for what takes long."""

    AUDIT = "audit", _("审计链")
    LEDGER = "ledger", _("证书对账")
    SEARCH = "search", _("搜索数据")
    STATISTICS = "statistics", _("统计数据")

    @property
    def nightly(self) -> bool:
        """Whether once a day has to do."""
        return self is Subject.STATISTICS


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
