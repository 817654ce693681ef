"""What waits for whom on the first page after login, and the register's own history."""

from tests.registers_pages.conftest import LogIn
from tests.support.filing import Filing
from tests.support.pages import text_of
from zhicheng.registers import actions


def test_every_state_waits_for_its_own_people(filing: Filing, log_in: LogIn) -> None:
    lines = filing.lines(5)
    clerk = filing.city.who("hospital", "clerk")
    filing.upload([lines[0].but(姓名="无此人")])
    filing.upload([lines[1]])
    endorsing = filing.upload([lines[2]])
    actions.submit(actor=clerk, register_id=endorsing.pk)
    filing.filed([lines[3]])
    returned = filing.filed([lines[4]])
    actions.return_register(
        actor=filing.city.who("office", "officer"), register_id=returned.pk, reason="请核对"
    )
    mine = text_of(log_in("hospital", "clerk").get("/tasks/"))
    for title in ("退回待更正的登记表 1", "可以提交的登记表 1", "有错误待更正的登记表 1"):
        assert title in mine
    assert "待签章的登记表 1" in text_of(log_in("health", "officer").get("/tasks/"))
    office = text_of(log_in("office", "officer").get("/tasks/"))
    assert "待受理的登记表 1" in office and "待签章" not in office
    assert "的登记表" not in text_of(log_in("office", "auditor").get("/tasks/"))


def test_the_lists_of_a_task_show_exactly_its_registers(filing: Filing, log_in: LogIn) -> None:
    lines = filing.lines(2)
    faulty = filing.upload([lines[0].but(姓名="无此人")])
    clean = filing.upload([lines[1]])
    said = text_of(log_in("hospital", "clerk").get("/registers/?state=draft&faults=errors"))
    assert faulty.number in said and clean.number not in said


def test_the_list_filters_by_unit_and_year_and_exports(filing: Filing, log_in: LogIn) -> None:
    register = filing.upload(filing.lines(1))
    other = filing.upload(filing.lines(1), who="district")
    client = log_in("office", "officer")
    said = text_of(client.get(f"/registers/?unit={filing.city.hospital.pk}&year=2026"))
    assert register.number in said and other.number not in said
    assert "没有符合条件的记录" in text_of(client.get("/registers/?state=accepted"))
    export = client.get("/registers/?export=xlsx")
    assert export.headers["Content-Disposition"].startswith("attachment")


def test_an_empty_list_says_how_to_begin(log_in: LogIn) -> None:
    said = text_of(log_in("hospital", "clerk").get("/registers/"))
    assert "还没有登记表" in said and "上传 Excel 登记表" in said


def test_the_history_tells_who_did_what(filing: Filing, log_in: LogIn) -> None:
    (line,) = filing.lines(1)
    register = filing.upload([line.but(专业名称="外科")])
    row = register.rows.get()
    actions.correct_row(
        actor=filing.city.who("hospital", "clerk"),
        row_id=row.pk,
        changes={"specialty": line.listed.specialty},
        version=row.version,
    )
    said = text_of(log_in("hospital", "clerk").get(f"/registers/{register.pk}/history/"))
    assert "上传登记表" in said and "更正登记表" in said
    assert f"专业名称：外科 → {line.listed.specialty}" in said
    assert "hospital.clerk" in said and "山城第一人民医院" in said
