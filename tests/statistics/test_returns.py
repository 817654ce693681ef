"""The return rate of a year counts what happened in that year, whatever became of a register."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from tests.support.city import City, accepted_register, found_city
from tests.support.filing import Filing
from zhicheng.audit.models import AuditEvent
from zhicheng.organizations.permissions import Action
from zhicheng.registers import actions
from zhicheng.registers.models import Register
from zhicheng.statistics.areas import area_of
from zhicheng.statistics.processes import Unit, units
from zhicheng.statistics.templatetags.figures import papers

CHINA = ZoneInfo("Asia/Shanghai")


def _work_of(city: City, year: int) -> dict[int, Unit]:
    found = units(area_of(city.who("office", "officer")), year)
    return {unit.code: unit for unit in found}


@pytest.mark.django_db
def test_resubmitting_and_withdrawing_forget_no_return() -> None:
    filing = Filing(found_city())
    city, this = filing.city, timezone.localdate().year
    clerk = city.who("hospital", "clerk")
    made, other = filing.filed(filing.lines(1)), filing.filed(filing.lines(1))
    health = city.health.pk
    assert (_work_of(city, this)[health].registers, _work_of(city, this)[health].returned) == (2, 0)
    actions.return_register(
        actor=city.who("office", "officer"), register_id=made.pk, reason="工作单位有误"
    )
    actions.withdraw(actor=clerk, register_id=other.pk)
    other.refresh_from_db()
    assert other.submitted_at is None
    actions.submit(actor=clerk, register_id=made.pk)
    actions.return_register(
        actor=city.who("health", "officer"), register_id=made.pk, reason="仍有误"
    )
    actions.submit(actor=clerk, register_id=made.pk)
    actions.withdraw(actor=clerk, register_id=made.pk)
    unit = _work_of(city, this)[health]
    # Two registers were on their way; one of them was sent back, by whomever, how often ever.
    assert (unit.registers, unit.returned, unit.return_rate) == (2, 1, 50.0)
    # The numbers lead to just these registers: the office, and the unit itself.
    for organization in ("office", "health"):
        client = Client()
        client.force_login(city.who(organization, "officer"))
        (own,) = [
            item
            for item in units(area_of(city.who(organization, "officer")), this)
            if item.code == health
        ]
        assert (own.registers, own.returned) == (2, 1)
        for name in ("registers", "returned"):
            assert client.get(own.lists[name]).context["page"].count == getattr(own, name)
            assert str(papers(getattr(own, name), own.lists[name])).startswith("<a href=")


def _happened(register: Register, action: Action, at: datetime) -> None:
    last = AuditEvent.objects.order_by("-sequence").values_list("sequence", flat=True).first()
    AuditEvent.objects.create(
        sequence=(last or 0) + 1,
        occurred_at=at,
        tag=action.value,
        actor_name="某人",
        subject_type="registers.register",
        subject_id=register.pk,
        key_id="k",
        previous=b"",
        digest=b"",
    )


@pytest.mark.django_db
def test_a_past_years_rate_stays_when_a_register_goes_on_in_another_year(city: City) -> None:
    first, second = (accepted_register(city, 1) for _ in range(2))
    submit, back = Action.REGISTER_SUBMIT, Action.REGISTER_RETURN
    # The last hour of a Chinese year is another year's in Greenwich, and the other way round.
    _happened(first, submit, datetime(2024, 3, 1, tzinfo=CHINA))
    _happened(first, back, datetime(2024, 12, 31, 23, 30, tzinfo=CHINA))
    _happened(second, submit, datetime(2024, 12, 31, 23, 59, tzinfo=CHINA))
    health = city.health.pk
    before = _work_of(city, 2024)[health]
    assert (before.registers, before.returned) == (2, 1)
    _happened(second, Action.REGISTER_RETURN_BY_DEPARTMENT, datetime(2025, 1, 1, tzinfo=CHINA))
    for register in (first, second):
        _happened(register, submit, datetime(2025, 2, 1, tzinfo=CHINA))
    Register.objects.filter(pk=first.pk).update(submitted_at=datetime(2025, 2, 1, tzinfo=CHINA))
    assert _work_of(city, 2024)[health] == before
    after = _work_of(city, 2025)[health]
    assert (after.registers, after.returned, after.return_rate) == (2, 1, 50.0)
