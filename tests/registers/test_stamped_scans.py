"""N4: the stamped paper as evidence; its codes say whether it equals the data."""

import hashlib
import io

import pypdfium2
import pytest
from django.db import IntegrityError, connection, transaction
from PIL import Image

from tests.support.filing import Filing
from zhicheng.audit.models import AuditEvent
from zhicheng.documents.scanned import PAGES
from zhicheng.files import store
from zhicheng.registers import actions, scans
from zhicheng.registers.digest import joined_digest
from zhicheng.registers.models import PaperScan, Register
from zhicheng.registers.paper import differences, paper_state
from zhicheng.registers.printing import print_form
from zhicheng.values.refusal import NotPermitted, Refusal


def clerk(filing: Filing):  # type: ignore[no-untyped-def]
    return filing.city.who("hospital", "clerk")


def correct(filing: Filing, register: Register, position: int, **changes: str) -> None:
    row = register.rows.get(position=position)
    actions.correct_row(actor=clerk(filing), row_id=row.pk, changes=changes, version=row.version)


def printed(filing: Filing, register: Register) -> bytes:
    register.refresh_from_db()
    return print_form(actor=clerk(filing), register=register)


def picture(pdf: bytes, page: int = 0, *, turned: float = 0, kind: str = "JPEG") -> bytes:
    """A page as a photograph or a flat-bed scan of it."""
    drawn = pypdfium2.PdfDocument(pdf)[page].render(scale=200 / 72).to_pil().convert("RGB")
    drawn = drawn.rotate(turned, expand=True, fillcolor="white")
    target = io.BytesIO()
    drawn.save(target, kind)
    return target.getvalue()


def scanned_pdf(pdf: bytes) -> bytes:
    """The paper scanned: a PDF of nothing but pictures."""
    pages = [page.render(scale=150 / 72).to_pil() for page in pypdfium2.PdfDocument(pdf)]
    target = io.BytesIO()
    pages[0].save(target, "PDF", save_all=True, append_images=pages[1:], resolution=150)
    return target.getvalue()


def attach(filing: Filing, register: Register, *files: bytes) -> list[PaperScan]:
    return actions.attach_scans(
        actor=clerk(filing),
        register_id=register.pk,
        files=[(content, f"第{number}份.pdf") for number, content in enumerate(files, 1)],
    )


def test_n4_old_and_new_value_of_each_changed_row_are_told(filing: Filing) -> None:
    made = filing.upload(filing.lines(4))
    office = filing.city.who("office", "clerk")
    (code,) = scans.codes_of(printed(filing, made))
    correct(filing, made, 2, work_unit="另一单位", certificate_number="2026Z5")
    row = made.rows.get(position=1)
    actions.remove_row(actor=clerk(filing), row_id=row.pk, version=row.version)
    told = [
        (
            row.position,
            row.kind,
            [(cell.title, cell.before, cell.after) for cell in difference.changes],
        )
        for row, difference in differences(actions.check_paper(actor=office, text=code))
        if difference is not None
    ]
    assert told[0][:2] == (1, "removed")
    assert told[1][:2] == (2, "changed")
    assert [cell[0] for cell in told[1][2]] == ["证书编号", "工作单位"]
    assert told[1][2][1] == ("工作单位", filing.city.hospital.name, "另一单位")
    assert [item[:2] for item in told[2:]] == [(3, "changed"), (4, "changed")]
    assert told[2][2] == []
    (fresh,) = scans.codes_of(printed(filing, made))
    assert actions.check_paper(actor=office, text=fresh).agrees


def test_n4_a_page_without_rows_proves_nothing(filing: Filing) -> None:
    made = filing.upload(filing.lines(2))
    print_ = actions.print_register(actor=clerk(filing), register_id=made.pk)
    empty = joined_digest([]).hex()[:20]
    for rows in ("1-0", "0-0", "3-2", "0-2"):
        with pytest.raises(Refusal) as refused:
            actions.check_paper(
                actor=filing.city.who("office", "clerk"),
                text=f"ZC1.{made.number}.{print_.pk}.1.{rows}.{empty}",
            )
        assert refused.value.rule == "paper.altered_code"


def test_n4_stamped_scans_are_kept_and_compared_with_the_data(filing: Filing) -> None:
    made = filing.upload(filing.lines(17))
    paper = printed(filing, made)
    content = scanned_pdf(paper)
    photo = picture(paper, 1, turned=4)
    whole, second = attach(filing, made, content, photo)
    assert [page[1:] for page in whole.pages] == [[1, 1, 15], [2, 16, 17]]
    assert [page[1:] for page in second.pages] == [[2, 16, 17]]
    assert whole.file.sha256 == hashlib.sha256(content).hexdigest()
    assert whole.file.stored_by == clerk(filing)
    state = paper_state(made)
    assert (state.scans, state.scanned, state.scan_agrees, state.checked) == (2, 17, True, 0)
    correct(filing, made, 17, work_unit="另一单位")
    state = paper_state(made)
    assert (state.scanned, state.scan_agrees, state.outdated) == (16, False, True)
    event = AuditEvent.objects.filter(tag="any:paper:attach_scan").latest("sequence")
    assert event.subject_id == made.pk and event.data["codes"] == 1
    assert store.content_of(whole.file) == content


def test_n4_a_scan_without_a_code_or_with_anothers_is_kept_and_told(filing: Filing) -> None:
    made, other = filing.upload(filing.lines(1)), filing.upload(filing.lines(1))
    white = io.BytesIO()
    Image.new("RGB", (600, 400), "white").save(white, "PNG")
    blank, foreign = attach(
        filing, made, white.getvalue(), picture(printed(filing, other), kind="PNG")
    )
    assert (blank.pages, blank.foreign_codes) == ([], 0)
    assert (foreign.pages, foreign.foreign_codes) == ([], 1)
    assert paper_state(made).scanned == 0


def test_hostile_and_other_files_are_refused_and_none_is_kept(filing: Filing) -> None:
    made = filing.upload(filing.lines(1))
    good = picture(printed(filing, made))
    for bad in (b"", b"<html>x</html>", b"\xff\xd8\xff" + b"x" * 500, b"\x89PNG\r\n\x1a\nrest"):
        with pytest.raises(Refusal):
            attach(filing, made, good, bad)
    with pytest.raises(Refusal) as refused:
        attach(filing, made)
    assert refused.value.rule == "scan.count"
    assert not PaperScan.objects.exists()
    many = pypdfium2.PdfDocument.new()
    for _ in range(PAGES + 1):
        many.new_page(10, 10)
    target = io.BytesIO()
    many.save(target)
    with pytest.raises(Refusal) as refused:
        scans.codes_of(target.getvalue())
    assert refused.value.rule == "scan.too_many_pages"
    with pytest.raises(Refusal):
        scans.codes_of(b"%PDF-1.7\n" + b"\x00garbage" * 50 + b"\n%%EOF")


def test_scans_are_for_those_who_may_and_each_look_is_on_record(filing: Filing) -> None:
    made = filing.upload(filing.lines(1))
    (scan,) = attach(filing, made, picture(printed(filing, made)))
    for who in (("health", "officer"), ("office", "clerk"), ("office", "auditor")):
        scans.open_scan(actor=filing.city.accounts[who], scan_id=scan.pk)
    assert AuditEvent.objects.filter(tag="any:paper:view_scan").count() == 3
    for who in (("enterprise", "clerk"), ("office", "administrator"), ("health", "embosser")):
        with pytest.raises(NotPermitted):
            scans.open_scan(actor=filing.city.accounts[who], scan_id=scan.pk)
    with pytest.raises(NotPermitted):
        actions.attach_scans(
            actor=filing.city.who("office", "auditor"), register_id=made.pk, files=[(b"x", "x")]
        )


def test_checks_and_scans_are_never_changed(filing: Filing) -> None:
    made = filing.upload(filing.lines(1))
    (code,) = scans.codes_of(printed(filing, made))
    actions.check_paper(actor=filing.city.who("office", "clerk"), text=code)
    attach(filing, made, picture(printed(filing, made)))
    for table, name in (
        ("registers_papercheck", "paper_check_is_never_changed"),
        ("registers_paperscan", "paper_scan_is_never_changed"),
    ):
        for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET register_id = register_id"):
            with (
                pytest.raises(IntegrityError) as error,
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(statement)
            assert error.value.__cause__.diag.constraint_name == name  # type: ignore[union-attr]
