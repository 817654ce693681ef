"""THE permission table: role x action x relation of the organisation to the object.

The guard, the menus, the buttons and the matrix test all read it; nothing else decides who may
do what (invariant 9). An action's value is at the same time the tag of its audit event:
``source:subject:action``.

It is written in parts, one for each part of the product, and is one table here: nobody reads a
part (``lint-imports`` holds that), and no action stands in two.
"""

from collections.abc import Mapping
from typing import TypeVar

from zhicheng.organizations.permissions.accounts import ACCOUNTS, ACCOUNTS_LABELS
from zhicheng.organizations.permissions.action import Action
from zhicheng.organizations.permissions.answers import ANSWERS, ANSWERS_LABELS
from zhicheng.organizations.permissions.blanks import BLANKS, BLANKS_LABELS
from zhicheng.organizations.permissions.certificates import CERTIFICATES, CERTIFICATES_LABELS
from zhicheng.organizations.permissions.electronic import ELECTRONIC, ELECTRONIC_LABELS
from zhicheng.organizations.permissions.filing import FILING, FILING_LABELS
from zhicheng.organizations.permissions.granting import Grant, Labels, Table
from zhicheng.organizations.permissions.handing_on import HANDING_ON, HANDING_ON_LABELS
from zhicheng.organizations.permissions.interface import INTERFACE, INTERFACE_LABELS
from zhicheng.organizations.permissions.layouts import LAYOUTS, LAYOUTS_LABELS
from zhicheng.organizations.permissions.oversight import OVERSIGHT, OVERSIGHT_LABELS
from zhicheng.organizations.permissions.photos import PHOTOS, PHOTOS_LABELS
from zhicheng.organizations.permissions.records import RECORDS, RECORDS_LABELS
from zhicheng.organizations.permissions.reissues import REISSUES, REISSUES_LABELS
from zhicheng.organizations.permissions.reminders import REMINDERS, REMINDERS_LABELS
from zhicheng.organizations.permissions.roles import ROLE_LABELS, Relation, Role

__all__ = [
    "ACTION_LABELS",
    "EMPLOYER_ACTIONS",
    "PERMISSIONS",
    "ROLE_LABELS",
    "Action",
    "Grant",
    "Relation",
    "Role",
    "could",
    "permits",
]

Cell = TypeVar("Cell")


def _joined(*parts: Mapping[Action, Cell]) -> Mapping[Action, Cell]:
    """The parts as one; of an action in two parts the last would decide unseen."""
    whole: dict[Action, Cell] = {}
    for part in parts:
        twice = whole.keys() & part.keys()
        assert not twice, twice
        whole |= part
    return whole


# In the order in which the page of permissions shows them.
ACTION_LABELS: Labels = _joined(
    FILING_LABELS,
    BLANKS_LABELS,
    CERTIFICATES_LABELS,
    REISSUES_LABELS,
    HANDING_ON_LABELS,
    PHOTOS_LABELS,
    ELECTRONIC_LABELS,
    INTERFACE_LABELS,
    LAYOUTS_LABELS,
    RECORDS_LABELS,
    ANSWERS_LABELS,
    OVERSIGHT_LABELS,
    REMINDERS_LABELS,
    ACCOUNTS_LABELS,
)

PERMISSIONS: Table = _joined(
    FILING,
    BLANKS,
    CERTIFICATES,
    REISSUES,
    HANDING_ON,
    PHOTOS,
    ELECTRONIC,
    INTERFACE,
    LAYOUTS,
    RECORDS,
    ANSWERS,
    OVERSIGHT,
    REMINDERS,
    ACCOUNTS,
)

# An organisation of kind 用人单位 may do nothing beyond this, whatever its account's role: what
# is granted to everybody else in a role isn't meant for somebody outside the administration.
EMPLOYER_ACTIONS = frozenset(
    {
        Action.BATCH_VERIFY,
        Action.BATCH_VIEW,
        Action.API_KEY_VIEW,
        Action.API_KEY_CREATE,
        Action.API_KEY_ROTATE,
        Action.API_KEY_REVOKE,
        Action.LIST_EXPORT,
        Action.ORGANIZATION_VIEW,
        Action.PASSWORD_CHANGE,
        Action.SECOND_FACTOR_SET_UP,
        Action.SECOND_FACTOR_RENEW_CODES,
        Action.SECOND_FACTOR_TURN_OFF,
        Action.SESSION_END,
    }
)


def permits(action: Action, role: Role, relations: frozenset[Relation]) -> bool:
    """Whether an account of this role, whose organisation stands so to the object, may act.

    ``relations`` needn't contain ``Relation.ANY``.
    """
    return any(
        granted_role == role and (relation is Relation.ANY or relation in relations)
        for granted_role, relation in PERMISSIONS[action]
    )


def could(action: Action, role: Role, possible: frozenset[Relation]) -> bool:
    """Whether there can be an object on which such an account may act: for menus."""
    return permits(action, role, possible)
