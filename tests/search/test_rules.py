"""What a typed text may mean."""

import pytest

from zhicheng.search.readings import syllables
from zhicheng.search.rules import Name, names_of, read


def asked(text: str):
    return read(text, syllables())


def test_an_id_number_is_nothing_else() -> None:
    found = asked("500103 19850214 101 4")
    assert found.id_number == "500103198502141014"
    assert not found.number and found.serial is None and not found.letters and not found.name
    assert "5001" not in repr(found)


@pytest.mark.parametrize("text", ["50010319850214101x", "５００１０３１９８５０２１４１０１Ｘ"])
def test_an_id_number_is_known_in_every_width_and_case(text: str) -> None:
    assert asked(text).id_number == "50010319850214101X"


def test_digits_are_a_serial_and_a_number() -> None:
    found = asked("0012001")
    assert (found.serial, found.number) == (12001, "0012001")
    assert asked("12").number == "" and asked("12").serial == 12


def test_characters_are_a_name() -> None:
    assert asked(" 张 三 ").name == "张三"
    assert not asked("张三").letters


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("zs", Name("zs")),
        ("zhangsan", Name("zs", "zhangsan")),
        ("zhangs", Name("zs", "zhangs")),
        ("Zhang San", Name("zs", "zhangsan")),
        ("xian", Name("x", "xian")),
        ("xian", Name("xa", "xian")),
        ("lümei", Name("lm", "lvmei")),
        ("johnsmithson", Name("johnsmithson", "johnsmithson")),
    ],
)
def test_letters_are_initials_or_syllables(text: str, wanted: Name) -> None:
    assert wanted in asked(text).letters


def test_splitting_ends_however_many_ways_there_are() -> None:
    assert len(list(names_of("a" * 60, syllables()))) <= 13


@pytest.mark.parametrize(
    ("text", "nothing"), [("", True), ("z", True), ("张", False), ("zs", False)]
)
def test_a_letter_is_too_little_and_a_character_is_not(text: str, nothing: bool) -> None:
    assert asked(text).nothing is nothing
