"""The print centre in a browser: a tray by scanner, the file, misprints, the job that follows."""

from collections.abc import Callable
from pathlib import Path

import pdfplumber
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Window
from tests.support.city import accepted_register, carry, deliver, found_city
from zhicheng.certificates.models import Certificate, PrintJob
from zhicheng.certificates.reconcile import reconcile
from zhicheng.layouts.printers import add_printer, calibrate_printer
from zhicheng.values.serials import format_serial

pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[..., Window]


@pytest.mark.long
def test_n8_n9_a_batch_is_printed_misprints_named_and_printed_again(
    window: Open, tmp_path: Path
) -> None:
    city = found_city()
    register = accepted_register(city, 30)
    deliver(city, 60)
    carry(city, register, "filled")
    who = city.who("health", "clerk")
    printer = add_printer(
        actor=who, organization=city.health, name="三楼激光打印机", tray_note="手送纸盒，正面朝上"
    )
    calibrate_printer(
        actor=who,
        printer_id=printer.pk,
        found={"A": (30.5, 30.2), "B": (180.5, 30.2), "C": (180.5, 118.2)},
        width=210.0,
        height=148.0,
    )
    serials = sorted(Certificate.objects.values_list("blank_serial", flat=True))
    clerk = window("health.clerk")
    page = clerk.go(f"/certificates/registers/{register.pk}/")
    page.get_by_role("button", name="打印", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("打印机").select_option(label="三楼激光打印机")
    dialog.get_by_label("每次装纸").fill("20")
    clerk.shot("打印对话框")
    dialog.get_by_role("button", name="建立打印任务").click()
    tray = page.get_by_label("扫描或键入最先进纸的一张的编号")
    expect(tray).to_be_visible()
    clerk.shot("装纸")
    # A slipped sheet: said at once, with what to do.
    tray.fill(format_serial(serials[1]))
    tray.press("Enter")
    expect(page.get_by_text("纸盒首张编号不对", exact=False)).to_be_visible()
    clerk.shot("首张不对")
    clerk.errors[:] = [error for error in clerk.errors if "422" not in error]
    tray.fill(format_serial(serials[0]))
    tray.press("Enter")
    expect(page.get_by_role("button", name="打印第 1 批")).to_be_visible()
    clerk.shot("可以打印")
    with page.expect_download() as download:
        page.get_by_role("button", name="下载", exact=True).click()
    assert download.value.suggested_filename.endswith("0012001-0012020.pdf")
    file = tmp_path / "sheets.pdf"
    download.value.save_as(file)
    with pdfplumber.open(file) as pdf:
        assert len(pdf.pages) == 20
    expect(tray).to_be_visible()
    clerk.shot("第二批")
    tray.fill(format_serial(serials[20]))
    tray.press("Enter")
    expect(page.get_by_role("button", name="打印第 2 批")).to_be_visible()
    # Printed from the page itself: the file is shown in its frame, and the page goes on.
    with page.expect_response(lambda answer: answer.url.endswith("/2.pdf")) as shown:
        page.get_by_role("button", name="打印第 2 批").click()
    assert shown.value.status == 200
    expect(page.get_by_role("button", name="全部完好，30 本")).to_be_visible()
    expect(page.locator("#print-frame")).to_be_visible()
    clerk.shot("待确认")
    page.get_by_role("button", name="有错制").click()
    scanner = page.get_by_label("扫描错制的空白证书")
    for serial in (serials[4], serials[11], serials[24]):
        scanner.fill(format_serial(serial))
        scanner.press("Enter")
    page.get_by_role("dialog").get_by_label("说明").fill("卡纸")
    clerk.shot("登记错制")
    page.get_by_role("button", name="确认打印结果").click()
    expect(page.get_by_text("完好 27 本", exact=False)).to_be_visible()
    expect(tray).to_be_visible()
    clerk.shot("后续任务")
    follower = PrintJob.objects.latest("pk")
    assert follower.follows is not None and follower.pages_count == 2
    page = clerk.go(f"/certificates/printing/{follower.follows_id}/")
    clerk.shot("已确认的任务")
    clerk.go("/certificates/printing/")
    expect(page.get_by_role("heading", name="打印机错制率")).to_be_visible()
    clerk.shot("打印中心")
    clerk.go("/tasks/")
    expect(page.get_by_text("打印待确认")).to_be_visible()
    clerk.shot("待办")
    clerk.go(f"/certificates/registers/{register.pk}/")
    clerk.shot("证书办理")
    spoiled = Certificate.objects.get(fillings__serial=serials[4])
    clerk.go(f"/certificates/{spoiled.pk}/")
    page.get_by_role("heading", name="打印记录").scroll_into_view_if_needed()
    clerk.shot("打印记录")
    officer = window("office.officer")
    page = officer.go("/certificates/printing/")
    officer.shot("市职改办")
    page.get_by_text("现行规定", exact=False).click()
    officer.shot("规定")
    assert reconcile().passed
    phone = window("health.clerk", size=(390, 844))
    phone.go(f"/certificates/printing/{follower.pk}/")
    phone.shot("手机")
