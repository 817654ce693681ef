"""The small city, and one of its clerks."""

import pytest

from tests.support.city import City, found_city
from zhicheng.organizations.models import Account


@pytest.fixture
def city(db: None) -> City:
    return found_city()


@pytest.fixture
def clerk(city: City) -> Account:
    return city.who("health", "clerk")
