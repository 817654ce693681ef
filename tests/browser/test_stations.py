"""The scanner path by keyboard alone: seal, slip, receive, emboss, return, issue (N8, N18)."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Window
from tests.support.city import (
    PASSWORD,
    City,
    accepted_register,
    carry,
    deliver,
    found_city,
    id_number,
)
from tests.support.stations import PDF
from zhicheng.audit.verify import verify
from zhicheng.certificates.models import IssueRecord, TransferSlip
from zhicheng.certificates.reconcile import reconcile
from zhicheng.certificates.spoilage import spoil
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Role
from zhicheng.reference.models import Grade
from zhicheng.registers.models import Register
from zhicheng.values.serials import format_serial

# As a scanner that ends with two line ends, faster than any answer.
TWO_ENTERS = """text => {
  const input = document.getElementById("scan-input");
  input.value = text;
  for (const _each of [1, 2])
    input.dispatchEvent(new KeyboardEvent("keydown", {key: "Enter", bubbles: true}));
}"""
PATIENT = 60_000  # forty scans on a busy machine

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def city(transactional_db: None) -> City:
    return found_city()


def scan(page: Page, *texts: object) -> None:
    """As a keyboard wedge does: the digits and Enter, one scan after the other, no pause."""
    expect(page.locator("#scan[data-started]")).to_be_attached()  # before, nothing listens
    for text in texts:
        page.keyboard.type(str(text))
        page.keyboard.press("Enter")


def panel(page: Page, outcome: str) -> None:
    expect(page.locator("#scan-panel")).to_have_class(
        f"zc-scan-panel zc-scan-{outcome}", timeout=PATIENT
    )


def tally(page: Page, good: int, bad: int) -> None:
    expect(page.locator("#scan-tally")).to_have_text(
        f"已登记 {good} · 没有登记 {bad}", timeout=PATIENT
    )


def leave(*windows: Window) -> None:
    """Nothing is under way any more when the database is emptied."""
    for window in windows:
        window.page.goto(f"{window.base}/notice/", wait_until="networkidle")


def to_button(page: Page, name: str) -> None:
    """With the tabulator to a button of the page, and Enter; the nearer way round."""
    at_scanner = page.evaluate("document.activeElement.id === 'scan-input'")
    on_a_slip = page.locator(".zc-slip-scan").count() > 0
    key = "Shift+Tab" if at_scanner and on_a_slip else "Tab"
    for _step in range(60):
        page.keyboard.press(key)
        if page.evaluate("document.activeElement.innerText.trim()") == name:
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"no button {name} within reach of the keyboard")


def log_in_beside(window: Window, username: str) -> None:
    """In another window of the same browser."""
    other = window.page.context.new_page()
    other.goto(f"{window.base}/login/")
    other.get_by_label("用户名").fill(username)
    other.get_by_label("密码").fill(PASSWORD)
    other.get_by_role("button", name="登录").click()
    expect(other.get_by_role("heading", name="待办事项")).to_be_visible()
    other.close()


def serials_of(register: Register) -> list[str]:
    return [
        format_serial(serial or 0)
        for serial in register.certificates.order_by("position").values_list(
            "blank_serial", flat=True
        )
    ]


@pytest.mark.long
def test_n8_forty_certificates_by_scanner_and_keyboard_alone(
    city: City, window: Callable[..., Window], tmp_path: Path
) -> None:
    register = accepted_register(city, 40, grades=[Grade.SENIOR])
    deliver(city, 60, grade=Grade.SENIOR)
    carry(city, register, "filled")
    foreign = accepted_register(city, 2, unit=city.enterprise, department=city.industry)
    deliver(city, 10)
    carry(city, foreign, "filled")
    spoiled = serials_of(register)[0]
    spoil(
        actor=city.who("health", "clerk"),
        register_id=register.pk,
        serials=[int(spoiled)],
        reason="misprint",
    )
    serials = serials_of(register)
    numbers = list(register.certificates.order_by("position").values_list("number", flat=True))

    # The unit's officer seals; wrong, spoiled, foreign and double scans don't stop the work.
    officer = window("health.officer")
    page = officer.go(f"/certificates/scan/official-seal/?register={register.pk}")
    expect(page.locator(".zc-scan-missing li")).to_have_count(40)
    scan(page, *serials[:20], "2099000000001", serials[3], spoiled, numbers[20])
    scan(page, serials_of(foreign)[0], *numbers[21:])
    tally(page, 40, 3)
    panel(page, "good")
    expect(page.locator("[data-count]").first).to_have_text("40 / 40")
    assert page.locator("#scan-recent tr").count() == 20
    officer.shot("sealed")
    assert register.certificates.filter(state="sealed").count() == 40
    assert not foreign.certificates.exclude(state="filled").exists()

    # The clerk puts all forty on a slip and hands it over.
    clerk = window("health.clerk")
    page = clerk.go("/certificates/transfers/")
    to_button(page, "新建空白移交单")
    expect(page.get_by_role("heading", name="移交单 YJ")).to_be_visible()
    scan(page, *serials, serials[5])
    expect(page.locator("#scan-progress")).to_have_text("移交单上 40 本", timeout=PATIENT)
    expect(page.locator("#slip-lines tbody tr")).to_have_count(40, timeout=PATIENT)
    slip = TransferSlip.objects.get()
    page = clerk.go(f"/certificates/transfers/{slip.pk}/")
    to_button(page, "移交")
    page.keyboard.type("送件王")
    page.keyboard.press("Enter")
    expect(page.get_by_text("已移交，请打印移交单")).to_be_visible()
    clerk.shot("sent")

    # The office scans the slip at its station, counts what came, signs for it and embosses.
    embosser = window("office.embosser")
    page = embosser.go("/certificates/scan/embossed-seal/")
    scan(page, slip.number)
    expect(page.get_by_role("heading", name=f"移交单 {slip.number}")).to_be_visible()
    scan(page, *serials)
    expect(page.locator("#scan-progress")).to_have_text("已清点 40 / 40 本", timeout=PATIENT)
    page = embosser.go(f"/certificates/transfers/{slip.pk}/")
    to_button(page, "签收")
    to_button(page, "确认签收")
    expect(page.get_by_text("已签收，可以在钢印工位")).to_be_visible()
    page = embosser.go(f"/certificates/scan/embossed-seal/?register={register.pk}")
    scan(page, *serials[:2], serials[1], serials_of(foreign)[0])
    tally(page, 2, 1)
    to_button(page, "成叠登记")
    scan(page, min(serials), max(serials))
    expect(page.locator("#pile-said")).to_contain_text("可以登记 38 本。已办过 2 本。")
    page.keyboard.type("38")
    page.keyboard.press("Enter")
    expect(page.locator("[data-part=title]")).to_have_text("已登记加盖钢印 38 本")
    embosser.shot("embossed")
    page = embosser.go(f"/certificates/transfers/{slip.pk}/")
    to_button(page, "退回")
    page.keyboard.type("取件李")
    page.keyboard.press("Enter")
    expect(page.get_by_text("已退回，请打印退回单")).to_be_visible()

    # Back at the unit: counted as a pile, one to its holder, one to an agent.
    page = clerk.go(f"/certificates/transfers/{slip.pk}/")
    to_button(page, "领回")
    page.keyboard.type("40")
    page.keyboard.press("Enter")
    expect(page.get_by_text("已领回，可以发放")).to_be_visible()
    page = clerk.go("/certificates/scan/issue/")
    # A question that the next scan overtook is answered by no Enter, however soon it comes.
    scan(page, serials[1])
    panel(page, "ask")
    page.evaluate(TWO_ENTERS, serials[0])
    expect(page.locator("[data-part=code]")).to_contain_text(serials[0])
    panel(page, "ask")
    expect(page.locator("#scan-recent")).to_contain_text("未发放")
    expect(page.locator("[data-part=code]")).to_contain_text("***********")
    clerk.shot("card")
    page.keyboard.press("Enter")
    panel(page, "good")
    to_button(page, "登记代领人")
    page.keyboard.type("杜若谷")
    page.keyboard.press("Tab")
    page.keyboard.type(id_number(9))
    page.keyboard.press("Tab")
    for _down in range(4):
        page.keyboard.press("ArrowDown")  # 配偶, 父母, 子女, 同事
    file = tmp_path / "授权委托书.pdf"
    file.write_bytes(PDF)
    page.get_by_label("授权材料").set_input_files(file)  # the system's own dialog is no page
    page.get_by_label("已核对代领人身份证").press("Space")
    page.keyboard.press("Enter")
    expect(page.locator("#scan-agent")).to_contain_text("杜若谷（同事）")
    scan(page, numbers[1], numbers[1])
    panel(page, "again")
    tally(page, 2, 0)
    clerk.shot("agent")
    leave(officer, clerk, embosser)

    records = {item.certificate.number: item for item in IssueRecord.objects.all()}
    assert set(records) == set(numbers[:2])
    assert (records[numbers[0]].relation, records[numbers[0]].id_checked) == ("holder", True)
    agent = records[numbers[1]].agent
    assert agent is not None
    assert (agent.name, agent.relation) == ("杜若谷", "colleague")
    slip.refresh_from_db()
    assert (slip.state, slip.carried_by, slip.collected_by) == ("closed", "送件王", "取件李")
    assert register.certificates.filter(state="embossed").count() == 38
    assert reconcile().passed
    assert verify().passed


@pytest.mark.long
def test_no_scan_is_lost_when_the_network_fails(city: City, window: Callable[..., Window]) -> None:
    register = accepted_register(city, 4)
    deliver(city, 10)
    carry(city, register, "filled")
    serials = serials_of(register)
    officer = window("health.officer")
    page = officer.go("/certificates/scan/official-seal/")
    page.context.set_offline(True)
    scan(page, *serials[:3])
    expect(page.locator("#scan-waiting")).to_contain_text("还没有登记：3")
    expect(page.locator("#scan-waiting")).to_contain_text("连接不上服务器")
    expect(page.locator("#scan-live")).to_contain_text("连接不上服务器")
    officer.shot("offline")
    assert not register.certificates.exclude(state="filled").exists()
    asked = page.evaluate("!window.dispatchEvent(new Event('beforeunload', {cancelable: true}))")
    assert asked
    page.context.set_offline(False)
    tally(page, 3, 0)
    expect(page.locator("#scan-waiting")).to_be_hidden()
    officer.errors[:] = [line for line in officer.errors if "ERR_INTERNET" not in line]
    assert register.certificates.filter(state="sealed").count() == 3

    expect(page.locator("#scan")).to_have_attribute("data-played", "good")
    scan(page, "2099000000001")
    expect(page.locator("#scan")).to_have_attribute("data-played", "bad")

    # The session ends in the middle: the scan waits until the same person has logged in again.
    Account.objects.create_account(
        "health.officer2",
        PASSWORD,
        display_name="health.officer2",
        organization=city.health,
        role=Role.OFFICER,
    )
    page.context.clear_cookies()
    scan(page, serials[3])
    expect(page.locator("#scan-waiting")).to_contain_text("登录已过期")
    expect(page.get_by_role("link", name="去登录")).to_be_visible()
    log_in_beside(officer, "health.officer2")
    with page.expect_response(lambda answer: answer.url.endswith("/official-seal/")):
        page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.locator("#scan-waiting")).to_contain_text("登录已过期")
    assert register.certificates.filter(state="sealed").count() == 3
    page.context.clear_cookies()
    log_in_beside(officer, "health.officer")
    tally(page, 4, 1)
    expect(page.locator("#scan-waiting")).to_be_hidden()
    assert set(register.certificates.values_list("official_seal_by__username", flat=True)) == {
        "health.officer"
    }
    officer.errors[:] = [line for line in officer.errors if "403" not in line]

    # Muting is remembered, and never the only way to hear of it.
    to_button(page, "声音：开")
    page.reload()
    expect(page.locator("#scan-mute")).to_have_text("声音：关")
    expect(page.locator("#scan-recent tr")).to_have_count(5)
    leave(officer)
