"""A register's way through its pages, by everybody who has a hand in it (N2-N4, N6)."""

from tests.registers_pages.conftest import LogIn
from tests.support.filing import Filing
from tests.support.pages import HTMX, text_of, workbook
from tests.support.working import work_off, worked
from zhicheng.registers.models import Register, RegisterState
from zhicheng.work.models import Work


def _upload(filing: Filing, log_in: LogIn, lines: list) -> Register:
    clerk = log_in("hospital", "clerk")
    sent = {"file": workbook(filing.file(lines)), "year": 2026}
    answer = worked(clerk, clerk.post("/registers/new/", sent))
    assert f"已读入 {len(lines)} 人" in text_of(answer)
    return Register.objects.latest("pk")


def test_from_the_file_to_acceptance(filing: Filing, log_in: LogIn) -> None:
    lines = filing.lines(3)
    register = _upload(filing, log_in, [lines[0].but(专业名称="外科"), *lines[1:]])
    page = f"/registers/{register.pk}/"
    clerk = log_in("hospital", "clerk")

    said = text_of(clerk.get(page))
    assert "还有 1 处错误，更正后才能提交" in said

    row = register.rows.get(position=1)
    cells = {"specialty": {"to": lines[0].listed.specialty, "seen": "外科"}}
    answer = clerk.post(
        f"{page}grid/save/",
        {"since": 1, "edits": [{"row": row.pk, "version": row.version, "cells": cells}]},
        content_type="application/json",
    )
    assert answer.status_code == 200
    assert answer.json()["saved"] == [row.pk]

    said = text_of(worked(clerk, clerk.post(f"{page}submit/")))
    assert f"{register.number} 已提交。下一步由{filing.city.health.name}签章" in said

    said = text_of(log_in("health", "officer").post(f"{page}endorse/", follow=True))
    assert "已签章。下一步由市职改办受理" in said

    officer = log_in("office", "officer")
    said = text_of(worked(officer, officer.post(f"{page}accept/")))
    assert "已受理，共 3 人。下一步由市职改办配发空白证书" in said
    register.refresh_from_db()
    assert register.state == RegisterState.ACCEPTED


def test_n3_the_endorsement_stands_only_where_it_is_due(filing: Filing, log_in: LogIn) -> None:
    unit = filing.upload(filing.lines(1))
    assert "主管部门签章" in text_of(log_in("hospital", "clerk").get(f"/registers/{unit.pk}/"))
    office = filing.upload(filing.lines(1), who="district")
    said = text_of(log_in("district", "clerk").get(f"/registers/{office.pk}/"))
    assert "主管部门签章" not in said.replace("填报、主管部门签章、受理", "")


def test_a_returned_register_says_why_and_by_whom(filing: Filing, log_in: LogIn) -> None:
    register = filing.filed(filing.lines(1))
    officer = log_in("office", "officer")
    page = f"/registers/{register.pk}/"

    refused = officer.post(f"{page}return/", {"reason": " "})
    assert refused.status_code == 422
    assert "退回登记表须写明原因" in text_of(refused)

    said = text_of(officer.post(f"{page}return/", {"reason": "第1行姓名请核对"}, follow=True))
    assert "已退回山城第一人民医院" in said
    seen = text_of(log_in("hospital", "clerk").get(page))
    assert "退回原因 第1行姓名请核对" in seen
    assert "office.officer" in seen


def test_submitting_with_errors_is_refused_with_the_place(filing: Filing, log_in: LogIn) -> None:
    (line,) = filing.lines(1)
    register = filing.upload([line.but(姓名="无此人")])
    clerk = log_in("hospital", "clerk")
    said = text_of(worked(clerk, clerk.post(f"/registers/{register.pk}/submit/")))
    assert "登记表还有 1 处错误，不能提交" in said
    assert "第4行" in said and "N6" in said


def test_a_step_that_came_too_late_names_the_state(filing: Filing, log_in: LogIn) -> None:
    register = filing.filed(filing.lines(1))
    answer = log_in("health", "officer").post(f"/registers/{register.pk}/endorse/")
    assert answer.status_code == 422
    assert "待市职改办受理" in text_of(answer)


def test_withdrawing_makes_it_editable_again(filing: Filing, log_in: LogIn) -> None:
    register = filing.filed(filing.lines(1))
    clerk = log_in("hospital", "clerk")
    assert 'data-editable="false"' in clerk.get(f"/registers/{register.pk}/").content.decode()
    said = text_of(clerk.post(f"/registers/{register.pk}/withdraw/", follow=True))
    assert "已撤回，可以继续更正" in said
    assert 'data-editable="true"' in clerk.get(f"/registers/{register.pk}/").content.decode()


def test_a_file_that_is_no_register_leaves_nothing_behind(filing: Filing, log_in: LogIn) -> None:
    clerk = log_in("hospital", "clerk")
    sent = {"file": workbook(b"not a sheet"), "year": 2026}
    answer = worked(clerk, clerk.post("/registers/new/", sent))
    assert 'role="alert"' in answer.content.decode()
    assert "该文件不是电子表格" in text_of(answer)
    assert 'href="/registers/new/"' in answer.content.decode()
    partial = clerk.post("/registers/new/", {"file": workbook(b""), "year": 2026}, headers=HTMX)
    assert partial.content.decode().lstrip().startswith("<form")
    assert "请选择登记表文件" in text_of(clerk.post("/registers/new/", {"year": 2026}))
    assert not Register.objects.exists()
    assert not Work.objects.exclude(payload=None).exists()


def test_a_browser_with_scripts_is_sent_on(filing: Filing, log_in: LogIn) -> None:
    clerk = log_in("hospital", "clerk")
    sent = {"file": workbook(filing.file(filing.lines(1))), "year": 2026}
    page = clerk.post("/registers/new/", sent, headers=HTMX).headers["HX-Redirect"]
    waiting = clerk.get(page, headers=HTMX)
    assert "已收到，等待处理" in text_of(waiting)
    assert 'hx-trigger="every' in waiting.content.decode()
    work_off()
    answer = clerk.get(page, headers=HTMX)
    assert answer.headers["HX-Redirect"] == f"/registers/{Register.objects.get().pk}/"


def test_a_corrected_file_takes_the_old_ones_place(filing: Filing, log_in: LogIn) -> None:
    lines = filing.lines(2)
    register = filing.upload([lines[0].but(性别="")])
    clerk = log_in("hospital", "clerk")
    assert "将替换现有的 1 行" in text_of(clerk.get(f"/registers/{register.pk}/replace/"))
    sent = {"file": workbook(filing.file(lines))}
    answer = worked(clerk, clerk.post(f"/registers/{register.pk}/replace/", sent))
    assert "已读入 2 人，没有错误" in text_of(answer)
    register.refresh_from_db()
    assert (register.row_count, register.error_count) == (2, 0)
