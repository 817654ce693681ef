import pytest
from django.test import Client
from django.utils import timezone

from tests.registers_pages.conftest import LogIn
from tests.support.city import City, found_city
from tests.support.filing import Filing
from zhicheng.organizations.models import Organization
from zhicheng.registers.models import NumberingRule
from zhicheng.registers.numbering import actions


@pytest.fixture
def filing(db: None) -> Filing:
    return Filing(found_city())


@pytest.fixture
def city(filing: Filing) -> City:
    return filing.city


@pytest.fixture
def log_in(city: City) -> LogIn:
    """A browser in which that organisation's account of that role is logged in."""

    def enter(organization: str, role: str) -> Client:
        client = Client()
        client.force_login(
            city.who(organization, role), backend="django.contrib.auth.backends.ModelBackend"
        )
        return client

    return enter


def set_rule(city: City, unit: Organization | None = None, **fields: object) -> NumberingRule:
    """A rule of the health department: GZC codes, five digits, all grades in one row."""
    return actions.set_rule(
        actor=city.who("office", "officer"),
        unit=unit or city.health,
        **{
            "valid_from": timezone.localdate(),
            "pattern": "W{年}{等级}{流水5}",
            "senior_code": "G",
            "intermediate_code": "Z",
            "junior_code": "C",
            **fields,
        },
    )
