"""N4 in the browser: paper after a change, the file again, versions compared, stamped scans."""

import io
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pypdfium2
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SHOTS, Window
from tests.browser.grid_page import Grid
from tests.support.city import found_city
from tests.support.filing import Filing
from zhicheng.registers import actions
from zhicheng.registers.models import Register
from zhicheng.registers.scans import codes_of

pytestmark = pytest.mark.django_db(transaction=True)


def change_cell(window: Window, register: Register, position: int, key: str, text: str) -> None:
    """Changes a cell in the page's grid by keyboard, and waits until it is saved."""
    grid = Grid(window, register)
    grid.choose(position, key)
    grid.type(text)
    grid.keys("Enter")
    for _ in range(200):
        if getattr(register.rows.get(position=position), key) == text:
            return
        window.page.wait_for_timeout(50)
    raise AssertionError("the cell was not saved")


def printed(clerk: Window, register: Register) -> bytes:
    """Prints by the page's button; gives the PDF's bytes."""
    page = clerk.go(f"/registers/{register.pk}/paper/")
    token = page.locator("input[name=csrfmiddlewaretoken]").first.input_value()
    expect(page.get_by_role("button", name="打印附件1")).to_be_visible()
    answer = page.request.post(
        f"{clerk.base}/registers/{register.pk}/paper/print/",
        form={"csrfmiddlewaretoken": token},
        headers={"Referer": page.url},
    )
    assert answer.ok
    return answer.body()


def scan(office: Window, code: str) -> Page:
    """What a keyboard-wedge scanner does: types the code and presses Enter."""
    page = office.go("/registers/paper/")
    page.get_by_label("二维码内容").fill(code)
    page.keyboard.press("Enter")
    expect(page.locator(".paper-result, .zc-refusal").first).to_be_visible()
    return page


@pytest.mark.long
def test_n4_paper_after_a_change_tells_old_and_new_value(window: Callable[..., Window]) -> None:
    filing = Filing(found_city())
    made = filing.upload(filing.lines(17))
    clerk, office = window("hospital.clerk"), window("office.clerk")
    paper = printed(clerk, made)
    SHOTS.mkdir(parents=True, exist_ok=True)
    document = pypdfium2.PdfDocument(paper)
    assert len(document) == 2
    for number in range(2):
        sheet = document[number]
        sheet.render(scale=1.6).to_pil().save(SHOTS / f"附件1-{number + 1}.png")
        sheet.close()
    document.close()
    first, second = codes_of(paper)
    page = scan(office, first)
    expect(page.get_by_text("纸质与数据一致", exact=True)).to_be_visible()
    office.shot("纸质一致")

    change_cell(clerk, made, 3, "work_unit", "山城第二人民医院")
    page = scan(office, first)
    expect(page.get_by_text("纸质与数据不一致：1 行打印后有更正")).to_be_visible()
    changed = page.locator(".ver-differences tbody tr")
    expect(changed).to_have_count(1)
    expect(changed.locator("del")).to_have_text(filing.city.hospital.name)
    expect(changed.locator("ins")).to_have_text("山城第二人民医院")
    office.shot("纸质不一致")
    page = scan(office, second)
    expect(page.get_by_text("纸质与数据一致", exact=True)).to_be_visible()

    again = printed(clerk, made)
    page = scan(office, codes_of(again)[0])
    expect(page.get_by_text("纸质与数据一致", exact=True)).to_be_visible()
    page = scan(office, first[:-1] + ("0" if first[-1] != "0" else "1"))
    expect(page.get_by_text("该页可能被改动过")).to_be_visible()
    office.shot("改动过的二维码")

    page = clerk.go(f"/registers/{made.pk}/paper/")
    page.get_by_label("上传盖章后的附件1").set_input_files(
        [
            {"name": "盖章扫描件.pdf", "mimeType": "application/pdf", "buffer": again},
            {"name": "旧的.pdf", "mimeType": "application/pdf", "buffer": paper},
        ]
    )
    page.get_by_role("button", name="上传扫描件").click()
    expect(page.get_by_text("读到 2 页，与数据一致")).to_be_visible()
    expect(page.get_by_text("读到 2 页，有 1 行打印后有更正")).to_be_visible()
    clerk.shot("扫描件")


def test_n4_fix_in_excel_and_see_what_changed(
    window: Callable[..., Window], tmp_path: Path
) -> None:
    filing = Filing(found_city())
    lines = filing.lines(12)
    number = lines[5].listed.person.id_number
    made = filing.upload(
        [
            lines[0].but(姓名="无此人"),
            lines[1].but(专业名称="外科"),
            lines[2].but(性别=""),
            *lines[3:5],
            lines[5].but(身份证号码=number[:17] + ("X" if number[17] != "X" else "1")),
            *lines[6:11],
        ]
    )
    row = made.rows.get(position=1)
    who = filing.city.who("hospital", "clerk")
    name = lines[0].listed.person.name
    actions.correct_row(actor=who, row_id=row.pk, changes={"name": name}, version=1)
    clerk = window("hospital.clerk")
    page = clerk.go(f"/registers/{made.pk}/findings/")
    clerk.shot("检查结果")
    with page.expect_download() as download:
        page.get_by_role("button", name="下载标注文件").click()
    marked = tmp_path / "标注.xlsx"
    download.value.save_as(marked)

    # In Excel: two faults mended, one row taken out, one added; the name typed as it was at first.
    book = openpyxl.load_workbook(marked)
    sheet = book["登记表"]
    assert sheet["E4"].value == name
    sheet["E4"].value = "无此人"
    sheet["F6"].value = lines[2].listed.person.sex
    sheet["G9"].value = number
    for cell in sheet[12]:
        cell.value = None
    for column, value in enumerate(lines[11].cells(12), start=1):
        sheet.cell(20, column, value)
    target = io.BytesIO()
    book.save(target)
    marked.write_bytes(target.getvalue())

    page.get_by_role("link", name="重新上传").first.click()
    clerk.shot("重新上传")
    page.get_by_label("登记表文件").set_input_files(marked)
    page.get_by_role("button", name="上传并检查").click()
    expect(page.get_by_role("heading", name="逐行变化")).to_be_visible()
    expect(page.get_by_text("1 处曾在网页上更正，文件带回了别的内容")).to_be_visible()
    clerk.shot("文件的变化")
    page.screenshot(path=SHOTS / "文件的变化-全页.png", full_page=True)
    page.get_by_role("button", name="全部保留网页上的").click()
    page.get_by_role("button", name="确定").click()
    expect(page.get_by_text("已保留网页上的内容 1 处")).to_be_visible()
    made.refresh_from_db()
    assert made.rows.get(pk=row.pk).name == name
    assert made.row_count == 11

    page = clerk.go(f"/registers/{made.pk}/versions/")
    clerk.shot("版本")
    page.get_by_label("原版本").select_option("1")
    page.get_by_role("button", name="比较").click()
    expect(page.locator(".ver-differences tbody tr")).to_have_count(5)
    clerk.shot("比较")
    clerk.go(f"/registers/{made.pk}/versions/1/")
    clerk.shot("第一版")
    phone = window("hospital.clerk", size=(390, 844))
    phone.go(f"/registers/{made.pk}/compare/?from=1&to={made.version}")
    phone.shot("手机比较")


def test_n4_the_office_is_warned_before_it_accepts(window: Callable[..., Window]) -> None:
    filing = Filing(found_city())
    made = filing.filed(filing.lines(3))
    office = window("office.officer")
    page = office.go(f"/registers/{made.pk}/")
    expect(page.get_by_text("尚未核对")).to_be_visible()
    expect(page.get_by_role("button", name="受理", exact=True)).to_be_enabled()
    office.shot("受理前提示")
    page = office.go("/registers/paper/")
    page.get_by_text("没有扫描枪").click()
    office.shot("照片")
