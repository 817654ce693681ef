"""What reissues tell folders above: numbers that are taken, people that are certified (N6, N7)."""

from collections.abc import Collection, Mapping, Set

from django.db.models import Q

from zhicheng.certificates.models import Certificate, CertificateState, Origin
from zhicheng.reissues.models import OPEN_STATES, Reissue, ReissueState

_COUNTING = (*OPEN_STATES, ReissueState.DONE)


def numbers_of_reissues(numbers: Collection[str]) -> Mapping[str, str]:
    """New numbers, and old numbers of certificates that are known by paper alone."""
    asked = list(numbers)
    found = Reissue.objects.filter(
        Q(new_number__in=asked)
        | Q(old_number__in=asked, certificate=None, state__in=[state.value for state in _COUNTING])
    )
    taken: dict[str, str] = {}
    for old, new, receipt in found.values_list("old_number", "new_number", "receipt_number"):
        taken |= {number: f"补办换发申请{receipt}" for number in (old, new) if number in asked}
    return taken


def certified_by_reissues(people: Set[int]) -> Mapping[int, str]:
    """Approved people whose certificate is a reissue's: they can't be on a register again."""
    found = Certificate.objects.filter(
        origin=Origin.REISSUE, approved_person__in=list(people)
    ).exclude(state=CertificateState.WITHDRAWN)
    return {
        person: f"证书{number}"
        for person, number in found.values_list("approved_person", "number")
        if person is not None
    }
