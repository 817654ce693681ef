"""Dates and numbers as official papers write them."""

from datetime import date

_DIGITS = "〇一二三四五六七八九"
_FORMAL = "零壹贰叁肆伍陆柒捌玖"
_FORMAL_UNITS = ("", "拾", "佰", "仟")
_FORMAL_GROUPS = ("", "万", "亿", "万亿")


def chinese_date(day: date) -> str:
    """``2018-10-26`` as 二〇一八年十月二十六日 (GB/T 15835)."""
    year = "".join(_DIGITS[int(digit)] for digit in f"{day.year:04d}")
    return f"{year}年{_small(day.month)}月{_small(day.day)}日"


def _small(number: int) -> str:
    """1 to 99 in plain Chinese numerals."""
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else ("" if tens == 1 else _DIGITS[tens]) + "十"
    return head + (_DIGITS[ones] if ones else "")


def formal_number(number: int) -> str:
    """A count in the numerals that can't be altered by hand (大写): 10010 is 壹万零壹拾.

    Raises ValueError below zero and from 10**16 on.
    """
    if not 0 <= number < 10**16:
        raise ValueError("only counts from 0 to 10**16 have formal numerals here")
    if number == 0:
        return _FORMAL[0]
    text = ""
    gap = False
    for group in range(3, -1, -1):
        part = number // 10 ** (4 * group) % 10000
        if part == 0:
            gap = bool(text)
            continue
        if text and (gap or part < 1000):
            text += _FORMAL[0]
        text += _formal_group(part) + _FORMAL_GROUPS[group]
        gap = False
    return text


def _formal_group(part: int) -> str:
    text = ""
    for place in range(3, -1, -1):
        digit = part // 10**place % 10
        if digit:
            text += _FORMAL[digit] + _FORMAL_UNITS[place]
        elif text and part % 10**place and not text.endswith(_FORMAL[0]):
            text += _FORMAL[0]
    return text
