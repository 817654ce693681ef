"""Robots of the city's messenger: signed, counted, never into our own network (N18)."""

import base64
import contextlib
import hashlib
import hmac
import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from tests.support.city import City
from tests.support.filing import Filing
from tests.support.pages import text_of
from tests.support.robot import Robot, robot_listens
from zhicheng.audit.models import AuditEvent
from zhicheng.notifications import making, messengers, rules
from zhicheng.notifications.kinds import Group
from zhicheng.notifications.models import Messenger, MessengerMessage
from zhicheng.organizations.models import Organization
from zhicheng.values.refusal import Conflict, NotPermitted, Refusal
from zhicheng.values.webhooks import Internal
from zhicheng.web import sending

from .conftest import LogIn

SECRET = "SEC0123456789abcdef"


@pytest.fixture
def robot(settings: Any) -> Iterator[Robot]:
    settings.ZHICHENG_WEBHOOK_PRIVATE = True
    settings.ZHICHENG_PUBLIC_ADDRESS = "https://zs.example.gov.cn/"
    with robot_listens() as listening:
        yield listening


def connected(city: City, robot: Robot, style: str, **given: Any) -> messengers.Connected:
    values = {
        "actor": city.who("office", "officer"),
        "organization": city.office,
        "name": "职改办工作群",
        "style": style,
        "url": robot.url,
        "secret": SECRET if style == "dingtalk" else "",
        "groups": ["register", "alarm"],
        **given,
    }
    return messengers.connect(**values)


def send_all() -> int:
    return messengers.QUEUE.deliver(50, 20)


def test_news_of_the_organisation_go_to_its_robot_as_counts(
    city: City, robot: Robot, filing: Filing
) -> None:
    connected(city, robot, "wecom")
    lines = filing.lines(2)
    filing.filed([lines[0]])
    filing.filed([lines[1]])
    making.make()
    assert send_all() == 1
    ((path, _headers, body),) = robot.got
    assert path == "/robot?key=geheim"
    said = json.loads(body)
    # Two officers were told of each: two things, not four.
    assert said["text"]["content"] == "新提醒：登记表 2\nhttps://zs.example.gov.cn/tasks/"
    for line in lines:
        assert line.listed.person.name not in body.decode()
    assert making.make() == 0 and send_all() == 0


def test_the_robot_of_an_organisation_that_has_ended_hears_nothing(
    city: City, robot: Robot
) -> None:
    connected(
        city,
        robot,
        "wecom",
        actor=city.who("district", "officer"),
        organization=city.district,
    )
    news = [(city.district.pk, Group.REGISTER, "登记表")]
    assert messengers.spread(news) == 1
    Organization.objects.filter(pk=city.district.pk).update(
        valid_to=timezone.localdate() - timedelta(days=1)
    )
    assert messengers.spread(news) == 0


def test_dingtalk_signs_address_and_time(city: City, robot: Robot) -> None:
    made = connected(city, robot, "dingtalk")
    messengers.test(actor=city.who("office", "officer"), messenger_id=made.messenger.pk)
    send_all()
    ((path, _headers, _body),) = robot.got
    told = parse_qs(urlsplit(path).query)
    signed = f"{told['timestamp'][0]}\n{SECRET}".encode()
    expected = base64.b64encode(hmac.new(SECRET.encode(), signed, hashlib.sha256).digest())
    assert told["sign"][0].encode() == expected and told["key"] == ["geheim"]


def test_other_systems_get_standard_webhooks(city: City, robot: Robot) -> None:
    robot.said = b""
    made = connected(city, robot, "standard", template='{"t": "{title}", "n": ["{text}"]}')
    messengers.test(actor=city.who("office", "officer"), messenger_id=made.messenger.pk)
    send_all()
    ((_path, headers, body),) = robot.got
    key = base64.b64decode(made.secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert json.loads(body)["t"] == "职称证书管理系统"


def test_a_no_in_a_good_answer_is_a_no(city: City, robot: Robot) -> None:
    made = connected(city, robot, "wecom")
    robot.said = b'{"errcode": 93000, "errmsg": "invalid webhook url"}'
    messengers.test(actor=city.who("office", "officer"), messenger_id=made.messenger.pk)
    send_all()
    message = MessengerMessage.objects.get()
    assert message.state == "waiting" and message.log[-1]["fault"] == "对方答复未接受"
    messengers.end(actor=city.who("office", "officer"), messenger_id=made.messenger.pk)
    message.refresh_from_db()
    assert message.state == "dead"
    with pytest.raises(Conflict, match="已经停用"):
        messengers.test(actor=city.who("office", "officer"), messenger_id=made.messenger.pk)


def test_addresses_and_secrets_are_keys(city: City, robot: Robot, log_in: LogIn) -> None:
    made = connected(city, robot, "dingtalk")
    with connection.cursor() as cursor:
        cursor.execute("SELECT m::text FROM notifications_messenger m")
        row = cursor.fetchone()[0]
    assert "geheim" not in row and SECRET not in row
    assert not AuditEvent.objects.filter(data__icontains="geheim").exists()
    page = text_of(log_in("office", "officer").get(made.messenger.get_absolute_url()))
    assert "geheim" not in page and "127.0.0.1" in page


def test_inside_addresses_odd_templates_and_twice_are_refused(city: City, robot: Robot) -> None:
    for template in ("no json", "[]", '{"a": "nothing"}', '{"text": "{text}' + "x" * 2000 + '"}'):
        with pytest.raises(Refusal, match="模板"):
            connected(city, robot, "wecom", template=template)
    with pytest.raises(Refusal, match="加签"):
        connected(city, robot, "dingtalk", secret="")
    with pytest.raises(Refusal):
        connected(city, robot, "wecom", groups=[])
    connected(city, robot, "wecom")
    with pytest.raises(Conflict, match="已经接入"):
        connected(city, robot, "wecom")
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE notifications_messenger SET style = 'dingtalk', secret_cipher = NULL"
        )


def test_nothing_goes_into_our_own_network(city: City, settings: Any) -> None:
    settings.ZHICHENG_WEBHOOK_PRIVATE = False
    with robot_listens() as listening:
        with pytest.raises(Refusal, match="https"):
            connected(city, listening, "wecom")
        inside = "https://127.0.0.1:1/robot"
        with pytest.raises(Refusal, match="内部网络") as refused:
            connected(city, listening, "wecom", url=inside)
        assert "ZHICHENG_WEBHOOK_INTERNAL" in refused.value.mend
        assert not Messenger.objects.exists()
        # A name for another machine isn't a way to this one, nor are other networks.
        settings.ZHICHENG_WEBHOOK_INTERNAL = Internal.parse("localhost, 10.0.0.0/8")
        for url in (inside, "https://localhost:1/robot"):
            with pytest.raises(Refusal, match="内部网络"):
                connected(city, listening, "wecom", url=url)
        # What points inside only later, or is taken off the list, is refused when sending.
        settings.ZHICHENG_WEBHOOK_INTERNAL = Internal.parse("127.0.0.0/8,::1")
        made = connected(city, listening, "wecom", url=inside)
        settings.ZHICHENG_WEBHOOK_INTERNAL = Internal()
        messengers.test(actor=city.who("office", "officer"), messenger_id=made.messenger.pk)
        send_all()
        assert "ZHICHENG_WEBHOOK_INTERNAL" in MessengerMessage.objects.get().log[-1]["fault"]
        assert not listening.got


def test_a_name_that_points_inside_is_named_on_the_robots_page(
    city: City, robot: Robot, settings: Any, log_in: LogIn
) -> None:
    """Connecting tells nothing of it; the sending's result says whom to ask for what."""
    settings.ZHICHENG_WEBHOOK_PRIVATE = False
    made = connected(city, robot, "wecom", url="https://localhost:1/robot")
    messengers.test(actor=city.who("office", "officer"), messenger_id=made.messenger.pk)
    send_all()
    page = text_of(log_in("office", "officer").get(made.messenger.get_absolute_url()))
    assert "没有送达：主机名指向内部地址，不予发送" in page
    assert "请系统管理员在 ZHICHENG_WEBHOOK_INTERNAL 中列出" in page
    assert not robot.got


def test_messages_go_to_hosts_inside_that_the_operator_named(settings: Any) -> None:
    def may(host: str, address: str) -> bool:
        return internal.holds(host, ip_address(address))

    internal = Internal.parse(" IM.City.example , 10.20.0.0/16,fd00:1::/32, ")
    assert may("im.city.example", "192.168.1.2") and may("IM.city.example.", "10.9.9.9")
    assert may("other", "10.20.3.4") and may("other", "fd00:1::5")
    assert may("im.city.example", "100.64.0.7") and may("im.city.example", "fd00:9::5")
    for address in ("127.0.0.1", "169.254.169.254", "::1", "::", "224.0.0.1", "8.8.8.8"):
        assert not may("im.city.example", address)
    assert not may("im.city.example.evil.org", "192.168.1.2") and not may("other", "10.21.0.1")
    for nonsense in ("10.0.0.0/33", "10.20.0.1/16", "https://im.city.example", "a b", "10.0.0"):
        with pytest.raises(ValueError, match=re.escape(nonsense)):
            Internal.parse(nonsense)
    assert Internal.parse("") == Internal()
    settings.ZHICHENG_WEBHOOK_INTERNAL = Internal.parse("127.0.0.1")
    assert sending.judged("::ffff:127.0.0.1", 443) and sending.judged("127.0.0.1", 443)
    with pytest.raises(sending.Refused):
        sending.judged("127.0.0.2", 443)


def test_topics_and_template_of_a_connected_robot_can_be_changed(
    city: City, robot: Robot, log_in: LogIn
) -> None:
    made = connected(city, robot, "wecom").messenger
    page = f"{made.get_absolute_url()}change/"
    client = log_in("office", "officer")
    said = client.get(page).content.decode()
    assert "职改办工作群" in said and "geheim" not in said
    template = '{"text": "{text}!"}'
    answer = client.post(page, {"name": "新群", "groups": ["blank"], "template": template})
    assert answer.status_code == 302
    made.refresh_from_db()
    assert (made.name, made.groups, made.template) == ("新群", ["blank"], template)
    event = AuditEvent.objects.get(tag="any:messenger:change")
    assert event.data["before"]["groups"] == ["alarm", "register"]
    assert event.data["groups"] == ["blank"] and event.data["template"] == template
    assert messengers.spread([(city.office.pk, Group.REGISTER, "登记表")]) == 0
    assert messengers.spread([(city.office.pk, Group.BLANK, "空白证书")]) == 1
    send_all()
    assert json.loads(robot.got[0][2]) == {"text": "新提醒：空白证书 1!"}
    for groups, text, words in (([], template, "至少一类"), (["blank"], "{}", "模板")):
        with pytest.raises(Refusal, match=words):
            messengers.change(
                actor=city.who("office", "officer"),
                messenger_id=made.pk,
                name="新群",
                groups=groups,
                template=text,
            )
    assert log_in("office", "auditor").get(page).status_code == 403
    assert log_in("industry", "officer").get(page).status_code == 404
    messengers.end(actor=city.who("office", "officer"), messenger_id=made.pk)
    assert client.post(page, {"name": "x", "groups": ["blank"]}).status_code == 409


def test_a_trials_result_appears_by_itself_as_a_sentence(
    city: City, robot: Robot, log_in: LogIn
) -> None:
    made = connected(city, robot, "wecom").messenger
    client, page = log_in("office", "officer"), made.get_absolute_url()
    client.post(f"{page}test/")
    waiting = client.get(page)
    assert b'hx-trigger="every 2s"' in waiting.content and "msgtype" not in text_of(waiting)
    assert "等候后台发送" in text_of(waiting) and "这是一条试发消息" in text_of(waiting)
    robot.status = 404
    send_all()
    said = text_of(client.get(page))
    assert "没有送达：对方答复 404" in said and "自动重发" in said
    # Nobody watches a trial of long ago: a page that asks on keeps a left session alive.
    old = timezone.now() - timedelta(minutes=10)
    MessengerMessage.objects.update(created_at=old, next_attempt_at=old)
    assert b"every 2s" not in client.get(page).content
    robot.status = 200
    send_all()
    assert "对方已收到" in text_of(client.get(page))


def test_values_cannot_break_out_of_their_text() -> None:
    template = rules.check_template('{"a": {"b": ["{text}"]}}')
    filled = rules.filled(template, {"text": '"}, "x": "{title}', "title": "no"})
    assert filled == {"a": {"b": ['"}, "x": "{title}']}}


def test_its_own_officer_and_the_administrator_connect_it(
    city: City, robot: Robot, log_in: LogIn
) -> None:
    with pytest.raises(NotPermitted):
        connected(city, robot, "wecom", actor=city.who("health", "officer"))
    with pytest.raises(NotPermitted):
        connected(city, robot, "wecom", actor=city.who("office", "clerk"))
    form = {
        "name": "委机关群",
        "style": "standard",
        "url": robot.url,
        "groups": ["blank"],
        "template": "",
    }
    client = log_in("health", "officer")
    page = text_of(client.post("/notifications/messengers/new/", form))
    assert "whsec_" in page
    made = Messenger.objects.get()
    assert made.organization == city.health
    assert "whsec_" not in text_of(client.get(made.get_absolute_url()))
    assert log_in("industry", "officer").get(made.get_absolute_url()).status_code == 404
    assert log_in("office", "auditor").get(made.get_absolute_url()).status_code == 200
    robot.said = b""
    client.post(f"{made.get_absolute_url()}test/")
    send_all()
    assert "已送达" in text_of(client.get(made.get_absolute_url()))
    client.post(f"{made.get_absolute_url()}end/")
    made.refresh_from_db()
    assert made.ended_at is not None
    admin = log_in("office", "administrator")
    admin.post("/notifications/messengers/new/", {**form, "style": "wecom", "name": "运维群"})
    assert Messenger.objects.get(ended_at=None).organization == city.office


def test_a_message_that_cannot_be_written_holds_up_no_other_and_ends(
    city: City, robot: Robot
) -> None:
    sick = connected(city, robot, "wecom", name="坏").messenger
    well = connected(city, robot, "wecom", url=robot.url + "2", name="好").messenger
    Messenger.objects.filter(pk=sick.pk).update(url_cipher=b"\x01gone")
    for item in (sick, well):
        messengers.test(actor=city.who("office", "officer"), messenger_id=item.pk)
    send_all()
    assert len(robot.got) == 1
    message = sick.messages.get()
    assert message.attempts == 1 and "无法生成消息" in message.log[-1]["fault"]


def test_an_answer_that_never_ends_is_cut_off(
    robot: Robot, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def drip() -> None:
            link, _ = server.accept()
            with link, contextlib.suppress(OSError):
                for _number in range(1000):
                    link.sendall(b"H")
                    time.sleep(0.05)

        threading.Thread(target=drip, daemon=True).start()
        monkeypatch.setattr(sending, "LONGEST", 0.4)
        sent = sending.post(f"http://127.0.0.1:{port}/", b"{}", {})
    assert not sent.arrived and sent.status is None and sent.fault
