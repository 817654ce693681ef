"""A search of the whole city is the worker's, for whoever asks on the page."""

import pytest
from django.test import Client

from tests.support.city import City, found_city
from tests.support.working import work_off
from zhicheng.audit.models import AuditEvent
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> City:
    return found_city()


def of(account: Account) -> Client:
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_search_is_asked_for_once_and_done_by_the_worker(city: City) -> None:
    client = of(city.who("office", "auditor"))
    looked = AuditEvent.objects.filter(tag=Action.ANOMALY_LOOK)
    first, again = (client.post("/anomalies/look/")["Location"] for _time in range(2))
    assert first == again and first.startswith("/jobs/") and not looked.exists()
    work_off()
    assert looked.get().actor_id == city.who("office", "auditor").pk
    assert "查找完成" in client.get(first, follow=True).content.decode()


def test_nobody_else_asks_for_one(city: City) -> None:
    assert of(city.who("office", "officer")).post("/anomalies/look/").status_code == 403
