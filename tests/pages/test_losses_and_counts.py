"""Losses, alarms, investigations and stock-taking through their pages (N9, N18)."""

import io
import re

import pdfplumber
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook
from PIL import Image

from tests.pages.test_stock_and_station import window
from tests.support.city import City, accepted_register, carry, deliver
from tests.support.pages import text_of
from zhicheng.blanks.models import BlankCase, Holding, Sighting, Stocktake
from zhicheng.certificates.models import Certificate
from zhicheng.certificates.reconcile import reconcile

pytestmark = pytest.mark.django_db


def picture() -> SimpleUploadedFile:
    made = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(made, "PNG")
    return SimpleUploadedFile("现场.png", made.getvalue(), content_type="image/png")


def pdf_text(content: bytes) -> str:
    with pdfplumber.open(io.BytesIO(content)) as pdf:
        return "".join(page.extract_text() or "" for page in pdf.pages).replace(" ", "")


def lost_case(city: City, serials: str = "0012001-0012003") -> BlankCase:
    clerk = window(city, "office", "clerk")
    said = clerk.post(
        "/blanks/cases/new/", {"serials": serials, "note": "库房清点时发现缺少"}, follow=True
    )
    assert "即刻封控" in text_of(said)
    return BlankCase.objects.latest("id")


def test_n18_a_loss_is_reported_by_scanner_and_range_with_evidence(city: City) -> None:
    register = accepted_register(city, 6)
    deliver(city, 20)
    carry(city, register, "sealed")
    clerk = window(city, "health", "clerk")
    assert clerk.get("/blanks/cases/new/").status_code == 200
    scanned = clerk.post("/blanks/cases/new/scan/", {"text": "0012001"}).json()
    assert scanned["value"] == 12001
    assert clerk.post("/blanks/cases/new/scan/", {"text": "12019"}).json()["value"] is None
    empty = clerk.post("/blanks/cases/new/", {"serials": "", "note": "不见了"})
    assert empty.status_code == 422
    bearing = clerk.post("/blanks/cases/new/", {"serial": "12001", "note": "500103198502141234"})
    assert "不能填写身份证号码" in text_of(bearing)
    said = clerk.post(
        "/blanks/cases/new/",
        {
            "serial": ["12001"],
            "serials": "0012002-0012003",
            "note": "文件袋遗失",
            "file": picture(),
        },
        follow=True,
    )
    page = text_of(said)
    assert "3 本空白证书即刻封控" in page
    assert "证书改用备用证书重制" in page
    case = BlankCase.objects.get()
    file = case.entries.get(file__isnull=False).file
    assert file is not None
    answer = clerk.get(f"/blanks/cases/{case.pk}/files/{file.token}/")
    assert answer.headers["Content-Type"] == "image/png"
    stranger = window(city, "industry", "officer")
    for path in ("", "report.pdf", f"files/{file.token}/"):
        assert stranger.get(f"/blanks/cases/{case.pk}/{path}").status_code == 404
    assert reconcile().passed


def test_n18_a_case_goes_from_entry_to_outcome_and_is_printed(city: City) -> None:
    deliver(city, 20)
    case = lost_case(city)
    address = f"/blanks/cases/{case.pk}/"
    opener, chief = window(city, "office", "clerk"), window(city, "office", "officer")
    opener.post(f"{address}entries/", {"text": "调看监控，未见异常", "file": picture()})
    assert "调看监控" in text_of(chief.get(address))
    assert opener.post(f"{address}settle/", {"outcome": "found"}).status_code == 403
    part = {
        "outcome": "found",
        "serials": "0012001",
        "place": "spoiled",
        "conclusion": "找回一本，已浸水",
    }
    assert "还有 2 本待查明" in text_of(chief.post(f"{address}settle/", part, follow=True))
    rest = {"outcome": "written_off", "conclusion": "其余未找回，登报声明作废"}
    assert "已结案" in text_of(chief.post(f"{address}settle/", rest, follow=True))
    closed = chief.post(f"{address}settle/", rest)
    assert closed.status_code == 422
    text = pdf_text(chief.get(f"{address}report.pdf").content)
    for words in (case.number, "叁", "调看监控", "部分找回", "登报声明作废", "签字"):
        assert words in text, words
    listed = chief.get("/blanks/cases/", {"progress": "closed", "export": "xlsx"})
    book = load_workbook(io.BytesIO(b"".join(listed.streaming_content)))  # type: ignore[attr-defined]
    assert case.number in [str(cell.value) for row in book.active.iter_rows() for cell in row]
    assert case.number not in text_of(chief.get("/blanks/cases/", {"progress": "open"}))
    assert case.number not in text_of(chief.get("/blanks/cases/", {"age": "3"}))
    assert reconcile().passed


def test_n18_a_search_for_a_lost_blank_leads_those_who_may_see_it_to_its_life(city: City) -> None:
    deliver(city, 20)
    lost_case(city, "0012003")
    found = window(city, "office", "officer").get("/blanks/serials/", {"q": "0012003"})
    assert found.status_code == 422  # the alarm all the same
    assert 'href="/blanks/serials/0012003/"' in found.content.decode()
    stranger = window(city, "industry", "clerk").get("/blanks/serials/", {"q": "0012003"})
    assert stranger.status_code == 422
    assert "/blanks/serials/0012003/" not in stranger.content.decode()
    assert Sighting.objects.count() == 2


def test_n18_a_blank_s_page_tells_its_cases_and_where_it_appeared(city: City) -> None:
    deliver(city, 20)
    case = lost_case(city, "0012003-0012004")
    window(city, "industry", "clerk").post("/blanks/scan/", {"text": "0012003"})
    assert Sighting.objects.count() == 1
    page = text_of(window(city, "office", "officer").get("/blanks/serials/0012003/"))
    for words in (case.number, "失控证书出现", city.who("industry", "clerk").display_name):
        assert words in page, words
    other = text_of(window(city, "office", "auditor").get("/blanks/serials/0012004/"))
    assert case.number in other
    assert "失控证书出现" not in other


@pytest.mark.parametrize(
    ("who", "path", "fields"),
    [
        (("health", "clerk"), "/certificates/registers/{register}/scan/", {"text": "0012001"}),
        (("office", "officer"), "/blanks/scan/", {"text": "12001"}),
        (("health", "clerk"), "/blanks/serials/?q=0012001", None),
        (
            ("health", "clerk"),
            "/certificates/registers/{register}/spoil/",
            {"serials": "0012001", "reason": "other", "note": ""},
        ),
        (
            ("office", "officer"),
            "/blanks/exchange/{register}/intermediate/take-back/",
            {"serials": "0012001"},
        ),
        (
            ("office", "officer"),
            "/blanks/destructions/propose/",
            {"grade": "intermediate", "serials": "0012001"},
        ),
        (
            ("office", "officer"),
            "/blanks/runs/new/",
            {
                "grade": "intermediate",
                "serials": "0012001-0012002",
                "received_on": "2026-01-05",
                "confirmed_count": "2",
            },
        ),
    ],
)
def test_n18_wherever_a_lost_serial_is_named_the_case_is_named_and_the_alarm_raised(
    city: City, who: tuple[str, str], path: str, fields: dict[str, str] | None
) -> None:
    register = accepted_register(city, 6)
    deliver(city, 20)
    carry(city, register, "received")
    window(city, "health", "clerk").post(
        "/blanks/cases/new/", {"serials": "0012001", "note": "不见了"}
    )
    case = BlankCase.objects.get()
    client, address = window(city, *who), path.format(register=register.pk)
    answer = client.get(address) if fields is None else client.post(address, fields)
    assert answer.status_code == 422
    said = answer.content.decode()
    if "json" in answer.headers["Content-Type"]:
        said = answer.json()["label"]
    assert case.number in said
    sighting = Sighting.objects.get()
    assert (sighting.case, sighting.seen_by) == (case, city.who(*who))
    assert sighting.organization == city.who(*who).organization
    assert reconcile().passed


def test_n18_the_office_sees_the_alarm_and_says_what_it_did(city: City) -> None:
    deliver(city, 20)
    case = lost_case(city)
    chief = window(city, "office", "officer")
    page_before = "http://testserver/blanks/exchange/?q=1"
    chief.post("/blanks/scan/", {"text": "12002"}, headers={"Referer": page_before})
    assert Sighting.objects.get().attempted == "换取"
    assert "失控证书警报" in text_of(chief.get("/tasks/"))
    page = text_of(chief.get("/blanks/alarms/"))
    assert "待处理 1 条" in page
    assert case.number in page
    sighting = Sighting.objects.get()
    assert window(city, "health", "officer").get("/blanks/alarms/").status_code == 403
    auditor = window(city, "office", "auditor")
    assert auditor.get("/blanks/alarms/").status_code == 200
    fields = {"sighting": [sighting.pk], "text": "已扣下实物"}
    assert auditor.post("/blanks/alarms/acknowledge/", fields).status_code == 403
    unsaid = chief.post("/blanks/alarms/acknowledge/", {"sighting": [sighting.pk], "text": ""})
    assert unsaid.status_code == 422
    done = chief.post("/blanks/alarms/acknowledge/", fields, follow=True)
    assert "已处理警报 1 条" in text_of(done)
    assert chief.post("/blanks/alarms/acknowledge/", fields).status_code == 422
    assert "失控证书警报" not in text_of(chief.get("/tasks/"))
    assert "已扣下实物" in text_of(chief.get(f"/blanks/cases/{case.pk}/"))


def test_n18_a_count_by_scanner_and_ranges_in_two_sittings_with_its_protocol(city: City) -> None:
    deliver(city, 20)
    clerk, chief = window(city, "office", "clerk"), window(city, "office", "officer")
    assert "已开始，账面 20 本" in text_of(
        clerk.post("/blanks/stocktakes/start/", {"grade": "intermediate", "scope": ""}, follow=True)
    )
    stocktake = Stocktake.objects.get()
    address = f"/blanks/stocktakes/{stocktake.pk}/"

    def scan(client: Client, text: str) -> str:
        return client.post(f"{address}scan/", {"text": text}).json()["outcome"]

    assert [scan(clerk, text) for text in ("0012001", "12001", "0990001", "没有")] == [
        "known",
        "again",
        "unexpected",
        "unreadable",
    ]
    assert scan(chief, "0012002") == "known"
    said = text_of(clerk.post(f"{address}count/", {"serials": "0012002-0012018"}, follow=True))
    assert "已清点 16 本" in said
    assert "1 本先前已清点" in said
    assert "18 / 20" in said
    entry = stocktake.counts.get(serials__contains=990001)
    clerk.post(f"{address}entries/{entry.pk}/withdraw/")
    assert "短缺 2 本，溢出 0 本" in text_of(clerk.post(f"{address}finish/", follow=True))
    assert "待监盘确认" in text_of(chief.get("/tasks/"))
    assert clerk.post(f"{address}confirm/").status_code == 403
    assert "差异已立案" in text_of(chief.post(f"{address}confirm/", follow=True))
    case = BlankCase.objects.get()
    assert case.serials == ["0012019-0012020"]
    text = pdf_text(clerk.get(f"{address}protocol.pdf").content)
    for words in (
        stocktake.number,
        "贰拾",
        "壹拾捌",
        "0012019-0012020",
        case.number,
        "监盘人",
        "签字",
    ):
        assert words in text, words
    assert "0012019-0012020" in text_of(chief.get(address))
    assert reconcile().passed


def test_a_blocked_blank_in_a_count_is_red_and_stands_in_the_protocol(city: City) -> None:
    deliver(city, 20)
    case = lost_case(city, "0012005")
    clerk = window(city, "office", "clerk")
    clerk.post("/blanks/stocktakes/start/", {"grade": "", "scope": ""})
    stocktake = Stocktake.objects.get()
    address = f"/blanks/stocktakes/{stocktake.pk}/"
    answer = clerk.post(f"{address}scan/", {"text": "0012005"})
    assert answer.status_code == 422
    assert case.number in answer.json()["label"]
    assert clerk.post(f"{address}count/", {"serials": "0012001-0012020"}).status_code == 422
    assert Sighting.objects.filter(case=case).count() == 2
    assert case.number in text_of(clerk.get(address))
    assert case.number in pdf_text(clerk.get(f"{address}protocol.pdf").content)


def test_other_organisations_do_not_learn_of_a_count_or_a_case(city: City) -> None:
    deliver(city, 20)
    case = lost_case(city)
    window(city, "office", "clerk").post("/blanks/stocktakes/start/", {"grade": "", "scope": ""})
    stocktake = Stocktake.objects.get()
    reads = (
        f"/blanks/cases/{case.pk}/",
        f"/blanks/cases/{case.pk}/report.pdf",
        f"/blanks/stocktakes/{stocktake.pk}/",
        f"/blanks/stocktakes/{stocktake.pk}/protocol.pdf",
    )
    steps = (
        f"/blanks/cases/{case.pk}/entries/",
        f"/blanks/cases/{case.pk}/settle/",
        f"/blanks/cases/{case.pk}/replace/",
        *(
            f"/blanks/stocktakes/{stocktake.pk}/{step}/"
            for step in ("scan", "count", "finish", "resume", "abandon", "confirm")
        ),
    )
    for who in (("health", "officer"), ("district", "clerk"), ("hospital", "clerk")):
        client = window(city, *who)
        for path in reads:
            assert client.get(path).status_code in (403, 404), (who, path)
        for path in steps:
            assert client.post(path).status_code in (403, 404), (who, path)
    administrator = window(city, "office", "administrator")
    assert {administrator.get(path).status_code for path in reads} == {403}
    auditor = window(city, "office", "auditor")
    assert {auditor.get(path).status_code for path in reads} == {200}
    for path in steps:
        assert auditor.post(path, {"text": "无"}).status_code == 403, path
    assert not case.entries.exists()


def test_the_pages_of_a_case_and_a_count_ask_no_more_for_more_blanks(
    city: City, django_assert_max_num_queries: object
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    deliver(city, 5000)
    numbers = []
    for serials in ("0012001", "0012100-0012150", "0013000-0014999"):
        case = lost_case(city, serials)
        client = window(city, "office", "officer")
        client.get("/tasks/")
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/blanks/cases/{case.pk}/")
        numbers.append(len(queries))
    assert max(numbers) <= min(numbers) + 1
    assert max(numbers) < 40


def test_n9_the_public_never_finds_a_certificate_whose_blank_was_lost_but_the_office_hears_of_it(
    city: City, client: Client
) -> None:
    register = accepted_register(city, 3)
    deliver(city, 20)
    carry(city, register, "embossed")
    certificate = Certificate.objects.order_by("blank_serial")[0]
    window(city, "health", "clerk").post(
        "/blanks/cases/new/", {"serial": [certificate.blank_serial], "note": "寄送途中遗失"}
    )
    asked = {"name": certificate.name, "number": certificate.number}
    answer = client.post("/", asked)
    nobody = client.post("/", {"name": "无此人", "number": certificate.number})
    assert certificate.qualification not in text_of(answer)
    assert BlankCase.objects.get().number not in answer.content.decode()
    # Each page says the second in which it was asked.
    shown, other = (re.sub(r"\d\d:\d\d:\d\d", "", text_of(each)) for each in (answer, nobody))
    assert shown == other
    sighting = Sighting.objects.get()
    assert (sighting.channel, sighting.seen_by) == ("public", None)
    assert certificate.number in sighting.attempted
    # Once a day is enough, however often somebody asks, and by whichever page.
    client.post(f"/v/{certificate.number}", {"name": certificate.name}, follow=True)
    client.post("/", asked)
    assert Sighting.objects.count() == 1
    holding = Holding.objects.get(serials__contains=12001)
    assert holding.custody.state == "lost"


def test_a_paper_is_chinese_whoever_prints_it(city: City) -> None:
    deliver(city, 20)
    case = lost_case(city)
    officer = window(city, "office", "officer")
    officer.post("/blanks/stocktakes/start/", {"grade": "", "scope": ""})
    count = Stocktake.objects.get()
    officer.cookies["django_language"] = "en"
    assert "Blanks lost" in text_of(officer.get(f"/blanks/cases/{case.pk}/"))
    assert "All grades" in text_of(officer.get(f"/blanks/stocktakes/{count.pk}/"))
    text = pdf_text(officer.get(f"/blanks/cases/{case.pk}/report.pdf").content)
    assert "空白证书遗失" in text
    assert "Blank" not in text
    protocol = pdf_text(officer.get(f"/blanks/stocktakes/{count.pk}/protocol.pdf").content)
    assert "全部等级，全部状态" in protocol
    assert "Intermediate" not in protocol


def test_n18_a_bundle_is_counted_by_typing_its_range_into_the_scanner_s_box(city: City) -> None:
    deliver(city, 20)
    clerk = window(city, "office", "clerk")
    clerk.post("/blanks/stocktakes/start/", {"grade": "", "scope": ""})
    path = f"/blanks/stocktakes/{Stocktake.objects.get().pk}/scan/"

    def said(text: str) -> tuple[str, str]:
        answer = clerk.post(path, {"text": text}).json()
        return answer["outcome"], answer["label"]

    assert said("0012001-0012012") == ("known", "0012001-0012012")
    assert said("0012003") == ("again", "0012003")
    assert said("0012012-0012013") == ("known", "0012012-0012013")
    assert said("0099999")[0] == "unexpected"
    outcome, label = said("0012020-0012021")
    assert outcome == "unexpected"
    assert label.startswith("0012021 ")  # the other one of the bundle is where it belongs
    for wrong in ("qq", "", "0", "0012009-0012001", "0012014 0012016", "99999999999999999"):
        assert said(wrong)[0] == "unreadable", wrong


def test_n5_a_difference_at_the_receipt_leads_to_its_case(city: City) -> None:
    register = accepted_register(city, 6)
    deliver(city, 20)
    carry(city, register, "handed_over")
    clerk = window(city, "health", "clerk")
    clerk.post(f"/blanks/allotments/{register.pk}/receive/", {"missing": "0012002", "note": "缺"})
    case = BlankCase.objects.get()
    page = clerk.get(f"/blanks/allotments/{register.pk}/").content.decode()
    assert f'href="/blanks/cases/{case.pk}/"' in page
