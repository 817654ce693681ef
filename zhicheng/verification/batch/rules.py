"""The rows of a batch: what they ask, what is wrong with them, how many there may be; pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from zhicheng.spreadsheets.tables import Value
from zhicheng.values import id_number as numbers
from zhicheng.values.finding import ERROR, Finding
from zhicheng.values.names import tidy_name
from zhicheng.values.refusal import Refusal
from zhicheng.values.text import cell_text, hide_id_numbers, tidy_code

MOST_ROWS = 5_000
NAME, ID_NUMBER, NUMBER = "姓名", "身份证号码", "证书编号"
LONGEST = {NAME: 100, ID_NUMBER: 40, NUMBER: 60}


@dataclass(frozen=True, slots=True)
class AskedRow:
    """One question: a name, and an ID number or a certificate number; both must fit then.

    ``row`` is the Excel row, or the place in a list counted from 1.
    """

    row: int
    name: str
    id_number: str
    number: str


@dataclass(frozen=True)
class CheckedRows:
    """The questions, and every fault; nothing is asked while there is one."""

    rows: Sequence[AskedRow]
    findings: Sequence[Finding]


class DailyLimit(Refusal):
    """More rows than an organisation may ask in a day."""

    status = 429


def check_rows(given: Iterable[tuple[int, Value, Value, Value]]) -> CheckedRows:
    """Tidies rows of (place, name, ID number, certificate number) and names every fault.

    A number that can't be anybody's is told only where the file is at fault, by its form alone:
    whether somebody has a certificate is none of this function's knowledge.
    """
    rows: list[AskedRow] = []
    findings: list[Finding] = []
    for row, name_cell, id_cell, number_cell in given:
        name = tidy_name(cell_text(name_cell))[0]
        whole, number = numbers.tidy(id_cell)[0], tidy_code(cell_text(number_cell))[0]
        asked = AskedRow(row, name, whole, number)
        faults = list(_faults(asked, id_cell))
        findings += [_finding(row, *fault) for fault in faults]
        if not faults:
            rows.append(asked)
    return CheckedRows(rows, findings)


def _faults(asked: AskedRow, id_cell: Value) -> Iterable[tuple[str, str, str, str]]:
    for column, text in ((NAME, asked.name), (ID_NUMBER, asked.id_number), (NUMBER, asked.number)):
        if len(text) > LONGEST[column]:
            yield column, "text.too_long", text, f"{column}超过{LONGEST[column]}个字"
        elif any(ord(character) < 0x20 for character in text):
            yield column, "text.unusable", "", f"{column}含有控制字符"
    if not asked.name:
        yield NAME, "required", "", "姓名没有填写"
    if not asked.id_number and not asked.number:
        yield ID_NUMBER, "required", "", "身份证号码和证书编号都没有填写，应填写其中一项"
    if asked.id_number and numbers.precision_lost(id_cell):
        reason = "Excel 把身份证号码当作数字保存，后几位已丢失；请把该列设为文本后重新填写"
        yield ID_NUMBER, numbers.PRECISION_LOST, asked.id_number, reason
    elif (
        numbers.is_clean(asked.id_number)
        and numbers.check_digit(asked.id_number[:17]) != asked.id_number[17]
    ):
        reason = "身份证号码校验码不符，其中有数字写错"
        yield ID_NUMBER, numbers.CHECKSUM, asked.id_number, reason


def _finding(row: int, column: str, code: str, value: str, message: str) -> Finding:
    shown = numbers.mask(value) if column == ID_NUMBER else hide_id_numbers(value)
    return Finding(
        row=row,
        column=column,
        code=code,
        severity=ERROR,
        value=shown[:100],
        suggestion="",
        message=f"{message}。",
        clause="N7",
    )


def check_count(count: int) -> None:
    """Raises Refusal for nothing, or for more than one batch may hold."""
    if not 1 <= count <= MOST_ROWS:
        raise Refusal(
            "batch.row_count",
            "一次批量核验的行数超出范围。",
            clause="N7",
            found=f"{count} 行",
            expected=f"1 至 {MOST_ROWS} 行",
            mend="请分成几个文件核验。",
        )


def check_day(asked: int, today: int, most: int) -> None:
    """Raises DailyLimit when ``asked`` rows more than the ``today`` ones are too many."""
    if today + asked > most:
        raise DailyLimit(
            "batch.daily_limit",
            "本单位今天核验的行数已达到上限。",
            clause="N7",
            found=f"今天已核验 {today} 行，本次 {asked} 行",
            expected=f"每个单位每天不超过 {most} 行",
            mend="请明天再核验；确有需要的，请与市职改办联系。",
        )
