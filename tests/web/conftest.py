"""An office with one account per role, and browsers that are logged in as them."""

from collections.abc import Callable

import pytest
from django.test import Client

from tests.support.city import City, found_city
from zhicheng.organizations.models import Account, Kind, Organization
from zhicheng.organizations.permissions import Role

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def city(db: None) -> City:
    """The small city, where a test needs more than an office."""
    return found_city()


@pytest.fixture
def office() -> Organization:
    return Organization.objects.create(
        name="市职改办", short_name="市职改办", kind=Kind.MUNICIPAL_OFFICE, has_authority=True
    )


@pytest.fixture
def log_in(office: Organization) -> Callable[[Role], Client]:
    def as_role(role: Role) -> Client:
        account = Account.objects.create_account(
            role.value,
            "correct-horse-9",
            display_name="郑国平",
            organization=office,
            role=role,
        )
        client = Client()
        client.force_login(account, backend=BACKEND)
        return client

    return as_role
