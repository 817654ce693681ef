"""The daily mail: only with news, or what is due; at most once, by the worker (N18).

A mail is claimed in a transaction of its own before it goes to the server, and what came of it is
noted after. Whoever is killed in between leaves a claimed mail of which nobody knows whether it
went: it is never sent again, and the next day's tells of the same things.
"""

import contextlib
import logging
import smtplib
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from email.utils import formataddr, parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from zhicheng.notifications import rules
from zhicheng.notifications.deadlines import moved_days
from zhicheng.notifications.digests import digest_of, news_of_each
from zhicheng.notifications.models import Mail, MailKind, MailState, Preference
from zhicheng.notifications.preferences import mail_is_on
from zhicheng.protection import reveal
from zhicheng.values.working_days import is_working

logger = logging.getLogger(__name__)

STUCK = timedelta(minutes=10)
AT_ONCE = 200
CATCH_UP_HOURS = 4  # a worker that was down at the chosen hour makes it up within so many
NOTHING = "没有新提醒，也没有到期的待办"


class Unsent(Exception):
    """The mail surely didn't go; ``final``: it never will; ``away``: the server isn't there."""

    def __init__(self, fault: str, *, final: bool = False, away: bool = False) -> None:
        super().__init__(fault)
        self.final, self.away = final, away


class Needless(Exception):
    """There is nothing to send any more, or nobody to send it to."""


def prepare(now: datetime) -> int:
    """Decides on today's digests whose hour has come; gives how many are to go.

    Once a day for each account, at its hour, or within ``CATCH_UP_HOURS`` where nobody was at work
    then; a mail that isn't needed is kept as dropped. What happens later waits for the next day.
    """
    day = timezone.localdate(now)
    if not mail_is_on() or not is_working(day, moved_days(day, day)):
        return 0
    hour = timezone.localtime(now).hour
    undecided = (
        Preference.objects.filter(
            digest=True,
            confirmed_at__isnull=False,
            digest_hour__lte=hour,
            digest_hour__gt=hour - CATCH_UP_HOURS,
            account__is_active=True,
        )
        .exclude(Exists(Mail.objects.filter(account=OuterRef("account"), kind="digest", day=day)))
        .annotate(has_news=Exists(news_of_each()))
        .select_related("account__organization")
        .order_by("digest_hour", "pk")[:AT_ONCE]
    )
    mails = [_decided(preference, day) for preference in undecided]
    if not mails:
        return 0
    with transaction.atomic():
        # Yesterday's that still waits would tell of the same things.
        Mail.objects.filter(
            account__in=[mail.account_id for mail in mails],
            kind=MailKind.DIGEST,
            state=MailState.WAITING,
            day__lt=day,
        ).update(state=MailState.DROPPED, next_attempt_at=None, fault="由次日邮件代替")
        Mail.objects.bulk_create(mails, ignore_conflicts=True)
    return sum(mail.state == MailState.WAITING for mail in mails)


def _decided(preference: Any, day: date) -> Mail:
    """The day's mail: to be sent, or not needed. Tasks are looked at only where nothing is new."""
    mail = Mail(account_id=preference.account_id, kind=MailKind.DIGEST, day=day)
    try:
        needed = preference.has_news or digest_of(preference, preference.account, day).needed
    except Exception as error:  # noqa: BLE001 - one account must not hold up all others
        # It is made again when it goes, and the fault is kept where the administrator sees it.
        logger.error("the day of account %s can't be told: %s", mail.account_id, type(error))
        needed = True
    if not needed:
        mail.state, mail.next_attempt_at, mail.fault = MailState.DROPPED, None, NOTHING
    return mail


def deliver(most: int = AT_ONCE) -> int:
    """Sends what is due; gives how many went.

    The round ends where the server is away: it would be asked in vain for every mail, and each
    would come nearer to being given up.
    """
    _give_up_stuck()
    sent = 0
    for _number in range(most):
        mail = _claim()
        if mail is None:
            break
        try:
            sent += _send(mail)
        except _Away:
            break
    return sent


class _Away(Exception):
    """The mail server can't be reached."""


def _give_up_stuck() -> None:
    """Mails of a worker that died between claim and answer: unknown, and never sent again."""
    Mail.objects.filter(state=MailState.SENDING, claimed_at__lt=timezone.now() - STUCK).update(
        state=MailState.UNKNOWN, next_attempt_at=None, fault="发送中断，结果不明"
    )


@transaction.atomic
def _claim() -> Mail | None:
    mail = (
        Mail.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("account__organization")
        .filter(state=MailState.WAITING, next_attempt_at__lte=timezone.now())
        .order_by("next_attempt_at", "id")
        .first()
    )
    if mail is not None:
        mail.state, mail.attempts = MailState.SENDING, mail.attempts + 1
        mail.claimed_at, mail.next_attempt_at = timezone.now(), None
        mail.save(update_fields=["state", "attempts", "claimed_at", "next_attempt_at"])
    return mail


def _send(mail: Mail) -> bool:
    try:
        message, upto = _made(mail)
        _post(message)
    except Needless as needless:
        _settle(mail, state=MailState.DROPPED, fault=str(needless))
        return False
    except Unsent as unsent:
        delay = None if unsent.final else rules.mail_delay(mail.attempts)
        state = MailState.DEAD if delay is None else MailState.WAITING
        again = None if delay is None else timezone.now() + timedelta(seconds=delay)
        _settle(mail, state=state, next_attempt_at=again, fault=str(unsent)[:200])
        if unsent.away:
            raise _Away from None
        return False
    except (OSError, smtplib.SMTPException) as error:
        # The connection broke while the mail was on its way: it may have arrived.
        _settle(mail, state=MailState.UNKNOWN, fault=type(error).__name__)
        return False
    with transaction.atomic():
        _settle(mail, state=MailState.SENT, sent_at=timezone.now(), upto=upto, fault="")
        if mail.kind == MailKind.DIGEST:
            Preference.objects.filter(account=mail.account_id).update(mailed_upto=upto)
    return True


def _settle(mail: Mail, **values: object) -> None:
    Mail.objects.filter(pk=mail.pk, state=MailState.SENDING).update(**values)


def _post(message: EmailMultiAlternatives) -> None:
    """Hands the mail to the server; raises Unsent where it surely wasn't taken."""
    connection = get_connection(fail_silently=False)
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as error:
        fault = f"连接邮件服务器失败：{type(error).__name__}"
        raise Unsent(fault, away=True) from None
    try:
        connection.send_messages([message])
    except smtplib.SMTPRecipientsRefused as error:
        code = next((code for code, _said in error.recipients.values()), 0)
        final = 500 <= code < 600
        raise Unsent(f"邮件服务器不接受这个收件地址（{code}）", final=final) from None
    except smtplib.SMTPResponseException as error:
        final = 500 <= error.smtp_code < 600
        raise Unsent(f"邮件服务器答复 {error.smtp_code}", final=final) from None
    finally:
        with contextlib.suppress(OSError, smtplib.SMTPException):
            connection.close()


def _made(mail: Mail) -> tuple[EmailMultiAlternatives, int]:
    """The mail with its headers checked; whatever breaks here, nothing of it has gone."""
    try:
        message, upto = _message(mail)
        message.message()
    except Needless:
        raise
    except Exception as error:  # noqa: BLE001 - one mail must not hold up all others
        raise Unsent(f"邮件无法生成：{type(error).__name__}") from None
    return message, upto


def _message(mail: Mail) -> tuple[EmailMultiAlternatives, int]:
    preference = Preference.objects.filter(account=mail.account_id).first()
    if preference is None:
        raise Needless("没有邮箱")
    with override(preference.language):
        if mail.kind == MailKind.CODE:
            return _code(mail, preference), 0
        return _digest(mail, preference)


def _code(mail: Mail, preference: Preference) -> EmailMultiAlternatives:
    if preference.asked_cipher is None or preference.code_cipher is None:
        raise Needless("确认码已失效")
    code = reveal(bytes(preference.code_cipher))
    context = {"code": code, "minutes": rules.CODE_MINUTES, "title": _("确认邮箱")}
    address = reveal(bytes(preference.asked_cipher))
    return _built(mail, address, _("确认邮箱 · 职称证书管理系统"), "code", context)


def _digest(mail: Mail, preference: Preference) -> tuple[EmailMultiAlternatives, int]:
    if not preference.digest or preference.address_cipher is None or not mail.account.is_active:
        raise Needless("已停用每日邮件")
    digest = digest_of(preference, mail.account, mail.day)
    if not digest.needed:
        raise Needless(NOTHING)
    address = reveal(bytes(preference.address_cipher))
    upto = max((pk for pk, _group in digest.news), default=preference.mailed_upto)
    return _built(mail, address, digest.subject(), "digest", digest.context()), upto


def _built(
    mail: Mail, address: str, subject: str, template: str, context: Mapping[str, object]
) -> EmailMultiAlternatives:
    name, sender = parseaddr(settings.DEFAULT_FROM_EMAIL)
    host = sender.rpartition("@")[2] or "localhost"
    message = EmailMultiAlternatives(
        subject=subject,
        body=render_to_string(f"notifications/mail/{template}.txt", dict(context)),
        from_email=formataddr((name or str(_("职称证书管理系统")), sender)),
        to=[address],
        headers={
            "Message-ID": f"<{mail.token}@{host}>",
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
        },
    )
    html = render_to_string(f"notifications/mail/{template}.html", dict(context))
    message.attach_alternative(html, "text/html")
    return message
