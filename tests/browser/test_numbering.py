"""In a real browser: set a rule with its preview, make a register from documents, number it."""

import re
from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser.conftest import Window
from tests.support.city import found_city
from tests.support.filing import Filing
from zhicheng.registers.models import NumberingRule, Register
from zhicheng.registers.numbering.actions import set_rule

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def filing(live_server: object) -> Filing:
    """The city with people listed for the hospital: on paper, online, self-managed."""
    filing = Filing(found_city())
    filing.self_review(filing.city.enterprise)
    filing.lines(6)
    filing.lines(2, level="副高级", qualification="副主任医师")
    filing.lines(1, number=8, channel="线上")
    filing.lines(1, number=9, mode="自主评审", department=filing.city.enterprise.name)
    return filing


@pytest.mark.long
def test_a_rule_is_set_with_its_preview(filing: Filing, window: Callable[..., Window]) -> None:
    officer = window("health.officer")
    page = officer.go("/registers/numbering/")
    officer.shot("rules-none")
    page.get_by_role("link", name="设定编号规则").first.click()
    preview = page.locator("#rule-preview")
    page.get_by_label("单位代码").fill("WJ")
    expect(preview).to_contain_text(f"WJ{timezone.localdate().year}G00001")
    page.locator("#id_check_algorithm").select_option("mod_11_2")
    expect(preview).to_contain_text("编号样式中须有 {校验}")
    officer.shot("rule-refused")
    pattern = page.get_by_label("编号样式")
    pattern.press("End")
    page.get_by_role("button", name="校验码 {校验}").click()
    expect(pattern).to_have_value("{单位}{年}{等级}{流水5}{校验}")
    expect(preview).to_contain_text("编号13位")
    page.get_by_label("各等级分别计数").check()
    page.get_by_label("启用日期").fill("2026-01-01")
    officer.shot("rule-new")
    page.locator("[data-theme-switch]").first.click()
    officer.shot("rule-new-dark")
    page.locator("[data-theme-switch]").first.click()
    page.get_by_role("button", name="设定", exact=True).click()
    expect(page.get_by_text("已设定市卫生健康委的编号规则")).to_be_visible()
    officer.shot("rules")
    assert NumberingRule.objects.get().check_algorithm == "mod_11_2"
    page.get_by_role("button", name="撤销", exact=True).click()
    officer.shot("rule-withdraw")
    page.get_by_role("button", name="确认撤销").click()
    expect(page.get_by_text("已撤销", exact=True)).to_be_visible()


def test_a_register_is_made_and_numbered_without_excel(
    filing: Filing, window: Callable[..., Window]
) -> None:
    set_rule(
        actor=filing.city.who("health", "officer"),
        unit=filing.city.health,
        valid_from=timezone.localdate(),
        pattern="W{年}{等级}{流水5}",
        senior_code="G",
        intermediate_code="Z",
        junior_code="C",
        per_grade=True,
    )
    clerk = window("hospital.clerk")
    page = clerk.go("/registers/")
    clerk.shot("list")
    page.get_by_role("link", name="由核准文件生成").click()
    clerk.shot("make-documents")
    boxes = page.locator("input[name=document]:not(:disabled)")
    for index in range(boxes.count()):
        boxes.nth(index).check()
    page.get_by_role("button", name="列出人员").click()
    people = page.locator("input[name=person]")
    expect(people).to_have_count(8)
    people.nth(3).uncheck()
    page.get_by_label("同时分配证书编号").uncheck()
    clerk.shot("make-people")
    page.locator("[data-theme-switch]").first.click()
    clerk.shot("make-people-dark")
    page.locator("[data-theme-switch]").first.click()
    page.get_by_role("button", name="生成登记表").click()
    expect(page.get_by_text("共 7 人。请补齐标出的内容（如证书编号）后提交。")).to_be_visible()
    clerk.shot("made")
    page.get_by_role("link", name="分配证书编号").click()
    # The first number may be the online person's, whose electronic certificate is made meanwhile.
    expect(page.get_by_text(re.compile("W2026Z0000[12]")).first).to_be_visible()
    clerk.shot("numbers")
    page.get_by_role("button", name="确认分配").click()
    expect(page.get_by_text("已为 7 人分配证书编号")).to_be_visible()
    clerk.shot("numbered")
    register = Register.objects.get()
    assert register.error_count == 0
    page = clerk.go(f"/registers/{register.pk}/missing/")
    clerk.shot("missing")
    page = clerk.go("/registers/template/prefilled/")
    page.locator("input[name=document]:not(:disabled)").first.check()
    clerk.shot("template")
    with page.expect_download() as download:
        page.get_by_role("button", name="下载预填模板").click()
    assert download.value.suggested_filename.endswith("（已预填）.xlsx")

    phone = window("hospital.clerk", size=(390, 844))
    phone.name = "hospital.clerk-phone"
    for path, what in (
        ("/registers/make/", "make"),
        ("/registers/template/prefilled/", "template"),
        (f"/registers/{register.pk}/numbers/", "numbers"),
        ("/registers/numbering/", "rules"),
    ):
        page = phone.go(path)
        phone.shot(what)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 390, (path, wide)
    officer = window("health.officer", size=(390, 844))
    officer.name = "health.officer-phone"
    page = officer.go("/registers/numbering/new/")
    officer.shot("new")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
