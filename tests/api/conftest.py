"""A small city and a key of the municipal office."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.support.city import City, found_city
from tests.support.served import Served
from zhicheng.api.actions import MadeKey, create_key, offered_scopes


@pytest.fixture
def city(db: None) -> City:
    return found_city()


@pytest.fixture
def make_key(city: City) -> Callable[..., MadeKey]:
    """Makes a key of an organisation with everything that it may have, or with less."""

    def make(organization: str = "office", **given: object) -> MadeKey:
        unit = getattr(city, organization)
        values: dict[str, object] = {
            "name": "查询系统",
            "scopes": [scope.value for scope in offered_scopes(unit)],
            "purpose": "公众查询核对身份",
            "expires_at": timezone.now() + timedelta(days=90),
            **given,
        }
        return create_key(actor=city.who(organization, "officer"), organization=unit, **values)  # type: ignore[arg-type]

    return make


@pytest.fixture
def caller(make_key: Callable[..., MadeKey]) -> Callable[..., Client]:
    """A client that calls with a key."""

    def call(organization: str = "office", **given: object) -> Client:
        made = make_key(organization, **given)
        return Client(headers={"Authorization": f"Bearer {made.text}"})

    return call


@pytest.fixture(scope="module")
def served(django_db_setup: None, django_db_blocker: object) -> Iterator[Served]:
    """A real server on a database of its own, for the module."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        server = Served()
        try:
            yield server
        finally:
            server.stop()
