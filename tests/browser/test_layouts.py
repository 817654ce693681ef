"""A layout is edited by pointer, number and keyboard, and a printer calibrated, in the browser."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Window
from tests.support.city import City, found_city
from zhicheng.documents.layout import Field
from zhicheng.layouts import actions
from zhicheng.layouts.models import LayoutVersion, Printer
from zhicheng.layouts.queries import layout_for

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def city(transactional_db: None) -> City:
    return found_city()


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    """A made-up blank, scanned: paper, a frame, lines to write on."""
    picture = Image.new("RGB", (1040, 740), (246, 238, 220))
    pencil = ImageDraw.Draw(picture)
    pencil.rectangle((30, 30, 1010, 710), outline=(150, 60, 50), width=6)
    for line in range(410, 620, 48):
        pencil.line((200, line, 480, line), fill=(120, 80, 60), width=2)
    picture.save(tmp_path / "scan.png")
    return tmp_path / "scan.png"


def field(version: LayoutVersion, name: str) -> Field:
    version.refresh_from_db()
    return next(item for item in version.layout.fields if item.name == name)


def box(page: Page, place: str) -> Locator:
    return page.locator(f'#lay-board [data-place="{place}"] .lay-frame')


def previewed(page: Page) -> None:
    """The last change is on the picture."""
    expect(page.locator("body")).to_have_attribute("data-preview", "shown", timeout=10_000)


def per_mm(page: Page) -> float:
    return float(page.evaluate("window.zc.layout.board.px"))


def drag(page: Page, at: tuple[float, float], by: tuple[float, float]) -> None:
    scale = per_mm(page)
    page.mouse.move(*at)
    page.mouse.down()
    page.mouse.move(at[0] + by[0] * scale / 2, at[1] + by[1] * scale / 2)
    page.mouse.move(at[0] + by[0] * scale, at[1] + by[1] * scale)
    page.mouse.up()


def middle(locator: Locator) -> tuple[float, float]:
    found = locator.bounding_box()
    assert found
    return found["x"] + found["width"] / 2, found["y"] + found["height"] / 2


@pytest.mark.long
def test_n8_a_layout_is_edited_put_in_use_and_succeeded(
    city: City, window: Callable[..., Window], scan: Path
) -> None:
    clerk = window("office.clerk")
    page = clerk.go("/layouts/")
    clerk.shot("layouts-none")
    page.get_by_role("link", name="起草版式").click()
    page.get_by_label("等级").select_option(label="高级")
    page.get_by_label("印制年度").fill("2026")
    page.get_by_role("button", name="起草").click()
    version = LayoutVersion.objects.get()
    previewed(page)
    clerk.shot("editor")
    assert version.state == "draft"

    # By pointer: five millimetres right and two down, free of snapping.
    page.keyboard.down("Alt")
    drag(page, middle(box(page, "name")), (5, 2))
    page.keyboard.up("Alt")
    expect(page.get_by_text("有未保存的修改")).to_be_visible()
    x = float(box(page, "name").get_attribute("x") or 0)
    assert x == pytest.approx(55, abs=0.3)
    # By its corner: the box gets wider.
    page.keyboard.down("Alt")
    drag(page, middle(page.locator('#lay-board [data-place="name"] [data-handle]')), (-4, 0))
    page.keyboard.up("Alt")
    assert float(box(page, "name").get_attribute("width") or 0) == pytest.approx(64, abs=0.3)
    # Near another's edge it snaps: 姓名 goes back to the left edge of 性别.
    drag(page, middle(box(page, "name")), (-4.6, 0))
    assert box(page, "name").get_attribute("x") == "50"

    # By keyboard: three tenths right, one millimetre down, a tenth wider.
    page.locator('#lay-board [data-place="sex"]').focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowRight", "Shift+ArrowDown", "Control+ArrowRight"):
        page.keyboard.press(key)
    assert box(page, "sex").get_attribute("x") == "50.3"
    assert box(page, "sex").get_attribute("y") == "106"
    assert box(page, "sex").get_attribute("width") == "68.1"
    expect(page.locator('#lay-board [data-place="sex"]')).to_have_accessible_name(
        "性别：左 50.3，上 106，宽 68.1，高 9 毫米"
    )

    # By number, in the table and beside the board.
    page.get_by_role("spinbutton", name="工作单位 左").fill("52.5")
    page.get_by_role("spinbutton", name="工作单位 左").press("Enter")
    page.get_by_role("button", name="证书编号", exact=True).click()
    side = page.get_by_role("region", name="选中的一栏")
    side.get_by_label("宽").fill("60")
    side.get_by_label("宽").press("Enter")
    side.get_by_label("水平").select_option("center")
    assert box(page, "number").get_attribute("width") == "60"
    # The code never gets unreadable.
    page.get_by_role("spinbutton", name="二维码 宽").fill("5")
    page.get_by_role("spinbutton", name="二维码 宽").press("Enter")
    expect(page.get_by_role("spinbutton", name="二维码 宽")).to_have_value("22")

    # Undone and done again.
    page.get_by_role("button", name="撤销修改").click()
    expect(page.get_by_role("spinbutton", name="二维码 宽")).to_have_value("24")
    page.get_by_role("button", name="重做").click()
    expect(page.get_by_role("spinbutton", name="二维码 宽")).to_have_value("22")
    page.keyboard.press("Control+z")
    expect(page.get_by_role("spinbutton", name="二维码 宽")).to_have_value("24")

    # A sample that doesn't fit is flagged, at its box and in words.
    page.get_by_role("spinbutton", name="姓名 高").fill("4")
    page.get_by_role("spinbutton", name="姓名 高").press("Enter")
    page.get_by_label("样例内容").select_option("longest")
    expect(page.locator("#lay-problems")).to_contain_text(re.compile("姓名：55 个字容纳不下"))
    expect(page.locator('#lay-board [data-place="name"]')).to_have_class(re.compile("is-error"))
    clerk.shot("editor-overlong")
    page.get_by_role("spinbutton", name="姓名 高").fill("12")
    page.get_by_role("spinbutton", name="姓名 高").press("Enter")
    page.get_by_label("样例内容").select_option("rare")
    expect(page.locator('#lay-board [data-place="name"]')).not_to_have_class(re.compile("is-error"))
    previewed(page)
    assert page.locator("#lay-board image").last.get_attribute("href", timeout=100)
    clerk.shot("editor-rare")

    # Somebody else has it open; who saves second is told.
    other = window("office.officer")
    there = other.go(version.get_absolute_url())
    previewed(there)
    page.get_by_label("说明").fill("按 2026 年新版空白证书实测")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_text("已保存，第 2 次修订")).to_be_visible()
    assert (field(version, "sex").x, field(version, "sex").y) == (50.3, 106)
    assert field(version, "work_unit").x == 52.5
    assert field(version, "number").align == "center"
    assert field(version, "name").x == 50
    there.get_by_role("spinbutton", name="级别 左").fill("175")
    there.get_by_role("spinbutton", name="级别 左").press("Enter")
    there.get_by_role("button", name="保存", exact=True).click()
    alert = there.locator("#lay-alert")
    expect(alert).to_contain_text("这一草稿刚被别人修改")
    expect(alert).to_contain_text("office.clerk")
    other.shot("conflict")
    with there.expect_download() as download:
        alert.get_by_role("button", name="下载我的版式（TOML）").click()
    mine = download.value.path().read_text("utf-8")
    assert 'label = "级别"\nx = 175' in mine
    other.errors[:] = [error for error in other.errors if "409" not in error]
    alert.get_by_role("button", name="刷新页面").click()
    previewed(there)

    # The officer may put it in use: only the clerk had a hand in it.
    other.confirm("启用")
    expect(there.get_by_text("此后这些空白证书按它打印")).to_be_visible()
    expect(there.get_by_role("button", name="保存", exact=True)).to_have_count(0)
    other.shot("in-use")
    version.refresh_from_db()
    assert version.state == "in_use"
    assert layout_for("senior", 2026).version_id == version.pk

    # Succeeded by a new version, which its drafter can't put in use.
    there = other.go("/layouts/new/?grade=senior&year=2026")
    there.get_by_role("button", name="起草").click()
    expect(there.get_by_text("须由另一名负责人启用")).to_be_visible()
    second = LayoutVersion.objects.get(state="draft")
    previewed(there)
    # The scan of a real blank beneath; the page comes back without a reload, and works.
    there.get_by_role("button", name="底图", exact=True).click()
    there.locator("#background_file").set_input_files(scan)
    there.get_by_role("button", name="上传", exact=True).click()
    expect(there.get_by_text("已换底图。")).to_be_visible()
    beneath = there.locator("#lay-board image").first
    expect(beneath).to_have_attribute("href", f"/layouts/{second.pk}/background/")
    expect(there.locator("#lay-count")).to_contain_text("容纳得下")
    other.shot("scan-beneath")
    there.locator('#lay-board [data-place="level"]').focus()
    there.keyboard.press("Shift+ArrowRight")
    expect(there.get_by_role("button", name="底图", exact=True)).to_be_disabled()
    there.keyboard.press("Control+s")
    expect(there.get_by_text("已保存，第 3 次修订")).to_be_visible()
    there.get_by_role("link", name="与前一版比较").click()
    expect(there.get_by_role("table", name="不同之处")).to_contain_text("级别")
    expect(there.get_by_role("table", name="不同之处")).to_contain_text("+1.0")
    other.shot("compare")
    chief = window("office.officer2")
    last = chief.go(second.get_absolute_url())
    chief.confirm("启用")
    expect(last.get_by_text("此后这些空白证书按它打印")).to_be_visible()
    version.refresh_from_db()
    assert version.state == "succeeded"
    assert layout_for("senior", 2026).version_id == second.pk
    chief.go("/layouts/")
    chief.shot("layouts")


def test_n8_a_printer_is_measured_corrected_and_confirmed(
    city: City, window: Callable[..., Window]
) -> None:
    clerk = window("health.clerk")
    page = clerk.go("/layouts/printers/")
    page.get_by_role("link", name="登记打印机").click()
    page.get_by_label("打印机名称").fill("三楼激光打印机（手送纸盒）")
    page.get_by_label("进纸说明").fill("正面朝上，左边先进")
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.get_by_role("heading", name="三楼激光打印机（手送纸盒）")).to_be_visible()
    with page.context.expect_page() as opened:
        page.get_by_role("link", name=re.compile("标尺页 高级")).click()
    opened.value.close()

    # Fitted to the page by the driver: refused with the reason.
    page.get_by_label("标尺页的纸张").select_option("senior")
    for label, value in (("A 距左边", 31), ("A 距上边", 31), ("C 距左边", 224), ("C 距上边", 151)):
        page.get_by_label(f"十字 {label}").fill(str(value))
    page.get_by_role("button", name="看效果").click()
    expect(page.get_by_text("缩放超过 2 %")).to_be_visible()
    clerk.errors[:] = [error for error in clerk.errors if "422" not in error]
    clerk.shot("calibration-refused")
    page.go_back()

    page.get_by_label("标尺页的纸张").select_option("senior")
    found = {"A": (31.2, 28.9), "B": (231.4, 30.1), "C": (230.6, 154.8)}
    for name, (left, top) in found.items():
        page.get_by_label(f"十字 {name} 距左边").fill(str(left))
        page.get_by_label(f"十字 {name} 距上边").fill(str(top))
    page.get_by_role("button", name="看效果").click()
    expect(page.get_by_role("heading", name="效果")).to_be_visible()
    expect(page.get_by_text("纸张进得歪斜 0.34 度")).to_be_visible()
    clerk.shot("calibration-effect")
    assert Printer.objects.get().current is None
    page.get_by_role("button", name="保存校准").click()
    expect(page.get_by_text("下一步：打印检验页")).to_be_visible()
    clerk.shot("calibrated")
    now = Printer.objects.get().calibration
    assert now.dx == pytest.approx(-1.37, abs=0.02)
    assert now.scale_x == pytest.approx(0.999, abs=1e-3)
    expect(page.get_by_role("link", name=re.compile("检验页 高级"))).to_be_visible()
    office = window("office.officer")
    office.go("/layouts/printers/")
    office.shot("printers")
    assert not actions.LayoutVersion.objects.exists()
