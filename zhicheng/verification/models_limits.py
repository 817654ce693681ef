"""What limits and challenges count, the same for every web process, and what the worker notices."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class AskingCount(models.Model):
    """How often an address asked, or a person was asked about, or all together (``web.asking``).

    ``key`` is a keyed digest of what is counted. The overall count is spread over slots, so that
    the visitors of one moment don't wait for each other. The table isn't logged by PostgreSQL:
    after a crash everybody begins at nothing, which harms nobody.
    """

    key = models.BinaryField(max_length=12)
    began = models.DateTimeField(db_index=True)
    slot = models.SmallIntegerField()
    questions = models.IntegerField()
    misses = models.IntegerField()

    class Meta:
        verbose_name = _("查询计数")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["key", "began", "slot"], name="asking_counted_once_per_window"
            )
        ]


class UsedChallenge(models.Model):
    """A challenge that was solved: it lets nobody through a second time, on whatever server."""

    nonce = models.BinaryField(primary_key=True, max_length=16)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("已用的验证")


class AlarmKind(models.TextChoices):
    """What looks as if somebody went through persons or numbers."""

    ADDRESS = "address", _("同一来源查询许多人")
    SUBJECT = "subject", _("许多来源查询同一对象")
    RUN = "run", _("连续号码")
    SURGE = "surge", _("未查到的次数突增")


class EnumerationAlarm(models.Model):
    """One thing noticed, with counts and digests as evidence; never a name or a number.

    While nobody has acknowledged it, it grows with what is noticed further; afterwards only newer
    questions make another.
    """

    kind = models.CharField(_("类型"), max_length=10, choices=AlarmKind.choices)
    subject = models.BinaryField(max_length=12)
    first_at = models.DateTimeField(_("首次查询"))
    last_at = models.DateTimeField(_("最近查询"))
    questions = models.IntegerField(_("查询次数"))
    misses = models.IntegerField(_("未查到"))
    persons = models.IntegerField(_("对象数"))
    addresses = models.IntegerField(_("来源数"))
    evidence = models.JSONField(default=dict)
    raised_at = models.DateTimeField(_("发现时间"), auto_now_add=True)
    acknowledged_at = models.DateTimeField(_("确认时间"), null=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    note = models.CharField(_("处理说明"), max_length=500, default="", blank=True)

    class Meta:
        verbose_name = _("枚举预警")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "subject"],
                condition=Q(acknowledged_at__isnull=True),
                name="one_open_alarm_about_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(acknowledged_at=None, acknowledged_by=None, note="")
                | (Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False) & ~Q(note="")),
                name="alarm_is_acknowledged_by_somebody_with_a_note",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {bytes(self.subject).hex()[:8]}"

    @property
    def subject_text(self) -> str:
        """The digest as people can compare it."""
        return bytes(self.subject).hex()[:12]
