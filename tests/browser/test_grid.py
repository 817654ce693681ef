"""The register as a spreadsheet, in a real browser: keys, blocks, undo, suggestions, two people."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Window
from tests.browser.grid_page import Grid
from tests.support.city import found_city
from tests.support.filing import Filing, Line
from zhicheng.audit.models import AuditEvent
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Role
from zhicheng.protection import reveal
from zhicheng.registers import actions
from zhicheng.registers.models import Register, RegisterState

pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[..., Window]


@pytest.fixture
def filing() -> Filing:
    return Filing(found_city())


def colleague(filing: Filing, name: str = "hospital.second") -> Account:
    return Account.objects.create_account(
        name,
        "correct-horse-9",
        display_name="何晓颖",
        organization=filing.city.hospital,
        role=Role.CLERK,
    )


def faulty(filing: Filing, count: int = 40) -> tuple[Register, list[Line]]:
    lines = filing.lines(count)
    sent = list(lines)
    for place in (2, 5, 11):
        sent[place] = lines[place].but(专业名称="外科")
    number = lines[7].listed.person.id_number
    sent[7] = lines[7].but(身份证号码=number[:17] + ("1" if number[17] != "1" else "2"))
    sent[20] = lines[20].but(性别="")
    sent[25] = lines[25].but(工作单位="山城第二人民医院")
    return filing.upload(sent), lines


def test_cells_are_edited_by_keyboard_and_saved_by_themselves(filing: Filing, window: Open) -> None:
    register, lines = faulty(filing)
    grid = Grid(window("hospital.clerk"), register)
    # It opens at the first error, and goes on from there by a key, round and round.
    assert grid.active() == ("3", "specialty")
    grid.window.shot("打开")
    grid.keys("F8")
    assert grid.active() == ("6", "specialty")
    grid.keys("F8")
    assert grid.active() == ("8", "id_number")
    grid.keys("Shift+F8", "Shift+F8")
    assert grid.active() == ("3", "specialty")
    # Typing takes the cell's place; Enter saves and goes down, as in Excel.
    grid.type("内科学")
    grid.keys("Enter")
    grid.saved()
    assert grid.active() == ("4", "specialty")
    expect(grid.cell(3, "specialty")).to_have_text("内科学")
    expect(grid.cell(3, "specialty")).not_to_have_class(re.compile("is-error"))
    assert register.rows.get(position=3).specialty == "内科学"
    # F2 corrects what stands there, Escape leaves it, Delete clears it.
    grid.choose(1, "work_unit")
    grid.keys("F2", "End")
    grid.type("分院")
    grid.keys("Escape")
    expect(grid.cell(1, "work_unit")).to_have_text(lines[0].listed.work_unit)
    grid.keys("F2", "End")
    grid.type("分院")
    grid.keys("Tab")
    assert grid.active() == ("1", "supervising_department")
    grid.keys("Delete")
    grid.saved()
    row = register.rows.get(position=1)
    assert row.work_unit == lines[0].listed.work_unit + "分院"
    assert row.supervising_department == ""
    expect(grid.cell(1, "supervising_department")).to_have_class(re.compile("is-warning"))
    # Only a whole new number goes into an ID number's cell, and is masked at once.
    number = lines[7].listed.person.id_number
    grid.choose(8, "id_number")
    grid.keys("F2")
    expect(grid.page.locator("#grid-field")).to_have_value("")
    grid.type(number)
    grid.keys("Enter")
    grid.saved()
    expect(grid.cell(8, "id_number")).not_to_have_class(re.compile("is-error"))
    assert number not in grid.page.content()
    assert reveal(bytes(register.rows.get(position=8).id_number_cipher or b"")) == number
    # What the keys do is one key away.
    grid.keys("?")
    expect(grid.page.get_by_role("dialog", name="表格的按键")).to_be_visible()
    grid.window.shot("按键")
    grid.keys("Escape")
    grid.keys("ArrowRight")
    expect(grid.page.locator("#grid-live")).to_contain_text("第 9 行 专业名称 内科学")
    expect(grid.page.get_by_text("还有 3 处错误").first).to_be_visible()


def test_a_block_from_excel_is_pasted_filled_down_and_undone(filing: Filing, window: Open) -> None:
    register, lines = faulty(filing, 30)
    grid = Grid(window("hospital.clerk"), register)
    grid.choose(1, "certificate_number")
    grid.paste('2026P001\t"山城医院\n东院"\r\n2026P002\t"山城""新""医院"\r\n2026P003\t山城医院\r\n')
    grid.said("已粘贴")
    grid.saved()
    told = register.rows.order_by("position").values_list("certificate_number", "work_unit")
    assert list(told[:3]) == [
        ("2026P001", "山城医院东院"),
        ("2026P002", '山城"新"医院'),
        ("2026P003", "山城医院"),
    ]
    event = AuditEvent.objects.latest("sequence")
    assert (event.data["how"], event.data["count"], len(event.row_ids)) == ("paste", 6, 3)
    # One value into many cells, and the first one down.
    grid.choose(5, "supervising_department")
    grid.keys("Shift+ArrowDown", "Shift+ArrowDown")
    grid.paste("市卫健委")
    grid.saved()
    assert register.rows.filter(supervising_department="市卫健委").count() == 3
    grid.choose(5, "supervising_department")
    for _ in range(7):
        grid.keys("Shift+ArrowDown")
    grid.keys("Control+d")
    grid.said("已向下填充 5 格")
    grid.saved()
    assert register.rows.filter(supervising_department="市卫健委").count() == 8
    grid.window.shot("填充")
    # Undo is a new edit with the old values; redo brings it back.
    version = register.rows.get(position=12).version
    grid.keys("Control+z")
    grid.said("已撤销，恢复 5 格")
    assert register.rows.filter(supervising_department="市卫健委").count() == 3
    assert register.rows.get(position=12).version == version + 1
    assert AuditEvent.objects.latest("sequence").data["how"] == "undo"
    grid.keys("Control+y")
    grid.said("已恢复 5 格")
    assert register.rows.filter(supervising_department="市卫健委").count() == 8
    grid.keys("Control+z", "Control+z")
    grid.keys("Control+z")
    grid.saved()
    expect(grid.cell(1, "certificate_number")).to_have_text(lines[0].certificate_number)
    # Beyond the last row it asks; what is added are rows like all others.
    grid.keys("Control+End")
    grid.keys("ArrowUp", "Home")
    assert grid.active() == ("30", "certificate_number")
    grid.paste("2026Q1\r\n2026Q2\r\n2026Q3")
    dialog = grid.page.get_by_role("dialog", name="粘贴的内容超出表末")
    expect(dialog).to_contain_text("还有 2 行放不下")
    grid.window.shot("超出表末")
    dialog.get_by_role("button", name="添加 2 行").click()
    grid.saved()
    numbers = register.rows.order_by("position").values_list("certificate_number", flat=True)
    assert list(numbers[29:]) == ["2026Q1", "2026Q2", "2026Q3"]
    register.refresh_from_db()
    assert register.row_count == 32
    # Rows go only after a word.
    grid.keys("Control+End", "ArrowUp", "Shift+ArrowUp")
    grid.page.get_by_role("button", name="删除行").click()
    grid.page.get_by_role("dialog").get_by_role("button", name="删除").click()
    grid.said("已删除 2 行")
    register.refresh_from_db()
    assert register.row_count == 30
    # Copied out, ID numbers stay masked until somebody asks to see one.
    grid.keys("Control+Home")
    grid.choose(2, "name")
    grid.keys("Shift+ArrowRight", "Shift+ArrowRight")
    number = lines[1].listed.person.id_number
    name, _sex, shown = grid.copied().split("\t")
    assert name == lines[1].listed.person.name and "***" in shown
    grid.choose(2, "id_number")
    grid.page.get_by_role("button", name="查看完整号码").click()
    expect(grid.page.locator("[data-grid='text']")).to_have_text(number)
    assert grid.copied() == number
    assert AuditEvent.objects.latest("sequence").tag == "any:person:unmask"


def test_suggestions_are_taken_one_by_a_key_and_all_of_a_kind(filing: Filing, window: Open) -> None:
    register, lines = faulty(filing)
    grid = Grid(window("hospital.clerk"), register)
    grid.choose(8, "id_number")
    expect(grid.page.get_by_role("button", name=re.compile("采用核准文件的值"))).to_be_visible()
    grid.keys("F9")
    grid.said("已采用 1 处")
    number = lines[7].listed.person.id_number
    assert reveal(bytes(register.rows.get(position=8).id_number_cipher or b"")) == number
    # Undone without the page ever having seen either number.
    grid.keys("Control+z")
    grid.said("已撤销")
    assert reveal(bytes(register.rows.get(position=8).id_number_cipher or b"")) != number
    grid.keys("Control+y")
    grid.said("已恢复 1 格")
    assert reveal(bytes(register.rows.get(position=8).id_number_cipher or b"")) == number
    grid.page.get_by_text("按种类").click()
    grid.window.shot("按种类")
    grid.page.get_by_role("button", name="专业名称与评审表不一致：全部采用建议的值（3 处）").click()
    grid.said("已采用 3 处")
    register.refresh_from_db()
    assert register.error_count == 1
    assert AuditEvent.objects.latest("sequence").data["count"] == 3
    # Only faulty rows, by severity and by text.
    grid.page.get_by_role("button", name=re.compile("^错误")).click()
    expect(grid.page.locator("[data-grid='shown']")).to_have_text("显示 1 行，共 40 行")
    assert grid.active()[0] == "21"
    grid.page.get_by_role("button", name=re.compile("^全部 40")).click()
    grid.page.locator("#sheet-find").fill(lines[30].listed.person.name)
    expect(grid.page.locator("[data-grid='shown']")).to_contain_text("显示 1 行")
    grid.page.locator("#sheet-find").fill(lines[31].listed.person.id_number)
    expect(grid.cell(1, "name")).to_have_text(lines[31].listed.person.name)
    assert lines[31].listed.person.id_number not in grid.page.url
    grid.page.locator("#sheet-find").fill("")
    expect(grid.page.locator("[data-grid='shown']")).to_have_text("共 40 行")
    # Sorting is for the eye alone.
    grid.page.get_by_role("button", name="证书编号", exact=True).click()
    grid.page.get_by_role("button", name="证书编号", exact=True).click()
    grid.keys("Control+Home")
    expect(grid.cell(1, "certificate_number")).to_have_text(lines[39].certificate_number)
    assert register.rows.get(position=1).certificate_number == lines[0].certificate_number


@pytest.mark.long
def test_two_people_see_each_other_and_nobodys_edit_is_lost(filing: Filing, window: Open) -> None:
    register, lines = faulty(filing)
    colleague(filing)
    mine = Grid(window("hospital.clerk"), register)
    theirs = Grid(window("hospital.second"), register)
    # Another's change and its finding appear by themselves; who is where shows too.
    theirs.choose(2, "work_unit")
    theirs.keys("F2")
    expect(mine.page.locator("[data-grid='present']")).to_contain_text("何晓颖 正在更正第 2 行")
    theirs.keys("Control+a")
    theirs.type("山城第三人民医院")
    theirs.keys("Enter")
    theirs.saved()
    expect(mine.cell(2, "work_unit")).to_have_text("山城第三人民医院")
    expect(mine.cell(2, "work_unit")).to_have_class(re.compile("is-warning"))
    mine.said("何晓颖")
    mine.window.shot("他人的更正")
    # Different cells of one row don't meet; the same cell does.
    for grid in (mine, theirs):  # neither hears of the other before both have saved
        grid.page.evaluate("zcGrid.grid.live.asking = true")
    theirs.choose(4, "qualification")
    theirs.type("副主任医师")
    theirs.keys("Enter")
    theirs.saved()
    mine.choose(4, "specialty")
    mine.type("外科学")
    mine.keys("Enter")
    mine.saved()
    row = register.rows.get(position=4)
    assert (row.qualification, row.specialty) == ("副主任医师", "外科学")
    theirs.choose(5, "specialty")
    theirs.type("骨科学")
    theirs.keys("Enter")
    theirs.saved()
    mine.choose(5, "certificate_number")
    mine.paste(
        "\r\n".join(
            "\t".join([f"2026R{place}", "山城第一人民医院", "市卫健委", "", "", "", "眼科学"])
            for place in range(3)
        ).replace(
            "\t\t\t\t", f"\t{lines[4].listed.person.name}\t{lines[4].listed.person.sex}\t***\t"
        )
    )
    dialog = mine.page.get_by_role("dialog", name=re.compile("他人先修改了"))
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("何晓颖")
    expect(dialog).to_contain_text("骨科学")
    expect(dialog).to_contain_text("眼科学")
    mine.window.shot("冲突")
    # The other rows of the batch are saved, the disputed one not at all.
    assert register.rows.get(position=6).specialty == "眼科学"
    row = register.rows.get(position=5)
    assert (row.specialty, row.certificate_number) == ("骨科学", lines[4].certificate_number)
    dialog.get_by_role("button", name=re.compile("用我的$")).first.click()
    expect(dialog).to_be_hidden()
    mine.saved()
    row = register.rows.get(position=5)
    assert (row.specialty, row.certificate_number) == ("眼科学", "2026R0")
    for grid in (mine, theirs):
        grid.page.evaluate("zcGrid.grid.live.asking = false")
    expect(theirs.cell(5, "specialty")).to_have_text("眼科学")


def test_without_connection_nothing_typed_is_lost(filing: Filing, window: Open) -> None:
    register, _lines = faulty(filing)
    opened = window("hospital.clerk")
    grid = Grid(opened, register)
    grid.page.context.set_offline(True)
    grid.choose(1, "specialty")
    grid.type("外科学")
    grid.keys("Enter")
    grid.type("骨科学")
    grid.keys("Enter")
    state = grid.page.locator("[data-grid='state']")
    expect(state).to_have_text("未保存 2 处")
    expect(grid.page.get_by_role("alert").filter(has_text="修改留在本页")).to_be_visible()
    grid.window.shot("未保存")
    asked: list[str] = []
    grid.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    grid.page.evaluate("setTimeout(() => location.assign('/tasks/'), 0)")
    grid.page.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    grid.page.context.set_offline(False)
    grid.saved()
    told = register.rows.order_by("position").values_list("specialty", flat=True)
    assert list(told[:2]) == ["外科学", "骨科学"]
    opened.errors = [error for error in opened.errors if "ERR_INTERNET_DISCONNECTED" not in error]
    # Taken away meanwhile: the grid says so and turns read-only, and the words stay in the page.
    clerk = filing.city.who("hospital", "clerk")
    other = filing.upload(filing.lines(2))
    again = Grid(opened, other)
    actions.submit(actor=clerk, register_id=other.pk)
    again.page.evaluate("zcGrid.grid.live.asking = true")
    again.choose(1, "specialty")
    again.type("外科学")
    again.keys("Enter")
    dialog = again.page.get_by_role("dialog", name="没有保存")
    expect(dialog).to_contain_text("待主管部门签章")
    dialog.get_by_role("button", name="放弃这些修改").click()
    expect(again.cell(1, "specialty")).to_have_text("内科学")
    assert Register.objects.get(pk=other.pk).state == RegisterState.ENDORSING
    opened.errors = [error for error in opened.errors if "status of 422" not in error]


def test_whoever_may_only_read_reads_and_copies(filing: Filing, window: Open) -> None:
    register, _lines = faulty(filing)
    reader = window("health.officer", size=(390, 844))
    grid = Grid(reader, register)
    assert grid.page.locator("[role=grid]").get_attribute("aria-readonly") == "true"
    grid.page.locator(".g-row[aria-rowindex='4'] .g-cell[data-key='name']").click()
    grid.type("x")
    grid.keys("Enter", "Delete", "F9", "Control+d")
    grid.paste("改")
    assert grid.page.locator(".is-waiting").count() == 0
    assert len(grid.copied()) > 1
    assert not grid.page.get_by_role("button", name="添加行").count()
    grid.window.shot("手机")
    assert list(register.rows.order_by().values_list("version", flat=True).distinct()) == [1]
