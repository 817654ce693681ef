"""How somebody wants to hear of things: their own choice, their own confirmed address (N18)."""

import hmac
import secrets
from collections.abc import Collection
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from zhicheng.audit.recording import recorded, retrying
from zhicheng.notifications import rules
from zhicheng.notifications.kinds import ALWAYS_SHOWN, DUE_TASKS, Group
from zhicheng.notifications.models import Mail, MailKind, MailState, Notification, Preference
from zhicheng.organizations.guard import require
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.protection import protect, reveal
from zhicheng.values.refusal import Refusal


def of(account: Account) -> Preference:
    """The account's choice; the standard one before it chose."""
    return Preference.objects.filter(account=account).first() or Preference(account=account)


def mail_is_on() -> bool:
    """Whether this installation can send mail at all."""
    return bool(settings.EMAIL_HOST)


@retrying
def choose(
    *,
    actor: Account,
    hidden: Collection[str],
    not_mailed: Collection[str],
    digest: bool,
    digest_hour: int,
    language: str,
) -> Preference:
    """Sets what is shown, what is mailed, and when; only one's own."""
    with recorded(actor, Action.NOTIFICATION_SET) as record:
        require(actor, Action.NOTIFICATION_SET)
        found = _locked(actor)
        if digest and found.confirmed_at is None:
            raise Refusal(
                "notification.no_address",
                "还没有确认过的邮箱，不能发送每日邮件。",
                clause="N18",
                mend="请先填写邮箱，用收到的确认码确认。",
            )
        groups = {group.value for group in Group}
        kept = {group.value for group in ALWAYS_SHOWN}
        found.hidden = sorted(set(hidden) & groups - kept)
        found.not_mailed = sorted(set(not_mailed) & (groups | {DUE_TASKS}))
        if digest and not found.digest:
            # What happened before isn't news any more.
            newest = Notification.objects.filter(account=actor).order_by("-id").first()
            found.mailed_upto = newest.pk if newest else 0
        found.digest, found.digest_hour = digest, digest_hour
        found.language = language if language in dict(settings.LANGUAGES) else "zh-hans"
        found.save()
        record(
            subject=found,
            data={
                "hidden": found.hidden,
                "not_mailed": found.not_mailed,
                "digest": digest,
                "hour": digest_hour,
            },
        )
    return found


@retrying
def ask_address(*, actor: Account, address: str) -> Preference:
    """Sends a code to a new address; the one before it stays until the code comes back."""
    require(actor, Action.NOTIFICATION_ADDRESS)
    if not mail_is_on():
        raise Refusal(
            "notification.mail_off",
            "本系统没有配置邮件服务器。",
            mend="请系统管理员配置（ZHICHENG_SMTP_HOST）。",
        )
    address = rules.tidy_address(address)
    now = timezone.now()
    with recorded(actor, Action.NOTIFICATION_ADDRESS) as record:
        found = _locked(actor)
        lately = Mail.objects.filter(
            account=actor, kind=MailKind.CODE, made_at__gt=now - timedelta(hours=1)
        )
        if lately.count() >= rules.MOST_CODES_AN_HOUR:
            raise Refusal(
                "notification.too_many_codes",
                "一小时内要的确认码太多。",
                expected=f"每小时不超过 {rules.MOST_CODES_AN_HOUR} 次",
                mend="请稍后再试。",
            )
        code = "".join(secrets.choice(rules.ALPHABET) for _ in range(rules.CODE_LENGTH))
        found.asked_cipher = protect(address)
        found.asked_masked = rules.masked_address(address)
        found.code_cipher = protect(code)
        found.code_expires_at = now + timedelta(minutes=rules.CODE_MINUTES)
        found.code_attempts = 0
        found.save()
        # A code that was never sent must not go to the address that is asked for now.
        lately.filter(state=MailState.WAITING).update(
            state=MailState.DROPPED, next_attempt_at=None, fault="已另要确认码"
        )
        Mail.objects.create(account=actor, kind=MailKind.CODE, day=timezone.localdate())
        record(subject=found, data={"asked": found.asked_masked})
    return found


@retrying
def confirm_address(*, actor: Account, code: str) -> Preference:
    """The code has come back: the address is the account's."""
    require(actor, Action.NOTIFICATION_ADDRESS)
    wrong: Refusal | None = None
    with recorded(actor, Action.NOTIFICATION_ADDRESS) as record:
        found = _locked(actor)
        known = reveal(bytes(found.code_cipher)) if found.code_cipher is not None else ""
        expired = found.code_expires_at is None or found.code_expires_at < timezone.now()
        if not known or expired or found.code_attempts >= rules.MOST_CODE_ATTEMPTS:
            raise Refusal(
                "notification.code_gone",
                "确认码已失效。",
                expected=f"{rules.CODE_MINUTES} 分钟内，最多试 {rules.MOST_CODE_ATTEMPTS} 次",
                mend="请重新填写邮箱，取新的确认码。",
            )
        if hmac.compare_digest(known.encode(), rules.tidy_code(code).encode()):
            found.address_cipher, found.address_masked = found.asked_cipher, found.asked_masked
            found.confirmed_at = timezone.now()
            found.asked_cipher, found.asked_masked = None, ""
            found.code_cipher, found.code_expires_at = None, None
        else:
            # The attempt counts: it is kept, and refused after the commit.
            found.code_attempts += 1
            left = rules.MOST_CODE_ATTEMPTS - found.code_attempts
            wrong = Refusal(
                "notification.code_wrong",
                "确认码不正确。",
                found=f"还可以试 {left} 次",
                mend="请核对邮件中的 8 位确认码。",
            )
        found.save()
        record(
            subject=found,
            data={"confirmed": found.address_masked if wrong is None else "", "wrong": bool(wrong)},
        )
    if wrong is not None:
        raise wrong
    return found


@retrying
def forget_address(*, actor: Account) -> Preference:
    """The address is forgotten, and no mail goes any more."""
    with recorded(actor, Action.NOTIFICATION_ADDRESS) as record:
        require(actor, Action.NOTIFICATION_ADDRESS)
        found = _locked(actor)
        before = found.address_masked
        found.digest = False
        found.address_cipher, found.address_masked, found.confirmed_at = None, "", None
        found.asked_cipher, found.asked_masked = None, ""
        found.code_cipher, found.code_expires_at = None, None
        found.save()
        record(subject=found, data={"forgotten": before})
    return found


def read(*, account: Account, pks: Collection[int] | None = None) -> int:
    """Notes that the account has seen them (all: None); its own alone, and no business of others.

    Like the seen mark of finished work no step of anything: it stands in no audit event.
    """
    rows = Notification.objects.filter(account=account, read_at=None)
    if pks is not None:
        rows = rows.filter(pk__in=list(pks))
    return rows.update(read_at=timezone.now())


def _locked(account: Account) -> Preference:
    Preference.objects.get_or_create(account=account)
    return Preference.objects.select_for_update().get(account=account)
