"""The keys that sign credentials: for ever known, and able to sign only while active."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from zhicheng.credentials.rules import PublicKey


class KeyState(models.TextChoices):
    """What a key may still do: sign; prove what it signed; nothing from a day on."""

    ACTIVE = "active", _("使用中")
    RETIRED = "retired", _("已停用")
    REVOKED = "revoked", _("已作废")


class SigningKey(models.Model):
    """One Ed25519 key.

    ``private_cipher`` is its private half, encrypted with the installation's key; NULL when that
    lies in a file of its own (``ZHICHENG_SIGNING_KEYS``) and once it signs no more: a
    retired key is destroyed. Triggers let nothing else change and no key be deleted.
    """

    key_id = models.CharField(_("密钥编号"), max_length=8, unique=True)
    public_key = models.BinaryField(max_length=32, unique=True)
    private_cipher = models.BinaryField(null=True)
    state = models.CharField(
        _("状态"), max_length=8, choices=KeyState, default=KeyState.ACTIVE.value
    )
    valid_from = models.DateField(_("启用日期"))
    valid_to = models.DateField(_("停用日期"), null=True)
    revoked_from = models.DateField(_("作废日期"), null=True)
    reason = models.CharField(_("作废原因"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("生成时间"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("签名密钥")
        ordering = ("-valid_from", "-id")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["state"], condition=Q(state="active"), name="one_active_signing_key"
            ),
            models.CheckConstraint(
                condition=Q(state="active", valid_to=None, revoked_from=None)
                | Q(state="retired", valid_to__isnull=False, revoked_from=None)
                | Q(state="revoked", valid_to__isnull=False, revoked_from__isnull=False)
                & ~Q(reason=""),
                name="signing_key_state_has_its_days",
            ),
            models.CheckConstraint(
                condition=(Q(valid_to=None) | Q(valid_to__gte=F("valid_from")))
                & (Q(revoked_from=None) | Q(revoked_from__gte=F("valid_from"))),
                name="signing_key_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(state="active") | Q(private_cipher=None),
                name="private_key_is_destroyed_with_its_use",
            ),
        ]

    def __str__(self) -> str:
        return self.key_id

    @property
    def published(self) -> PublicKey:
        """What everybody may know of it."""
        return PublicKey(
            bytes.fromhex(self.key_id),
            bytes(self.public_key),
            self.valid_from,
            self.valid_to,
            self.revoked_from,
        )
