"""The demo city for tests that look at every page: told once, walked once."""

import os
from collections.abc import Iterator

import pytest
from pytest_django.plugin import DjangoDbBlocker

from tests.support import walking
from tests.support.demo_database import demo_database, kept
from tests.support.walking import Walk

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@pytest.fixture(scope="package")
def demo(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, worker_id: str
) -> Iterator[None]:
    """The made-up city in a database of this worker's own; tests here need no ``django_db``."""
    with django_db_blocker.unblock(), demo_database(worker_id):
        yield


@pytest.fixture(scope="package")
def by_role(demo: None) -> Walk:
    """Every address as each role sees it, and what no link leads to."""
    found: Walk = kept("by_role", walking.by_role)
    return found


@pytest.fixture(scope="package")
def walked(by_role: Walk) -> Walk:
    """Every address, as whoever is led there first and one more."""
    found: Walk = kept("walked", lambda: walking.everything(by_role))
    return found
