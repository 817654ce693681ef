"""Judges tidied cells that every list of people has: name, sex, ID number, date, number.

Each function gives a fault (code and Chinese reason) or None; whoever asks adds row, column and
suggestion.
"""

from dataclasses import dataclass
from datetime import date

from zhicheng.values import document_number, id_number, names
from zhicheng.values.dates import ReadDate

SEXES = ("男", "女")
_OTHER_WORDS = {
    "男性": "男",
    "女性": "女",
    "M": "男",
    "F": "女",
    "MALE": "男",
    "FEMALE": "女",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """A code of the finding list and why, in Chinese."""

    code: str
    reason: str
    suggestion: str = ""


def judge_name(name: str) -> Fault | None:
    """A name that nobody can have."""
    reason = names.problem(name)
    if not reason:
        return None
    offered = names.without_radicals(name)
    usable = offered != name and not names.problem(offered)
    return Fault("name.malformed", f"姓名{reason}", offered if usable else "")


_ID_REASONS = {
    id_number.MALFORMED: "身份证号码应为18位（前17位为数字，末位为数字或X）",
    id_number.BIRTH_DATE: "身份证号码第7至14位不是真实的出生日期",
    id_number.CHECKSUM: "身份证号码校验码不符，其中有数字写错",
    id_number.PRECISION_LOST: (
        "Excel 把身份证号码当作数字保存，只保留了15位，后几位已丢失，无法恢复"
    ),
}


def judge_id_number(number: str, *, lost: bool, today: date) -> Fault | None:
    """A number that no resident's card can carry; other kinds of documents are malformed here."""
    if lost:
        return Fault(id_number.PRECISION_LOST, _ID_REASONS[id_number.PRECISION_LOST])
    codes = id_number.problems(number, today)
    if not codes:
        return None
    reason = _ID_REASONS[codes[0]]
    if codes[0] == id_number.MALFORMED:
        reason += f"，现为{len(number)}位"
    return Fault(codes[0], reason)


def judge_sex(sex: str, number: str) -> Fault | None:
    """Neither 男 nor 女, or not what the ID number says (empty: not to be compared)."""
    if sex not in SEXES:
        return Fault("sex.malformed", "性别应填写“男”或“女”", _OTHER_WORDS.get(sex.upper(), ""))
    male = id_number.is_male(number)
    if male is None or male == (sex == "男"):
        return None
    told = "男" if male else "女"
    return Fault("sex.mismatch_id_number", f"性别与身份证号码第17位不符，号码表明为{told}", told)


def judge_date(read: ReadDate, today: date) -> Fault | None:
    """Not one real day, or a day to come."""
    if read.value is None:
        if read.ambiguous:
            year = read.text[:4]
            reason = f"批准时间{read.text}是数字，可能是{year}年1月，也可能是{year}年10月"
            return Fault("date.malformed", f"{reason}，应写明年月日")
        if read.month is not None:
            return Fault("date.malformed", "批准时间只有年月，应写明年月日")
        return Fault("date.malformed", "批准时间不是可识别的日期")
    if read.value > today:
        return Fault("date.malformed", "批准时间晚于今天")
    return None


def judge_document_number(number: str) -> Fault | None:
    """Not 代字〔年〕号 of GB/T 9704."""
    if document_number.is_well_formed(number):
        return None
    return Fault(
        "document_number.malformed",
        "批准文号应为“代字〔年份〕序号号”，例如渝职改办〔2018〕150号",
        document_number.suggestion(number),
    )
