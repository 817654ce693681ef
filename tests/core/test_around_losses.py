"""Plain SQL against losses, cases, sightings and counts; and what reconcile finds of it (N18)."""

import pytest
from django.db import connection

from tests.core.test_around_the_code import refused_by
from tests.support.city import City, accepted_register, carry, deliver
from zhicheng.blanks import actions as stock
from zhicheng.blanks.investigations import add_entry, replace_written_off, report_loss, settle_case
from zhicheng.blanks.models import BlankCase, Holding
from zhicheng.blanks.stocktaking import (
    confirm_stocktake,
    count_serials,
    finish_stocktake,
    start_stocktake,
)
from zhicheng.certificates.reconcile import reconcile
from zhicheng.values.refusal import Refusal
from zhicheng.values.serials import SerialRange

MOVE = (
    "INSERT INTO blanks_movement (serials, source_id, target_id, reason, note, moved_at)"
    " SELECT {serials}, s.id, t.id, 'found', '', now() FROM blanks_custody s, blanks_custody t"
    " WHERE s.state = '{source}' AND t.state = '{target}' AND s.grade = t.grade"
    " AND s.grade = 'intermediate' LIMIT 1"
)
CASES = {
    "lost_blanks_have_an_open_case": MOVE.format(
        serials="'[12055,12056)'", source="store", target="lost"
    ).replace(" LIMIT 1", " AND t.register_id IS NULL LIMIT 1"),
    "closed_case_leaves_nothing_lost": (
        "UPDATE blanks_blankcase SET outcome = 'found', conclusion = '了', closed_at = now()"
        " WHERE outcome = ''"
    ),
    "written_off_is_for_good": MOVE.format(
        serials="(SELECT h.serials FROM blanks_holding h WHERE h.custody_id = s.id LIMIT 1)",
        source="written_off",
        target="store",
    ),
    "only_lost_or_undelivered_blanks_are_written_off": MOVE.format(
        serials="'[12055,12056)'", source="store", target="written_off"
    ),
    "case_is_closed_by_a_second_person": (
        "UPDATE blanks_blankcase SET outcome = 'explained', conclusion = '了', closed_at = now(),"
        " closed_by_id = opened_by_id WHERE outcome = ''"
    ),
    "case_changes_only_by_its_outcome": "UPDATE blanks_blankcase SET count = 1, note = 'x'",
    "case_entry_is_never_changed": "UPDATE blanks_caseentry SET text = 'x'",
    "settlement_is_never_changed": "DELETE FROM blanks_settlement",
    "settlement_says_why": (
        "INSERT INTO blanks_settlement (case_id, serials, count, outcome, placed, text, settled_at)"
        " SELECT case_id, serials, count, outcome, '', '', now() FROM blanks_settlement LIMIT 1"
    ),
    "replacement_is_never_changed": "UPDATE blanks_replacement SET count = 0",
    "replacement_never_exceeds_written_off": (
        "INSERT INTO blanks_replacement (case_id, register_id, grade, given, count, given_at)"
        " SELECT case_id, register_id, grade, '[]', 3, now() FROM blanks_replacement LIMIT 1"
    ),
    "sighting_changes_only_by_acknowledgement": "UPDATE blanks_sighting SET attempted = 'x'",
    "acknowledged_sighting_says_by_whom_and_what": (
        "UPDATE blanks_sighting SET acknowledged_at = now()"
    ),
    "stocktake_expectation_is_frozen": "DELETE FROM blanks_stocktakeexpected",
    "stocktake_goes_step_by_step": "UPDATE blanks_stocktake SET expected_count = 0",
    "stocktake_is_confirmed_by_a_second_person": (
        "UPDATE blanks_stocktake SET state = 'confirmed', confirmed_at = now(),"
        " confirmed_by_id = finished_by_id WHERE state = 'finished'"
    ),
    "confirmed_stocktake_was_finished": (
        "UPDATE blanks_stocktake SET state = 'confirmed' WHERE state = 'finished'"
    ),
    "one_stocktake_at_a_time": (
        "INSERT INTO blanks_stocktake (number, organization_id, grade, scope, state,"
        " expected_count, counted_count, missing, surplus, moved, missing_count, surplus_count,"
        " started_at, started_by_id, note) SELECT 'X', organization_id, grade, scope, 'counting',"
        " 1, 0, '[]', '[]', '[]', 0, 0, now(), started_by_id, '' FROM blanks_stocktake"
        " WHERE state = 'finished'"
    ),
    "blanks_are_counted_while_counting": (
        "INSERT INTO blanks_stocktakecount (stocktake_id, serials, counted_at, counted_by_id)"
        " SELECT id, '[1,2)', now(), started_by_id FROM blanks_stocktake WHERE state = 'finished'"
    ),
    "blank_is_counted_once": (
        "INSERT INTO blanks_stocktakecount (stocktake_id, serials, counted_at, counted_by_id)"
        " SELECT c.stocktake_id, c.serials, now(), c.counted_by_id FROM blanks_stocktakecount c"
        " JOIN blanks_stocktake s ON s.id = c.stocktake_id WHERE s.state = 'counting' LIMIT 1"
    ),
    "count_is_only_ever_withdrawn": (
        "UPDATE blanks_stocktakecount c SET serials = '[1,2)' FROM blanks_stocktake s"
        " WHERE s.id = c.stocktake_id AND s.state = 'counting'"
    ),
    "withdrawn_count_says_by_whom": (
        "UPDATE blanks_stocktakecount c SET withdrawn_at = now() FROM blanks_stocktake s"
        " WHERE s.id = c.stocktake_id AND s.state = 'counting'"
    ),
    "stocktake_period_is_sensible": (
        "INSERT INTO blanks_stocktakepolicy (valid_from, months) VALUES ('2999-01-01', 0)"
    ),
}


@pytest.fixture
def looked_into(city: City) -> City:
    """Losses open and written off, a sighting, counts in every state."""
    chief, second = city.who("office", "officer"), city.who("office", "officer2")
    clerk = city.who("office", "clerk")
    register = accepted_register(city, 5)
    deliver(city, 60)
    carry(city, register, "filled")
    report_loss(
        actor=city.who("health", "clerk"),
        serials=[SerialRange(12001, 12003)],
        note="整袋不见",
    )
    gone = BlankCase.objects.get()
    add_entry(actor=clerk, case_id=gone.pk, text="已到现场查看")
    settle_case(actor=chief, case_id=gone.pk, outcome="written_off", conclusion="未找回")
    replace_written_off(actor=chief, case_id=gone.pk)
    report_loss(actor=clerk, serials=[SerialRange(12050, 12051)], note="不见了")
    with pytest.raises(Refusal):
        stock.propose_destruction(
            actor=chief, grade="intermediate", serials=[SerialRange(12050, 12050)]
        )
    done = start_stocktake(actor=clerk, grade="intermediate")
    finish_stocktake(actor=clerk, stocktake_id=done.pk)
    running = start_stocktake(actor=clerk)
    count_serials(actor=second, stocktake_id=running.pk, serials=[SerialRange(12040, 12045)])
    return city


@pytest.mark.parametrize("constraint", CASES)
def test_the_database_refuses_by_name(looked_into: City, constraint: str) -> None:
    assert refused_by(CASES[constraint]) == constraint
    report = reconcile()
    assert report.passed, report.faults


@pytest.mark.parametrize(
    ("behind_the_back", "fault"),
    [
        (
            CASES["closed_case_leaves_nothing_lost"],
            "blank.lost_without_case",
        ),
        (
            "UPDATE blanks_blankcase SET serials = '[\"0012050-0012052\"]' WHERE outcome = ''",
            "case.blank_not_lost",
        ),
        ("DELETE FROM blanks_settlement", "blank.written_off_without_outcome"),
        ("UPDATE blanks_replacement SET count = 0", "replacement.not_as_given"),
    ],
)
def test_reconcile_names_what_was_done_behind_its_back(
    looked_into: City, behind_the_back: str, fault: str
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(behind_the_back)
    found = {item["kind"]: item for item in reconcile().faults}
    assert fault in found
    if fault.startswith(("blank", "case")):
        assert found[fault]["serials"].startswith("00120")


def test_a_confirmed_count_keeps_its_result(looked_into: City) -> None:
    from zhicheng.blanks.models import Stocktake

    finished = Stocktake.objects.get(state="finished")
    confirm_stocktake(actor=looked_into.who("office", "officer"), stocktake_id=finished.pk)
    for change in ("missing = '[]'", "state = 'counting'", "note = 'x'"):
        statement = f"UPDATE blanks_stocktake SET {change} WHERE state = 'confirmed'"
        assert refused_by(statement) == "stocktake_goes_step_by_step"
    assert not Holding.objects.filter(custody__state="store").exists()
    report = reconcile()
    assert report.passed, report.faults
