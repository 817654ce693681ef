"""The feed of what changed in the public's knowledge of certificates.

Triggers write to ``PendingChange`` in whatever transaction changes a certificate. A single
sequencer at a time moves what is committed to ``CertificateChange`` and numbers it without gaps
(``FeedHead`` is its lock and its counter): so whoever has seen number n has seen all before it,
whatever the order in which transactions began and ended.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zhicheng.certificates.models import Certificate
from zhicheng.registers.models import Register


class ChangeKind(models.TextChoices):
    """What became of a certificate."""

    ISSUED = "issued", _("发放")
    LOST = "lost", _("报失")
    FOUND = "found", _("找回")
    VOID = "void", _("作废")


class PendingChange(models.Model):
    """A change that has no number yet; written by the trigger alone."""

    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=ChangeKind)
    happened_at = models.DateTimeField()


class CertificateChange(models.Model):
    """A change with its number; never altered."""

    sequence = models.BigIntegerField(primary_key=True)
    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=ChangeKind)
    happened_at = models.DateTimeField()

    class Meta:
        ordering = ("sequence",)


class FeedHead(models.Model):
    """The last number given: the only row of its table."""

    only = models.BooleanField(primary_key=True, default=True)
    sequence = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(only=True), name="only_one_feed_head"),
        ]


class PendingRegisterChange(models.Model):
    """A register that entered a state, until the subscriptions were told; by trigger alone."""

    register = models.ForeignKey(Register, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=12)
    happened_at = models.DateTimeField()
