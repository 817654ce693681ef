import pytest

from tests.support.city import City, found_city


@pytest.fixture
def city(db: None) -> City:
    """The small city, in a transaction that is rolled back."""
    return found_city()
