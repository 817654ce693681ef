"""Every change of organisations and accounts; administrators alone make them."""

from collections.abc import Collection
from datetime import date
from typing import Any

from axes.utils import reset as forget_failures
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone

from zhicheng.audit.recording import recorded, retrying
from zhicheng.organizations.guard import Actor, require
from zhicheng.organizations.guesses import forgive
from zhicheng.organizations.holding import hold_alone, hold_shared, require_not_ended
from zhicheng.organizations.models import Account, Kind, Organization
from zhicheng.organizations.permissions import ROLE_LABELS, Action, Role
from zhicheng.organizations.sessions import end_logins
from zhicheng.values.id_number import holds_adults
from zhicheng.values.refusal import Refusal
from zhicheng.values.text import hide_id_numbers

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
)


# What an audit event or a page names somebody by, and anything can be typed into.
_TYPED = ("name", "short_name", "username", "display_name", "telephone")


def _require_no_id_number(instance: Organization | Account, fields: Collection[str]) -> None:
    """Of the given fields; one that was named so before keeps its name until that is changed."""
    for name in _TYPED:
        text = str(getattr(instance, name, "")) if name in fields else ""
        if hide_id_numbers(text) == text:
            continue
        label = {item.name: str(item.verbose_name) for item in instance._meta.fields}[name]
        raise Refusal(
            "organizations.id_number",
            f"{label}中有身份证号码；名称、用户名和电话里不填身份证号码。",
            clause="N18",
            mend="请改填后重新保存。",
        )


def _clean(
    instance: Organization | Account, clause: str = "", *, fields: Collection[str] = _TYPED
) -> None:
    _require_no_id_number(instance, fields)
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


@retrying
def create_organization(*, actor: Actor, **fields: Any) -> Organization:
    """A new organisation; raises Refusal naming the field that doesn't fit (N3).

    Its department is one that hasn't ended.
    """
    require(actor, Action.ORGANIZATION_CREATE)
    organization = Organization(**fields)
    _clean(organization, "N3")
    with recorded(actor, Action.ORGANIZATION_CREATE) as record:
        _require_department_stays(organization)
        organization.save()
        record(subject=organization, data={"name": organization.name, "kind": organization.kind})
    return organization


@retrying
def change_organization(*, actor: Actor, organization_id: int, **fields: Any) -> Organization:
    """Changes fields of an organisation; the event keeps old and new values.

    It is ended by ``closing.close_organization`` alone; a new department is one that hasn't ended.
    """
    require(actor, Action.ORGANIZATION_CHANGE)
    unknown = set(fields) - set(ORGANIZATION_FIELDS)
    if unknown:
        raise ValueError(f"not fields of an organisation: {sorted(unknown)}")
    with recorded(actor, Action.ORGANIZATION_CHANGE) as record:
        organization = hold_alone(organization_id)
        changes = {}
        for name, value in fields.items():
            before = getattr(organization, name)
            if before != value:
                changes[name] = [_plain(before), _plain(value)]
                setattr(organization, name, value)
        if "supervisor" in changes:
            _require_department_stays(organization)
        _clean(organization, "N3", fields=changes)
        organization.save()
        record(subject=organization, data={"changes": changes})
    return organization


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str) and holds_adults(value, timezone.localdate()):
        return hide_id_numbers(value)  # of a time when names weren't checked
    return getattr(value, "pk", value)


def _held(organization_id: int) -> Organization:
    return hold_shared(organization_id)[organization_id]


def _require_department_stays(organization: Organization) -> None:
    """A unit that comes below a department is something left to be done there."""
    if organization.supervisor_id is not None:
        require_not_ended(_held(organization.supervisor_id))


def _require_open_for_accounts(organization: Organization) -> None:
    if organization.has_ended(timezone.localdate()):
        raise Refusal(
            "account.organization_closed",
            "这个机构已经停用，不能有启用的账号。",
            clause="N3",
            found=f"{organization.name}，停用日期 {organization.valid_to}",
            expected="没有停用的机构",
            mend="请改选没有停用的机构；机构停用有误的，请先恢复机构。",
        )


@retrying
def create_account(
    *,
    actor: Actor,
    username: str,
    password: str,
    display_name: str,
    organization: Organization,
    role: str,
    telephone: str = "",
    must_change_password: bool = True,
) -> Account:
    """A new login.

    Raises Refusal for a weak password, a taken name, a role out of place or an organisation that
    has ended.

    ``must_change_password``: somebody else made the password, so its owner changes it first.
    """
    require(actor, Action.ACCOUNT_CREATE)
    _require_fitting_role(organization, role)
    account = Account(
        username=username.strip(),
        display_name=display_name.strip(),
        organization=organization,
        role=role,
        telephone=telephone.strip(),
        must_change_password=must_change_password,
    )
    _clean(account)
    _set_password(account, password)
    with recorded(actor, Action.ACCOUNT_CREATE) as record:
        _require_open_for_accounts(_held(organization.pk))
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


@retrying
def change_account(*, actor: Actor, account_id: int, **fields: Any) -> Account:
    """Changes name, organisation, role, telephone or whether the account is switched on.

    In an organisation that has ended none is on, so there it is refused but for one that is off.
    """
    require(actor, Action.ACCOUNT_CHANGE)
    allowed = {"display_name", "organization", "role", "telephone", "is_active"}
    if set(fields) - allowed:
        raise ValueError(f"not changeable: {sorted(set(fields) - allowed)}")
    with recorded(actor, Action.ACCOUNT_CHANGE) as record:
        # The organisation before its account, in the order of an organisation's closing.
        home = fields.get("organization") or Account.objects.get(pk=account_id).organization
        organization = _held(home.pk)
        account = Account.objects.select_for_update(of=("self",)).get(pk=account_id)
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
        if account.organization_id != organization.pk:  # somebody moved it meanwhile
            organization = _held(account.organization_id)
        if account.is_active:
            _require_open_for_accounts(organization)
        _require_fitting_role(account.organization, account.role)
        _clean(account, fields=changes)
        account.save()
        if not account.is_active:
            end_logins(account.pk)
        record(subject=account, data={"username": _plain(account.username), "changes": changes})
    return account


def reset_password(*, actor: Actor, account_id: int, password: str) -> Account:
    """Sets a new password for somebody who lost theirs, and who has to change it at once."""
    require(actor, Action.PASSWORD_RESET)
    with recorded(actor, Action.PASSWORD_RESET) as record:
        account = Account.objects.select_for_update().get(pk=account_id)
        _set_password(account, password)
        account.must_change_password = True
        account.save(update_fields=["password", "must_change_password"])
        end_logins(account.pk)
        forgive(account.pk)
        record(subject=account, data={"username": _plain(account.username)})
    return account


def change_password(*, actor: Account, password: str) -> Account:
    """Sets one's own password, which ends every session; the page asked for the old one.

    Raises Refusal for a weak password, and for the one that the account has.
    """
    require(actor, Action.PASSWORD_CHANGE)
    with recorded(actor, Action.PASSWORD_CHANGE) as record:
        account = Account.objects.select_for_update(of=("self",)).get(pk=actor.pk)
        if account.check_password(password):
            raise Refusal(
                "account.password_same",
                "新密码与现在的密码相同。",
                clause="N18",
                mend="请另设一个密码。",
            )
        _set_password(account, password)
        forced, account.must_change_password = account.must_change_password, False
        account.save(update_fields=["password", "must_change_password"])
        end_logins(account.pk)
        forgive(account.pk)
        record(subject=account, data={"forced": forced})
    return account


def unlock_account(*, actor: Actor, account_id: int) -> Account:
    """Ends a lock-out before its quarter of an hour; whoever asks was recognised otherwise."""
    require(actor, Action.ACCOUNT_UNLOCK)
    with recorded(actor, Action.ACCOUNT_UNLOCK) as record:
        account = Account.objects.select_for_update(of=("self",)).get(pk=account_id)
        forgiven = forgive(account.pk)
        if not forget_failures(username=account.username) and not forgiven:
            raise Refusal(
                "account.not_locked",
                "这个账号没有被锁定。",
                clause="N18",
                mend="可能已过锁定时间，请让本人再次登录。",
            )
        record(subject=account, data={"username": _plain(account.username)})
    return account
