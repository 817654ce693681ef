"""The cube: facts of single cases, their sums by every few dimensions, what isn't counted yet.

Written by ``refreshing`` alone; what changes elsewhere is told by triggers to ``Pending``. Nothing
here names a person: facts hold codes, and of the ID number the year of birth.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zhicheng.approvals.models import ApprovedPerson
from zhicheng.certificates.models import Certificate
from zhicheng.selfissued.models import SelfIssuedCertificate


class Term(models.Model):
    """The code of a text that is counted by: a series or a qualification's name."""

    kind = models.CharField(max_length=14)
    text = models.CharField(max_length=100)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "text"], name="term_has_one_code"),
        ]

    def __str__(self) -> str:
        return self.text


class BirthYear(models.Model):
    """The year in which the person of a blind index was born; 0 where the document doesn't say."""

    id_number_index = models.BinaryField(primary_key=True, max_length=32)
    year = models.SmallIntegerField()


class Fact(models.Model):
    """The codes of one case in each dimension; 0 where nobody stated it."""

    region_id = models.IntegerField()
    unit_id = models.IntegerField()
    issuer_id = models.IntegerField()
    department_id = models.IntegerField()
    series_id = models.IntegerField()
    level = models.SmallIntegerField()
    qualification_id = models.IntegerField()
    mode = models.SmallIntegerField()
    channel = models.SmallIntegerField()
    sex = models.SmallIntegerField()
    age = models.SmallIntegerField()

    class Meta:
        abstract = True


class PersonFact(Fact):
    """A person who passed: one line of an approval document."""

    # No foreign key in the database: a fact goes with its case at the next count, and a million
    # facts are written without a million look-ups.
    person = models.OneToOneField(
        ApprovedPerson,
        primary_key=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="+",
    )
    passed_year = models.SmallIntegerField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["region_id", "passed_year"], name="passed_by_region"),
            models.Index(fields=["unit_id", "passed_year"], name="passed_by_unit"),
            models.Index(fields=["issuer_id", "passed_year"], name="passed_by_issuer"),
            models.Index(fields=["department_id", "passed_year"], name="passed_by_department"),
            models.Index(fields=["series_id", "passed_year"], name="passed_by_series"),
            models.Index(
                fields=["qualification_id", "passed_year"], name="passed_by_qualification"
            ),
            models.Index(fields=["passed_year"], name="passed_by_year"),
        ]


class SelfIssuedFact(Fact):
    """A certificate that a self-managed unit issued itself; counted apart from all others (N16)."""

    certificate = models.OneToOneField(
        SelfIssuedCertificate,
        primary_key=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="+",
    )
    issued_year = models.SmallIntegerField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["unit_id", "issued_year"], name="self_issued_by_unit"),
            models.Index(fields=["issued_year"], name="self_issued_by_year"),
        ]


class CertificateFact(Fact):
    """A certificate: in which years it was issued, became void, was reported lost; 0 for never.

    ``how`` is the figure under which its issue counts (first, replacement, renewal, historic).
    The days of each step are -1 where it can't be told.
    """

    certificate = models.OneToOneField(
        Certificate,
        primary_key=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="+",
    )
    issued_year = models.SmallIntegerField()
    how = models.SmallIntegerField()
    voided_year = models.SmallIntegerField()
    revoked = models.BooleanField()
    lost_year = models.SmallIntegerField()
    fill_days = models.IntegerField()
    seal_days = models.IntegerField()
    emboss_days = models.IntegerField()
    issue_days = models.IntegerField()
    whole_days = models.IntegerField()
    electronic_days = models.IntegerField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["region_id", "issued_year"], name="issued_by_region"),
            models.Index(fields=["unit_id", "issued_year"], name="issued_by_unit"),
            models.Index(fields=["issuer_id", "issued_year"], name="issued_by_issuer"),
            models.Index(fields=["department_id", "issued_year"], name="issued_by_department"),
            models.Index(fields=["series_id", "issued_year"], name="issued_by_series"),
            models.Index(
                fields=["qualification_id", "issued_year"], name="issued_by_qualification"
            ),
            models.Index(fields=["issued_year"], name="issued_by_year"),
            models.Index(
                fields=["voided_year"], condition=~Q(voided_year=0), name="fact_voided_by_year"
            ),
            models.Index(fields=["lost_year"], condition=~Q(lost_year=0), name="fact_lost_by_year"),
            models.Index(
                fields=["issued_year", "how"], condition=Q(how__gt=2), name="fact_reissued_by_year"
            ),
        ]


class Rollup(models.Model):
    """How many cases of a figure have these codes in two or three dimensions.

    ``grouping`` has a bit for each of the dimensions, whose codes are ``a``, ``b``, ``c`` in the
    order of their numbers (-1 where there are but two).
    """

    pk = models.CompositePrimaryKey("grouping", "measure", "a", "b", "c")
    grouping = models.SmallIntegerField()
    measure = models.SmallIntegerField()
    a = models.IntegerField()
    b = models.IntegerField()
    c = models.IntegerField()
    n = models.IntegerField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(n__gt=0), name="rollup_counts_somebody"),
        ]


class Step(models.IntegerChoices):
    """A step of a register's, a certificate's or an application's way, measured in whole days.

    The numbers are codes in the tables, so they stay.
    """

    ENDORSE = 6, _("提交到主管部门签章")
    ACCEPT = 7, _("提交（签章）到受理")
    ALLOT = 8, _("受理到配发")
    HAND_OVER = 9, _("配发到移交")
    RECEIVE = 10, _("移交到签收")
    FILL = 1, _("受理到填制")
    SEAL = 2, _("填制到盖公章")
    EMBOSS = 3, _("盖公章到盖钢印")
    ISSUE = 4, _("盖钢印到发放")
    WHOLE = 5, _("受理到发放（全程）")
    REISSUE_ACCEPT = 11, _("申请到受理")
    REISSUE_GRANT = 12, _("受理到签章完备")
    REISSUE_ISSUE = 13, _("签章完备到核发新证书")
    REISSUE_WHOLE = 14, _("申请到核发（全程）")
    ELECTRONIC = 15, _("导入核准文件到生成电子证书")


class StepFact(models.Model):
    """A step that a paper has behind it: of a register, an allotment or a reissue (``papers``).

    ``object_id`` is the id of that paper, ``year`` the one in which the step was done. Steps of
    certificates stand in their own fact.
    """

    pk = models.CompositePrimaryKey("step", "object_id")
    step = models.SmallIntegerField(choices=Step)
    object_id = models.BigIntegerField()
    issuer_id = models.IntegerField()
    year = models.SmallIntegerField()
    days = models.IntegerField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(days__gte=0), name="step_never_ends_before_it_began"
            ),
        ]


class Duration(models.Model):
    """How many papers or certificates of a unit and year took so many days for a step."""

    pk = models.CompositePrimaryKey("step", "issuer_id", "year", "days")
    step = models.SmallIntegerField(choices=Step)
    issuer_id = models.IntegerField()
    year = models.SmallIntegerField()
    days = models.IntegerField()
    n = models.IntegerField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(n__gt=0), name="duration_counts_somebody"),
        ]
        indexes: ClassVar = [models.Index(fields=["year"], name="duration_by_year")]


class Pending(models.Model):
    """Something that changed and isn't counted yet; written by triggers alone.

    ``kind`` is p (an approved person), c (a certificate), s (a unit's own certificate), g (a
    register), a (an allotment), e (a reissue), o (an organisation) or r (everything).
    """

    kind = models.CharField(max_length=1)
    object_id = models.BigIntegerField()


class Head(models.Model):
    """As of when the figures are: the only row of its table, and the lock of whoever counts."""

    only = models.BooleanField(primary_key=True, default=True)
    as_of = models.DateTimeField(null=True)
    rebuilt_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(only=True), name="only_one_statistics_head"),
        ]


class SavedView(models.Model):
    """A table that an account wants to find again: its address within /statistics/ and a name."""

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    name = models.CharField(_("视图名称"), max_length=40)
    path = models.CharField(max_length=40)
    query = models.CharField(max_length=300, blank=True)
    is_default = models.BooleanField(_("打开统计时先显示"), default=False)
    saved_at = models.DateTimeField(_("保存时间"), auto_now=True)

    class Meta:
        verbose_name = _("统计视图")
        ordering = ("name",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account", "name"], name="saved_view_has_one_name_per_account"
            ),
            models.UniqueConstraint(
                fields=["account"],
                condition=Q(is_default=True),
                name="one_default_view_per_account",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="saved_view_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name
