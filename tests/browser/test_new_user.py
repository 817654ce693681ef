"""A new user's path: an empty installation, and nothing but what the pages say (issue 8, 5).

From the first administrator to the first accepted register: each person starts at the first page
and follows the step that the tour marks as next.
"""

import io
import re
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Window
from zhicheng.credentials.actions import generate
from zhicheng.demo.people import people
from zhicheng.organizations.actions import create_account, create_organization
from zhicheng.organizations.guard import CONSOLE
from zhicheng.organizations.models import Kind
from zhicheng.organizations.permissions import Role
from zhicheng.registers.models import Register, RegisterState

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]
PASSWORD = "gangjiang-2026-Yu"
OWN_PASSWORD = "own-gangjiang-2026-Yu"
DEPARTMENT, HOSPITAL = "重庆市卫生健康委员会", "山城第一人民医院"


@pytest.fixture
def administrator(window: Callable[..., Window]) -> Window:
    """What ``zhicheng migrate`` and ``zhicheng createadmin`` leave, and nothing else."""
    generate(actor=CONSOLE)
    office = create_organization(
        actor=CONSOLE,
        name="重庆市职称改革办公室",
        short_name="市职改办",
        kind=Kind.MUNICIPAL_OFFICE,
        has_authority=True,
    )
    create_account(
        actor=CONSOLE,
        username="admin",
        password=PASSWORD,
        display_name="管理",
        organization=office,
        role=Role.ADMINISTRATOR,
        must_change_password=False,
    )
    return window().log_in("admin", PASSWORD)


def first_log_in(person: Window, username: str, password: str) -> Window:
    """With the password of the administrator, which is changed before anything else."""
    page = person.go("/login/")
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", name="修改密码")).to_be_visible()
    page.locator("[name=old_password]").fill(password)
    page.locator("[name=new_password1]").fill(OWN_PASSWORD)
    page.locator("[name=new_password2]").fill(OWN_PASSWORD)
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("heading", name="待办事项")).to_be_visible()
    return person


def step(person: Window, name: str) -> Page:
    """From the first page by the tour's link."""
    page = person.go("/tasks/")
    page.locator(".zc-tour").get_by_role("link", name=name, exact=True).click()
    return page


def organization(admin: Window, name: str, kind: str, *, supervisor: str = "") -> None:
    page = step(admin, "建立机构") if not supervisor else admin.go("/organizations/new/")
    page.get_by_label("名称").fill(name)
    page.get_by_label("类别").select_option(label=kind)
    if supervisor:
        page.get_by_label("主管部门").select_option(label=supervisor)
    else:
        page.get_by_label("有自主管理权限").check()
        page.get_by_label("资格核准部门").check()
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text(f"已保存：{name}")).to_be_visible()


def account(admin: Window, username: str, unit: str, role: str) -> str:
    page = admin.go("/organizations/accounts/new/")
    page.get_by_label("用户名").fill(username)
    page.get_by_label("姓名", exact=False).first.fill("试用者")
    page.get_by_label("所属机构").select_option(label=unit)
    page.get_by_label("角色").select_option(label=role)
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("heading", name=f"账号 {username} 的密码")).to_be_visible()
    return page.locator(".zc-mono strong").inner_text()


def list_of(template: bytes) -> bytes:
    """The list template with three doctors, filled in by its own headings."""
    book = openpyxl.load_workbook(io.BytesIO(template))
    sheet = book.worksheets[0]
    titles = [str(cell.value) for cell in sheet[1]]
    for row, person in enumerate(islice(people(5), 3), start=2):
        values = {
            "批准文号": "渝卫职改〔2026〕1号",
            "核准部门": DEPARTMENT,
            "评审方式": "委员会评审",
            "申报渠道": "线下",
            "批准时间": "2026-03-18",
            "姓名": person.name,
            "性别": person.sex,
            "身份证号码": person.id_number,
            "工作单位": HOSPITAL,
            "资格名称": "主治医师",
            "申报资格专业方向": "内科",
            "级别": "中级",
            "发文日期": "2026-04-02",
        }
        for place, title in enumerate(titles, start=1):
            sheet.cell(row, place, values.get(title))
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def test_a_stranger_gets_from_nothing_to_the_first_accepted_register(
    administrator: Window, window: Callable[..., Window], tmp_path: Path
) -> None:
    admin = administrator
    organization(admin, DEPARTMENT, "市级主管部门")
    organization(admin, HOSPITAL, "填报单位", supervisor=DEPARTMENT)
    office = "重庆市职称改革办公室"
    logins = {
        name: account(admin, name, unit, role)
        for name, unit, role in (
            ("office1", office, "经办人"),
            ("office2", office, "负责人"),
            ("health2", DEPARTMENT, "负责人"),
            ("hospital1", HOSPITAL, "经办人"),
        )
    }
    page = admin.go("/tasks/")
    expect(page.locator(".zc-tour")).to_contain_text("第一天的事都办过了")
    admin.shot("引导完成")

    clerk = first_log_in(window(), "office1", logins["office1"])
    page = step(clerk, "导入核准文件")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="下载名单模板").click()
    filled = tmp_path / "名单.xlsx"
    filled.write_bytes(list_of(Path(waiting.value.path()).read_bytes()))
    page.get_by_label("评审通过人员名单").set_input_files(filled)
    page.get_by_role("button", name="上传并导入").click()
    expect(page.get_by_text(re.compile("已导入"))).to_be_visible()

    officer = first_log_in(window(), "health2", logins["health2"])
    page = step(officer, "设定证书编号规则")
    page.get_by_role("link", name="设定编号规则").first.click()
    page.get_by_label("单位代码").fill("WJ")
    page.get_by_role("button", name="设定", exact=True).click()

    unit = first_log_in(window(), "hospital1", logins["hospital1"])
    page = step(unit, "上传登记表")
    page.get_by_role("link", name="由核准文件生成").click()
    page.get_by_role("checkbox", name=re.compile("渝卫职改")).check()
    page.get_by_role("button", name="列出人员").click()
    unit.shot("列出人员")
    page.get_by_label("联系电话").fill("023-63000000")
    page.get_by_role("button", name="生成登记表").click()
    expect(page.get_by_role("heading", name=re.compile("年度登记表"))).to_be_visible()
    unit.confirm("提交")
    expect(page.get_by_text("待主管部门签章").first).to_be_visible()
    filed = Register.objects.get()
    page = unit.go("/tasks/")
    expect(page.locator(".zc-tour-done").filter(has_text="提交登记表")).to_be_visible()

    page = step(officer, "为下属单位签章")
    page.get_by_role("link", name=re.compile("DJ")).first.click()
    officer.confirm("签章")
    expect(page.get_by_text("待市职改办受理").first).to_be_visible()

    head = first_log_in(window(), "office2", logins["office2"])
    page = step(head, "受理登记表")
    page.get_by_role("link", name=re.compile("DJ")).first.click()
    head.confirm("受理")
    expect(page.get_by_text("已受理").first).to_be_visible()
    filed.refresh_from_db()
    assert filed.state == RegisterState.ACCEPTED
