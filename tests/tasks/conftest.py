"""A small city, its papers, and a browser."""

from collections.abc import Callable

import pytest
from django.test import Client

from tests.support.city import City, found_city
from tests.support.filing import Filing

LogIn = Callable[[str, str], Client]


@pytest.fixture
def filing(db: None) -> Filing:
    return Filing(found_city())


@pytest.fixture
def city(filing: Filing) -> City:
    return filing.city


@pytest.fixture
def log_in(city: City) -> LogIn:
    def enter(organization: str, role: str) -> Client:
        client = Client()
        client.force_login(
            city.who(organization, role), backend="django.contrib.auth.backends.ModelBackend"
        )
        return client

    return enter
