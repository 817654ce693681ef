"""N18: what is counted against the books; every difference is a case, never a correction."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.core.test_loss import held, ready, state_of
from tests.support.city import City, carry, deliver
from zhicheng.audit.verify import verify
from zhicheng.blanks.case_rules import SerialBlocked, stocktake_differences
from zhicheng.blanks.investigations import report_loss, settle_case
from zhicheng.blanks.models import (
    BlankCase,
    CustodyState,
    Holding,
    Sighting,
    Stocktake,
    StocktakeCount,
)
from zhicheng.blanks.rules import difference
from zhicheng.blanks.stocktaking import (
    abandon_stocktake,
    confirm_stocktake,
    count_serials,
    finish_stocktake,
    resume_stocktake,
    set_stocktake_policy,
    start_stocktake,
    withdraw_count,
)
from zhicheng.certificates.models import Certificate
from zhicheng.certificates.reconcile import reconcile
from zhicheng.reference.models import Grade
from zhicheng.values.refusal import NotPermitted, Refusal
from zhicheng.values.serials import SerialRange, parse_ranges, ranges_of


def serials_of(texts: list[str]) -> set[int]:
    return {n for item in parse_ranges(",".join(texts)) for n in range(item.first, item.last + 1)}


def begin(city: City, organization: str = "office", **scope: str) -> Stocktake:
    return start_stocktake(actor=city.who(organization, "clerk"), **scope)


def count_in(city: City, stocktake: Stocktake, *serials: int, who: str = "office") -> None:
    count_serials(
        actor=city.who(who, "clerk"), stocktake_id=stocktake.pk, serials=ranges_of(serials)
    )


def finish(city: City, stocktake: Stocktake, who: str = "office") -> Stocktake:
    return finish_stocktake(actor=city.who(who, "clerk"), stocktake_id=stocktake.pk)


def confirm(city: City, stocktake: Stocktake, who: str = "office") -> Stocktake:
    return confirm_stocktake(actor=city.who(who, "officer"), stocktake_id=stocktake.pk)


def fine() -> None:
    report = reconcile()
    assert report.passed, report.faults
    chain = verify()
    assert chain.passed, chain.faults


def test_n18_a_count_that_agrees_ends_without_a_case(city: City) -> None:
    deliver(city, 30)
    stocktake = begin(city)
    assert stocktake.expected_count == 30
    count_in(city, stocktake, *range(12001, 12021))
    # A second sitting, another person.
    count_serials(
        actor=city.who("office", "officer2"),
        stocktake_id=stocktake.pk,
        serials=[SerialRange(12021, 12030)],
    )
    done = confirm(city, finish(city, stocktake))
    assert (done.state, done.missing, done.surplus) == ("confirmed", [], [])
    assert not BlankCase.objects.exists()
    fine()


def test_n18_what_is_missing_is_blocked_and_has_a_case_and_what_is_surplus_stays_in_the_books(
    city: City,
) -> None:
    register = ready(city, 10, "issued")
    strange = held(register, CustodyState.ON_CERTIFICATE)[0]
    here = Holding.objects.get(custody__state="store").serials
    stocktake = begin(city)
    count_in(city, stocktake, *range(here.lower + 2, here.upper))
    count_in(city, stocktake, strange, 990001)
    finished = finish(city, stocktake)
    assert serials_of(finished.missing) == {here.lower, here.lower + 1}
    assert serials_of(finished.surplus) == {strange, 990001}
    # Nothing moves before a second person confirms.
    assert state_of(here.lower) == ("store", None)
    before = state_of(strange)
    confirm(city, stocktake)
    assert state_of(here.lower) == ("lost", None)
    assert state_of(strange) == before
    cases = {(case.kind, case.grade): serials_of(case.serials) for case in BlankCase.objects.all()}
    assert cases == {
        ("stock_shortage", "intermediate"): {here.lower, here.lower + 1},
        ("stock_surplus", "intermediate"): {strange},
        ("stock_surplus", ""): {990001},
    }
    shortage = BlankCase.objects.get(kind="stock_shortage")
    settle_case(
        actor=city.who("office", "officer2"),
        case_id=shortage.pk,
        outcome="counted_wrong",
        conclusion="漏扫一捆",
    )
    assert state_of(here.lower) == ("store", None)
    fine()


def test_n9_a_certificate_missing_in_a_count_goes_on_with_a_spare(city: City) -> None:
    register = ready(city, 20, "sealed")
    stocktake = begin(city, "health")
    missing = held(register, CustodyState.FILLING)[0]
    spare = held(register, CustodyState.SPARE)[0]
    everything = [*held(register, CustodyState.FILLING), spare]
    count_in(city, stocktake, *(n for n in everything if n != missing), who="health")
    confirm(city, finish(city, stocktake, "health"), "health")
    certificate = Certificate.objects.get(blank_serial=spare)
    assert certificate.state == "filled"
    # The officer who confirmed may still put the seal on it.
    assert certificate.filled_by == city.who("health", "clerk")
    assert BlankCase.objects.get().register == register
    fine()


def test_n18_work_goes_on_during_a_count_and_what_moved_is_no_difference(city: City) -> None:
    register = ready(city, 10, "received")
    deliver(city, 10)
    stocktake = begin(city, "health")
    lying = held(register, CustodyState.UNIT) + held(register, CustodyState.SPARE)
    count_in(city, stocktake, *lying[3:], who="health")
    # All ten certificates are filled in, sealed and issued meanwhile.
    for step in ("filled", "sealed", "embossed", "issued"):
        carry_on(city, register, step)
    done = finish(city, stocktake, "health")
    assert (done.missing, done.surplus) == ([], [])
    assert serials_of(done.moved) == set(held(register, CustodyState.ON_CERTIFICATE))
    confirm(city, done, "health")
    fine()


def carry_on(city: City, register: object, step: str) -> None:
    from tests.support import city as support

    steps = support.STEPS
    support.STEPS = (step,)
    try:
        carry(city, register, step)  # type: ignore[arg-type]
    finally:
        support.STEPS = steps


def test_n18_a_lost_blank_in_a_count_is_refused_and_raises_its_alarm(city: City) -> None:
    deliver(city, 20)
    (case,) = report_loss(
        actor=city.who("office", "clerk"), serials=[SerialRange(12005, 12006)], note="不见了"
    )
    stocktake = begin(city)
    with pytest.raises(SerialBlocked) as refused:
        count_serials(
            actor=city.who("office", "clerk"),
            stocktake_id=stocktake.pk,
            serials=[SerialRange(12001, 12020)],
        )
    assert case.number in refused.value.found
    assert not StocktakeCount.objects.exists()
    assert Sighting.objects.get().case == case
    count_in(city, stocktake, *range(12001, 12005), *range(12007, 12021))
    assert (finish(city, stocktake).missing, stocktake.surplus) == ([], [])


def test_a_blank_is_counted_once_and_a_wrong_entry_is_taken_back(city: City) -> None:
    deliver(city, 10)
    stocktake = begin(city)
    count_in(city, stocktake, 12001, 12002)
    again = count_serials(
        actor=city.who("office", "officer"),
        stocktake_id=stocktake.pk,
        serials=[SerialRange(12002, 12004)],
    )
    assert (again.new, again.again) == ((SerialRange(12003, 12004),), (SerialRange(12002, 12002),))
    wrong = StocktakeCount.objects.get(serials__contains=12003)
    withdraw_count(actor=city.who("office", "clerk"), count_id=wrong.pk)
    with pytest.raises(Refusal) as twice:
        withdraw_count(actor=city.who("office", "clerk"), count_id=wrong.pk)
    assert twice.value.rule == "stocktake.withdrawn"
    count_in(city, stocktake, 12003)
    done = finish(city, stocktake)
    assert serials_of(done.missing) == set(range(12004, 12011))


def test_n18_each_step_of_a_count_has_its_people_and_its_time(city: City) -> None:
    with pytest.raises(Refusal) as empty:
        begin(city)
    assert empty.value.rule == "stocktake.nothing_held"
    deliver(city, 5)
    with pytest.raises(NotPermitted):
        start_stocktake(actor=city.who("office", "auditor"))
    with pytest.raises(NotPermitted):
        start_stocktake(actor=city.who("health", "embosser"))
    with pytest.raises(Refusal) as scope:
        begin(city, scope="filling")
    assert scope.value.rule == "stocktake.scope_unknown"
    stocktake = begin(city)
    with pytest.raises(Refusal) as running:
        begin(city)
    assert running.value.rule == "stocktake.running"
    with pytest.raises(NotPermitted):
        count_in(city, stocktake, 12001, who="health")
    with pytest.raises(Refusal) as early:
        confirm(city, stocktake)
    assert early.value.rule == "stocktake.wrong_state"
    finish_stocktake(actor=city.who("office", "officer"), stocktake_id=stocktake.pk)
    with pytest.raises(Refusal) as late:
        count_in(city, stocktake, 12001)
    assert late.value.rule == "stocktake.wrong_state"
    with pytest.raises(Refusal) as same:
        confirm(city, stocktake)
    assert same.value.rule == "stocktake.same_person"
    with pytest.raises(NotPermitted):
        confirm_stocktake(actor=city.who("office", "clerk"), stocktake_id=stocktake.pk)
    with pytest.raises(Refusal) as seen:
        abandon_stocktake(actor=city.who("office", "clerk"), stocktake_id=stocktake.pk, note="算了")
    assert seen.value.rule == "stocktake.shortage_seen"
    resume_stocktake(actor=city.who("office", "clerk"), stocktake_id=stocktake.pk)
    with pytest.raises(Refusal) as unsaid:
        abandon_stocktake(actor=city.who("office", "clerk"), stocktake_id=stocktake.pk, note=" ")
    assert unsaid.value.rule == "stocktake.no_reason"
    abandon_stocktake(actor=city.who("office", "clerk"), stocktake_id=stocktake.pk, note="搬库房")
    assert not BlankCase.objects.exists()
    begin(city)


def test_n18_the_office_does_not_count_for_a_unit(city: City) -> None:
    ready(city, 5, "received")
    stocktake = begin(city, "health")
    with pytest.raises(Refusal) as refused:
        count_in(city, stocktake, 12001)
    assert refused.value.rule == "stocktake.not_the_custodian"


def test_n18_a_shortage_that_moved_after_the_end_is_not_confirmed(city: City) -> None:
    deliver(city, 20)
    stocktake = begin(city)
    count_in(city, stocktake, 12005)
    finish(city, stocktake)
    report_loss(
        actor=city.who("office", "officer"), serials=[SerialRange(12001, 12001)], note="不见了"
    )
    with pytest.raises(Refusal) as moved:
        confirm(city, stocktake)
    assert moved.value.rule == "stocktake.moved_since"
    resume_stocktake(actor=city.who("office", "clerk"), stocktake_id=stocktake.pk)
    done = finish(city, stocktake)
    assert serials_of(done.moved) == {12001}
    confirm(city, done)
    fine()


def test_the_period_of_counting_is_a_dated_setting(city: City) -> None:
    from django.utils import timezone

    from zhicheng.blanks.queries.stocktakes import overdue, period

    today = timezone.localdate()
    assert period(today) == 6
    set_stocktake_policy(actor=city.who("office", "officer"), valid_from=today, months=1)
    assert period(today) == 1
    with pytest.raises(Refusal):
        set_stocktake_policy(actor=city.who("office", "officer"), valid_from=today, months=0)
    with pytest.raises(NotPermitted):
        set_stocktake_policy(actor=city.who("office", "clerk"), valid_from=today, months=3)
    deliver(city, 3)
    assert overdue(city.office, today) == []
    in_two_months = today.replace(year=today.year + 1)
    assert [grade for grade, _since in overdue(city.office, in_two_months)] == [Grade.INTERMEDIATE]
    stocktake = begin(city)
    count_in(city, stocktake, 12001, 12002, 12003)
    confirm(city, finish(city, stocktake))
    assert overdue(city.office, today) == []


sets = st.sets(st.integers(1, 40))


@given(before=sets, now=sets, counted=sets)
@settings(max_examples=300, deadline=None)
def test_differences_are_those_of_sets(before: set[int], now: set[int], counted: set[int]) -> None:
    missing, surplus, moved = stocktake_differences(
        ranges_of(before), ranges_of(now), ranges_of(counted)
    )
    assert missing == ranges_of((before & now) - counted)
    assert surplus == ranges_of(counted - (before | now))
    assert moved == ranges_of(before ^ now)


@given(wanted=sets, available=sets)
@settings(max_examples=300, deadline=None)
def test_the_difference_of_ranges_is_that_of_sets(wanted: set[int], available: set[int]) -> None:
    assert difference(ranges_of(wanted), ranges_of(available)) == ranges_of(wanted - available)


@pytest.mark.long
@given(
    missing=st.sets(st.integers(12001, 12030), max_size=12),
    surplus=st.sets(st.integers(12031, 12060), max_size=8),
    sittings=st.integers(1, 4),
    seed=st.randoms(use_true_random=False),
)
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_random_holdings_against_random_counts(
    city: City, missing: set[int], surplus: set[int], sittings: int, seed: object
) -> None:
    """Differences are exactly the set difference, and the cases name exactly those serials."""
    from django.db import transaction

    with transaction.atomic():
        first = deliver(city, 30)
        other = deliver(city, 30, grade=Grade.SENIOR)
        shift = first.first - 12001
        gone = {n + shift for n in missing}
        strange = {n + shift for n in surplus}
        assert strange <= set(range(other.first, other.last + 1))
        stocktake = begin(city, grade=Grade.INTERMEDIATE)
        lying = sorted((set(range(first.first, first.last + 1)) - gone) | strange)
        seed.shuffle(lying)  # type: ignore[attr-defined]
        for sitting in range(sittings):
            part = lying[sitting::sittings]
            if part:
                count_in(city, stocktake, *part)
        done = confirm(city, finish(city, stocktake))
        assert serials_of(done.missing) == gone
        assert serials_of(done.surplus) == strange
        named: dict[str, set[int]] = {"stock_shortage": set(), "stock_surplus": set()}
        for case in done.cases.all():
            assert not named[case.kind] & serials_of(case.serials)
            named[case.kind] |= serials_of(case.serials)
        assert named == {"stock_shortage": gone, "stock_surplus": strange}
        lost = Holding.objects.filter(custody__state=CustodyState.LOST)
        assert {n for h in lost for n in range(h.serials.lower, h.serials.upper)} == gone
        report = reconcile()
        assert report.passed, report.faults
        transaction.set_rollback(True)
