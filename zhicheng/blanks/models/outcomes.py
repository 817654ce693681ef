"""How parts of a case ended, what was given for written-off blanks, and sightings (N9, N18)."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zhicheng.blanks.models.cases import BlankCase, CaseOutcome
from zhicheng.organizations.models import Organization
from zhicheng.reference.models import Grade
from zhicheng.registers.models import Register


class Settlement(models.Model):
    """An outcome of some serials of a case; never changed. The last one closes the case."""

    case = models.ForeignKey(BlankCase, on_delete=models.PROTECT, related_name="settlements")
    serials = models.JSONField(_("编号"), default=list)
    count = models.PositiveIntegerField(_("数量"))
    outcome = models.CharField(_("结果"), max_length=20, choices=CaseOutcome)
    placed = models.CharField(_("去向"), max_length=200, blank=True)
    text = models.CharField(_("结论"), max_length=500)
    settled_at = models.DateTimeField(_("时间"), auto_now_add=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("处理结果")
        ordering = ("id",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(text=""), name="settlement_says_why"),
        ]


class Replacement(models.Model):
    """New blanks for written-off ones of a register whose people would else have none.

    Trigger ``replacement_never_exceeds_written_off`` (invariant 6).
    """

    case = models.ForeignKey(BlankCase, on_delete=models.PROTECT, related_name="replacements")
    register = models.ForeignKey(Register, on_delete=models.PROTECT, related_name="+")
    grade = models.CharField(_("等级"), max_length=12, choices=Grade)
    given = models.JSONField(_("补发编号"), default=list)
    count = models.PositiveIntegerField(_("数量"))
    given_at = models.DateTimeField(_("时间"), auto_now_add=True)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("补发")
        ordering = ("-id",)


class Channel(models.TextChoices):
    """Where a blank that is out of control turned up."""

    ACTION = "action", _("业务办理")
    SCAN = "scan", _("扫描")
    SEARCH = "search", _("编号查询")
    PUBLIC = "public", _("公众查询")


class Sighting(models.Model):
    """A lost or written-off serial appeared: who named it, where, when, for what (N18).

    Written in a transaction of its own, because the step in which it was named was refused.
    Changes only once, by its acknowledgement.
    """

    case = models.ForeignKey(BlankCase, on_delete=models.PROTECT, related_name="sightings")
    serials = models.JSONField(_("编号"), default=list)
    channel = models.CharField(_("途径"), max_length=8, choices=Channel)
    attempted = models.CharField(_("试图办理"), max_length=120, blank=True)
    seen_at = models.DateTimeField(_("出现时间"), auto_now_add=True)
    seen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    organization = models.ForeignKey(
        Organization, null=True, on_delete=models.PROTECT, related_name="+"
    )
    acknowledged_at = models.DateTimeField(_("处理时间"), null=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    acknowledgement = models.CharField(_("处理意见"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("失控证书警报")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(acknowledged_at=None, acknowledged_by=None, acknowledgement="")
                | Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False)
                & ~Q(acknowledgement=""),
                name="acknowledged_sighting_says_by_whom_and_what",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["seen_at"], condition=Q(acknowledged_at=None), name="sighting_unseen"
            ),
        ]
