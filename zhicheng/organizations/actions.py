"""Every change of organisations and accounts; administrators alone make them."""

from datetime import date
from typing import Any

from axes.utils import reset as forget_failures
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from zhicheng.audit.recording import recorded
from zhicheng.organizations.guard import Actor, require
from zhicheng.organizations.models import Account, Kind, Organization
from zhicheng.organizations.permissions import ROLE_LABELS, Action, Role
from zhicheng.values.refusal import Refusal

ORGANIZATION_FIELDS = (
    "name",
    "short_name",
    "kind",
    "has_authority",
    "supervisor",
    "is_approving_department",
    "region",
    "uscc",
    "valid_from",
    "valid_to",
)


def _clean(instance: Organization | Account, clause: str = "") -> None:
    try:
        instance.full_clean(exclude=["password"] if isinstance(instance, Account) else None)
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        known = {item.name: str(item.verbose_name) for item in instance._meta.fields}
        label = known.get(field, "整体检查")
        raise Refusal(
            "organizations.invalid",
            f"{label}：{'；'.join(messages)}",
            clause=clause,
            mend="请改正后重新保存。",
        ) from error
    if (
        isinstance(instance, Account)
        and instance.organization.kind == Kind.EMPLOYER
        and instance.role not in (Role.CLERK, Role.OFFICER)
    ):
        raise Refusal(
            "account.employer_role",
            "用人单位的账号只能是经办人或负责人。",
            clause="N18",
            found=ROLE_LABELS[Role(instance.role)],
            expected="经办人、负责人",
            mend="请改选角色。",
        )


def create_organization(*, actor: Actor, **fields: Any) -> Organization:
    """A new organisation; raises Refusal naming the field that doesn't fit (N3)."""
    require(actor, Action.ORGANIZATION_CREATE)
    organization = Organization(**fields)
    _clean(organization, "N3")
    with recorded(actor, Action.ORGANIZATION_CREATE) as record:
        organization.save()
        record(subject=organization, data={"name": organization.name, "kind": organization.kind})
    return organization


def change_organization(*, actor: Actor, organization_id: int, **fields: Any) -> Organization:
    """Changes fields of an organisation; the event keeps old and new values."""
    require(actor, Action.ORGANIZATION_CHANGE)
    unknown = set(fields) - set(ORGANIZATION_FIELDS)
    if unknown:
        raise ValueError(f"not fields of an organisation: {sorted(unknown)}")
    with recorded(actor, Action.ORGANIZATION_CHANGE) as record:
        organization = Organization.objects.select_for_update().get(pk=organization_id)
        changes = {}
        for name, value in fields.items():
            before = getattr(organization, name)
            if before != value:
                changes[name] = [_plain(before), _plain(value)]
                setattr(organization, name, value)
        _clean(organization, "N3")
        organization.save()
        record(subject=organization, data={"changes": changes})
    return organization


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return getattr(value, "pk", value)


def close_organization(*, actor: Actor, organization_id: int, last_day: date) -> Organization:
    """Ends an organisation; its old certificates and registers keep it."""
    return change_organization(actor=actor, organization_id=organization_id, valid_to=last_day)


def create_account(
    *,
    actor: Actor,
    username: str,
    password: str,
    display_name: str,
    organization: Organization,
    role: str,
) -> Account:
    """A new login. Raises Refusal for a weak password, a taken name or a role out of place."""
    require(actor, Action.ACCOUNT_CREATE)
    _require_fitting_role(organization, role)
    account = Account(
        username=username.strip(),
        display_name=display_name.strip(),
        organization=organization,
        role=role,
    )
    _clean(account)
    _set_password(account, password)
    with recorded(actor, Action.ACCOUNT_CREATE) as record:
        account.save()
        record(
            subject=account,
            data={"username": account.username, "role": role, "organization": organization.name},
        )
    return account


def _require_fitting_role(organization: Organization, role: str) -> None:
    may_emboss = organization.is_municipal_office or organization.is_approving_department
    if role == Role.EMBOSSER and not may_emboss:
        raise Refusal(
            "account.role_out_of_place",
            "钢印员只能属于市职改办或资格核准部门。",
            clause="N8",
            found=f"{organization.name} {ROLE_LABELS[Role.EMBOSSER]}",
            expected="市职改办或资格核准部门",
        )


def _set_password(account: Account, password: str) -> None:
    try:
        validate_password(password, account)
    except ValidationError as error:
        raise Refusal(
            "account.password_weak", "密码不符合要求：" + "；".join(error.messages)
        ) from error
    account.set_password(password)


def change_account(*, actor: Actor, account_id: int, **fields: Any) -> Account:
    """Changes name, organisation, role, telephone or whether the account is switched on."""
    require(actor, Action.ACCOUNT_CHANGE)
    allowed = {"display_name", "organization", "role", "telephone", "is_active"}
    if set(fields) - allowed:
        raise ValueError(f"not changeable: {sorted(set(fields) - allowed)}")
    with recorded(actor, Action.ACCOUNT_CHANGE) as record:
        account = Account.objects.select_for_update().get(pk=account_id)
        if account.pk == actor.pk:
            raise Refusal(
                "account.own",
                "管理员不能修改自己的账号。",
                clause="N18",
                mend="请由另一名系统管理员办理。",
            )
        changes = {}
        for name, value in fields.items():
            before = getattr(account, name)
            if before != value:
                changes[name] = [_plain(before), _plain(value)]
                setattr(account, name, value)
        _require_fitting_role(account.organization, account.role)
        _clean(account)
        account.save()
        record(subject=account, data={"username": account.username, "changes": changes})
    return account


def reset_password(*, actor: Actor, account_id: int, password: str) -> Account:
    """Sets a new password for somebody who lost theirs."""
    require(actor, Action.PASSWORD_RESET)
    with recorded(actor, Action.PASSWORD_RESET) as record:
        account = Account.objects.select_for_update().get(pk=account_id)
        _set_password(account, password)
        account.save(update_fields=["password"])
        record(subject=account, data={"username": account.username})
    return account


def unlock_account(*, actor: Actor, account_id: int) -> Account:
    """Ends a lock-out before its quarter of an hour; whoever asks was recognised otherwise."""
    require(actor, Action.ACCOUNT_UNLOCK)
    with recorded(actor, Action.ACCOUNT_UNLOCK) as record:
        account = Account.objects.select_for_update(of=("self",)).get(pk=account_id)
        if not forget_failures(username=account.username):
            raise Refusal(
                "account.not_locked",
                "这个账号没有被锁定。",
                clause="N18",
                mend="可能已过锁定时间，请让本人再次登录。",
            )
        record(subject=account, data={"username": account.username})
    return account
