"""A register at the counter: filled in, or sealed."""

import pytest

from tests.support.city import City, accepted_register, carry, deliver, found_city
from zhicheng.reference.models import Grade
from zhicheng.registers.models import Register


@pytest.fixture
def city(db: None) -> City:
    """The small city, in a transaction that is rolled back."""
    return found_city()


@pytest.fixture
def filled(city: City) -> Register:
    """Four people of intermediate grade, filled in."""
    register = accepted_register(city, 4)
    deliver(city, 20)
    carry(city, register, "filled")
    return register


@pytest.fixture
def senior(city: City) -> Register:
    """Four people of senior grade, sealed: they go to the municipal office."""
    register = accepted_register(city, 4, grades=[Grade.SENIOR])
    deliver(city, 20, grade=Grade.SENIOR)
    carry(city, register, "sealed")
    return register
