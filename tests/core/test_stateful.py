"""Random orders of everything that can happen to blanks and certificates (invariants 1 to 6).

Beside the database runs a plain model; after every step both must agree on every serial, the way
it came, every certificate and every blank that is owed; every refusal must be the model's too, and
reconciliation must pass.
"""

import sys

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.core.life import STEPS
from tests.core.life_counts import CountLife
from tests.core.life_losses import LossLife
from tests.core.life_path import PathLife
from tests.core.life_stock import StockLife


class Office(PathLife, StockLife, LossLife, CountLife):
    """All groups of steps; each life is a transaction that is rolled back."""


def run(examples: int, steps: int) -> None:
    """So many random lives of so many steps; prints what was done and refused."""
    STEPS.clear()
    try:
        run_state_machine_as_test(
            Office,
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
def test_no_order_of_steps_breaks_the_invariants() -> None:
    run(examples=6, steps=40)


@pytest.mark.long
@pytest.mark.django_db
def test_no_long_order_of_steps_breaks_the_invariants() -> None:
    run(examples=60, steps=100)
    # The search went to the rare places, too.
    rare = {
        "carry_over",
        "confirm_destruction",
        "confirm_stocktake",
        "correct",
        "replace_written_off",
        "report_loss",
        "settle_case",
        "take_back",
        "transfer",
    }
    assert {name for name in rare if not STEPS[f"{name} done"]} == set()
