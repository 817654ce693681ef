"""Every change of a signing key: made, followed by another, retired, revoked (N18).

No change can be undone: a key that signs no more is destroyed, and what a revoked key signed from
the named day on stays refused.
"""

import hashlib
from datetime import date

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection, transaction
from django.utils import timezone

from zhicheng.audit.recording import recorded, retrying
from zhicheng.credentials import keeping
from zhicheng.credentials.models import KeyState, SigningKey
from zhicheng.organizations.guard import Actor, require
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.values.refusal import Conflict, Refusal

KEYS_LOCK = 0x7A63_4B45


@retrying
def generate(*, actor: Actor) -> SigningKey:
    """A new key that signs from now on; raises Conflict when there is an active one."""
    with recorded(actor, Action.SIGNING_KEY_GENERATE) as record:
        require(actor, Action.SIGNING_KEY_GENERATE)
        _lock()
        active = SigningKey.objects.filter(state=KeyState.ACTIVE).first()
        if active is not None:
            raise Conflict(
                "signing_key.one_is_active",
                "已有使用中的签名密钥。",
                found=active.key_id,
                expected="同一时间只有一个密钥签名",
                mend="需要换新的，请用“更换密钥”。",
            )
        key = _make(actor)
        record(subject=key, data={"key": key.key_id})
    return key


@retrying
def rotate(*, actor: Actor) -> SigningKey:
    """A new key in place of the active one, which is retired; gives the new one.

    Both count for today. Raises Refusal when there is no active key.
    """
    with recorded(actor, Action.SIGNING_KEY_ROTATE) as record:
        require(actor, Action.SIGNING_KEY_ROTATE)
        _lock()
        old = SigningKey.objects.select_for_update().filter(state=KeyState.ACTIVE).first()
        if old is None:
            raise _none_active()
        _end(old, KeyState.RETIRED)
        old.save()
        key = _make(actor)
        record(subject=key, data={"key": key.key_id, "retired": old.key_id})
    return key


@retrying
def retire(*, actor: Actor, key_id: str) -> SigningKey:
    """Ends the active key without another: nothing is signed until one is generated."""
    with recorded(actor, Action.SIGNING_KEY_RETIRE) as record:
        require(actor, Action.SIGNING_KEY_RETIRE)
        _lock()
        key = _key(key_id)
        if key.state != KeyState.ACTIVE:
            raise _wrong_state(key, str(KeyState.ACTIVE.label))
        _end(key, KeyState.RETIRED)
        key.save()
        record(subject=key, data={"key": key.key_id})
    return key


@retrying
def revoke(*, actor: Actor, key_id: str, from_day: date, reason: str) -> SigningKey:
    """Declares what the key signed on ``from_day`` and later void, for a key that got out.

    A revoked key can be revoked again from an earlier day, never from a later one. Raises Refusal
    for a day before its use or in the future, and for an empty reason.
    """
    with recorded(actor, Action.SIGNING_KEY_REVOKE) as record:
        require(actor, Action.SIGNING_KEY_REVOKE)
        _lock()
        key = _key(key_id)
        if key.revoked_from is not None and from_day >= key.revoked_from:
            raise _wrong_state(key, f"{KeyState.ACTIVE.label}、{KeyState.RETIRED.label}")
        today = timezone.localdate()
        if not key.valid_from <= from_day <= today:
            raise Refusal(
                "signing_key.revoked_from",
                "作废日期不在该密钥启用之后、今天之前。",
                clause="N18",
                found=from_day.isoformat(),
                expected=f"{key.valid_from.isoformat()} 至 {today.isoformat()}",
            )
        if not reason.strip():
            raise Refusal("signing_key.reason", "作废密钥必须写明原因。", clause="N18")
        _end(key, KeyState.REVOKED)
        key.revoked_from, key.reason = from_day, reason.strip()
        key.save()
        record(
            subject=key,
            data={"key": key.key_id, "from": from_day.isoformat(), "reason": key.reason},
        )
    return key


def _make(actor: Actor) -> SigningKey:
    while True:
        private = Ed25519PrivateKey.generate()
        public = private.public_key().public_bytes_raw()
        key_id = hashlib.sha256(public).digest()[:4].hex()
        if not SigningKey.objects.filter(key_id=key_id).exists():
            break
    return SigningKey.objects.create(
        key_id=key_id,
        public_key=public,
        private_cipher=keeping.keep(key_id, private),
        valid_from=timezone.localdate(),
        created_by=actor if isinstance(actor, Account) else None,
    )


def _end(key: SigningKey, state: KeyState) -> None:
    key.state = state.value
    key.valid_to = key.valid_to or timezone.localdate()
    key.private_cipher = None
    transaction.on_commit(lambda: keeping.destroy(key.key_id))


def _lock() -> None:
    """One change of keys at a time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [KEYS_LOCK])


def _key(key_id: str) -> SigningKey:
    key = SigningKey.objects.select_for_update().filter(key_id=key_id).first()
    if key is None:
        raise Refusal("signing_key.unknown", "没有这个签名密钥。", found=key_id[:20])
    return key


def _wrong_state(key: SigningKey, expected: str) -> Conflict:
    return Conflict(
        "signing_key.state",
        f"签名密钥 {key.key_id} 的状态不允许这样办理。",
        found=key.get_state_display(),
        expected=expected,
    )


def _none_active() -> Refusal:
    return Refusal(
        "signing_key.none_active",
        "没有使用中的签名密钥。",
        mend="请先生成密钥。",
    )
