"""What a step of an application did, and that a refused one did nothing."""

from collections.abc import Callable

import pytest

from zhicheng.audit.models import AuditEvent
from zhicheng.audit.verify import verify
from zhicheng.blanks.models import Holding
from zhicheng.certificates.reconcile import reconcile
from zhicheng.values.refusal import Refusal


def proven() -> None:
    """Both proofs of the whole database hold."""
    assert reconcile().faults == []
    assert verify().as_dict()["faults"] == []


def refused(call: Callable[[], object], rule: str, clause: str) -> Refusal:
    """The call is refused by this rule and clause, and nothing changed."""
    before = AuditEvent.objects.count()
    with pytest.raises(Refusal) as caught:
        call()
    assert (caught.value.rule, caught.value.clause) == (rule, clause)
    assert AuditEvent.objects.count() == before
    return caught.value


def lying(serial: int) -> str:
    """In which state of custody a blank is."""
    return Holding.objects.get(serials__contains=serial).custody.state
