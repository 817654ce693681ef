"""Old certificates by everybody whose turn it is: a ledger, a registration, a conflict (N7)."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import Window
from tests.historic.conftest import OLD_15, ledger_file, line
from tests.support.city import City, found_city
from zhicheng.certificates.models import Certificate
from zhicheng.demo.historic import portrait_of_nobody
from zhicheng.electronic import sealing
from zhicheng.historic.models import Ledger, Registration
from zhicheng.reference.loading import load_reference
from zhicheng.verification.models import LegacyRecord, SourceDecision

pytestmark = pytest.mark.django_db(transaction=True)
PHONE = (390, 844)


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, settings: Any) -> Iterator[None]:
    settings.HOME = tmp_path_factory.mktemp("home")
    yield
    sealing._seal.cache_clear()


@pytest.fixture
def city(transactional_db: None) -> City:
    load_reference()
    return found_city()


def step(window: Window, registration: Registration, label: str, said: str, **fields: str) -> Page:
    """Opens the registration, presses a button, fills the dialog and confirms."""
    page = window.go(f"/historic/registrations/{registration.pk}/")
    page.get_by_role("button", name=label, exact=True).click()
    dialog = page.get_by_role("dialog")
    for field, value in fields.items():
        box = dialog.get_by_label(field)
        if box.evaluate("node => node.tagName") == "SELECT":
            box.select_option(label=value)
        else:
            box.fill(value)
    dialog.get_by_role("button", name=f"确认{label}").click()
    expect(page.get_by_text(said).first).to_be_visible()
    return page


def test_n7_a_ledger_is_mapped_checked_imported_and_a_conflict_decided(
    city: City, window: Callable[..., Window], tmp_path: Path
) -> None:
    officer = window("office.officer")
    headings = ("序号", "甲号", *line("x"))
    lines = [
        {**line("A-1"), "甲号": "Z-1"},
        {**line("A-2"), "甲号": "Z-1", "从事专业": "桥梁工程"},
        {**line("A-3"), "甲号": "Z-3", "身份证号": "123"},
    ]
    ledger_file(tmp_path / "九十年代台账.xlsx", lines, headings)
    page = officer.go("/historic/ledgers/")
    page.get_by_role("link", name="上传台账").click()
    page.get_by_label("台账文件").set_input_files(tmp_path / "九十年代台账.xlsx")
    page.get_by_label("台账名称").fill("九十年代台账")
    page.get_by_role("button", name="上传并读取表头").click()
    # Guessed by the headings; here 甲号 is the number that counts, so it is changed.
    expect(page.get_by_label("职称证书编号")).to_have_value("certificate_number")
    expect(page.get_by_label("身份证号")).to_have_value("id_number")
    page.get_by_label("职称证书编号").select_option("")
    page.get_by_label("甲号").select_option("certificate_number")
    officer.shot("map")
    page.get_by_role("button", name="按此检查").click()
    expect(page.get_by_role("link", name="2 可导入")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("既不是 18 位也不是 15 位")).to_be_visible()
    officer.confirm("导入")
    expect(page.get_by_role("link", name="2 已导入")).to_be_visible(timeout=60_000)
    ledger = Ledger.objects.get()
    assert (ledger.taken_count, ledger.refused_count, ledger.conflict_count) == (2, 1, 2)
    with page.expect_download() as rows:
        page.get_by_role("link", name="没有导入的行").click()
    assert Path(rows.value.path()).read_bytes().startswith(b"PK")
    page = officer.go("/historic/conflicts/")
    page.get_by_role("link", name="Z-1").click()
    page.get_by_role("radio", name="另一来源正确").check()
    page.get_by_label("理由").fill("调阅档案原件")
    officer.shot("conflict")
    page.get_by_role("button", name="认定并记录").click()
    expect(page.get_by_text("已认定并记录")).to_be_visible()
    assert SourceDecision.objects.get().reason == "调阅档案原件"
    visitor = window().go("/")
    visitor.get_by_label("姓名").fill("龙若谷")
    visitor.get_by_label("身份证号码").fill(OLD_15)
    visitor.get_by_role("button", name="查询").click()
    expect(visitor.get_by_text("桥梁工程")).to_be_visible()


@pytest.mark.long
def test_n7_a_registration_from_the_phone_to_the_electronic_certificate(
    city: City, window: Callable[..., Window], tmp_path: Path
) -> None:
    scan, portrait = tmp_path / "证书.jpg", tmp_path / "照片.jpg"
    Image.new("RGB", (900, 640), "white").save(scan, "JPEG")
    portrait.write_bytes(portrait_of_nobody())
    phone = window(size=PHONE)
    page = phone.go("/")
    page.get_by_role("link", name="登记历史证书").click()
    page.get_by_label("证书编号").fill("渝卫98-0417")
    page.get_by_label("姓名").fill("秦望舒")
    page.get_by_label("身份证号码").fill(OLD_15)
    page.get_by_label("联系电话").fill("13800001234")
    page.get_by_label("核对单位").select_option(label="市卫生健康委")
    page.get_by_role("button", name="下一步").click()
    for label, text in (
        ("工作单位", "山城第一人民医院"), ("专业名称", "内科学"), ("资格名称", "主治医师"),
        ("批准时间", "1998-12-05"), ("发证时间", "1999-01-20"),
        ("批准文号", "渝职改办〔1998〕90号"),
    ):  # fmt: skip
        page.get_by_label(label).fill(text)
    page.get_by_label("性别").select_option("男")
    page.get_by_role("button", name="保存并上传材料").click()
    for box, file in (("证书扫描件或照片", scan), ("本人近期免冠照片", portrait)):
        section = page.get_by_role("region", name=box)
        section.get_by_label("选择文件").set_input_files(file)
        section.get_by_role("button", name="上传").click()
        expect(page.get_by_text("已上传。")).to_be_visible()
    phone.shot("draft")
    page.get_by_label("以上内容与证书一致").check()
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.get_by_text("已提交。")).to_be_visible()
    registration = Registration.objects.get()
    assert registration.state == "submitted"

    unit, office = window("health.clerk"), window("office.officer")
    page = unit.go("/tasks/")
    expect(page.get_by_text("待核对的历史证书登记")).to_be_visible()
    step(unit, registration, "退回补正", "已退回", 原因="看不清编号")
    page = phone.page
    page.reload()
    expect(page.get_by_text("看不清编号")).to_be_visible()
    page.get_by_role("link", name="继续填写、补交材料").click()
    page.get_by_label("以上内容与证书一致").check()
    page.get_by_role("button", name="提交", exact=True).click()
    step(unit, registration, "核对无误", "已核对", 核对说明="与档案一致")
    step(office, registration, "审核通过", "已审核通过", 资格核准部门="市卫生健康委")
    assert LegacyRecord.objects.get().certificate_number == "渝卫98-0417"
    step(office, registration, "生成电子证书", "电子证书已生成并签名")
    office.shot("certified")
    assert Certificate.objects.get().number == "渝卫98-0417"

    # Another day, another browser: receipt and ID number, then the telephone, then the file.
    later = window(size=PHONE)
    page = later.go("/historic/progress/")
    page.get_by_label("受理号").fill(registration.receipt_number)
    page.get_by_label("身份证号码").fill(OLD_15)
    page.get_by_role("button", name="查询").click()
    expect(page.get_by_role("button", name="下载电子证书")).to_have_count(0)
    page.get_by_label("联系电话").fill("138 0000 1234")
    page.get_by_role("button", name="继续办理").click()
    with page.expect_download() as file:
        page.get_by_role("button", name="下载电子证书").click()
    assert Path(file.value.path()).read_bytes().startswith(b"%PDF-")
    later.shot("status")
    page = later.go("/")
    page.get_by_label("姓名").fill("秦望舒")
    page.get_by_label("证书编号").fill("渝卫98-0417")
    page.get_by_role("button", name="查询").click()
    expect(page.locator(".pub-answer")).to_have_count(1)
    expect(page.locator(".pub-status")).to_contain_text("有效")
