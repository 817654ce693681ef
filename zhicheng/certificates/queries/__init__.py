"""Reads of certificates: what an account may see, what waits, what is printed."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from zhicheng.certificates.models import Certificate, CertificateState
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Role
from zhicheng.registers.models import Register


def visible(account: Account) -> QuerySet[Certificate]:
    """The certificates that the account may see (invariant 9)."""
    found = Certificate.objects.select_related("register", "issuing_unit", "approving_department")
    if account.role == Role.ADMINISTRATOR:
        return found.none()
    if account.role == Role.AUDITOR or account.organization.is_municipal_office:
        return found
    mine = account.organization_id
    return found.filter(
        Q(issuing_unit=mine)
        | Q(approving_department=mine)
        | Q(register__reporting_unit=mine)
        | Q(register__endorser=mine)
    )


@dataclass(frozen=True)
class Progress:
    """How many certificates of a register are where; ``unfilled`` have no certificate yet."""

    people: int
    unfilled: int
    by_state: Mapping[str, int]

    @property
    def issued(self) -> int:
        """How many are in their holders' hands."""
        return self.by_state.get(CertificateState.ISSUED, 0)


def progress(register: Register) -> Progress:
    """The register's certificates by state."""
    counts = dict(
        Certificate.objects.filter(register=register)
        .order_by()
        .values_list("state")
        .annotate(number=Count("id"))
    )
    people = register.rows.filter(accepted=True).count()
    return Progress(people, people - sum(counts.values()), counts)
