"""Every change of a second factor: set up, passed at the login, renewed, turned off, taken away.

The row of the account is held first, then that of its second factor: whoever types the same code
twice at once waits here, and the second finds it used.
"""

import secrets
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from zhicheng.audit.recording import Recorder, recorded, retrying
from zhicheng.organizations import second_factor_rules as rules
from zhicheng.organizations.guard import Actor, require
from zhicheng.organizations.guesses import WRONG_CODE, guessing
from zhicheng.organizations.models import Account, LoginSession, RecoveryCode, SecondFactor
from zhicheng.organizations.permissions import Action
from zhicheng.organizations.sessions import CODE, RECOVERY, end_logins
from zhicheng.protection import blind_index, protect_bytes, reveal_bytes
from zhicheng.values.refusal import NotPermitted, Refusal
from zhicheng.values.text import hide_id_numbers

WRONG_PASSWORD = "second_factor.wrong_password"


def is_required_of(account: Account) -> bool:
    """Whether this installation asks a second factor of whoever has the account."""
    asked: str = settings.ZHICHENG_SECOND_FACTOR
    # The organisation is asked for only where it matters.
    return asked == rules.Asked.REQUIRED and rules.is_required(
        asked, role=account.role, municipal=account.organization.is_municipal_office
    )


def is_missing(account: Account) -> bool:
    """Whether the account has to set one up before anything else."""
    return account.second_factor_since is None and is_required_of(account)


def pending_secret(account: Account, login: UUID) -> bytes | None:
    """The secret that waits for its first code; None when there is none, or for too long.

    It is there for the login that began it alone: another one may be somebody else's, who knows
    the password.
    """
    factor = SecondFactor.objects.filter(account=account).first()
    return _pending(factor, login, timezone.now()) if factor is not None else None


def codes_left(account: Account) -> int:
    """How many recovery codes have not been used."""
    return RecoveryCode.objects.filter(factor=account.pk, used_at=None).count()


def recovery_digest(account_id: int, code: str) -> bytes:
    """What is kept of a recovery code.

    A keyed HMAC: fifty random bits are beyond guessing, so a slow hash would protect nothing more,
    while ten of them to be tried at a login would let strangers keep the server busy; and whoever
    has the database alone can't try codes at all, for the key lies elsewhere.
    """
    return blind_index(f"recovery code {account_id} {code}")


@retrying
def begin(*, actor: Account, login: UUID, password: str = "", code: str = "") -> None:
    """Draws a secret that counts from its first code on; until then everything stays as it is.

    Whoever has a second factor already proves it by password and code, or a recovery code.
    Raises Refusal when they don't, and for a first one while another login is setting it up.
    """
    require(actor, Action.SECOND_FACTOR_SET_UP)
    with guessing(actor.pk), recorded(actor, Action.SECOND_FACTOR_SET_UP) as record:
        account = _held(actor.pk)
        factor, _new = SecondFactor.objects.select_for_update().get_or_create(account=account)
        if account.second_factor_since is not None:
            _prove(record, account, factor, password, code)
        else:
            _require_not_begun_elsewhere(factor, login)
        factor.pending_cipher = protect_bytes(secrets.token_bytes(rules.SECRET_BYTES))
        factor.pending_since, factor.pending_login = timezone.now(), login
        factor.save()
        record(subject=account, data={"step": "begin"})


@retrying
def confirm(*, actor: Account, login: UUID, password: str, code: str) -> list[str]:
    """The secret counts from now on; gives its recovery codes, which are shown once.

    All other logins of the account end: they passed no code of it. Raises Refusal for a wrong
    password or code, and when nothing waits to be confirmed in this login.
    """
    require(actor, Action.SECOND_FACTOR_SET_UP)
    with recorded(actor, Action.SECOND_FACTOR_SET_UP) as record:
        now = timezone.now()
        account, factor = _both(actor.pk)
        secret = _pending(factor, login, now)
        if secret is None:
            raise Refusal(
                "second_factor.not_begun",
                "没有等待确认的二维码，或二维码已超过 30 分钟。",
                clause="N18",
                mend="请重新开始设置。",
            )
        _require_password(account, password)
        step = rules.fitting_step(secret, code, now=rules.step_at(now.timestamp()), last=None)
        if step is None:
            raise _wrong()
        again = account.second_factor_since is not None
        factor.secret_cipher, factor.confirmed_at, factor.last_step = (
            factor.pending_cipher,
            now,
            step,
        )
        factor.pending_cipher = factor.pending_since = factor.pending_login = None
        factor.save()
        _say(account, now)
        codes = _draw_codes(factor)
        ended = end_logins(account.pk, but=login)
        record(subject=account, data={"step": "confirm", "again": again, "sessions": ended})
    return codes


@retrying
def renew_codes(*, actor: Account, password: str, code: str) -> list[str]:
    """New recovery codes in place of all others; raises Refusal for a wrong password or code."""
    require(actor, Action.SECOND_FACTOR_RENEW_CODES)
    with guessing(actor.pk), recorded(actor, Action.SECOND_FACTOR_RENEW_CODES) as record:
        account, factor = _both(actor.pk)
        _require_on(account)
        _prove(record, account, factor, password, code)
        codes = _draw_codes(factor)
        record(subject=account)
    return codes


@retrying
def turn_off(*, actor: Account, password: str, code: str) -> None:
    """Only the password from now on; raises Refusal where a second factor is required."""
    require(actor, Action.SECOND_FACTOR_TURN_OFF)
    with guessing(actor.pk), recorded(actor, Action.SECOND_FACTOR_TURN_OFF) as record:
        account, factor = _both(actor.pk)
        _require_on(account)
        if is_required_of(account):
            raise Refusal(
                "second_factor.required",
                "市职改办的工作人员和系统管理员必须使用两步验证，不能停用。",
                clause="N18",
                expected="已启用两步验证",
                mend="换了手机的，请用“更换手机”。",
            )
        _prove(record, account, factor, password, code)
        factor.delete()
        _say(account, None)
        record(subject=account)


@retrying
def take_away(*, actor: Actor, account_id: int) -> Account:
    """Ends somebody else's second factor, whose phone is lost, and all their logins.

    Raises Refusal for one's own, and where there is none.
    """
    require(actor, Action.SECOND_FACTOR_TAKE_AWAY)
    with recorded(actor, Action.SECOND_FACTOR_TAKE_AWAY) as record:
        account = _held(account_id)
        if account.pk == actor.pk:
            raise NotPermitted(
                "second_factor.own",
                "管理员不能解除自己的两步验证。",
                clause="N18",
                mend="手机不在身边的，请用恢复码登录；没有恢复码的，请由另一名系统管理员办理。",
            )
        _require_on(account)
        SecondFactor.objects.filter(account=account).delete()
        _say(account, None)
        ended = end_logins(account.pk)
        record(
            subject=account,
            data={"username": hide_id_numbers(account.username), "sessions": ended},
        )
    return account


@retrying
def accept(*, account_id: int, code: str) -> Account:
    """The second half of a login: uses up the code, or the recovery code.

    Raises Refusal for a wrong, old or used one, and when there were too many of them.
    """
    account = Account.objects.select_related("organization").get(pk=account_id)
    with guessing(account_id), recorded(account, CODE) as record:
        factor = SecondFactor.objects.select_for_update().filter(account=account_id).first()
        if factor is None or factor.confirmed_at is None:
            raise _wrong()  # taken away between the password and the code
        if not _use(record, account, factor, code):
            record(subject=account)
        account.second_factor_since = factor.confirmed_at  # may be newer than what was read
    return account


def _held(account_id: int) -> Account:
    return Account.objects.select_for_update(of=("self",)).get(pk=account_id)


def _both(account_id: int) -> tuple[Account, SecondFactor]:
    account = _held(account_id)
    factor = SecondFactor.objects.select_for_update().filter(account=account).first()
    return account, factor or SecondFactor(account=account)


def _say(account: Account, since: datetime | None) -> None:
    account.second_factor_since = since
    account.save(update_fields=["second_factor_since"])


def _pending(factor: SecondFactor, login: UUID, now: datetime) -> bytes | None:
    if factor.pending_cipher is None or factor.pending_since is None:
        return None
    if factor.pending_login != login:
        return None
    if now - factor.pending_since > rules.PENDING_FOR:
        return None
    return reveal_bytes(bytes(factor.pending_cipher))


def _require_on(account: Account) -> None:
    if account.second_factor_since is None:
        raise Refusal("second_factor.off", "这个账号没有启用两步验证。", clause="N18")


def _require_password(account: Account, password: str) -> None:
    if not account.check_password(password):
        raise Refusal(
            WRONG_PASSWORD, "当前密码不正确。", clause="N18", mend="请重新输入登录时用的密码。"
        )


def _require_not_begun_elsewhere(factor: SecondFactor, login: UUID) -> None:
    """Nothing was proved for a first one, so it isn't taken from the login that began it."""
    if factor.pending_login in (None, login) or factor.pending_since is None:
        return
    now = timezone.now()
    lives = LoginSession.objects.filter(
        account=factor.account_id, public_id=factor.pending_login, expire_date__gt=now
    )
    if now - factor.pending_since <= rules.PENDING_FOR and lives.exists():
        raise Refusal(
            "second_factor.begun_elsewhere",
            "您的账号正在另一处登录中设置两步验证。",
            clause="N18",
            mend="请在那里继续，或在那里退出登录后重试；不是您本人在设置的，请立即修改密码，"
            "其他登录会随之退出。",
        )


def _prove(
    record: Recorder, account: Account, factor: SecondFactor, password: str, code: str
) -> None:
    _require_password(account, password)
    _use(record, account, factor, code)


def _use(record: Recorder, account: Account, factor: SecondFactor, typed: str) -> bool:
    """Uses the code up; gives whether it was a recovery code, of which an event tells."""
    now = timezone.now()
    recovery = rules.tidy_recovery(typed)
    if recovery:
        digest = recovery_digest(factor.account_id, recovery)
        if not factor.codes.filter(digest=digest, used_at=None).update(used_at=now):
            raise _wrong()
        record(tag=RECOVERY, subject=account, data={"left": codes_left(account)})
        _right(factor)
        return True
    assert factor.secret_cipher is not None
    secret, step = reveal_bytes(bytes(factor.secret_cipher)), rules.step_at(now.timestamp())
    fitting = rules.fitting_step(secret, typed, now=step, last=factor.last_step)
    if fitting is None:
        raise _wrong()
    factor.last_step = fitting
    _right(factor)
    return False


def _right(factor: SecondFactor) -> None:
    factor.wrong_count, factor.wrong_since = 0, None
    factor.save(update_fields=["last_step", "wrong_count", "wrong_since"])


def _wrong() -> Refusal:
    return Refusal(
        WRONG_CODE,
        "验证码或恢复码不正确、已过期，或已经用过。",
        clause="N18",
        mend="请等手机上换了下一个验证码再输入；总是不对的，请把手机时间设为自动校准。",
    )


def _draw_codes(factor: SecondFactor) -> list[str]:
    factor.codes.all().delete()
    drawn: set[str] = set()
    while len(drawn) < rules.RECOVERY_CODES:
        drawn.add(rules.recovery_text(secrets.token_bytes(rules.RECOVERY_BYTES)))
    RecoveryCode.objects.bulk_create(
        RecoveryCode(factor=factor, digest=recovery_digest(factor.account_id, code))
        for code in sorted(drawn)
    )
    return sorted(drawn)
