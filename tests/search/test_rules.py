"""What a typed text may mean."""

from collections.abc import Iterator, Set

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhicheng.search.readings import syllables
from zhicheng.search.rules import MOST_SPLITS, Name, names_of, read


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


@pytest.mark.parametrize(
    ("text", "person", "number"),
    [
        ("500103850214101", "500103198502141014", "500103850214101"),
        ("e12345678", "E12345678", "e12345678"),
        ("EA 1234567", "EA1234567", "EA1234567"),
        ("USA123456789012", "USA123456789012", "USA123456789012"),
        ("500103202603180", "", "500103202603180"),  # its month is the twenty-sixth
        ("ABC1234567", "", "ABC1234567"),
    ],
)
def test_other_documents_and_fifteen_digits_may_be_certificate_numbers_as_well(
    text: str, person: str, number: str
) -> None:
    found = asked(text)
    assert (found.id_number, found.number) == (person, number)
    other = found.other_number
    assert (other is None) == (not person)
    if other is not None:
        assert (other.id_number, other.number) == ("", number) and person not in repr(found)


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


class Counted(frozenset[str]):
    """Syllables that count how often they are asked for one."""

    asked = 0

    def __contains__(self, one: object) -> bool:
        self.asked += 1
        return super().__contains__(one)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a" * 60, 0),  # its one way are initials, and no name has so many
        ("an" * 30, MOST_SPLITS),
        ("an" * 29 + "vv", 1),  # no way to an end
        ("xian" * 15, MOST_SPLITS),
        ("ang" * 20, MOST_SPLITS),
    ],
)
def test_splitting_costs_what_the_letters_cost_however_many_ways_there_are(
    text: str, names: int
) -> None:
    known = Counted(syllables())
    found = list(names_of(text, known))
    assert len(found) == names and all(name.spelled == text for name in found)
    assert 0 < known.asked <= 6 * len(text)


def every_way(letters: str, known: Set[str], beginnings: Set[str]) -> Iterator[str]:
    """The first letters of every way to cut them, one by one."""
    if letters in beginnings:
        yield letters[0]
    for length in range(min(6, len(letters) - 1), 0, -1):
        if letters[:length] in known:
            for rest in every_way(letters[length:], known, beginnings):
                yield letters[0] + rest


BEGINNINGS = {one[:length] for one in syllables() for length in range(1, len(one) + 1)}


@given(st.text(alphabet="aneigxvo", min_size=1, max_size=14))
def test_what_is_found_of_short_letters_is_the_first_of_every_way(letters: str) -> None:
    ways = list(dict.fromkeys(every_way(letters, syllables(), BEGINNINGS)))
    wanted = [Name(letters)] if len(letters) <= 10 else []
    wanted += [Name(head, letters) for head in ways[:MOST_SPLITS] if head != letters]
    if not ways and len(letters) > 10:
        wanted.append(Name(letters, letters))
    assert list(names_of(letters, syllables())) == wanted


@pytest.mark.parametrize(
    ("text", "nothing"), [("", True), ("z", True), ("张", False), ("zs", False)]
)
def test_a_letter_is_too_little_and_a_character_is_not(text: str, nothing: bool) -> None:
    assert asked(text).nothing is nothing
