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


def counted(people: int, *, juniors: int = 0) -> None:
    """A city of so many people of every grade, and more of the lowest, who are in the figures."""
    load_reference()
    city = found_city()
    announce(city, people, grades=("senior", "intermediate", "junior"))
    if juniors:
        announce(city, juniors, grades=("junior",))
    refresh()


def test_n19_from_a_figure_to_its_people_and_back_to_a_kept_view(
    window: Callable[..., Window],
) -> None:
    counted(24)
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
    counted(40)
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


DRAWN = (
    "id => { const drawn = echarts.getInstanceByDom("
    "document.querySelector(`[data-table=${id}]`)).getOption();"
    " return [(drawn.yAxis[0].data || drawn.xAxis[0].data), drawn.series[0].data]; }"
)


def test_n19_a_table_is_narrowed_and_sorted_by_keyboard(window: Callable[..., Window]) -> None:
    counted(12, juniors=7)
    page = window("office.officer").go("/statistics/table/?m=passed&rows=grade")
    page.get_by_label("只看").select_option(label="核准部门")
    page.get_by_role("button", name="统计", exact=True).click()
    table = page.get_by_role("table")
    expect(page.get_by_label("其中").locator("option:checked")).to_have_text("全部")
    expect(table.locator("tfoot tr")).to_contain_text("19")
    page.get_by_label("其中").select_option(index=1)
    chosen = page.get_by_label("其中").locator("option:checked").inner_text()
    page.get_by_role("button", name="统计", exact=True).click()
    expect(page.locator(".zc-stat-title")).to_contain_text(f"核准部门：{chosen}")
    expect(page.get_by_label("其中").locator("option:checked")).to_have_text(chosen)

    def lines() -> list[list[str]]:
        return [row.split() for row in table.locator("tbody tr").all_inner_texts()]

    as_they_came = lines()
    by_number = sorted(as_they_came, key=lambda line: int(line[1]))
    head = table.locator("thead th").last
    head.get_by_role("button").focus()
    for order, wanted in (
        ("descending", by_number[::-1]),
        ("ascending", by_number),
        (None, as_they_came),
    ):
        page.keyboard.press("Enter")
        assert head.get_attribute("aria-sort") == order
        assert [int(line[1]) for line in lines()] == [int(line[1]) for line in wanted]
        expect(table.locator("tfoot tr")).to_contain_text("19")
        labels, numbers = page.evaluate(DRAWN, "statistics-table")
        assert [[label, str(n)] for label, n in zip(labels, numbers, strict=True)] == lines()
    table.locator("tfoot").get_by_role("link").click()
    expect(page.get_by_role("table").locator("tbody tr")).to_have_count(19)


def test_n19_in_english_the_levels_names_stand_beside_the_bars(
    window: Callable[..., Window],
) -> None:
    counted(24)
    opened = window("office.officer")
    opened.page.context.add_cookies(
        [{"name": "django_language", "value": "en", "url": opened.base}]
    )
    page = opened.go("/statistics/overview/")
    expect(page.get_by_role("heading", name="Statistics: overview")).to_be_visible()
    assert page.evaluate("""() => [...document.querySelectorAll('.zc-pyramid g g')].every(level => {
        const [left, right] = level.querySelectorAll('rect');
        const words = level.querySelector('text').getBoundingClientRect();
        return words.left >= left.getBoundingClientRect().right
            && words.right <= right.getBoundingClientRect().left; })""")
    for wrap in page.locator(".zc-table-wrap").all():
        assert wrap.evaluate("item => item.scrollWidth <= item.clientWidth + 1")
