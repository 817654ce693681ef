"""Dates and counts as official papers write them."""

from datetime import date

import pytest

from zhicheng.documents.wording import chinese_date, formal_number


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2018, 10, 26), "二〇一八年十月二十六日"),
        (date(2018, 1, 1), "二〇一八年一月一日"),
        (date(1999, 12, 31), "一九九九年十二月三十一日"),
        (date(2000, 2, 20), "二〇〇〇年二月二十日"),
        (date(2026, 11, 10), "二〇二六年十一月十日"),
        (date(2026, 3, 19), "二〇二六年三月十九日"),
    ],
)
def test_date_in_chinese_numerals(day: date, words: str) -> None:
    assert chinese_date(day) == words


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "零"),
        (2, "贰"),
        (10, "壹拾"),
        (12, "壹拾贰"),
        (42, "肆拾贰"),
        (100, "壹佰"),
        (101, "壹佰零壹"),
        (110, "壹佰壹拾"),
        (1001, "壹仟零壹"),
        (1010, "壹仟零壹拾"),
        (5250, "伍仟贰佰伍拾"),
        (10000, "壹万"),
        (10001, "壹万零壹"),
        (10010, "壹万零壹拾"),
        (10500, "壹万零伍佰"),
        (12345, "壹万贰仟叁佰肆拾伍"),
        (100000, "壹拾万"),
        (1000001, "壹佰万零壹"),
        (100000001, "壹亿零壹"),
        (100010000, "壹亿零壹万"),
        (1000000000000, "壹万亿"),
    ],
)
def test_count_in_formal_numerals(number: int, words: str) -> None:
    assert formal_number(number) == words


@pytest.mark.parametrize("number", [-1, 10**16])
def test_count_out_of_range_is_an_error(number: int) -> None:
    with pytest.raises(ValueError, match="formal numerals"):
        formal_number(number)
