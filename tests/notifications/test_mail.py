"""Addresses are confirmed; the digest goes on working days, with news, once (N18)."""

import os
import re
import signal
import subprocess
import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from tests.support.city import City, found_city
from tests.support.deadlines import were_moved
from tests.support.filing import Filing
from tests.support.mail_sink import MailSink
from tests.support.pages import text_of
from tests.support.served import environment
from zhicheng.audit.models import AuditEvent
from zhicheng.notifications import digests, mailing, making, preferences
from zhicheng.notifications.models import Mail, MailKind, MailState, Notification, Preference
from zhicheng.organizations.models import Account
from zhicheng.values.refusal import Refusal
from zhicheng.web.tasks import TaskGroup

from .conftest import LogIn

ADDRESS = "wang.min@example.gov.cn"
ROOT = Path(__file__).parents[2]
THURSDAY = datetime(2026, 11, 26, 8, 30, tzinfo=timezone.get_default_timezone())
SATURDAY = THURSDAY + timedelta(days=2)


def code_of(sink: MailSink) -> str:
    body = sink.mails[-1].get_body(("plain",))
    assert body is not None
    found = re.search(r"^\s+([2-9A-Z]{8})\s*$", body.get_content(), re.MULTILINE)
    assert found is not None
    return found[1]


def subscribed(account: Account, sink: MailSink, **chosen: Any) -> Preference:
    """An account with a confirmed address and the digest switched on."""
    preferences.ask_address(actor=account, address=ADDRESS)
    mailing.deliver()
    preferences.confirm_address(actor=account, code=code_of(sink).lower())
    values = {
        "hidden": [],
        "not_mailed": [],
        "digest": True,
        "digest_hour": 8,
        "language": "zh-hans",
    }
    sink.mails.clear()
    return preferences.choose(actor=account, **{**values, **chosen})


def news(account: Account, number: int = 1, group: str = "register") -> None:
    start = Notification.objects.count()
    Notification.objects.bulk_create(
        Notification(
            account=account,
            source=f"test:{start + order}",
            kind="returned",
            group=group,
            what="DJ2026-000001",
            url="/registers/1/",
        )
        for order in range(number)
    )


def test_an_address_counts_after_its_code_came_back(city: City, sink: MailSink) -> None:
    clerk = city.who("hospital", "clerk")
    with pytest.raises(Refusal, match="没有确认过的邮箱"):
        preferences.choose(
            actor=clerk, hidden=[], not_mailed=[], digest=True, digest_hour=8, language="en"
        )
    for wrong in ("wang", "a@b", "a b@c.cn", "x@y..cn"):
        with pytest.raises(Refusal, match="不是电子邮箱"):
            preferences.ask_address(actor=clerk, address=wrong)
    preferences.ask_address(actor=clerk, address=ADDRESS)
    mailing.deliver()
    assert sink.recipients == [ADDRESS]
    for left in (4, 3):
        with pytest.raises(Refusal, match="不正确") as refused:
            preferences.confirm_address(actor=clerk, code="AAAAAAAA")
        assert str(left) in refused.value.found
    found = preferences.confirm_address(actor=clerk, code=code_of(sink))
    assert found.confirmed_at and found.address_masked == "w***@example.gov.cn"
    # Encrypted in the table, masked in the audit.
    with connection.cursor() as cursor:
        cursor.execute("SELECT p::text FROM notifications_preference p")
        assert "wang.min" not in cursor.fetchone()[0]
    assert not AuditEvent.objects.filter(data__icontains="wang.min").exists()


def test_codes_end_after_five_wrong_ones_an_hour_and_five_letters(
    city: City, sink: MailSink
) -> None:
    clerk = city.who("hospital", "clerk")
    preferences.ask_address(actor=clerk, address=ADDRESS)
    mailing.deliver()
    right = code_of(sink)
    for _ in range(5):
        with pytest.raises(Refusal, match="不正确"):
            preferences.confirm_address(actor=clerk, code="AAAAAAAA")
    with pytest.raises(Refusal, match="已失效"):
        preferences.confirm_address(actor=clerk, code=right)
    for _ in range(4):
        preferences.ask_address(actor=clerk, address=ADDRESS)
    with pytest.raises(Refusal, match="太多"):
        preferences.ask_address(actor=clerk, address=ADDRESS)
    Preference.objects.update(code_attempts=0, code_expires_at=timezone.now() - timedelta(1))
    with pytest.raises(Refusal, match="已失效"):
        preferences.confirm_address(actor=clerk, code=right)


def test_a_digest_has_counts_and_links_and_nothing_of_any_person(
    city: City, sink: MailSink, filing: Filing
) -> None:
    officer = city.who("office", "officer")
    subscribed(officer, sink)
    lines = filing.lines(2)
    filing.filed(lines)
    making.make()
    assert mailing.prepare(THURSDAY) == 1 and mailing.deliver() == 1
    (mail,) = sink.mails
    assert mail["Subject"] == "1 条新提醒 · 职称证书管理系统" and mail["To"] == ADDRESS
    assert mail["Auto-Submitted"] == "auto-generated"
    for kind in ("plain", "html"):
        part = mail.get_body((kind,))
        assert part is not None
        text = part.get_content()
        assert "登记表" in text and "https://zs.example.gov.cn/notifications/" in text
        assert "待受理的登记表" in text
        assert not re.search(r"\d{15,18}", text)
        for line in lines:
            assert line.listed.person.name not in text
    # Told of, so no news tomorrow.
    assert mailing.prepare(THURSDAY + timedelta(days=1)) == 0


def test_in_english_for_whoever_chose_it(city: City, sink: MailSink) -> None:
    clerk = city.who("hospital", "clerk")
    subscribed(clerk, sink, language="en")
    news(clerk, 2)
    mailing.prepare(THURSDAY)
    mailing.deliver()
    (mail,) = sink.mails
    assert "2 new notifications" in mail["Subject"]
    body = mail.get_body(("plain",))
    assert body is not None and "Register  2" in body.get_content()


def test_only_with_news_of_what_one_wants_by_mail_and_not_read(city: City, sink: MailSink) -> None:
    clerk = city.who("hospital", "clerk")
    subscribed(clerk, sink, not_mailed=["register"])

    def made() -> int:
        """How many the day brings, decided anew."""
        Mail.objects.all().delete()
        return mailing.prepare(THURSDAY)

    assert made() == 0
    news(clerk, 3)
    assert made() == 0
    news(clerk, 1, group="blank")
    Notification.objects.filter(group="blank").update(read_at=timezone.now())
    assert made() == 0
    Notification.objects.filter(group="blank").update(read_at=None)
    assert made() == 1


def test_at_the_chosen_hour_of_working_days_alone(city: City, sink: MailSink) -> None:
    clerk = city.who("hospital", "clerk")
    subscribed(clerk, sink, digest_hour=9)
    news(clerk)
    assert mailing.prepare(THURSDAY) == 0
    assert mailing.prepare(SATURDAY + timedelta(hours=4)) == 0
    day = SATURDAY.date()
    were_moved(day, day, works=True)
    assert mailing.prepare(SATURDAY + timedelta(hours=4)) == 1
    thursday = THURSDAY.date()
    were_moved(thursday, thursday, works=False)
    Mail.objects.all().delete()
    assert mailing.prepare(THURSDAY + timedelta(hours=4)) == 0


def test_one_a_day_also_for_plain_sql(city: City, sink: MailSink) -> None:
    clerk = city.who("hospital", "clerk")
    subscribed(clerk, sink)
    news(clerk)
    assert mailing.prepare(THURSDAY) == 1 and mailing.prepare(THURSDAY) == 0
    mailing.deliver()
    news(clerk)
    assert mailing.prepare(THURSDAY) == 0
    insert = """
        INSERT INTO notifications_mail (token, account_id, kind, day, state, attempts, upto, fault,
            made_at, next_attempt_at)
        SELECT gen_random_uuid(), account_id, kind, day, 'waiting', 0, 0, '', now(), now()
        FROM notifications_mail WHERE kind = 'digest'"""
    for statement, name in (
        (insert, "one_digest_a_day"),
        (
            "UPDATE notifications_mail SET state = 'waiting', next_attempt_at = now()",
            "mail_goes_once",
        ),
        (
            "UPDATE notifications_preference SET confirmed_at = NULL",
            "digest_goes_to_a_confirmed_address",
        ),
    ):
        with (
            pytest.raises(IntegrityError) as refused,
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
        cause = refused.value.__cause__
        assert cause is not None and cause.diag.constraint_name == name  # type: ignore[attr-defined]


def test_what_surely_did_not_go_is_tried_again_and_given_up(
    city: City, sink: MailSink, settings: Any
) -> None:
    clerk = city.who("hospital", "clerk")
    subscribed(clerk, sink)
    news(clerk)
    mailing.prepare(THURSDAY)
    settings.EMAIL_PORT = 1  # nobody listens
    mail = Mail.objects.get(kind=MailKind.DIGEST)
    for attempt in range(1, 6):
        Mail.objects.filter(pk=mail.pk).update(next_attempt_at=timezone.now())
        assert mailing.deliver() == 0
        mail.refresh_from_db()
        assert mail.state == (MailState.WAITING if attempt < 5 else MailState.DEAD)
        assert mail.attempts == attempt and "失败" in mail.fault
    settings.EMAIL_PORT = sink.port
    # A day later the same news go, with the server back.
    assert mailing.prepare(THURSDAY + timedelta(days=1)) == 1
    sink.mood = "refuse"
    assert mailing.deliver() == 0  # 451: later
    sink.mood = "take"
    Mail.objects.filter(state=MailState.WAITING).update(next_attempt_at=timezone.now())
    assert mailing.deliver() == 1 and len(sink.mails) == 1


def test_a_server_that_is_away_costs_one_attempt_of_one_mail(
    city: City, sink: MailSink, settings: Any
) -> None:
    for who in (("hospital", "clerk"), ("office", "officer"), ("health", "officer")):
        account = city.who(*who)
        subscribed(account, sink)
        news(account)
    mailing.prepare(THURSDAY)
    settings.EMAIL_PORT = 1  # nobody listens
    assert mailing.deliver() == 0
    assert sorted(Mail.objects.filter(kind="digest").values_list("attempts", flat=True)) == [
        0,
        0,
        1,
    ]
    settings.EMAIL_PORT = sink.port
    Mail.objects.filter(kind="digest").update(next_attempt_at=timezone.now())
    assert mailing.deliver() == 3


def test_a_mail_that_cannot_be_made_holds_up_no_other_and_is_not_lost(
    city: City, sink: MailSink, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk, officer = city.who("hospital", "clerk"), city.who("office", "officer")
    for account in (clerk, officer):
        subscribed(account, sink)
        news(account)
    mailing.prepare(THURSDAY)
    tasks_of = digests.tasks_of

    def broken(account: Account, today: date) -> list[TaskGroup]:
        if account.pk == clerk.pk:
            raise ZeroDivisionError("王敏")
        return tasks_of(account, today)

    with monkeypatch.context() as patch:
        patch.setattr(digests, "tasks_of", broken)
        assert mailing.deliver() == 1
    mail = Mail.objects.get(kind=MailKind.DIGEST, account=clerk)
    assert mail.state == MailState.WAITING and mail.fault == "邮件无法生成：ZeroDivisionError"
    Mail.objects.filter(pk=mail.pk).update(next_attempt_at=timezone.now())
    assert mailing.deliver() == 1
    # A sender with a line break in it slips no header in.
    settings.DEFAULT_FROM_EMAIL = "x@example.gov.cn\nBcc: y@example.com"
    preferences.ask_address(actor=clerk, address=ADDRESS)
    sink.mails.clear()
    sink.recipients.clear()
    assert mailing.deliver() == 1 and sink.recipients == [ADDRESS]
    assert sink.mails[0]["Bcc"] is None and sink.mails[0]["From"].addresses[0].domain == (
        "example.gov.cn"
    )


def test_an_address_that_the_server_refuses_for_good_is_seen_by_whoever_runs_it(
    city: City, sink: MailSink, log_in: LogIn
) -> None:
    clerk = city.who("hospital", "clerk")
    subscribed(clerk, sink)
    news(clerk)
    mailing.prepare(THURSDAY)
    sink.mood, sink.answer = "refuse", "550 no such user"
    mailing.deliver()
    mail = Mail.objects.get(kind=MailKind.DIGEST)
    assert mail.state == MailState.DEAD and "550" in mail.fault and ADDRESS not in mail.fault
    administrator = log_in("office", "administrator")
    assert "没有发出的邮件 1" in text_of(administrator.get("/tasks/"))
    said = text_of(administrator.get("/audit/system/"))
    assert "邮件" in said and "550" in said
    # The one whose mail doesn't come sees why.
    assert "550" in text_of(log_in("hospital", "clerk").get("/notifications/preferences/"))


def test_a_mail_whose_answer_is_lost_is_never_sent_again(city: City, sink: MailSink) -> None:
    clerk = city.who("hospital", "clerk")
    subscribed(clerk, sink)
    news(clerk)
    mailing.prepare(THURSDAY)
    sink.mood = "break"
    mailing.deliver()
    assert Mail.objects.get(kind=MailKind.DIGEST).state == MailState.UNKNOWN
    sink.mood = "take"
    mailing.deliver()
    assert len(sink.mails) == 1
    # Nobody knows whether it came: tomorrow's tells of the same.
    assert mailing.prepare(THURSDAY + timedelta(days=1)) == 1


def test_switched_off_before_it_went_it_does_not_go(city: City, sink: MailSink) -> None:
    clerk = city.who("hospital", "clerk")
    subscribed(clerk, sink)
    news(clerk)
    mailing.prepare(THURSDAY)
    preferences.forget_address(actor=clerk)
    assert mailing.deliver() == 0 and not sink.mails
    assert Mail.objects.get(kind=MailKind.DIGEST).state == MailState.DROPPED


def test_a_day_on_which_nothing_was_to_be_told_says_so(
    city: City, sink: MailSink, log_in: LogIn
) -> None:
    clerk = city.who("hospital", "clerk")
    subscribed(clerk, sink)
    assert mailing.prepare(THURSDAY) == 0
    said = text_of(log_in("hospital", "clerk").get("/notifications/preferences/"))
    assert "每日邮件 · 不必发送" in said and mailing.NOTHING in said


def test_without_a_mail_server_the_page_says_so(city: City, log_in: LogIn) -> None:
    client = log_in("hospital", "clerk")
    assert "没有配置邮件服务器" in text_of(client.get("/notifications/preferences/"))
    answer = client.post("/notifications/address/", {"address": ADDRESS})
    assert answer.status_code == 422 and not Mail.objects.exists()


def test_the_whole_way_through_the_pages(city: City, sink: MailSink, log_in: LogIn) -> None:
    client = log_in("hospital", "clerk")
    client.post("/notifications/address/", {"address": ADDRESS})
    # What the page says of the code is what became of it.
    assert "确认码正在发往" in text_of(client.get("/notifications/preferences/"))
    mailing.deliver()
    assert "确认码已发往" in text_of(client.get("/notifications/preferences/"))
    mailing.deliver()
    client.post("/notifications/address/confirm/", {"code": code_of(sink)})
    client.post(
        "/notifications/preferences/",
        {
            "shown": ["register", "blank"],
            "mailed": ["register"],
            "digest": "on",
            "digest_hour": "9",
            "language": "zh-hans",
        },
    )
    found = preferences.of(city.who("hospital", "clerk"))
    assert found.digest and found.digest_hour == 9
    assert found.hidden == ["alarm", "certificate", "reissue", "work"]
    assert "register" not in found.not_mailed and "blank" in found.not_mailed


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_while_the_mail_is_on_its_way_sends_it_once(settings: Any) -> None:
    city = found_city()
    clerk = city.who("hospital", "clerk")
    with MailSink() as sink:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        subscribed(clerk, sink)
        news(clerk)
        mailing.prepare(THURSDAY)
        sink.mood = "hang"
        sink.came.clear()
        database = connection.settings_dict
        url = f"postgresql://{database['USER']}@/{database['NAME']}?host={database['HOST']}"
        worker = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.support.mail_sink",
                "deliver",
                "127.0.0.1",
                str(sink.port),
            ],
            env={**environment(url), **{k: v for k, v in os.environ.items() if k == "PATH"}},
            cwd=ROOT,
        )
        assert sink.came.wait(60)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        sink.mood = "take"
        assert Mail.objects.get(kind=MailKind.DIGEST).state == MailState.SENDING
        assert mailing.deliver() == 0
        Mail.objects.update(claimed_at=timezone.now() - timedelta(hours=1))
        assert mailing.deliver() == 0
        assert Mail.objects.get(kind=MailKind.DIGEST).state == MailState.UNKNOWN
        assert len(sink.mails) == 1
