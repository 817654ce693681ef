"""The statistics as an officer uses them: a figure, its people, a view kept, a phone (N19)."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Window
from tests.statistics.outside import recount
from tests.support.city import announce, found_city
from zhicheng.reference.loading import load_reference
from zhicheng.statistics.definitions import Measure
from zhicheng.statistics.models import PersonFact
from zhicheng.statistics.refreshing import refresh

pytestmark = pytest.mark.django_db(transaction=True)


def test_n19_from_a_figure_to_its_people_and_back_to_a_kept_view(
    window: Callable[..., Window],
) -> None:
    load_reference()
    city = found_city()
    announce(city, 24, grades=("senior", "intermediate", "junior"))
    refresh()
    opened = window("office.officer")
    page = opened.go("/statistics/")
    expect(page.get_by_role("heading", name="统计总览")).to_be_visible()
    expect(page.locator("[data-chart] canvas").first).to_be_visible()
    expect(page.get_by_role("group", name="区县示意图")).to_be_visible()
    opened.shot("overview")
    page.get_by_role("link", name="统计表").click()
    page.get_by_label("指标").select_option(label="评审通过人次")
    page.locator("select[name=columns]").select_option(label="性别")
    page.get_by_role("button", name="统计", exact=True).click()
    table = page.get_by_role("table")
    expect(table.locator("tfoot tr")).to_contain_text("24")
    page.get_by_text("我的视图").click()
    page.get_by_label("视图名称").fill("级别与性别")
    page.get_by_label("打开统计时先显示").check()
    page.get_by_role("button", name="保存当前视图").click()
    expect(page.get_by_text("已保存视图“级别与性别”。")).to_be_visible()
    number = table.locator("tr[data-category=中级]").get_by_role("link").last
    many = int(number.inner_text())
    number.click()
    expect(page.get_by_role("heading", name="统计所含人员")).to_be_visible()
    expect(page.get_by_role("table").locator("tbody tr")).to_have_count(many)
    assert "columns=sex" in opened.go("/statistics/").url
    phone = window("hospital.clerk", size=(390, 844))
    for path in ("overview", "table", "compare", "process", "definitions"):
        page = phone.go(f"/statistics/{path}/")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
        phone.shot(f"phone-{path}")


def test_n19_a_year_that_shows_no_group_is_named_and_is_no_nought_in_the_picture(
    window: Callable[..., Window],
) -> None:
    load_reference()
    city = found_city()
    announce(city, 40, grades=("senior", "intermediate", "junior"))
    refresh()
    facts = PersonFact.objects.all()
    ids = list(facts.order_by("pk").values_list("pk", flat=True))
    facts.update(passed_year=2026, level=1)
    for level, pk in enumerate(ids[:5], start=1):
        facts.filter(pk=pk).update(passed_year=2025, level=level)
    recount(Measure.PASSED)
    page = window("health.clerk").go("/statistics/table/?m=passed&rows=level&columns=year")
    expect(page.get_by_text("2025 年各组人数过少，都以 * 代替。")).to_be_visible()
    expect(page.locator("[data-chart] canvas")).to_be_visible()
    drawn = page.evaluate(
        "echarts.getInstanceByDom(document.querySelector('[data-chart]')).getOption().series"
        ".map(item => [item.name, item.data])"
    )
    assert drawn == [["2025", [None]], ["2026", [35]]]
