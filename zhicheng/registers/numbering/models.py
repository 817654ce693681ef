"""Numbering rules by issuing unit and date, their counters, and every number given out."""

from collections.abc import Mapping
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zhicheng.organizations.models import Organization
from zhicheng.organizations.permissions import Relation
from zhicheng.registers.numbering.rules import Place, Rule


class YearSource(models.TextChoices):
    """Which year the number bears."""

    APPROVAL = "approval", _("批准时间的年度")
    REGISTER = "register", _("登记表的年度")


class RegionSource(models.TextChoices):
    """Whose region the number bears."""

    ISSUING = "issuing", _("发放单位的区县")
    REPORTING = "reporting", _("填报单位的区县")


class Check(models.TextChoices):
    """The algorithm of the check character."""

    NONE = "none", _("不用校验码")
    MOD_11_2 = "mod_11_2", _("ISO 7064 MOD 11-2（0–9、X，与身份证号码相同）")
    MOD_37_36 = "mod_37_36", _("ISO 7064 MOD 37-36（0–9、A–Z）")
    LUHN = "luhn", _("Luhn（0–9，与银行卡相同）")


class NumberingRule(models.Model):
    """How an issuing unit numbers its certificates from a day on; never changed, only succeeded.

    A rule that has given no number may be withdrawn; it stays in the history. ``region_code`` is
    the unit's as it was when the rule was made.
    """

    unit = models.ForeignKey(
        Organization, verbose_name=_("发放单位"), on_delete=models.PROTECT, related_name="+"
    )
    valid_from = models.DateField(_("启用日期"))
    pattern = models.CharField(_("编号样式"), max_length=80)
    year_source = models.CharField(
        _("年度取自"), max_length=8, choices=YearSource, default=YearSource.APPROVAL
    )
    region_source = models.CharField(
        _("区县取自"), max_length=10, choices=RegionSource, default=RegionSource.ISSUING
    )
    region_code = models.CharField(_("区县代码"), max_length=6, blank=True)
    unit_code = models.CharField(_("单位代码"), max_length=10, blank=True)
    senior_code = models.CharField(_("高级代码"), max_length=10, blank=True)
    intermediate_code = models.CharField(_("中级代码"), max_length=10, blank=True)
    junior_code = models.CharField(_("初级代码"), max_length=10, blank=True)
    leading_zeros = models.BooleanField(_("流水号补零"), default=True)
    start = models.PositiveIntegerField(_("起始号"), default=1)
    per_year = models.BooleanField(_("每年重新计数"), default=True)
    per_grade = models.BooleanField(_("各等级分别计数"), default=False)
    per_region = models.BooleanField(_("各区县分别计数"), default=False)
    check_algorithm = models.CharField(
        _("校验码"), max_length=10, choices=Check, default=Check.NONE
    )
    created_at = models.DateTimeField(_("设定时间"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    withdrawn_at = models.DateTimeField(_("撤销时间"), null=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        app_label = "registers"
        verbose_name = _("编号规则")
        ordering = ("unit_id", "-valid_from")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["unit", "valid_from"],
                condition=Q(withdrawn_at=None),
                name="one_numbering_rule_per_unit_and_day",
            ),
            models.CheckConstraint(condition=~Q(pattern=""), name="numbering_rule_has_a_pattern"),
            models.CheckConstraint(
                condition=Q(start__gte=1), name="numbering_starts_at_one_or_later"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.pattern}"

    def parties(self) -> Mapping[Relation, set[int]]:
        """The unit that issues by it; its register's units are reached through the register."""
        return {Relation.ISSUING: {self.unit_id}}

    @property
    def spec(self) -> Rule:
        """The rule as the pure functions want it."""
        return Rule(
            pattern=self.pattern,
            year_source=self.year_source,
            region_source=self.region_source,
            region=self.region_code,
            unit_code=self.unit_code,
            grade_codes={
                "senior": self.senior_code,
                "intermediate": self.intermediate_code,
                "junior": self.junior_code,
            },
            leading_zeros=self.leading_zeros,
            start=self.start,
            per_year=self.per_year,
            per_grade=self.per_grade,
            per_region=self.per_region,
            check=self.check_algorithm,
        )

    def place(self, grade: str, *, approved_in: int, registered_in: int, region: str) -> Place:
        """For what a number is made, by this rule's sources."""
        year = approved_in if self.year_source == YearSource.APPROVAL else registered_in
        own = self.region_source == RegionSource.ISSUING
        return Place(grade, year, self.region_code if own else region)


class NumberCounter(models.Model):
    """How far a rule has counted in one scope; locked while numbers are given (no gap, no clash).

    A plain row, not a sequence: a rolled-back assignment takes its numbers back with it.
    """

    rule = models.ForeignKey(NumberingRule, on_delete=models.PROTECT, related_name="counters")
    scope = models.CharField(max_length=40)
    last = models.BigIntegerField()

    class Meta:
        app_label = "registers"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["rule", "scope"], name="one_counter_per_rule_and_scope"
            ),
        ]


class NumberPurpose(models.TextChoices):
    """What a number was given for."""

    REGISTER = "register", _("登记表")
    TEMPLATE = "template", _("预填模板")
    REISSUE = "reissue", _("补办、换发")
    ONLINE = "online", _("电子证书")


class GivenNumber(models.Model):
    """Every number that a counter has passed: whom it was given to, or why it was passed over.

    ``skipped``: somebody used it before the counter came there. ``settled``: never given again,
    from the moment when its register was submitted; before that a number that stands on no row
    any more is given anew, so that a draft leaves no gap.
    """

    number = models.CharField(_("证书编号"), max_length=60)
    rule = models.ForeignKey(NumberingRule, on_delete=models.PROTECT, related_name="+")
    scope = models.CharField(max_length=40)
    sequence = models.BigIntegerField(_("流水号"))
    purpose = models.CharField(_("用途"), max_length=10, choices=NumberPurpose)
    register = models.ForeignKey(
        "registers.Register", null=True, on_delete=models.PROTECT, related_name="+"
    )
    skipped = models.BooleanField(default=False)
    settled = models.BooleanField(default=False)
    given_at = models.DateTimeField(_("编号时间"))
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        app_label = "registers"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["number"],
                condition=Q(skipped=False),
                name="certificate_number_given_once",
            ),
            models.UniqueConstraint(
                fields=["rule", "scope", "sequence"], name="sequence_passed_once"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["rule", "scope", "sequence"],
                condition=Q(settled=False),
                name="number_perhaps_free",
            ),
        ]
