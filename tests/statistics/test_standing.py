"""Who stands on a register counts for its units once it is submitted, and no longer (N19)."""

import pytest
from django.db import connection

from tests.support.city import City
from tests.support.filing import Filing
from zhicheng.organizations.models import Kind, Organization
from zhicheng.registers import actions
from zhicheng.registers.models import Register, RegisterRow
from zhicheng.statistics import refreshing
from zhicheng.statistics.models import Pending, PersonFact

pytestmark = pytest.mark.django_db


def _counted_for(register: Register) -> set[tuple[int, int]]:
    """(unit, issuer) of those who stand on it, after the worker's round; nothing is amiss."""
    refreshing.refresh()
    assert refreshing.differences() == []
    people = register.rows.values_list("approved_person_id", flat=True)
    facts = PersonFact.objects.filter(person_id__in=[key for key in people if key])
    assert len(facts) == len(people)
    return set(facts.values_list("unit_id", "issuer_id"))


def test_a_draft_moves_nobody_submission_does_and_return_and_withdrawal_take_it_back(
    city: City,
) -> None:
    filing = Filing(city)
    lines = filing.lines(3)
    refreshing.rebuild()
    elsewhere = Organization.objects.create(
        name="某研究院", kind=Kind.REPORTING_UNIT, supervisor=city.industry
    )
    register = filing.upload(lines)
    people = [row.approved_person for row in register.rows.select_related("approved_person")]
    for person in people:
        # Working elsewhere by the approval document: so it shows who is moved.
        type(person).objects.filter(pk=person.pk).update(work_unit=elsewhere.name)
    home = {(elsewhere.pk, city.industry.pk)}
    moved = {(city.hospital.pk, city.health.pk)}
    clerk, officer = city.who("hospital", "clerk"), city.who("health", "officer")
    assert _counted_for(register) == home
    actions.submit(actor=clerk, register_id=register.pk)
    assert _counted_for(register) == moved
    actions.withdraw(actor=clerk, register_id=register.pk)
    assert _counted_for(register) == home
    actions.submit(actor=clerk, register_id=register.pk)
    assert _counted_for(register) == moved
    actions.return_register(actor=officer, register_id=register.pk, reason="请核对")
    assert _counted_for(register) == home
    actions.submit(actor=clerk, register_id=register.pk)
    actions.endorse(actor=officer, register_id=register.pk)
    assert _counted_for(register) == moved
    actions.accept(actor=city.who("office", "officer"), register_id=register.pk)
    assert _counted_for(register) == moved


def test_changed_rows_are_noted_just_those_however_many_after_a_single_one(city: City) -> None:
    filing = Filing(city)
    register = filing.upload(filing.lines(12))
    rows = RegisterRow.objects.filter(register=register)
    first, *others = rows.order_by("pk").values_list("approved_person_id", flat=True)

    def noted() -> list[int | None]:
        found = sorted(Pending.objects.filter(kind="p").values_list("object_id", flat=True))
        Pending.objects.all().delete()
        return [*found]

    noted()
    rows.filter(approved_person_id=first).update(approved_person=None)
    assert noted() == [first]
    rows.update(approved_person=None)
    assert noted() == sorted(others)  # the first has none already
    rows.update(approved_person=first)
    assert noted() == [first] * 12
    rows.update(work_unit="另一单位")
    assert noted() == []


def test_the_note_of_changed_rows_is_planned_for_the_rows_that_there_are() -> None:
    """A plan kept from an update of one row compares each changed row with each."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'statistics_note_changed_rows'")
        ((body,),) = cursor.fetchall()
    before, _execute, after = body.partition("EXECUTE '")
    assert "past" in after and "past" not in before and "INSERT" not in before
