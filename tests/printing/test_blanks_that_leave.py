"""A blank is spoiled elsewhere while its print job is open: nothing slips by a sheet (N9)."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.documents.reading import page_texts
from tests.support.city import City, accepted_register, carry, deliver
from tests.support.pages import text_of
from tests.support.printing import printed, started
from tests.support.working import work_off
from zhicheng.audit.models import AuditEvent
from zhicheng.certificates import actions as path
from zhicheng.certificates.models import PrintJob
from zhicheng.certificates.printjobs.ending import cancel, confirm
from zhicheng.certificates.printjobs.preparing import prepare_again
from zhicheng.certificates.printjobs.tray import hand_out, load, recut
from zhicheng.certificates.reconcile import reconcile
from zhicheng.certificates.spoilage import spoil
from zhicheng.certificates.waiting import certificates_waiting
from zhicheng.organizations.models import Account
from zhicheng.registers.models import Register
from zhicheng.values.refusal import Conflict, Refusal
from zhicheng.values.serials import format_serial, parse_ranges, ranges_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def register(city: City) -> Register:
    """Six certificates, filled in; one spare."""
    made = accepted_register(city, 6)
    deliver(city, 20)
    carry(city, made, "filled")
    return made


def serials_of(job: PrintJob) -> list[int]:
    return sorted(job.pages.values_list("serial", flat=True))


def test_a_blank_torn_while_it_is_loaded_takes_the_file_along(
    register: Register, clerk: Account
) -> None:
    """Its page would be printed on the next sheet, and every later one on a wrong blank."""
    job = started(clerk, register, portion_size=4, address="")
    serials = serials_of(job)
    load(actor=clerk, job_id=job.pk, serial=serials[0])
    spoil(actor=clerk, register_id=register.pk, serials=[serials[1]], reason="damaged")
    with pytest.raises(Refusal) as refused:
        hand_out(actor=clerk, job_id=job.pk, number=1)
    assert refused.value.rule == "printing.tray_not_confirmed"
    prepare_again(actor=clerk, job_id=job.pk)
    work_off()
    portion = load(actor=clerk, job_id=job.pk, serial=serials[0])
    left = [serials[0], *serials[2:4]]
    assert portion.serials == [str(item) for item in ranges_of(left)] and portion.count == 3
    texts = page_texts(hand_out(actor=clerk, job_id=job.pk, number=1).pdf)
    assert [format_serial(serial) in text for serial, text in zip(left, texts, strict=True)]
    told = AuditEvent.objects.filter(tag="unit:certificate:print").latest("sequence").data
    assert told["serials"] == portion.serials and told["count"] == 3


def test_a_file_that_went_out_is_not_printed_again_with_a_spoiled_page(
    register: Register, clerk: Account
) -> None:
    job = started(clerk, register, address="")
    printed(clerk, job)
    spoil(actor=clerk, register_id=register.pk, serials=serials_of(job)[2:3], reason="misprint")
    with pytest.raises(Refusal) as refused:
        hand_out(actor=clerk, job_id=job.pk, number=1)
    assert refused.value.rule == "printing.file_destroyed"
    assert confirm(actor=clerk, job_id=job.pk).good == 5


def test_a_job_whose_every_blank_was_spoiled_elsewhere_is_ended_on_its_page(
    register: Register, clerk: Account
) -> None:
    client = Client()
    client.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")
    (first, *_rest) = register.certificates.order_by("blank_serial")
    job = started(clerk, register, certificate_ids=[first.pk], address="")
    printed(clerk, job)
    spoil(
        actor=clerk,
        register_id=register.pk,
        serials=[first.blank_serial or 0],
        reason="misprint",
    )
    with pytest.raises(Conflict) as refused:
        hand_out(actor=clerk, job_id=job.pk, number=1)
    assert refused.value.rule == "printing.portion_empty"
    said = text_of(client.get(job.get_absolute_url()))
    assert "结束任务" in said and "全部完好" not in said
    client.post(f"{job.get_absolute_url()}confirm/", {"all_good": "1"})
    job.refresh_from_db()
    assert job.state == "confirmed"
    groups = {group.title: group.count for group in certificates_waiting(clerk)}
    assert groups["打印待确认"] == 0


def test_a_spoiled_page_leaves_no_tray_behind_when_the_order_changes(
    register: Register, clerk: Account
) -> None:
    job = started(clerk, register, portion_size=2, address="")
    serials = serials_of(job)
    spoil(actor=clerk, register_id=register.pk, serials=serials[:2], reason="damaged")
    recut(actor=clerk, job_id=job.pk, serial=serials[4])
    assert [(p.number, p.serials) for p in job.portions.order_by("number")] == [
        (1, [str(item) for item in ranges_of(serials[4:])]),
        (2, [str(item) for item in ranges_of(serials[2:4])]),
    ]
    work_off()
    printed(clerk, job)
    assert confirm(actor=clerk, job_id=job.pk).good == 4
    assert reconcile().passed


def test_a_new_order_costs_no_statement_for_each_tray(register: Register, clerk: Account) -> None:
    counts = []
    for size in (3, 1):
        job = started(clerk, register, portion_size=size, address="")
        with CaptureQueriesContext(connection) as queries:
            recut(actor=clerk, job_id=job.pk, serial=serials_of(job)[0])
        counts.append(len(queries))
        cancel(actor=clerk, job_id=job.pk)
    assert counts[0] == counts[1]


def test_a_confirmed_tray_that_was_not_printed_still_lets_the_job_be_cancelled(
    register: Register, clerk: Account
) -> None:
    job = started(clerk, register, address="")
    load(actor=clerk, job_id=job.pk, serial=serials_of(job)[0])
    with pytest.raises(Refusal) as refused:
        confirm(actor=clerk, job_id=job.pk, rest_later=True)
    assert refused.value.rule == "printing.nothing_printed"
    cancel(actor=clerk, job_id=job.pk)
    job.refresh_from_db()
    assert (job.state, job.loaded_at) == ("cancelled", None)
    assert started(clerk, register, address="").pages_count == 6


def test_a_result_is_confirmed_once_and_only_of_what_was_printed(
    city: City, register: Register, clerk: Account
) -> None:
    job = started(clerk, register, address="")
    serials = serials_of(job)
    printed(clerk, job)
    with pytest.raises(Refusal) as refused:  # a range that nobody could count through
        confirm(actor=clerk, job_id=job.pk, serials=parse_ranges("1-999999999999"))
    assert refused.value.rule == "printing.not_printed_here"
    sealed = list(
        register.certificates.filter(blank_serial=serials[0]).values_list("pk", flat=True)
    )
    path.seal(actor=city.who("health", "officer"), register_id=register.pk, certificate_ids=sealed)
    with pytest.raises(Refusal) as refused:
        confirm(actor=clerk, job_id=job.pk, unprinted=parse_ranges(str(serials[0])))
    assert refused.value.rule == "printing.unprinted_but_sealed"
    confirm(actor=clerk, job_id=job.pk)
    with pytest.raises(Refusal) as refused:
        confirm(actor=clerk, job_id=job.pk)
    assert refused.value.rule == "lifecycle.wrong_state"
