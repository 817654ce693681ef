"""Outside the office nothing else than a table's numbers tells of small groups either (N19).

Not the order of lines, not the page of units' work, not the list of people behind a figure.
"""

import io
import re

import openpyxl
import pypdfium2
import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.statistics.outside import NAMES, area, as_, count, recount
from tests.support.city import City
from tests.support.counted import fill
from zhicheng.statistics import comparing, processes, queries, refreshing
from zhicheng.statistics.areas import area_of
from zhicheng.statistics.definitions import Dimension, Measure
from zhicheng.statistics.models import CertificateFact, Duration, PersonFact, Step, Term
from zhicheng.statistics.notes import rounding_words
from zhicheng.statistics.report_views import compose
from zhicheng.statistics.tables import Question, Table, build
from zhicheng.statistics.workbook import sheet_of
from zhicheng.values.refusal import Refusal

NUMBERS = st.lists(
    st.one_of(st.integers(1, 4), st.integers(1, 40)), min_size=len(NAMES), max_size=len(NAMES)
)


def test_n19_the_order_of_lines_outside_does_not_follow_hidden_counts(city: City) -> None:
    mine = area(city, "enterprise")
    whole = area(city, "office", "officer")
    assert not mine.exact and mine.dimension is Dimension.ISSUER
    terms = [Term.objects.create(kind="series", text=name) for name in NAMES]
    question = Question(Measure.ISSUED, Dimension.SERIES, None, 2025)

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(NUMBERS, NUMBERS)
    def check(now: list[int], before: list[int]) -> None:
        count(mine, terms, 2025, now)
        count(mine, terms, 2024, before)
        table = build(mine, question)
        lines = [] if table.left_out else sorted(NAMES)
        assert [line.label for line in table.lines] == lines
        # The Excel file and the report take their lines from the table.
        assert [row[0] for row in sheet_of(table).rows] == lines
        # Two years side by side go by what is shown, and by name among equals.
        found = comparing.compare(mine, Measure.ISSUED, Dimension.SERIES, 2024, 2025)
        shown = [(-(line.b.n or 0), line.label) for line in found.lines if not line.total]
        assert shown == sorted(shown)
        # Whoever sees the numbers has the largest first.
        sizes = [line.cells[0].n or 0 for line in build(whole, question).lines]
        assert sizes == sorted(sizes, reverse=True)

    check()


def test_n19_columns_outside_stand_in_their_own_order_too(city: City) -> None:
    fill(city, 300)
    refreshing.rebuild()
    table = build(
        area(city, "health"), Question(Measure.PASSED, Dimension.ISSUER, Dimension.LEVEL, 2024)
    )
    names = [line.label for line in table.lines if line.code]
    assert len(names) > 2 and names == sorted(names)
    codes = [code for code, _label in table.heads if code]
    assert codes == sorted(codes)


@pytest.fixture
def many(city: City) -> City:
    fill(city, 400)
    refreshing.rebuild()
    return city


COUNTS = ("issued", "reissued", "in_force")
PAPERS = ("registers", "returned", "used", "spoiled")


def test_n19_units_work_is_hidden_and_in_fives_outside(few: City) -> None:
    office = area(few, "office", "officer")
    seen = {"hidden": 0, "shown": 0, "no days": 0, "days": 0}
    for organization in ("enterprise", "district", "health"):
        mine = area(few, organization)
        for year in queries.years():
            exact = {unit.code: unit for unit in processes.units(office, year)}
            for unit in processes.units(mine, year):
                assert unit.code == mine.organization.pk and not unit.links
                for name in COUNTS:
                    true, told = getattr(exact[unit.code], name), getattr(unit, name)
                    if 0 < true < 5:
                        assert told is None
                        seen["hidden"] += 1
                    else:
                        assert told % 5 == 0 and abs(told - true) <= 2
                        seen["shown"] += 1
                # Papers of its own it has in its lists, one by one.
                for name in PAPERS:
                    assert getattr(exact[unit.code], name) == getattr(unit, name)
                for kind, step in unit.steps.items():
                    true = exact[unit.code].steps[kind]
                    if 0 < true.n < 5:
                        assert (step.n, step.median, step.ninth) == (None, None, None)
                        seen["no days"] += 1
                    elif true.n:
                        assert step.n % 5 == 0
                        assert (step.median, step.ninth) == (true.median, true.ninth)
                        seen["days"] += 1
                # A rate is that of the numbers shown, or else it would give them away.
                if unit.reissued and unit.in_force:
                    assert unit.reissue_rate == round(100 * unit.reissued / unit.in_force, 2)
                if unit.reissued is None:
                    assert unit.reissue_rate is None
    assert all(seen.values()), seen


def test_n19_days_of_one_certificate_stand_in_no_page_file_or_report(few: City) -> None:
    enterprise = few.enterprise
    Duration.objects.filter(issuer_id=enterprise.pk, year=2024).delete()
    for step in Step:
        Duration.objects.create(step=step, issuer_id=enterprise.pk, year=2024, days=977, n=1)
    assert "977" in as_(few, "office").get("/statistics/process/?year=2024").content.decode()
    client = as_(few, "enterprise")
    page = client.get("/statistics/process/?year=2024")
    assert page.context["units"] and "977" not in page.content.decode()
    assert "证书的数字不足 5 的以 * 代替" in page.content.decode()
    answer = client.get("/statistics/process/?year=2024&export=xlsx")
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[arg-type]
    heads, *lines = [
        [cell.value for cell in line] for line in book["办理情况"].iter_rows(min_row=5)
    ]
    (row,) = [line for line in lines if line[0] == enterprise.short_name]
    told = dict(zip(heads, row, strict=True))
    for counted in ("受理的登记表", "其中计时的证书", "核发的申请", "生成的电子证书"):
        assert told[counted] == "*"
    assert 977 not in row
    for name in ("首次核发证书", "补办换发证书", "年末有效证书"):
        assert told[name] == "*" or told[name] % 5 == 0
    report = client.get("/statistics/report/?year=2024")
    text = "".join(
        item.get_textpage().get_text_bounded() for item in pypdfium2.PdfDocument(report.content)
    )
    assert "977" not in text and "比率按所显示的数字计算" in re.sub(r"\s", "", text)
    account = few.who("enterprise", "officer")
    composed = compose(account, area_of(account), 2024, queries.years())
    (work,) = [table for table in composed.tables if table.title == "办理情况"]
    assert work.rows[0][2:4] == ["—", "—"]


def test_n19_the_list_of_people_outside_is_narrowed_by_nothing_but_its_year(many: City) -> None:
    client = as_(many, "health", "clerk")
    address = "/statistics/people/?m=passed&year=2024"
    plain = client.get(address).context["page"].count
    assert plain > 10
    for narrowing in ("&age=1", "&sex=2", "&level=3", "&series=1&level=2", "&qualification=1"):
        answer = client.get(address + narrowing)
        assert answer.context["page"].count == plain, narrowing
        assert len(answer.context["told"]) == 3  # the figure, the year, the area
    office = as_(many, "office")
    every = office.get(address).context["page"].count
    assert 0 < office.get(address + "&sex=2&age=3").context["page"].count < every


def test_n19_the_list_of_people_outside_is_of_one_year(many: City) -> None:
    client = as_(many, "enterprise", "clerk")
    for address in ("?m=issued", "?m=issued&year=1900", "?m=issued&year=2025"):
        years = {
            row.row.issued_year
            for row in client.get(f"/statistics/people/{address}").context["page"].rows
        }
        assert len(years) <= 1
    assert years == {2025}


def _listed(client: Client, query: str) -> int:
    return int(client.get(f"/statistics/people/?{query}").context["page"].count)


def test_n19_no_list_where_its_length_would_tell_of_the_others(few: City) -> None:
    """Of a district's people the district sees those whose certificates it handles."""
    client = as_(few, "district", "clerk")
    here = area(few, "district")
    assert here.dimension is Dimension.REGION
    inside = {"region_id": here.code, "issued_year": 2024, "how": 2}
    CertificateFact.objects.filter(issued_year=2024).exclude(issuer_id=few.district.pk).delete()
    others = CertificateFact.objects.filter(issued_year=2025, how=2).exclude(
        issuer_id=few.district.pk
    )
    mine = CertificateFact.objects.filter(issuer_id=few.district.pk, how=2)
    assert mine.count() >= 12 and others.count() >= 6
    mine.update(region_id=here.code, issued_year=2024)
    own = CertificateFact.objects.filter(**inside).count()
    for rest, given_out in ((0, True), (1, False), (4, False), (5, True)):
        taken = list(others.order_by("pk").values_list("pk", flat=True)[:rest])
        CertificateFact.objects.filter(pk__in=taken).update(**inside)
        recount()
        assert queries.counts(Measure.ISSUED, [], {**here.where, Dimension.YEAR: 2024})[()] == (
            own + rest
        )
        assert _listed(client, "m=issued&year=2024") == (own if given_out else 0)
        told = client.get("/statistics/people/?m=issued&year=2024").content.decode()
        nobody = client.get("/statistics/people/?m=issued&year=1900").content.decode()
        words = "没有可以列出的人员"
        # Where too few may be seen it reads as where nobody is.
        assert (words in told) is not given_out and words in nobody
        if not given_out:
            file = client.get("/statistics/people/?m=issued&year=2024&export=xlsx")
            content = io.BytesIO(b"".join(file.streaming_content))  # type: ignore[arg-type]
            assert openpyxl.load_workbook(content).active.max_row == 1
        CertificateFact.objects.filter(pk__in=taken).update(issued_year=2025)


def test_n19_a_small_group_is_no_list_even_where_all_of_it_may_be_seen(few: City) -> None:
    client = as_(few, "health", "clerk")
    facts = PersonFact.objects.filter(department_id=few.health.pk)
    year = queries.years()[-1]
    ids = list(facts.order_by("pk").values_list("pk", flat=True))
    facts.update(passed_year=year - 30)
    for true in (3, 4, 5, 6):
        facts.filter(pk__in=ids[:true]).update(passed_year=year)
        recount(Measure.PASSED)
        assert facts.filter(passed_year=year).count() == true
        assert _listed(client, f"m=passed&year={year}") == (true if true >= 5 else 0)


def _shown(table: Table, *, turned: bool = False) -> dict[tuple[int, int], int | None]:
    """What stands in each inner cell, by the codes of both dimensions."""
    found = {}
    for line in table.lines:
        for (code, _label), cell in zip(table.heads, line.cells, strict=True):
            found[(code, line.code) if turned else (line.code, code)] = cell.n
    return found


AREAS = (("district", "clerk"), ("health", "clerk"), ("enterprise", "clerk"), ("hospital", "clerk"))
PAIRS = (
    (Dimension.LEVEL, Dimension.SEX),
    (Dimension.LEVEL, Dimension.AGE),
    (Dimension.SEX, Dimension.AGE),
    (Dimension.MODE, Dimension.LEVEL),
)


def test_n19_a_table_turned_round_hides_the_same(few: City) -> None:
    """Two that hide differently would give away together what each of them hides."""
    compared = 0
    for organization, role in AREAS:
        mine = area(few, organization, role)
        for rows, columns in PAIRS:
            for year in (None, *queries.years()):
                for measure in mine.measures:
                    try:
                        one = build(mine, Question(measure, rows, columns, year))
                        other = build(mine, Question(measure, columns, rows, year))
                    except Refusal:
                        continue
                    assert _shown(one) == _shown(other, turned=True)
                    compared += one.hidden
    assert compared > 10


def test_n19_a_table_of_years_hides_what_each_years_own_table_hides(city: City) -> None:
    mine = area(city, "enterprise")
    # Their names stand in another order than their codes.
    terms = [Term.objects.create(kind="series", text=name) for name in sorted(NAMES, reverse=True)]

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.sampled_from([1, 2, 8, 8, 9]), min_size=6, max_size=6))
    def check(numbers: list[int]) -> None:
        count(mine, terms, 2025, numbers)
        count(mine, terms, 2024, [9, *numbers[1:]])
        every = _shown(build(mine, Question(Measure.ISSUED, Dimension.SERIES, Dimension.YEAR)))
        turned = build(mine, Question(Measure.ISSUED, Dimension.YEAR, Dimension.SERIES))
        assert every == _shown(turned, turned=True)
        for year in (2024, 2025):
            own = build(mine, Question(Measure.ISSUED, Dimension.SERIES, None, year))
            alone = {(line.code, year): line.cells[0].n for line in own.lines}
            together = {place: n for place, n in every.items() if place[1] == year}
            if own.left_out:
                # Another year may tell that the group exists, never that it does in this one.
                assert not alone and set(together.values()) <= {None}
            else:
                assert alone == together

    check()


def test_every_page_with_rounded_figures_says_that_they_are(city: City) -> None:
    fill(city, 300)
    refreshing.rebuild()
    addresses = ("overview/?year=2024", "table/?m=issued&rows=level&year=2024",
                 "table/?m=issued&rows=level&columns=sex&year=2024",
                 "compare/?m=issued&rows=level&a=2023&b=2024")  # fmt: skip
    for address in addresses:
        for organization in ("enterprise", "district", "health"):
            page = as_(city, organization).get(f"/statistics/{address}").content.decode()
            assert rounding_words() in page, (organization, address)
        assert "取整" not in as_(city, "office").get(f"/statistics/{address}").content.decode()


def test_rounded_figures_are_told_of_where_none_is_hidden(city: City) -> None:
    terms = [Term.objects.create(kind="series", text=name) for name in NAMES[:2]]
    mine = area(city, "enterprise")
    count(mine, terms, 2024, [38, 12])
    count(mine, terms, 2025, [40, 13])
    found = comparing.compare(mine, Measure.ISSUED, Dimension.SERIES, 2024, 2025)
    assert not found.any_hidden and found.lines[-1].b.n == 53
    assert sum(line.b.n or 0 for line in found.lines[:-1]) == 55
    assert found.fine_print == rounding_words()
