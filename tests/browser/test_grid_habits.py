"""What hands do that know Excel: Enter, Tab, F2, the right button, double clicks."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Window
from tests.browser.test_grid import Grid, colleague, faulty
from tests.support.city import found_city
from tests.support.filing import Filing

pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[..., Window]
FIELD = "#grid-field"


@pytest.fixture
def filing() -> Filing:
    return Filing(found_city())


def until(grid: Grid, expression: str) -> None:
    """Waits; the pages' security policy lets the browser's driver not do it."""
    for _ in range(150):
        if grid.page.evaluate(expression):
            return
        grid.page.wait_for_timeout(100)
    raise AssertionError(expression)


def test_enter_tab_and_f2_do_what_they_do_in_excel(filing: Filing, window: Open) -> None:
    register, lines = faulty(filing, 30)
    grid = Grid(window("hospital.clerk"), register)
    # Enter goes down and opens nothing, Shift+Enter goes up.
    grid.choose(4, "specialty")
    grid.keys("Enter")
    assert grid.active() == ("5", "specialty")
    grid.keys("Shift+Enter")
    assert grid.active() == ("4", "specialty")
    # After a row of Tabs, Enter goes below the cell where they began.
    grid.choose(4, "work_unit")
    grid.keys("Tab", "Tab", "Tab")
    grid.keys("Enter")
    assert grid.active() == ("5", "work_unit")
    # F2 corrects: what is typed is added behind.
    grid.choose(4, "work_unit")
    grid.keys("F2")
    grid.type("东院")
    grid.keys("Enter")
    grid.saved()
    assert register.rows.get(position=4).work_unit == lines[3].listed.work_unit + "东院"
    # Ctrl+Enter puts one word into every chosen cell, and into no new person.
    grid.choose(28, "supervising_department")
    grid.keys("Shift+ArrowDown", "Shift+ArrowDown", "Shift+ArrowDown")
    grid.type("市卫健委")
    grid.keys("Control+Enter")
    grid.saved()
    assert register.rows.filter(supervising_department="市卫健委").count() == 3
    assert register.rows.count() == 30
    # A filter for faults stands at a fault.
    grid.keys("Control+Home")
    grid.page.get_by_role("button", name="错误").click()
    assert grid.active() == ("3", "specialty")


def test_the_right_button_chooses_and_the_browsers_menu_copies_and_pastes(
    filing: Filing, window: Open
) -> None:
    register, lines = faulty(filing, 30)
    grid = Grid(window("hospital.clerk"), register)
    grid.choose(1, "name")
    cell = grid.cell(6, "work_unit")
    box = cell.bounding_box()
    assert box is not None
    cell.click(button="right")
    assert grid.active() == ("6", "work_unit")
    # The menu opens over the field: its copy and paste are alive.
    under = "([x, y]) => document.elementFromPoint(x, y).id"
    middle = [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]
    assert grid.page.evaluate(under, middle) == "grid-field"
    assert grid.copied() == lines[5].listed.work_unit
    assert grid.page.evaluate(under, middle) != "grid-field"
    cell.click(button="right")
    grid.paste("山城医院")
    grid.saved()
    assert register.rows.get(position=6).work_unit == "山城医院"
    # Inside a chosen range it leaves the range alone.
    grid.choose(8, "specialty")
    grid.keys("Shift+ArrowDown")
    grid.cell(9, "specialty").click(button="right")
    assert grid.copied() == "内科学\r\n内科学"
    # Typing after a closed menu begins with what is typed.
    grid.cell(10, "specialty").click(button="right")
    grid.type("外科学")
    grid.keys("Enter")
    grid.saved()
    assert register.rows.get(position=10).specialty == "外科学"


def test_the_corner_of_the_choice_fills_downwards(filing: Filing, window: Open) -> None:
    register, lines = faulty(filing, 30)
    opened = window("hospital.clerk")
    grid = Grid(opened, register)
    handle = grid.page.locator(".grid-handle")
    grid.choose(2, "certificate_number")
    grid.type("2026K0099")
    grid.keys("Enter", "ArrowUp")
    grid.saved()
    target = grid.cell(6, "certificate_number").bounding_box()
    start = handle.bounding_box()
    assert target is not None and start is not None
    grid.page.mouse.move(start["x"] + 4, start["y"] + 4)
    grid.page.mouse.down()
    grid.page.mouse.move(start["x"] + 4, target["y"] - 20, steps=4)
    grid.page.mouse.move(start["x"] + 4, target["y"] + 10, steps=4)
    opened.shot("拖动填充")
    grid.page.mouse.up()
    grid.said("已向下填充 4 格")
    grid.saved()
    numbers = list(register.rows.order_by("position").values_list("certificate_number", flat=True))
    assert numbers[1:6] == ["2026K0099", "2026K0100", "2026K0101", "2026K0102", "2026K0103"]
    assert numbers[6] == lines[6].certificate_number
    # A double click goes to the last person, and adds nobody.
    grid.choose(2, "supervising_department")
    grid.type("市卫健委")
    grid.keys("Enter", "ArrowUp")
    grid.saved()
    handle.dblclick()
    grid.said("已向下填充 28 格")
    grid.saved()
    assert register.rows.filter(supervising_department="市卫健委").count() == 29
    assert register.rows.count() == 30
    grid.keys("Control+z")
    grid.said("已撤销，恢复 28 格")


def test_undoing_added_rows_takes_them_off_again(filing: Filing, window: Open) -> None:
    register, _lines = faulty(filing, 30)
    grid = Grid(window("hospital.clerk"), register)
    grid.page.get_by_role("button", name="添加行").click()
    grid.paste("2026Q1\t山城医院\r\n2026Q2\t山城医院")
    grid.page.get_by_role("button", name="添加 2 行").click()
    grid.saved()
    assert register.rows.count() == 32
    grid.keys("Control+z")
    grid.said("已删除 2 行")
    assert register.rows.count() == 30
    expect(grid.page.locator("[data-grid='shown']")).to_have_text("共 30 行")
    expect(grid.page.get_by_role("button", name="恢复", exact=True)).to_be_disabled()


def test_a_whole_number_shown_is_never_an_outdated_one(filing: Filing, window: Open) -> None:
    register, lines = faulty(filing)
    grid = Grid(window("hospital.clerk"), register)
    grid.choose(8, "id_number")
    grid.page.get_by_role("button", name="查看完整号码").click()
    shown = grid.page.locator("[data-grid='text']")
    right = lines[7].listed.person.id_number
    expect(shown).to_contain_text(right[:17])
    wrong = shown.inner_text()
    grid.keys("F9")
    grid.said("已采用 1 处")
    grid.saved()
    expect(shown).not_to_have_text(wrong)
    assert grid.copied() != wrong
    grid.keys("F2")
    expect(grid.page.locator(FIELD)).to_have_value("")


def test_the_sheet_fills_the_window_and_hides_no_row(filing: Filing, window: Open) -> None:
    register, _lines = faulty(filing)
    opened = window("hospital.clerk")
    grid = Grid(opened, register)
    button = grid.page.get_by_role("button", name="放大表格")
    button.click()
    box = grid.page.locator("#sheet").bounding_box()
    assert box is not None
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 1366, 768)
    opened.shot("放大表格")
    # What is said lies over the lower edge; the chosen row stays above it.
    grid.choose(2, "specialty")
    grid.keys("Control+d", "Control+End")
    said = grid.page.locator("[data-grid='said']").bounding_box()
    cell = grid.page.locator(".g-cell.is-active").bounding_box()
    assert said is not None and cell is not None
    assert cell["y"] + cell["height"] <= said["y"] + 1
    opened.shot("最后一行")
    expect(grid.page.locator("[data-grid='place']")).to_have_text("新行 批准文号")
    button.click()
    box = grid.page.locator("#sheet").bounding_box()
    assert box is not None and box["x"] > 100
    # A header's edge: drawn, or fitted to the longest text by a double click.
    width = "zcGrid.grid.sheet.widths[1]"
    before = grid.page.evaluate(width)
    grid.page.evaluate("zcGrid.grid.sheet.widen(1, 40)")
    assert grid.page.evaluate(width) == 40
    grid.page.locator("[data-edge='1']").dblclick()
    assert 40 < grid.page.evaluate(width) <= before


def test_a_refused_change_can_be_looked_at_again(filing: Filing, window: Open) -> None:
    from zhicheng.registers import actions

    clerk = filing.city.who("hospital", "clerk")
    register = filing.upload(filing.lines(2))
    opened = window("hospital.clerk")
    grid = Grid(opened, register)
    grid.page.evaluate("zcGrid.grid.live.asking = true")
    actions.submit(actor=clerk, register_id=register.pk)
    grid.choose(1, "specialty")
    grid.type("外科学")
    grid.keys("Enter")
    dialog = grid.page.get_by_role("dialog", name="没有保存")
    dialog.get_by_role("button", name="先留着").click()
    expect(grid.page.locator("[data-grid='state']")).to_have_text("未保存 1 处")
    actions.withdraw(actor=clerk, register_id=register.pk)
    grid.page.get_by_role("button", name="查看原因").click()
    dialog.get_by_role("button", name="再试一次").click()
    grid.saved()
    expect(grid.page.get_by_role("button", name="查看原因")).to_be_hidden()
    assert register.rows.get(position=1).specialty == "外科学"
    opened.errors = [error for error in opened.errors if "status of 422" not in error]


@pytest.mark.parametrize("key", ["specialty", "id_number"])
def test_n18_a_change_that_came_while_somebody_was_typing_is_not_written_over(
    filing: Filing, window: Open, key: str
) -> None:
    register, lines = faulty(filing)
    colleague(filing)
    mine = Grid(window("hospital.clerk"), register)
    theirs = Grid(window("hospital.second"), register)
    first, second = "骨科学", "眼科学"
    if key == "id_number":
        first, second = lines[0].listed.person.id_number, lines[2].listed.person.id_number
    mine.choose(8, key)
    mine.type(second)
    theirs.choose(8, key)
    theirs.type(first)
    theirs.keys("Enter")
    theirs.saved()
    # Their change is in my page already, under the field in which I am still typing.
    version = register.rows.get(position=8).version
    until(mine, f"zcGrid.grid.store.view[7].version === {version}")
    mine.keys("Enter")
    dialog = mine.page.get_by_role("dialog", name="他人先修改了这些单元格")
    expect(dialog).to_contain_text("何晓颖")
    assert register.rows.get(position=8).version == version
    dialog.get_by_role("button", name="用我的").last.click()
    mine.saved()
    assert register.rows.get(position=8).version == version + 1


def test_ones_own_save_is_no_conflict_with_ones_next_word(filing: Filing, window: Open) -> None:
    register, lines = faulty(filing)
    grid = Grid(window("hospital.clerk"), register)
    grid.choose(8, "sex")
    grid.type((lines[7].listed.person.sex == "男" and "女") or "男")
    grid.keys("Tab")
    grid.type(lines[7].listed.person.id_number)
    # The sex is saved, and the row's version has moved, while the number is being typed.
    until(grid, "zcGrid.grid.store.view[7].version > 1")
    grid.keys("Enter")
    grid.saved()
    assert grid.page.get_by_role("dialog").count() == 0
    assert register.rows.get(position=8).version == 3
