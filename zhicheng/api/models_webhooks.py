"""Who wants to hear of what, and what was sent to them."""

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


class Subscription(models.Model):
    """An address of an organisation's system that hears of events.

    ``position`` is the number in the feed up to which its deliveries were made.
    """

    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization = models.ForeignKey(
        Organization, verbose_name=_("机构"), on_delete=models.PROTECT, related_name="+"
    )
    url = models.CharField(_("接收地址"), max_length=500)
    events = ArrayField(models.CharField(max_length=32), verbose_name=_("事件"))
    secret_cipher = models.BinaryField()
    position = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(_("订阅时间"), default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    ended_at = models.DateTimeField(_("停止时间"), null=True)

    class Meta:
        verbose_name = _("事件订阅")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(events=[]), name="subscription_hears_of_something"),
            models.UniqueConstraint(
                fields=["organization", "url"],
                condition=Q(ended_at=None),
                name="address_subscribed_once",
            ),
        ]

    def __str__(self) -> str:
        return self.url

    def get_absolute_url(self) -> str:
        """Its deliveries."""
        return reverse("api_pages:subscription", args=[self.token])

    def parties(self) -> Mapping[Relation, set[int]]:
        """Whose system it is."""
        return {Relation.REPORTING: {self.organization_id}}


class DeliveryState(models.TextChoices):
    """What became of a message."""

    WAITING = "waiting", _("待投递")
    DELIVERED = "delivered", _("已送达")
    DEAD = "dead", _("已放弃")


class Delivery(models.Model):
    """One message to one subscription; ``log`` tells of its latest attempts."""

    message_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    subscription = models.ForeignKey(
        Subscription, on_delete=models.PROTECT, related_name="deliveries"
    )
    event = models.CharField(_("事件"), max_length=32)
    body = models.TextField()
    state = models.CharField(
        _("状态"), max_length=10, choices=DeliveryState, default=DeliveryState.WAITING
    )
    attempts = models.PositiveSmallIntegerField(_("投递次数"), default=0)
    created_at = models.DateTimeField(_("生成时间"), default=timezone.now)
    next_attempt_at = models.DateTimeField(_("下次投递"), null=True, default=timezone.now)
    delivered_at = models.DateTimeField(_("送达时间"), null=True)
    log = models.JSONField(default=list)

    class Meta:
        verbose_name = _("投递记录")
        ordering = ("-id",)
        indexes: ClassVar = [
            models.Index(
                fields=["next_attempt_at"],
                condition=Q(state="waiting"),
                name="delivery_that_waits",
            ),
            models.Index(fields=["subscription", "-id"], name="delivery_of_subscription"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state="waiting", next_attempt_at__isnull=False)
                | Q(state="delivered", delivered_at__isnull=False, next_attempt_at=None)
                | Q(state="dead", next_attempt_at=None),
                name="delivery_waits_or_is_done",
            ),
        ]

    def __str__(self) -> str:
        return str(self.message_id)
