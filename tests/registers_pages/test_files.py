"""Files of a register: template, original, Excel copy, 附件1 on paper (N4, A1)."""

import io
from pathlib import Path

import python_calamine
from django.utils.timezone import localdate

from tests.registers_pages.conftest import LogIn
from tests.support.filing import Filing
from tests.support.pages import HTMX, text_of, workbook
from tests.support.working import worked
from zhicheng.audit.models import AuditEvent
from zhicheng.demo.workbooks import register as register_file
from zhicheng.registers.actions import upload_register
from zhicheng.registers.columns import COLUMNS
from zhicheng.registers.models import Register
from zhicheng.registers.paper import page_codes
from zhicheng.registers.workbooks import neutral

CORPUS = Path(__file__).parent.parent / "registers" / "corpus" / "files"


def _sheet(content: bytes) -> list[list]:
    book = python_calamine.CalamineWorkbook.from_object(io.BytesIO(content))
    return book.get_sheet_by_index(0).to_python(skip_empty_area=False)


def test_a1_the_template_has_the_forms_lines_and_columns(log_in: LogIn) -> None:
    answer = log_in("hospital", "clerk").get("/registers/template/")
    corner, title, line, head, *rows = _sheet(answer.content)
    assert corner[0] == "附件1"
    assert title[0] == f"（山城第一人民医院）{localdate().year}年度职称证书领取、办理登记表"
    for words in ("填报单位（签章）", "区县、主管部门（签章）", "填报人", "联系电话"):
        assert words in "".join(line)
    assert head == ["序号", *(column.title for column in COLUMNS)]
    assert rows[-1][0].startswith("填表说明：1.领取各级职称证书均须填写此表。")


def test_a_filled_template_is_read_back(filing: Filing, log_in: LogIn) -> None:
    lines = filing.lines(2)
    register = filing.upload(lines)
    clerk = log_in("hospital", "clerk")
    copy = clerk.post(f"/registers/{register.pk}/export/", {"id_numbers": "whole"})
    sent = {"file": workbook(copy.content), "year": 2026}
    answer = worked(clerk, clerk.post("/registers/new/", sent))
    assert "已读入 2 人，没有错误" in text_of(answer)


def test_an_export_does_not_make_a_destroyed_id_number_look_whole(
    filing: Filing, log_in: LogIn
) -> None:
    (line,) = filing.lines(1)
    number = line.listed.person.id_number
    register = filing.upload([line.but(身份证号码=float(number[:17] + "0"))])
    assert register.findings.filter(code="id_number.precision_lost").exists()
    clerk = log_in("hospital", "clerk")
    copy = clerk.post(f"/registers/{register.pk}/export/", {"id_numbers": "whole"})
    sent = {"file": workbook(copy.content), "year": 2026}
    worked(clerk, clerk.post("/registers/new/", sent))
    again = Register.objects.latest("pk")
    assert again.pk != register.pk
    assert again.findings.filter(code="id_number.precision_lost").exists()


def test_an_export_masks_unless_somebody_answers_for_it(filing: Filing, log_in: LogIn) -> None:
    (line,) = filing.lines(1)
    register = filing.upload([line])
    number = line.listed.person.id_number
    clerk = log_in("hospital", "clerk")
    page = f"/registers/{register.pk}/export/"

    masked = [str(cell) for row in _sheet(clerk.post(page).content) for cell in row]
    assert number not in masked and register.rows.get().id_number_masked in masked
    assert AuditEvent.objects.latest("sequence").tag == "any:list:export"

    whole = [
        str(cell)
        for row in _sheet(clerk.post(page, {"id_numbers": "whole"}).content)
        for cell in row
    ]
    assert number in whole
    tags = list(AuditEvent.objects.values_list("tag", flat=True)[:2])
    assert "any:person:unmask" in tags
    refused = log_in("health", "embosser").post(page, {"id_numbers": "whole"})
    assert refused.status_code == 403


def test_no_cell_becomes_a_formula() -> None:
    for text in ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1"):
        assert neutral(text) == f"'{text}"
    assert neutral("张三") == "张三"


def test_the_original_comes_back_byte_by_byte(filing: Filing, log_in: LogIn) -> None:
    content = filing.file(filing.lines(1))
    clerk = log_in("hospital", "clerk")
    sent = {"file": workbook(content, "名单.xlsx"), "year": 2026}
    worked(clerk, clerk.post("/registers/new/", sent))
    register = Register.objects.get()
    answer = clerk.get(f"/registers/{register.pk}/source/")
    assert answer.content == content
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_the_original_shows_whole_id_numbers_and_only_to_whom_it_may_on_record(
    filing: Filing, log_in: LogIn
) -> None:
    register = filing.filed(filing.lines(1))
    page = f"/registers/{register.pk}/source/"
    for who in (("health", "embosser"), ("office", "embosser")):
        client = log_in(*who)
        assert client.get(page).status_code == 403
        assert page not in client.get(f"/registers/{register.pk}/").content.decode()
    assert not AuditEvent.objects.filter(tag="any:person:unmask").exists()
    client = log_in("health", "clerk")
    assert page in client.get(f"/registers/{register.pk}/").content.decode()
    assert client.get(page).status_code == 200
    event = AuditEvent.objects.get(tag="any:person:unmask")
    assert (event.data["purpose"], event.subject_id) == ("source", register.pk)
    assert "下载原文件" in text_of(client.get(f"/registers/{register.pk}/history/"))


def test_n4_paper_and_data_are_compared_page_by_page(filing: Filing, log_in: LogIn) -> None:
    register = filing.upload(filing.lines(20))
    clerk, office = log_in("hospital", "clerk"), log_in("office", "clerk")
    printed = clerk.post(f"/registers/{register.pk}/paper/print/")
    assert printed.headers["Content-Type"] == "application/pdf"
    assert printed.content.startswith(b"%PDF-")
    assert "一致" in text_of(clerk.get(f"/registers/{register.pk}/paper/"))

    codes = page_codes(register.prints.get(), [range(15), range(15, 20)])
    said = text_of(office.post("/registers/paper/", {"text": codes[0]}))
    assert "纸质与数据一致" in said and "第 1 页，序号 1–15" in said

    row = register.rows.get(position=3)
    cells = {"certificate_number": {"to": "2026-NEW"}}
    clerk.post(
        f"/registers/{register.pk}/grid/save/",
        {"since": 1, "edits": [{"row": row.pk, "version": 1, "cells": cells}]},
        content_type="application/json",
    )
    answer = office.post("/registers/paper/", {"text": codes[0]}, headers=HTMX)
    said = text_of(answer)
    assert "纸质与数据不一致：1 行" in said and row.name in said
    assert "纸质与数据一致" in text_of(office.post("/registers/paper/", {"text": codes[1]}))
    assert "须重新打印" in text_of(clerk.get(f"/registers/{register.pk}/paper/"))

    altered = codes[1][:-1] + ("0" if codes[1][-1] != "0" else "1")
    assert "可能被改动过" in text_of(office.post("/registers/paper/", {"text": altered}))
    assert "不是登记表上的二维码" in text_of(office.post("/registers/paper/", {"text": "hello"}))


def test_the_page_says_which_sheet_was_read_and_what_the_file_hid(
    filing: Filing, log_in: LogIn
) -> None:
    filing.lines(1)
    clerk = log_in("hospital", "clerk")
    for name, told in (
        ("sheets-sample-first.xlsx", "工作表 Sheet2（未读取：填写示例）"),
        ("hidden-rows.xlsx", "隐藏行已一并读取"),
        ("merged-web-table.xls", "取自合并单元格"),
    ):
        content = (CORPUS / name).read_bytes()
        register = upload_register(
            actor=filing.city.who("hospital", "clerk"), content=content, name=name
        )
        answer = clerk.get(f"/registers/{register.pk}/findings/")
        assert told in text_of(answer), name


def test_a1_a_file_of_another_unit_or_year_is_told_until_acceptance(
    filing: Filing, log_in: LogIn
) -> None:
    content = register_file(filing.lines(1), unit="别家医院", year=2024, filler="", telephone="")
    clerk = log_in("hospital", "clerk")
    answer = worked(clerk, clerk.post("/registers/new/", {"file": workbook(content), "year": 2026}))
    said = text_of(answer)
    assert "表头写的填报单位是“别家医院”，这份登记表属于山城第一人民医院。" in said
    assert "表头写的年度是 2024，这份登记表是 2026。" in said
    register = filing.upload(filing.lines(1))
    assert "表头" not in text_of(clerk.get(f"/registers/{register.pk}/"))
