"""A list's filter offers the units of what its reader may see: none more, none less."""

import pytest

from tests.support.city import City, accepted_register, carry, deliver
from tests.support.pages import window
from tests.support.reissues import Way, about, issued
from zhicheng.certificates.queries import station
from zhicheng.organizations.models import Account
from zhicheng.reissues.models import Reissue
from zhicheng.reissues.queries import units_seen, visible_to
from zhicheng.reissues.views.lists import Reissues

pytestmark = pytest.mark.django_db


def _registers_units(account: Account) -> set[int]:
    return set(station.stations(account).values_list("issuing_unit", flat=True))


def test_the_units_of_registers_that_are_offered_are_those_of_ones_registers(city: City) -> None:
    deliver(city, 20)
    own = accepted_register(city, 3)
    others = accepted_register(city, 2, unit=city.enterprise, department=city.industry)
    carry(city, own, "filled")
    for account in city.accounts.values():
        offered = {unit.pk for unit in station.issuing_units(account)}
        assert offered == _registers_units(account), account
    carry(city, others, "filled")
    for account in city.accounts.values():
        offered = {unit.pk for unit in station.issuing_units(account)}
        assert offered == _registers_units(account), account
    industry = {unit.pk for unit in station.issuing_units(city.who("industry", "officer"))}
    assert others.issuing_unit_id in industry
    assert own.issuing_unit_id not in industry


def test_the_units_of_applications_that_are_offered_are_those_of_visible_ones(city: City) -> None:
    first, second = issued(city, 2)
    drafted = Way(city, about(first))

    def differing() -> list[Account]:
        return [
            account
            for account in city.accounts.values()
            if {unit.pk for unit in units_seen(account)}
            != set(visible_to(account).values_list("unit", flat=True))
        ]

    assert differing() == []
    # A draft is its own side's alone: nobody else is told that the unit has one.
    assert not units_seen(city.who("office", "officer")).exists()
    drafted.submit()
    assert differing() == []
    assert units_seen(city.who("office", "officer")).exists()
    Way(city, about(second)).submit()
    assert differing() == []


def test_n10_applications_of_a_long_list_are_found_by_any_beginning(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Reissues, "searched_whole", 1)
    for certificate in issued(city, 3):
        Way(city, about(certificate)).submit()
    client = window(city, "office", "officer")

    def shown(text: str) -> set[str]:
        page = client.get("/reissues/", {"q": text}).content.decode()
        every = Reissue.objects.values_list("receipt_number", flat=True)
        return {number for number in every if number in page}

    for row in Reissue.objects.all():
        for field in Reissues.search_fields:
            value = getattr(row, field)
            if value:
                assert row.receipt_number in shown(value), field
                assert row.receipt_number in shown(value[: max(1, len(value) - 1)]), field
    number = Reissue.objects.all()[0].old_number
    assert shown(number[1:]) == set()
    page = client.get("/reissues/", {"q": number[1:]}).content.decode()
    assert "按开头查找" in page
