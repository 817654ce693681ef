"""First page, queue, bell, preferences and robots in a browser: by hand and through axe (N18)."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Window
from tests.support.axe import findings
from tests.support.city import found_city
from tests.support.filing import Filing
from zhicheng.notifications.making import make
from zhicheng.notifications.models import Messenger
from zhicheng.registers.models import Register, RegisterState

pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[..., Window]


def test_the_offices_morning(window: Open) -> None:
    city = found_city()
    filing = Filing(city)
    make()
    registers = [filing.filed([line]) for line in filing.lines(2)]
    make()
    opened = window("office.officer")
    page = opened.go("/tasks/")
    assert findings(page) == []
    # Two registers wait: both are named, then accepted by the worker, and each says what it became.
    page.locator("[data-kind='register.accept']").get_by_role("link", name="成批办理").click()
    for register in registers:
        row = page.get_by_role("row", name=register.number)
        row.get_by_role("checkbox").focus()
        page.keyboard.press("Space")
    assert findings(page) == []
    page.get_by_role("button", name="受理").first.click()
    expect(page.get_by_role("heading", name="受理")).to_be_visible()
    assert findings(page) == []
    page.get_by_role("button", name="确认受理").press("Enter")
    page.wait_for_url("**/outcome/**")
    assert findings(page) == []
    expect(page.get_by_text(registers[1].number).first).to_be_visible()
    for _ in range(60):
        if Register.objects.filter(state=RegisterState.ACCEPTED).count() == 2:
            break
        page.wait_for_timeout(500)
    assert Register.objects.filter(state=RegisterState.ACCEPTED).count() == 2

    # The bell leads to what happened; opening one reads it.
    page = opened.go("/tasks/")
    page.get_by_role("link", name="条未读").click()
    assert findings(page) == []
    page.get_by_role("link", name=registers[0].number).first.click()
    page.wait_for_url("**/registers/**")
    for path in ("/notifications/preferences/", "/notifications/deadlines/"):
        assert findings(opened.go(path)) == [], path

    # A robot: its secret is shown once, and never on its page.
    page = opened.go("/notifications/messengers/new/")
    assert findings(page) == []
    page.get_by_label("名称").fill("职改办工作群")
    page.get_by_label("类型").select_option("standard")
    page.get_by_label("接收地址").fill("https://robot.invalid/send?key=geheim")
    page.get_by_role("button", name="接入").click()
    secret = page.locator("#secret").inner_text()
    assert secret.startswith("whsec_") and findings(page) == []
    page.get_by_role("link", name="去试发").click()
    page.get_by_role("button", name="试发").click()
    expect(page.get_by_text("这是一条试发消息")).to_be_visible()
    assert findings(page) == []
    assert secret not in page.content() and "geheim" not in page.content()
    # The worker may tell the robot about what was accepted meanwhile: that is no trial message.
    assert Messenger.objects.get().messages.filter(test=True).count() == 1
