"""The main job through the pages: one register of 40 rows, three faulty, to the holder's hand."""

import logging
import re
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Window
from tests.support.city import City, deliver, found_city
from tests.support.dumps import plain_dump
from zhicheng.approvals.actions import import_list
from zhicheng.audit.models import AuditEvent
from zhicheng.audit.verify import verify
from zhicheng.blanks.models import Allotment, Spoilage
from zhicheng.certificates.models import Certificate
from zhicheng.certificates.reconcile import reconcile
from zhicheng.demo.faults import FaultyCity
from zhicheng.demo.people import people
from zhicheng.demo.workbooks import Line, approval_list, register
from zhicheng.registers.models import Register, RegisterState

pytestmark = pytest.mark.django_db(transaction=True)


class Papers:
    """The approval list of forty doctors and the hospital's register of them."""

    def __init__(self, city: City) -> None:
        source = FaultyCity(unit=city.hospital.name, department=city.health.name)
        doctors = list(islice(people(40), 40))
        listed = [source.list_person(person=person) for person in doctors]
        self.numbers = [person.id_number for person in doctors]
        self.people = doctors
        self.approvals = approval_list(listed)
        lines: list[Line] = [source.line(item) for item in listed]
        wrong = self.numbers[4]
        lines[4] = lines[4].but(身份证号码=float(wrong[:15] + "000"))  # Excel kept 15 digits
        lines[11] = lines[11].but(专业名称="外科")  # the list says 内科学
        lines[30] = lines[30].but(性别="")
        self.register = register(
            lines, unit=city.hospital.name, year=2026, filler="杜若谷", telephone="023-63000000"
        )


def test_a_register_goes_from_upload_to_the_public_query(
    window: Callable[..., Window], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    city = found_city()
    papers = Papers(city)
    import_list(
        actor=city.who("office", "clerk"), content=papers.approvals, name="评审通过人员.xlsx"
    )
    deliver(city, 200)
    file = tmp_path / "山城第一人民医院登记表.xlsx"
    file.write_bytes(papers.register)

    filed = upload_and_correct(window("hospital.clerk"), file, papers)
    endorse(window("health.officer"), filed)
    accept_and_allot(window("office.officer"), filed)
    hand_over(window("office.clerk"), filed)
    clerk = window("health.clerk")
    receive_and_fill(clerk, filed, tmp_path)
    spoil_one(clerk, filed)
    seal(window("health.officer"), filed)
    emboss(window("health.embosser"), filed)
    issue(clerk, filed)
    look_up(window(size=(390, 844)), papers)

    assert reconcile().passed
    assert verify().passed
    assert_no_id_number_in_clear(papers.numbers, caplog)


def upload_and_correct(clerk: Window, file: Path, papers: Papers) -> Register:
    page = clerk.go("/registers/")
    clerk.shot("登记表列表")
    page.get_by_role("link", name="上传登记表").first.click()
    page.get_by_label("登记表文件").set_input_files(file)
    page.get_by_label("年度").fill("2026")
    clerk.shot("上传")
    page.get_by_role("button", name="上传并检查").click()
    expect(page.get_by_text("还有 3 处错误")).to_be_visible()
    clerk.shot("检查结果")
    filed = Register.objects.get()
    assert (filed.row_count, filed.error_count, filed.state) == (40, 3, RegisterState.DRAFT)
    expect(page.get_by_role("button", name="提交", exact=True)).to_be_disabled()

    # The destroyed ID number and the specialty: the approval document's values, by one key each.
    expect(page.locator("#sheet.is-loaded")).to_be_visible()
    clerk.shot("第一处错误")
    page.locator("#sheet-bar").get_by_role("button", name="采用").click()
    expect(page.get_by_text("还有 2 处错误")).to_be_visible()
    page.get_by_role("button", name="下一处").click()
    page.keyboard.press("F9")
    expect(page.get_by_text("还有 1 处错误")).to_be_visible()
    # The missing sex is typed into the cell itself.
    page.get_by_role("button", name="下一处").click()
    clerk.shot("第三处")
    expect(page.locator("#grid-field")).to_have_attribute("aria-label", re.compile("31.*性别"))
    page.keyboard.type(papers.people[30].sex)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="提交", exact=True)).to_be_enabled()
    clerk.shot("已更正")
    clerk.confirm("提交")
    expect(page.get_by_text("待主管部门签章").first).to_be_visible()
    clerk.shot("已提交")
    return filed


def endorse(officer: Window, filed: Register) -> None:
    officer.shot("待办")
    page = officer.go(f"/registers/{filed.pk}/")
    officer.confirm("签章")
    expect(page.get_by_text("待市职改办受理").first).to_be_visible()
    officer.shot("已签章")


def accept_and_allot(officer: Window, filed: Register) -> None:
    officer.shot("待办")
    page = officer.go(f"/registers/{filed.pk}/")
    officer.confirm("受理")
    expect(page.get_by_text("已受理").first).to_be_visible()
    page = officer.go(f"/blanks/allotments/{filed.pk}/")
    officer.shot("配发预览")
    officer.confirm("配发")
    expect(page.get_by_text("配发 42 本：按人数 40 本，备用 2 本", exact=False)).to_be_visible()
    officer.shot("已配发")
    allotment = Allotment.objects.get()
    assert (allotment.people, allotment.spares) == (40, 2)


def hand_over(clerk: Window, filed: Register) -> None:
    page = clerk.go(f"/blanks/allotments/{filed.pk}/")
    page.get_by_role("button", name="移交", exact=True).click()
    page.get_by_label("领取人").fill("何晓颖")
    page.get_by_role("button", name="确认移交").click()
    expect(page.get_by_text("待签收").first).to_be_visible()
    clerk.shot("已移交")


def receive_and_fill(clerk: Window, filed: Register, folder: Path) -> None:
    page = clerk.go(f"/blanks/allotments/{filed.pk}/")
    clerk.confirm("签收")
    page.get_by_role("link", name="去办理证书").click()
    clerk.shot("待填制")
    clerk.confirm("填制")
    expect(page.get_by_role("button", name="打印", exact=True)).to_be_visible()
    clerk.shot("已填制")
    assert Certificate.objects.filter(register=filed, state="filled").count() == 40
    page.get_by_role("button", name="打印", exact=True).click()
    page.get_by_role("button", name="建立打印任务").click()
    serial = page.get_by_label("扫描或键入最先进纸的一张的编号")
    expect(serial).to_be_visible()
    first = Certificate.objects.order_by("blank_serial")[0]
    serial.fill(f"{first.blank_serial:07d}")
    serial.press("Enter")
    clerk.shot("核对首张编号")
    with page.expect_download() as download:
        page.get_by_role("button", name="下载").click()
    sheets = folder / "sheets.pdf"
    download.value.save_as(sheets)
    import pdfplumber

    with pdfplumber.open(sheets) as pdf:
        assert len(pdf.pages) == 40
        assert first.number in (pdf.pages[0].extract_text() or "").replace(" ", "")
    page.get_by_role("button", name="全部完好，40 本").click()
    expect(page.get_by_text("打印结果已确认：完好 40 本", exact=False)).to_be_visible()
    clerk.shot("打印已确认")


def spoil_one(clerk: Window, filed: Register) -> None:
    spoiled = Certificate.objects.order_by("blank_serial")[6]
    page = clerk.go(f"/certificates/registers/{filed.pk}/")
    page.get_by_role("button", name="登记废旧证书", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("空白证书编号").fill(f"{spoiled.blank_serial:07d}")
    dialog.get_by_label("原因").select_option(label="打印错误")
    clerk.shot("登记废旧")
    dialog.get_by_role("button", name="确认登记废旧证书").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    record = Spoilage.objects.get()
    assert record.serial == spoiled.blank_serial
    spoiled.refresh_from_db()
    assert spoiled.blank_serial == record.replaced_by
    clerk.shot("已用备用证书")


def seal(officer: Window, filed: Register) -> None:
    page = officer.go(f"/certificates/registers/{filed.pk}/")
    officer.confirm("加盖公章")
    expect(page.get_by_role("button", name="加盖公章", exact=True)).to_have_count(0)
    officer.shot("已盖公章")
    assert Certificate.objects.filter(state="sealed").count() == 40


def emboss(embosser: Window, filed: Register) -> None:
    embosser.shot("待办")
    page = embosser.go(f"/certificates/registers/{filed.pk}/")
    embosser.confirm("加盖钢印")
    expect(page.get_by_role("button", name="加盖钢印", exact=True)).to_have_count(0)
    embosser.shot("已盖钢印")
    assert Certificate.objects.filter(state="embossed").count() == 40


def issue(clerk: Window, filed: Register) -> None:
    page = clerk.go(f"/certificates/registers/{filed.pk}/")
    clerk.confirm("发放")
    expect(page.get_by_text("已全部发放", exact=False).first).to_be_visible()
    clerk.shot("已发放")
    assert Certificate.objects.filter(state="issued").count() == 40


def look_up(visitor: Window, papers: Papers) -> None:
    holder = papers.people[4]
    page = visitor.go("/")
    visitor.shot("查询")
    page.get_by_label("姓名").fill(holder.name)
    page.get_by_label("身份证号码").fill(holder.id_number)
    page.get_by_role("button", name="查询").click()
    expect(page.get_by_text("有效", exact=True)).to_be_visible()
    expect(page.get_by_text("主治医师")).to_be_visible()
    assert holder.id_number not in page.url
    assert holder.id_number not in page.content()
    visitor.shot("查询结果")
    page = visitor.go("/")
    page.get_by_label("姓名").fill(holder.name)
    page.get_by_label("身份证号码").fill(papers.people[5].id_number)
    page.get_by_role("button", name="查询").click()
    expect(page.get_by_text("没有查到")).to_be_visible()


def assert_no_id_number_in_clear(numbers: list[str], caplog: pytest.LogCaptureFixture) -> None:
    """Invariant 10: neither logs nor audit events nor a plain dump hold one."""
    places = {
        "log": caplog.text,
        "audit": "\n".join(
            f"{event.actor_name} {event.data}" for event in AuditEvent.objects.all()
        ),
        "dump": plain_dump(),
    }
    for place, text in places.items():
        assert text or place == "log"
        for number in numbers:
            assert number not in text, place
            assert number.encode().hex() not in text, place
