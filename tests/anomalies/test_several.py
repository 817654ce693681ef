"""Several anomalies are ticked, named and set aside with one reason (N18)."""

import pytest
from django.test import Client

from tests.support.city import City
from tests.support.pages import text_of
from zhicheng.anomalies.actions import _write, open_inquiry
from zhicheng.anomalies.models import Anomaly
from zhicheng.audit.models import AuditEvent
from zhicheng.organizations.models import Account
from zhicheng.web.tasks import tasks_of

from .test_inquiries import found

QUEUE = "/tasks/queue/anomaly.look_into/"


def entered(account: Account) -> Client:
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def listed(city: City) -> list[Anomaly]:
    _write([found("1", organization_id=city.health.pk), found("2"), found("3"), found("4")])
    return list(Anomaly.objects.order_by("pk"))


def test_several_are_set_aside_with_one_reason_in_one_step(
    listed: list[Anomaly], auditor: Account
) -> None:
    client = entered(auditor)
    assert QUEUE in client.get("/anomalies/").content.decode()
    (group,) = (item for item in tasks_of(auditor) if item.kind == "anomaly.look_into")
    assert group.queue == QUEUE and group.due is not None
    assert all(item.told in text_of(client.get(QUEUE)) for item in listed)
    taken = open_inquiry(actor=auditor, anomaly_ids=[listed[3].pk], subject="")
    given = {"operation": "set_aside", "pick": [item.pk for item in listed[1:]]}
    asked = text_of(client.post(f"{QUEUE}confirm/", given))
    assert "共 2 项" in asked and "另有 1 项" in asked
    bare = client.post(f"{QUEUE}confirm/", {**given, "confirmed": "1", "reason": " "})
    assert bare.status_code == 422 and not Anomaly.objects.exclude(set_aside_at=None).exists()
    done = client.post(f"{QUEUE}confirm/", {**given, "confirmed": "1", "reason": "节日值班"})
    assert "2 已办理" in text_of(client.get(done.headers["Location"]))
    aside = Anomaly.objects.exclude(set_aside_at=None)
    assert {item.pk for item in aside} == {listed[1].pk, listed[2].pk}
    assert {item.set_aside_reason for item in aside} == {"节日值班"}
    assert AuditEvent.objects.filter(tag="auditor:anomaly:set_aside").count() == 1
    listed[3].refresh_from_db()
    assert listed[3].inquiry == taken


def test_the_list_narrows_by_kind_and_unit(
    city: City, listed: list[Anomaly], auditor: Account
) -> None:
    client = entered(auditor)
    of_unit = text_of(client.get(f"{QUEUE}?unit={city.health.pk}"))
    assert listed[0].told in of_unit and listed[1].told not in of_unit
    assert listed[1].told in text_of(client.get(f"{QUEUE}?kind={listed[1].kind}"))


@pytest.mark.parametrize("who", [("office", "officer"), ("office", "administrator")])
def test_nobody_else_sees_that_list(city: City, who: tuple[str, str]) -> None:
    client = entered(city.who(*who))
    assert client.get(QUEUE).status_code == 403
    assert client.post(f"{QUEUE}confirm/", {}).status_code == 403
