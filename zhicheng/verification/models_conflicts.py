"""What two sources say differently of one certificate number, and what a person decided (N7)."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zhicheng.certificates.models import Certificate
from zhicheng.reissues.models import Reissue


class SourceConflict(models.Model):
    """Two records that say different things of the same certificate number.

    Written by triggers alone, with the record that makes them differ, so that the list costs what
    it holds and not what is on file. ``first`` is the better source (sources are names of
    ``rules.Source``); of two old records the one that was there first. ``fields`` are keys of
    ``rules.COMPARED``.
    """

    number = models.CharField(_("证书编号"), max_length=60)
    first_source = models.CharField(_("查询采用"), max_length=12)
    first_certificate = models.ForeignKey(
        Certificate, null=True, on_delete=models.PROTECT, related_name="+"
    )
    first_legacy = models.ForeignKey(
        "verification.LegacyRecord", null=True, on_delete=models.PROTECT, related_name="+"
    )
    other_source = models.CharField(_("另一来源"), max_length=12)
    other_legacy = models.ForeignKey(
        "verification.LegacyRecord", null=True, on_delete=models.PROTECT, related_name="+"
    )
    other_reissue = models.ForeignKey(
        Reissue, null=True, on_delete=models.PROTECT, related_name="+"
    )
    fields = ArrayField(models.CharField(max_length=20), verbose_name=_("不一致的内容"))
    found_at = models.DateTimeField(_("发现时间"), auto_now_add=True)

    class Meta:
        verbose_name = _("来源冲突")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["first_certificate", "first_legacy", "other_legacy", "other_reissue"],
                nulls_distinct=False,
                name="two_records_differ_once",
            ),
            models.CheckConstraint(
                condition=(
                    Q(first_certificate__isnull=False, first_legacy=None)
                    | Q(first_certificate=None, first_legacy__isnull=False)
                )
                & (
                    Q(other_legacy__isnull=False, other_reissue=None)
                    | Q(other_legacy=None, other_reissue__isnull=False)
                ),
                name="conflict_is_between_two_records",
            ),
            models.CheckConstraint(condition=~Q(fields=[]), name="conflict_names_what_differs"),
        ]
        indexes: ClassVar = [models.Index(fields=["number"], name="conflict_by_number")]

    def __str__(self) -> str:
        return self.number


class Outcome(models.TextChoices):
    """What was decided of two records; ``first`` is the one that the query answers from."""

    FIRST_RIGHT = "first", _("查询采用的来源正确")
    OTHER_RIGHT = "other", _("另一来源正确")
    BOTH_WRONG = "neither", _("两个来源都有误")
    TWO_CERTIFICATES = "two", _("同一编号的两本不同证书")


class SourceDecision(models.Model):
    """Somebody's decision on a conflict, with the reason; revoked ones stay on record."""

    conflict = models.ForeignKey(SourceConflict, on_delete=models.PROTECT, related_name="decisions")
    outcome = models.CharField(_("认定"), max_length=8, choices=Outcome)
    reason = models.CharField(_("理由"), max_length=500)
    correct = models.CharField(_("正确内容"), max_length=500, blank=True)
    decided_at = models.DateTimeField(_("认定时间"), auto_now_add=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    revoked_at = models.DateTimeField(_("撤销时间"), null=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    revoked_reason = models.CharField(_("撤销理由"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("来源冲突认定")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["conflict"],
                condition=Q(revoked_at=None),
                name="conflict_is_decided_once",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="decision_says_why"),
            models.CheckConstraint(
                condition=~Q(outcome="neither") | ~Q(correct=""),
                name="both_wrong_says_what_is_right",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at=None, revoked_by=None, revoked_reason="")
                | Q(revoked_at__isnull=False, revoked_by__isnull=False) & ~Q(revoked_reason=""),
                name="revoked_decision_says_who_and_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.conflict_id} {self.outcome}"
