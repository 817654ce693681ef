"""The people behind a figure: those whom the account may see, ID numbers masked.

Outside the office a list must not tell of those whom it leaves out: it is of one year, is narrowed
only by what the area is counted by, never by sex or age, and isn't given at all where the group
itself, or what of it the account doesn't see, is small: the year's sum is shown exactly, so the
list's length would give the rest away.
"""

from functools import cached_property
from typing import Any, ClassVar

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from zhicheng.approvals.queries import visible as visible_documents
from zhicheng.certificates.queries import visible as visible_certificates
from zhicheng.organizations.guard import require
from zhicheng.organizations.permissions import Action
from zhicheng.selfissued.queries import certificates as visible_self_issued
from zhicheng.statistics import queries
from zhicheng.statistics.areas import Area, area_of
from zhicheng.statistics.definitions import (
    BY_KEY,
    DIMENSIONS,
    GRADE_OF_LEVEL,
    MADE_OF,
    MEASURES,
    UNKNOWN,
    Dimension,
    Measure,
)
from zhicheng.statistics.models import CertificateFact, PersonFact, SelfIssuedFact
from zhicheng.statistics.page_parts import year_of
from zhicheng.statistics.suppression import is_small
from zhicheng.web.lists import Column, ListPage, Text
from zhicheng.web.pages import account_of
from zhicheng.web.saying import say

SORTED_AT_ONCE = 50_000


def _narrowed(request: HttpRequest, area: Area) -> dict[Dimension, int]:
    """What the list is narrowed to: outside the office to a year alone.

    Each narrower list would be there or not, which tells of whom it leaves out.
    """
    found = {}
    for item in area.dimensions if area.exact else ():
        text = request.GET.get(DIMENSIONS[item].key, "")
        if text.isascii() and text.isdigit() and len(text) < 10:
            found[item] = int(text)
    if not area.exact:
        asked = request.GET.get(DIMENSIONS[Dimension.YEAR].key, "")
        found[Dimension.YEAR] = year_of(asked, queries.years()) or UNKNOWN
    return found


def _conditions(where: dict[Dimension, int]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for item, code in where.items():
        if item is Dimension.GRADE:
            found["level__in"] = [level for level, grade in GRADE_OF_LEVEL.items() if grade == code]
        elif item is not Dimension.YEAR:
            found[DIMENSIONS[item].column] = code
    return found


class _People(ListPage):
    """What both lists share."""

    title = _l("统计所含人员")
    purpose = _l("统计数字背后的人员，只列您有权查看的；证件号码隐去中间各位。")
    clause = "N19"
    template_name = "statistics/people.html"
    action = Action.STATISTICS_VIEW
    empty_title: Text = _l("没有您有权查看的人员")
    empty_text: Text = _l("统计数字可以查看，人员名单只列本单位填报、发放、签章或核准的。")
    export_name = "statistics-people"
    measure = Measure.ISSUED
    key = ""
    # By a column once there are few enough to be counted.
    quick_sorts = ()

    def _sorted(
        self, rows: QuerySet[Any], request: HttpRequest, count: int
    ) -> tuple[QuerySet[Any], str]:
        """In the order of their entry.

        Few among many are found by their index and sorted; the planner would rather walk a whole
        table in that order, so what is sorted by isn't quite the key. Many are met at once.
        """
        wanted = request.GET.get("sort", "")
        if any(wanted in self._sorts(column, count) for column in self.columns):
            return super()._sorted(rows, request, count)
        where = self.where
        few = where and (
            Dimension.YEAR in where
            or sum(queries.counts(self.measure, [], where).values()) < SORTED_AT_ONCE
        )
        return rows.order_by((F(self.key) + 0).asc() if few else F(self.key).asc()), ""

    @cached_property
    def area(self) -> Area:
        """The account's one area."""
        return area_of(self.account)

    @cached_property
    def where(self) -> dict[Dimension, int]:
        """The figure's own narrowing, and the area's above it."""
        return {**_narrowed(self.request, self.area), **self.area.where}

    def seen(self, where: dict[Dimension, int]) -> QuerySet[Any]:
        """The cases of the figure, so narrowed, that the account may see."""
        raise ValueError("a list of people gives its cases")

    def get_queryset(self) -> QuerySet[Any]:
        """Those that may be seen; nobody where their number would tell of others."""
        rows = self.seen(self.where)
        if self.area.exact:
            return rows
        # The same words for nobody and for too few: else they would tell one from the other.
        self.empty_title = _("没有可以列出的人员")
        self.empty_text = _(
            "没有您有权查看的人员；或者这一年不足 5 人，或其中您无权查看的不足 5 人，"
            "列出名单会使人推算出他们。"
        )
        return rows.none() if self._tells_of_others(rows) else rows

    def _tells_of_others(self, rows: QuerySet[Any]) -> bool:
        group = sum(queries.counts(self.measure, [], self.where).values())
        return is_small(group) or is_small(group - rows.order_by().values("pk").count())

    def extra_context(self) -> dict[str, Any]:
        """Which figure, in words."""
        told = [str(MEASURES[self.measure].label)]
        for item, code in self.where.items():
            words = queries.labels(item, [code]).get(code, str(code))
            told.append(f"{DIMENSIONS[item].label}：{words}")
        return {"told": told}

    def _is_narrowed(self, request: HttpRequest) -> bool:
        # By the figure alone: there is nothing on the page that could be cleared.
        return False

    def _filters_in_words(self, request: HttpRequest) -> dict[str, str]:
        told = {DIMENSIONS[item].key: str(code) for item, code in self.where.items()}
        return {"m": MEASURES[self.measure].key, **told}


class PassedPeople(_People):
    """People whom approval documents list."""

    measure = Measure.PASSED
    key = "person_id"
    columns: ClassVar = (
        Column(_l("姓名"), "person.name", sort="person__name", kind="code"),
        Column(_l("性别"), lambda row: say(row.person.sex), sort="person__sex"),
        Column(_l("身份证号码"), "person.id_number_masked", kind="code"),
        Column(_l("工作单位"), "person.work_unit", sort="person__work_unit"),
        Column(_l("资格名称"), "person.qualification", sort="person__qualification"),
        Column(_l("专业名称"), "person.specialty"),
        Column(_l("级别"), "person.get_level_display"),
        Column(_l("批准时间"), "person.approval_date", sort="person__approval_date", kind="date"),
        Column(
            _l("批准文号"),
            "person.document.number",
            kind="code",
            link=lambda row: f"/approvals/{row.person.document_id}/",
        ),
    )

    def seen(self, where: dict[Dimension, int]) -> QuerySet[PersonFact]:
        """Those listed in documents, or with certificates, that the account may see."""
        rows = PersonFact.objects.filter(**_conditions(where))
        year = where.get(Dimension.YEAR)
        if year is not None:
            rows = rows.filter(passed_year=year)
        # Whoever approved may see everybody in the document: nothing more to ask.
        if self.area.dimension not in (None, Dimension.DEPARTMENT):
            mine = visible_certificates(self.account).filter(approved_person=OuterRef("person"))
            rows = rows.filter(
                Q(person__document__in=visible_documents(self.account).values("pk"))
                | Exists(mine.order_by().values("pk"))
            )
        return rows.select_related("person__document").defer(
            "person__id_number_cipher", "person__id_number_index", "person__document__scan"
        )


class CertificatePeople(_People):
    """People whose certificates make up a figure."""

    key = "certificate_id"
    columns: ClassVar = (
        Column(
            _l("证书编号"),
            "certificate.number",
            sort="certificate__number",
            kind="code",
            link=lambda row: f"/certificates/{row.certificate_id}/",
        ),
        Column(_l("姓名"), "certificate.name", sort="certificate__name", kind="code"),
        Column(_l("性别"), lambda row: say(row.certificate.sex), sort="certificate__sex"),
        Column(_l("身份证号码"), "certificate.id_number_masked", kind="code"),
        Column(_l("工作单位"), "certificate.work_unit", sort="certificate__work_unit"),
        Column(_l("资格名称"), "certificate.qualification", sort="certificate__qualification"),
        Column(_l("级别"), "certificate.get_level_display"),
        Column(
            _l("批准时间"),
            "certificate.approval_date",
            sort="certificate__approval_date",
            kind="date",
        ),
        Column(_l("发放时间"), "certificate.issued_at", sort="certificate__issued_at", kind="time"),
        Column(_l("作废时间"), "certificate.voided_at", sort="certificate__voided_at", kind="time"),
    )

    def seen(self, where: dict[Dimension, int]) -> QuerySet[CertificateFact]:
        """The certificates of the figure that the account may see."""
        rows = CertificateFact.objects.filter(**_conditions(where))
        rows = rows.filter(_of_measure(self.measure, where.get(Dimension.YEAR)))
        # What one issues or approved one may see: nothing more to ask.
        whole = (None, Dimension.DEPARTMENT, Dimension.ISSUER)
        if self.area.dimension not in whole:
            rows = rows.filter(certificate__in=visible_certificates(self.account).values("pk"))
        return rows.select_related("certificate").defer(
            "certificate__id_number_cipher", "certificate__id_number_index"
        )


class SelfIssuedPeople(_People):
    """People whose certificates their own units issued."""

    key = "certificate_id"
    columns: ClassVar = (
        Column(
            _l("证书编号"),
            "certificate.number",
            sort="certificate__number",
            kind="code",
            link=lambda row: row.certificate.get_absolute_url(),
        ),
        Column(_l("姓名"), "certificate.name", sort="certificate__name", kind="code"),
        Column(_l("性别"), lambda row: say(row.certificate.sex), sort="certificate__sex"),
        Column(_l("身份证号码"), "certificate.id_number_masked", kind="code"),
        Column(_l("发放单位"), "certificate.unit"),
        Column(_l("资格名称"), "certificate.qualification", sort="certificate__qualification"),
        Column(_l("级别"), "certificate.get_level_display"),
        Column(
            _l("批准时间"),
            "certificate.approval_date",
            sort="certificate__approval_date",
            kind="date",
        ),
        Column(_l("发证日期"), "certificate.issued_on", sort="certificate__issued_on", kind="date"),
    )

    def seen(self, where: dict[Dimension, int]) -> QuerySet[SelfIssuedFact]:
        """The units' own certificates that the account may see."""
        rows = SelfIssuedFact.objects.filter(**_conditions(where))
        year = where.get(Dimension.YEAR)
        if year is not None:
            rows = rows.filter(issued_year=year)
        rows = rows.filter(certificate__in=visible_self_issued(self.account).values("pk"))
        return rows.select_related("certificate__unit").defer(
            "certificate__id_number_cipher", "certificate__id_number_index"
        )


def _of_measure(measure: Measure, year: int | None) -> Q:
    if measure is Measure.IN_FORCE:
        # What was in force at the end of the year; today where no year is asked.
        if year is None:
            return Q(voided_year=0)
        return Q(issued_year__lte=year) & (Q(voided_year=0) | Q(voided_year__gt=year))
    if measure in (Measure.VOIDED, Measure.REVOKED):
        found = Q(voided_year=year) if year else Q(voided_year__gt=0)
        return found & Q(revoked=True) if measure is Measure.REVOKED else found
    if measure is Measure.LOST:
        return Q(lost_year=year) if year else Q(lost_year__gt=0)
    parts = [int(part) for part in MADE_OF.get(measure, {measure: 1})]
    found = Q(how__in=parts)
    return found & Q(issued_year=year) if year else found


def people(request: HttpRequest) -> HttpResponseBase:
    """The list that belongs to the figure."""
    measure = BY_KEY.get(request.GET.get("m", ""), Measure.ISSUED)
    if request.user.is_authenticated:
        account = account_of(request)
        require(account, Action.STATISTICS_VIEW, area_of(account))
        if measure not in area_of(account).measures:
            measure = Measure.ISSUED
    pages: dict[Measure, type[_People]] = {
        Measure.PASSED: PassedPeople,
        Measure.SELF_ISSUED: SelfIssuedPeople,
    }
    return pages.get(measure, CertificatePeople).as_view(measure=measure)(request)
