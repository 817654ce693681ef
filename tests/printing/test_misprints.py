"""Misprints and jams: which blanks are spoiled, and what prints in their place (N9)."""

import pytest
from django.db.models import F

from tests.support.city import City
from tests.support.printing import printed, serials_of, started
from tests.support.working import work_off
from zhicheng.certificates import actions as path
from zhicheng.certificates.models import PrintPage
from zhicheng.certificates.printjobs.ending import confirm
from zhicheng.certificates.printjobs.tray import hand_out, load
from zhicheng.certificates.reconcile import reconcile
from zhicheng.organizations.models import Account
from zhicheng.registers.models import Register
from zhicheng.values.refusal import Refusal
from zhicheng.values.serials import parse_ranges

pytestmark = pytest.mark.django_db


def test_n9_misprints_become_spoiled_and_are_printed_again_on_spares(
    register: Register, clerk: Account
) -> None:
    job = started(clerk, register)
    printed(clerk, job)
    serials = serials_of(register)
    outcome = confirm(
        actor=clerk,
        job_id=job.pk,
        serials=parse_ranges(f"{serials[3]} {serials[8]}"),
        reason="misprint",
        note="卡纸",
    )
    # One spare: the lower serial gets it, the other waits for an exchange.
    assert outcome.good == 8
    assert [item.serial for item in outcome.spoiled if item.replaced_by] == [serials[3]]
    assert [item.serial for item in outcome.due] == [serials[8]]
    (follower,) = outcome.followers
    assert follower.follows == job and follower.pages_count == 1
    (page,) = follower.pages.all()
    assert page.serial == outcome.spoiled[0].replaced_by
    assert page.certificate.blank_serial == page.serial
    assert page.certificate.fillings.count() == 2
    assert dict(job.pages.values_list("serial", "state"))[serials[3]] == "spoiled"
    work_off()
    printed(clerk, follower)
    confirm(actor=clerk, job_id=follower.pk)
    assert reconcile().passed


def test_n9_a_jam_spoils_every_later_sheet_of_its_tray_and_of_no_other(
    register: Register, clerk: Account
) -> None:
    job = started(clerk, register, portion_size=4)
    printed(clerk, job)
    serials = serials_of(register)
    outcome = confirm(actor=clerk, job_id=job.pk, serial_from=serials[5])
    assert [item.serial for item in outcome.spoiled] == serials[5:8]
    assert outcome.good == 7


def test_a_blank_that_came_out_empty_stays_in_use_and_is_printed_by_the_next_job(
    register: Register, clerk: Account
) -> None:
    job = started(clerk, register)
    printed(clerk, job)
    serials = serials_of(register)
    outcome = confirm(actor=clerk, job_id=job.pk, unprinted=parse_ranges(str(serials[9])))
    (follower,) = outcome.followers
    assert [page.serial for page in follower.pages.all()] == [serials[9]]
    assert not outcome.spoiled


def test_n9_only_what_was_printed_here_can_be_called_a_misprint(
    register: Register, clerk: Account
) -> None:
    job = started(clerk, register, portion_size=4)
    serials = serials_of(register)
    load(actor=clerk, job_id=job.pk, serial=serials[0])
    hand_out(actor=clerk, job_id=job.pk, number=1)
    for named in (serials[5], serials[-1] + 3):
        with pytest.raises(Refusal) as refused:
            confirm(
                actor=clerk,
                job_id=job.pk,
                serials=parse_ranges(str(named)),
                rest_later=True,
            )
        assert refused.value.rule == "printing.not_printed_here"
    with pytest.raises(Refusal) as refused:
        confirm(
            actor=clerk,
            job_id=job.pk,
            serials=parse_ranges(str(serials[1])),
            unprinted=parse_ranges(str(serials[1])),
            rest_later=True,
        )
    assert refused.value.rule == "printing.both"
    assert not register.spoilages.exists()


def test_a_print_of_a_sealed_certificate_can_still_be_called_a_misprint(
    city: City, register: Register, clerk: Account
) -> None:
    job = started(clerk, register)
    printed(clerk, job)
    path.seal(actor=city.who("health", "officer"), register_id=register.pk)
    serials = serials_of(register)
    confirm(actor=clerk, job_id=job.pk, serials=parse_ranges(str(serials[0])))
    assert register.certificates.filter(state="filled").count() == 1
    assert (
        not PrintPage.objects.filter(state="good")
        .exclude(serial=F("certificate__blank_serial"))
        .exists()
    )
