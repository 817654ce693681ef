"""The daily mail is decided on once, at its hour; what is due is a reason to send it (N18)."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.support.city import City
from tests.support.filing import Filing
from tests.support.mail_sink import MailSink
from tests.support.pages import text_of
from tests.support.robot import robot_listens
from zhicheng.notifications import digests, mailing, making, messengers
from zhicheng.notifications.models import (
    Mail,
    MailKind,
    MailState,
    MessengerMessage,
    Notification,
    Preference,
)
from zhicheng.organizations.models import Account
from zhicheng.registers.models import Register

from .conftest import LogIn
from .test_mail import SATURDAY, THURSDAY, news, subscribed


def waits_since(register: Register, moment: datetime) -> None:
    """It lies at the office since then, and nobody was told anything that is still unread."""
    Register.objects.filter(pk=register.pk).update(submitted_at=moment, endorsed_at=moment)
    making.make()
    Notification.objects.update(read_at=timezone.now())


def body_of(sink: MailSink) -> str:
    part = sink.mails[-1].get_body(("plain",))
    assert part is not None
    return str(part.get_content())


@pytest.mark.parametrize(
    ("waited", "mark"), [(5, None), (13, "即将到期"), (14, "即将到期"), (15, "已逾期")]
)
def test_what_is_due_or_overdue_is_mailed_without_any_news(
    city: City, sink: MailSink, filing: Filing, waited: int, mark: str | None
) -> None:
    """Ten working days are two weeks: Thursday is the last day of what came on a Thursday."""
    officer = city.who("office", "officer")
    subscribed(officer, sink)
    waits_since(filing.filed(filing.lines(1)), THURSDAY - timedelta(days=waited))
    assert mailing.prepare(THURSDAY) == (mark is not None)
    assert mailing.deliver() == (mark is not None)
    if mark is None:
        assert Mail.objects.get(kind=MailKind.DIGEST).state == MailState.DROPPED
        return
    assert sink.mails[-1]["Subject"].strip() == "1 类待办到期或逾期 · 职称证书管理系统"
    said = body_of(sink)
    assert f"待受理的登记表  1  （{mark}）" in said and "有新的提醒" not in said
    assert "https://zs.example.gov.cn/registers/" in said
    # It stays so: told every working day, and on no other.
    assert mailing.prepare(SATURDAY) == 0
    assert mailing.prepare(THURSDAY + timedelta(days=4)) == 1


def test_whoever_wants_no_mail_of_tasks_gets_none(
    city: City, sink: MailSink, filing: Filing, log_in: LogIn
) -> None:
    officer = city.who("office", "officer")
    subscribed(officer, sink)
    waits_since(filing.filed(filing.lines(1)), THURSDAY - timedelta(days=30))
    client = log_in("office", "officer")
    assert "到期和逾期的待办事项" in text_of(client.get("/notifications/preferences/"))
    form = {"mailed": ["register"], "digest": "on", "digest_hour": "8", "language": "zh-hans"}
    client.post("/notifications/preferences/", form)
    assert "due" in Preference.objects.get(account=officer).not_mailed
    assert mailing.prepare(THURSDAY) == 0
    Mail.objects.all().delete()
    client.post("/notifications/preferences/", {**form, "mailed": ["register", "due"]})
    assert mailing.prepare(THURSDAY) == 1


def test_what_waits_for_others_is_no_reason(city: City, sink: MailSink, filing: Filing) -> None:
    clerk = city.who("hospital", "clerk")
    subscribed(clerk, sink)
    waits_since(filing.filed(filing.lines(1)), THURSDAY - timedelta(days=60))
    assert mailing.prepare(THURSDAY) == 0


def test_news_after_the_hour_wait_for_the_next_day(city: City, sink: MailSink) -> None:
    clerk = city.who("hospital", "clerk")
    subscribed(clerk, sink)
    assert mailing.prepare(THURSDAY) == 0
    news(clerk)
    for hours in (0, 1, 12):
        assert mailing.prepare(THURSDAY + timedelta(hours=hours)) == 0
    assert mailing.deliver() == 0 and not sink.mails
    assert mailing.prepare(THURSDAY + timedelta(days=1)) == 1
    assert mailing.deliver() == 1


@pytest.mark.parametrize(("late", "made"), [(1, 1), (3, 1), (4, 0), (12, 0)])
def test_a_worker_that_was_down_at_the_hour_catches_up_for_some_hours(
    city: City, sink: MailSink, late: int, made: int
) -> None:
    clerk = city.who("hospital", "clerk")
    subscribed(clerk, sink)
    news(clerk)
    assert mailing.prepare(THURSDAY + timedelta(hours=late)) == made
    assert mailing.prepare(THURSDAY + timedelta(days=1)) == 1


def test_an_account_whose_day_cannot_be_told_holds_up_no_other(
    city: City, sink: MailSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk, officer = city.who("hospital", "clerk"), city.who("office", "officer")
    for account in (clerk, officer):
        subscribed(account, sink)
    news(officer)

    def broken(account: Account, today: object) -> list[object]:
        raise ZeroDivisionError("王敏")

    with monkeypatch.context() as patch:
        patch.setattr(digests, "tasks_of", broken)
        assert mailing.prepare(THURSDAY) == 2
        mailing.deliver()
    fault = Mail.objects.get(kind=MailKind.DIGEST, account=clerk).fault
    assert fault == "邮件无法生成：ZeroDivisionError"


def test_without_a_public_address_nothing_links_nowhere_and_the_system_page_says_so(
    city: City, sink: MailSink, settings: Any, log_in: LogIn
) -> None:
    administrator = log_in("office", "administrator")
    assert "https://zs.example.gov.cn/" in text_of(administrator.get("/audit/system/"))
    settings.ZHICHENG_PUBLIC_ADDRESS = ""
    clerk = city.who("hospital", "clerk")
    subscribed(clerk, sink)
    news(clerk)
    mailing.prepare(THURSDAY)
    assert mailing.deliver() == 1
    assert "/notifications/" not in body_of(sink) and "/tasks/" not in body_of(sink)
    html = sink.mails[-1].get_body(("html",))
    assert html is not None and "href" not in html.get_content()
    assert "邮件和机器人消息中没有链接" in text_of(administrator.get("/audit/system/"))
    assert "系统运行异常" in text_of(administrator.get("/tasks/"))
    settings.EMAIL_HOST = ""
    settings.ZHICHENG_WEBHOOK_PRIVATE = True
    with robot_listens() as robot:
        made = messengers.connect(
            actor=city.who("office", "officer"),
            organization=city.office,
            name="群",
            style="wecom",
            url=robot.url,
            groups=["register"],
        )
        messengers.test(actor=city.who("office", "officer"), messenger_id=made.messenger.pk)
    assert "/tasks/" not in MessengerMessage.objects.get().body
    assert "邮件和机器人消息中没有链接" in text_of(administrator.get("/audit/system/"))
