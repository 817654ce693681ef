import pytest

from tests.support.city import found_city
from tests.support.filing import Filing


@pytest.fixture
def filing(db: None) -> Filing:
    """The small city; its enterprise is on record for self-managed review."""
    made = Filing(found_city())
    made.self_review(made.city.enterprise)
    return made
