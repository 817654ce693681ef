"""What a key may say and do, how its text looks, when a delivery is tried again: pure."""

import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from zhicheng.organizations.permissions import Action
from zhicheng.values.refusal import Conflict, Refusal


def _(text: str) -> str:
    """Marks a text for the translation that pages make; here there is none."""
    return text


class Scope(StrEnum):
    """What a key may be used for; never more than its organisation's clerk may do."""

    REFERENCE_READ = "reference:read"
    CERTIFICATES_READ = "certificates:read"
    ID_NUMBERS_READ = "id_numbers:read"
    REVOCATIONS_READ = "revocations:read"
    APPROVALS_WRITE = "approvals:write"
    REGISTERS_READ = "registers:read"
    REGISTERS_WRITE = "registers:write"
    VERIFICATIONS_WRITE = "verifications:write"
    SELF_ISSUED_WRITE = "self_issued:write"


@dataclass(frozen=True)
class ScopeFacts:
    """A scope's words, and the action of the permission table that it needs (None: none)."""

    label: str
    hint: str
    action: Action | None


SCOPES: Mapping[Scope, ScopeFacts] = {
    Scope.REFERENCE_READ: ScopeFacts(_("基础数据"), _("系列、级别、资格名称、区县"), None),
    Scope.CERTIFICATES_READ: ScopeFacts(
        _("证书数据"),
        _("单个查询、变更序列、批量导出；身份证号码为掩码"),
        Action.CERTIFICATE_VIEW,
    ),
    Scope.ID_NUMBERS_READ: ScopeFacts(
        _("完整身份证号码"),
        _("与“证书数据”合用；须写明用途，每次取用记入审计"),
        Action.PERSON_UNMASK,
    ),
    Scope.REVOCATIONS_READ: ScopeFacts(
        _("失效清单"), _("报失、作废证书的清单，可离线使用"), Action.CERTIFICATE_VIEW
    ),
    Scope.APPROVALS_WRITE: ScopeFacts(
        _("报送核准文件"),
        _("评审系统报送核准文件和通过人员"),
        Action.APPROVAL_IMPORT,
    ),
    Scope.REGISTERS_READ: ScopeFacts(
        _("登记表状态"), _("本机构登记表的状态和检查结果"), Action.REGISTER_VIEW
    ),
    Scope.REGISTERS_WRITE: ScopeFacts(
        _("报送登记表"), _("上传或更换登记表；提交仍由人在页面上办理"), Action.REGISTER_UPLOAD
    ),
    Scope.VERIFICATIONS_WRITE: ScopeFacts(
        _("批量核验"),
        _("用人单位按姓名和号码批量核验证书；每一行都有记录，持证人可见"),
        Action.BATCH_VERIFY,
    ),
    Scope.SELF_ISSUED_WRITE: ScopeFacts(
        _("报送自主发放证书"),
        _("自主评审单位报送自行发放的证书，供查询"),
        Action.SELF_ISSUED_REPORT,
    ),
}

LONGEST_LIFE = timedelta(days=400)
LONGEST_OVERLAP = timedelta(days=30)
PER_MINUTE = 600
MOST_PER_MINUTE = 60_000
WINDOW_SECONDS = 60
KEY_BEGINNING = "zck"
PREFIX_LENGTH, SECRET_LENGTH = 8, 43
_KEY = re.compile(r"zck_([0-9a-z]{8})_([0-9A-Za-z_-]{43})")
IDEMPOTENCY_KEPT = timedelta(hours=24)


def key_text(prefix: str, secret: str) -> str:
    """The key as it is shown once and sent with every call."""
    return f"{KEY_BEGINNING}_{prefix}_{secret}"


def take_apart(text: str) -> tuple[str, str] | None:
    """Prefix and secret of a key's text; None when it is none."""
    found = _KEY.fullmatch(text)
    return (found[1], found[2]) if found else None


def check_key(
    scopes: Collection[str],
    offered: Collection[Scope],
    *,
    purpose: str,
    expires_at: datetime,
    now: datetime,
    per_minute: int,
) -> None:
    """Raises Refusal for a key that may not be made so."""
    beyond = sorted(set(scopes) - {scope.value for scope in offered})
    if beyond or not scopes:
        raise Refusal(
            "api_key.scopes",
            "接口密钥的权限范围不能超出本机构经办人的权限，且至少一项。",
            clause="N18",
            found="、".join(beyond) or "没有选择",
            expected="、".join(scope.value for scope in offered),
            mend="请重新选择权限范围。",
        )
    if Scope.ID_NUMBERS_READ in scopes and (
        not purpose.strip() or Scope.CERTIFICATES_READ not in scopes
    ):
        raise Refusal(
            "api_key.purpose",
            "取用完整身份证号码的密钥须写明用途，并同时含有“证书数据”。",
            clause="N18",
            mend="请写明用途（个人信息保护法要求目的明确）后再开通。",
        )
    if not now < expires_at <= now + LONGEST_LIFE:
        raise Refusal(
            "api_key.expiry",
            "接口密钥须有有效期。",
            clause="N18",
            found=expires_at.date().isoformat(),
            expected=f"自今日起不超过 {LONGEST_LIFE.days} 天",
            mend="请改选有效期；到期前可以更换密钥。",
        )
    if not 1 <= per_minute <= MOST_PER_MINUTE:
        raise Refusal(
            "api_key.per_minute",
            "每分钟请求数超出范围。",
            found=str(per_minute),
            expected=f"1 至 {MOST_PER_MINUTE}",
        )


def body_digest(method: str, path: str, body: bytes) -> str:
    """What makes two calls the same call."""
    return hashlib.sha256(f"{method} {path}\n".encode() + body).hexdigest()


def other_body() -> Refusal:
    """The same idempotency key for another call."""
    return Conflict(
        "idempotency.other_body",
        "这个幂等键（Idempotency-Key）已用于另一个请求。",
        found="同一键，内容不同",
        expected="同一键只用于同一请求的重试",
        mend="新的请求请用新的键；重试请原样重发。",
    )


# --- Webhooks (Standard Webhooks 1.0) ---------------------------------------------------------


class Event(StrEnum):
    """What a subscription can hear of."""

    ISSUED = "certificate.issued"
    LOST = "certificate.lost"
    FOUND = "certificate.found"
    VOID = "certificate.void"
    REGISTER = "register.state_changed"


EVENTS: Mapping[Event, str] = {
    Event.ISSUED: _("证书发放"),
    Event.LOST: _("证书报失"),
    Event.FOUND: _("报失证书找回"),
    Event.VOID: _("证书作废"),
    Event.REGISTER: _("登记表状态变化"),
}
