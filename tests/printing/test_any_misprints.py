"""Whatever is misprinted, in whatever order: each certificate ends on exactly one blank (N9)."""

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.support.city import City, accepted_register, carry, deliver, found_city
from tests.support.printing import printed
from tests.support.working import work_off
from zhicheng.audit.verify import verify
from zhicheng.certificates import actions as path
from zhicheng.certificates.models import Certificate, Filling, PrintJob, PrintPage, PrintPortion
from zhicheng.certificates.printjobs.ending import confirm, printed_portions
from zhicheng.certificates.printjobs.starting import start
from zhicheng.certificates.printjobs.tray import pending, recut
from zhicheng.certificates.reconcile import reconcile
from zhicheng.certificates.spoilage import spoil
from zhicheng.registers.models import Register
from zhicheng.values.serials import ranges_of

PEOPLE = 7
Round = tuple[int, bool, set[int], set[int], str]
# For every round: where printing begins, what is spoiled elsewhere, what is wrong, what is empty.
rounds = st.lists(
    st.tuples(
        st.integers(0, PEOPLE),
        st.booleans(),
        st.sets(st.integers(0, PEOPLE - 1), max_size=3),
        st.sets(st.integers(0, PEOPLE - 1), max_size=2),
        st.sampled_from(["none", "from"]),
    ),
    min_size=1,
    max_size=3,
)


def check(city: City) -> None:
    """What holds after every step."""
    serials = list(
        Certificate.objects.exclude(blank_serial=None).values_list("blank_serial", flat=True)
    )
    assert len(serials) == len(set(serials))
    good = PrintPage.objects.filter(state="good").values_list("serial", flat=True)
    assert len(good) == len(set(good))
    written = set(Filling.objects.values_list("certificate", "serial"))
    assert set(PrintPage.objects.values_list("certificate", "serial")) <= written
    for job in PrintJob.objects.all():
        states = set(job.pages.values_list("state", flat=True))
        assert ("waiting" in states) <= job.is_open
        assert job.pages.count() == job.pages_count
        if not job.is_open:
            assert not PrintPortion.objects.filter(job=job).exclude(content=None).exists()
    report = reconcile()
    assert report.passed, report


@pytest.fixture
def filled(db: None) -> tuple[City, Register]:
    """A register, filled in: made once, every plan is played on it and rolled back."""
    city = found_city()
    register = accepted_register(city, PEOPLE)
    deliver(city, 40)
    carry(city, register, "filled")
    return city, register


def searched(examples: int) -> settings:
    return settings(
        max_examples=examples,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )


@searched(4)
@given(plan=rounds)
# Begun elsewhere, one blank spoiled by others, a misprint, an empty sheet; then a jam.
@example(plan=[(2, True, {0, 4}, {3}, "none"), (0, False, set(), set(), "from")])
def test_each_certificate_ends_on_exactly_one_blank(
    filled: tuple[City, Register], plan: list[Round]
) -> None:
    with transaction.atomic():
        _play(*filled, plan)
        transaction.set_rollback(True)


@pytest.mark.long
@searched(150)
@given(plan=rounds)
def test_each_certificate_ends_on_exactly_one_blank_at_length(
    filled: tuple[City, Register], plan: list[Round]
) -> None:
    with transaction.atomic():
        _play(*filled, plan)
        transaction.set_rollback(True)


def _play(city: City, register: Register, plan: list[Round]) -> None:
    clerk, officer = city.who("health", "clerk"), city.who("health", "officer")
    jobs = start(actor=clerk, register_id=register.pk, grade="intermediate", portion_size=3)
    for first, elsewhere, wrong, empty, jam in plan:
        if not jobs:
            break
        followers: list[PrintJob] = []
        for job in jobs:
            work_off()
            job.refresh_from_db()
            waiting = pending(job)
            if first < len(waiting):
                recut(actor=clerk, job_id=job.pk, serial=waiting[first])
                work_off()
            printed(clerk, job)
            if elsewhere:
                loaded = [serial for portion in printed_portions(job) for serial in portion]
                spoil(actor=clerk, register_id=register.pk, serials=loaded[-1:], reason="damaged")
            order = [serial for portion in printed_portions(job) for serial in portion]
            bad = {order[at] for at in wrong if at < len(order)}
            clean = {order[at] for at in empty if at < len(order)} - bad
            from_on = None
            if jam == "from" and order and not clean:
                from_on = order[len(order) // 2]
            outcome = confirm(
                actor=clerk,
                job_id=job.pk,
                serials=ranges_of(bad),
                serial_from=from_on,
                unprinted=ranges_of(clean),
            )
            followers += outcome.followers
            check(city)
        jobs = followers
    for job in jobs:
        work_off()
        printed(clerk, job)
        confirm(actor=clerk, job_id=job.pk)
    check(city)
    # No way leads to two certificates in force: what lies on a blank is sealed and issued once.
    if register.certificates.filter(state="filled").exists():
        path.seal(actor=officer, register_id=register.pk)
        path.emboss(actor=city.who("health", "embosser"), register_id=register.pk)
        path.issue(actor=clerk, register_id=register.pk)
    in_force = Certificate.objects.filter(state="issued").values_list("row", flat=True)
    assert len(in_force) == len(set(in_force))
    assert verify().passed
