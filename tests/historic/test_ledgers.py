"""Old ledgers: read, mapped, judged, imported once, taken back (N6, N7, N16)."""

import io
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.historic.conftest import OLD_15, Imported, ledger_file, line
from tests.registers.corpus.writers import as_html, as_xml_2003, by_xlwt
from tests.support.city import City
from zhicheng.audit.models import AuditEvent
from zhicheng.historic import ledgers, taking_back
from zhicheng.historic.models import ColumnMapping, Ledger, LedgerLine
from zhicheng.historic.reading import read_head
from zhicheng.protection import reveal
from zhicheng.values.id_number import check_digit, person_form
from zhicheng.values.refusal import NotPermitted, Refusal
from zhicheng.verification.models import LegacyRecord, SourceConflict
from zhicheng.verification.queries import find_by_number, find_by_person

NEW_18 = "510213196503121010"[:17] + check_digit("51021319650312101")


def test_n7_a_ledger_with_merged_title_and_its_own_words_is_understood(
    loaded: Imported,
) -> None:
    ledger = loaded([line("渝中98-001")])
    assert (ledger.taken_count, ledger.same_count, ledger.refused_count) == (1, 0, 0)
    record = LegacyRecord.objects.get()
    assert (record.name, record.specialty, record.qualification) == (
        "龙若谷", "水利水电工程", "工程师",
    )  # fmt: skip
    # 批准时间 is the committee's day, 发证时间 the document's: both are kept.
    assert record.approval_date == date(1998, 12, 5)
    assert record.issued_on == date(1999, 1, 20)
    assert record.committee == "水利工程中评委" and record.level == "intermediate"
    assert record.origin == f"九十年代台账（{ledger.number}）"


def test_n6_an_id_number_of_fifteen_digits_is_right_and_found_by_eighteen(
    loaded: Imported,
) -> None:
    loaded([line("渝中98-001")])
    record = LegacyRecord.objects.get()
    assert reveal(bytes(record.id_number_cipher)) == OLD_15  # kept as the ledger says it
    assert LedgerLine.objects.get().findings == []
    assert person_form(OLD_15) == NEW_18
    for number in (OLD_15, NEW_18):
        (found,) = find_by_person("龙若谷", number)
        assert found.number == "渝中98-001"
    assert find_by_person("龙若谷", "510213650312103") == []


def test_n6_what_is_wrong_is_told_and_kept_or_refused_with_the_reason(loaded: Imported) -> None:
    wrong = NEW_18[:17] + ("0" if NEW_18[17] != "0" else "1")
    ledger = loaded(
        [
            line("A-1", 身份证号=wrong),
            line("A-2", 身份证号="51021365031210"),
            line("A-3", 身份证号=510213196503121010),
            line("A-4", 任职资格="总工"),
            line("A-5", 评审通过时间="1998年12月"),
            line("A-6", 评审通过时间="九八年底"),
            line("A-7", 评审通过时间="98.12.5"),
            line("", 文件号=""),
        ],
        take=False,
    )
    codes = {
        found.certificate_number: [code for _column, code, _severity, _text in found.findings]
        for found in ledger.lines.all()
    }
    assert codes["A-1"] == ["id_number.checksum"]
    assert codes["A-2"] == ["id_number.malformed"]
    assert codes["A-3"] == ["id_number.precision_lost"]
    assert codes["A-4"] == ["qualification.unknown"]
    assert codes["A-5"] == ["date.month_only"]
    assert codes["A-6"] == ["date.malformed"]
    assert codes["A-7"] == []
    assert codes[""] == ["required", "required"]
    assert (ledger.ready_count, ledger.refused_count) == (4, 4)
    for text in ledger.lines.values_list("findings", flat=True):
        assert "5102131965" not in str(text) and wrong not in str(text)  # invariant 10


def test_n7_the_same_file_and_the_same_row_in_two_ledgers_count_once(
    loaded: Imported, city: City, tmp_path: Path
) -> None:
    first = loaded([line("A-1"), line("A-2"), line("A-1")])
    assert (first.taken_count, first.same_count) == (2, 1)
    officer = city.who("office", "officer")
    with pytest.raises(Refusal) as refused:
        ledgers.upload(
            actor=officer,
            content=(tmp_path / "ledger.xlsx").read_bytes(),
            name="again.xlsx",
            title="again",
        )
    assert refused.value.rule == "ledger.imported_before"
    second = loaded([line("A-2"), line("A-3"), line("A-1", 从事专业="桥梁工程")], title="另一本")
    assert (second.taken_count, second.same_count, second.conflict_count) == (2, 1, 1)
    assert LegacyRecord.objects.count() == 4
    conflict = SourceConflict.objects.get()
    assert (conflict.number, conflict.fields) == ("A-1", ["specialty"])
    # Until somebody decides, the ledger that came first answers, once.
    (answer,) = find_by_number("A-1", "龙若谷")
    assert answer.specialty == "水利水电工程"


def test_n7_an_import_is_taken_back_as_a_whole_and_other_ledgers_keep_theirs(
    loaded: Imported, city: City
) -> None:
    officer = city.who("office", "officer")
    first = loaded([line("A-1"), line("A-2")])
    second = loaded([line("A-2"), line("A-2", 从事专业="桥梁工程")], title="另一本")
    assert SourceConflict.objects.count() == 1
    taking_back.take_back(actor=officer, ledger_id=first.pk, reason="台账年份弄错")
    # A-2 stands in the second ledger too: it stays, and is that one's now.
    assert set(LegacyRecord.objects.values_list("certificate_number", "ledger")) == {
        ("A-2", second.pk)
    }
    second.refresh_from_db()
    assert (second.taken_count, second.same_count) == (2, 0)
    event = AuditEvent.objects.filter(tag="office:ledger:take_back").get()
    assert event.data["removed"] == 1 and event.data["reason"] == "台账年份弄错"
    # What was taken back may come again.
    again = loaded([line("A-1"), line("A-2")])
    assert (again.taken_count, again.same_count) == (1, 1)
    with pytest.raises(Refusal):
        taking_back.take_back(actor=officer, ledger_id=first.pk, reason="再来")


def test_the_import_takes_the_same_statements_for_few_rows_and_many(
    loaded: Imported, city: City
) -> None:
    officer = city.who("office", "officer")
    counts = []
    for people in (2, 60):
        ledger = loaded([line(f"S{people}-{n}") for n in range(people)], take=False)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            ledgers.import_ledger(actor=officer, ledger_id=ledger.pk)
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_the_mapping_is_remembered_for_the_organisation_by_the_headings(
    city: City, tmp_path: Path
) -> None:
    officer = city.who("office", "officer")
    headings = ("甲", "姓名", "身份证号码", "乙", "丙", "丁", "批准文号")
    told = {
        "甲": "B-1", "姓名": "龙若谷", "身份证号码": OLD_15, "乙": "水利", "丙": "工程师",
        "丁": "2001-05-06", "批准文号": "渝职改办〔2001〕1号",
    }  # fmt: skip
    content = ledger_file(tmp_path / "a.xlsx", [told], headings)
    ledger = ledgers.upload(actor=officer, content=content, name="a.xlsx", title="甲")
    assert set(ledger.chosen.values()) == {"name", "id_number", "document_number"}
    chosen = dict(
        enumerate(
            (
                "certificate_number", "name", "id_number", "specialty", "qualification",
                "approval_date", "document_number",
            )
        )
    )  # fmt: skip
    with pytest.raises(Refusal) as refused:
        ledgers.map_columns(
            actor=officer, ledger_id=ledger.pk, sheet=0, header_row=3, chosen={1: "name"}
        )
    assert "证书编号" in refused.value.found
    ledgers.map_columns(actor=officer, ledger_id=ledger.pk, sheet=0, header_row=3, chosen=chosen)
    again = ledger_file(tmp_path / "b.xlsx", [{**told, "甲": "B-2"}], headings)
    known = ledgers.upload(actor=officer, content=again, name="b.xlsx", title="乙")
    assert {int(place): key for place, key in known.chosen.items()} == chosen
    assert ColumnMapping.objects.count() == 1


def test_a_ledger_of_text_in_gb18030_is_read() -> None:
    text = (
        "职称台账,,,,\r\n证书编号,姓名,身份证号码,资格名称,批准时间\r\n"
        "001,𠮷明,510213650312101,工程师,1998-12-05\r\n"
    )
    (head, *_more) = read_head(text.encode("gb18030"))
    assert head.header_row == 2 and head.headings(2)[1] == "姓名"
    assert head.samples(2)[0][1] == "𠮷明"


def by_ods(grid: list[list[str]]) -> bytes:
    """A small .ods, as OpenDocument 1.2 has it."""
    namespaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    rows = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p>'
            "</table:table-cell>"
            for cell in cells
        )
        + "</table:table-row>"
        for cells in grid
    )
    content = (
        f'<?xml version="1.0"?><office:document-content {namespaces} office:version="1.2">'
        f'<office:body><office:spreadsheet><table:table table:name="台账">{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr(
            "META-INF/manifest.xml",
            '<?xml version="1.0"?><manifest:manifest manifest:version="1.2"'
            ' xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
            '<manifest:file-entry manifest:full-path="/"'
            ' manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>'
            "</manifest:manifest>",
        )
    return made.getvalue()


@pytest.mark.parametrize(
    ("write", "name"),
    [
        (by_xlwt, "台账.xls"),
        (by_xlwt, "台账.et"),  # an .xls inside
        (as_xml_2003, "台账.xls"),
        (as_html, "台账.xls"),
        (by_ods, "台账.ods"),
    ],
)
def test_ledgers_of_other_programs_are_read(
    city: City, write: Callable[[Any], bytes], name: str
) -> None:
    told = line("渝中98-001")
    grid = [["发证台账"], list(told), list(told.values()), []]
    officer = city.who("office", "officer")
    ledger = ledgers.upload(actor=officer, content=write(grid), name=name, title="")
    ledgers.map_columns(
        actor=officer,
        ledger_id=ledger.pk,
        sheet=ledger.sheet,
        header_row=ledger.header_row,
        chosen={int(place): key for place, key in ledger.chosen.items()},
    )
    ledger = ledgers.check(actor=officer, ledger_id=ledger.pk)
    assert (ledger.header_row, ledger.row_count, ledger.ready_count) == (2, 1, 1)
    (kept,) = LedgerLine.objects.all()
    assert (kept.certificate_number, kept.name) == ("渝中98-001", "龙若谷")
    assert (kept.approval_date, kept.issued_on) == (date(1998, 12, 5), date(1999, 1, 20))
    assert reveal(bytes(kept.id_number_cipher)) == OLD_15 and kept.findings == []


def test_no_id_number_stays_in_clear_where_a_column_was_taken_for_the_wrong_field(
    loaded: Imported,
) -> None:
    ledger = loaded(
        [
            line(NEW_18),  # the ID number in the column of certificate numbers
            line(OLD_15),
            line("A-3", 工作单位=f"江河勘测院 {NEW_18}"),
            line("201850010200123456"),  # a number that only looks long
            line(NEW_18, 身份证号="17"),
        ],
        take=False,
    )
    assert (ledger.ready_count, ledger.refused_count) == (1, 4)
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(l::text, ' ') FROM historic_ledgerline l")
        (dump,) = cursor.fetchone()
    assert NEW_18 not in dump and OLD_15 not in dump and "201850010200123456" in dump
    codes = {line.row: {found[1] for found in line.findings} for line in LedgerLine.objects.all()}
    assert all("id_number.misplaced" in codes[row] for row in (4, 5, 6, 8))


def test_rows_checked_by_another_mapping_are_not_kept(loaded: Imported, city: City) -> None:
    ledger = loaded([line("A-1")], take=False)
    Ledger.objects.filter(pk=ledger.pk).update(state="mapped")

    read = ledgers.reading.read_rows

    def slow(*given: Any, **named: Any) -> Any:
        found = read(*given, **named)
        Ledger.objects.filter(pk=ledger.pk).update(sheet=1)  # somebody chose another sheet
        return found

    ledgers.reading.read_rows = slow
    try:
        with pytest.raises(Refusal) as refused:
            ledgers.check(actor=city.who("office", "officer"), ledger_id=ledger.pk)
    finally:
        ledgers.reading.read_rows = read
    assert refused.value.rule == "ledger.mapped_anew"


def test_n16_self_managed_certificates_are_told_apart(loaded: Imported) -> None:
    loaded(
        [line("A-1", 评审方式="自主评审"), line("A-2", 评审方式="委员会评审")],
        headings=(*line("x"), "评审方式"),
    )
    assert dict(LegacyRecord.objects.values_list("certificate_number", "self_managed")) == {
        "A-1": True,
        "A-2": False,
    }


def test_only_the_office_and_only_an_officer_imports(city: City, loaded: Imported) -> None:
    ledger = loaded([line("A-1")], take=False)
    for organization, role in (("office", "clerk"), ("health", "officer")):
        with pytest.raises(NotPermitted):
            ledgers.import_ledger(actor=city.who(organization, role), ledger_id=ledger.pk)
    assert not LegacyRecord.objects.exists()


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        (
            "UPDATE verification_legacyrecord SET specialty = 'x'",
            "legacy_record_never_changes",
        ),
        (
            (
                "INSERT INTO verification_legacyrecord (certificate_number, name, id_number_cipher,"
                " id_number_index, id_number_masked, specialty, qualification, approval_date,"
                " issued_on, document_number, origin, imported_at) SELECT certificate_number, name,"
                " id_number_cipher, id_number_index, id_number_masked, specialty, qualification,"
                " approval_date, issued_on, document_number, 'x', now()"
                " FROM verification_legacyrecord"
            ),
            "legacy_content_stands_once",
        ),
        ("UPDATE historic_ledger SET taken_count = 7", "ledger_accounts_for_every_row"),
        (
            "UPDATE historic_ledger SET state = 'taken_back'",
            "ledger_taken_back_says_why",
        ),
    ],
)
def test_around_the_code(loaded: Imported, statement: str, constraint: str) -> None:
    loaded([line("A-1")])
    with pytest.raises(IntegrityError) as broken, transaction.atomic():
        connection.cursor().execute(statement)
    assert broken.value.__cause__.diag.constraint_name == constraint  # type: ignore[union-attr]
    assert Ledger.objects.get().taken_count == 1
