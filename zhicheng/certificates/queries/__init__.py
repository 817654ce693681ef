"""Reads of certificates: what an account may see, what waits, what is printed."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, F, Q, QuerySet

from zhicheng.certificates.models import Certificate, CertificateState
from zhicheng.database.any_of import AnyOf, one_of
from zhicheng.organizations.guard import sees_all
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Role
from zhicheng.registers.models import Register

FEW_REGISTERS = 200


def visible(account: Account, *, among_few: bool = False) -> QuerySet[Certificate]:
    """The certificates that the account may see (invariant 9).

    ``among_few``: another condition finds few rows by its own index, and these are then looked
    through; else each way to see a certificate is found by the index of that way.
    """
    found = _with_names()
    if account.role == Role.ADMINISTRATOR:
        return found.none()
    if sees_all(account):
        return found
    registers = _registers_of(account).values("pk")
    theirs = (
        Q(register__in=registers)
        if among_few
        else Q(AnyOf(F("register_id"), ArraySubquery(registers)))
    )
    return found.filter(reduce(or_, [*_own(account), theirs]))


def visible_by_way(account: Account, *, by_register: bool = True) -> list[QuerySet[Certificate]]:
    """As :func:`visible`, apart by the way in which they are seen; a certificate may be in several.

    None where the account sees every certificate, or no certificate at all. Without those seen by
    their register where ``by_register`` is false.
    """
    if account.role == Role.ADMINISTRATOR or sees_all(account):
        return []
    own = [_with_names().filter(way) for way in _own(account)]
    if not by_register:
        return own
    registers = _registers_of(account)
    ids = list(registers.values_list("pk", flat=True))
    # Of few registers all certificates are read and put in order. Of many PostgreSQL has to know
    # that there are many: then it walks the newest certificates of all until a page is full.
    theirs = (
        Q(AnyOf(F("register_id"), ArraySubquery(registers.values("pk"))))
        if len(ids) <= FEW_REGISTERS
        else Q(one_of("register_id", ids))
    )
    return [*own, _with_names().filter(theirs)]


def _own(account: Account) -> list[Q]:
    """Where certificates name the organisation; a department's are most by approval."""
    mine = account.organization_id
    return [Q(approving_department=mine), Q(issuing_unit=mine)]


def _registers_of(account: Account) -> QuerySet[Register]:
    mine = account.organization_id
    return Register.objects.order_by().filter(Q(reporting_unit=mine) | Q(endorser=mine))


def _with_names() -> QuerySet[Certificate]:
    return Certificate.objects.select_related("register", "issuing_unit", "approving_department")


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
