"""Plain SQL against the tables of reissues: each constraint says no by a speaking name."""

import pytest
from django.db import DatabaseError, connection, transaction

from tests.support.city import City, announce
from tests.support.reissues import Way, about, begun, issued, typed
from zhicheng.certificates.reconcile import reconcile
from zhicheng.reissues.lifecycle import REISSUE
from zhicheng.reissues.models import Reissue

pytestmark = pytest.mark.django_db

R = "reissues_reissue"
# Each name: the step that the application has reached, and the statement; {pk} is the application.
CASES = {
    "reissue_is_never_removed": ("draft", f"DELETE FROM {R}"),
    "receipt_number_stays": ("draft", f"UPDATE {R} SET receipt_number = 'BH2026-999999-9'"),
    "submitted_reissue_keeps_its_certificate": (
        "submitted",
        f"UPDATE {R} SET old_number = 'X'",
    ),
    "submitted_application_keeps_its_data": ("submitted", f"UPDATE {R} SET name = '冒名'"),
    "reissue_goes_step_by_step": ("submitted", f"UPDATE {R} SET state = 'done'"),
    "path_of_opinions_stays": (
        "accepted",
        f"UPDATE {R} SET required = ARRAY['applicant', 'approving']",
    ),
    "new_number_stays": ("filled", f"UPDATE {R} SET new_number = '另一个'"),
    "granted_only_with_all_opinions": ("accepted", f"UPDATE {R} SET state = 'granted'"),
    "one_open_reissue_per_certificate": (
        "second",
        f"UPDATE {R} SET state = 'applied', submitted_at = now() WHERE state = 'draft'",
    ),
    "one_open_reissue_per_old_number_and_person": (
        "second typed",
        f"UPDATE {R} SET state = 'applied', submitted_at = now() WHERE state = 'draft'",
    ),
    "one_open_reissue_per_approved_person": (
        "second number",
        f"UPDATE {R} SET state = 'applied', submitted_at = now() WHERE state = 'draft'",
    ),
    "reissue_of_a_certificate_names_it": ("draft", f"UPDATE {R} SET certificate_id = NULL"),
    "matched_reissue_names_the_approved_person": (
        "draft",
        f"UPDATE {R} SET approved_person_id = NULL",
    ),
    "decided_match_says_why": ("draft", f"UPDATE {R} SET match = 'decided'"),
    "only_a_replacement_tells_of_a_loss": (
        "draft renewal",
        f"UPDATE {R} SET newspaper_date = now()",
    ),
    "only_a_renewal_is_of_a_damaged_certificate": ("draft", f"UPDATE {R} SET damaged = true"),
    "accepted_reissue_was_signed_in_duplicate": ("accepted", f"UPDATE {R} SET copies = 1"),
    "ended_reissue_says_why": ("submitted", f"UPDATE {R} SET state = 'ended'"),
    "ended_reissue_lifts_the_loss": (
        "accepted",
        f"UPDATE {R} SET state = 'ended', outcome = 'found'",
    ),
    "finished_reissue_has_a_new_number": ("draft", f"UPDATE {R} SET done_at = now()"),
    "new_number_is_another": ("accepted", f"UPDATE {R} SET new_number = old_number"),
    "finished_reissue_stays": ("issued", f"UPDATE {R} SET waiting_since = now()"),
    "issued_reissue_is_finished": (
        "embossed",
        f"UPDATE {R} SET state = 'done', done_at = now()",
    ),
    "ended_reissue_withdraws_its_certificate": (
        "filled",
        f"UPDATE {R} SET state = 'ended', outcome = 'found', lost_at = NULL",
    ),
    "lost_certificate_has_its_application": (
        "submitted",
        "UPDATE certificates_certificate SET lost_at = now()",
    ),
    "opinion_is_never_changed": ("accepted", "DELETE FROM reissues_opinion"),
    "opinions_come_in_the_forms_order": (
        "accepted",
        (
            "INSERT INTO reissues_opinion (reissue_id, level, decision, text, given_on, from_paper,"
            " content_digest, recorded_at, recorded_by_id) SELECT reissue_id,"
            " 'approving', decision,"
            " '', given_on, false, content_digest, now(), recorded_by_id FROM reissues_opinion"
        ),
    ),
    "opinion_from_paper_has_its_scan": (
        "accepted",
        (
            "INSERT INTO reissues_opinion (reissue_id, level, decision, text, given_on, from_paper,"
            " content_digest, recorded_at, recorded_by_id) SELECT reissue_id,"
            " 'work_unit', decision,"
            " '', given_on, true, content_digest, now(), recorded_by_id FROM reissues_opinion"
        ),
    ),
    "return_and_refusal_say_why": (
        "accepted",
        (
            "INSERT INTO reissues_opinion (reissue_id, level, decision, text, given_on, from_paper,"
            " content_digest, recorded_at, recorded_by_id) SELECT reissue_id,"
            " 'work_unit', 'refuse',"
            " '', given_on, false, content_digest, now(), recorded_by_id FROM reissues_opinion"
        ),
    ),
    "level_agrees_once": (
        "accepted",
        (
            "INSERT INTO reissues_opinion (reissue_id, level, decision, text, given_on, from_paper,"
            " content_digest, recorded_at, recorded_by_id) SELECT reissue_id, level, decision,"
            " '', given_on, true, content_digest, now(), recorded_by_id FROM reissues_opinion"
        ),
    ),
    "applicant_only_signs": (
        "accepted",
        (
            "INSERT INTO reissues_opinion (reissue_id, level, decision, text, given_on, from_paper,"
            " content_digest, recorded_at, recorded_by_id) SELECT reissue_id, level, 'return',"
            " 'x', given_on, true, content_digest, now(), recorded_by_id FROM reissues_opinion"
        ),
    ),
    "evidence_changes_only_before_submission": (
        "submitted",
        "UPDATE reissues_evidence SET removed_at = now()",
    ),
    "corrections_change_only_before_submission": (
        "renewal",
        "UPDATE reissues_correctedfield SET new_text = '另改'",
    ),
    "proof_names_the_corrected_field": (
        "draft papers",
        (
            "INSERT INTO reissues_evidence (reissue_id, kind, file_id, note, added_at)"
            " SELECT reissue_id, 'proof', file_id, '', now() FROM reissues_evidence LIMIT 1"
        ),
    ),
    "file_is_evidence_once": (
        "draft papers",
        (
            "INSERT INTO reissues_evidence (reissue_id, kind, file_id, note, added_at)"
            " SELECT reissue_id, kind, file_id, '', now() FROM reissues_evidence LIMIT 1"
        ),
    ),
    "field_is_corrected_once": (
        "draft renewal",
        (
            "INSERT INTO reissues_correctedfield (reissue_id, field, old_text, new_text, new_kind,"
            " entered_at) SELECT reissue_id, field, old_text, '又改', '', now()"
            " FROM reissues_correctedfield"
        ),
    ),
    "corrected_id_number_is_encrypted": (
        "draft renewal",
        (
            "INSERT INTO reissues_correctedfield (reissue_id, field, old_text, new_text, new_kind,"
            " entered_at) SELECT reissue_id, 'id_number', 'x', 'y', '', now()"
            " FROM reissues_correctedfield"
        ),
    ),
    "correction_changes_something": (
        "draft renewal",
        (
            "INSERT INTO reissues_correctedfield (reissue_id, field, old_text, new_text, new_kind,"
            " entered_at) SELECT reissue_id, 'name', 'x', 'x', '', now()"
            " FROM reissues_correctedfield"
        ),
    ),
    "handed_in_certificate_is_the_old_one": (
        "renewal",
        (
            "INSERT INTO reissues_handedin (reissue_id, number, received_on, received_at,"
            " received_by_id, fate, fate_note, witness) SELECT id, '别的', now(), now(),"
            " accepted_by_id, 'held', '', '' FROM reissues_reissue"
        ),
    ),
    "handed_in_certificate_changes_only_by_its_fate": (
        "renewal granted",
        "UPDATE reissues_handedin SET number = '别的'",
    ),
    "fate_of_an_old_certificate_is_dated": (
        "renewal granted",
        "UPDATE reissues_handedin SET fate = 'archived'",
    ),
    "old_certificate_is_destroyed_before_a_witness": (
        "renewal granted",
        (
            "UPDATE reissues_handedin SET fate = 'destroyed', fate_on = now(),"
            " fate_by_id = received_by_id"
        ),
    ),
    "no_blank_without_complete_papers": (
        "accepted",
        (
            "WITH account AS (INSERT INTO blanks_custody (organization_id, state, grade, reissue)"
            " SELECT unit_id, 'unit', grade, id FROM reissues_reissue RETURNING id)"
            " INSERT INTO blanks_movement (serials, source_id, target_id, reason, note, moved_at)"
            " SELECT int8range(lower(h.serials), lower(h.serials), '[]'), c.id, a.id,"
            " 'reissue', '',"
            " now() FROM account a, blanks_custody c JOIN blanks_holding h ON h.custody_id = c.id"
            " WHERE c.state = 'store' LIMIT 1"
        ),
    ),
    "reissues_blank_is_its_units": (
        "granted",
        (
            "WITH account AS (INSERT INTO blanks_custody (organization_id, state, grade, reissue)"
            " SELECT o.id, 'unit', r.grade, r.id FROM reissues_reissue r,"
            " organizations_organization o WHERE o.name = '长江重工' RETURNING id)"
            " INSERT INTO blanks_movement (serials, source_id, target_id, reason, note, moved_at)"
            " SELECT int8range(lower(h.serials), lower(h.serials), '[]'), c.id, a.id,"
            " 'reissue', '',"
            " now() FROM account a, blanks_custody c JOIN blanks_holding h ON h.custody_id = c.id"
            " WHERE c.state = 'store' LIMIT 1"
        ),
    ),
    "reissue_holds_one_blank": (
        "filled",
        (
            "INSERT INTO blanks_movement (serials, source_id, target_id, reason, note, moved_at)"
            " SELECT int8range(lower(h.serials), lower(h.serials), '[]'), c.id, a.id,"
            " 'reissue', '',"
            " now() FROM blanks_custody a, blanks_custody c"
            " JOIN blanks_holding h ON h.custody_id = c.id"
            " WHERE c.state = 'store' AND a.reissue IS NOT NULL AND a.state = 'unit' LIMIT 1"
        ),
    ),
    "custody_is_of_a_known_reissue": (
        "draft",
        (
            "INSERT INTO blanks_custody (organization_id, state, grade, reissue)"
            " SELECT unit_id, 'unit', grade, 999999999 FROM reissues_reissue"
        ),
    ),
    "reissued_certificate_equals_its_application": (
        "collected",
        (
            "INSERT INTO certificates_certificate (origin, number, position, reissue, replaces_id,"
            " approved_person_id, state, blank_serial, name, sex, id_kind, id_number_cipher,"
            " id_number_index, id_number_masked, work_unit, specialty, qualification, grade, level,"
            " approval_date, document_number, issuing_unit_id, approving_department_id,"
            " embosser_id,"
            " filled_at, filled_by_id, recipient, recipient_relation)"
            " SELECT 'reissue', r.new_number, 1, r.id, r.certificate_id, r.approved_person_id,"
            " 'filled', lower(h.serials), '冒名', r.sex, r.id_kind, r.id_number_cipher,"
            " r.id_number_index, r.id_number_masked, r.work_unit, r.specialty, r.qualification,"
            " r.grade, r.level, r.approval_date, r.document_number, r.unit_id,"
            " r.approving_department_id, r.approving_department_id, now(), r.accepted_by_id, '', ''"
            " FROM reissues_reissue r JOIN blanks_custody c ON c.reissue = r.id"
            " JOIN blanks_holding h ON h.custody_id = c.id"
        ),
    ),
    "successor_voids_what_it_replaces": (
        "renewal embossed",
        (
            "WITH done AS (UPDATE reissues_reissue SET state = 'done', done_at = now())"
            " UPDATE certificates_certificate SET state = 'issued', issued_at = clock_timestamp(),"
            " issued_by_id = filled_by_id, recipient = 'x', recipient_relation = 'holder'"
            " WHERE origin = 'reissue';"
            " INSERT INTO certificates_issuerecord (certificate_id, recipient, relation,"
            " id_checked, issued_at, issued_by_id) SELECT id, recipient, recipient_relation,"
            " true, issued_at, issued_by_id FROM certificates_certificate"
            " WHERE origin = 'reissue'"
        ),
    ),
    "void_is_for_good": (
        "issued",
        (
            "UPDATE certificates_certificate SET voided_at = NULL, void_reason = ''"
            " WHERE origin = 'register'"
        ),
    ),
    "void_sighting_is_never_changed": ("sighted", "DELETE FROM reissues_voidsighting"),
    "step_deadline_is_only_added": ("deadline", "UPDATE reissues_stepdeadline SET days = 99"),
    "step_deadline_begins_today_or_later": (
        "deadline",
        (
            "INSERT INTO reissues_stepdeadline (step, valid_from, days, set_at)"
            " SELECT step, valid_from - 1, 99, now() FROM reissues_stepdeadline"
        ),
    ),
    "deadline_is_a_day_at_least": (
        "deadline",
        (
            "INSERT INTO reissues_stepdeadline (step, valid_from, days, set_at)"
            " SELECT step, valid_from, 0, now() FROM reissues_stepdeadline"
        ),
    ),
}


def prepare(city: City, step: str) -> None:
    """Applications that have come so far."""
    (old,) = issued(city)
    match step:
        case "draft":
            begun(about(old))
        case "draft papers":
            from tests.support.reissues import with_papers

            with_papers(*begun(about(old)))
        case "draft renewal":
            begun(about(old, "renewal"))
        case "renewal":
            Way(city, about(old, "renewal")).upto("accepted")
        case "renewal granted" | "renewal embossed":
            Way(city, about(old, "renewal")).upto(step.split()[1])
        case "second":
            Way(city, about(old))
            Way(city, about(old)).submit()
        case "second typed":
            (person,) = announce(city, 1)
            person.name = "龙若谷"
            person.save()
            Way(city, typed(city, person))
            Way(city, typed(city, person)).submit()
        case "second number":
            (person,) = announce(city, 1)
            person.name = "龙若谷"
            person.save()
            Way(city, typed(city, person, old_number="渝职2012-00872"))
            Way(city, typed(city, person)).submit()
        case "sighted":
            from zhicheng.reissues.actions_old import sighted

            way = Way(city, about(old)).upto("accepted")
            assert sighted(
                actor=way.who("clerk"), number=old.number, channel="station", note="窗口"
            )
        case "deadline":
            from django.utils import timezone

            from zhicheng.reissues.deadlines import set_deadline

            set_deadline(
                actor=city.who("office", "officer"),
                step="opinion",
                valid_from=timezone.localdate(),
                days=3,
            )
        case _:
            Way(city, about(old)).upto(step)


def around_the_code(statement: str) -> None:
    """Runs the statement, and whatever is checked at the end of a transaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
        assert cursor.rowcount
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize("step", sorted({step for step, _statement in CASES.values()}))
def test_the_database_refuses_by_name(city: City, step: str) -> None:
    """Each statement in a savepoint of its own, on the same application that came so far."""
    prepare(city, step)
    wanted = {name: said for name, (at, said) in CASES.items() if at == step}
    told = {}
    for name, statement in wanted.items():
        with pytest.raises(DatabaseError) as refused:
            around_the_code(statement)
        cause = refused.value.__cause__
        told[name] = getattr(getattr(cause, "diag", None), "constraint_name", str(refused.value))
    assert told == {name: name for name in wanted}


def test_every_move_of_the_lifecycle_and_no_other_is_the_databases() -> None:
    """The trigger's list of moves is the table's."""
    from importlib import import_module

    text = import_module("zhicheng.reissues.migrations.0002_guards").FORWARD
    begin = text.index("(OLD.state, NEW.state) NOT IN (")
    listed = text[begin : text.index("THEN", begin)]
    moves = {(source, t.target) for t in REISSUE.transitions for source in t.sources}
    for source in REISSUE.states:
        for target in REISSUE.states:
            assert (f"('{source}', '{target}')" in listed) == ((source, target) in moves)


FORGERIES = {
    "reissue.two_in_force": (
        "issued",
        (
            "UPDATE certificates_certificate SET voided_at = NULL, void_reason = ''"
            " WHERE origin = 'register'"
        ),
    ),
    "reissue.blank_without_papers": (
        "filled",
        "UPDATE reissues_evidence SET removed_at = now()",
    ),
    "reissue.differs_from_application": (
        "filled",
        "UPDATE certificates_certificate SET specialty = '外科' WHERE origin = 'reissue'",
    ),
    "reissue.loss_astray": (
        "accepted",
        "UPDATE certificates_certificate SET lost_at = NULL",
    ),
    "reissue.certificate_astray": (
        "embossed",
        "UPDATE reissues_reissue SET state = 'ended', outcome = 'found', lost_at = NULL",
    ),
}


@pytest.mark.parametrize("kind", sorted(FORGERIES))
def test_reconcile_finds_what_was_changed_behind_the_products_back(city: City, kind: str) -> None:
    step, statement = FORGERIES[kind]
    prepare(city, step)
    assert reconcile().passed
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET session_replication_role = replica")
        try:
            if kind == "reissue.two_in_force":
                cursor.execute("DROP INDEX one_certificate_in_force_per_person_and_qualification")
            cursor.execute(statement)
        finally:
            cursor.execute("SET session_replication_role = DEFAULT")
    assert kind in {fault["kind"] for fault in reconcile().faults}
    assert Reissue.objects.exists()
