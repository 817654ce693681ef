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
    run(examples=5, steps=25)


@pytest.mark.long
@pytest.mark.django_db
def test_no_long_order_of_steps_breaks_an_application() -> None:
    run(examples=80, steps=80)
    # The search went to the rare places, too.
    rare = {
        "issue",
        "exchange",
        "lose_blank",
        "blank found",
        "take_back",
        "return_spoiled",
        "find",
        "agree at district",
        "return at approving",
        "refuse at department",
    }
    assert {name for name in rare if not STEPS[f"{name} done"]} == set()
