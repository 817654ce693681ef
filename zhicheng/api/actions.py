"""Keys of other systems: made, exchanged, ended; each by an officer, each an audit event (N18)."""

import secrets
import string
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from zhicheng.api import rules
from zhicheng.api.models import ApiClient, ApiKey
from zhicheng.api.rules import Scope
from zhicheng.audit.recording import recorded, retrying
from zhicheng.organizations.guard import Actor, account_of, possible_relations, require
from zhicheng.organizations.holding import hold_shared, require_not_ended
from zhicheng.organizations.models import Account, Organization
from zhicheng.organizations.permissions import Action, Role, could
from zhicheng.protection import blind_index
from zhicheng.values.refusal import NotPermitted, Refusal
from zhicheng.values.text import hide_id_numbers

_PREFIX_LETTERS = string.digits + string.ascii_lowercase


@dataclass(frozen=True)
class MadeKey:
    """A new key; ``text`` is shown once and kept nowhere."""

    key: ApiKey
    text: str


def offered_scopes(organization: Organization) -> tuple[Scope, ...]:
    """What a system of this organisation may be given: what its clerk might do."""
    relations = possible_relations(organization)
    return tuple(
        scope
        for scope, facts in rules.SCOPES.items()
        if facts.action is None or could(facts.action, Role.CLERK, relations)
    )


def require_own(actor: Actor, action: Action, organization: Organization) -> None:
    """As ``require``; and nobody speaks for another organisation, not even the office."""
    require(actor, action, organization)
    if isinstance(actor, Account) and actor.organization_id != organization.pk:
        raise NotPermitted(
            "api.other_organization",
            "接口密钥和事件通知由本机构的负责人办理。",
            clause="N18",
            found=actor.organization.name,
            expected=organization.name,
        )


def digest_of(prefix: str, secret: str) -> bytes:
    """What is kept of a key."""
    return blind_index(f"api key {prefix} {secret}")


@retrying
def create_key(
    *,
    actor: Actor,
    organization: Organization,
    name: str,
    scopes: Collection[str],
    expires_at: datetime,
    purpose: str = "",
    per_minute: int = rules.PER_MINUTE,
) -> MadeKey:
    """A new system of the organisation with its first key, or one more key of a known system.

    Raises Refusal for scopes beyond what the organisation's clerk may do, for ID numbers without
    a purpose, for a life that is too long, and for an organisation that has ended.
    """
    require_own(actor, Action.API_KEY_CREATE, organization)
    name, purpose = hide_id_numbers(name.strip())[:60], hide_id_numbers(purpose.strip())[:200]
    rules.check_key(
        scopes,
        offered_scopes(organization),
        purpose=purpose,
        expires_at=expires_at,
        now=timezone.now(),
        per_minute=per_minute,
    )
    if not name:
        raise Refusal("api_key.name", "请填写接入系统的名称。", clause="N18")
    with recorded(actor, Action.API_KEY_CREATE) as record:
        require_not_ended(hold_shared(organization.pk)[organization.pk])  # it gets an account
        client = _client(actor, organization, name)
        made = _key(client, actor, sorted(set(scopes)), purpose, per_minute, expires_at)
        record(subject=made.key, data=_told(made.key))
    return made


@retrying
def rotate_key(
    *,
    actor: Actor,
    key_id: int,
    overlap: timedelta = timedelta(days=7),
    expires_at: datetime | None = None,
) -> MadeKey:
    """A second key like this one; this one goes on for the overlap, so nothing stands still."""
    with recorded(actor, Action.API_KEY_ROTATE) as record:
        old = _locked(key_id)
        require_own(actor, Action.API_KEY_ROTATE, old.client.organization)
        if not old.works:
            raise _ended(old)
        if not timedelta(0) <= overlap <= rules.LONGEST_OVERLAP:
            raise Refusal(
                "api_key.overlap",
                "新旧密钥并用的时间超出范围。",
                found=f"{overlap.days} 天",
                expected=f"0 至 {rules.LONGEST_OVERLAP.days} 天",
            )
        now = timezone.now()
        ends = expires_at or now + (old.expires_at - old.created_at)
        rules.check_key(
            old.scopes,
            offered_scopes(old.client.organization),
            purpose=old.purpose,
            expires_at=ends,
            now=now,
            per_minute=old.per_minute,
        )
        made = _key(old.client, actor, old.scopes, old.purpose, old.per_minute, ends)
        old.expires_at = min(old.expires_at, max(now + overlap, now + timedelta(seconds=1)))
        old.save(update_fields=["expires_at"])
        record(subject=made.key, data={**_told(made.key), "before": old.prefix})
    return made


@retrying
def revoke_key(*, actor: Actor, key_id: int) -> ApiKey:
    """Ends a key at once, for good."""
    with recorded(actor, Action.API_KEY_REVOKE) as record:
        key = _locked(key_id)
        require(actor, Action.API_KEY_REVOKE, key.client)
        if key.revoked_at is not None:
            raise _ended(key)
        key.revoked_at = timezone.now()
        key.revoked_by = account_of(actor)
        key.save(update_fields=["revoked_at", "revoked_by"])
        record(subject=key, data=_told(key))
    return key


def _locked(key_id: int) -> ApiKey:
    return (
        ApiKey.objects.select_for_update(of=("self",))
        .select_related("client__organization")
        .get(pk=key_id)
    )


def _ended(key: ApiKey) -> Refusal:
    return Refusal(
        "api_key.ended",
        "这个接口密钥已经停用或过期。",
        found=f"{key.prefix}，有效期至 {timezone.localtime(key.expires_at):%Y-%m-%d %H:%M}",
        mend="请开通新的密钥。",
    )


def _client(actor: Actor, organization: Organization, name: str) -> ApiClient:
    found = ApiClient.objects.filter(organization=organization, name=name).first()
    if found is not None:
        return found
    try:
        with transaction.atomic():
            account = Account.objects.create_account(
                f"api.{secrets.token_hex(4)}",
                None,
                display_name=name,
                organization=organization,
                role=Role.CLERK.value,
            )
            return ApiClient.objects.create(
                name=name,
                account=account,
                organization=organization,
                created_by=account_of(actor),
            )
    except IntegrityError:  # somebody made it at the same moment
        return ApiClient.objects.get(organization=organization, name=name)


def _key(
    client: ApiClient,
    actor: Actor,
    scopes: Collection[str],
    purpose: str,
    per_minute: int,
    expires_at: datetime,
) -> MadeKey:
    prefix = "".join(secrets.choice(_PREFIX_LETTERS) for _ in range(rules.PREFIX_LENGTH))
    secret = secrets.token_urlsafe(32)
    key = ApiKey.objects.create(
        client=client,
        prefix=prefix,
        digest=digest_of(prefix, secret),
        scopes=list(scopes),
        purpose=purpose,
        per_minute=per_minute,
        expires_at=expires_at,
        created_by=account_of(actor),
    )
    return MadeKey(key, rules.key_text(prefix, secret))


def _told(key: ApiKey) -> dict[str, object]:
    return {
        "client": key.client.name,
        "organization": key.client.organization.name,
        "key": key.prefix,
        "scopes": list(key.scopes),
        "purpose": key.purpose,
        "expires_at": key.expires_at.isoformat(),
    }
