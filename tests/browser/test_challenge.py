"""The challenge as people meet it: the browser works by itself, or a question by keyboard alone."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import SHOTS, Window
from tests.support.axe import findings
from tests.support.city import PASSWORD, accepted_register, carry, deliver, found_city
from zhicheng.certificates.models import Certificate
from zhicheng.organizations.guard import CONSOLE
from zhicheng.verification import enumeration
from zhicheng.verification.lookups import Question, record_lookups
from zhicheng.verification.models import Way
from zhicheng.web.asking import challenge, questions, rules

pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[..., Window]
PHONE = {"width": 390, "height": 844}


def ask(page: Any, base: str, name: str, number: str) -> None:
    page.goto(f"{base}/")
    page.get_by_label("姓名").fill(name)
    page.get_by_label("证书编号").fill(number)
    page.get_by_role("button", name="查询", exact=True).click()


@pytest.mark.long
def test_after_misses_the_browser_works_and_without_script_a_question_is_answered(
    browser: Browser, live_server: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    city = found_city()
    register = accepted_register(city, 1)
    deliver(city, 4)
    carry(city, register, "issued")
    certificate = Certificate.objects.get()
    settings.ZHICHENG_MISSES_PER_HOUR = 3
    base = live_server.url

    context = browser.new_context(viewport=PHONE, locale="zh-CN")
    page = context.new_page()
    for n in range(3):
        ask(page, base, "无此人", f"N{n}-00000000")
        expect(page.get_by_text("没有查到").first).to_be_visible()
    # Somebody opens the question while the browser works: nothing goes on by itself.
    monkeypatch.setattr(rules, "EASIEST", 24)
    ask(page, base, certificate.name, certificate.number)
    expect(page.get_by_role("heading", name="请先完成验证")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("正在自动验证")
    page.screenshot(path=SHOTS / "challenge-01-working.png", full_page=True)
    assert findings(page) == []
    page.get_by_role("button", name="继续").click()  # too soon: nothing happens
    expect(page.get_by_role("heading", name="请先完成验证")).to_be_visible()
    page.get_by_text("回答一个问题").click()
    expect(page.get_by_role("status")).to_contain_text("可以直接按", timeout=120_000)
    page.screenshot(path=SHOTS / "challenge-02-ready.png", full_page=True)
    page.get_by_role("button", name="继续").click()
    expect(page.get_by_text(certificate.qualification).first).to_be_visible()
    # Nobody does anything: the answer comes.
    monkeypatch.setattr(rules, "EASIEST", 16)
    ask(page, base, certificate.name, certificate.number)
    expect(page.get_by_text(certificate.qualification).first).to_be_visible(timeout=30_000)
    context.close()

    # Without a script, by keyboard alone.
    monkeypatch.setattr(rules, "READING_SECONDS", 0)
    plain = browser.new_context(viewport=PHONE, locale="zh-CN", java_script_enabled=False)
    page = plain.new_page()
    ask(page, base, certificate.name, certificate.number)
    expect(page.get_by_role("heading", name="请先完成验证")).to_be_visible()
    page.screenshot(path=SHOTS / "challenge-03-words.png", full_page=True)
    token = page.locator("input[name=challenge]").get_attribute("value") or ""
    ticket = rules.read(token, "127.0.0.1", challenge._key(), int(time.time()))
    assert ticket is not None
    asked = questions.question(rules.seed_of(ticket, challenge._key()))
    box = page.get_by_label(asked.chinese)
    for _ in range(20):
        page.keyboard.press("Tab")
        if box.evaluate("element => element === document.activeElement"):
            break
    page.keyboard.type(max(asked.answers))
    page.keyboard.press("Enter")
    expect(page.get_by_text(certificate.qualification).first).to_be_visible()
    plain.close()

    settings.ZHICHENG_REFUSE_ALL_PER_MINUTE = 1
    refused = browser.new_context(viewport=PHONE, locale="zh-CN").new_page()
    ask(refused, base, certificate.name, certificate.number)
    expect(refused.get_by_text("秒后再试")).to_be_visible()
    refused.screenshot(path=SHOTS / "challenge-04-refused.png", full_page=True)
    refused.context.close()

    # What the office sees of somebody who went through numbers.
    settings.ZHICHENG_REFUSE_ALL_PER_MINUTE = 0
    run = [
        Question(Way.NUMBER, name="王伟", number=f"2026000{n:04}", address=f"198.51.100.{n % 4}")
        for n in range(60)
    ]
    record_lookups(run)
    enumeration.raise_alarms(actor=CONSOLE)
    office = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    seen = Window(office, base, "query-alarms").log_in("office.officer", PASSWORD)
    seen.shot("tasks")
    seen.page.get_by_role("link", name="连续号码").first.click()
    expect(seen.page.get_by_role("heading", name="连续号码")).to_be_visible()
    seen.page.screenshot(path=SHOTS / "query-alarms-02-alarm.png", full_page=True)
    assert findings(seen.page) == []
    seen.page.get_by_label("处理说明").fill("某高校集中核对，已电话核实。")
    seen.page.get_by_role("button", name="确认预警").click()
    expect(seen.page.get_by_text("已确认这条预警")).to_be_visible()
    seen.page.screenshot(path=SHOTS / "query-alarms-03-acknowledged.png", full_page=True)
    seen.go("/query-alarms/")
    seen.shot("list")
    assert findings(seen.page) == []
    assert not seen.errors
    office.close()
