"""What the database holds of print jobs by itself, whoever writes the rows."""

import pytest
from django.db import IntegrityError, connection, transaction
from psycopg import errors

from tests.support.city import accepted_register, carry, deliver, found_city
from tests.support.printing import printed, started
from zhicheng.certificates.models import PrintJob
from zhicheng.certificates.printjobs.ending import confirm

pytestmark = pytest.mark.django_db


@pytest.fixture
def jobs() -> tuple[PrintJob, PrintJob]:
    """A confirmed job of four, and an open one of four that is being printed."""
    city = found_city()
    clerk = city.who("health", "clerk")
    done = accepted_register(city, 4)
    going = accepted_register(city, 4)
    deliver(city, 30)
    for register in (done, going):
        carry(city, register, "filled")
    first = started(clerk, done)
    printed(clerk, first)
    confirm(actor=clerk, job_id=first.pk)
    second = started(clerk, going, portion_size=3)
    printed(clerk, second)
    return first, second


ENDING = "UPDATE certificates_printjob SET state = 'confirmed', ended_at = now() WHERE id = %(of)s"
PAGE = (
    "INSERT INTO certificates_printpage"
    " (job_id, portion_id, certificate_id, serial, state, code, signing_key)"
    " SELECT %(job)s, portion_id, certificate_id, {serial}, 'waiting', '', ''"
    " FROM certificates_printpage WHERE job_id = %(of)s ORDER BY id LIMIT 1"
)


# What somebody writes around the code, and the constraints one of which has to refuse it.
BROKEN = {
    # Another open job for the same certificate, another good print on the same blank.
    PAGE.format(serial="serial"): {
        "certificate_is_in_one_open_print_job",
        "blank_is_printed_well_once",
        "certificate_is_on_one_page_of_a_job",
        "blank_is_one_page_of_a_job",
    },
    PAGE.format(serial="serial + 1000"): {"page_lies_on_its_certificates_blank"},
    "UPDATE certificates_printpage SET serial = serial + 1000 WHERE job_id = %(of)s": {
        "page_lies_on_its_certificates_blank"
    },
    "UPDATE certificates_printpage SET code = 'another' WHERE job_id = %(of)s": {
        "printed_code_is_signed_once"
    },
    "UPDATE certificates_printpage SET state = 'waiting' WHERE job_id = %(done)s": {
        "what_came_of_a_page_is_settled_once"
    },
    "DELETE FROM certificates_printpage WHERE job_id = %(of)s": {"print_page_is_never_removed"},
    "DELETE FROM certificates_printjob WHERE id = %(of)s": {"print_job_is_never_removed"},
    "UPDATE certificates_printjob SET pages_count = 99 WHERE id = %(done)s": {
        "ended_print_job_stays"
    },
    "UPDATE certificates_printjob SET state = 'ready', ended_at = now() WHERE id = %(of)s": {
        "print_job_state_has_its_times"
    },
    "UPDATE certificates_printjob SET grade = 'senior' WHERE id = %(of)s": {
        "print_job_keeps_what_it_was_asked"
    },
    ENDING: {"finished_print_job_keeps_no_file"},
    "WITH gone AS (UPDATE certificates_printportion SET content = NULL"
    " WHERE job_id = %(of)s RETURNING id) SELECT count(*) FROM gone; " + ENDING: {
        "finished_print_job_settles_every_page"
    },
    "UPDATE certificates_printportion SET content = 'x' WHERE job_id = %(done)s": {
        "finished_print_job_keeps_no_file"
    },
    "UPDATE certificates_printportion SET loaded_at = NULL WHERE job_id = %(of)s": {
        "file_goes_out_after_the_first_serial_is_confirmed"
    },
    "UPDATE certificates_printportion SET sha256 = '' WHERE job_id = %(of)s": {
        "print_file_has_its_digest"
    },
}


def broken_by(statement: str, parameters: dict[str, int]) -> str | None:
    """The name of the constraint that refuses the statement."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, parameters)
    except IntegrityError as error:
        cause = error.__cause__
        assert isinstance(cause, errors.Error)
        return cause.diag.constraint_name
    return None


def test_constraints_hold_around_the_code(jobs: tuple[PrintJob, PrintJob]) -> None:
    done, going = jobs
    for statement, names in BROKEN.items():
        name = broken_by(statement, {"job": going.pk, "of": going.pk, "done": done.pk})
        assert name in names, statement


def test_a_certificate_in_an_open_job_gets_no_page_in_a_second(
    jobs: tuple[PrintJob, PrintJob],
) -> None:
    """Around the code: another job of the same register, with a page of the same certificate."""
    _done, going = jobs
    portion = going.portions.first()
    assert portion is not None
    names = [f.column for f in PrintJob._meta.concrete_fields if f.column not in ("id", "number")]
    columns = ", ".join(f'"{name}"' for name in names)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO certificates_printjob (number, {columns})"  # noqa: S608
            f" SELECT 'DY-X', {columns} FROM certificates_printjob WHERE id = %s RETURNING id",
            [going.pk],
        )
        (second,) = cursor.fetchone()
    name = broken_by(PAGE.format(serial="serial"), {"job": second, "of": going.pk})
    assert name in ("certificate_is_in_one_open_print_job", "blank_is_printed_well_once")


def test_the_files_lie_encrypted(jobs: tuple[PrintJob, PrintJob]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM certificates_printportion WHERE content IS NOT NULL")
        kept = [bytes(content) for (content,) in cursor.fetchall()]
    assert len(kept) == 2
    assert not [content for content in kept if b"%PDF" in content or b"/Page" in content]
