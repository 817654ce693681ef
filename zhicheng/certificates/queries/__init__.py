"""Reads of certificates: what an account may see, what waits, what is printed."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, F, Q, QuerySet

from zhicheng.certificates.models import Certificate, CertificateState
from zhicheng.database.any_of import AnyOf
from zhicheng.organizations.guard import sees_all
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Role
from zhicheng.registers.models import Register


def visible(account: Account, *, among_few: bool = False) -> QuerySet[Certificate]:
    """The certificates that the account may see (invariant 9).

    ``among_few``: another condition finds few rows by its own index, and these are then looked
    through; else each way to see a certificate is found by the index of that way.
    """
    found = Certificate.objects.select_related("register", "issuing_unit", "approving_department")
    if account.role == Role.ADMINISTRATOR:
        return found.none()
    if sees_all(account):
        return found
    mine = account.organization_id
    registers = Register.objects.order_by().filter(Q(reporting_unit=mine) | Q(endorser=mine))
    theirs = (
        Q(register__in=registers.values("pk"))
        if among_few
        else Q(AnyOf(F("register_id"), ArraySubquery(registers.values("pk"))))
    )
    return found.filter(Q(issuing_unit=mine) | Q(approving_department=mine) | theirs)


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
