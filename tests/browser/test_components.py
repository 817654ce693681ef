"""Lists, dialogs and the scanner as a person with a keyboard uses them."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Window
from tests.support.city import found_city
from zhicheng.organizations.models import LoginSession

pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[..., Window]


@pytest.fixture
def officer(window: Open) -> Window:
    found_city()
    return window("office.officer")


def test_a_filter_changes_the_list_and_the_address_and_keeps_the_focus(officer: Window) -> None:
    page = officer.go("/organizations/")
    kind = page.get_by_label("类别")
    kind.focus()
    kind.select_option(label="大型企事业单位")
    expect(page.get_by_role("row", name="长江重工")).to_be_visible()
    expect(page.get_by_role("row", name="万州区职改办")).to_have_count(0)
    assert "kind=large_enterprise" in page.url
    expect(page.get_by_label("类别")).to_be_focused()
    expect(page.locator("#live")).to_have_text("第 1–1 条，共 1 条")
    page.get_by_role("link", name="名称").press("Enter")
    expect(page.get_by_role("columnheader", name="名称")).to_have_attribute(
        "aria-sort", "ascending"
    )
    assert "kind=large_enterprise" in page.url
    # Back through the filtered list to the whole one; the history restores each by itself.
    page.evaluate("history.go(-2)")
    expect(page.get_by_role("row", name="万州区职改办")).to_be_visible()


def test_an_id_number_in_the_search_box_is_never_sent(officer: Window) -> None:
    page = officer.go("/organizations/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    box = page.locator("#list-q")
    for leave in ("Enter", "Tab"):
        box.fill("50010319850214123X")
        box.press(leave)
        page.locator("#list-q").focus()
    box.fill("万州")
    box.press("Enter")
    expect(page.get_by_role("row", name="长江重工")).to_have_count(0)
    assert not [url for url in asked if "50010319850214123" in url]


def test_a_dialog_opens_and_closes_by_keyboard_and_gives_the_focus_back(officer: Window) -> None:
    page = officer.go("/styleguide/")
    button = page.get_by_role("button", name="发放", exact=True)
    button.press("Enter")
    dialog = page.get_by_role("dialog", name="发放 38 本证书？")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(button).to_be_focused()


def test_scans_find_their_way_into_the_box_and_the_box_keeps_the_focus(officer: Window) -> None:
    page = officer.go("/styleguide/")
    box = page.get_by_label("扫描证书编号")
    page.keyboard.type("0012002")
    expect(box).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("checkbox", name="202612000002")).to_be_checked()
    said = page.locator("#sg-table-said")
    expect(said).to_have_text("已选中 0012002")
    page.keyboard.type("202612000002\n")
    expect(said).to_have_text("已在本批中 202612000002")
    page.keyboard.type("202612999999\n")
    expect(said).to_have_text("本页没有 202612999999")
    expect(box).to_be_focused()
    expect(box).to_have_value("")
    expect(page.get_by_role("checkbox", name="202612000001")).not_to_be_checked()


def test_when_the_session_has_ended_the_whole_window_asks_for_the_login(officer: Window) -> None:
    page = officer.go("/organizations/")
    LoginSession.objects.all().delete()
    page.get_by_label("类别").select_option(label="大型企事业单位")
    expect(page.get_by_role("button", name="登录")).to_be_visible()
    assert page.url.endswith("/login/?next=%2Forganizations%2F")


def test_the_account_menu_and_the_theme(officer: Window) -> None:
    page = officer.go("/tasks/")
    page.locator("details.zc-account summary").press("Enter")
    expect(page.get_by_role("button", name="退出登录")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="退出登录")).to_be_hidden()
    root = page.locator("html")
    before = root.get_attribute("data-bs-theme")
    page.get_by_role("button", name="切换深色或浅色").click()
    other = "dark" if before == "light" else "light"
    expect(root).to_have_attribute("data-bs-theme", other)
    page.reload()
    expect(root).to_have_attribute("data-bs-theme", other)


@pytest.mark.parametrize("size", [(1366, 768), (390, 844)])
@pytest.mark.parametrize("path", ["/tasks/", "/styleguide/", "/notice/", "/organizations/"])
def test_no_page_is_wider_than_its_window(window: Open, size: tuple[int, int], path: str) -> None:
    found_city()
    page = window("office.officer", size=size).go(path)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
