"""A scanner, a keyboard and nothing else: a loss, its alarm, a count (N18)."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Window
from tests.support.city import City, accepted_register, carry, deliver, found_city
from zhicheng.blanks.investigations import report_loss
from zhicheng.blanks.models import BlankCase, Sighting, Stocktake
from zhicheng.values.serials import SerialRange

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def city(transactional_db: None) -> City:
    return found_city()


def forget_refusals(window: Window) -> None:
    """A refused scan is an answer, but the browser's console calls it an error."""
    window.errors[:] = [error for error in window.errors if "422" not in error]


def scan(page: Page, text: str) -> None:
    """As a keyboard wedge does: digits and Enter, wherever the focus is."""
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def test_n18_a_loss_and_its_alarm_by_scanner_alone(
    city: City, window: Callable[..., Window]
) -> None:
    register = accepted_register(city, 12)
    deliver(city, 40)
    carry(city, register, "filled")
    clerk = window("health.clerk")
    page = clerk.go("/blanks/cases/new/")
    said = page.locator("#lost-said")
    scan(page, "0012001")
    expect(said).to_have_class("zc-scanner-said zc-known")
    scan(page, "0012002")
    expect(page.locator("#lost-picks li")).to_have_count(2)
    scan(page, "0012039")
    expect(said).to_have_class("zc-scanner-said zc-unknown")
    page.get_by_label("情况说明").fill("送往市职改办盖钢印途中遗失文件袋，内有已填制证书两本。")
    clerk.shot("report-a-loss")
    page.get_by_role("button", name="报告遗失并封控").press("Enter")
    expect(page.get_by_role("heading", name="空白证书遗失 AJ")).to_be_visible()
    clerk.shot("case")
    case = BlankCase.objects.get()
    assert case.serials == ["0012001-0012002"]

    # Scanned at the station: red, and the case is named.
    page = clerk.go(f"/certificates/registers/{register.pk}/")
    scan(page, "0012001")
    expect(page.locator("output.zc-unknown")).to_contain_text(case.number)
    clerk.shot("station-alarm")
    forget_refusals(clerk)
    assert Sighting.objects.get().case == case

    officer = window("office.officer")
    page = officer.go("/tasks/")
    expect(page.get_by_text("失控证书警报")).to_be_visible()
    officer.shot("tasks")
    page = officer.go("/blanks/alarms/")
    page.get_by_role("checkbox", name="选择 0012001").check()
    page.get_by_label("处理意见").fill("已电话联系市卫生健康委，扣下实物。")
    officer.shot("alarms")
    page.get_by_role("button", name="处理所选警报").press("Enter")
    expect(page.get_by_text("已处理警报 1 条")).to_be_visible()
    page = officer.go(f"/blanks/cases/{case.pk}/")
    officer.shot("case")
    page.get_by_role("button", name="结案", exact=True).click()
    officer.shot("case-settle")
    outcome = "公交公司失物招领处找回一本，另一本确认遗失。"
    page.get_by_label("结论").fill(outcome)
    page.get_by_label("处理的编号").fill("0012099")
    page.get_by_role("button", name="确认结案").click()
    # Refused where it was asked: what was typed stays below the reason.
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("alert")).to_contain_text("0012099")
    expect(page.get_by_label("结论")).to_have_value(outcome)
    officer.shot("case-refused")
    forget_refusals(officer)
    page.get_by_label("处理的编号").fill("0012001")
    page.get_by_role("button", name="确认结案").click()
    expect(page.get_by_text("已处理一部分，还有 1 本待查明")).to_be_visible()


@pytest.mark.long
def test_n18_a_count_by_scanner_and_range_with_a_second_person(
    city: City, window: Callable[..., Window]
) -> None:
    deliver(city, 27)
    report_loss(
        actor=city.who("office", "clerk"), serials=[SerialRange(12002, 12002)], note="不见了"
    )
    strange = deliver(city, 3, grade="senior").first
    clerk_of_office = window("office.clerk")
    page = clerk_of_office.go("/blanks/stocktakes/")
    clerk_of_office.shot("stocktakes")
    page.get_by_role("combobox", name="等级").first.select_option("intermediate")
    page.get_by_role("button", name="开始盘点").press("Enter")
    expect(page.get_by_role("heading", name="盘点 PD")).to_be_visible()
    stocktake = Stocktake.objects.get()
    said = page.locator("#counted-said")
    scan(page, "0012020")
    expect(said).to_have_class("zc-scanner-said zc-known")
    expect(page.locator(".zc-job span")).to_contain_text("1 / 26")
    scan(page, "0012020")
    expect(said).to_contain_text("已在本批中")
    scan(page, f"{strange:07d}")
    expect(said).to_have_class("zc-scanner-said zc-unknown")
    expect(said).to_contain_text("账面不在这里")
    scan(page, "0012002")
    expect(said).to_contain_text("已被封控")
    clerk_of_office.shot("count-scan")
    forget_refusals(clerk_of_office)
    page.get_by_label("编号区间").fill("0012003-0012026")
    page.get_by_role("button", name="计入区间").press("Enter")
    expect(page.get_by_text("已清点 23 本")).to_be_visible()
    clerk_of_office.shot("count")
    clerk_of_office.confirm("盘完")
    expect(page.get_by_text("短缺 2 本").first).to_be_visible()
    officer = window("office.officer")
    page = officer.go(f"/blanks/stocktakes/{stocktake.pk}/")
    officer.shot("count-finished")
    officer.confirm("监盘确认", "确认监盘")
    expect(page.get_by_text("差异已立案")).to_be_visible()
    officer.shot("count-confirmed")
    stocktake.refresh_from_db()
    assert stocktake.missing == ["0012001", "0012027"]
    assert stocktake.surplus == [f"{strange:07d}"]
    assert BlankCase.objects.filter(kind="stock_shortage").get().serials == stocktake.missing
