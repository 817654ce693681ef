"""补办 and 换发 from the public page to the new certificate in hand, by everybody whose turn it is.

At each moment the public query says how the old certificate stands (N10-N14, N7).
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Window
from tests.support.city import City, found_city
from tests.support.reissues import PDF, issued, picture
from zhicheng.certificates.models import Certificate
from zhicheng.protection import reveal
from zhicheng.reissues.models import Reissue

pytestmark = pytest.mark.django_db(transaction=True)
PHONE = (390, 844)


@pytest.fixture
def city(transactional_db: None) -> City:
    return found_city()


@pytest.fixture
def scans(tmp_path: Path) -> tuple[Path, Path, Path]:
    """A scan, a photograph, and an HTML page that calls itself a PDF."""
    scan, photo, page = (tmp_path / name for name in ("评审表.pdf", "报纸.jpg", "假冒.pdf"))
    scan.write_bytes(PDF)
    photo.write_bytes(picture())
    page.write_bytes(b"<!DOCTYPE html><p>hello</p>")
    return scan, photo, page


def begin(window: Window, old: Certificate, kind: str) -> Page:
    """From the public query to the draft of an application."""
    page = window.go("/")
    page.get_by_role("link", name="申请补办换发").click()
    page.get_by_role("radio", name=kind).check()
    page.get_by_label("姓名").fill(old.name)
    page.get_by_label("身份证号码").fill(reveal(bytes(old.id_number_cipher)))
    page.get_by_label("原证书编号").fill(old.number)
    page.get_by_label("联系电话").fill("13800001234")
    window.shot("apply")
    page.get_by_role("button", name="查找证书并继续").click()
    expect(page.get_by_role("heading", name="原证书")).to_be_visible()
    return page


def hand_in(page: Page, box: str, *files: Path) -> None:
    """Uploads into the box of a paper."""
    section = page.get_by_role("region", name=box)
    section.get_by_label("选择文件").set_input_files(list(files))
    section.get_by_role("button", name="上传").click()
    expect(page.get_by_text(f"已上传 {len(files)} 个文件")).to_be_visible()


def send(window: Window) -> Reissue:
    """Looks at the summary, sends, and reads the receipt number."""
    page = window.page
    page.get_by_role("link", name="核对并提交").click()
    window.shot("confirm")
    page.get_by_role("button", name="提交申请").click()
    expect(page.get_by_text("申请已提交")).to_be_visible()
    window.shot("submitted")
    reissue = Reissue.objects.get()
    expect(page.locator(".rei-number")).to_have_text(reissue.receipt_number)
    with page.expect_download() as slip:
        page.get_by_role("link", name="受理回执").click()
    assert Path(slip.value.path()).read_bytes().startswith(b"%PDF-")
    return reissue


def asked(window: Window, number: str, name: str, words: str) -> Page:
    """The public query's answer about a certificate."""
    page = window.go("/")
    page.get_by_label("姓名").fill(name)
    page.get_by_label("证书编号").fill(number)
    page.get_by_role("button", name="查询").click()
    expect(page.locator(".pub-status").first).to_contain_text(words)
    return page


def act(window: Window, reissue: Reissue, label: str, said: str, **fields: str) -> Page:
    """Opens the application, presses a button, fills the dialog and confirms."""
    page = window.go(f"/reissues/{reissue.pk}/")
    page.get_by_role("button", name=label, exact=True).click()
    dialog = page.get_by_role("dialog")
    for field, value in fields.items():
        dialog.get_by_label(field).fill(value)
    dialog.get_by_role("button", name=f"确认{label}").click()
    expect(page.get_by_text(said).first).to_be_visible()
    return page


def make(windows: dict[str, Window], reissue: Reissue) -> Certificate:
    """From the full signatures to the new certificate in hand."""
    act(windows["office"], reissue, "发放空白证书", "已发放空白证书", 领取人="王领取")
    unit = windows["clerk"]
    act(unit, reissue, "编新证书编号", "新证书编号：", 新证书编号="渝补2026-00001")
    act(unit, reissue, "填制", "已填制在空白证书")
    page = unit.go(f"/reissues/{reissue.pk}/")
    page.get_by_role("link", name="打印", exact=True).click()
    expect(page.get_by_role("button", name="打印", exact=True)).to_be_visible()
    act(windows["officer"], reissue, "加盖公章", "已登记加盖公章")
    act(windows["embosser"], reissue, "加盖钢印", "已登记加盖钢印")
    act(unit, reissue, "核发", "新证书已核发，原证书已作废")
    unit.shot("done")
    return Certificate.objects.get(reissue=reissue.pk)


def staff(window: Callable[..., Window], **more: str) -> dict[str, Window]:
    """Everybody whose turn comes."""
    accounts = {
        **more,
        "clerk": "health.clerk",
        "officer": "health.officer",
        "embosser": "health.embosser",
        "office": "office.clerk",
    }
    return {key: window(name) for key, name in accounts.items()}


@pytest.mark.long
def test_n10_n13_a_lost_certificate_is_replaced(
    city: City, window: Callable[..., Window], scans: tuple[Path, Path, Path]
) -> None:
    (old,) = issued(city)
    scan, photo, fake = scans
    holder = window(size=PHONE)
    asked(holder, old.number, old.name, "有效")
    page = begin(holder, old, "补办：证书遗失")
    holder.shot("draft")
    page.get_by_label("遗失登报报纸名称").fill("重庆日报")
    page.get_by_label("登报时间").fill("2026-04-20")
    page.get_by_role("button", name="保存").click()
    hand_in(page, "原《专业技术资格申报评审表》复印件", scan)
    # A page of HTML that calls itself a PDF is refused, and nothing of it is kept.
    box = page.get_by_role("region", name="遗失登报报纸")
    box.get_by_label("选择文件").set_input_files([photo, fake])
    box.get_by_role("button", name="上传").click()
    expect(page.get_by_text("网页（HTML）")).to_be_visible()
    holder.shot("html-refused")
    holder.errors[:] = [error for error in holder.errors if "422" not in error]
    page.get_by_role("link", name="返回上一页").click()
    hand_in(page, "遗失登报报纸", photo)
    expect(page.get_by_text("材料齐全")).to_be_visible()
    holder.shot("draft-complete")
    reissue = send(holder)

    people = staff(window, hospital="hospital.clerk")
    page = people["clerk"].go("/tasks/")
    expect(page.get_by_text(reissue.receipt_number)).to_be_visible()
    act(people["clerk"], reissue, "受理", "已受理", 申请人签字日期="2026-04-21")
    people["clerk"].shot("accepted")
    asked(holder, old.number, old.name, "已报失")
    act(
        people["hospital"], reissue, "签署意见", "已签署：工作单位意见", 意见="情况属实，同意补办。"
    )
    act(people["officer"], reissue, "签署意见", "已签署：区县职改办或市级主管部门意见")
    act(people["officer"], reissue, "签署意见", "签章已完备")
    people["officer"].shot("granted")
    new = make(people, reissue)
    page = asked(holder, old.number, old.name, "已作废：已补办或换发，以新证书为准")
    holder.shot("query-void")
    expect(page.locator(".pub-status")).to_contain_text("新证书")
    asked(holder, new.number, new.name, "有效")
    page = holder.go("/reissues/progress/")
    page.get_by_label("受理号").fill(reissue.receipt_number)
    page.get_by_label("身份证号码").fill(reveal(bytes(old.id_number_cipher)))
    page.get_by_role("button", name="查询").click()
    expect(page.get_by_text("新证书已核发").first).to_be_visible()
    holder.shot("progress-done")
    page = people["clerk"].go(f"/certificates/{old.pk}/")
    expect(page.get_by_role("link", name=new.number)).to_be_visible()
    people["clerk"].shot("old-certificate")


@pytest.mark.long
def test_n10_n14_a_certificate_with_a_wrong_name_is_renewed(
    city: City, window: Callable[..., Window], scans: tuple[Path, Path, Path]
) -> None:
    (old,) = issued(city)
    scan, photo, _fake = scans
    right = "阿卜杜热合曼·买买提依明"
    holder = window(size=PHONE)
    page = begin(holder, old, "换发：证书内容有误或毁损")
    form = page.locator("#corrections")
    form.get_by_label("更正项目").select_option("name")
    form.get_by_label("更正为").fill(right)
    form.get_by_role("button", name="添加更正").click()
    expect(page.get_by_text("缺佐证材料")).to_be_visible()
    holder.shot("correction")
    hand_in(page, "原《专业技术资格申报评审表》复印件", scan)
    hand_in(page, "更正姓名的佐证材料", photo)
    reissue = send(holder)

    people = staff(window)
    act(people["clerk"], reissue, "受理", "已受理", 申请人签字日期="2026-04-21")
    asked(holder, old.number, old.name, "有效")
    act(people["clerk"], reissue, "收回原证书", "已登记收回原证书", 原证书编号=old.number)
    # The work unit's opinion comes on paper: recorded with its scan.
    page = people["clerk"].go(f"/reissues/{reissue.pk}/")
    page.get_by_role("button", name="登记纸质意见", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("签章页扫描件").set_input_files(scan)
    people["clerk"].shot("paper-opinion")
    dialog.get_by_role("button", name="确认登记纸质意见").click()
    expect(page.get_by_text("已签署：工作单位意见").first).to_be_visible()
    act(people["officer"], reissue, "签署意见", "已签署：区县职改办或市级主管部门意见")
    act(people["officer"], reissue, "签署意见", "签章已完备")
    new = make(people, reissue)
    assert new.name == right
    page = asked(holder, old.number, old.name, "已作废：已补办或换发，以新证书为准")
    expect(page.locator(".pub-status")).to_contain_text("新证书")
    page = asked(holder, new.number, right, "有效")
    expect(page.get_by_text("换发更正")).to_be_visible()
    holder.shot("query-renewed")
