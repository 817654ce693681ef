"""Who calls: a key becomes its system's account, with scopes; the audit names the key."""

import hmac
from dataclasses import dataclass

from django.http import HttpRequest
from ninja.security import HttpBearer

from zhicheng.api import rules
from zhicheng.api.actions import digest_of
from zhicheng.api.limits import count_request
from zhicheng.api.models import ApiKey
from zhicheng.api.problems import Unauthenticated
from zhicheng.api.rules import SCOPES, Scope
from zhicheng.organizations.guard import might, require
from zhicheng.organizations.models import Account
from zhicheng.values.refusal import NotPermitted


@dataclass(frozen=True)
class Caller:
    """The key of this call and the account as which it acts."""

    key: ApiKey
    account: Account

    def holds(self, scope: Scope) -> bool:
        """Whether the key was given the scope."""
        return scope.value in self.key.scopes

    def need(self, scope: Scope) -> None:
        """Raises NotPermitted unless the key has the scope and its organisation the right."""
        if not self.holds(scope):
            raise NotPermitted(
                "api_key.scope_missing",
                f"这个接口密钥没有“{SCOPES[scope].label}”的权限范围。",
                clause="N18",
                found="、".join(self.key.scopes),
                expected=scope.value,
                mend="请由本机构负责人开通含有该权限范围的密钥。",
            )
        action = SCOPES[scope].action
        if action is not None and not might(self.account, action):
            require(self.account, action)


class Bearer(HttpBearer):
    """``Authorization: Bearer zck_…``."""

    def __call__(self, request: HttpRequest) -> Caller:
        """The caller; raises Unauthenticated or TooMany."""
        scheme, _space, text = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            raise Unauthenticated(
                "api_key.missing",
                "请求没有带接口密钥。",
                expected="Authorization: Bearer zck_…",
                mend="请在请求头中带上接口密钥。",
            )
        return self.authenticate(request, text.strip())

    def authenticate(self, request: HttpRequest, token: str) -> Caller:
        """The caller of the key's text."""
        key = _key_of(token)
        if key is None or not key.works or not key.client.account.is_active:
            raise Unauthenticated(
                "api_key.invalid",
                "接口密钥无效、已停用或已过期。",
                mend="请向本机构负责人索取有效的密钥。",
            )
        request.rate_headers = count_request(key)  # type: ignore[attr-defined]
        account = key.client.account
        # Never saved: it is how the audit's events name the key beside the system.
        account.display_name = f"{account.display_name}（{rules.KEY_BEGINNING}_{key.prefix}）"
        return Caller(key, account)


def _key_of(text: str) -> ApiKey | None:
    parts = rules.take_apart(text)
    if parts is None:
        return None
    prefix, secret = parts
    key = (
        ApiKey.objects.select_related("client__account__organization").filter(prefix=prefix).first()
    )
    same = hmac.compare_digest(bytes(key.digest) if key else bytes(32), digest_of(prefix, secret))
    return key if same else None


def caller_of(request: HttpRequest) -> Caller:
    """The caller, in an operation behind :class:`Bearer`."""
    caller = request.auth  # type: ignore[attr-defined]
    assert isinstance(caller, Caller)
    return caller
