"""The demo city for tests that look at every page: loaded once, walked once."""

import os
from collections.abc import Iterator

import pytest
from pytest_django.plugin import DjangoDbBlocker

from tests.support.walking import ROLES, Walk, walk

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@pytest.fixture(scope="package")
def demo(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[None]:
    """The made-up city in one transaction that is never kept."""
    from django.db import transaction

    from zhicheng.credentials.actions import generate
    from zhicheng.credentials.models import SigningKey
    from zhicheng.demo.load import load
    from zhicheng.organizations.guard import CONSOLE

    with django_db_blocker.unblock(), transaction.atomic():
        if not SigningKey.objects.exists():
            generate(actor=CONSOLE)
        assert load(tmp_path_factory.mktemp("demo") / "accounts.json")
        yield
        transaction.set_rollback(True)


# Those who can do most first: what they saw isn't asked for again.
SOME = ("", "hospital.clerk", "office.officer", "health.clerk", "admin", "auditor", *ROLES)


@pytest.fixture(scope="package")
def walked(demo: None) -> Walk:
    """Every address, as whoever is led there first and one more."""
    return walk(SOME, new_only=True)
