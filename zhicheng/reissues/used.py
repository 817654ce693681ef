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
    for pair in found.values_list("old_number", "new_number"):
        taken |= {number: "一份补办换发申请" for number in pair if number in asked}
    return taken


def certified_by_reissues(people: Set[int]) -> Mapping[int, str]:
    """Approved people who can't be on a register (again): their certificate is a reissue's.

    Or they have an old one, not on file, that is being replaced: it counts as theirs.
    """
    running = Reissue.objects.filter(
        approved_person__in=list(people), certificate=None, state__in=OPEN_STATES
    ).values_list("approved_person", "old_number")
    found = Certificate.objects.filter(
        origin=Origin.REISSUE, approved_person__in=list(people)
    ).exclude(state=CertificateState.WITHDRAWN)
    made = found.values_list("approved_person", "number")
    return {
        person: f"{what}{number}"
        for what, pairs in (("办理补办换发的原证书", running), ("证书", made))
        for person, number in pairs
        if person is not None
    }
