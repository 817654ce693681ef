"""The peer of ``register_check``: what somebody handy in the office would write in an afternoon.

    python benchmarks/clerk_script.py REGISTER LIST [read_only]

openpyxl, a dictionary by ID number, the same checks. Nothing is made slow on purpose and nothing
clever is done; with ``read_only`` openpyxl streams the sheets, which its manual recommends for
large files. Prints one line per fault: Excel row, code.
"""

import re
import sys
from datetime import date, datetime

import openpyxl

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
DOCUMENT = re.compile(r"^\S+〔(19|20)\d\d〕[1-9]\d*号$")
NAME = re.compile(
    r"^[\u3400-\u9fff\U00020000-\U0003ffff]+(·[\u3400-\u9fff\U00020000-\U0003ffff]+)*$"
)


def text(value: object) -> str:
    """A cell without spaces."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d")
    return re.sub(r"[\s\u3000\u200b\ufeff]+", "", str(value))


def document(value: object) -> str:
    """The document number with the right brackets."""
    number = text(value)
    for wrong in "[(（【":
        number = number.replace(wrong, "〔")
    for wrong in "])）】":
        number = number.replace(wrong, "〕")
    return number


def day(value: object) -> str:
    """The date as 2026-03-18, or an empty string."""
    found = re.match(r"^(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})日?$", text(value))
    if not found:
        return ""
    try:
        return date(int(found[1]), int(found[2]), int(found[3])).isoformat()
    except ValueError:
        return ""


def read(path: str, must_have: list[str], read_only: bool) -> list[tuple[int, dict[str, object]]]:
    """The rows below the header as dictionaries."""
    sheet = openpyxl.load_workbook(path, read_only=read_only, data_only=True).worksheets[0]
    header: list[str] = []
    rows = []
    for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
        if not header:
            names = [text(cell) for cell in cells]
            if all(name in names for name in must_have):
                header = names
            continue
        row = dict(zip(header, cells, strict=False))
        if row.get("姓名") or row.get("身份证号码"):
            rows.append((number, row))
    return rows


def wrong_id(value: object) -> str:
    """The code of what is wrong with an ID number."""
    if isinstance(value, int | float):
        return "id_number.precision_lost"
    number = text(value).upper()
    if not re.match(r"^\d{17}[\dX]$", number):
        return "id_number.malformed"
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return "id_number.birth_date"
    if not date(1900, 1, 1) <= born <= date.today():  # noqa: DTZ011
        return "id_number.birth_date"
    total = sum(int(n) * w for n, w in zip(number[:17], WEIGHTS, strict=True))
    return "" if "10X98765432"[total % 11] == number[17] else "id_number.checksum"


def check(register: str, approvals: str, read_only: bool) -> list[tuple[int, str]]:  # noqa: C901
    """(Excel row, code) of everything that is wrong."""
    people = {}
    by_name = {}
    by_id: dict[str, list[tuple[str, str]]] = {}
    documents = {}
    for _number, row in read(approvals, ["批准文号", "姓名", "身份证号码"], read_only):
        key = (document(row["批准文号"]), text(row["身份证号码"]).upper())
        people[key] = row
        name = (key[0], text(row["姓名"]))
        by_name[name] = key if name not in by_name else None  # namesakes can't be told apart
        by_id.setdefault(key[1], []).append(key)
        documents[key[0]] = (text(row["评审方式"]), text(row["申报渠道"]))
    faults = []
    numbers: dict[str, int] = {}
    seen: dict[tuple[str, str], int] = {}
    covered = set()
    units = set()
    used = set()
    for excel_row, row in read(register, ["证书编号", "姓名", "身份证号码"], read_only):
        for column in (
            "证书编号", "工作单位", "姓名", "性别", "身份证号码", "专业名称", "资格名称",
            "批准时间", "批准文号",
        ):  # fmt: skip
            if not text(row[column]):
                faults.append((excel_row, "required"))  # noqa: PERF401
        certificate = text(row["证书编号"])
        if certificate and numbers.setdefault(certificate, excel_row) != excel_row:
            faults.append((excel_row, "certificate_number.duplicate"))
        name, sex = text(row["姓名"]), text(row["性别"])
        if name and not NAME.match(name):
            faults.append((excel_row, "name.malformed"))
        code = wrong_id(row["身份证号码"]) if row["身份证号码"] else ""
        if code:
            faults.append((excel_row, code))
        id_number = text(row["身份证号码"]).upper()
        if sex and sex not in ("男", "女"):
            faults.append((excel_row, "sex.malformed"))
        elif sex and not code and id_number and (int(id_number[16]) % 2 == 1) != (sex == "男"):
            faults.append((excel_row, "sex.mismatch_id_number"))
        approved = day(row["批准时间"])
        if row["批准时间"] and not approved:
            faults.append((excel_row, "date.malformed"))
        number = document(row["批准文号"])
        units.add(text(row["工作单位"]))
        used.add(number)
        if number and not DOCUMENT.match(number):
            faults.append((excel_row, "document_number.malformed"))
            continue
        if number and number not in documents:
            faults.append((excel_row, "approval.unknown"))
            covered.update(by_id.get(id_number, []))
            continue
        mode, channel = documents.get(number, ("", ""))
        if mode == "自主评审":
            faults.append((excel_row, "approval.self_issued"))
            continue
        if channel == "线上":
            faults.append((excel_row, "approval.online"))
            continue
        key = (number, id_number)
        if code or not id_number:
            key = by_name.get((number, name)) or key
        elif key in seen:
            faults.append((excel_row, "person.duplicate"))
            continue
        seen.setdefault(key, excel_row)
        person = people.get(key)
        if person is None:
            if not code:
                faults.append((excel_row, "approval.person_not_listed"))
            continue
        covered.add(key)
        for column, listed, differs in (
            ("姓名", "姓名", "approval.name_differs"),
            ("资格名称", "资格名称", "approval.qualification_differs"),
            ("专业名称", "申报资格专业方向", "approval.specialty_differs"),
            ("工作单位", "工作单位", "work_unit.differs"),
        ):
            if text(row[column]) and text(row[column]) != text(person[listed]):
                faults.append((excel_row, differs))
        if approved and approved != day(person["批准时间"]):
            faults.append((excel_row, "approval.date_differs"))
    for key, row in people.items():
        if key[0] in used and text(row["工作单位"]) in units and key not in covered:
            faults.append((0, "approval.person_missing"))
    return faults


if __name__ == "__main__":
    for excel_row, code in check(sys.argv[1], sys.argv[2], "read_only" in sys.argv[3:]):
        print(excel_row, code)
