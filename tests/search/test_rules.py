"""What a typed text may mean."""

import re
from collections.abc import Iterator, Set
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.city import id_number
from zhicheng.search.readings import syllables
from zhicheng.search.rules import MOST_SPLITS, Name, names_of, read

WITH_X = next(number for number in map(id_number, range(99)) if number[-1] == "X")
# An X that is no more at the end makes a text no number of figures at all.
_X_WITHIN = re.compile("X.")
TODAY = date(2026, 7, 1)


def asked(text: str):
    return read(text, syllables(), TODAY)


def test_an_id_number_is_nothing_else() -> None:
    found = asked("500103 19850214 101 4")
    assert found.id_number == "500103198502141014"
    assert not found.number and found.serial is None and not found.letters and not found.name
    assert "5001" not in repr(found)


@pytest.mark.parametrize(
    "text",
    [
        WITH_X.lower(),
        "".join(chr(ord(sign) + 0xFEE0) for sign in WITH_X),
        f"{WITH_X[:6]} {WITH_X[6:14]} {WITH_X[14:]}",
        f"{WITH_X[:6]}－{WITH_X[6:14]}－{WITH_X[14:]}",
    ],
)
def test_an_id_number_is_known_in_every_width_and_case(text: str) -> None:
    found = asked(text)
    assert (found.id_number, found.number, found.fault) == (WITH_X, "", "")


@pytest.mark.parametrize(
    ("text", "fault", "figures"),
    [
        ("500103198502141015", "id_number.checksum", 18),
        ("500103 19850214 1015", "id_number.checksum", 18),
        ("50010319850214101X", "id_number.checksum", 18),
        ("500103198513141014", "id_number.birth_date", 18),
        ("50010319850214101", "id_number.length", 17),
        ("5001031985021410144", "id_number.length", 19),
        ("500103198502141014", "", 0),
        ("5001031985021410", "", 0),
        ("50010319850214101444", "", 0),
        ("202612000149", "", 0),
    ],
)
def test_a_slip_in_an_id_number_is_told_and_nobody_is_looked_up(
    text: str, fault: str, figures: int
) -> None:
    found = asked(text)
    assert (found.fault, found.figures) == (fault, figures)
    if fault:
        assert not found.id_number and found.other_number is None and text not in repr(found)


@given(
    st.integers(0, 899),
    st.integers(0, 17),
    st.sampled_from("0123456789"),
    st.sampled_from(["change", "drop", "add"]),
)
def test_no_single_slip_in_an_id_number_finds_a_person(
    order: int, place: int, sign: str, way: str
) -> None:
    whole = id_number(order)
    rest = whole[place:] if way == "add" else whole[place + 1 :]
    text = whole[:place] + ("" if way == "drop" else sign) + rest
    found = asked(text)
    if text == whole:
        assert found.id_number == whole and not found.fault
    elif _X_WITHIN.search(text) is None:
        assert not found.id_number and found.fault


@given(
    st.sampled_from(["DJ", "YJ", "YZ", "BH"]),
    st.integers(2000, 2099),
    st.integers(0, 999_999_999),
    st.lists(st.sampled_from(["", "-", "－", "–", " - "]), min_size=2, max_size=2),
)
def test_an_own_number_is_meant_with_any_dash_and_with_none(
    sign: str, year: int, order: int, dashes: list[str]
) -> None:
    plain = f"{sign}{year}-{order:06d}"
    assert plain in asked(f"{sign.lower()}{year}{dashes[0]}{order:06d}").beginnings
    receipt = f"{sign}{year}-{order:09d}-K"
    assert receipt in asked(f"{sign}{year}{dashes[0]}{order:09d}{dashes[1]}k").beginnings


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("渝职改办2026年31号", "渝职改办〔2026〕31号"),
        ("渝职改办２０２６年第０３１号", "渝职改办〔2026〕31号"),
        ("渝职改办202631号", "渝职改办〔2026〕31号"),
        ("渝职改办2026 31", "渝职改办〔2026〕31"),
        ("渝职改办[2026]31号", "渝职改办〔2026〕31号"),
        ("2026年31号", "〔2026〕31号"),
        ("渝职改〔2026〕12", "渝职改〔2026〕12"),
    ],
)
def test_a_document_number_is_meant_with_and_without_its_brackets(text: str, meant: str) -> None:
    assert meant in asked(text).documents


def test_figures_alone_mean_no_document_of_a_year() -> None:
    assert asked("202612000149").documents == ("202612000149",)
    assert not asked("张三").documents and not asked("zs").documents


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


def test_a_short_form_has_characters_of_the_name_one_after_the_other() -> None:
    wanted = asked("市卫健委").abbreviated
    assert re.search(wanted, "重庆市卫生健康委员会")
    assert not re.search(wanted, "重庆市教育委员会")
    assert not asked("卫健").abbreviated and not asked("zsjk").abbreviated
