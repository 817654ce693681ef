"""Reads of certificates: what an account may see, what waits, what is printed."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, Count, F, Func, Q, QuerySet

from zhicheng.certificates.models import Certificate, CertificateState
from zhicheng.organizations.guard import sees_all
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Role
from zhicheng.registers.models import Register


def visible(account: Account) -> QuerySet[Certificate]:
    """The certificates that the account may see (invariant 9)."""
    found = Certificate.objects.select_related("register", "issuing_unit", "approving_department")
    if account.role == Role.ADMINISTRATOR:
        return found.none()
    if sees_all(account):
        return found
    mine = account.organization_id
    registers = Register.objects.order_by().filter(Q(reporting_unit=mine) | Q(endorser=mine))
    return found.filter(
        Q(issuing_unit=mine)
        | Q(approving_department=mine)
        | _AnyOf(F("register_id"), ArraySubquery(registers.values("pk")))
    )


class _AnyOf(Func):
    """``column = ANY (array)``: each part of the OR around it can use its own index."""

    template, arg_joiner = "(%(expressions)s))", " = ANY ("
    output_field = BooleanField()
    conditional = True


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
