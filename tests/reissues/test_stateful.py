"""Random orders of everything that can happen to applications (N10-N14, invariants 3-6)."""

import sys

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.reissues.life import STEPS, ReissueLife


def run(examples: int, steps: int) -> None:
    """So many random lives of so many steps; prints what was done and refused."""
    STEPS.clear()
    try:
        run_state_machine_as_test(
            ReissueLife,
            settings=settings(
                max_examples=examples,
                stateful_step_count=steps,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                print_blob=True,
            ),
        )
    finally:
        told = "".join(f"{number:6} {what}\n" for what, number in sorted(STEPS.items()))
        sys.stdout.write(told)


@pytest.mark.django_db
def test_no_order_of_steps_breaks_an_application() -> None:
    run(examples=3, steps=25)


# Places to which chance seldom leads: an application's kind and unit, its steps, and what must have
# been done there. "forward" is the next step of the ordinary way, as often as the number says.
RARE = {
    "refuse at department": ("renewal", "district", [("forward", 7), "refuse_by_opinion"]),
    "refuse at approving": ("replacement", "health", [("forward", 6), "refuse_by_opinion"]),
    "return at approving": ("replacement", "health", [("forward", 6), "send_back_by_opinion"]),
    "return at department": ("renewal", "health", [("forward", 6), "send_back_by_opinion"]),
    "find": ("replacement", "health", [("forward", 10), "find"]),
    "take_back": ("replacement", "health", [("forward", 9), "withdraw", "take_back"]),
    "exchange": ("renewal", "health", [("forward", 10), "spoil", "exchange"]),
    "return_spoiled": ("renewal", "health", [("forward", 11), "withdraw", "return_spoiled"]),
    "blank found": ("replacement", "health", [("forward", 9), "lose_blank", "hand_out"]),
    "agree at district": ("replacement", "district", [("forward", 7)]),
}


@pytest.mark.django_db
def test_the_rare_places_are_as_the_model_says() -> None:
    STEPS.clear()
    life = ReissueLife()
    try:
        life.found()
        for wanted, (kind, unit, steps) in RARE.items():
            before = STEPS[f"{wanted} done"]
            old = next(pk for pk, old in life.olds.items() if not old.void and not life.running(pk))
            pk = life.start(kind, unit, old)
            for step in steps:
                for name in [step] if isinstance(step, str) else [""] * step[1]:
                    life.step(pk, name or next(n for key, n in life.forward() if key == pk))
            assert STEPS[f"{wanted} done"] > before, (wanted, life.apps[pk])
            life.every_application_is_where_the_model_says()
            life.no_blank_without_complete_papers()
            life.never_two_in_force()
            if life.steps["withdraw"][0](life.apps[pk]):
                life.step(pk, "withdraw")
    finally:
        life.teardown()


# In parts, so that several processes share them, and one part is done within minutes.
@pytest.mark.long
@pytest.mark.django_db
@pytest.mark.parametrize("part", range(5))
def test_no_long_order_of_steps_breaks_an_application(part: int) -> None:
    run(examples=16, steps=80)
    # The search went all the way, and off it.
    for name in ("issue", "return_spoiled", "agree at district", "withdraw", "spoil"):
        assert STEPS[f"{name} done"], name
