"""Messages to other systems: signed, repeated, given up, sent again; never into our own network."""

import hashlib
import hmac
import json
import socket
import threading
from base64 import b64decode
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from tests.support.api_city import at_rest
from tests.support.city import City, accepted_register, carry, deliver
from zhicheng.api import webhooks
from zhicheng.api.models import Delivery, DeliveryState, Subscription
from zhicheng.api.rules import Event
from zhicheng.audit.models import AuditEvent
from zhicheng.organizations.models import Organization
from zhicheng.registers.models import Register
from zhicheng.values.refusal import NotPermitted, Refusal
from zhicheng.values.webhooks import BACK_OFF, MOST_ATTEMPTS, Internal
from zhicheng.web import sending

pytestmark = pytest.mark.django_db
EVERY = [event.value for event in Event]


class Receiver(HTTPServer):
    """Another system; ``status`` is what it answers."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status = 204
        self.got: list[tuple[dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook"


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        receiver = self.server
        assert isinstance(receiver, Receiver)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        receiver.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
        self.send_response(receiver.status)
        if receiver.status == 302:
            self.send_header("Location", receiver.url)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.ZHICHENG_WEBHOOK_PRIVATE = True
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def subscribed(city: City, url: str, organization: str = "office") -> webhooks.MadeSubscription:
    return webhooks.subscribe(
        actor=city.who(organization, "officer"),
        organization=getattr(city, organization),
        url=url,
        events=EVERY,
    )


def issued(city: City, people: int = 3) -> Register:
    register = accepted_register(city, people)
    deliver(city, 20)
    carry(city, register, "issued")
    return register


def send_all() -> None:
    webhooks.spread()
    webhooks.deliver(100, 30)


def test_an_issue_is_told_signed_and_without_personal_data(city: City, receiver: Receiver) -> None:
    made = subscribed(city, receiver.url)
    register = issued(city)
    send_all()
    bodies = [json.loads(body) for _headers, body in receiver.got]
    told = {body["type"]: body["data"] for body in bodies}
    numbers = sorted(register.certificates.values_list("number", flat=True))
    assert sorted(item["number"] for item in told["certificate.issued"]["certificates"]) == numbers
    assert told["register.state_changed"]["register"] == register.number
    for headers, body in receiver.got:
        key = b64decode(made.secret.removeprefix("whsec_"))
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        expected = hmac.new(key, signed, hashlib.sha256).digest()
        version, _comma, given = headers["webhook-signature"].partition(",")
        assert version == "v1" and b64decode(given) == expected
        text = body.decode()
        for certificate in register.certificates.all():
            assert certificate.name not in text
            assert certificate.id_number_masked not in text
    assert set(Delivery.objects.values_list("state", flat=True)) == {DeliveryState.DELIVERED}
    # Told once: nothing is made or sent again.
    before = len(receiver.got)
    send_all()
    assert len(receiver.got) == before


def test_loss_and_end_are_told_from_the_subscription_on(city: City, receiver: Receiver) -> None:
    register = issued(city)
    subscribed(city, receiver.url)
    number = register.certificates.first().number  # type: ignore[union-attr]
    with at_rest(), connection.cursor() as cursor:
        for change in ("lost_at = now()", "voided_at = now(), void_reason = 'revoked'"):
            cursor.execute(
                f"UPDATE certificates_certificate SET {change} WHERE number = %s", [number]
            )
    send_all()
    certificates = [json.loads(body) for _h, body in receiver.got]
    kinds = [body["type"] for body in certificates if body["type"].startswith("certificate")]
    assert kinds == ["certificate.lost", "certificate.void"]


def test_one_that_has_ended_hears_nothing_and_all_of_it_once_its_end_is_taken_back(
    city: City, receiver: Receiver
) -> None:
    made = subscribed(city, receiver.url, "enterprise").subscription
    Organization.objects.filter(pk=city.enterprise.pk).update(
        valid_to=timezone.localdate() - timedelta(days=1)
    )
    register = accepted_register(city, 2, unit=city.enterprise)
    deliver(city, 20)
    carry(city, register, "issued")
    assert webhooks.spread() == 0
    Organization.objects.filter(pk=city.enterprise.pk).update(valid_to=None)
    webhooks.spread()
    told = Delivery.objects.filter(subscription=made, event="certificate.issued")
    (body,) = (json.loads(item.body) for item in told)
    numbers = {item["number"] for item in body["data"]["certificates"]}
    assert numbers == set(register.certificates.values_list("number", flat=True))


def test_an_organisation_hears_of_its_own_alone(city: City, receiver: Receiver) -> None:
    subscribed(city, receiver.url, "enterprise")
    issued(city)
    send_all()
    assert receiver.got == []


def test_failures_are_repeated_with_back_off_then_given_up_then_sent_again(
    city: City, receiver: Receiver, client: Client
) -> None:
    made = subscribed(city, receiver.url)
    issued(city)
    webhooks.spread()
    (issue,) = Delivery.objects.filter(event="certificate.issued")
    Delivery.objects.exclude(pk=issue.pk).delete()
    receiver.status = 500
    for attempt in range(1, MOST_ATTEMPTS + 1):
        assert webhooks.deliver_one()
        issue.refresh_from_db()
        assert issue.attempts == attempt
        assert not webhooks.deliver_one()  # not before its time
        if attempt < MOST_ATTEMPTS:
            wait = issue.next_attempt_at - timezone.now()
            assert abs(wait.total_seconds() - BACK_OFF[attempt - 1]) < 5
            issue.next_attempt_at = timezone.now() - timedelta(seconds=1)
            issue.save()
    assert issue.state == DeliveryState.DEAD
    assert issue.log[-1]["status"] == 500
    client.force_login(city.who("office", "officer"))
    assert "事件通知没有送达" in client.get("/tasks/").content.decode()
    page = client.get(made.subscription.get_absolute_url()).content.decode()
    assert "已放弃" in page and "HTTP 500" in page
    receiver.status = 200
    client.post(f"/api/webhooks/messages/{issue.message_id}/again/")
    assert webhooks.deliver_one()
    issue.refresh_from_db()
    assert issue.state == DeliveryState.DELIVERED
    assert len({headers["webhook-id"] for headers, _body in receiver.got}) == 1
    assert AuditEvent.objects.filter(tag="any:webhook:redeliver").exists()


def test_a_redirect_is_not_followed(city: City, receiver: Receiver) -> None:
    receiver.status = 302
    assert sending.post(receiver.url, b"{}", {}).status == 302
    assert len(receiver.got) == 1


def test_an_ended_subscription_gets_nothing_more(city: City, receiver: Receiver) -> None:
    made = subscribed(city, receiver.url)
    issued(city)
    webhooks.spread()
    webhooks.end_subscription(
        actor=city.who("office", "officer"), subscription_id=made.subscription.pk
    )
    send_all()
    assert receiver.got == []
    assert not Delivery.objects.filter(state=DeliveryState.WAITING).exists()


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "192.168.1.1",
        "172.20.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fd00::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "64:ff9b:1::1",
        "64:ff9b:1::7f00:1",
        "fec0::1",
        "feff:ffff::1",
        "::7f00:1",
        "::a00:1",
        "::808:808",
        "::2",
        "192.0.0.1",
        "192.0.0.9",
        "192.0.0.10",
        "192.0.0.170",
        "::ffff:192.0.0.9",
        "64:ff9b::c000:9",
        "3fff::1",
        "5f00::1",
        "4000::1",
        "nonsense",
    ],
)
def test_inner_addresses_are_not_public(address: str) -> None:
    assert not sending.is_public(address)


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "2606:4700:4700::1111", "240e::1", "::ffff:8.8.8.8", "64:ff9b::808:808"],
)
def test_open_addresses_are_public(address: str) -> None:
    assert sending.is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/",
        "https://",
        "https://user:secret@example.org/",
        "https://example.org/#part",
        "ftp://example.org/",
        "https://例子.org/",
        "https://example.org/a b",
        "https://[::1",
        "https://example.org:99999/",
        "javascript:alert(1)",
        "",
    ],
)
def test_addresses_that_nothing_is_sent_to(city: City, url: str) -> None:
    with pytest.raises(Refusal) as refused:
        subscribed(city, url)
    assert refused.value.rule == "webhook.address"
    assert not Subscription.objects.exists()


def test_a_name_that_points_inside_is_refused_when_sending(city: City) -> None:
    for url in ("https://localhost/", "https://127.0.0.1:8443/", "https://[::1]/", "https://0/"):
        sent = sending.post(url, b"{}", {})
        assert sent.status is None and ("内部地址" in sent.fault or "查不到" in sent.fault), url


def test_an_address_inside_is_refused_at_subscribing_until_the_operator_names_it(
    city: City, settings: Any
) -> None:
    with pytest.raises(Refusal) as refused:
        subscribed(city, "https://10.20.0.9/hook")
    assert refused.value.rule == "webhook.internal"
    assert "ZHICHENG_WEBHOOK_INTERNAL" in refused.value.mend
    settings.ZHICHENG_WEBHOOK_INTERNAL = Internal.parse("10.20.0.0/16")
    assert subscribed(city, "https://10.20.0.9/hook").subscription.pk
    with pytest.raises(Refusal):
        subscribed(city, "https://10.21.0.9/hook")


def test_subscribing_tells_nothing_of_the_names_inside(
    city: City, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that points inside is taken like one that doesn't exist; figures are judged."""
    asked = []
    real = socket.getaddrinfo

    def noted(host: str, port: int, *rest: int, flags: int = 0, **more: int) -> object:
        if not flags & socket.AI_NUMERICHOST:
            asked.append(host)
        return real(host, port, *rest, flags=flags, **more)

    monkeypatch.setattr(socket, "getaddrinfo", noted)
    for url in ("https://localhost/hook", "https://no-such-host.invalid/hook"):
        assert subscribed(city, url).subscription.pk
    assert asked == []
    for url in ("https://127.0.0.1/", "https://[::1]/", "https://0/", "https://2130706433/"):
        with pytest.raises(Refusal) as refused:
            subscribed(city, url)
        assert refused.value.rule == "webhook.internal", url
    # The operator's own word is checked: a name never stands for this machine itself.
    settings.ZHICHENG_WEBHOOK_INTERNAL = Internal.parse("localhost")
    with pytest.raises(Refusal) as refused:
        subscribed(city, "https://localhost/other")
    assert refused.value.rule == "webhook.internal"


def test_subscriptions_need_the_officer_and_are_recorded(city: City) -> None:
    for actor in (city.who("office", "clerk"), city.who("health", "officer")):
        with pytest.raises(NotPermitted):
            webhooks.subscribe(
                actor=actor, organization=city.office, url="https://example.org/", events=EVERY
            )
    made = subscribed(city, "https://example.org/hook")
    event = AuditEvent.objects.get(tag="any:webhook:subscribe")
    assert made.secret not in json.dumps(event.data)
    with pytest.raises(Refusal) as refused:
        subscribed(city, "https://example.org/hook")
    assert refused.value.rule == "webhook.subscribed"
