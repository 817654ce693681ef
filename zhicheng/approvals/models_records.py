"""Records of units that review by authorisation, jointly or by themselves (N15, N16)."""

from collections.abc import Mapping
from datetime import date
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from zhicheng.approvals.scope_rules import RecordFacts, last_day, limits_in_words
from zhicheng.organizations.models import Organization
from zhicheng.organizations.permissions import Relation
from zhicheng.reference.models import Level


class RecordMode(models.TextChoices):
    """The ways of review that need a record (words of ``vocabulary``)."""

    AUTHORIZED = "authorized", _("授权评审")
    JOINT = "joint", _("联合评审")
    SELF_MANAGED = "self_managed", _("自主评审")


class RecordEnd(models.TextChoices):
    """Why a record holds no longer before its last day."""

    ENDED = "ended", _("提前终止")
    REVOKED = "revoked", _("撤销")


class RecordState(models.TextChoices):
    """How a record stands on a day."""

    COMING = "coming", _("未生效")
    VALID = "valid", _("有效")
    EXPIRED = "expired", _("已过期")
    ENDED = "ended", _("提前终止")
    REVOKED = "revoked", _("已撤销")


class ReviewRecord(models.Model):
    """What a unit was authorised to review, or is on record for, on the stated days.

    ``department`` announces the results of authorised and joint review (N15); a self-managed unit
    announces them itself (N16), and then it is whoever agreed to the record, if stated. Nothing
    of a record is ever changed: it ends early, with a reason, and a new one takes its place.
    """

    mode = models.CharField(_("评审方式"), max_length=16, choices=RecordMode)
    unit = models.ForeignKey(
        Organization,
        verbose_name=_("评审单位"),
        on_delete=models.PROTECT,
        related_name="review_records",
    )
    department = models.ForeignKey(
        Organization,
        verbose_name=_("授权或同意部门"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    number = models.CharField(_("备案号或授权文号"), max_length=60, unique=True)
    series = ArrayField(models.CharField(max_length=40), verbose_name=_("系列"), default=list)
    levels = ArrayField(
        models.CharField(max_length=16, choices=Level), verbose_name=_("级别"), default=list
    )
    qualifications = ArrayField(
        models.CharField(max_length=40), verbose_name=_("资格名称"), default=list
    )
    scope = models.CharField(_("备注"), max_length=200, blank=True)
    valid_from = models.DateField(_("有效期起"))
    valid_to = models.DateField(_("有效期止"))
    recorded_at = models.DateTimeField(_("登记时间"), auto_now_add=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    ended_on = models.DateField(_("自何日起失效"), null=True)
    end_kind = models.CharField(_("失效原因"), max_length=8, choices=RecordEnd, blank=True)
    end_reason = models.CharField(_("说明"), max_length=200, blank=True)
    ended_at = models.DateTimeField(_("办理时间"), null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("评审备案")
        ordering = ("-valid_to", "unit_id")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(valid_to__gte=F("valid_from")),
                name="review_record_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(mode=RecordMode.SELF_MANAGED) | Q(department__isnull=False),
                name="authorised_review_names_its_department",
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None, ended_at=None, end_kind="", end_reason="")
                | Q(ended_on__isnull=False, ended_at__isnull=False)
                & ~Q(end_kind="")
                & ~Q(end_reason=""),
                name="ended_review_record_says_why",
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None)
                | Q(ended_on__gte=F("valid_from"), ended_on__lte=F("valid_to")),
                name="review_record_ends_within_its_days",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["department", "mode"], name="review_record_by_department"),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.number}"

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("approvals:record", args=[self.pk])

    def parties(self) -> Mapping[Relation, set[int]]:
        """The unit that reviews."""
        return {Relation.REPORTING: {self.unit_id}}

    @property
    def limits(self) -> str:
        """What it is limited to, in words."""
        return limits_in_words(self.series, self.levels, self.qualifications)

    def facts(self) -> RecordFacts:
        """As the rules see it."""
        return RecordFacts(
            self.pk,
            self.number,
            self.mode,
            self.unit_id,
            self.department_id,
            self.valid_from,
            last_day(self.valid_to, self.ended_on),
            frozenset(self.series),
            frozenset(self.levels),
            frozenset(self.qualifications),
        )

    def state_on(self, day: date) -> RecordState:
        """How it stands on the day."""
        if self.ended_on is not None and day >= self.ended_on:
            return RecordState(self.end_kind)
        if day < self.valid_from:
            return RecordState.COMING
        return RecordState.VALID if day <= self.valid_to else RecordState.EXPIRED

    @property
    def state(self) -> RecordState:
        """How it stands today."""
        return self.state_on(timezone.localdate())
