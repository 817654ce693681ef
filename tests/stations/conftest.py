"""A register at the counter: filled in, or sealed."""

import pytest

from tests.support.city import City, carried, found_city
from zhicheng.reference.models import Grade
from zhicheng.registers.models import Register


@pytest.fixture
def city(db: None) -> City:
    """The small city, in a transaction that is rolled back."""
    return found_city()


@pytest.fixture
def filled(city: City) -> Register:
    """Four people of intermediate grade, filled in."""
    return carried(city, "filled")


@pytest.fixture
def senior(city: City) -> Register:
    """Four people of senior grade, sealed: they go to the municipal office."""
    return carried(city, "sealed", grade=Grade.SENIOR)
