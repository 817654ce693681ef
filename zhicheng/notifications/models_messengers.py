"""The city's own messenger: an organisation's robot address, and the messages to it."""

import uuid
from collections.abc import Mapping
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from zhicheng.organizations.models import Organization
from zhicheng.organizations.permissions import Relation


class Style(models.TextChoices):
    """How the other side wants to be spoken to."""

    WECOM = "wecom", _("政务微信 / 企业微信群机器人")
    DINGTALK = "dingtalk", _("钉钉群机器人（加签）")
    STANDARD = "standard", _("其他系统（Standard Webhooks 签名）")


class Messenger(models.Model):
    """A robot's address of one organisation. Address and secret are keys: both lie encrypted."""

    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization = models.ForeignKey(
        Organization, verbose_name=_("机构"), on_delete=models.PROTECT, related_name="+"
    )
    name = models.CharField(_("名称"), max_length=60)
    style = models.CharField(_("类型"), max_length=10, choices=Style)
    url_cipher = models.BinaryField()
    url_index = models.BinaryField(max_length=32)
    url_masked = models.CharField(_("地址"), max_length=200)
    secret_cipher = models.BinaryField(null=True)
    groups = ArrayField(models.CharField(max_length=12), verbose_name=_("事项"))
    template = models.TextField(_("消息模板"))
    created_at = models.DateTimeField(_("接入时间"), default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    ended_at = models.DateTimeField(_("停用时间"), null=True)

    class Meta:
        verbose_name = _("消息机器人")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(groups=[]), name="messenger_hears_of_something"),
            models.CheckConstraint(
                condition=Q(style="wecom") | Q(secret_cipher__isnull=False),
                name="messenger_signs_what_it_sends",
            ),
            models.UniqueConstraint(
                fields=["organization", "url_index"],
                condition=Q(ended_at=None),
                name="messenger_connected_once",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Its messages."""
        return reverse("notifications:messenger", args=[self.token])

    def parties(self) -> Mapping[Relation, set[int]]:
        """Whose robot it is."""
        return {Relation.REPORTING: {self.organization_id}}


class MessageState(models.TextChoices):
    """What became of a message."""

    WAITING = "waiting", _("待发送")
    DELIVERED = "delivered", _("已送达")
    DEAD = "dead", _("已放弃")


class MessengerMessage(models.Model):
    """One message to one robot: how many things of which group, and a link."""

    message_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    messenger = models.ForeignKey(Messenger, on_delete=models.PROTECT, related_name="messages")
    text = models.TextField(_("内容"), default="")
    body = models.TextField()
    test = models.BooleanField(_("试发"), default=False)
    state = models.CharField(
        _("状态"), max_length=10, choices=MessageState, default=MessageState.WAITING
    )
    attempts = models.PositiveSmallIntegerField(_("次数"), default=0)
    created_at = models.DateTimeField(_("生成时间"), default=timezone.now)
    next_attempt_at = models.DateTimeField(_("下次发送"), null=True, default=timezone.now)
    delivered_at = models.DateTimeField(_("送达时间"), null=True)
    log = models.JSONField(default=list)

    class Meta:
        verbose_name = _("机器人消息")
        ordering = ("-id",)
        indexes: ClassVar = [
            models.Index(
                fields=["next_attempt_at"],
                condition=Q(state="waiting"),
                name="messenger_message_that_waits",
            ),
            models.Index(fields=["messenger", "-id"], name="message_of_messenger"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state="waiting", next_attempt_at__isnull=False)
                | Q(state="delivered", delivered_at__isnull=False, next_attempt_at=None)
                | Q(state="dead", next_attempt_at=None),
                name="messenger_message_waits_or_is_done",
            ),
        ]

    def __str__(self) -> str:
        return str(self.message_id)
