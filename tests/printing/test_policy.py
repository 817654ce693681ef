"""Whether the official seal waits for a confirmed print: off at first, dated, lifted in words."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from tests.support.city import City, accepted_register, carry, deliver
from tests.support.deadlines import was_set_for
from tests.support.printing import printed, started
from tests.support.working import work_off
from zhicheng.certificates import actions as path
from zhicheng.certificates.models import PrintPolicy
from zhicheng.certificates.printjobs.ending import confirm
from zhicheng.certificates.printjobs.policy import (
    print_is_required,
    set_print_policy,
    state_filled_otherwise,
)
from zhicheng.registers.models import Register
from zhicheng.values.refusal import Refusal
from zhicheng.values.serials import parse_ranges

pytestmark = pytest.mark.django_db


@pytest.fixture
def register(city: City) -> Register:
    made = accepted_register(city, 4)
    deliver(city, 12)
    carry(city, made, "filled")
    return made


def require_prints(city: City, days: int = 0, *, required: bool = True) -> None:
    set_print_policy(
        actor=city.who("office", "officer"),
        valid_from=timezone.localdate() + timedelta(days=days),
        required=required,
    )


def seal(city: City, register: Register) -> int:
    return path.seal(actor=city.who("health", "officer"), register_id=register.pk).count


def test_the_seal_waits_for_nothing_until_the_office_says_so(
    city: City, register: Register
) -> None:
    assert not print_is_required()
    require_prints(city, days=7)  # from next week on
    assert not print_is_required()
    assert seal(city, register) == 4


def test_n8_with_the_rule_only_what_was_printed_and_confirmed_is_sealed(
    city: City, register: Register
) -> None:
    require_prints(city)
    clerk = city.who("health", "clerk")
    with pytest.raises(Refusal) as refused:
        seal(city, register)
    assert refused.value.rule == "certificate.not_printed" and "4 本" in refused.value.found
    job = started(clerk, register)
    printed(clerk, job)
    with pytest.raises(Refusal):  # printed, not confirmed
        seal(city, register)
    first = job.pages.order_by("serial")[0]
    outcome = confirm(actor=clerk, job_id=job.pk, serials=parse_ranges(str(first.serial)))
    with pytest.raises(Refusal) as again:  # the misprint lies on a spare, not printed yet
        seal(city, register)
    assert "1 本" in again.value.found
    (follower,) = outcome.followers
    work_off()
    printed(clerk, follower)
    confirm(actor=clerk, job_id=follower.pk)
    assert seal(city, register) == 4


def test_a_unit_that_fills_in_by_other_means_says_so_and_seals(
    city: City, register: Register
) -> None:
    require_prints(city)
    clerk = city.who("health", "clerk")
    with pytest.raises(Refusal):
        state_filled_otherwise(actor=clerk, register_id=register.pk, reason="  ")
    made = state_filled_otherwise(actor=clerk, register_id=register.pk, reason="打字机填制")
    assert made.reason == "打字机填制"
    assert seal(city, register) == 4


def test_the_rule_ends_on_the_day_on_which_the_office_lifts_it(
    city: City, register: Register
) -> None:
    require_prints(city)
    was_set_for(PrintPolicy.objects.get(), timezone.localdate() - timedelta(days=3))
    require_prints(city, required=False)
    assert print_is_required(timezone.localdate() - timedelta(days=1))
    assert not print_is_required()
    assert seal(city, register) == 4


def test_a_statement_says_why_and_for_what(city: City, register: Register) -> None:
    for columns, values, name in (
        ("register_id, reason", f"{register.pk}, ''", "statement_says_why"),
        ("reason", "'x'", "statement_is_of_a_register_or_reissue"),
    ):
        with (
            pytest.raises(IntegrityError, match=name),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(
                f"INSERT INTO certificates_filledotherwise ({columns}, stated_at)"  # noqa: S608
                f" VALUES ({values}, now())"
            )
