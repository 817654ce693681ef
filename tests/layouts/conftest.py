"""The small city, for layouts and printers."""

import pytest

from tests.support.city import City, found_city


@pytest.fixture
def city(db: None) -> City:
    return found_city()
