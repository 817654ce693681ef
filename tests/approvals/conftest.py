import pytest

from tests.support.city import found_city
from tests.support.filing import Filing


@pytest.fixture
def filing(db: None) -> Filing:
    """The small city's hospital with its papers."""
    return Filing(found_city())
