"""ID numbers: tidied, judged by cell type and check character, masked."""

from datetime import date

import pytest

from zhicheng.values import id_number
from zhicheng.values.text import CASE, SPACES, WIDTH

TODAY = date(2026, 11, 24)
GOOD = "11010519491231002X"  # the standard's own example
MALE = "440524188001010014"


def test_check_character_of_the_standards_examples() -> None:
    assert id_number.check_digit(GOOD[:17]) == "X"
    assert id_number.check_digit(MALE[:17]) == "4"


@pytest.mark.parametrize(
    ("text", "tidied", "codes"),
    [
        (GOOD, GOOD, ()),
        (GOOD.lower(), GOOD, (CASE,)),
        (GOOD[:17] + "Х", GOOD, (CASE,)),  # Cyrillic
        (GOOD[:17] + "×", GOOD, (CASE,)),
        (f" {GOOD[:6]} {GOOD[6:14]}\u00a0{GOOD[14:]}\u200b", GOOD, (SPACES,)),
        ("'" + GOOD, GOOD, (SPACES,)),
        ("".join(chr(ord(c) + 0xFEE0) for c in GOOD), GOOD, (WIDTH,)),
        ("", "", ()),
    ],
)
def test_tidying(text: str, tidied: str, codes: tuple[str, ...]) -> None:
    assert id_number.tidy(text) == (tidied, codes)


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (GOOD, []),
        (GOOD[:17] + "1", ["id_number.checksum"]),
        (GOOD[:17], ["id_number.malformed"]),
        ("110105491231002", ["id_number.malformed"]),
        (GOOD[:16] + "X1", ["id_number.malformed"]),
        # A date that can't be is the root, whatever the check character says.
        ("11010519491331002X", ["id_number.birth_date"]),
        ("110105194902300022", ["id_number.birth_date"]),
    ],
)
def test_one_fault_at_its_root(number: str, code: list[str]) -> None:
    assert id_number.problems(number, TODAY) == code


def test_births_to_come_are_refused_today_is_not() -> None:
    first17 = "500101" + "20261124" + "001"
    number = first17 + id_number.check_digit(first17)
    assert id_number.problems(number, TODAY) == []
    assert id_number.problems(number, date(2026, 11, 23)) == ["id_number.birth_date"]


@pytest.mark.parametrize("area", ["512301", "810000", "820000", "830000", "500105", "999999"])
def test_the_area_is_never_judged(area: str) -> None:
    first17 = area + "19800101" + "001"
    assert id_number.problems(first17 + id_number.check_digit(first17), TODAY) == []


def test_precision_is_judged_by_the_cells_type_never_by_digits() -> None:
    # A destroyed number can still have the right check character: one in eleven does.
    survivor = next(
        number
        for day in range(1, 29)
        if id_number.check_digit((number := f"500101198001{day:02d}1000")[:17]) == "0"
    )
    assert id_number.precision_lost(float(survivor))
    assert not id_number.precision_lost(survivor)
    assert id_number.precision_lost("5.00101E+17")
    assert not id_number.precision_lost(float("500101800101100"))  # 15 digits are all there
    assert not id_number.precision_lost(True)


def test_sex_and_birth() -> None:
    assert id_number.is_male(MALE) is True
    assert id_number.is_male(GOOD) is False
    assert id_number.is_male("E12345678") is None
    assert id_number.birth_date(GOOD) == date(1949, 12, 31)


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (GOOD, "resident"),
        ("810000199408230021", "permit"),
        ("CHN110101010101"[:3] + "123456789012", "permit"),
        ("911124198108030024", "permit"),
        ("E12345678", "passport"),
        ("张三", None),
        ("", None),
    ],
)
def test_kinds_of_documents(number: str, kind: str | None) -> None:
    assert id_number.kind_of(number) == kind


def test_masks_show_little() -> None:
    assert id_number.mask(GOOD) == "110***********002X"
    assert id_number.mask("E12345678") == "E******78"
    assert id_number.mask("123") == "***"
    assert id_number.mask("") == ""
