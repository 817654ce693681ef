import pytest

from tests.support.city import City, found_city
from tests.support.counted import fill
from zhicheng.statistics import refreshing


@pytest.fixture
def city(db: None) -> City:
    """The small city, in a transaction that is rolled back."""
    return found_city()


@pytest.fixture
def few(city: City) -> City:
    """So few certificates that most units have small numbers in some year."""
    fill(city, 150)
    refreshing.rebuild()
    return city
