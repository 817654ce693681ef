"""The log as the database keeps it: entries, hashes of complete subtrees, signed heads.

Nothing of it is ever changed. What happened to certificates waits in ``PendingEntry``, written by
a trigger in the transaction in which it happened, until the worker puts it into the tree.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zhicheng.certificates.models import Certificate
from zhicheng.transparency.statement import KINDS, Kind

KIND_CHOICES = [(kind.value, _(KINDS[kind])) for kind in Kind]


class PendingEntry(models.Model):
    """Something happened to a certificate and doesn't stand in the log yet."""

    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("事项"), max_length=8, choices=KIND_CHOICES)
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("待入日志")
        ordering = ("id",)


class LogEntry(models.Model):
    """A leaf: ``sequence`` is its place, from 0; the public sees its commitment alone."""

    sequence = models.BigIntegerField(_("序号"), primary_key=True)
    certificate = models.ForeignKey(
        Certificate, on_delete=models.PROTECT, related_name="log_entries"
    )
    kind = models.CharField(_("事项"), max_length=8, choices=KIND_CHOICES)
    at = models.DateTimeField(_("时间"))
    salt = models.BinaryField(max_length=16)
    statement = models.TextField()
    logged_at = models.DateTimeField(_("入日志时间"), auto_now_add=True)

    class Meta:
        verbose_name = _("日志记录")
        ordering = ("sequence",)


class LogNode(models.Model):
    """The hash of a complete subtree: of 2**level leaves, the index-th of that size."""

    pk = models.CompositePrimaryKey("level", "index")
    level = models.SmallIntegerField()
    index = models.BigIntegerField()
    hash = models.BinaryField(max_length=32)

    class Meta:
        verbose_name = _("日志节点")


class TreeHead(models.Model):
    """A signed head (检查点), published for everybody."""

    size = models.BigIntegerField(_("记录数"))
    root = models.BinaryField(max_length=32)
    note = models.TextField()
    key_id = models.CharField(_("密钥编号"), max_length=8)
    signed_at = models.DateTimeField(_("签名时间"))

    class Meta:
        verbose_name = _("日志检查点")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(size__gte=0), name="tree_head_has_a_size"),
        ]

    def __str__(self) -> str:
        return f"{self.size}"
