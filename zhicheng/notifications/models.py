"""What somebody is told, how they want to hear of it, and what was sent (N18).

Notifications are made from the audit chain, so nothing in them that isn't in the chain: numbers
of registers, slips and cases, never anything of a person.
"""

import uuid
from collections.abc import Mapping
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from zhicheng.notifications.kinds import Group, text_of
from zhicheng.notifications.models_deadlines import MovedDay, TaskDeadline
from zhicheng.notifications.models_messengers import Messenger, MessengerMessage
from zhicheng.organizations.permissions import Relation

__all__ = [
    "Mail",
    "MailKind",
    "MailState",
    "Messenger",
    "MessengerMessage",
    "MovedDay",
    "Notification",
    "NotificationHead",
    "Preference",
    "SkippedEvent",
    "TaskDeadline",
]


class NotificationHead(models.Model):
    """Up to which audit event notifications were made: the only row of its table."""

    only = models.BooleanField(primary_key=True, default=True)
    position = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(only=True), name="only_one_notification_head"),
        ]


class SkippedEvent(models.Model):
    """An audit event of which no notification could be made; gone once it was told after all.

    ``fault`` is the kind of the fault and never its words.
    """

    sequence = models.BigIntegerField(_("序号"), primary_key=True)
    tag = models.CharField(_("事项"), max_length=60)
    fault = models.CharField(_("原因"), max_length=60)
    attempts = models.PositiveSmallIntegerField(_("次数"), default=1)
    skipped_at = models.DateTimeField(_("时间"), default=timezone.now)
    next_attempt_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("没有生成提醒的事项")
        ordering = ("sequence",)

    def __str__(self) -> str:
        return f"{self.sequence} {self.tag}"


class Notification(models.Model):
    """One thing that one account is told, once: ``source`` is the event that told it."""

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications"
    )
    source = models.CharField(max_length=60)
    kind = models.CharField(_("事项"), max_length=60)
    group = models.CharField(_("类别"), max_length=12, choices=[(g.value, g.label) for g in Group])
    what = models.CharField(_("对象"), max_length=160, blank=True)
    url = models.CharField(max_length=200)
    shown = models.BooleanField(default=True)
    created_at = models.DateTimeField(_("时间"), default=timezone.now)
    read_at = models.DateTimeField(_("已读"), null=True)

    class Meta:
        verbose_name = _("提醒")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "source"], name="told_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["account", "-id"], name="notification_of_account"),
            models.Index(
                fields=["account"],
                condition=Q(read_at=None, shown=True),
                name="notification_unread",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.what}"

    @property
    def text(self) -> str:
        """What happened, in the reader's language."""
        return text_of(self.kind, self.what)

    @property
    def group_label(self) -> str | Promise:
        """The kind of thing, in the reader's language."""
        return Group(self.group).label

    def get_absolute_url(self) -> str:
        """Reads it and goes where it leads."""
        return reverse("notifications:open", args=[self.pk])


class Preference(models.Model):
    """How one account wants to hear of things; the address lies encrypted.

    An address counts once the code that was sent to it has come back; until then the one before
    it stays in use.
    """

    account = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notification_preference"
    )
    hidden = ArrayField(models.CharField(max_length=12), verbose_name=_("不提醒"), default=list)
    not_mailed = ArrayField(
        models.CharField(max_length=12), verbose_name=_("不发邮件"), default=list
    )
    digest = models.BooleanField(_("每日邮件"), default=False)
    digest_hour = models.PositiveSmallIntegerField(_("发送时间"), default=8)
    language = models.CharField(
        _("语言"), max_length=10, default="zh-hans", choices=settings.LANGUAGES
    )
    address_cipher = models.BinaryField(null=True)
    address_masked = models.CharField(_("邮箱"), max_length=100, blank=True)
    confirmed_at = models.DateTimeField(_("确认时间"), null=True)
    asked_cipher = models.BinaryField(null=True)
    asked_masked = models.CharField(max_length=100, blank=True)
    code_cipher = models.BinaryField(null=True)
    code_expires_at = models.DateTimeField(null=True)
    code_attempts = models.PositiveSmallIntegerField(default=0)
    mailed_upto = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("提醒设置")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(digest=False)
                | Q(confirmed_at__isnull=False, address_cipher__isnull=False),
                name="digest_goes_to_a_confirmed_address",
            ),
            models.CheckConstraint(
                condition=Q(digest_hour__lte=23), name="digest_hour_is_of_the_day"
            ),
            models.CheckConstraint(
                condition=Q(code_cipher=None)
                | Q(asked_cipher__isnull=False, code_expires_at__isnull=False),
                name="code_belongs_to_an_asked_address",
            ),
        ]

    def __str__(self) -> str:
        return self.address_masked

    def parties(self) -> Mapping[Relation, set[int]]:
        """Nobody's but one's own."""
        return {}


class MailKind(models.TextChoices):
    """What a mail is for."""

    DIGEST = "digest", _("每日邮件")
    CODE = "code", _("邮箱确认")


class MailState(models.TextChoices):
    """What became of a mail; what nobody knows is never sent again."""

    WAITING = "waiting", _("待发送")
    SENDING = "sending", _("发送中")
    SENT = "sent", _("已发送")
    DROPPED = "dropped", _("不必发送")
    DEAD = "dead", _("已放弃")
    UNKNOWN = "unknown", _("不明")


class Mail(models.Model):
    """One mail to one account; its text is made when it goes. It goes once at most.

    ``upto`` is the newest notification that it told of.
    """

    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    kind = models.CharField(_("类别"), max_length=8, choices=MailKind)
    day = models.DateField(_("日期"))
    state = models.CharField(_("状态"), max_length=8, choices=MailState, default=MailState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, default=timezone.now)
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(_("发送时间"), null=True)
    upto = models.BigIntegerField(default=0)
    fault = models.CharField(_("原因"), max_length=200, blank=True)
    made_at = models.DateTimeField(_("生成时间"), default=timezone.now)

    class Meta:
        verbose_name = _("邮件")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account", "day"],
                condition=Q(kind="digest"),
                name="one_digest_a_day",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", next_attempt_at__isnull=False)
                | Q(state="sending", claimed_at__isnull=False)
                | Q(state="sent", sent_at__isnull=False)
                | Q(state__in=["dropped", "dead", "unknown"]),
                name="mail_waits_or_is_done",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["next_attempt_at"], condition=Q(state="waiting"), name="mail_that_waits"
            ),
        ]

    def __str__(self) -> str:
        return str(self.token)
