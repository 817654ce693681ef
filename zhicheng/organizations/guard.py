"""Asks the permission table: the only door through which actions and pages decide (invariant 9)."""

from collections.abc import Mapping
from typing import Final, Protocol

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser

from zhicheng.organizations.models import Account, Kind, Organization
from zhicheng.organizations.permissions import (
    ACTION_LABELS,
    EMPLOYER_ACTIONS,
    PERMISSIONS,
    ROLE_LABELS,
    Action,
    Relation,
    Role,
    could,
    permits,
)
from zhicheng.values.refusal import NotPermitted


class Subject(Protocol):
    """Whatever knows which organisations stand in which relation to it."""

    def parties(self) -> Mapping[Relation, set[int]]:
        """The ids of the organisations in each relation."""
        ...


class Console:
    """Whoever sits at the server's command line: has every power there already."""

    pk: None = None
    username: str = "console"
    organization_id: None = None


CONSOLE: Final = Console()
Actor = Account | Console


def account_of(actor: Actor) -> Account | None:
    """The account for a column that says who did it; None for the console."""
    return actor if isinstance(actor, Account) else None


def relations(organization: Organization, subject: Subject | None) -> frozenset[Relation]:
    """How the organisation stands to the object (without ``Relation.ANY``)."""
    found = {Relation.MUNICIPAL} if organization.is_municipal_office else set()
    if subject is not None:
        found |= {
            relation
            for relation, organizations in subject.parties().items()
            if organization.pk in organizations
        }
    return frozenset(found)


def possible_relations(organization: Organization) -> frozenset[Relation]:
    """Every relation in which the organisation could stand to some object: for menus."""
    if organization.kind == Kind.EMPLOYER:
        return frozenset({Relation.EMPLOYING})
    found = {Relation.EMPLOYING}
    if organization.is_municipal_office:
        found |= {Relation.MUNICIPAL, Relation.EMBOSSING}
    if organization.kind != Kind.MUNICIPAL_OFFICE:
        found.add(Relation.REPORTING)
        if organization.has_authority:
            found |= {Relation.ISSUING, Relation.SUPERVISING}
    if organization.is_approving_department:
        found |= {Relation.APPROVING, Relation.EMBOSSING}
    return frozenset(found)


def may(
    actor: Actor | AnonymousUser | AbstractBaseUser, action: Action, subject: Subject | None = None
) -> bool:
    """Whether the account may do ``action`` on ``subject``; False for strangers."""
    if isinstance(actor, Console):
        return True
    if not isinstance(actor, Account) or not actor.is_active:
        return False
    if _beyond_an_employer(actor, action):
        return False
    return permits(action, Role(actor.role), relations(actor.organization, subject))


def might(actor: Actor | AnonymousUser | AbstractBaseUser, action: Action) -> bool:
    """Whether there can be an object on which the account may do ``action``: for menus."""
    if isinstance(actor, Console):
        return True
    if not isinstance(actor, Account) or not actor.is_active:
        return False
    if _beyond_an_employer(actor, action):
        return False
    return could(action, Role(actor.role), possible_relations(actor.organization))


def _beyond_an_employer(account: Account, action: Action) -> bool:
    return account.organization.kind == Kind.EMPLOYER and action not in EMPLOYER_ACTIONS


def require(
    actor: Actor | AnonymousUser | AbstractBaseUser, action: Action, subject: Subject | None = None
) -> None:
    """Raises NotPermitted, naming who could, unless the account may."""
    if may(actor, action, subject):
        return
    roles = sorted({ROLE_LABELS[role] for role, _relation in PERMISSIONS[action]})
    raise NotPermitted(
        "permission.denied",
        f"您的账号不能办理“{ACTION_LABELS[action]}”。",
        clause="N18",
        found=(
            f"{actor.organization.name} {actor.get_role_display()}"
            if isinstance(actor, Account)
            else "未登录"
        ),
        expected=f"有权机构的{'、'.join(roles)}",
        mend="请由有权的机构和人员办理。",
    )


def sees_all(account: Account) -> bool:
    """Whether the account looks over the whole city: the office's people and auditors (N18)."""
    if account.role == Role.ADMINISTRATOR:
        return False
    return account.role == Role.AUDITOR or account.organization.is_municipal_office
