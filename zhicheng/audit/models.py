"""The chain of events: who did what, when, from which data (N18, invariant 8).

Every event carries the keyed digest of the one before, so changing, removing or reordering any
of them is found. The table imports nothing of the domain: an event outlives what it tells of.
"""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class AuditEvent(models.Model):
    """One event. ``sequence`` counts without gaps; a trigger refuses every change or removal."""

    sequence = models.BigIntegerField(_("序号"), primary_key=True)
    occurred_at = models.DateTimeField(_("时间"))
    tag = models.CharField(_("事项"), max_length=60)
    actor_id = models.BigIntegerField(_("账号"), null=True)
    actor_name = models.CharField(_("操作人"), max_length=140)
    organization_id = models.BigIntegerField(_("机构"), null=True)
    subject_type = models.CharField(_("对象类别"), max_length=40, blank=True)
    subject_id = models.BigIntegerField(_("对象"), null=True)
    data = models.JSONField(_("内容"), default=dict)
    row_type = models.CharField(_("涉及行类别"), max_length=40, blank=True)
    row_ids = ArrayField(models.BigIntegerField(), verbose_name=_("涉及行"), default=list)
    row_digests = models.BinaryField(_("各行摘要"), default=b"")
    key_id = models.CharField(_("密钥"), max_length=20)
    previous = models.BinaryField(_("前一摘要"))
    digest = models.BinaryField(_("摘要"))

    class Meta:
        verbose_name = _("审计事件")
        ordering = ("-sequence",)
        indexes: ClassVar = [
            models.Index(
                fields=["subject_type", "subject_id", "sequence"], name="audit_by_subject"
            ),
            models.Index(fields=["tag", "occurred_at"], name="audit_by_tag"),
            models.Index(fields=["actor_id", "occurred_at"], name="audit_by_actor"),
            models.Index(fields=["occurred_at"], name="audit_by_time"),
            models.Index(
                fields=["actor_name"], opclasses=["varchar_pattern_ops"], name="audit_by_name"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.tag}"


class AuditHead(models.Model):
    """How far the chain goes: the only row of its table, so that cutting the tail is found."""

    only = models.BooleanField(primary_key=True, default=True)
    sequence = models.BigIntegerField(default=0)
    digest = models.BinaryField(default=b"")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(only=True), name="only_one_audit_head"),
        ]
