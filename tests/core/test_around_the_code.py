"""Plain SQL against the tables: each constraint says no by a name that a person understands."""

import pytest
from django.db import DatabaseError, connection, transaction

from tests.support.city import City, accepted_register, carry, deliver
from zhicheng.certificates.reconcile import reconcile

CASES = {
    "approver_of_a_register_is_only_added": "DELETE FROM certificates_registerapprover",
    "approver_of_a_register_comes_with_its_certificates": (
        "INSERT INTO certificates_registerapprover (department_id, register_id)"
        " SELECT o.id, r.id FROM organizations_organization o, registers_register r"
        " WHERE o.name = '长江重工'"
    ),
    "no_more_certificates_than_accepted_people": "UPDATE registers_register SET row_count = 0",
    "register_certificates_are_counted_by_these_alone": (
        "UPDATE registers_register SET made_count = 0"
    ),
    "document_certificates_are_counted_by_these_alone": (
        "UPDATE approvals_approvaldocument SET issued_count = 1"
    ),
    "blank_is_printed_once": (
        "INSERT INTO blanks_printrun"
        " (serials, grade, printer, received_on, custody_id, recorded_at)"
        " SELECT serials, grade, '', now(), custody_id, now() FROM blanks_printrun"
    ),
    "print_run_enters_through_the_printer": (
        "INSERT INTO blanks_printrun"
        " (serials, grade, printer, received_on, custody_id, recorded_at)"
        " SELECT '[900000,900009]', grade, '', now(), id, now() FROM blanks_custody"
        " WHERE state = 'store'"
    ),
    "print_run_is_never_changed": "UPDATE blanks_printrun SET grade = 'senior'",
    "holding_changes_through_movements_alone": "DELETE FROM blanks_holding",
    "history_is_written_by_the_ledger_alone": "DELETE FROM blanks_holdinghistory",
    "movement_is_never_changed": "DELETE FROM blanks_movement",
    "only_the_custodian_moves_a_blank": (
        "INSERT INTO blanks_movement (serials, source_id, target_id, reason, note, moved_at)"
        " SELECT '[1,2)', s.id, t.id, 'issue', '', now() FROM blanks_custody s, blanks_custody t"
        " WHERE s.state = 'store' AND t.state = 'unit'"
    ),
    "movement_changes_custody": (
        "INSERT INTO blanks_movement (serials, source_id, target_id, reason, note, moved_at)"
        " SELECT '[1,2)', id, id, 'issue', '', now() FROM blanks_custody WHERE state = 'store'"
    ),
    "movement_moves_blanks": (
        "INSERT INTO blanks_movement (serials, source_id, target_id, reason, note, moved_at)"
        " SELECT 'empty', s.id, t.id, 'issue', '', now() FROM blanks_custody s, blanks_custody t"
        " WHERE s.state = 'store' AND t.state = 'unit'"
    ),
    "custody_is_never_changed": "UPDATE blanks_custody SET state = 'destroyed'",
    "stock_is_kept_by_the_municipal_office": (
        "INSERT INTO blanks_custody (organization_id, state, grade)"
        " SELECT id, 'store', 'senior' FROM organizations_organization WHERE name = '长江重工'"
    ),
    "allotted_blanks_belong_to_a_register_or_reissue": (
        "INSERT INTO blanks_custody (organization_id, state, grade)"
        " SELECT id, 'unit', 'senior' FROM organizations_organization WHERE name = '长江重工'"
    ),
    "allotment_counts_accepted_rows": "UPDATE blanks_allotment SET people = people + 1",
    "allotment_never_exceeds_people_and_spares": (
        "UPDATE blanks_allotment SET spares = spares + 1"
    ),
    "register_is_allotted_once_per_grade": (
        "INSERT INTO blanks_allotment (register_id, grade, people, spares, rate, state,"
        " row_serials, spare_serials, carried_serials, missing_serials, damaged_serials,"
        " allotted_at, collected_by)"
        " SELECT register_id, grade, people, spares, rate, 'allotted', '[]', '[]', '[]', '[]',"
        " '[]', now(), ''"
        " FROM blanks_allotment"
    ),
    "accepted_row_never_changes": "DELETE FROM registers_registerrow",
    "accepted_row_equals_approval_document": (
        "INSERT INTO registers_registerrow (register_id, position, certificate_number, name, sex,"
        " work_unit, supervising_department, id_kind, id_number_cipher, id_number_index,"
        " id_number_masked, specialty, qualification, approval_date_text, approval_date,"
        " document_number, id_number_from_number, approved_person_id, grade, accepted, version,"
        " changed_at) SELECT register_id, 999, 'X-999', '冒名', sex, work_unit, '', id_kind,"
        " id_number_cipher, id_number_index, id_number_masked, specialty, qualification, '',"
        " approval_date, document_number, false, approved_person_id, grade, true, 1, now()"
        " FROM registers_registerrow LIMIT 1"
    ),
    "certificate_number_promised_once": (
        "INSERT INTO registers_registerrow (register_id, position, certificate_number, name, sex,"
        " work_unit, supervising_department, id_kind, id_number_cipher, id_number_index,"
        " id_number_masked, specialty, qualification, approval_date_text, approval_date,"
        " document_number, id_number_from_number, approved_person_id, grade, accepted, version,"
        " changed_at) SELECT register_id, 999, certificate_number, name, sex, work_unit, '',"
        " id_kind, id_number_cipher, id_number_index, id_number_masked, specialty,"
        " qualification, '', approval_date, document_number, false,"
        " approved_person_id, grade, true, 1, now()"
        " FROM registers_registerrow LIMIT 1"
    ),
    "certificate_is_never_removed": "DELETE FROM certificates_certificate",
    "certificate_data_never_change": "UPDATE certificates_certificate SET name = '冒名'",
    "certificate_goes_step_by_step": "UPDATE certificates_certificate SET state = 'issued'",
    "official_seal_by_the_issuing_unit": (
        "UPDATE certificates_certificate SET state = 'sealed', official_seal_at = now(),"
        " official_seal_by_id = (SELECT max(id) FROM organizations_account),"
        " official_seal_unit_id ="
        " (SELECT id FROM organizations_organization WHERE name = '长江重工')"
    ),
    "filling_sealing_and_embossing_by_different_people": (
        "UPDATE certificates_certificate SET state = 'sealed', official_seal_at = now(),"
        " official_seal_by_id = filled_by_id, official_seal_unit_id = issuing_unit_id"
    ),
    "unsealed_certificate_bears_no_seal": (
        "UPDATE certificates_certificate SET official_seal_at = now()"
    ),
    "certificate_on_its_path_lies_on_a_blank": (
        "UPDATE certificates_certificate SET blank_serial = NULL"
    ),
    "sealed_certificate_keeps_its_blank": (
        "UPDATE certificates_certificate SET state = 'sealed', official_seal_at = now(),"
        " official_seal_by_id = (SELECT max(id) FROM organizations_account),"
        " official_seal_unit_id = issuing_unit_id, blank_serial = blank_serial + 100000"
    ),
    "blank_carries_at_most_one_certificate": (
        "INSERT INTO certificates_filling (certificate_id, serial, filled_at)"
        " SELECT certificate_id, serial, now() FROM certificates_filling LIMIT 1"
    ),
    "filling_is_never_changed": "DELETE FROM certificates_filling",
    "certificate_equals_accepted_row": (
        "INSERT INTO certificates_certificate (number, register_id, row_id, position, state,"
        " blank_serial, name, sex, id_kind, id_number_cipher, id_number_index, id_number_masked,"
        " work_unit, specialty, qualification, grade, approval_date, document_number,"
        " issuing_unit_id, approving_department_id, embosser_id, level, approved_person_id,"
        " filled_at, recipient, recipient_relation) SELECT 'FORGED', register_id, row_id,"
        " position, state,"
        " blank_serial + 5000, name, sex, id_kind, id_number_cipher, id_number_index,"
        " id_number_masked, work_unit, specialty, qualification, grade, approval_date,"
        " document_number, issuing_unit_id, approving_department_id, embosser_id, level,"
        " approved_person_id, filled_at, '', ''"
        " FROM certificates_certificate LIMIT 1"
    ),
    "audit_event_is_never_changed": "UPDATE audit_auditevent SET actor_name = 'x'",
    "only_one_audit_head": (
        "INSERT INTO audit_audithead (\"only\", sequence, digest) VALUES (false, 0, '')"
    ),
    "only_one_municipal_office": (
        "INSERT INTO organizations_organization (name, short_name, kind, has_authority,"
        " is_approving_department, uscc, valid_from)"
        " VALUES ('另一个市职改办', '', 'municipal_office', true, false, '', '2020-01-01')"
    ),
    "unit_without_authority_has_supervisor": (
        "UPDATE organizations_organization SET supervisor_id = NULL"
    ),
    "account_has_known_role": "UPDATE organizations_account SET role = 'emperor'",
    "spoiled_blank_is_replaced_once": (
        "UPDATE blanks_spoilage SET needs_blank = true WHERE replaced_by IS NOT NULL"
    ),
    "who_submitted_does_not_accept": (
        "UPDATE registers_register SET accepted_by_id = submitted_by_id"
    ),
    "register_of_unit_without_authority_is_endorsed": (
        "UPDATE registers_register SET endorsed_at = NULL"
    ),
    "accepted_register_has_no_errors": "UPDATE registers_register SET error_count = 1",
    "destruction_is_confirmed_by_a_second_person": (
        "INSERT INTO blanks_destruction (grade, serials, count, proposed_at, proposed_by_id,"
        " confirmed_at, confirmed_by_id) SELECT 'senior', '[]', 0, now(), id, now(), id"
        " FROM organizations_account LIMIT 1"
    ),
}


@pytest.fixture
def filled_city(city: City) -> City:
    """A register of three, filled in, one blank spoiled and replaced; its print is asked for."""
    from zhicheng.certificates.printjobs.starting import start
    from zhicheng.certificates.spoilage import spoil

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
    start(actor=city.who("health", "clerk"), register_id=register.pk, grade="intermediate")
    return city


def refused_by(statement: str) -> str:
    """The name of the constraint that refuses the statement."""
    with pytest.raises(DatabaseError) as refused, transaction.atomic():
        _execute(statement)
    return refused.value.__cause__.diag.constraint_name  # type: ignore[union-attr]


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_the_database_refuses_by_name(filled_city: City) -> None:
    assert {name: refused_by(statement) for name, statement in CASES.items()} == {
        name: name for name in CASES
    }
    assert reconcile().passed


@pytest.mark.parametrize(
    ("table", "figure", "constraint"),
    [
        ("registers_register", "made_count", "register_begins_with_nothing_counted"),
        ("registers_register", "photo_count", "register_begins_with_nothing_counted"),
        ("approvals_approvaldocument", "issued_count", "document_begins_with_nothing_counted"),
    ],
)
def test_what_is_new_begins_with_nothing_counted(
    filled_city: City, table: str, figure: str, constraint: str
) -> None:
    """A copy of what is there, which would bring its own figure."""
    copy = (
        f"INSERT INTO {table} SELECT (jsonb_populate_record(t, jsonb_build_object('id', 900000,"
        f" 'number', 'X', 'made_count', 0, 'photo_count', 0, '{figure}', %s))).* FROM {table} t"
        " LIMIT 1"
    )
    assert refused_by(copy % 1) == constraint
    with transaction.atomic():
        _execute(copy % 0)


def test_a_department_stands_once_with_a_register(filled_city: City) -> None:
    """With the guard of the table switched off."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
    again = (
        "INSERT INTO certificates_registerapprover (department_id, register_id)"
        " SELECT department_id, register_id FROM certificates_registerapprover"
    )
    assert refused_by(again) == "department_stands_once_with_a_register"


def test_senior_certificates_have_no_other_embosser(city: City) -> None:
    register = accepted_register(city, 2, grades=["senior"])
    deliver(city, 10, grade="senior")
    carry(city, register, "filled")
    insert = CASES["certificate_equals_accepted_row"].replace("'FORGED'", "number")
    head, _, values = insert.rpartition("embosser_id")
    insert = f"{head}issuing_unit_id{values}"
    assert refused_by(insert) == "senior_embossed_by_municipal_office"


def test_one_person_has_one_certificate_whatever_the_rows_say(city: City) -> None:
    """Invariant 4, with the guards of rows and certificates switched off."""
    register = accepted_register(city, 2)
    deliver(city, 10)
    carry(city, register, "filled")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
    same = (
        "UPDATE certificates_certificate c SET id_number_index = o.id_number_index"
        " FROM certificates_certificate o WHERE o.id <> c.id"
    )
    assert refused_by(same) == "one_certificate_per_person_and_qualification"
    number = "UPDATE certificates_certificate SET number = 'the same'"
    assert refused_by(number).startswith("certificates_certificate_number")
    blank = "UPDATE certificates_certificate SET blank_serial = 12001"
    assert refused_by(blank) == "blank_carries_one_certificate_now"


SABOTAGE = {
    "blank.without_custodian": "DELETE FROM blanks_holding WHERE serials @> 12010::bigint",
    "blank.never_printed": (
        "UPDATE blanks_holding SET serials = '[12008,12900)' WHERE serials @> 12010::bigint"
    ),
    "balance.differs": "DELETE FROM blanks_movement WHERE reason = 'receipt'",
    "holding.astray": (
        "UPDATE blanks_holding SET custody_id ="
        " (SELECT id FROM blanks_custody WHERE state = 'spoiled') WHERE serials @> 12010::bigint"
    ),
    "history.differs": (
        "UPDATE blanks_holdinghistory SET serials = int8range(lower(serials) + 1, upper(serials))"
        " WHERE NOT upper_inf(period) AND range_size(serials) > 1"
    ),
    "movement.balance_differs": "UPDATE blanks_movement SET target_after = target_after + 1",
    "certificate.blank_astray": (
        "UPDATE certificates_certificate SET blank_serial = 12015 WHERE position = 2"
    ),
    "blank.without_certificate": (
        "UPDATE certificates_certificate SET blank_serial = NULL, state = 'awaiting_blank'"
        " WHERE position = 2"
    ),
    "certificate.filling_missing": "DELETE FROM certificates_filling",
    "register.too_many_blanks": (
        "UPDATE registers_registerrow SET accepted = false WHERE position = 1"
    ),
    "print_page.blank_differs": (
        "UPDATE certificates_printpage SET serial = serial + 500 WHERE state = 'waiting'"
    ),
    "certificate.differs_from_row": (
        "UPDATE registers_registerrow SET specialty = '外科' WHERE position = 1"
    ),
}


def test_reconcile_finds_what_went_past_the_triggers(filled_city: City) -> None:
    """Whoever owns the database can switch triggers off; the proof finds what they did."""
    _execute("SELECT 1")
    for kind, statement in SABOTAGE.items():
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL session_replication_role = replica")
                cursor.execute(statement)
                assert cursor.rowcount, kind
            assert kind in {fault["kind"] for fault in reconcile().faults}, kind
            transaction.set_rollback(True)
    assert reconcile().passed
