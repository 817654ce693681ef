"""Which row of a file sent again is which: a person's entry stays itself whatever moved."""

from hypothesis import given
from hypothesis import strategies as st

from zhicheng.registers.columns import CERTIFICATE_NUMBER, DOCUMENT_NUMBER, KEYS, NAME, WORK_UNIT
from zhicheng.registers.rematching import Entry, match_again


def entry(place: int, *, person: str = "", **texts: str) -> Entry:
    values = dict.fromkeys(KEYS, "") | texts
    return Entry([values[key] for key in KEYS], person.encode(), place)


def whole(number: int, place: int, **changed: str) -> Entry:
    texts = {
        "certificate_number": f"2026{number:04d}",
        "work_unit": "医院",
        "name": f"人{number}",
        "sex": "女",
        "specialty": "内科",
        "qualification": "医师",
        "approval_date": "2026-03-18",
        "document_number": "渝〔2026〕1号",
    }
    person = changed.pop("person", f"id{number}")
    return entry(place, person=person, **(texts | changed))


@given(st.permutations(range(8)), st.sets(st.integers(0, 7)), st.sets(st.integers(0, 7)))
def test_whatever_moves_comes_and_goes_the_same_person_is_found(
    order: list[int], gone: set[int], fresh: set[int]
) -> None:
    old = [whole(number, place) for place, number in enumerate(range(8), start=1)]
    stay = [number for number in order if number not in gone]
    new = [whole(number, place) for place, number in enumerate(stay, start=1)]
    new += [
        entry(100 + number, person=f"new{number}", name=f"新{number}", work_unit="别院")
        for number in fresh
    ]
    assert match_again(old, new) == [*stay, *[None] * len(fresh)]


def test_a_mended_id_number_name_or_certificate_number_is_still_the_same_row() -> None:
    old = [whole(1, 1), whole(2, 2), whole(3, 3)]
    new = [
        whole(1, 1, person="mended"),
        whole(2, 2, name="改名"),
        whole(3, 3, certificate_number="2026Z"),
    ]
    assert match_again(old, new) == [0, 1, 2]


def test_namesakes_are_not_mistaken() -> None:
    old = [
        whole(1, 1, name="张伟"),
        whole(2, 2, name="张伟"),
    ]
    new = [whole(2, 1, name="张伟"), whole(1, 2, name="张伟")]
    assert match_again(old, new) == [1, 0]


def test_a_persons_two_qualifications_stay_apart() -> None:
    old = [
        whole(1, 1, person="a", qualification="医师"),
        whole(2, 2, person="a", qualification="护师"),
    ]
    new = [
        whole(2, 1, person="a", qualification="护师"),
        whole(1, 2, person="a", qualification="医师"),
    ]
    assert match_again(old, new) == [1, 0]


def test_of_a_person_who_stood_twice_the_row_that_is_most_alike_stays() -> None:
    old = [whole(1, 1), whole(1, 2, work_unit="分院"), whole(2, 3)]
    assert match_again(old, old) == [0, 1, 2]
    assert match_again(old, [whole(1, 1, work_unit="分院"), whole(2, 2)]) == [1, 2]
    assert match_again(old, [whole(1, 1), whole(2, 2)]) == [0, 2]


def test_namesakes_without_a_number_are_paired_only_when_they_are_as_many() -> None:
    same = [entry(1, name="张伟"), entry(2, name="张伟")]
    assert match_again(same, same) == [0, 1]
    assert match_again(same, [entry(9, name="张伟")]) == [None]


def test_a_row_in_its_place_is_the_same_when_half_of_it_agrees() -> None:
    old = [
        entry(
            4,
            name="旧",
            work_unit="医院",
            sex="男",
            specialty="内",
            qualification="医师",
            approval_date="2026-01-01",
        )
    ]
    new = [
        entry(
            4,
            name="新",
            work_unit="医院",
            sex="男",
            specialty="内",
            qualification="医师",
            approval_date="2026-01-01",
        )
    ]
    assert match_again(old, new) == [0]
    assert match_again(old, [entry(4, name="新", work_unit="医院")]) == [None]
    assert match_again(old, [entry(5, *[], **dict(zip(KEYS, new[0].texts, strict=True)))]) == [None]


texts = st.sampled_from(["", "甲", "乙", "丙"])


@given(st.data())
def test_no_row_is_used_twice(data: st.DataObject) -> None:
    def some() -> list[Entry]:
        return data.draw(
            st.lists(
                st.builds(
                    lambda a, b, c, d, person, place: entry(
                        place,
                        person=person,
                        **{
                            KEYS[NAME]: a,
                            KEYS[WORK_UNIT]: b,
                            KEYS[DOCUMENT_NUMBER]: c,
                            KEYS[CERTIFICATE_NUMBER]: d,
                        },
                    ),
                    texts,
                    texts,
                    texts,
                    texts,
                    texts,
                    st.integers(1, 9),
                ),
                max_size=9,
            )
        )

    old, new = some(), some()
    found = [index for index in match_again(old, new) if index is not None]
    assert len(found) == len(set(found))
    assert all(0 <= index < len(old) for index in found)
