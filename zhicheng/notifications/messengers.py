"""Robots of the city's messenger: connected and ended by people, fed by ``making`` (N18).

A message says how many things of which kind are new at the organisation, and where to look:
nothing of any person, no number of anything.
"""

import json
import secrets
from base64 import b64encode
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from zhicheng.audit.recording import recorded, retrying
from zhicheng.notifications import rules
from zhicheng.notifications.kinds import GROUPS, Group
from zhicheng.notifications.links import absolute
from zhicheng.notifications.models_messengers import (
    MessageState,
    Messenger,
    MessengerMessage,
    Style,
)
from zhicheng.organizations.guard import Actor, account_of, require
from zhicheng.organizations.models import Organization
from zhicheng.organizations.permissions import Action
from zhicheng.protection import blind_index, protect, reveal
from zhicheng.values.refusal import Conflict, Refusal
from zhicheng.values.webhooks import SECRET_BEGINNING, check_address, signature
from zhicheng.web.deliveries import Letter, Queue
from zhicheng.web.privacy import holds_id_number
from zhicheng.web.sending import check_reachable, private_allowed

CHANGEABLE = ("name", "groups", "template")
OLDEST_SIGNING_KEY = 8  # characters; DingTalk's begin with SEC and are longer


@dataclass(frozen=True)
class Connected:
    """A new robot; ``secret`` is shown once, where it was made here."""

    messenger: Messenger
    secret: str


@retrying
def connect(
    *,
    actor: Actor,
    organization: Organization,
    name: str,
    style: str,
    url: str,
    secret: str = "",
    groups: Collection[str],
    template: str = "",
) -> Connected:
    """From now on the organisation's news go to this robot too."""
    require(actor, Action.MESSENGER_CONNECT, organization)
    url, name = url.strip(), name.strip()
    check_address(url, private=private_allowed())
    check_reachable(url)
    text = _checked(url, name, style, groups, template)
    if style == Style.DINGTALK and len(secret.strip()) < OLDEST_SIGNING_KEY:
        raise Refusal(
            "messenger.secret",
            "钉钉机器人须填写加签密钥。",
            clause="N18",
            expected="以 SEC 开头的密钥",
            mend="请在钉钉的机器人安全设置中选择“加签”，复制密钥。",
        )
    made = ""
    if style == Style.STANDARD:
        made = SECRET_BEGINNING + b64encode(secrets.token_bytes(32)).decode()
    known = made or (secret.strip() if style == Style.DINGTALK else "")
    with recorded(actor, Action.MESSENGER_CONNECT) as record:
        index = blind_index(url)
        same = Messenger.objects.filter(organization=organization, url_index=index, ended_at=None)
        if same.exists():
            raise Conflict("messenger.connected", "这个地址已经接入。", mend="请先停用原来的。")
        messenger = Messenger.objects.create(
            organization=organization,
            name=name[:60] or rules.masked_url(url)[:60],
            style=style,
            url_cipher=protect(url),
            url_index=index,
            url_masked=rules.masked_url(url)[:200],
            secret_cipher=protect(known) if known else None,
            groups=sorted(set(groups)),
            template=text,
            created_by=account_of(actor),
        )
        record(subject=messenger, data=_told(messenger))
    return Connected(messenger, made)


def _checked(url: str, name: str, style: str, groups: Collection[str], template: str) -> str:
    """The template that counts; raises Refusal for what no robot may have."""
    text = template.strip() or default_template(style)
    rules.check_template(text)
    if any(holds_id_number(value) for value in (url, name, text)) or len(url) > 500:
        raise Refusal("messenger.address", "地址、名称和模板不能含有身份证号码。", clause="N18")
    if style not in Style.values or not groups or set(groups) - {g.value for g in Group}:
        raise Refusal("messenger.groups", "请选择类型和至少一类事项。", clause="N18")
    return text


@retrying
def change(
    *, actor: Actor, messenger_id: int, name: str, groups: Collection[str], template: str = ""
) -> Messenger:
    """Another name, other topics, another template; where it sends stays.

    What waits already goes as it was written. Raises Refusal as ``connect`` does, Conflict when it
    has ended.
    """
    with recorded(actor, Action.MESSENGER_CHANGE) as record:
        found = _locked(messenger_id)
        require(actor, Action.MESSENGER_CHANGE, found)
        _require_open(found)
        before = _told(found)
        text = _checked("", name.strip(), found.style, groups, template)
        found.name = name.strip()[:60] or found.name
        found.groups, found.template = sorted(set(groups)), text
        found.save(update_fields=["name", "groups", "template"])
        record(
            subject=found,
            data={**_told(found), "before": {key: before[key] for key in CHANGEABLE}},
        )
    return found


def default_template(style: str) -> str:
    """What such a robot takes."""
    return rules.STANDARD_TEMPLATE if style == Style.STANDARD else rules.WECOM_TEMPLATE


@retrying
def end(*, actor: Actor, messenger_id: int) -> Messenger:
    """Nothing more is sent; what waits is given up."""
    with recorded(actor, Action.MESSENGER_END) as record:
        found = _locked(messenger_id)
        require(actor, Action.MESSENGER_END, found)
        _require_open(found)
        found.ended_at = timezone.now()
        found.save(update_fields=["ended_at"])
        found.messages.filter(state=MessageState.WAITING).update(
            state=MessageState.DEAD, next_attempt_at=None
        )
        record(subject=found, data=_told(found))
    return found


@retrying
def test(*, actor: Actor, messenger_id: int) -> MessengerMessage:
    """A message that says it is a trial; the worker sends it like any other."""
    with recorded(actor, Action.MESSENGER_TEST) as record:
        found = _locked(messenger_id)
        require(actor, Action.MESSENGER_TEST, found)
        _require_open(found)
        text = _("这是一条试发消息，收到即接入成功。")
        message = MessengerMessage.objects.create(
            messenger=found, text=text, body=_body(found, text, 0), test=True
        )
        record(subject=found, data={"message": str(message.message_id)})
    return message


def _locked(pk: int) -> Messenger:
    return (
        Messenger.objects.select_for_update(of=("self",)).select_related("organization").get(pk=pk)
    )


def _require_open(messenger: Messenger) -> None:
    if messenger.ended_at is not None:
        raise Conflict("messenger.ended", "这个机器人已经停用。")


def _told(messenger: Messenger) -> dict[str, object]:
    return {
        "organization": messenger.organization.name,
        "name": messenger.name,
        "style": messenger.style,
        "url": messenger.url_masked,
        "groups": list(messenger.groups),
        "template": messenger.template,
    }


def spread(told: Iterable[tuple[int, Group, str]]) -> int:
    """One message to each robot that wants to hear of some of it; gives how many.

    ``told`` are (organisation, group, source); what several accounts were told counts once. Called
    in the transaction that made the notifications.
    """
    by_organization: dict[int, dict[Group, set[str]]] = defaultdict(lambda: defaultdict(set))
    for organization, group, source in told:
        by_organization[organization][group].add(source)
    existing = Organization.objects.in_force(timezone.localdate())
    robots = Messenger.objects.filter(
        organization__in=existing.filter(pk__in=list(by_organization)), ended_at=None
    )
    messages = []
    with override("zh-hans"):
        for robot in robots:
            news = by_organization[robot.organization_id]
            counts = {
                group: len(news[group])
                for group in Group
                if group in news and group.value in robot.groups
            }
            if counts:
                text = "、".join(f"{GROUPS[group]} {count}" for group, count in counts.items())
                text, total = f"新提醒：{text}", sum(counts.values())
                messages.append(
                    MessengerMessage(messenger=robot, text=text, body=_body(robot, text, total))
                )
    MessengerMessage.objects.bulk_create(messages)
    return len(messages)


def _body(messenger: Messenger, text: str, count: int) -> str:
    values = {
        "title": _("职称证书管理系统"),
        "text": text,
        "count": str(count),
        "url": absolute("/tasks/"),
    }
    filled: Any = rules.filled(json.loads(messenger.template), values)
    return json.dumps(filled, ensure_ascii=False)


def _letter(message: MessengerMessage) -> Letter:
    messenger = message.messenger
    url, body = reveal(bytes(messenger.url_cipher)), message.body.encode()
    secret = reveal(bytes(messenger.secret_cipher)) if messenger.secret_cipher else ""
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "zhicheng/1"}
    now = timezone.now().timestamp()
    if messenger.style == Style.STANDARD:
        name, stamp = f"msg_{message.message_id.hex}", int(now)
        headers |= {
            "webhook-id": name,
            "webhook-timestamp": str(stamp),
            "webhook-signature": signature(secret, name, stamp, body),
        }
        return Letter(url, body, headers)
    if messenger.style == Style.DINGTALK:
        url = rules.dingtalk_address(url, secret, int(now * 1000))
    return Letter(url, body, headers, rules.robot_took_it)


QUEUE = Queue(MessengerMessage, "messenger", _letter)
