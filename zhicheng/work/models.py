"""One piece of long work: what was asked for, by whom, how far it is, how it ended."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class WorkState(models.TextChoices):
    """How far a piece of work is."""

    WAITING = "waiting", _("等待处理")
    RUNNING = "running", _("处理中")
    DONE = "done", _("已完成")
    REFUSED = "refused", _("未办理")
    FAILED = "failed", _("系统故障")


UNFINISHED = (WorkState.WAITING, WorkState.RUNNING)


class Work(models.Model):
    """Asked for by ``account`` and done in its name; only that account sees it.

    ``parameters`` are JSON without personal data; a file lies encrypted in ``payload`` until the
    work ends; a file that it made lies encrypted in ``product`` for a day. ``fingerprint`` keeps a
    double click from doing the same twice.
    """

    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=60)
    subject = models.CharField(_("内容"), max_length=200)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    language = models.CharField(max_length=10, default="zh-hans")
    parameters = models.JSONField(default=dict)
    payload = models.BinaryField(null=True)
    fingerprint = models.CharField(max_length=64)
    back = models.CharField(max_length=200)
    state = models.CharField(_("状态"), max_length=10, choices=WorkState, default=WorkState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    step = models.CharField(_("步骤"), max_length=60, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    result_url = models.CharField(max_length=200, blank=True)
    result_message = models.CharField(_("结果"), max_length=500, blank=True)
    product = models.BinaryField(null=True)
    product_name = models.CharField(max_length=200, blank=True)
    refusal = models.JSONField(null=True)
    asked_at = models.DateTimeField(_("提出时间"), auto_now_add=True)
    started_at = models.DateTimeField(_("开始时间"), null=True)
    finished_at = models.DateTimeField(_("完成时间"), null=True)
    seen_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("后台处理")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["fingerprint"],
                condition=Q(state__in=["waiting", "running"]),
                name="same_work_runs_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "running"], finished_at=None)
                | Q(state__in=["done", "refused", "failed"], finished_at__isnull=False),
                name="finished_work_says_when",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "running"]) | Q(payload=None),
                name="finished_work_keeps_no_file",
            ),
            models.CheckConstraint(
                condition=Q(product=None) | Q(state="done") & ~Q(product_name=""),
                name="only_done_work_has_a_product",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["refused", "failed"]) ^ Q(refusal__isnull=True),
                name="refused_work_says_why",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["account", "-id"], name="work_of_account"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.token}"

    def get_absolute_url(self) -> str:
        """The page that shows how far it is."""
        return reverse("work:detail", args=[self.token])

    @property
    def is_finished(self) -> bool:
        """Whether nothing more will happen."""
        return self.state not in UNFINISHED
