"""The search box as it is used: by keyboard, on a laptop and a phone, and without JavaScript."""

from collections.abc import Callable
from importlib import import_module

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Window
from tests.support.axe import findings
from tests.support.city import PASSWORD, found_city
from tests.support.reissues import issued
from zhicheng.search.models import Reading

pytestmark = pytest.mark.django_db(transaction=True)


def _with_readings() -> None:
    """What the migration brought; an earlier test of committed data has emptied the table."""
    migration = import_module("zhicheng.search.migrations.0001_keys_of_names")
    if not Reading.objects.exists():
        Reading.objects.bulk_create(
            Reading(character=sign, readings=found) for sign, found in migration.readings()
        )


def test_the_box_by_keyboard_in_light_and_dark_on_a_laptop_and_a_phone(
    window: Callable[..., Window],
) -> None:
    _with_readings()
    city = found_city()
    certificate = issued(city)[0]
    opened = window("office.officer")
    page = opened.page
    box, list_ = page.locator("#search-box"), page.locator("#search-found")
    opened.shot("closed")
    page.keyboard.press("/")
    expect(box).to_be_focused()
    expect(box).to_have_value("")
    expect(box).to_have_attribute("aria-expanded", "false")
    page.keyboard.type("zy")
    expect(list_.get_by_role("link").first).to_be_visible()
    expect(box).to_have_attribute("aria-expanded", "true")
    opened.shot("found")
    assert findings(page) == []
    page.evaluate("document.documentElement.dataset.bsTheme = 'dark'")
    opened.shot("found-dark")
    page.evaluate("document.documentElement.dataset.bsTheme = 'light'")
    page.keyboard.press("ArrowDown")
    expect(list_.get_by_role("link").first).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(box).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    expect(list_).to_be_hidden()
    expect(box).to_be_focused()
    box.fill(certificate.number)
    expect(list_.get_by_role("link", name=certificate.number)).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{opened.base}/certificates/{certificate.pk}/")
    # Enter in the box: the whole page of what was found; nothing of it in the address.
    page.wait_for_load_state("load")
    page.keyboard.press("/")
    expect(box).to_be_focused()
    page.keyboard.type(certificate.name)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="搜索", exact=True)).to_be_visible()
    expect(page.locator("[data-search-results]")).to_contain_text(certificate.number)
    assert page.url == f"{opened.base}/search/"
    opened.shot("page")
    assert findings(page) == []
    phone = window("office.officer", size=(390, 844))
    phone.shot("phone-closed")
    phone.page.locator("#search-box").fill("zy")
    expect(phone.page.locator("#search-found").get_by_role("link").first).to_be_visible()
    phone.shot("phone-found")
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= 390
    inside = phone.page.locator("#search-found").bounding_box()
    assert inside and inside["x"] >= 0 and inside["x"] + inside["width"] <= 390
    phone.page.keyboard.press("Enter")
    expect(phone.page.locator("[data-search-results]")).to_contain_text(certificate.number)
    phone.shot("phone-page")
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_box_works_without_javascript(
    browser: Browser, live_server: object, window: Callable[..., Window]
) -> None:
    certificate = issued(found_city())[0]
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": 1366, "height": 768}
    )
    page = context.new_page()
    page.goto(live_server.url + "/login/")  # type: ignore[attr-defined]
    page.get_by_label("用户名").fill("office.officer")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.locator("#search-found")).to_be_hidden()
    page.locator("#search-box").fill(certificate.name)
    page.locator("#search-box").press("Enter")
    expect(page.locator("[data-search-results]")).to_contain_text(certificate.number)
    context.close()
