"""What looks unusual, and the inquiries into it (N18).

An anomaly is a hint with its evidence, never a verdict: the discipline inspector sets it aside
with a reason or takes it into an inquiry. Neither table holds a name or an ID number; evidence
points to certificates, registers and events.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext as _translated
from django.utils.translation import gettext_lazy as _

from zhicheng.files.models import StoredFile
from zhicheng.organizations.models import Account, Organization


class AnomalyKind(models.TextChoices):
    """What is unusual."""

    PERSON_MANY = "person_many", _("一人多证")
    NUMBER_OUT_OF_LINE = "number_out_of_line", _("证书编号失序")
    SAME_RECIPIENT = "same_recipient", _("一人代领多本")
    APPROVAL_CHANGED = "approval_changed", _("受理后改动核准文件")
    SPOILAGE = "spoilage", _("废旧率异常")
    UNMASKING = "unmasking", _("查看身份证号码异常")
    MASS_EXPORT = "mass_export", _("大量导出")
    ODD_HOURS = "odd_hours", _("非常时段登录")
    LOGIN_ATTEMPTS = "login_attempts", _("连续登录失败")


class InquiryOutcome(models.TextChoices):
    """How an inquiry ended."""

    UNFOUNDED = "unfounded", _("查无异常")
    CORRECTED = "corrected", _("已整改")
    REFERRED = "referred", _("移送处理")


class Inquiry(models.Model):
    """核查案卷: what the inspector looks into, from its opening to its outcome."""

    number = models.CharField(_("案卷编号"), max_length=24, unique=True)
    subject = models.CharField(_("核查事项"), max_length=200)
    opened_at = models.DateTimeField(_("立案时间"), auto_now_add=True)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    outcome = models.CharField(_("结果"), max_length=12, choices=InquiryOutcome, blank=True)
    conclusion = models.CharField(_("结论"), max_length=1000, blank=True)
    closed_at = models.DateTimeField(_("结案时间"), null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("核查案卷")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(outcome="", conclusion="", closed_at=None, closed_by=None)
                | Q(closed_at__isnull=False, closed_by__isnull=False)
                & ~Q(outcome="")
                & ~Q(conclusion=""),
                name="closed_inquiry_says_its_outcome",
            ),
            models.CheckConstraint(
                condition=~Q(subject=""), name="inquiry_says_what_it_looks_into"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-id"], condition=Q(outcome=""), name="inquiry_still_open"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_open(self) -> bool:
        """Whether it is still looked into."""
        return not self.outcome

    def get_absolute_url(self) -> str:
        """The page of the inquiry."""
        return reverse("anomalies:inquiry", args=[self.pk])


class InquiryEntry(models.Model):
    """A step of an inquiry; never changed (trigger ``inquiry_entry_is_never_changed``)."""

    inquiry = models.ForeignKey(Inquiry, on_delete=models.PROTECT, related_name="entries")
    text = models.CharField(_("经过"), max_length=1000)
    file = models.ForeignKey(StoredFile, null=True, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(_("时间"), auto_now_add=True)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("核查记录")
        ordering = ("id",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(text=""), name="inquiry_entry_says_something"),
        ]


class Anomaly(models.Model):
    """One unusual thing. ``key`` names it within its kind, so that it is listed once.

    ``weight`` says how unusual it is, in the kind's own unit (a count, or a multiple);
    ``evidence`` is what ``rules.Evidence`` writes. Found again with another weight it is brought
    up to date; not found any more, it says since when. Set aside, it comes back with a new episode
    (evidence enough after ``seen_until``) or when it has grown (``rules.GROWN``). When its inquiry
    is closed it stays as it was, and the same thing may be listed anew.
    """

    kind = models.CharField(_("类别"), max_length=20, choices=AnomalyKind)
    key = models.CharField(max_length=100)
    summary = models.CharField(_("情况"), max_length=300)
    weight = models.FloatField(_("程度"))
    organization = models.ForeignKey(
        Organization, verbose_name=_("单位"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    account = models.ForeignKey(
        Account, verbose_name=_("账号"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    evidence = models.JSONField(_("依据"), default=dict)
    first_found_at = models.DateTimeField(_("首次发现"))
    last_found_at = models.DateTimeField(_("最近发现"))
    set_aside_at = models.DateTimeField(_("排除时间"), null=True)
    set_aside_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    set_aside_reason = models.CharField(_("排除理由"), max_length=300, blank=True)
    set_aside_weight = models.FloatField(null=True)
    inquiry = models.ForeignKey(
        Inquiry, null=True, on_delete=models.PROTECT, related_name="anomalies"
    )
    closed_weight = models.FloatField(null=True)  # its weight when the inquiry was closed
    # The search whose evidence was before whoever set it aside, or closed its inquiry.
    seen_until = models.DateTimeField(null=True)
    gone_since = models.DateTimeField(_("不再符合标准"), null=True)

    class Meta:
        verbose_name = _("异常线索")
        ordering = ("-last_found_at", "-id")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "key"],
                condition=Q(closed_weight=None),
                name="anomaly_is_listed_once",
            ),
            models.CheckConstraint(
                condition=Q(closed_weight=None) | Q(inquiry__isnull=False),
                name="closed_anomaly_has_its_inquiry",
            ),
            models.CheckConstraint(
                condition=Q(
                    set_aside_at=None,
                    set_aside_by=None,
                    set_aside_weight=None,
                    set_aside_reason="",
                )
                | Q(
                    set_aside_at__isnull=False,
                    set_aside_by__isnull=False,
                    set_aside_weight__isnull=False,
                )
                & ~Q(set_aside_reason=""),
                name="anomaly_set_aside_says_why",
            ),
            models.CheckConstraint(
                condition=Q(set_aside_at=None) | Q(inquiry=None),
                name="anomaly_is_set_aside_or_looked_into",
            ),
            models.CheckConstraint(
                condition=Q(last_found_at__gte=F("first_found_at")),
                name="anomaly_was_found_before_it_was_found_again",
            ),
            models.CheckConstraint(
                condition=Q(seen_until=None, set_aside_at=None, closed_weight=None)
                | Q(seen_until__isnull=False)
                & (Q(set_aside_at__isnull=False) | Q(closed_weight__isnull=False)),
                name="dealt_with_anomaly_says_what_was_seen",
            ),
            models.CheckConstraint(
                condition=Q(gone_since=None) | Q(gone_since__gte=F("last_found_at")),
                name="gone_anomaly_was_found_before",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["-last_found_at"],
                condition=Q(set_aside_at=None, inquiry=None, gone_since=None),
                name="anomaly_not_looked_at",
            ),
            models.Index(
                fields=["kind", "key", "-id"],
                condition=Q(closed_weight__isnull=False),
                name="anomaly_closed_before",
            ),
        ]

    def __str__(self) -> str:
        return self.summary

    @property
    def told(self) -> str:
        """The summary in the reader's language."""
        template = self.evidence.get("summary")
        if not template:
            return self.summary
        return _translated(template) % self.evidence.get("words", {})

    @property
    def progress(self) -> str:
        """Where it stands: new, gone (before anybody dealt with it), open, closed, aside."""
        if self.set_aside_at is not None:
            return "aside"
        if self.inquiry is None:
            return "new" if self.gone_since is None else "gone"
        return "open" if self.inquiry.is_open else "closed"

    def get_absolute_url(self) -> str:
        """The page with its evidence."""
        return reverse("anomalies:detail", args=[self.pk])


class DetectionPolicy(models.Model):
    """From which figures on something counts as unusual, from a day on; past days stay.

    Rows are only added; of several for one day the last counts. The database refuses to change or
    remove one, and one that would begin in the past.
    """

    valid_from = models.DateField(_("生效日期"))
    days = models.PositiveSmallIntegerField(_("回看天数"))
    person_most = models.PositiveSmallIntegerField(_("一人有效证书本数达到"))
    recipient_most = models.PositiveSmallIntegerField(_("一人代领本数达到"))
    number_days = models.PositiveSmallIntegerField(_("编号晚于更大编号天数达到"))
    unmask_most = models.PositiveSmallIntegerField(_("月查看身份证号码次数达到"))
    export_most = models.PositiveIntegerField(_("月导出行数达到"))
    night_from = models.PositiveSmallIntegerField(_("夜间自（时）"))
    night_to = models.PositiveSmallIntegerField(_("夜间至（时）"))
    night_most = models.PositiveSmallIntegerField(_("月夜间登录次数达到"))
    rest_most = models.PositiveSmallIntegerField(_("月休息日登录天数达到"))
    failures_most = models.PositiveSmallIntegerField(_("一日登录失败次数达到"))

    class Meta:
        verbose_name = _("线索标准")
        ordering = ("-valid_from", "-pk")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(
                    days__gte=30,
                    days__lte=3660,
                    person_most__gte=2,
                    recipient_most__gte=2,
                    number_days__gte=1,
                    unmask_most__gte=1,
                    export_most__gte=100,
                    night_from__lte=23,
                    night_to__lte=23,
                    night_most__gte=1,
                    rest_most__gte=1,
                    rest_most__lte=31,
                    failures_most__gte=2,
                ),
                name="detection_policy_is_sensible",
            ),
        ]
