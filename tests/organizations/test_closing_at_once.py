"""Whoever switches on an account or files a register while its organisation ends waits (N3).

Either is refused then, or the end is.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import transaction

from tests.support.city import City, found_city
from tests.support.ending import end, run, until_waiting
from tests.support.filing import Filing
from zhicheng.organizations.actions import change_account, create_account
from zhicheng.organizations.models import Account, Organization
from zhicheng.registers.actions import submit
from zhicheng.registers.listed import people_for
from zhicheng.registers.making import make_register
from zhicheng.registers.models import Register


@pytest.mark.django_db(transaction=True)
def test_no_account_is_on_after_an_end_that_others_met_half_way() -> None:
    city = found_city()
    admin = city.who("office", "administrator")
    off, moved = city.who("district", "clerk"), city.who("enterprise", "clerk")
    Account.objects.filter(pk=off.pk).update(is_active=False)
    jobs: tuple[Callable[[], object], ...] = (
        lambda: change_account(actor=admin, account_id=off.pk, is_active=True),
        lambda: change_account(actor=admin, account_id=moved.pk, organization=city.district),
        lambda: create_account(
            actor=admin,
            username="late",
            password="a-long-password-7",
            display_name="来晚",
            organization=city.district,
            role="clerk",
        ),
    )

    with ThreadPoolExecutor(len(jobs)) as pool:
        with transaction.atomic():
            end(city, city.district)
            meanwhile = [pool.submit(run, job) for job in jobs]
            until_waiting(len(jobs))
        assert [item.result() for item in meanwhile] == ["account.organization_closed"] * 3
    assert not Account.objects.filter(organization=city.district, is_active=True).exists()


def _make(city: City) -> Register:
    people = people_for(city.hospital).values_list("pk", flat=True)
    return make_register(
        actor=city.who("hospital", "clerk"),
        unit=city.hospital,
        person_ids=list(people),
        year=2026,
        with_numbers=False,
    )


@pytest.mark.django_db(transaction=True)
def test_no_register_comes_to_an_organisation_that_ends_at_that_moment() -> None:
    city = found_city()
    filing = Filing(city)
    lines = filing.lines(2)
    jobs = (lambda: filing.upload(lines), lambda: _make(city))
    with ThreadPoolExecutor(len(jobs)) as pool:
        with transaction.atomic():
            end(city, city.hospital)
            meanwhile = [pool.submit(run, job) for job in jobs]
            until_waiting(len(jobs))
        assert [item.result() for item in meanwhile] == ["register.unit_cannot_file"] * 2
    assert not Register.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_organisation_does_not_end_while_a_register_comes_to_it() -> None:
    city = found_city()
    filing = Filing(city)
    lines = filing.lines(2)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            filing.upload(lines)
            ending = pool.submit(run, lambda: end(city, city.hospital))
            until_waiting(1)
        assert ending.result() == "organization.not_empty"
    city.hospital.refresh_from_db()
    assert city.hospital.valid_to is None and Register.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_no_register_is_handed_in_to_a_department_that_ends_at_that_moment() -> None:
    """It became the unit's department after the register was begun."""
    city = found_city()
    filing = Filing(city)
    register = filing.upload(filing.lines(2))
    Organization.objects.filter(supervisor=city.industry).update(supervisor=None)
    Organization.objects.filter(pk=city.hospital.pk).update(supervisor=city.industry)
    clerk = city.who("hospital", "clerk")
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            Organization.objects.filter(pk=city.hospital.pk).update(supervisor=city.health)
            end(city, city.industry)
            Organization.objects.filter(pk=city.hospital.pk).update(supervisor=city.industry)
            handing_in = pool.submit(run, lambda: submit(actor=clerk, register_id=register.pk))
            until_waiting(1)
        assert handing_in.result() == "register.no_department"
    register.refresh_from_db()
    assert register.state == "draft" and register.endorser == city.health
