"""Reads of registrations and ledgers (invariant 9)."""

from django.db.models import Q, QuerySet

from zhicheng.historic.models import Ledger, Registration, RegistrationState
from zhicheng.organizations.guard import sees_all
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Role


def visible(account: Account) -> QuerySet[Registration]:
    """Registrations that the account may see: the unit's own, the office all; never drafts."""
    found = Registration.objects.exclude(state=RegistrationState.DRAFT).select_related(
        "unit", "approving_department", "certificate"
    )
    if account.role == Role.ADMINISTRATOR:
        return found.none()
    if sees_all(account):
        return found
    mine = account.organization_id
    return found.filter(Q(unit=mine) | Q(approving_department=mine))


def ledgers(account: Account) -> QuerySet[Ledger]:
    """Old ledgers: the office's and the auditors'."""
    found = Ledger.objects.select_related("organization", "uploaded_by", "imported_by").defer(
        "content", "head_cipher"
    )
    return found if sees_all(account) else found.none()
