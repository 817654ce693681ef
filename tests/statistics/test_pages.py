"""The pages: figures, people, exports, the report, saved views; who sees what (N19)."""

import io
import re
import zipfile

import openpyxl
import pypdfium2
import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.support.city import City
from tests.support.counted import fill
from zhicheng.audit.models import AuditEvent
from zhicheng.statistics import queries, refreshing
from zhicheng.statistics.areas import area_of
from zhicheng.statistics.definitions import MEASURES, Dimension, Measure
from zhicheng.statistics.models import CertificateFact, SavedView
from zhicheng.statistics.tables import build, parse

PAGES = ("overview", "table", "compare", "process", "people", "definitions")
ID_NUMBER = re.compile(r"(?<!\d)\d{17}[\dX](?!\d)")


@pytest.fixture
def counted(city: City) -> City:
    fill(city, 400)
    refreshing.rebuild()
    return city


def as_(city: City, organization: str, role: str = "officer") -> Client:
    client = Client()
    client.force_login(city.who(organization, role))
    return client


def test_n19_every_page_opens_for_whoever_may_and_shows_no_id_number(counted: City) -> None:
    people = [("office", "officer"), ("office", "auditor"), ("health", "clerk"),
              ("district", "officer"), ("enterprise", "clerk"), ("hospital", "clerk")]  # fmt: skip
    for organization, role in people:
        client = as_(counted, organization, role)
        assert client.get("/statistics/").status_code == 302
        for name in PAGES:
            answer = client.get(f"/statistics/{name}/")
            assert answer.status_code == 200, (organization, name)
            assert not ID_NUMBER.search(answer.content.decode())
        refused = client.get("/statistics/report/?year=2024")
        assert refused.status_code == (403 if organization == "hospital" else 200)
    assert as_(counted, "office", "administrator").get("/statistics/").status_code == 403
    assert Client().get("/statistics/table/").status_code == 302


def test_an_empty_city_says_what_to_do(city: City) -> None:
    client = as_(city, "office")
    assert "导入核准文件" in client.get("/statistics/overview/").content.decode()
    for name in PAGES:
        assert client.get(f"/statistics/{name}/").status_code == 200


def test_the_office_sees_the_city_and_others_their_one_area(counted: City) -> None:
    whole = area_of(counted.who("office", "officer"))
    assert whole.exact and whole.where == {}
    assert area_of(counted.who("office", "auditor")).exact
    wanted = {
        "district": Dimension.REGION,
        "health": Dimension.DEPARTMENT,
        "enterprise": Dimension.ISSUER,
        "hospital": Dimension.UNIT,
    }
    for organization, dimension in wanted.items():
        counted.who(organization, "clerk").organization.refresh_from_db()
        area = area_of(type(counted.who(organization, "clerk")).objects.get(
            pk=counted.who(organization, "clerk").pk))  # fmt: skip
        assert area.dimension is dimension and not area.exact
        mine = queries.counts(Measure.ISSUED, [], area.where)[()]
        total = build(area, parse({"m": "issued", "rows": "year"}, area, queries.years()))
        shown = [line.cells[0].n for line in total.lines]
        assert sum(n or 0 for n in shown) <= mine < queries.counts(Measure.ISSUED)[()]


def test_outside_the_office_small_groups_and_free_questions_are_not_to_be_had(
    counted: City,
) -> None:
    account = counted.who("hospital", "clerk")
    area = area_of(account)
    asked = {"m": "voided", "rows": "grade", "columns": "qualification", "f": "sex", "v": "1"}
    question = parse(asked, area, queries.years())
    assert question.measure is Measure.ISSUED
    assert question.rows is Dimension.LEVEL and question.columns is None
    assert question.narrowed is None and question.year == queries.years()[-1]
    page = as_(counted, "hospital", "clerk").get(
        "/statistics/table/?m=issued&rows=age&columns=level&year=2024"
    )
    found = page.context["table"]
    assert found.hidden
    for line in found.lines:
        for cell in line.cells:
            assert cell.n is None or not 0 < cell.n < 5
            assert not cell.link
    assert "*" in page.content.decode()
    # Parts stand in fives: whoever looks before and after a change doesn't see the one person.
    assert all(cell.n is None or cell.n % 5 == 0 for line in found.lines for cell in line.cells)
    assert "按 5 取整" in page.content.decode()
    own = queries.counts(Measure.ISSUED, [], {**area.where, Dimension.YEAR: 2024})[()]
    assert found.total.n == own
    exact = as_(counted, "office").get(
        "/statistics/table/?m=issued&rows=age&columns=level&year=2024"
    )
    assert not exact.context["table"].hidden


def test_a_number_leads_to_just_its_people(counted: City) -> None:
    client = as_(counted, "office")
    page = client.get("/statistics/table/?m=in_force&rows=level&columns=sex&year=2024")
    table = page.context["table"]
    checked = 0
    for line in table.lines:
        for cell in line.cells:
            if cell.link:
                people = client.get(f"/statistics/people/?{cell.link}").context["page"]
                assert people.count == cell.n
                checked += 1
    assert checked >= 6
    for measure in Measure:
        key = MEASURES[measure].key
        page = client.get(f"/statistics/table/?m={key}&rows=grade")
        table = page.context["table"]
        for cell in [*(line.cells[0] for line in table.lines), *table.totals]:
            people = client.get(f"/statistics/people/?{cell.link}").context["page"]
            assert people.count == cell.n, key


def test_sums_lead_to_just_their_people(counted: City) -> None:
    client = as_(counted, "office")
    asked = ("m=in_force&rows=level&columns=sex&year=2024", "m=passed&rows=level&columns=year",
             "m=passed&rows=region&columns=level&f=sex&v=2", "m=in_force&rows=sex&columns=year",
             "m=voided&rows=year&columns=sex")  # fmt: skip
    for query in asked:
        page = client.get(f"/statistics/table/?{query}")
        table = page.context["table"]
        sums = [*(table.totals or []), *([table.total] if table.total else [])]
        sums += [line.total for line in table.lines if line.total]
        assert any(cell.n for cell in sums)
        for cell in sums:
            assert bool(cell.link) is bool(cell.n), query
            if cell.link:
                assert cell.link.replace("&", "&amp;") in page.content.decode()
                people = client.get(f"/statistics/people/?{cell.link}").context["page"]
                assert people.count == cell.n, (query, cell)


def test_people_are_those_whom_the_account_may_see(counted: City) -> None:
    client = as_(counted, "enterprise", "clerk")
    page = client.get("/statistics/people/?m=issued&year=2024")
    mine = {row.row.certificate_id for row in page.context["page"].rows}
    assert len(mine) == page.context["page"].count > 0
    issued = CertificateFact.objects.filter(issued_year=2024, how=2)
    assert mine == set(
        issued.filter(issuer_id=counted.enterprise.pk).values_list("certificate_id", flat=True)
    )
    assert issued.exclude(issuer_id=counted.enterprise.pk).exists()
    # Another's area in the address changes nothing.
    other = client.get(f"/statistics/people/?m=issued&year=2024&issuer={counted.health.pk}")
    assert {row.row.certificate_id for row in other.context["page"].rows} == mine


def test_the_excel_file_has_the_numbers_a_chart_and_the_definition(counted: City) -> None:
    client = as_(counted, "office")
    address = "/statistics/table/?m=passed&rows=level&columns=sex&year=2024"
    table = client.get(address).context["table"]
    content = b"".join(client.get(address + "&export=xlsx").streaming_content)  # type: ignore[arg-type]
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet, told = book["统计表"], book["口径说明"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=5, max_col=4)]
    assert rows[0] == ["级别", *(label for _code, label in table.heads), "合计"]
    for row, line in zip(rows[1:], table.lines, strict=False):
        assert row == [line.label, *(cell.n for cell in line.cells), line.total.n]
    assert rows[len(table.lines) + 1][-1] == table.total.n
    words = " ".join(str(cell.value) for row in told.iter_rows() for cell in row)
    assert str(MEASURES[Measure.PASSED].text) in words and "2024 年" in words
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        chart = parts.read("xl/charts/chart1.xml").decode()
    assert chart.count("<c:ser>") == len(table.heads) and "$A$6" in chart
    event = AuditEvent.objects.latest("sequence")
    assert event.tag == "any:list:export" and event.data["count"] == len(table.lines)


def test_the_report_says_the_figures_period_definitions_and_who_made_it(counted: City) -> None:
    answer = as_(counted, "office").get("/statistics/report/?year=2024")
    assert answer.headers["Content-Type"] == "application/pdf"
    document = pypdfium2.PdfDocument(answer.content)
    text = "".join(page.get_textpage().get_text_bounded() for page in document)
    flat = re.sub(r"\s", "", text)
    for words in ("2024年度职称证书统计报告", "2024年1月1日至12月31日", "统计口径", "数据截至",
                  "office.officer", "首次核发证书", "市职改办"):  # fmt: skip
        assert words in flat, words
    passed = queries.counts(Measure.PASSED, [], {Dimension.YEAR: 2024})[()]
    assert f"评审通过人次（人次）{passed}" in flat
    assert AuditEvent.objects.latest("sequence").tag == "any:statistics:report"
    missing = as_(counted, "office").get("/statistics/report/?year=1999")
    assert missing.status_code == 422
    outside = as_(counted, "district").get("/statistics/report/?year=2024")
    told = "".join(
        page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(outside.content)
    )
    assert "不足 5 人的分组不显示" in re.sub(r"\s+", " ", told)


def test_a_saved_view_opens_first_and_is_its_owners_alone(counted: City) -> None:
    client = as_(counted, "office")
    kept = {"name": "级别与性别", "path": "table", "query": "m=passed&rows=level&columns=sex",
            "is_default": "on"}  # fmt: skip
    answer = client.post("/statistics/views/", kept)
    assert answer.headers["Location"] == "/statistics/table/?m=passed&rows=level&columns=sex"
    assert client.get("/statistics/").headers["Location"] == answer.headers["Location"]
    assert "级别与性别" in client.get("/statistics/overview/").content.decode()
    other = as_(counted, "office", "clerk")
    assert other.get("/statistics/").headers["Location"] == "/statistics/overview/"
    view = SavedView.objects.get()
    assert other.post(f"/statistics/views/{view.pk}/remove/").status_code == 404
    # A second one becomes the default in the first one's place.
    client.post("/statistics/views/", {**kept, "name": "另一个", "query": "m=issued"})
    assert SavedView.objects.count() == 2
    assert SavedView.objects.get(is_default=True).query == "m=issued"
    for wrong in ({"name": " "}, {"path": "../audit"}):
        assert client.post("/statistics/views/", {**kept, **wrong}).status_code == 422
    client.post(f"/statistics/views/{view.pk}/remove/")
    assert SavedView.objects.count() == 1
    assert AuditEvent.objects.filter(tag="any:statistics_view:save").count() == 2


def test_a_kept_views_name_isnt_taken_from_it_unasked(city: City) -> None:
    client = as_(city, "office")
    first = {"name": "月报", "path": "table", "query": "m=passed&rows=level&columns=sex"}
    client.post("/statistics/views/", {**first, "is_default": "on"})
    other = {"name": " 月报 ", "path": "process", "query": "year=2024"}
    refused = client.post("/statistics/views/", other)
    assert refused.status_code == 422
    told = refused.content.decode()
    assert "您已有名为“月报”的统计视图" in told
    assert "统计表 · 评审通过人次（按级别 × 性别）" in told and "替换同名视图" in told
    kept = SavedView.objects.get()
    assert (kept.path, kept.query, kept.is_default) == ("table", first["query"], True)
    # The same page again loses nothing, nor does it stop opening first.
    assert client.post("/statistics/views/", first).status_code == 302
    assert SavedView.objects.get().is_default
    assert client.post("/statistics/views/", {**other, "replace": "on"}).status_code == 302
    kept = SavedView.objects.get()
    assert (kept.path, kept.query, kept.is_default) == ("process", "year=2024", True)
    assert AuditEvent.objects.filter(tag="any:statistics_view:save").count() == 3


def test_the_database_holds_one_default_and_one_name(counted: City) -> None:
    who = counted.who("office", "officer")
    SavedView.objects.create(account=who, name="a", path="table", is_default=True)
    for name, default, constraint in (
        ("b", True, "one_default_view_per_account"),
        ("a", False, "saved_view_has_one_name_per_account"),
        ("", False, "saved_view_has_a_name"),
    ):
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            SavedView.objects.create(account=who, name=name, path="table", is_default=default)


def test_no_page_asks_more_with_more_certificates(city: City) -> None:
    asked = []
    for count in (60, 400):
        with transaction.atomic():
            fill(city, count)
            refreshing.rebuild()
            client, numbers = as_(city, "office"), []
            for name in PAGES:
                with CaptureQueriesContext(connection) as found:
                    client.get(f"/statistics/{name}/?year=2024&columns=sex")
                numbers.append(len(found))
            asked.append(numbers)
            transaction.set_rollback(True)
    assert all(more <= few + 2 for few, more in zip(*asked, strict=True)), asked
