"""A scanner fills a box of serials: each scan once, ranges counted, and the form takes them."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Window
from tests.support.city import accepted_register, deliver, found_city
from zhicheng.blanks.investigations import report_loss
from zhicheng.blanks.models import Allotment, Sighting
from zhicheng.values.serials import SerialRange

pytestmark = pytest.mark.django_db(transaction=True)


def test_scans_go_into_the_box_once_and_are_allotted(window: Callable[..., Window]) -> None:
    city = found_city()
    register = accepted_register(city, 10)
    deliver(city, 60)
    officer = window("office.officer")
    page = officer.go(f"/blanks/allotments/{register.pk}/")
    page.get_by_text("改用其他编号配发").click()
    scanner = page.get_by_label("扫描中级编号")
    for scanned in ("0012021-0012030", "0012041", "0012041"):
        scanner.fill(scanned)
        scanner.press("Enter")
    expect(page.get_by_label("中级编号", exact=True)).to_have_value("0012021-0012030\n0012041\n")
    expect(page.locator("#count-1")).to_have_text("11")
    expect(page.get_by_text("已在本批中 0012041")).to_be_visible()
    officer.shot("scanned")
    page.get_by_role("button", name="按所填编号配发").click()
    expect(page.get_by_text("已为")).to_be_visible()
    allotment = Allotment.objects.get()
    assert allotment.row_serials == ["0012021-0012030"]
    assert allotment.spare_serials == ["0012041"]


def test_n18_the_box_takes_no_blocked_blank_and_nothing_that_is_no_serial(
    window: Callable[..., Window],
) -> None:
    city = found_city()
    register = accepted_register(city, 10)
    deliver(city, 60)
    clerk = city.who("office", "clerk")
    (case,) = report_loss(actor=clerk, serials=[SerialRange(12030, 12030)], note="库房清点时缺少")
    officer = window("office.officer")
    page = officer.go(f"/blanks/allotments/{register.pk}/")
    page.get_by_text("改用其他编号配发").click()
    scanner = page.get_by_label("扫描中级编号")
    box = page.get_by_label("中级编号", exact=True)
    for scanned in ("0012021", "https://example.org/v/1"):
        scanner.fill(scanned)
        scanner.press("Enter")
    expect(page.get_by_text("不是空白证书编号 https://example.org/v/1")).to_be_visible()
    expect(box).to_have_value("0012021\n")
    scanner.fill("0012030")
    scanner.press("Enter")
    expect(page.locator(".zc-scanner-said.zc-unknown")).to_contain_text(case.number)
    expect(box).to_have_value("0012021\n")
    officer.shot("blocked")
    assert Sighting.objects.get().case == case
    officer.errors.clear()  # the browser notes the refused scan (422) in its console
