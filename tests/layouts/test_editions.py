"""The year of the blank (印制年度) is known of every blank that was printed (N1, N8)."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from tests.support.city import City, deliver, found_city
from zhicheng.blanks import actions as stock
from zhicheng.blanks.models import PrintRun
from zhicheng.blanks.queries.editions import editions_of
from zhicheng.blanks.rules import each
from zhicheng.values.refusal import Refusal
from zhicheng.values.serials import SerialRange, ranges_of


def printed(city: City, first: int, last: int, **more: object) -> PrintRun:
    return stock.record_print_run(
        actor=city.who("office", "officer"),
        grade="senior",
        serials=SerialRange(first, last),
        received_on=date(2026, 1, 5),
        **more,  # type: ignore[arg-type]
    )


def test_the_edition_is_the_order_s_or_the_delivery_s_or_the_day_s(city: City) -> None:
    officer = city.who("office", "officer")
    order = stock.place_order(
        actor=officer,
        grade="senior",
        serials=SerialRange(1, 100),
        quantity=100,
        ordered_on=date(2025, 11, 1),
        edition=2025,
    )
    for good, stated in ((SerialRange(1, 40), None), (SerialRange(41, 60), 2026)):
        stock.count_in(
            actor=officer,
            order_id=order.pk,
            good=[good],
            delivered_on=date(2026, 2, 1),
            edition=stated,
        )
    printed(city, 200, 209)
    found = editions_of([SerialRange(31, 50), SerialRange(205, 300)])
    assert found == {
        2025: [SerialRange(31, 40)],
        2026: [SerialRange(41, 50), SerialRange(205, 209)],
    }
    assert editions_of([]) == {}


def test_a_year_that_cannot_be_meant_is_refused(city: City) -> None:
    with pytest.raises(Refusal) as refused:
        printed(city, 1, 10, edition=2031)
    assert refused.value.rule == "print_run.edition"
    assert not PrintRun.objects.exists()


def test_the_database_knows_a_year_from_another_number(city: City) -> None:
    deliver(city, 5)
    run = PrintRun.objects.get()
    insert = (
        "INSERT INTO blanks_printrun (serials, grade, printer, received_on, edition, custody_id,"
        " recorded_at) SELECT '[900,910)', grade, '', received_on, 1700, custody_id, now()"
        " FROM blanks_printrun"
    )
    for statement, broken in (
        (f"UPDATE blanks_printrun SET edition = 2020 WHERE id = {run.pk}", "append-only"),
        (insert, "print_run_edition_is_a_year"),
    ):
        with (
            pytest.raises(IntegrityError, match=broken),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


class EditionsAreAPartition(TestCase):
    """Whatever is asked for, each printed serial is in exactly one year."""

    @classmethod
    def setUpTestData(cls) -> None:
        city = found_city()
        for number, year in enumerate((2024, 2026, 2025, 2026, 2024)):
            printed(city, 1 + 10 * number, 10 + 10 * number, edition=year)

    @given(st.sets(st.integers(1, 70), min_size=1))
    def test_partition(self, serials: set[int]) -> None:
        found = editions_of(ranges_of(serials))
        named = [serial for ranges in found.values() for serial in each(ranges)]
        assert sorted(named) == sorted(serial for serial in serials if serial <= 50)
        for year, ranges in found.items():
            assert {(2024, 2026, 2025, 2026, 2024)[(s - 1) // 10] for s in each(ranges)} == {year}
