"""What is due first isn't the oldest once a deadline was shortened (N18)."""

from datetime import date, datetime, timedelta
from operator import itemgetter

import pytest
from django.db import connection
from django.utils import timezone

from tests.support.city import City, accepted_register, carry, deliver
from tests.support.deadlines import had_deadline
from tests.support.filing import Filing
from zhicheng.certificates.models import Certificate
from zhicheng.organizations.models import Account
from zhicheng.registers.models import Register
from zhicheng.values.dated_days import allowed, shortened
from zhicheng.web.deadlines import Deadlines, first_due_of, in_use
from zhicheng.web.tasks import TaskGroup, tasks_of

from .conftest import LogIn

STEPS = [(date.min, 5), (date(2026, 3, 1), 9), (date(2026, 4, 1), 9), (date(2026, 5, 1), 2)]


def shorten(*kinds: str, ago: int, before: int = 200, after: int = 1) -> None:
    """Long ago there were ``before`` working days, since ``ago`` days there are ``after``."""
    today = timezone.localdate()
    for kind in kinds:
        for days, first in ((before, 300), (after, ago)):
            had_deadline(kind, today - timedelta(days=first), days)


def ago(days: int) -> datetime:
    return timezone.now() - timedelta(days=days)


def group_of(account: Account, kind: str) -> TaskGroup:
    (group,) = [item for item in tasks_of(account) if item.kind == kind]
    return group


def test_what_began_on_a_day_has_the_days_of_that_day() -> None:
    days = [date(2020, 1, 1), date(2026, 2, 28), date(2026, 3, 1), date(2026, 5, 1), date.max]
    assert [allowed(STEPS, day) for day in days] == [5, 5, 9, 2, 2]
    assert shortened(STEPS) == [date(2026, 5, 1)]
    assert shortened(STEPS[:3]) == shortened([]) == []


@pytest.mark.django_db
def test_the_youngest_register_is_named_first_where_its_deadline_was_shortened(
    city: City, filing: Filing, log_in: LogIn
) -> None:
    officer = city.who("office", "officer")
    filed = filing.filed(filing.lines(1))
    Register.objects.filter(pk=filed.pk).update(submitted_at=ago(20), endorsed_at=ago(20))
    young = Register.objects.get(pk=filed.pk)
    copied = {
        field.name: getattr(young, field.name)
        for field in Register._meta.concrete_fields
        if field.name not in ("id", "number", "submitted_at", "endorsed_at")
    }
    Register.objects.bulk_create(
        Register(number=f"T{number}", submitted_at=ago(60), endorsed_at=ago(60), **copied)
        for number in range(6)
    )
    shorten("register.accept", ago=30)
    group = group_of(officer, "register.accept")
    assert group.count == 7 and group.days == 60 and group.overdue
    assert group.lines[0].url.endswith(f"/{filed.pk}/") and group.lines[0].days == 20
    assert [line.late for line in group.lines] == [True, False, False, False, False]
    page = log_in("office", "officer").get("/tasks/").content.decode()
    assert "<b>1</b><span>类已逾期" in page and page.count("data-overdue") == 1
    # Whoever follows it up sees the same one.
    asked = group_of(city.who("hospital", "clerk"), "register.accept")
    assert asked.others and asked.overdue and asked.lines[0].late


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("upto", "kind", "steps", "role"),
    [
        ("sealed", "certificate.emboss", 2, "embosser"),
        ("filled", "certificate.seal", 1, "officer"),
        ("embossed", "certificate.issue", 3, "clerk"),
    ],
)
def test_one_registers_certificates_on_both_sides_of_a_shortened_deadline(
    city: City, upto: str, kind: str, steps: int, role: str
) -> None:
    def at(days: int) -> dict[str, datetime]:
        done = ("filled_at", "official_seal_at", "embossed_at")[:steps]
        return dict.fromkeys(done, ago(days))

    deliver(city, 40)
    register = accepted_register(city, 3)
    carry(city, register, upto)
    shorten(kind, ago=30)
    *old, young = register.certificates.order_by("pk").values_list("pk", flat=True)
    with connection.cursor() as cursor:  # dates are as immutable as the rest
        cursor.execute("SET LOCAL session_replication_role = replica")
        Certificate.objects.filter(pk__in=old).update(**at(60))
        Certificate.objects.filter(pk=young).update(**at(60))
        assert not group_of(city.who("health", role), kind).overdue
        Certificate.objects.filter(pk=young).update(**at(20))
        cursor.execute("SET LOCAL session_replication_role = origin")
    group = group_of(city.who("health", role), kind)
    assert group.count == 3 and group.days == 60 and group.overdue
    assert group.lines[0].late and group.lines[0].days == 20
    assert register.number in group.lines[0].label
    assert "（3）" in group.lines[0].label and len(group.lines) == 1


@pytest.mark.django_db
def test_a_register_sealed_on_many_days_leaves_the_others_their_place(city: City) -> None:
    deliver(city, 40)
    registers = [accepted_register(city, people) for people in (6, 1, 1)]
    for register in registers:
        carry(city, register, "sealed")
    long, *_others = registers
    with connection.cursor() as cursor:  # dates are as immutable as the rest
        cursor.execute("SET LOCAL session_replication_role = replica")
        for days, pk in enumerate(long.certificates.values_list("pk", flat=True), 20):
            done = dict.fromkeys(("filled_at", "official_seal_at"), ago(days))
            Certificate.objects.filter(pk=pk).update(**done)
        cursor.execute("SET LOCAL session_replication_role = origin")
    group = group_of(city.who("health", "embosser"), "certificate.emboss")
    assert group.count == 8 and len(group.lines) == 3
    assert all(
        register.number in line.label for register, line in zip(registers, group.lines, strict=True)
    )


@pytest.mark.django_db
def test_of_many_registers_to_allot_the_one_due_first_is_named(city: City) -> None:
    registers = [accepted_register(city, 1) for _ in range(7)]
    *old, young = registers
    Register.objects.filter(pk__in=[each.pk for each in old]).update(accepted_at=ago(60))
    Register.objects.filter(pk=young.pk).update(accepted_at=ago(20))
    officer = city.who("office", "officer")
    shorten("allotment.allot", ago=30, before=60, after=60)
    group = group_of(officer, "allotment.allot")
    assert not group.overdue and young.number not in "".join(line.label for line in group.lines)
    shorten("allotment.allot", ago=30)
    group = group_of(officer, "allotment.allot")
    assert group.count == 7 and group.overdue and group.days == 60
    assert [young.number in line.label for line in group.lines] == [True, *[False] * 4]


def test_of_things_that_were_read_the_oldest_few_of_each_stretch_are_named() -> None:
    now = timezone.now()
    deadlines = Deadlines({"some": [(date.min, 30), (timezone.localdate(), 2)]})
    things = [(name, now - timedelta(days=days)) for days, name in enumerate("gfedcba", 3)]
    young, never = ("young", now), ("never", None)
    with in_use(deadlines):
        found = first_due_of([young, never, *reversed(things)], itemgetter(1), "some", most=2)
    assert [name for name, _since in found] == ["a", "b", "young", "never"]
    # Where nothing was shortened the oldest are due first.
    found = first_due_of([young, *things], itemgetter(1), "some", most=2)
    assert [name for name, _since in found] == ["a", "b"]
