"""A second factor from its picture to the next login, in a real browser (N18)."""

import base64
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Window
from tests.support.axe import findings
from tests.support.city import PASSWORD, found_city
from tests.support.second_factor import code_of
from zhicheng.organizations.models import Account, LoginSession

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]


def password(window: Window, username: str) -> Page:
    page = window.go("/login/")
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    return page


def unhindered(window: Window, what: str) -> None:
    """Light and dark, on a screen and a phone."""
    for size in ((390, 844), (1366, 768)):
        window.page.set_viewport_size({"width": size[0], "height": size[1]})
        for scheme in ("dark", "light"):
            # Colours change at once: half-way between two looks nothing has its contrast.
            window.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
            assert not findings(window.page), (what, size, scheme)
        wide = window.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, (what, size)
    window.shot(what)


def test_an_officer_sets_it_up_and_logs_in_with_it(window: Callable[..., Window]) -> None:
    found_city()
    officer = window("office.officer")
    page = officer.page
    page.locator(".zc-account summary").click()
    page.get_by_role("link", name="两步验证").click()
    unhindered(officer, "未启用")
    page.get_by_role("button", name="开始设置").click()
    expect(page.get_by_role("img", name="两步验证的二维码")).to_be_visible()
    unhindered(officer, "二维码")
    secret = base64.b32decode(page.locator(".zc-secret").inner_text().replace(" ", ""))
    page.get_by_label("验证码").fill(code_of(secret, -1))
    page.get_by_label("当前密码").fill("not the password")
    page.get_by_role("button", name="启用", exact=True).click()
    expect(page.locator(".zc-refusal")).to_contain_text("当前密码不正确")
    officer.errors.clear()  # the console names the refused request
    page.get_by_label("当前密码").fill(PASSWORD)
    page.get_by_role("button", name="启用", exact=True).click()
    expect(page.get_by_role("heading", name="恢复码", exact=True)).to_be_visible()
    unhindered(officer, "恢复码")
    codes = page.locator(".zc-recovery li").all_inner_texts()
    assert len(codes) == 10
    page.get_by_role("link", name="我已保存，继续").click()
    expect(page.get_by_role("heading", name="待办事项")).to_be_visible()

    other = window()
    page = password(other, "office.officer")
    expect(page.get_by_label("验证码")).to_be_focused()
    unhindered(other, "验证码")
    page.get_by_label("验证码").fill("12345")
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.locator(".zc-error")).to_contain_text("不正确")
    page.get_by_label("验证码").fill(code_of(secret))
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_role("heading", name="待办事项")).to_be_visible()

    third = window()
    page = password(third, "office.officer")
    page.get_by_text("手机不在身边？使用恢复码").click()
    page.get_by_label("恢复码").fill(codes[0].lower())
    page.get_by_role("button", name="用恢复码登录").click()
    expect(page.get_by_role("heading", name="待办事项")).to_be_visible()

    page = officer.go("/sessions/")
    expect(page.locator(".zc-table tbody tr")).to_have_count(3)
    unhindered(officer, "登录的设备")
    page.get_by_role("button", name="退出其他登录", exact=True).click()
    page.get_by_role("button", name="确认退出其他登录").click()
    expect(page.locator(".zc-table tbody tr")).to_have_count(1)
    for ended in (other, third):
        expect(ended.go("/tasks/").get_by_role("heading", name="登录")).to_be_visible()
    account = Account.objects.get(username="office.officer")
    assert LoginSession.objects.filter(account=account).count() == 1

    for path in ("/second-factor/", "/second-factor/replace/", "/second-factor/codes/"):
        officer.go(path)
        unhindered(officer, path.strip("/").replace("/", "-"))
    page = officer.go("/second-factor/off/")
    unhindered(officer, "停用")
    page.get_by_label("验证码或恢复码").fill(codes[1])
    page.get_by_label("当前密码").fill(PASSWORD)
    page.get_by_role("button", name="停用", exact=True).click()
    expect(page.get_by_text("两步验证已停用")).to_be_visible()
    account.refresh_from_db()
    assert account.second_factor_since is None


def test_where_it_is_required_the_first_login_leads_through_it(
    window: Callable[..., Window], settings: object
) -> None:
    settings.ZHICHENG_SECOND_FACTOR = "required"  # type: ignore[attr-defined]
    found_city()
    admin = window()
    page = password(admin, "office.administrator")
    expect(page.get_by_text(re.compile("必须使用两步验证"))).to_be_visible()
    admin.go("/organizations/")
    expect(page.get_by_role("heading", name="两步验证")).to_be_visible()
    page.get_by_role("button", name="开始设置").click()
    secret = base64.b32decode(page.locator(".zc-secret").inner_text().replace(" ", ""))
    page.get_by_label("验证码").fill(code_of(secret))
    page.get_by_label("当前密码").fill(PASSWORD)
    page.get_by_role("button", name="启用", exact=True).click()
    page.get_by_role("link", name="我已保存，继续").click()
    expect(page.get_by_role("heading", name="待办事项")).to_be_visible()
