"""Whose certificates a batch of the path is: a register's, or the one of a reissue (N8, N12)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from zhicheng.blanks import ledger
from zhicheng.blanks.models import Custody, CustodyState
from zhicheng.certificates.models import Certificate
from zhicheng.organizations.models import Account, Organization
from zhicheng.organizations.permissions import Relation
from zhicheng.registers.models import Register


@dataclass(frozen=True)
class Owner:
    """What the certificates of a batch have in common: their unit, their accounts, their papers.

    ``subject`` is what the audit event of a step names: the register, or the certificate.
    """

    unit: Organization
    subject: Any
    register: Register | None = None
    reissue: int | None = None

    @property
    def label(self) -> str:
        """How people call it: the register's number, or the certificate's."""
        return str(self.subject.number)

    def parties(self) -> Mapping[Relation, set[int]]:
        """For the guard."""
        found: Mapping[Relation, set[int]] = self.subject.parties()
        return found

    def certificates(self) -> "QuerySet[Certificate]":
        """All certificates of it."""
        if self.register is not None:
            return Certificate.objects.filter(register=self.register)
        return Certificate.objects.filter(reissue=self.reissue)

    def custody(self, state: CustodyState, grade: str) -> Custody:
        """The unit's account of this purpose, opened when it is first needed."""
        return ledger.custody(
            self.unit.pk,
            state,
            grade,
            register_id=self.register.pk if self.register else None,
            reissue=self.reissue,
        )

    @property
    def purpose(self) -> dict[str, Any]:
        """The fields that name it in accounts and records of spoiled blanks."""
        return {"register": self.register, "reissue": self.reissue}


def owner(*, register_id: int | None = None, reissue: int | None = None) -> Owner:
    """The owner, locked until the transaction ends; exactly one of both is given."""
    if (register_id is None) == (reissue is None):
        raise ValueError("a batch is of a register or of a reissue")
    if register_id is not None:
        register = (
            Register.objects.select_for_update(no_key=True, of=("self",))
            .select_related("issuing_unit")
            .get(pk=register_id)
        )
        return Owner(register.issuing_unit, register, register=register)
    certificate = (
        Certificate.objects.select_for_update(no_key=True, of=("self",))
        .select_related("issuing_unit")
        .get(reissue=reissue)
    )
    return Owner(certificate.issuing_unit, certificate, reissue=reissue)


def named(certificate: Certificate) -> dict[str, int | None]:
    """The keywords by which the path's actions find this certificate's owner."""
    return {"register_id": certificate.register_id, "reissue": certificate.reissue}


# Called with whoever issues and the ids of certificates of reissues that are about to be issued, in
# the issuing transaction: the folder of reissues makes void what they replace (N12).
_before_issue: list[Callable[[Account, list[int]], None]] = []


def called_before_issue(function: Callable[[Account, list[int]], None]) -> None:
    """Registers what has to happen before certificates of reissues are issued."""
    if function not in _before_issue:
        _before_issue.append(function)


def before_issue(actor: Account, certificate_ids: list[int]) -> None:
    """Tells everybody who registered."""
    for function in _before_issue:
        function(actor, certificate_ids)
