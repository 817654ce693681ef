"""Subscriptions to events: made and ended by an officer; messages made from the feed (N18, N20)."""

import json
import secrets
from base64 import b64encode
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from zhicheng.api import feed
from zhicheng.api.actions import require_own
from zhicheng.api.models import CertificateChange, Delivery, DeliveryState, Subscription
from zhicheng.api.rules import Event
from zhicheng.audit.recording import recorded, retrying
from zhicheng.certificates.queries import visible
from zhicheng.organizations.guard import Actor, account_of, require
from zhicheng.organizations.models import Account, Organization
from zhicheng.organizations.permissions import Action, Role
from zhicheng.protection import protect, reveal
from zhicheng.registers import queries as register_queries
from zhicheng.values.refusal import Conflict, Refusal
from zhicheng.values.webhooks import SECRET_BEGINNING, check_address, signature
from zhicheng.web import sending
from zhicheng.web.deliveries import Letter, Queue
from zhicheng.web.privacy import holds_id_number

TOGETHER = 200  # certificates in one message
_KINDS = {
    Event.ISSUED: "issued",
    Event.LOST: "lost",
    Event.FOUND: "found",
    Event.VOID: "void",
}


@dataclass(frozen=True)
class MadeSubscription:
    """A new subscription; ``secret`` is shown once."""

    subscription: Subscription
    secret: str


@retrying
def subscribe(
    *, actor: Actor, organization: Organization, url: str, events: Collection[str]
) -> MadeSubscription:
    """Events from now on go to the address, signed with a secret that both sides know."""
    require_own(actor, Action.WEBHOOK_SUBSCRIBE, organization)
    url = url.strip()
    check_address(url, private=sending.private_allowed())
    sending.check_reachable(url)
    if holds_id_number(url) or len(url) > 500:
        raise Refusal("webhook.address", "接收地址不能含有身份证号码，且不超过 500 字。")
    unknown = sorted(set(events) - {event.value for event in Event})
    if unknown or not events:
        raise Refusal(
            "webhook.events",
            "请至少选择一种事件。",
            found="、".join(unknown) or "没有选择",
            expected="、".join(event.value for event in Event),
        )
    secret = SECRET_BEGINNING + b64encode(secrets.token_bytes(32)).decode()
    with recorded(actor, Action.WEBHOOK_SUBSCRIBE) as record:
        if Subscription.objects.filter(organization=organization, url=url, ended_at=None).exists():
            raise Conflict("webhook.subscribed", "这个地址已经订阅。", mend="请先停止原订阅。")
        feed.number_changes()
        made = Subscription.objects.create(
            organization=organization,
            url=url,
            events=sorted(set(events)),
            secret_cipher=protect(secret),
            position=feed.head(),
            created_by=account_of(actor),
        )
        record(subject=made, data=_told(made))
    return MadeSubscription(made, secret)


@retrying
def end_subscription(*, actor: Actor, subscription_id: int) -> Subscription:
    """Nothing more is sent; what waits is given up."""
    with recorded(actor, Action.WEBHOOK_END) as record:
        found = Subscription.objects.select_for_update(of=("self",)).get(pk=subscription_id)
        require(actor, Action.WEBHOOK_END, found)
        if found.ended_at is not None:
            raise Conflict("webhook.ended", "这个订阅已经停止。")
        found.ended_at = timezone.now()
        found.save(update_fields=["ended_at"])
        found.deliveries.filter(state=DeliveryState.WAITING).update(
            state=DeliveryState.DEAD, next_attempt_at=None
        )
        record(subject=found, data=_told(found))
    return found


@retrying
def redeliver(*, actor: Actor, delivery_id: int) -> Delivery:
    """The same message again, under its own id: the other side knows it if it has it."""
    with recorded(actor, Action.WEBHOOK_REDELIVER) as record:
        found = (
            Delivery.objects.select_for_update(of=("self",))
            .select_related("subscription__organization")
            .get(pk=delivery_id)
        )
        require_own(actor, Action.WEBHOOK_REDELIVER, found.subscription.organization)
        if found.subscription.ended_at is not None:
            raise Conflict("webhook.ended", "这个订阅已经停止。")
        found.state = DeliveryState.WAITING
        found.attempts, found.delivered_at = 0, None
        found.next_attempt_at = timezone.now()
        found.save(update_fields=["state", "attempts", "delivered_at", "next_attempt_at"])
        record(subject=found.subscription, data={"message": str(found.message_id)})
    return found


def _told(subscription: Subscription) -> dict[str, object]:
    return {
        "organization": subscription.organization.name,
        "url": subscription.url,
        "events": list(subscription.events),
    }


def _heard() -> QuerySet[Subscription]:
    """The subscriptions that messages are made for: not ended, and their organisation neither."""
    existing = Organization.objects.in_force(timezone.localdate())
    return Subscription.objects.filter(ended_at=None, organization__in=existing)


def spread() -> int:
    """Makes the messages of everything that happened since the last time; gives how many."""
    feed.number_changes()
    made = 0
    for pk in _heard().values_list("pk", flat=True):
        while True:
            count, more = _spread_certificates(pk)
            made += count
            if not more:
                break
    return made + _spread_registers()


@transaction.atomic
def _spread_certificates(pk: int) -> tuple[int, bool]:
    """A batch of the feed for one subscription; its position moves in the same transaction."""
    subscription = (
        Subscription.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("organization")
        .filter(pk=pk, ended_at=None)
        .first()
    )
    if subscription is None:
        return 0, False
    last = feed.head()
    wanted = {kind: event for event, kind in _KINDS.items() if event.value in subscription.events}
    changes = CertificateChange.objects.filter(
        sequence__gt=subscription.position, sequence__lte=last
    )
    if not wanted:
        subscription.position = last
        subscription.save(update_fields=["position"])
        return 0, False
    found = changes.filter(kind__in=wanted)
    if not subscription.organization.is_municipal_office:
        found = found.filter(certificate__in=visible(_reader(subscription.organization)))
    rows = list(
        found.order_by("sequence").values_list("sequence", "kind", "certificate__number")[
            : TOGETHER * 5
        ]
    )
    messages = [
        Delivery(
            subscription=subscription,
            event=wanted[kind].value,
            body=_body(
                wanted[kind],
                {"certificates": [{"number": number, "sequence": at} for at, number in group]},
            ),
        )
        for kind, group in _grouped(rows)
    ]
    Delivery.objects.bulk_create(messages)
    more = len(rows) == TOGETHER * 5
    subscription.position = rows[-1][0] if more else max(last, subscription.position)
    subscription.save(update_fields=["position"])
    return len(messages), more


def _grouped(
    rows: Iterable[tuple[int, str, str]],
) -> Iterable[tuple[str, list[tuple[int, str]]]]:
    """Neighbours of one kind together, so that a batch of thousands is a few messages."""
    kind, group = "", list[tuple[int, str]]()
    for sequence, this, number in rows:
        if group and (this != kind or len(group) == TOGETHER):
            yield kind, group
            group = []
        kind = this
        group.append((sequence, number))
    if group:
        yield kind, group


@transaction.atomic
def _spread_registers() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH taken AS (
                DELETE FROM api_pendingregisterchange WHERE id IN (
                    SELECT id FROM api_pendingregisterchange ORDER BY id LIMIT 1000
                    FOR UPDATE SKIP LOCKED)
                RETURNING id, register_id, state, happened_at)
            SELECT register_id, state, happened_at FROM taken ORDER BY id
            """
        )
        rows = cursor.fetchall()
    if not rows:
        return 0
    made = []
    hearing = _heard().filter(events__contains=[Event.REGISTER.value])
    for subscription in hearing.select_related("organization"):
        seen = dict(
            register_queries.visible(_reader(subscription.organization))
            .filter(pk__in={register for register, _state, _at in rows})
            .values_list("pk", "number")
        )
        made += [
            Delivery(
                subscription=subscription,
                event=Event.REGISTER.value,
                body=_body(
                    Event.REGISTER,
                    {"register": seen[register], "state": state, "at": at.isoformat()},
                ),
            )
            for register, state, at in rows
            if register in seen
        ]
    Delivery.objects.bulk_create(made)
    return len(made)


def _reader(organization: Organization) -> Account:
    """A clerk of the organisation, as whom is decided what it may hear of; never saved."""
    return Account(organization=organization, role=Role.CLERK.value, is_active=True)


def _body(event: Event, data: dict[str, Any]) -> str:
    told = {"type": event.value, "timestamp": timezone.now().isoformat(), "data": data}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def _letter(delivery: Delivery) -> Letter:
    """The message as it goes out now, signed with the time of this attempt."""
    body = delivery.body.encode()
    message_id, stamp = f"msg_{delivery.message_id.hex}", int(timezone.now().timestamp())
    secret = reveal(bytes(delivery.subscription.secret_cipher))
    return Letter(
        delivery.subscription.url,
        body,
        {
            "Content-Type": "application/json",
            "User-Agent": "zhicheng-webhooks/1",
            "webhook-id": message_id,
            "webhook-timestamp": str(stamp),
            "webhook-signature": signature(secret, message_id, stamp, body),
        },
    )


QUEUE = Queue(Delivery, "subscription", _letter)


def deliver(most: int, seconds: float) -> int:
    """Sends what is due, for so long at most; gives how many were sent."""
    return QUEUE.deliver(most, seconds)


def deliver_one(failing: set[int] | None = None) -> bool:
    """Sends the message that waits longest; False when none is due."""
    return QUEUE.deliver_one(failing)
