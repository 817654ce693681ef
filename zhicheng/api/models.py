"""Keys of other systems, the feed of changes, calls that may be repeated, webhooks (N7, N20)."""

from collections.abc import Mapping
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from zhicheng.api.models_feed import (
    CertificateChange,
    ChangeKind,
    FeedHead,
    PendingChange,
    PendingRegisterChange,
)
from zhicheng.api.models_webhooks import Delivery, DeliveryState, Subscription
from zhicheng.api.rules import PER_MINUTE
from zhicheng.organizations.models import Organization
from zhicheng.organizations.permissions import Relation

__all__ = [
    "ApiClient",
    "ApiKey",
    "CertificateChange",
    "ChangeKind",
    "Delivery",
    "DeliveryState",
    "FeedHead",
    "IdempotentCall",
    "PendingChange",
    "PendingRegisterChange",
    "RequestCount",
    "Subscription",
]


class ApiClient(models.Model):
    """Another system that speaks for an organisation.

    ``account`` is what it acts as: a clerk of the organisation that can never log in (a trigger
    holds that). Whatever it does is done by this account, so rules and tables need know no other
    kind of actor.
    """

    name = models.CharField(_("系统名称"), max_length=60)
    account = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="api_client"
    )
    organization = models.ForeignKey(
        Organization, verbose_name=_("机构"), on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(_("开通时间"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("接入系统")
        ordering = ("organization_id", "id")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "name"], name="api_client_named_once_per_organization"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def parties(self) -> Mapping[Relation, set[int]]:
        """The organisation for which it speaks."""
        return self.organization.parties()


class ApiKey(models.Model):
    """A key of a system: its secret only as a keyed digest; what it may do never changes.

    ``purpose`` is what ID numbers are taken for. A rotation makes a second key of the same
    system and shortens this one's life to the overlap.
    """

    client = models.ForeignKey(ApiClient, on_delete=models.PROTECT, related_name="keys")
    prefix = models.CharField(_("密钥前缀"), max_length=8, unique=True)
    digest = models.BinaryField(max_length=32)
    scopes = ArrayField(models.CharField(max_length=24), verbose_name=_("权限范围"))
    purpose = models.CharField(_("用途"), max_length=200, blank=True)
    per_minute = models.PositiveIntegerField(_("每分钟请求数"), default=PER_MINUTE)
    created_at = models.DateTimeField(_("开通时间"), default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    expires_at = models.DateTimeField(_("有效期至"))
    revoked_at = models.DateTimeField(_("停用时间"), null=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    last_used_at = models.DateTimeField(_("最近使用"), null=True)

    class Meta:
        verbose_name = _("接口密钥")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="api_key_has_an_end"
            ),
            models.CheckConstraint(
                condition=~Q(scopes__contains=["id_numbers:read"]) | ~Q(purpose=""),
                name="api_key_for_id_numbers_states_its_purpose",
            ),
            models.CheckConstraint(condition=~Q(scopes=[]), name="api_key_is_for_something"),
            models.CheckConstraint(condition=Q(per_minute__gte=1), name="api_key_has_a_rate"),
        ]

    def __str__(self) -> str:
        return self.prefix

    @property
    def works(self) -> bool:
        """Whether it opens anything today."""
        return self.revoked_at is None and self.expires_at > timezone.now()


class RequestCount(models.Model):
    """How often a key asked in a minute: the same number for every web process."""

    key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, related_name="+")
    minute = models.DateTimeField(db_index=True)
    requests = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["key", "minute"], name="key_counted_per_minute"),
        ]


class IdempotentCall(models.Model):
    """A writing call that was done, and what was answered (encrypted): for a day.

    Written in the call's own transaction, so it is there exactly when the change is.
    """

    client = models.ForeignKey(ApiClient, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    body_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.BinaryField(null=True)
    called_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["client", "key"], name="idempotency_key_used_once"),
        ]
