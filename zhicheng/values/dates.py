"""Dates as clerks write them and as Excel keeps them, judged by the cell's type.

Only a date that can mean one day alone is taken; year and month alone (2018.10, which as a
number is 2018.1) is never completed.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from zhicheng.values.text import ANY_SPACE, DATE, Cell, Codes, cell_text, narrow, strip_spaces

_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_FULL = re.compile(
    r"(\d{4})(?:[-./\\．。、·‧–—−]|年)(\d{1,2})(?:[-./\\．。、·‧–—−]|月)(\d{1,2})[日号]?"
)
# The time of day that Excel and databases write behind a date.
_CLOCK = re.compile(r"(?<=[\d日号])(?:T|[\s\u3000]+)\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?\s*$")
_PARTING = re.compile(f"(?<=\\d){ANY_SPACE.pattern}(?=\\d)")
_WEEKDAY = re.compile(r"[(（]?(?:星期|周)[一二三四五六日天][)）]?$")
_DIGITS = re.compile(r"(\d{4})(\d\d)(\d\d)")
_MONTH = re.compile(r"(\d{4})(?:[-./\\．。、年–—−])?(\d{1,2})月?")
_POINT_MONTH = re.compile(r"(\d{4})\.(\d{1,2})")
# 二〇一八年十月十五日, 二〇一八年十月
_CHINESE = re.compile(
    r"([〇零○Ｏ一二三四五六七八九]{4})年([一二三四五六七八九十元正]{1,2})月(?:([一二三四五六七八九十廿]{1,3})[日号])?"
)
_HAN_DIGITS = {"〇": 0, "零": 0, "○": 0, "Ｏ": 0} | {
    character: value for value, character in enumerate("一二三四五六七八九", start=1)
}
_EPOCH = date(1899, 12, 30)
_EPOCH_1904 = date(1904, 1, 1)
# Serial numbers outside of 1980-2079 are no dates of approvals but something else.
_FIRST_YEAR, _LAST_YEAR = 1980, 2079


@dataclass(frozen=True, slots=True)
class ReadDate:
    """What a cell says: ``value`` when it is one day, else None; ``text`` is ISO or as found.

    ``month`` is (year, month) where only these can be read. ``ambiguous``: a number such as
    2018.1, which is what Excel makes of 2018.10, too.
    """

    value: date | None
    text: str
    codes: Codes = ()
    month: tuple[int, int] | None = None
    ambiguous: bool = False


def read_date(cell: Cell, *, date_1904: bool = False) -> ReadDate:
    """Reads a cell's date; never raises. ``date_1904`` is the workbook's date system."""
    if isinstance(cell, datetime):
        return ReadDate(cell.date(), cell.date().isoformat())
    if isinstance(cell, date):
        return ReadDate(cell, cell.isoformat())
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _from_number(float(cell), date_1904)
    original = cell_text(cell)
    match = _ISO.fullmatch(original)
    if match is not None:
        found = _day(match[1], match[2], match[3])
        return ReadDate(found, original)
    # A space between two digits parts them: it never joins them into another number.
    parted = _PARTING.sub("-", _CLOCK.sub("", original).strip())
    text, codes = strip_spaces(parted)
    text = _WEEKDAY.sub("", text)
    text, width = narrow(text, everything=True)
    codes = (*codes, *width)
    for pattern in (_FULL, _DIGITS):
        match = pattern.fullmatch(text)
        if match is not None:
            return _settled(_day(match[1], match[2], match[3]), text, original, codes)
    match = _CHINESE.fullmatch(text)
    if match is not None:
        year = "".join(str(_HAN_DIGITS[character]) for character in match[1])
        if match[3] is None:
            return _month_only(int(year), _han_number(match[2]), text, codes)
        found = _day(year, str(_han_number(match[2])), str(_han_number(match[3])))
        return _settled(found, text, original, codes)
    match = _MONTH.fullmatch(text)
    if match is not None:
        return _month_only(int(match[1]), int(match[2]), text, codes)
    return ReadDate(None, text, codes)


def _month_only(year: int, month: int, text: str, codes: Codes) -> ReadDate:
    told = (year, month) if 1 <= month <= 12 and _plausible(year) else None
    return ReadDate(None, text, codes, told)


def _settled(found: date | None, text: str, original: str, codes: Codes) -> ReadDate:
    if found is None:
        return ReadDate(None, text, codes)
    return ReadDate(found, found.isoformat(), (DATE,) if found.isoformat() != original else ())


def _from_number(number: float, date_1904: bool) -> ReadDate:
    shown = cell_text(number)
    if number.is_integer():
        whole = int(number)
        match = _DIGITS.fullmatch(str(whole))
        if match is not None:
            found = _day(match[1], match[2], match[3])
            return ReadDate(found, found.isoformat() if found else shown, (DATE,) if found else ())
        # 201812: year and month.
        if 198001 <= whole <= 207912 and 1 <= whole % 100 <= 12:
            return ReadDate(None, shown, (), (whole // 100, whole % 100))
        serial = (_EPOCH_1904 if date_1904 else _EPOCH) + timedelta(
            days=whole if 0 < whole < 100_000 else 0
        )
        if _plausible(serial.year):
            return ReadDate(serial, serial.isoformat(), (DATE,))
        return ReadDate(None, shown)
    return _year_point_month(shown)


def _year_point_month(shown: str) -> ReadDate:
    """2018.12 as a number. 2018.1 may be January or October: that one is ambiguous."""
    match = _POINT_MONTH.fullmatch(shown)
    if match is None or not _plausible(int(match[1])) or not 1 <= int(match[2]) <= 12:
        return ReadDate(None, shown)
    if match[2] == "1":
        return ReadDate(None, shown, ambiguous=True)
    return ReadDate(None, shown, (), (int(match[1]), int(match[2])))


def _plausible(year: int) -> bool:
    return _FIRST_YEAR <= year <= _LAST_YEAR


def _day(year: str, month: str, day: str) -> date | None:
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return found if _plausible(found.year) else None


def _han_number(text: str) -> int:
    text = text.replace("廿", "二十").replace("元", "一").replace("正", "一")
    if "十" not in text:
        return int("".join(str(_HAN_DIGITS[character]) for character in text) or 0)
    tens, units = text.split("十", 1)
    try:
        return (_HAN_DIGITS[tens] if tens else 1) * 10 + (_HAN_DIGITS[units] if units else 0)
    except KeyError:  # 十十
        return 0
