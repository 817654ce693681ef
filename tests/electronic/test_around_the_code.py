"""Plain SQL against the tables of electronic certificates is refused (invariants 3, 4, 8)."""

import pytest
from django.db import IntegrityError, connection, transaction

from tests.electronic.batches import make
from tests.electronic.conftest import Online
from tests.support.city import City, accepted_register
from zhicheng.certificates.models import Certificate
from zhicheng.values.refusal import Refusal


def _sql(statement: str, *parameters: object) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def test_a_signed_file_never_changes_around_the_code(made: list[Certificate]) -> None:
    for statement in (
        "UPDATE electronic_electronicfile SET signed_sha256 = repeat('0', 64)",
        "UPDATE electronic_electronicfile SET is_test = false",
        "DELETE FROM electronic_electronicfile",
        "UPDATE files_storedfile SET content = 'x'",
        "DELETE FROM certificates_certificate",
        "UPDATE certificates_certificate SET name = 'x' WHERE medium = 'electronic'",
        "UPDATE certificates_certificate SET state = 'awaiting_photo'",
    ):
        with pytest.raises(IntegrityError):
            _sql(statement)


def _certificate_values(city: City, online: Online, state: str) -> tuple[str, list[object]]:
    person = online(1).people.get()
    columns = (
        "medium, origin, number, position, approved_person_id, state, name, sex, id_kind,"
        " id_number_cipher, id_number_index, id_number_masked, work_unit, specialty,"
        " qualification, grade, level, approval_date, document_number, issuing_unit_id,"
        " approving_department_id, embosser_id, issued_at, recipient, recipient_relation"
    )
    statement = (
        f"INSERT INTO certificates_certificate ({columns})"
        " SELECT 'electronic', 'online', %s, 1, p.id, %s, p.name, p.sex, p.id_kind,"
        " p.id_number_cipher, p.id_number_index, p.id_number_masked, p.work_unit, p.specialty,"
        " p.qualification, p.grade, p.level, p.approval_date, d.number, d.approving_department_id,"
        " d.approving_department_id, d.approving_department_id,"
        " CASE %s WHEN 'issued' THEN now() END, '', ''"
        " FROM approvals_approvedperson p JOIN approvals_approvaldocument d"
        " ON d.id = p.document_id WHERE p.id = %s"
    )
    return statement, ["X1", state, state, person.pk]


def test_nothing_is_issued_without_its_file_around_the_code(city: City, online: Online) -> None:
    """Invariant 3, the first direction."""
    statement, values = _certificate_values(city, online, "issued")
    with pytest.raises(IntegrityError, match="signed file alone"):
        _sql(statement, *values)
    statement, values = _certificate_values(city, online, "awaiting_photo")
    _sql(statement, *values)
    with pytest.raises(IntegrityError, match="signed file alone"):
        _sql("UPDATE certificates_certificate SET state = 'issued', issued_at = now()")


def test_no_file_without_an_issued_certificate_around_the_code(
    city: City, online: Online, made: list[Certificate]
) -> None:
    """Invariant 3, the second direction; and no second file for the same certificate."""
    statement, values = _certificate_values(city, online, "awaiting_photo")
    _sql(statement, *values)
    waiting = Certificate.objects.get(state="awaiting_photo")
    copied = (
        "WITH f AS (INSERT INTO files_storedfile (token, name, content_type, size, sha256,"
        " kept_sha256, content, stored_at) SELECT gen_random_uuid(), 'x', content_type, size,"
        " repeat('a', 64), %s, content, now() FROM files_storedfile LIMIT 1 RETURNING id)"
        " INSERT INTO electronic_electronicfile (certificate_id, file_id, template_version, maker,"
        " data_cipher, unsigned_size, unsigned_sha256, signed_sha256, level, signer, signer_name,"
        " is_test, credential_key, signed_at) SELECT %s, f.id, 1, '', '', 1, repeat('a', 64),"
        " repeat('b', 64), '', repeat('c', 64), '', true, '', now() FROM f"
    )
    with pytest.raises(IntegrityError, match="signed file alone"):
        _sql(copied, "b" * 64, waiting.pk)
    with pytest.raises(IntegrityError, match="not the signed one"):
        _sql(copied, "c" * 64, waiting.pk)
    with pytest.raises(IntegrityError, match="certificate_id"):
        _sql(copied, "b" * 64, made[0].pk)


def test_n17_paper_and_electronic_exclude_each_other(city: City, online: Online) -> None:
    """A register's row takes nobody of an online document, and the other way round."""
    register = accepted_register(city, 1)
    row = register.rows.get()
    assert row.approved_person is not None
    with pytest.raises(Refusal):
        make(city, row.approved_person.document)
    person = online(1).people.get()
    with pytest.raises(IntegrityError):
        _sql("UPDATE registers_registerrow SET approved_person_id = %s", person.pk)
