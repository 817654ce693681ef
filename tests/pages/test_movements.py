"""Orders, differences, left-over blanks, requests, records and corrections through their pages."""

import io
from datetime import timedelta

import pdfplumber
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook
from PIL import Image

from tests.support.city import City, accepted_register, carry, deliver
from tests.support.pages import text_of, window
from zhicheng.blanks import ledger
from zhicheng.blanks.models import (
    Allotment,
    BlankCase,
    CustodyState,
    Destruction,
    ExchangeRequest,
    Movement,
    PrintOrder,
    SpareDisposal,
    Spoilage,
)
from zhicheng.certificates.reconcile import reconcile
from zhicheng.registers.models import Register

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate().isoformat


def pdf_text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.headers["Content-Type"] == "application/pdf"
    with pdfplumber.open(io.BytesIO(answer.getvalue())) as pdf:
        return (pdf.pages[0].extract_text() or "").replace(" ", "").replace("\n", "")


def spare_of(register: Register) -> str:
    account = ledger.custody(
        register.issuing_unit_id, CustodyState.SPARE, "intermediate", register.pk
    )
    return ",".join(str(item) for item in ledger.held(account))


def test_n1_an_order_is_placed_counted_in_and_its_shortage_written_off(city: City) -> None:
    officer = window(city, "office", "officer")
    order = {
        "grade": "senior",
        "serials": "0012001-0012100",
        "quantity": 99,
        "printer": "市印刷厂",
        "ordered_on": TODAY(),
        "note": "",
    }
    assert "印制数量与编号区间的本数不一致" in text_of(officer.post("/blanks/orders/new/", order))
    said = text_of(officer.post("/blanks/orders/new/", {**order, "quantity": 100}, follow=True))
    assert "已下达印制单" in said
    page = f"/blanks/orders/{PrintOrder.objects.get().pk}/"
    assert "0012001-0012100" in text_of(officer.get(page))
    came = {
        "announced": "0012001-0012100",
        "received": "0012001-0012050\n0012051-0012098",
        "damaged": "0012007",
        "missing": "",
        "delivered_on": TODAY(),
        "note": "第一批",
    }
    unnamed = officer.post(page, came)
    assert unnamed.status_code == 422
    assert "送货单所列而未实收：0012099-0012100" in text_of(unnamed)
    for field, value, words in (
        ("received", "0012001-0012105", "不在送货单上的编号"),
        ("damaged", "0012099", "未实收的编号"),
        ("missing", "0012050 0012099-0012100", "既实收又缺少"),
    ):
        assert words in text_of(officer.post(page, {**came, field: value})), field
    said = text_of(officer.post(page, {**came, "missing": "0012099-0012100"}, follow=True))
    assert "已清点入库 97 本" in said
    assert "缺少 2 本，已立案" in said
    case = BlankCase.objects.get()
    path = f"{page}cases/{case.pk}/write-off/"
    assert officer.post(path, {"conclusion": "漏印"}).status_code == 422
    second = window(city, "office", "officer2")
    assert "已结案" in text_of(second.post(path, {"conclusion": "印刷厂确认漏印"}, follow=True))
    assert reconcile().stock["senior"] == {
        "store": 97,
        "returned_spoiled": 1,
        "written_off": 2,
        "printed": 100,
    }
    book = load_workbook(
        io.BytesIO(
            b"".join(officer.get("/blanks/orders/?export=xlsx").streaming_content)  # type: ignore[attr-defined]
        )
    )
    assert "0012001-0012100" in [cell.value for row in book.active.iter_rows() for cell in row]
    for query in ("progress=open", "progress=done", "sort=-due", "sort=came", "grade=senior"):
        assert officer.get(f"/blanks/orders/?{query}").status_code == 200, query


def test_n1_an_order_is_cancelled_on_its_page(city: City) -> None:
    officer = window(city, "office", "officer")
    order = {
        "grade": "junior",
        "serials": "1-10",
        "quantity": 10,
        "printer": "厂",
        "ordered_on": TODAY(),
    }
    officer.post("/blanks/orders/new/", order)
    page = f"/blanks/orders/{PrintOrder.objects.get().pk}/"
    assert "已撤销印制单" in text_of(officer.post(f"{page}cancel/", follow=True))
    assert window(city, "health", "officer").get(page).status_code == 403


def test_n5_other_serials_are_scanned_into_the_allotment(city: City) -> None:
    register = accepted_register(city, 19)
    deliver(city, 60)
    officer = window(city, "office", "officer")
    page = f"/blanks/allotments/{register.pk}/"
    assert "改用其他编号配发" in text_of(officer.get(page))
    none = officer.post(f"{page}allot/", {"chosen": 1, "serials_intermediate": ""})
    assert "请扫描或填写至少一个等级的编号" in text_of(none)
    assert not Allotment.objects.exists()
    few = officer.post(f"{page}allot/", {"chosen": 1, "serials_intermediate": "0012041-0012058"})
    assert "所选 18 本" in text_of(few)
    officer.post(f"{page}allot/", {"chosen": 1, "serials_intermediate": "0012041-0012060"})
    assert Allotment.objects.get().row_serials == ["0012041-0012059"]


def test_n18_the_unit_names_differences_and_the_slip_tells_them(city: City) -> None:
    register = accepted_register(city, 40)
    deliver(city, 60)
    carry(city, register, "handed_over")
    clerk = window(city, "health", "clerk")
    page = f"/blanks/allotments/{register.pk}/"
    said = clerk.post(
        f"{page}receive/",
        {"missing": "0012002", "damaged": "0012003 0012004", "note": "封条破损"},
        follow=True,
    )
    assert "缺少 1 本（已立案），损坏 2 本" in text_of(said)
    assert "签收时指明的差异" in text_of(clerk.get(page))
    text = pdf_text(clerk, f"{page}slip.pdf")
    for words in ("签收时指明的差异", "0012002", "0012003-0012004", "实收完好39本", "叁拾玖"):
        assert words in text, words


def test_n5_left_over_blanks_are_returned_carried_over_and_moved(city: City) -> None:
    first, second = accepted_register(city, 40), accepted_register(city, 40)
    third, working = accepted_register(city, 40), accepted_register(city, 20)
    deliver(city, 300)
    for register in (first, second, third):
        carry(city, register, "issued")
    carry(city, working, "filled")
    office, unit = window(city, "office", "officer"), window(city, "health", "officer")
    assert text_of(office.get("/blanks/left-over/")).count("市卫生健康委") == 3
    way = "/blanks/left-over/{}/intermediate/{}"
    assert "扫描交回的编号" in text_of(office.get(way.format(first.pk, "")))
    wrong = office.post(way.format(first.pk, "return/"), {"serials": spare_of(second)})
    assert "不是该登记表剩余的空白证书" in text_of(wrong)
    said = office.post(way.format(first.pk, "return/"), {"serials": spare_of(first)}, follow=True)
    assert "已收回入库 2 本" in text_of(said)
    said = unit.post(
        way.format(second.pk, "carry-over/"), {"serials": spare_of(second)}, follow=True
    )
    assert "已结转 2 本" in text_of(said)
    assert "已结转，下次配发抵用" in text_of(office.get("/blanks/left-over/"))
    # A working register takes only what it lacks: one of its spares is spoiled.
    lost = int(spare_of(working).split("-")[0])
    unit_clerk = window(city, "health", "clerk")
    unit_clerk.post(
        f"/certificates/registers/{working.pk}/spoil/",
        {"serials": str(lost), "reason": "damaged", "note": ""},
    )
    assert working.number in text_of(unit.get(way.format(third.pk, "")))
    said = unit.post(
        way.format(third.pk, "transfer/"),
        {"serials": spare_of(third).split("-")[0], "to": working.pk},
        follow=True,
    )
    assert f"已调剂 1 本到登记表 {working.number}" in text_of(said)
    assert reconcile().passed
    waiting = text_of(unit.get(way.format(working.pk, "")))
    assert "全部发放后再处理" in waiting


def test_n5_the_ways_for_left_over_blanks_are_set_for_a_day_to_come(city: City) -> None:
    officer = window(city, "office", "officer")
    form = {"disposal": 1, "valid_from": TODAY(), "allowed": ["return"], "proposed": "return"}
    officer.post("/blanks/spares/", form)
    assert [way.value for way in SpareDisposal.objects.get().allowed] == ["return"]
    past = (timezone.localdate() - timedelta(days=1)).isoformat()
    refused = officer.post("/blanks/spares/", {**form, "valid_from": past})
    assert "不能从过去的日期起生效" in text_of(refused)
    refused = officer.post("/blanks/spares/", {**form, "proposed": "transfer"})
    assert "默认的处理办法应是允许的办法之一" in text_of(refused)
    assert SpareDisposal.objects.count() == 1


def picture() -> SimpleUploadedFile:
    stream = io.BytesIO()
    Image.new("RGB", (80, 60), "white").save(stream, "JPEG")
    return SimpleUploadedFile("spoiled.jpg", stream.getvalue(), "image/jpeg")


def test_n9_photo_request_exchange_and_destruction_record(city: City) -> None:
    register = accepted_register(city, 20)
    deliver(city, 60)
    carry(city, register, "filled")
    clerk, officer = window(city, "health", "clerk"), window(city, "office", "officer")
    serials = list(
        register.certificates.order_by("blank_serial").values_list("blank_serial", flat=True)[:2]
    )
    clerk.post(
        f"/certificates/registers/{register.pk}/spoil/",
        {
            "serials": f"{serials[0]},{serials[1]}",
            "reason": "misprint",
            "note": "偏位",
            "photo": picture(),
        },
    )
    spoilage = Spoilage.objects.get(serial=serials[1])
    photo = f"/blanks/spoiled/{spoilage.pk}/photo/"
    assert clerk.get(photo).headers["Content-Type"] == "image/jpeg"
    assert window(city, "district", "clerk").get(photo).status_code == 404

    page = f"/blanks/exchange/{register.pk}/intermediate/"
    assert "申请换取" in text_of(clerk.get(page))
    assert "已申请换取 1 本" in text_of(clerk.post(f"{page}request/", follow=True))
    request = ExchangeRequest.objects.get()
    slip = f"/blanks/exchange/requests/{request.pk}.pdf"
    text = pdf_text(clerk, slip)
    for words in (request.number, f"{serials[1]:07d}", "偏位", "壹本", "申请单位（签章）"):
        assert words in text, words
    assert window(city, "district", "clerk").get(slip).status_code == 404
    officer.post(f"{page}take-back/", {"serials": f"{serials[0]},{serials[1]}"})
    given = Movement.objects.get(reason="exchange")
    assert str(ledger.from_range(given.serials)) in pdf_text(officer, slip)

    officer.post(
        "/blanks/destructions/propose/",
        {"grade": "intermediate", "serials": f"{serials[0]},{serials[1]}"},
    )
    destruction = Destruction.objects.get()
    record = f"/blanks/destructions/{destruction.pk}/record.pdf"
    assert "拟予销毁" in pdf_text(officer, record)
    window(city, "office", "officer2").post(f"/blanks/destructions/{destruction.pk}/confirm/")
    text = pdf_text(officer, record)
    for words in (
        "0012001-0012002",
        "打印错误2贰",
        "市卫生健康委",
        "office.officer",
        "office.officer2",
        "已共同销毁",
        "监督销毁人",
    ):
        assert words in text, words
    assert clerk.get(record).status_code == 403


def test_a_movement_is_corrected_on_its_page_by_a_second_officer(city: City) -> None:
    register = accepted_register(city, 20)
    deliver(city, 60)
    carry(city, register, "handed_over")
    officer, second = window(city, "office", "officer"), window(city, "office", "officer2")
    handed = Movement.objects.get(reason="hand_over")
    page = f"/blanks/movements/{handed.pk}/"
    assert "须由另一名负责人更正" in text_of(officer.get(page))
    assert "反向更正" in text_of(second.get(page))
    allotted = Movement.objects.get(reason="allotment")
    assert "此后又办理了移交" in text_of(second.get(f"/blanks/movements/{allotted.pk}/"))
    assert second.post(f"{page}correct/", {"reason": ""}).status_code == 422
    said = text_of(second.post(f"{page}correct/", {"reason": "领错登记表"}, follow=True))
    assert "已更正" in said
    assert Allotment.objects.get().state == "allotted"
    listed = text_of(second.get("/blanks/movements/?serials=0012003"))
    assert "领错登记表" in listed
    assert "移交" not in text_of(second.get("/blanks/movements/?serials=0012055")).split("事由")[-1]
    assert window(city, "health", "officer").post(
        f"{page}correct/", {"reason": "x"}
    ).status_code in (
        403,
        404,
    )
    strange = window(city, "district", "clerk").get(page)
    assert strange.status_code == 404
