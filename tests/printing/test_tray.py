"""The tray: its first serial, its order, and what never came into it (N8)."""

import pytest

from tests.documents.reading import page_texts
from tests.support.printing import printed, serials_of, started
from tests.support.working import work_off
from zhicheng.audit.models import AuditEvent
from zhicheng.certificates.models import PrintPage
from zhicheng.certificates.printjobs.ending import confirm
from zhicheng.certificates.printjobs.preparing import prepare_again
from zhicheng.certificates.printjobs.tray import hand_out, load, recut
from zhicheng.certificates.spoilage import spoil
from zhicheng.organizations.models import Account
from zhicheng.registers.models import Register
from zhicheng.values.refusal import Conflict, Refusal
from zhicheng.values.serials import format_serial, parse_ranges, ranges_of

pytestmark = pytest.mark.django_db


def test_n8_the_tray_is_refused_when_its_first_serial_is_another(
    register: Register, clerk: Account
) -> None:
    job = started(clerk, register, portion_size=4)
    serials = serials_of(register)
    with pytest.raises(Refusal) as refused:
        load(actor=clerk, job_id=job.pk, serial=serials[2])
    said = refused.value
    assert said.rule == "printing.wrong_first_serial"
    assert (said.found, said.expected) == (format_serial(serials[2]), format_serial(serials[0]))
    assert "改从此编号开始" in said.mend
    with pytest.raises(Refusal) as refused:
        load(actor=clerk, job_id=job.pk, serial=serials[-1] + 1)
    assert "先把它取出" in refused.value.mend
    with pytest.raises(Refusal) as refused:
        hand_out(actor=clerk, job_id=job.pk, number=1)
    assert refused.value.rule == "printing.tray_not_confirmed"
    assert not AuditEvent.objects.filter(tag="unit:certificate:print").exists()


def test_n8_the_next_tray_waits_until_the_last_one_was_printed(
    register: Register, clerk: Account
) -> None:
    job = started(clerk, register, portion_size=4)
    serials = serials_of(register)
    load(actor=clerk, job_id=job.pk, serial=serials[0])
    with pytest.raises(Conflict) as refused:
        load(actor=clerk, job_id=job.pk, serial=serials[4])
    assert refused.value.rule == "printing.portion_not_printed"


def test_n8_printing_can_begin_at_another_serial_and_the_rest_comes_last(
    register: Register, clerk: Account
) -> None:
    job = started(clerk, register, portion_size=4)
    serials = serials_of(register)
    load(actor=clerk, job_id=job.pk, serial=serials[0])
    hand_out(actor=clerk, job_id=job.pk, number=1)
    recut(actor=clerk, job_id=job.pk, serial=serials[7])
    job.refresh_from_db()
    assert job.state == "preparing"
    work_off()
    job.refresh_from_db()
    assert job.state == "printing"
    portions = list(job.portions.order_by("number"))
    assert [(p.number, p.count) for p in portions] == [(1, 4), (2, 3), (3, 3)]
    assert portions[1].serials == [str(item) for item in ranges_of(serials[7:])]
    assert portions[2].serials == [str(item) for item in ranges_of(serials[4:7])]
    sheets = printed(clerk, job)
    assert [len(page_texts(item.pdf)) for item in sheets] == [3, 3]
    with pytest.raises(Refusal) as refused:
        recut(actor=clerk, job_id=job.pk, serial=serials[8])
    assert refused.value.rule == "printing.not_in_job"
    confirm(actor=clerk, job_id=job.pk)
    assert PrintPage.objects.filter(state="good").count() == 10


def test_what_never_went_into_the_tray_is_left_to_a_job_that_follows(
    register: Register, clerk: Account
) -> None:
    job = started(clerk, register, portion_size=4)
    serials = serials_of(register)
    load(actor=clerk, job_id=job.pk, serial=serials[0])
    hand_out(actor=clerk, job_id=job.pk, number=1)
    with pytest.raises(Refusal) as refused:
        confirm(actor=clerk, job_id=job.pk)
    assert refused.value.rule == "printing.portions_left"
    outcome = confirm(
        actor=clerk, job_id=job.pk, serials=parse_ranges(str(serials[1])), rest_later=True
    )
    (follower,) = outcome.followers
    spare = outcome.spoiled[0].replaced_by
    assert spare is not None
    assert sorted(follower.pages.values_list("serial", flat=True)) == sorted([*serials[4:], spare])


def test_a_blank_that_is_spoiled_elsewhere_leaves_the_job_and_its_file(
    register: Register, clerk: Account
) -> None:
    job = started(clerk, register, portion_size=4)
    serials = serials_of(register)
    spoil(actor=clerk, register_id=register.pk, serials=[serials[1]], reason="damaged")
    assert dict(job.pages.values_list("serial", "state"))[serials[1]] == "spoiled"
    with pytest.raises(Refusal) as refused:
        load(actor=clerk, job_id=job.pk, serial=serials[0])
    assert refused.value.rule == "printing.file_destroyed"
    prepare_again(actor=clerk, job_id=job.pk)
    work_off()
    load(actor=clerk, job_id=job.pk, serial=serials[0])
    sheets = hand_out(actor=clerk, job_id=job.pk, number=1)
    assert len(page_texts(sheets.pdf)) == 3
    assert format_serial(serials[1]) not in "".join(page_texts(sheets.pdf))
    # Its certificate lies on a spare now, and can be printed by a job of its own.
    assert started(clerk, register).pages_count == 1
