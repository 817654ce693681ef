"""A print job from its start to the confirmed result, and who may have one (N6, N8, N18)."""

from pathlib import Path

import pytest

from tests.documents.reading import page_texts
from tests.support.city import City, accepted_register, carry
from tests.support.printing import printed, serials_of, started
from tests.support.working import work_off
from zhicheng.audit.models import AuditEvent
from zhicheng.certificates.models import Certificate, PrintJob, PrintPortion
from zhicheng.certificates.printjobs.ending import cancel, confirm
from zhicheng.certificates.printjobs.lifecycle import PRINT_JOB
from zhicheng.certificates.printjobs.preparing import prepare_again
from zhicheng.certificates.printjobs.starting import start
from zhicheng.certificates.printjobs.tray import hand_out
from zhicheng.credentials import actions as keys
from zhicheng.credentials.queries import published_keys
from zhicheng.organizations.guard import CONSOLE
from zhicheng.organizations.models import Account
from zhicheng.registers.models import Register
from zhicheng.values.refusal import Conflict, Refusal
from zhicheng.work.models import Work

pytestmark = pytest.mark.django_db


def test_n8_a_job_goes_from_the_worker_through_the_tray_to_the_confirmed_result(
    register: Register, clerk: Account
) -> None:
    job = started(clerk, register, portion_size=4)
    assert job.state == "ready"
    assert [p.count for p in job.portions.all()] == [4, 4, 2]
    sheets = printed(clerk, job)
    assert job.state == "printing"
    texts = [text for item in sheets for text in page_texts(item.pdf)]
    serials = serials_of(register)
    assert len(texts) == 10
    for text, serial in zip(texts, serials, strict=True):
        certificate = Certificate.objects.get(blank_serial=serial)
        assert certificate.number in text and certificate.name in text
    outcome = confirm(actor=clerk, job_id=job.pk)
    assert (outcome.good, outcome.spoiled, outcome.followers) == (10, [], [])
    job.refresh_from_db()
    assert job.state == "confirmed"
    assert set(job.pages.values_list("state", flat=True)) == {"good"}
    tags = list(AuditEvent.objects.order_by("sequence").values_list("tag", flat=True))
    assert tags.count("unit:certificate:print") == 3
    assert tags.count("unit:print_job:load") == 3
    assert tags[-1] == "unit:print_job:confirm"


def test_a_certificate_is_never_in_two_open_jobs_nor_printed_twice_on_a_blank(
    register: Register, clerk: Account
) -> None:
    some = list(register.certificates.order_by("blank_serial").values_list("pk", flat=True))
    job = started(clerk, register, certificate_ids=some[:3])
    with pytest.raises(Conflict) as refused:
        start(actor=clerk, register_id=register.pk, grade="intermediate", certificate_ids=some[2:5])
    assert refused.value.rule == "printing.in_open_job" and job.number in refused.value.found
    rest = started(clerk, register)
    assert rest.pages_count == 7  # 'all' means: all that are in no job
    printed(clerk, job)
    confirm(actor=clerk, job_id=job.pk)
    with pytest.raises(Refusal) as again:
        start(actor=clerk, register_id=register.pk, grade="intermediate", certificate_ids=some[:1])
    assert again.value.rule == "printing.printed_before" and "废旧" in again.value.mend
    with pytest.raises(Refusal) as ended:
        hand_out(actor=clerk, job_id=job.pk, number=1)
    assert ended.value.rule == "printing.tray_not_confirmed"


def test_a_job_of_which_nothing_was_printed_is_cancelled_and_its_files_go(
    register: Register, clerk: Account
) -> None:
    job = started(clerk, register)
    assert PrintPortion.objects.exclude(content=None).count() == 1
    cancel(actor=clerk, job_id=job.pk)
    assert not PrintPortion.objects.exclude(content=None).exists()
    second = started(clerk, register)
    assert second.pages_count == 10
    printed(clerk, second)
    with pytest.raises(Refusal) as refused:
        cancel(actor=clerk, job_id=second.pk)
    assert refused.value.rule == "printing.already_printed"
    confirm(actor=clerk, job_id=second.pk)
    assert not PrintPortion.objects.exclude(content=None).exists()


def test_a_job_cancelled_while_it_is_made_makes_no_file(register: Register, clerk: Account) -> None:
    (job,) = start(actor=clerk, register_id=register.pk, grade="intermediate")
    cancel(actor=clerk, job_id=job.pk)
    work_off()
    work = Work.objects.get(token=job.asked)
    assert work.state == "done"
    assert not PrintPortion.objects.exclude(content=None).exists()


def test_n8_blanks_of_two_editions_make_two_jobs(city: City, clerk: Account) -> None:
    from datetime import date

    from zhicheng.blanks import actions as stock
    from zhicheng.values.serials import SerialRange

    register = accepted_register(city, 6)
    chief = city.who("office", "officer")
    for first, last, year in ((90001, 90004, 2024), (90005, 90040, 2026)):
        stock.record_print_run(
            actor=chief,
            grade="intermediate",
            serials=SerialRange(first, last),
            received_on=date(2026, 1, 5),
            edition=year,
        )
    carry(city, register, "filled")
    jobs = start(actor=clerk, register_id=register.pk, grade="intermediate")
    assert [(job.edition, job.pages_count) for job in jobs] == [(2024, 4), (2026, 2)]


def test_the_diagram_in_the_docs_is_the_table() -> None:
    told = Path(__file__).parents[2] / "docs" / "printing.md"
    assert PRINT_JOB.mermaid() in told.read_text("utf-8")


def test_n6_the_approval_document_is_compared_before_printing(
    register: Register, clerk: Account
) -> None:
    person = register.rows.first().approved_person  # type: ignore[union-attr]
    assert person is not None
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "UPDATE approvals_approvedperson SET specialty = '外科' WHERE id = %s", [person.pk]
        )
    with pytest.raises(Refusal) as refused:
        start(actor=clerk, register_id=register.pk, grade="intermediate")
    assert refused.value.rule == "certificate.approval_changed"
    assert not PrintJob.objects.exists()


def test_n18_nothing_is_printed_unsigned(register: Register, clerk: Account) -> None:
    key = published_keys()[0]
    keys.retire(actor=CONSOLE, key_id=key.key_id.hex())
    (job,) = start(
        actor=clerk, register_id=register.pk, grade="intermediate", address="https://a.example/"
    )
    work_off()
    work = Work.objects.get(token=job.asked)
    assert work.state == "refused" and work.refusal["rule"] == "credential.no_key"
    assert not PrintPortion.objects.exclude(content=None).exists()
    keys.generate(actor=CONSOLE)
    prepare_again(actor=clerk, job_id=job.pk)
    work_off()
    job.refresh_from_db()
    assert job.state == "ready"


def test_only_the_issuing_units_clerk_prints(city: City, register: Register) -> None:
    from zhicheng.values.refusal import NotPermitted

    for who in (("health", "officer"), ("hospital", "clerk"), ("office", "officer")):
        with pytest.raises(NotPermitted):
            start(actor=city.who(*who), register_id=register.pk, grade="intermediate")
