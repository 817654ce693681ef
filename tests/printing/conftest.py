"""A city, its printing clerk, and a register whose certificates wait to be printed."""

import pytest

from tests.support.city import City, accepted_register, carry, deliver, found_city
from zhicheng.organizations.models import Account
from zhicheng.registers.models import Register


@pytest.fixture
def city(db: None) -> City:
    """The small city, in a transaction that is rolled back."""
    return found_city()


@pytest.fixture
def clerk(city: City) -> Account:
    """Whoever prints at the issuing unit."""
    return city.who("health", "clerk")


@pytest.fixture
def register(city: City) -> Register:
    """Ten certificates, filled in; one spare. Where others are needed a file has its own."""
    made = accepted_register(city, 10)
    deliver(city, 30)
    carry(city, made, "filled")
    return made
