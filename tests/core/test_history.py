"""Holdings in time: whatever moves, any past moment is what a replay of the journal says."""

import importlib
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.support.city import City, accepted_register, carry, deliver, found_city
from zhicheng.blanks import ledger
from zhicheng.blanks.models import (
    Custody,
    CustodyState,
    HoldingHistory,
    Movement,
    PrintRun,
    Reason,
)
from zhicheng.blanks.queries import past, statement
from zhicheng.blanks.reconcile import Report, check_ledger
from zhicheng.certificates.spoilage import spoil
from zhicheng.values.serials import SerialRange, count, merge, ranges_of, take

INSTANT = timedelta(microseconds=1)
STATES = (
    CustodyState.RESERVED,
    CustodyState.IN_TRANSIT,
    CustodyState.UNIT,
    CustodyState.SPARE,
    CustodyState.SPOILED,
)


def replayed(moment: datetime) -> dict[int, int]:
    """Where every serial was at that moment: {serial: account}, by reading the journal."""
    events: list[tuple[datetime, Any, int]] = [
        (run.recorded_at, run.serials, run.custody_id) for run in PrintRun.objects.all()
    ]
    events += [(line.moved_at, line.serials, line.target_id) for line in Movement.objects.all()]
    where: dict[int, int] = {}
    for at, serials, account in sorted(events, key=lambda event: event[0]):
        if at <= moment:
            where.update(dict.fromkeys(range(serials.lower, serials.upper), account))
    return where


def told(moment: datetime) -> dict[int, int]:
    """The same from the pieces of history."""
    where: dict[int, int] = {}
    for piece in HoldingHistory.objects.filter(period__contains=moment):
        for serial in range(piece.serials.lower, piece.serials.upper):
            assert serial not in where
            where[serial] = piece.custody_id
    return where


def proven() -> list[Any]:
    report = Report()
    check_ledger(report)
    return report.faults


def now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        found = cursor.fetchone()[0]
    assert isinstance(found, datetime)
    return found


def execute(sql: str) -> None:
    """One statement; a refused one leaves the rest as it was."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def without_allotments() -> None:
    """The ledger alone is tried here, with registers that nothing was allotted to."""
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    execute(
        "ALTER TABLE blanks_movement"
        " DISABLE TRIGGER register_never_holds_more_than_people_and_spares"
    )


def walk(city: City, data: st.DataObject, steps: int) -> list[datetime]:
    """Random movements between accounts of two units and the office; gives their moments."""
    for _run in range(data.draw(st.integers(1, 2), label="print runs")):
        deliver(city, data.draw(st.integers(5, 40), label="printed"))
    registers = [accepted_register(city, 1), accepted_register(city, 1, unit=city.district)]
    without_allotments()
    accounts = [
        ledger.custody(city.office, state, "intermediate")
        for state in (CustodyState.STORE, CustodyState.RETURNED_SPOILED)
    ]
    accounts += [
        ledger.custody(register.issuing_unit_id, state, "intermediate", register.pk)
        for register in registers
        for state in STATES
    ]
    for _step in range(steps):
        source = data.draw(st.sampled_from(accounts), label="from")
        held = ledger.held(source)
        if not held:
            continue
        serials = [serial for item in held for serial in range(item.first, item.last + 1)]
        chosen = data.draw(
            st.one_of(
                st.integers(1, len(serials)).map(lambda number: serials[:number]),  # noqa: B023
                st.lists(st.sampled_from(serials), min_size=1, max_size=6, unique=True),
                st.just(serials),
            ),
            label="serials",
        )
        target = data.draw(st.sampled_from([a for a in accounts if a != source]), label="to")
        with transaction.atomic():
            ledger.move(
                ranges_of(chosen),
                source=source,
                target=target,
                reason=Reason.TRANSFER,
                actor=city.who("office", "officer"),
                note="试验",
            )
    return [
        *PrintRun.objects.values_list("recorded_at", flat=True),
        *Movement.objects.values_list("moved_at", flat=True),
    ]


def search(examples: int, steps: int) -> None:
    """So many random histories, each asked about many moments."""

    @settings(
        max_examples=examples,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
        phases=(Phase.explicit, Phase.reuse, Phase.generate),  # a shrunk one takes minutes to find
    )
    @given(data=st.data())
    def look(data: st.DataObject) -> None:
        with transaction.atomic():
            city = found_city()
            moments = walk(city, data, steps)
            asked = data.draw(st.lists(st.sampled_from(moments), min_size=3, max_size=6))
            for moment in [*asked, *(at - INSTANT for at in asked), now()]:
                where = replayed(moment)
                assert told(moment) == where
                compare_views(city, moment, where)
            compare_statement(city, data, moments)
            assert not proven()
            transaction.set_rollback(True)

    look()


def compare_views(city: City, moment: datetime, where: dict[int, int]) -> None:
    accounts = {account.pk: account for account in Custody.objects.all()}
    for organization in (city.office, city.health, city.district):
        wanted: dict[tuple[str, str], int] = {}
        serials: dict[tuple[str, str], set[int]] = {}
        for serial, pk in where.items():
            account = accounts[pk]
            if account.organization_id == organization.pk and account.state != "printer":
                key = (account.grade, account.state)
                wanted[key] = wanted.get(key, 0) + 1
                serials.setdefault(key, set()).add(serial)
        assert past.counts_at(organization.pk, moment) == wanted
        listed: dict[tuple[str, str], set[int]] = {}
        for shelf in past.shelves(organization.pk, moment, shown=1000):
            assert shelf.count == count(shelf.serials)
            for item in shelf.serials:
                listed.setdefault((shelf.grade, shelf.state), set()).update(
                    range(item.first, item.last + 1)
                )
        assert listed == serials
    store = sum(accounts[pk].state == "store" for pk in where.values())
    assert past.store_at([moment])["intermediate"] == [store]


def compare_statement(city: City, data: st.DataObject, moments: list[datetime]) -> None:
    since, until = sorted(data.draw(st.lists(st.sampled_from(moments), min_size=2, max_size=2)))
    for organization in (city.office, city.health):
        for state in ("", CustodyState.STORE.value, CustodyState.SPARE.value):
            scope = statement.Scope(organization.pk, "", state)
            totals = statement.totals(scope, since, until)
            assert totals.adds_up
            lines = list(statement.lines(scope, since, until, opening=totals.opening))
            balance = totals.opening
            for line in lines:
                balance += line.change
                assert line.balance == balance >= 0
            assert balance == totals.closing


@pytest.mark.django_db
def test_any_past_moment_is_what_a_replay_of_the_journal_says() -> None:
    search(examples=15, steps=12)


@pytest.mark.long
@pytest.mark.django_db
def test_any_past_moment_of_long_histories_is_what_a_replay_says() -> None:
    search(examples=300, steps=60)


def test_time_follows_the_order_of_the_ledger_whatever_id_or_clock_a_movement_came_with(
    city: City,
) -> None:
    """Ids are drawn before the lock, and clients' clocks differ: neither decides."""
    serials = deliver(city, 10)
    register = accepted_register(city, 3)
    store = ledger.custody(city.office, CustodyState.STORE, "intermediate")
    reserved = ledger.custody(city.office, CustodyState.RESERVED, "intermediate", register.pk)
    without_allotments()
    before = now()
    with connection.cursor() as cursor:
        for number, (source, target) in enumerate(
            [(store, reserved), (reserved, store), (store, reserved)]
        ):
            cursor.execute(
                "INSERT INTO blanks_movement (id, serials, source_id, target_id, reason, note,"
                " moved_at) VALUES (%s, int8range(%s, %s), %s, %s, 'transfer', '试验', %s)",
                [
                    -1 - number,
                    serials.first,
                    serials.first + 4,
                    source.pk,
                    target.pk,
                    datetime(2040 - number, 1, 1, tzinfo=before.tzinfo),
                ],
            )
    lines = list(Movement.objects.filter(pk__lt=0).order_by("moved_at"))
    assert [line.pk for line in lines] == [-1, -2, -3]
    assert all(before < line.moved_at < now() for line in lines)
    assert [(line.source_after, line.target_after) for line in lines] == [(6, 4), (0, 10), (6, 4)]
    assert not proven()


def test_the_back_fill_writes_the_same_history_from_the_journal(city: City) -> None:
    """The migration's replay, over a city that has all of it already."""
    register = accepted_register(city, 3)
    deliver(city, 20)
    carry(city, register, "filled")
    serial = register.certificates.order_by("blank_serial")[0].blank_serial
    spoil(
        actor=city.who("health", "clerk"),
        register_id=register.pk,
        serials=[serial or 0],
        reason="damaged",
    )

    def everything() -> tuple[list[Any], ...]:
        columns = ("serials", "custody", "organization", "register", "period")
        return (
            sorted(HoldingHistory.objects.values_list(*columns), key=str),
            list(Movement.objects.order_by("id").values_list("moved_at", "source_after")),
            list(Custody.objects.order_by("id").values_list("balance", "changed_at")),
        )

    before = everything()
    migration = importlib.import_module("zhicheng.blanks.migrations.0007_history")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("DELETE FROM blanks_holdinghistory")
        cursor.execute("UPDATE blanks_custody SET balance = 0, changed_at = NULL")
        cursor.execute("UPDATE blanks_movement SET source_after = 0, target_after = 0")
        cursor.execute("SET LOCAL session_replication_role = origin")
        cursor.execute(
            "DROP TRIGGER history_is_written_by_the_ledger_alone ON blanks_holdinghistory"
        )
        cursor.execute(migration.REPLAY)
        cursor.execute(migration.TRIGGERS)
    assert everything() == before
    assert not proven()


def test_no_constraint_off_lets_a_serial_have_two_custodians_at_a_moment(city: City) -> None:
    """Even whoever switches the triggers off meets the exclusion constraint."""
    deliver(city, 10)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
    twice = (
        "INSERT INTO blanks_holdinghistory"
        " (serials, period, custody_id, organization_id, register_id)"
        " SELECT serials, tstzrange(lower(period), NULL), custody_id, organization_id,"
        " register_id FROM blanks_holdinghistory WHERE upper_inf(period)"
    )
    with pytest.raises(DatabaseError) as refused:
        execute(twice)
    assert "blank_has_one_custodian_at_any_moment" in str(refused.value)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
@pytest.mark.django_db
def test_the_lowest_serials_are_found_without_reading_the_rest(data: st.DataObject) -> None:
    with transaction.atomic():
        city = found_city()
        serials = deliver(city, 60)
        store = ledger.custody(city.office, CustodyState.STORE, "intermediate")
        away = ledger.custody(city.office, CustodyState.RETURNED_SPOILED, "intermediate")
        numbers = list(range(serials.first, serials.last + 1))
        gone = data.draw(st.lists(st.sampled_from(numbers), max_size=40, unique=True))
        officer = city.who("office", "officer")
        ledger.move(
            ranges_of(gone), source=store, target=away, reason=Reason.DAMAGED, actor=officer
        )
        wanted = data.draw(st.integers(0, 70))
        walk_before, ledger.WALK = ledger.WALK, data.draw(st.integers(1, 5), label="step")
        try:
            found = ledger.lowest(store, wanted)
        finally:
            ledger.WALK = walk_before
        assert found == merge(take(ledger.held(store), wanted))
        transaction.set_rollback(True)


def test_endless_ranges_bring_no_blanks_from_nowhere(city: City) -> None:
    serials = deliver(city, 10)
    assert isinstance(serials, SerialRange)
    statements = {
        "only_the_custodian_moves_a_blank": (
            "INSERT INTO blanks_movement (serials, source_id, target_id, reason, note, moved_at)"
            " SELECT '[1,)', s.id, t.id, 'delivery', '', now() FROM blanks_custody s,"
            " blanks_custody t WHERE s.state = 'store' AND t.state = 'printer'"
        ),
        "print_run_has_serials": (
            "INSERT INTO blanks_printrun"
            " (serials, grade, printer, received_on, custody_id, recorded_at)"
            " SELECT '[900000,)', grade, '', now(), id, now() FROM blanks_custody"
            " WHERE state = 'printer'"
        ),
    }
    for constraint, sql in statements.items():
        with pytest.raises(DatabaseError) as refused:
            execute(sql)
        assert refused.value.__cause__.diag.constraint_name == constraint  # type: ignore[union-attr]
    assert not proven()
