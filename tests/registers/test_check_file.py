"""``zhicheng check``: every fault of the design is found, once, and nothing else."""

import json
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from zhicheng.demo.faults import FaultyCity, faulty_sheets
from zhicheng.demo.workbooks import approval_list, register
from zhicheng.registers.check_file import Report, check_file
from zhicheng.values.refusal import Refusal

TODAY = date(2026, 11, 24)
# Codes of the design that need what no single pair of files holds.
NEEDS_MORE = {
    "certificate_number.malformed",
    "certificate_number.taken",
    "person.already_certified",
}
DESIGN = {
    "required",
    "id_number.malformed",
    "id_number.checksum",
    "id_number.birth_date",
    "id_number.precision_lost",
    "sex.malformed",
    "sex.mismatch_id_number",
    "name.malformed",
    "date.malformed",
    "document_number.malformed",
    "certificate_number.malformed",
    "certificate_number.duplicate",
    "certificate_number.taken",
    "person.duplicate",
    "person.already_certified",
    "qualification.unknown",
    "approval.unknown",
    "approval.person_not_listed",
    "approval.name_differs",
    "approval.qualification_differs",
    "approval.specialty_differs",
    "approval.date_differs",
    "approval.self_issued",
    "approval.online",
    "approval.person_missing",
    "work_unit.differs",
    "tidied.width",
    "tidied.spaces",
    "tidied.name_dot",
    "tidied.brackets",
    "tidied.date",
    "tidied.case",
}


def checked(folder: Path, register_file: bytes, approvals: bytes) -> Report:
    (folder / "r.xlsx").write_bytes(register_file)
    (folder / "l.xlsx").write_bytes(approvals)
    return check_file(folder / "r.xlsx", folder / "l.xlsx", today=TODAY)


def test_every_fault_is_named_once_at_its_root_and_nothing_else(tmp_path: Path) -> None:
    sheets = faulty_sheets()
    report = checked(tmp_path, sheets.register, sheets.approvals)
    found = Counter((f["row"], f["column"], f["code"]) for f in report.findings)
    assert found == Counter(sheets.expected)
    assert {code for _row, _column, code in sheets.expected} == DESIGN - NEEDS_MORE
    assert report.exit_code == 1


def test_the_json_has_the_designs_keys_and_no_id_number(tmp_path: Path) -> None:
    city = FaultyCity()
    sheets = faulty_sheets(city)
    report = checked(tmp_path, sheets.register, sheets.approvals)
    told = json.loads(report.as_json())
    assert set(told) == {"sheet", "rows", "findings"}
    assert told["rows"] == len(city.lines)
    for finding in told["findings"]:
        assert set(finding) == {
            "row", "column", "code", "severity", "value", "suggestion", "message",
        }  # fmt: skip
        assert finding["severity"] in ("error", "warning", "tidied")
        assert finding["message"]
    for listed in city.listed:
        assert listed.person.id_number not in report.as_json()
        assert listed.person.id_number[:17] not in report.as_json() + report.as_text()


def test_warnings_and_tidyings_are_no_errors(tmp_path: Path) -> None:
    sheets = faulty_sheets()
    report = checked(tmp_path, sheets.register, sheets.approvals)
    severities = {f["code"]: f["severity"] for f in report.findings}
    warned = {code for code, severity in severities.items() if severity == "warning"}
    assert warned == {"approval.person_missing", "work_unit.differs", "qualification.unknown"}
    assert {code for code in severities if severities[code] == "tidied"} == {
        code for code in DESIGN if code.startswith("tidied.")
    }


def test_a_clean_register_ends_with_0(tmp_path: Path) -> None:
    city = FaultyCity()
    for _ in range(20):
        city.put(city.clean())
    file = register(city.lines, unit=city.unit, year=2026, filler="甲", telephone="1")
    report = checked(tmp_path, file, approval_list(city.listed))
    assert (report.rows, list(report.findings), report.exit_code) == (20, [], 0)


def test_suggestions_come_from_the_approval_document(tmp_path: Path) -> None:
    city = FaultyCity()
    sheets = faulty_sheets(city)
    report = checked(tmp_path, sheets.register, sheets.approvals)
    by_code = {f["code"]: f for f in report.findings}
    line = {code: city.lines[row - 4] for row, _c, code in sheets.expected if row is not None}
    assert (
        by_code["approval.name_differs"]["suggestion"]
        == line["approval.name_differs"].listed.person.name
    )
    assert by_code["approval.date_differs"]["suggestion"] == "2026-03-18"
    assert by_code["date.malformed"]["suggestion"] == "2026-03-18"
    for code in ("malformed", "checksum", "birth_date", "precision_lost"):
        number = line[f"id_number.{code}"].listed.person.id_number
        assert by_code[f"id_number.{code}"]["suggestion"] == number[:3] + "*" * 11 + number[-4:]


def test_a_list_given_as_register_is_refused(tmp_path: Path) -> None:
    sheets = faulty_sheets()
    with pytest.raises(Refusal) as refused:
        checked(tmp_path, sheets.approvals, sheets.approvals)
    assert refused.value.rule == "sheet.column_missing"
    assert "证书编号" in refused.value.found


def one_line(tmp_path: Path, **cells: object) -> list[dict[str, object]]:
    city = FaultyCity()
    city.put(city.clean())
    city.put(city.clean().but(**cells))
    file = register(city.lines, unit=city.unit, year=2026, filler="甲", telephone="1")
    return list(checked(tmp_path, file, approval_list(city.listed)).findings)


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("2026年3月", "只有年月"),
        ("2026.3", "只有年月"),
        (202603.0, "只有年月"),
        (2026.3, "只有年月"),
        (2026.1, "可能是2026年1月，也可能是2026年10月"),
        ("2026年4月", "不在同一个月"),
    ],
)
def test_year_and_month_are_matched_to_the_approval_document(
    tmp_path: Path, cell: object, said: str
) -> None:
    (finding,) = one_line(tmp_path, 批准时间=cell)
    assert finding["code"] == "date.malformed"
    assert said in str(finding["message"])
    assert finding["suggestion"] == "2026-03-18"


def test_a_unit_with_authority_may_leave_the_department_blank(tmp_path: Path) -> None:
    (finding,) = one_line(tmp_path, 主管部门="")
    assert (finding["column"], finding["code"], finding["severity"]) == (
        "主管部门", "required", "warning",
    )  # fmt: skip
    report = check_file(tmp_path / "r.xlsx", tmp_path / "l.xlsx", today=TODAY, has_authority=True)
    assert list(report.findings) == []


def test_the_command_reads_text_and_says_which_sheet(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from zhicheng.cli import main

    files = Path(__file__).parent / "corpus" / "files"
    list_file = str(files / "list.csv")
    assert main(["check", str(files / "clean-gbk.csv"), "--approvals", list_file, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["sheet"], told["rows"]) == ("文本（以逗号分隔）", 3)
    name = str(files / "sheets-sample-first.xlsx")
    assert main(["check", name, "--approvals", list_file]) == 0
    assert capsys.readouterr().out.startswith("工作表：Sheet2（未读取：填写示例）\n")
    assert main(["check", str(files / "refused-printed.pdf"), "--approvals", list_file]) == 2
    told = capsys.readouterr()
    assert told.out == "" and told.err.count("\n") == 1
