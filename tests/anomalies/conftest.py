"""A city with an auditor, and the database's clock turned for one table."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection

from tests.support.city import City, found_city
from zhicheng.organizations.models import Account


@pytest.fixture
def city(db: None) -> City:
    return found_city()


@pytest.fixture
def auditor(city: City) -> Account:
    return city.who("office", "auditor")


@contextmanager
def behind_the_guards() -> Iterator[None]:
    """Triggers are off: for dates that lie back, and for what nobody can do any more."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET session_replication_role = replica")
        try:
            yield
        finally:
            cursor.execute("SET session_replication_role = origin")


def put(statement: str, *values: object) -> None:
    """One statement behind the product's back."""
    with behind_the_guards(), connection.cursor() as cursor:
        cursor.execute(statement, values)
