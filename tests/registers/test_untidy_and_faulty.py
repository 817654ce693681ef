"""Any harmless untidiness gives no error; any fault is found at its cell, once, and nothing else.

Hypothesis makes the registers; each goes through a real file of a random format.
"""

import io
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.registers.corpus import writers
from tests.registers.corpus.paper import (
    CERTIFICATE,
    DATE,
    DOCUMENT,
    HEADER,
    ID,
    NAME,
    NOTE,
    QUALIFICATION,
    SELF_MANAGED,
    SEX,
    SPECIALTY,
    TITLE,
    WORK_UNIT,
    Paper,
    Row,
)
from zhicheng.approvals import reading as list_reading
from zhicheng.approvals.listbook import ListBook
from zhicheng.demo.people import Person
from zhicheng.demo.workbooks import approval_list
from zhicheng.registers.check_file import check_sheet
from zhicheng.registers.reading import read_sheet
from zhicheng.spreadsheets.limits import LIST_LIMITS, REGISTER_LIMITS

TODAY = date(2026, 11, 24)
Found = tuple[int | None, str, str]
_WEIGHTS = [pow(2, 17 - place, 11) for place in range(17)]


@dataclass
class City:
    """Whom the list has: the people of the register, two of documents without certificates."""

    rows: list[Row]
    self_issued: Row
    online: Row
    strangers: list[Person]
    book: ListBook
    names: list[str] = field(default_factory=list)


@cache
def city() -> City:
    paper = Paper(1)
    special = ["吐尔逊·买买提", "𠮷庆华", "王喆", "欧阳修远", "古丽米热·艾合买提江"]
    rows = []
    for index in range(12):
        person = paper.city.plain_person()
        if index < len(special):
            person = Person(special[index], person.sex, person.id_number)
        rows.append(paper.put(paper.line(person=person)))
    self_issued = paper.line(1, mode="自主评审", department=SELF_MANAGED).cells(1)
    online = paper.line(2, channel="线上").cells(1)
    strangers = [paper.city.plain_person() for _ in range(30)]
    content = io.BytesIO(approval_list(paper.listed))
    book = ListBook(list_reading.read_sheet(content, LIST_LIMITS))
    names = [str(row[NAME]) for row in rows]
    assert len(set(names)) == len(names)
    return City(rows, self_issued, online, strangers, book, names)


# Files.


def _as_xlsx(grid: writers.Grid) -> bytes:
    return writers.by_xlsxwriter(grid)


FORMATS: dict[str, Callable[[writers.Grid], bytes]] = {
    "xlsx": _as_xlsx,
    "csv": lambda grid: writers.as_text(grid, encoding="gb18030"),
    "tabs": lambda grid: writers.as_text(grid, "\t", "utf-16"),
    "html": writers.as_html,
    "xml": writers.as_xml_2003,
}
TYPED = {"xlsx", "xml"}  # formats whose cells can be numbers


def checked(grid: writers.Grid, how: str) -> list[dict[str, Any]]:
    sheet = read_sheet(io.BytesIO(FORMATS[how](grid)), REGISTER_LIMITS)
    return list(check_sheet(sheet, city().book, today=TODAY).findings)


# Untidiness: each takes a clean cell and a random source.

SPACES = [" ", "\u3000", "\u00a0", "\u200b", "\ufeff", "\u2009", "  "]
DATE_FORMS = [
    lambda y, m, d: f"{y}年{m}月{d}日",
    lambda y, m, d: f"{y}.{m:02d}.{d:02d}",
    lambda y, m, d: f"{y}/{m}/{d}",
    lambda y, m, d: f"{y}-{m}-{d}",
    lambda y, m, d: f"{y}{m:02d}{d:02d}",
    lambda y, m, d: f"{y} 年 {m} 月 {d} 日",
    lambda y, m, d: f"{y}．{m}．{d}",
    lambda y, m, d: f"{y}/{m}/{d} 0:00:00",
    lambda y, m, d: wide(f"{y}年{m}月{d}日"),
]


def wide(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "0" <= c <= "9" or "A" <= c <= "Z" else c for c in text)


def around(text: str, chance: random.Random) -> str:
    return chance.choice(["", *SPACES]) + text + chance.choice(SPACES)


def inside(text: str, chance: random.Random) -> str:
    place = chance.randrange(1, len(text))
    return text[:place] + chance.choice(SPACES) + text[place:]


def untidy_name(text: str, chance: random.Random) -> str:
    if "·" in text and chance.random() < 0.7:
        return text.replace("·", chance.choice("•‧∙⋅・･．.﹒●"))
    return inside(text, chance)


def untidy_id(text: str, chance: random.Random) -> str:
    way = chance.randrange(4)
    if way == 0:
        return wide(text)
    if way == 1 and text.endswith("X"):
        return text[:17] + chance.choice("xХх×")
    return f"'{text}" if way == 2 else inside(text, chance)


def untidy_document(text: str, chance: random.Random) -> str:
    opening, closing = chance.choice(["[]", "()", "（）", "【】", "﹝﹞", "［］", "{}"])
    text = text.replace("〔", opening).replace(
        "〕", closing + chance.choice(["", "第", "0", "第0"])
    )
    return wide(text) if chance.random() < 0.3 else text


def untidy_date(text: str, chance: random.Random) -> str:
    year, month, day = map(int, text.split("-"))
    return chance.choice(DATE_FORMS)(year, month, day)


UNTIDY: dict[int, Callable[[str, random.Random], str]] = {
    CERTIFICATE: lambda text, chance: chance.choice([wide(text), inside(text, chance)]),
    WORK_UNIT: around,
    NAME: untidy_name,
    SEX: around,
    ID: untidy_id,
    SPECIALTY: around,
    QUALIFICATION: around,
    DATE: untidy_date,
    DOCUMENT: untidy_document,
}


def untidy_frame(rows: list[Row], chance: random.Random) -> tuple[list[Row], list[int]]:
    """The rows in an untidy sheet, and the Excel row of each."""
    extra = [f"附加{n}" for n in range(chance.randrange(3))]
    header = [f" {t} " if chance.random() < 0.2 else t for t in map(str, HEADER)]
    header = [f"{t[:1]}\n{t[1:]}" if chance.random() < 0.2 else t for t in header]
    order = list(range(len(HEADER) + len(extra)))
    if chance.random() < 0.5:
        chance.shuffle(order)

    def placed(row: Row, filler: str) -> Row:
        cells = [*row, *(filler for _ in extra)]
        return [cells[place] for place in order]

    grid: list[Row] = [[TITLE]] if chance.random() < 0.7 else []
    grid += [[] for _ in range(chance.randrange(3))]
    grid.append(placed(list(header), "附加"))
    places = []
    for number, row in enumerate(rows):
        if chance.random() < 0.15:
            blank: list[Row] = [
                [],
                placed([number + 1, *[None] * 10], ""),
                placed(list(HEADER), ""),
            ]
            grid.append(chance.choice(blank))
        grid.append(placed(row, "x"))
        places.append(len(grid))
    grid += chance.choice(
        [[], [[NOTE]], [[], ["合计", "12人"]], [["填报人：杜若谷", None, "联系电话：1"], [NOTE]]]
    )
    return grid, places


@given(st.randoms(use_true_random=False), st.sampled_from(sorted(FORMATS)))
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_harmless_untidiness_is_no_error(chance: random.Random, how: str) -> None:
    _untidiness_is_no_error(chance, how)


@pytest.mark.long
@given(st.randoms(use_true_random=False), st.sampled_from(sorted(FORMATS)))
@settings(max_examples=5000, deadline=None, suppress_health_check=list(HealthCheck))
def test_harmless_untidiness_is_no_error_long(chance: random.Random, how: str) -> None:
    _untidiness_is_no_error(chance, how)


def _untidiness_is_no_error(chance: random.Random, how: str) -> None:
    rows = [list(row) for row in city().rows]
    touched = set()
    for number, row in enumerate(rows):
        for column, untidy in UNTIDY.items():
            if chance.random() < 0.25:
                new = untidy(str(row[column]), chance)
                if new != row[column]:
                    row[column] = new
                    touched.add((number, str(HEADER[column])))
    chance.shuffle(order := list(range(len(rows))))
    grid, places = untidy_frame([rows[number] for number in order], chance)
    told = checked(grid, how)
    assert [f for f in told if f["severity"] != "tidied"] == []
    where = {places[at]: number for at, number in enumerate(order)}
    # A web page and a form's text don't keep spaces at the ends of cells: nothing to tell there.
    said = {(where[f["row"]], f["column"]) for f in told}
    assert said <= touched
    if how in ("xlsx", "csv"):
        assert said == touched


# Faults: each spoils one row and says what must come of it, as (column, code).


def differing_digit(number: str, chance: random.Random) -> str:
    place = chance.randrange(6, 17)
    digit = chance.choice([d for d in "0123456789" if d != number[place]])
    return number[:place] + digit + number[place + 1 :]


def code_of(number: str) -> str:
    """The root of a faulty number, by the standard's own arithmetic."""
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return "id_number.birth_date"
    if not date(1900, 1, 1) <= born <= TODAY:
        return "id_number.birth_date"
    total = sum(int(d) * w for d, w in zip(number[:17], _WEIGHTS, strict=True))
    assert "10X98765432"[total % 11] != number[17]
    return "id_number.checksum"


def f_required(row: Row, chance: random.Random, _how: str) -> list[tuple[str, str]]:
    column = chance.choice(
        [CERTIFICATE, WORK_UNIT, NAME, SEX, ID, SPECIALTY, QUALIFICATION, DATE, DOCUMENT]
    )
    row[column] = None
    return [(str(HEADER[column]), "required")]


def f_id_malformed(row: Row, chance: random.Random, _how: str) -> list[tuple[str, str]]:
    number = str(row[ID])
    place = chance.randrange(17)
    row[ID] = chance.choice(
        [
            number[:place] + number[place + 1 :],
            number + "7",
            number[:place] + "O" + number[place + 1 :],
        ]
    )
    return [("身份证号码", "id_number.malformed")]


def f_id_digit(row: Row, chance: random.Random, _how: str) -> list[tuple[str, str]]:
    row[ID] = differing_digit(str(row[ID]), chance)
    return [("身份证号码", code_of(str(row[ID])))]


def f_id_swapped(row: Row, chance: random.Random, how: str) -> list[tuple[str, str]]:
    number = str(row[ID])
    places = [p for p in range(6, 16) if number[p] != number[p + 1]]
    place = chance.choice(places)
    row[ID] = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    return [("身份证号码", code_of(str(row[ID])))]


def f_precision(row: Row, chance: random.Random, how: str) -> list[tuple[str, str]]:
    digits = str(row[ID])[:15] + "000"
    row[ID] = int(digits) if how in TYPED else f"{int(digits):.5E}"
    return [("身份证号码", "id_number.precision_lost")]


def f_sex(row: Row, chance: random.Random, _how: str) -> list[tuple[str, str]]:
    if chance.random() < 0.5:
        row[SEX] = "女" if row[SEX] == "男" else "男"
        return [("性别", "sex.mismatch_id_number")]
    row[SEX] = chance.choice(["先生", "M", "男女", "1"])
    return [("性别", "sex.malformed")]


def f_name_malformed(row: Row, chance: random.Random, _how: str) -> list[tuple[str, str]]:
    row[NAME] = chance.choice([str(row[NAME]) + "1", "王", "王\ue000", "王?", "（空）"])
    return [("姓名", "name.malformed")]


def f_name_differs(row: Row, chance: random.Random, _how: str) -> list[tuple[str, str]]:
    row[NAME] = chance.choice([name for name in city().names if name != row[NAME]] + ["无此人"])
    return [("姓名", "approval.name_differs")]


def f_date(row: Row, chance: random.Random, how: str) -> list[tuple[str, str]]:
    if chance.random() < 0.5:
        row[DATE] = chance.choice(["2026-03-19", "2025年3月18日", "2026.3.8"])
        return [("批准时间", "approval.date_differs")]
    forms: list[object] = [
        "2026年3月",
        "2026.3",
        "26-3-18",
        "2026-02-30",
        "3/18/2026",
        "2099-01-01",
    ]
    row[DATE] = chance.choice(forms + ([2026.1, 202603, 5] if how in TYPED else []))
    return [("批准时间", "date.malformed")]


def f_document(row: Row, chance: random.Random, _how: str) -> list[tuple[str, str]]:
    if chance.random() < 0.5:
        row[DOCUMENT] = "渝卫职改〔2026〕98765号"
        return [("批准文号", "approval.unknown")]
    row[DOCUMENT] = chance.choice(
        ["渝卫职改2026第1号", "〔2026〕1号", "见附件", "渝卫职改〔2026〕1"]
    )
    return [("批准文号", "document_number.malformed")]


def f_certificate(row: Row, chance: random.Random, _how: str) -> list[tuple[str, str]]:
    if chance.random() < 0.5:
        row[CERTIFICATE] = city().rows[0][CERTIFICATE]
        return [("证书编号", "certificate_number.duplicate")]
    row[CERTIFICATE] = row[ID]
    return [("证书编号", "certificate_number.malformed")]


def f_titles(row: Row, chance: random.Random, _how: str) -> list[tuple[str, str]]:
    if chance.random() < 0.5:
        row[QUALIFICATION] = chance.choice(["副主任医师", "医师", "首席医疗师"])
        return [("资格名称", "approval.qualification_differs")]
    row[SPECIALTY] = "外科学"
    return [("专业名称", "approval.specialty_differs")]


def f_work_unit(row: Row, _chance: random.Random, _how: str) -> list[tuple[str, str]]:
    row[WORK_UNIT] = "山城第二人民医院"
    return [("工作单位", "work_unit.differs")]


def f_twice(row: Row, _chance: random.Random, _how: str) -> list[tuple[str, str]]:
    for column in (NAME, SEX, ID):
        row[column] = city().rows[0][column]
    return [("身份证号码", "person.duplicate"), ("", "approval.person_missing")]


def f_stranger(row: Row, _chance: random.Random, _how: str) -> list[tuple[str, str]]:
    # One stranger per place, so that no two are the same person.
    place = next(i for i, r in enumerate(city().rows) if r[CERTIFICATE] == row[CERTIFICATE])
    person = city().strangers[place]
    row[NAME], row[SEX], row[ID] = person.name, person.sex, person.id_number
    return [("身份证号码", "approval.person_not_listed"), ("", "approval.person_missing")]


FAULTS = [value for name, value in sorted(globals().items()) if name.startswith("f_")]


@given(st.randoms(use_true_random=False), st.sampled_from(sorted(FORMATS)))
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_fault_is_found_and_nothing_else(chance: random.Random, how: str) -> None:
    _faults_are_found(chance, how)


@pytest.mark.long
@given(st.randoms(use_true_random=False), st.sampled_from(sorted(FORMATS)))
@settings(max_examples=5000, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_fault_is_found_and_nothing_else_long(chance: random.Random, how: str) -> None:
    _faults_are_found(chance, how)


def _faults_are_found(chance: random.Random, how: str) -> None:
    rows = [list(row) for row in city().rows]
    expected: list[tuple[int | None, str, str]] = []
    # The first row stays as it is: the others are duplicates of it.
    for number in range(1, len(rows)):
        if chance.random() < 0.4:
            for column, code in chance.choice(FAULTS)(rows[number], chance, how):
                expected.append((number, column, code) if column else (None, "姓名", code))
        else:
            column = chance.choice(list(UNTIDY))
            rows[number][column] = UNTIDY[column](str(rows[number][column]), chance)
    for special, code in ((city().self_issued, "self_issued"), (city().online, "online")):
        if chance.random() < 0.3:
            expected.append((len(rows), "批准文号", f"approval.{code}"))
            rows.append(list(special))
    grid, places = untidy_frame(rows, chance)
    told = checked(grid, how)
    found = Counter((f["row"], f["column"], f["code"]) for f in told if f["severity"] != "tidied")
    wanted = Counter(
        (places[number] if number is not None else None, column, code)
        for number, column, code in expected
    )
    assert found == wanted
