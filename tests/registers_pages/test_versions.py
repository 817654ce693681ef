"""The pages of a register's past, and of what a file sent again has changed."""

import io
from datetime import timedelta

import openpyxl
import pytest
import python_calamine
from django.db import connection
from django.utils import timezone

from tests.registers_pages.conftest import LogIn
from tests.support.filing import Filing
from tests.support.pages import text_of, workbook
from tests.support.working import worked
from zhicheng.audit.models import AuditEvent
from zhicheng.registers import actions, background
from zhicheng.registers.models import Register
from zhicheng.work.jobs import _forget_products
from zhicheng.work.models import Work


def correct(filing: Filing, register: Register, position: int, **changes: str) -> None:
    row = register.rows.get(position=position)
    actions.correct_row(
        actor=filing.city.who("hospital", "clerk"),
        row_id=row.pk,
        changes=changes,
        version=row.version,
    )


def test_n18_every_version_is_listed_looked_at_and_compared(filing: Filing, log_in: LogIn) -> None:
    lines = filing.lines(3)
    made = filing.upload(lines)
    correct(filing, made, 2, work_unit="另一单位")
    row = made.rows.get(position=3)
    actions.remove_row(
        actor=filing.city.who("hospital", "clerk"), row_id=row.pk, version=row.version
    )
    reader = log_in("health", "officer")
    said = text_of(reader.get(f"/registers/{made.pk}/versions/"))
    assert "上传登记表" in said and "更正登记表" in said and "hospital.clerk" in said
    said = text_of(reader.get(f"/registers/{made.pk}/versions/1/"))
    assert lines[2].listed.person.name in said and "另一单位" not in said
    assert lines[2].listed.person.id_number not in said
    page = f"/registers/{made.pk}/compare/"
    said = text_of(reader.get(page, {"from": 3, "to": 1}))
    assert "有变化的行 2" in said
    assert f"工作单位 {filing.city.hospital.name} → 另一单位" in said
    assert lines[2].listed.person.name in said
    assert "有变化的行 1" not in text_of(reader.get(page, {"from": 1, "to": 3, "show": "removed"}))
    assert reader.get(page, {"from": 1, "to": 9}).status_code == 404
    assert reader.get(page, {"from": "x"}).status_code == 404
    whole = text_of(reader.get(page, {"from": 1, "to": 3, "show": "all"}))
    assert lines[0].listed.person.name in whole

    answer = reader.post(f"{page}export/", {"from": 1, "to": 3})
    book = python_calamine.CalamineWorkbook.from_object(io.BytesIO(answer.content))
    head, first, *others = book.get_sheet_by_index(0).to_python()
    assert head[:3] == ["变化", "原序号", "现序号"]
    assert first[5:8] == ["工作单位", filing.city.hospital.name, "另一单位"]
    assert {row[0] for row in others} == {"删除"}
    event = AuditEvent.objects.latest("sequence")
    assert event.tag == "any:list:export" and event.data["from"] == 1


def test_the_file_again_shows_what_changed_and_lets_a_person_choose(
    filing: Filing, log_in: LogIn
) -> None:
    lines = filing.lines(3)
    old = [lines[0].but(姓名="无此人"), lines[1].but(性别="不详")]
    made = filing.upload(old)
    correct(filing, made, 1, name=lines[0].listed.person.name)
    clerk = log_in("hospital", "clerk")
    sent = {"file": workbook(filing.file([old[0], lines[1], lines[2]]))}
    answer = worked(clerk, clerk.post(f"/registers/{made.pk}/replace/", sent))
    said = text_of(answer)
    assert answer.redirect_chain[-1][0] == f"/registers/{made.pk}/versions/3/changes/"
    assert "新增 1" in said and lines[2].listed.person.name in said
    assert "性别 不详 → " in said
    assert "1 处曾在网页上更正" in said
    assert "已更正 2" in said and "新出现 1" in said
    grid = text_of(clerk.get(f"/registers/{made.pk}/"))
    assert "文件带回了旧内容" in grid
    assert "文件带回了旧内容" not in text_of(
        log_in("office", "officer").get(f"/registers/{made.pk}/")
    )
    page = f"/registers/{made.pk}/versions/3/"
    refused = log_in("health", "officer").post(f"{page}settle/", {"choice-0": "page"})
    assert refused.status_code == 403
    answer = clerk.post(f"{page}settle/", {"choice-0": "page"}, follow=True)
    assert "已保留网页上的内容 1 处" in text_of(answer)
    assert made.rows.get(position=1).name == lines[0].listed.person.name
    assert "文件带回了旧内容" not in text_of(clerk.get(f"/registers/{made.pk}/"))
    again = clerk.post(f"{page}settle/", {"choice-0": "page"})
    assert again.status_code == 422
    assert log_in("enterprise", "clerk").get(f"{page}changes/").status_code == 404


def test_n4_the_marked_file_is_downloaded_from_the_page(filing: Filing, log_in: LogIn) -> None:
    lines = filing.lines(2)
    made = filing.upload([lines[0].but(姓名="无此人"), lines[1]])
    clerk = log_in("hospital", "clerk")
    for page in ("findings", "replace"):
        said = text_of(clerk.get(f"/registers/{made.pk}/{page}/"))
        assert "下载标注文件" in said and "网页上更正过的是现在的内容" in said
    answer = clerk.post(f"/registers/{made.pk}/marked/")
    assert answer.status_code == 200 and answer.content.startswith(b"PK")
    assert log_in("health", "embosser").post(f"/registers/{made.pk}/marked/").status_code == 403
    assert log_in("enterprise", "clerk").post(f"/registers/{made.pk}/marked/").status_code == 404


def test_a_large_file_is_marked_by_the_worker(
    filing: Filing, log_in: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    (line,) = filing.lines(1)
    made = filing.upload([line.but(性别="")])
    monkeypatch.setattr(background, "MARKED_AT_ONCE", 0)
    assert log_in("health", "embosser").post(f"/registers/{made.pk}/marked/").status_code == 403
    clerk = log_in("hospital", "clerk")
    page = worked(clerk, clerk.post(f"/registers/{made.pk}/marked/"))
    assert "标注好的文件已经生成" in text_of(page)
    work = Work.objects.get()
    with connection.cursor() as cursor:
        cursor.execute("SELECT product FROM work_work")
        assert not bytes(cursor.fetchone()[0]).startswith(b"PK")
    answer = clerk.get(f"{work.get_absolute_url()}file/")
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    assert book.sheetnames[0] == "检查说明"
    assert log_in("hospital", "officer").get(f"{work.get_absolute_url()}file/").status_code == 404

    Work.objects.update(finished_at=timezone.now() - timedelta(hours=25))
    _forget_products()
    assert clerk.get(f"{work.get_absolute_url()}file/").status_code == 404


def test_n4_the_office_sees_before_acceptance_what_is_known_of_the_paper(
    filing: Filing, log_in: LogIn
) -> None:
    made = filing.filed(filing.lines(2))
    office = log_in("office", "officer")
    assert "纸质件 尚未核对" in text_of(office.get(f"/registers/{made.pk}/"))
    pdf = log_in("hospital", "clerk").post(f"/registers/{made.pk}/paper/print/").content
    answer = office.post("/registers/paper/scan/", {"file": workbook(pdf, "纸.pdf")})
    assert "纸质与数据一致" in text_of(answer)
    said = text_of(office.get(f"/registers/{made.pk}/"))
    assert "已核对全部 2 行，与数据一致" in said and "没有盖章扫描件" in said
    answer = office.post(
        f"/registers/{made.pk}/paper/scans/", {"files": workbook(pdf, "盖章.pdf")}, follow=True
    )
    said = text_of(answer)
    assert "已保存 1 个扫描件" in said and "读到 1 页，与数据一致" in said
    assert "扫描件齐全，与数据一致" in said
    scan = made.scans.get()
    answer = office.get(f"/registers/scans/{scan.pk}/")
    assert answer.content == pdf and answer.headers["X-Content-Type-Options"] == "nosniff"
    assert log_in("enterprise", "clerk").get(f"/registers/scans/{scan.pk}/").status_code == 404
    assert log_in("health", "embosser").get(f"/registers/scans/{scan.pk}/").status_code == 403
    assert office.post("/registers/paper/scan/", {"file": workbook(b"x")}).status_code == 422
