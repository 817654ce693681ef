"""The second factor of an account and its recovery codes: nothing here is in clear (N18).

What a constraint can't say, triggers of migration 0005 keep: docs/accounts.md names them.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class SecondFactor(models.Model):
    """The secret that an account shares with an app, and the one that is to come."""

    account = models.OneToOneField(
        "organizations.Account",
        verbose_name=_("账号"),
        primary_key=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    secret_cipher = models.BinaryField(null=True)
    confirmed_at = models.DateTimeField(_("启用时间"), null=True)
    # The newest time step whose code was accepted: neither it nor an older one is again.
    last_step = models.BigIntegerField(null=True)
    # Shown as a picture and not yet confirmed by a code; until then the one above counts.
    pending_cipher = models.BinaryField(null=True)
    pending_since = models.DateTimeField(null=True)
    # The login that began it, by its public id: it is shown and confirmed nowhere else.
    pending_login = models.UUIDField(null=True)
    # Codes tried since the last right one (``guesses.py``).
    wrong_count = models.PositiveSmallIntegerField(default=0)
    wrong_since = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("两步验证")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(confirmed_at=None, secret_cipher=None, last_step=None)
                | Q(
                    confirmed_at__isnull=False, secret_cipher__isnull=False, last_step__isnull=False
                ),
                name="confirmed_second_factor_has_secret_and_code",
            ),
            models.CheckConstraint(
                condition=Q(pending_cipher=None, pending_since=None, pending_login=None)
                | Q(
                    pending_cipher__isnull=False,
                    pending_since__isnull=False,
                    pending_login__isnull=False,
                ),
                name="pending_secret_says_since_when_and_where",
            ),
            models.CheckConstraint(
                condition=Q(wrong_count=0, wrong_since=None)
                | Q(wrong_count__gt=0, wrong_since__isnull=False),
                name="wrong_codes_say_since_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}"


class RecoveryCode(models.Model):
    """One code for when the app is out of reach: a digest, used once."""

    factor = models.ForeignKey(SecondFactor, on_delete=models.CASCADE, related_name="codes")
    digest = models.BinaryField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("恢复码")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["factor", "digest"], name="recovery_code_once_per_account"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.factor_id}"
