"""An officer makes a key and a subscription in the browser; the key opens the interface (N20)."""

from collections.abc import Callable

import pytest
from django.test import Client
from playwright.sync_api import expect

from tests.browser.conftest import Window
from tests.support.city import found_city
from zhicheng.api.models import ApiKey, Subscription

pytestmark = pytest.mark.django_db(transaction=True)


def test_n20_a_key_is_made_shown_once_exchanged_and_ended(
    window: Callable[..., Window],
) -> None:
    found_city()
    officer = window("office.officer")
    page = officer.go("/tasks/")
    page.get_by_role("link", name="开放接口").click()
    page.get_by_role("link", name="开通密钥").click()
    page.get_by_label("系统名称").fill("市职称证书查询系统")
    page.get_by_label("完整身份证号码 —").check()
    page.get_by_role("button", name="开通", exact=True).click()
    expect(page.get_by_text("请写明用途。")).to_be_visible()
    page.get_by_label("证书数据 —").check()
    page.get_by_label("用途", exact=True).fill("公众查询时核对身份")
    page.get_by_role("button", name="开通", exact=True).click()
    expect(page.locator("#secret")).to_contain_text("zck_")
    text = page.locator("#secret").inner_text()
    officer.shot("key")
    caller = Client(headers={"Authorization": f"Bearer {text}"})
    assert caller.get("/api/v1/certificates/changes").status_code == 200
    page.get_by_role("link", name="已经保存").click()
    expect(page.get_by_text("市职称证书查询系统")).to_be_visible()
    assert text not in page.content()
    page.get_by_role("link", name=ApiKey.objects.get().prefix).click()
    page.get_by_role("button", name="更换密钥").click()
    page.get_by_role("button", name="确认更换密钥").click()
    expect(page.get_by_role("heading", name="的新密钥")).to_be_visible()
    assert page.locator("#secret").inner_text() != text
    officer.go(f"/api/keys/{ApiKey.objects.earliest('pk').pk}/")
    officer.confirm("停用")
    expect(page.get_by_text("已停用").first).to_be_visible()
    assert caller.get("/api/v1/key").status_code == 401
    page.get_by_role("link", name="开放接口").click()
    page.get_by_role("link", name="事件通知").click()
    page.get_by_role("link", name="订阅").click()
    page.get_by_label("接收地址").fill("https://query.zhicheng.invalid/hooks")
    page.get_by_label("证书作废").check()
    page.get_by_role("button", name="订阅", exact=True).click()
    expect(page.locator("#secret")).to_contain_text("whsec_")
    page.get_by_role("link", name="已经保存").click()
    officer.confirm("停止订阅")
    expect(page.get_by_text("订阅已停止。")).to_be_visible()
    assert Subscription.objects.get().ended_at is not None
