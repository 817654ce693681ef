"""Numbers bear a year and a grade: a new year's first ones are no leap, the late ones are found."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.anomalies.conftest import put
from tests.support.city import City, accepted_register, carry, deliver
from zhicheng.anomalies.detectors import numbers
from zhicheng.anomalies.detectors.numbered import NUMBERED, as_parameters, rules_in_force
from zhicheng.anomalies.rules import Found, Thresholds
from zhicheng.registers.models import Register
from zhicheng.registers.numbering.actions import set_rule

T = Thresholds()
GRADES = ("junior", "intermediate", "senior")


def _numbered(
    city: City, *given: str, ago: int, year: int = 2026, grades: Sequence[str] = ("junior",)
) -> Register:
    """A register filled in so many days ago, with these numbers, approved in the year."""
    register = accepted_register(city, len(given))
    deliver(city, len(given) + 20)
    carry(city, register, "filled")
    put("UPDATE registers_register SET year = %s WHERE id = %s", year, register.pk)
    for place, number in enumerate(given, start=1):
        put(
            "UPDATE certificates_certificate SET number = %s, grade = %s, approval_date = %s,"
            " filled_at = now() - %s WHERE register_id = %s AND position = %s",
            number,
            grades[(place - 1) % len(grades)],
            date(year, 3, 18),
            timedelta(days=ago),
            register.pk,
            place,
        )
    return register


def _rule(city: City, pattern: str = "渝{年}{等级}{流水5}", **fields: object) -> None:
    codes = {"senior_code": "3", "intermediate_code": "2", "junior_code": "1"}
    set_rule(
        actor=city.who("office", "officer"),
        unit=city.health,
        valid_from=timezone.localdate(),
        pattern=pattern,
        **{**codes, **fields},
    )


def _found() -> dict[str, Found]:
    return {item.key: item for item in numbers.numbers_out_of_line(T, timezone.now())}


def _reached(found: Found) -> str:
    return dict(found.evidence.figures)["此前已用到"]


@pytest.mark.parametrize("pattern", ["", "渝{年}{流水5}"])
@pytest.mark.parametrize("firsts", [1, 2])
def test_the_first_of_a_new_year_is_no_leap_and_last_years_after_it_are_late(
    city: City, pattern: str, firsts: int
) -> None:
    if pattern:
        _rule(city, pattern)
    _numbered(city, "渝202600001", "渝202600002", "渝202600003", ago=100)
    first = ["渝202700001", "渝202700002"][:firsts]
    _numbered(city, *first, ago=60, year=2027)
    _numbered(city, "渝202600004", ago=50)  # within the days of grace
    assert _found() == {}
    late = _numbered(city, "渝202600005", "渝202600006", ago=5)
    found = _found()
    assert {key: item.weight for key, item in found.items()} == {f"late-{late.pk}": 2}
    assert _reached(found[f"late-{late.pk}"]) == first[-1]


@pytest.mark.parametrize("pattern", ["", "渝{年}{流水5}"])
def test_a_year_typed_wrong_is_a_leap_and_no_new_year(city: City, pattern: str) -> None:
    if pattern:
        _rule(city, pattern)
    _numbered(city, "渝202600001", "渝202600002", "渝202600003", ago=100)
    odd = _numbered(city, "渝207600004", ago=60)
    _numbered(city, "渝202600005", ago=5)
    (found,) = _found().values()
    assert found.key == f"leap-{odd.certificates.get().pk}"
    assert dict(found.evidence.figures)["其他编号用到"] == "渝202600003"


def test_last_years_straggler_tells_nothing_of_a_high_number_of_this_year(city: City) -> None:
    """It is late because of what was really used; what is honest next to the odd one tells it."""
    _rule(city, "渝{年}{流水5}")
    _numbered(city, "渝202700001", "渝202700002", "渝202700003", ago=100, year=2027)
    odd = _numbered(city, "渝202705001", ago=60, year=2027)
    late = _numbered(city, "渝202600009", ago=5)
    assert set(_found()) == {f"late-{late.pk}"}
    _numbered(city, "渝202700004", ago=4, year=2027)
    assert set(_found()) == {f"late-{late.pk}", f"leap-{odd.certificates.get().pk}"}


def test_one_number_of_the_highest_grade_is_no_leap_where_no_rule_is_known(city: City) -> None:
    """What the digits hold isn't known then: the lower ones are told as they always were."""
    _numbered(city, "渝2026100001", "渝2026100002", "渝2026100003", ago=100)
    _numbered(city, "渝2026300001", ago=60, grades=["senior"])
    late = _numbered(city, "渝2026100004", ago=5)
    assert set(_found()) == {f"late-{late.pk}"}


def test_grades_that_count_on_their_own_are_each_held_against_their_like(city: City) -> None:
    _rule(city, per_grade=True)
    _numbered(city, "渝2026100001", "渝2026100002", "渝2026100005", ago=100)
    _numbered(city, "渝2026300001", ago=60, grades=["senior"])
    _numbered(city, "渝2026200001", "渝2026100006", ago=5, grades=["intermediate", "junior"])
    assert _found() == {}
    # One that was kept back, and one far above the others of its grade, are found in theirs.
    kept = _numbered(city, "渝2026100003", ago=5)
    assert {key: _reached(item) for key, item in _found().items()} == {
        f"late-{kept.pk}": "渝2026100005"
    }
    odd = _numbered(city, "渝2026190001", ago=50)
    assert set(_found()) == {f"late-{kept.pk}", f"leap-{odd.certificates.get().pk}"}


def test_grades_that_count_together_are_one_sequence_whatever_their_codes(city: City) -> None:
    _rule(city)
    _numbered(
        city, "渝2026100001", "渝2026300002", "渝2026200003", "渝2026300005", ago=100, grades=GRADES
    )
    _numbered(city, "渝2026100006", ago=5)
    assert _found() == {}
    late = _numbered(city, "渝2026300004", ago=5, grades=["senior"])
    (found,) = _found().values()
    assert found.key == f"late-{late.pk}" and _reached(found) == "渝2026300005"


def test_what_stands_after_the_running_number_does_not_count(city: City) -> None:
    _rule(city, "渝{年}-{流水5}{校验}", check_algorithm="mod_11_2")
    _numbered(city, "渝2026-000019", "渝2026-000027", "渝2026-00004X", ago=100)
    late = _numbered(city, "渝2026-00003X", "渝2026-000051", ago=5)
    (found,) = _found().values()
    assert found.key == f"late-{late.pk}" and found.weight == 1
    assert _reached(found) == "渝2026-00004X"


def test_the_one_of_another_grade_in_a_register_is_no_stranger_as_the_rule_has_it(
    city: City,
) -> None:
    _rule(city, "渝{年}{等级}{流水6}", per_grade=True)
    juniors = [f"渝20261{place:06d}" for place in range(1, 14)]
    grades = ["senior", *["junior"] * 13]
    _numbered(city, "渝20263000001", *juniors, ago=5, grades=grades)
    assert _found() == {}
    put("UPDATE certificates_certificate SET number = '渝20262000001' WHERE grade = 'senior'")
    (found,) = _found().values()  # the code of a grade that it doesn't have
    assert found.key.endswith("-渝202620")
    put("UPDATE certificates_certificate SET grade = 'junior', number = '渝20261900001'"
        " WHERE grade = 'senior'")  # fmt: skip
    (found,) = _found().values()  # as the rule has it, and far from all others of its kind
    assert found.key.endswith("-渝202619")


def test_late_numbers_of_two_kinds_are_told_with_numbers_that_exist(city: City) -> None:
    _numbered(city, "沪20269001", "沪20269002", "渝20261001", "渝20261002", ago=100)
    late = _numbered(city, "沪20268000", "渝20261000", ago=5)
    (found,) = _found().values()
    assert found.key == f"late-{late.pk}" and found.weight == 2
    assert _reached(found) == "沪20269002、渝20261002"


def test_the_search_asks_as_often_for_many_late_lots_and_rules_as_for_none(city: City) -> None:
    with CaptureQueriesContext(connection) as none:
        assert _found() == {}
    _rule(city)
    _rule_of_another(city)
    _numbered(city, "渝2026100008", "渝2026100009", "X8", "X9", ago=100)
    for place in range(3):
        _numbered(city, f"渝2026{place + 1}00001", f"X{place + 1}", ago=5 + place)
    with CaptureQueriesContext(connection) as many:
        assert len(_found()) == 3
    assert len(many) == len(none)


def _rule_of_another(city: City) -> None:
    set_rule(
        actor=city.who("office", "officer"),
        unit=city.industry,
        valid_from=timezone.localdate(),
        pattern="JY{年}{流水5}",
    )


@pytest.mark.parametrize(
    ("pattern", "number", "n"),
    [
        ("渝{年}{等级}{流水5}", "渝2026300012", 2026_000_000_012),
        ("渝({年2}).{流水4}号", "渝(26).0012号", 26_000_000_012),
        ("渝{流水9}-{年}", "渝999999999-2026", 2026_999_999_999),
        ("渝{年}[{流水5}]{校验}", "渝2026[00012]X", 2026_000_000_012),
        ("渝{年}.{流水5}", "渝2026x00012", 12),  # not of the rule: the digits at its end
    ],
)
def test_postgresql_reads_a_number_as_the_rule_does(
    city: City, pattern: str, number: str, n: int
) -> None:
    _rule(city, pattern, **({"check_algorithm": "mod_11_2"} if "校验" in pattern else {}))
    register = _numbered(city, number, ago=5)
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH {NUMBERED} SELECT n FROM numbered WHERE register_id = %(register)s",
            {"register": register.pk, **as_parameters(rules_in_force(timezone.now()))},
        )
        assert cursor.fetchall() == [(n,)]
