"""What audit events are about: its name, its page, who stands how to it (N18)."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.db import connection
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from zhicheng.approvals.models import ApprovalDocument, Channel, ReviewMode
from zhicheng.audit.models import AuditEvent
from zhicheng.blanks.models import BlankCase, Destruction, Sighting, Stocktake
from zhicheng.certificates.models import Certificate, TransferSlip
from zhicheng.historic.models import Registration
from zhicheng.organizations.models import Organization
from zhicheng.organizations.permissions import Action, Relation
from zhicheng.registers.models import Register
from zhicheng.reissues.models import Reissue
from zhicheng.reissues.queries import next_signers
from zhicheng.selfissued.models import Report


@dataclass(frozen=True)
class Known:
    """How a subject is called, where its page is, and who stands how to it."""

    what: str
    url: str
    parties: Mapping[Relation, set[int]]
    first: int | None = None
    next: tuple[Relation, int] | None = None


def _registers(ids: set[int]) -> dict[int, Known]:
    fields = ("number", "reporting_unit", "endorser", "issuing_unit")
    return {
        item.pk: Known(
            item.number,
            reverse("registers:detail", args=[item.pk]),
            item.parties(),
            item.endorser_id,
        )
        for item in Register.objects.filter(pk__in=ids).only(*fields)
    }


def _slips(ids: set[int]) -> dict[int, Known]:
    found = TransferSlip.objects.filter(pk__in=ids).only("number", "unit", "embosser")
    return {item.pk: Known(item.number, item.get_absolute_url(), item.parties()) for item in found}


def _reissues(ids: set[int]) -> dict[int, Known]:
    found = list(
        Reissue.objects.filter(pk__in=ids)
        .defer("id_number_cipher", "telephone_cipher")
        .prefetch_related("opinions")
    )
    turns = next_signers(found)
    return {
        item.pk: Known(
            item.receipt_number,
            reverse("reissues:application", args=[item.pk]),
            # A draft that was given up reached nobody.
            {**item.parties(), **_next(turns.get(item.pk))} if item.submitted_at else {},
            next=turns.get(item.pk),
        )
        for item in found
    }


def _next(turn: tuple[Relation, int] | None) -> dict[Relation, set[int]]:
    """The next signer among the parties, so that its people are looked up."""
    return {turn[0]: {turn[1]}} if turn else {}


def _documents(ids: set[int]) -> dict[int, Known]:
    """Whom a document concerns, the event says: see ``_listed``. People with electronic
    certificates, or whose unit prints its own, go on no register (N16, N17).
    """
    found = (
        ApprovalDocument.objects.filter(pk__in=ids)
        .exclude(channel=Channel.ONLINE)
        .exclude(review_mode=ReviewMode.SELF_MANAGED)
        .only("number")
    )
    return {item.pk: Known(item.number, reverse("registers:make"), {}) for item in found}


def listed_in(events: list[AuditEvent]) -> dict[int, set[int]]:
    """In which units the people of an import work, by the number of its event."""
    imports = [event.sequence for event in events if event.tag == Action.APPROVAL_IMPORT]
    if not imports:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT DISTINCT event.sequence, person.work_unit
            FROM audit_auditevent AS event
            JOIN approvals_approvedperson AS person ON person.id = ANY (event.row_ids)
            WHERE event.sequence = ANY (%s)
            """,
            [imports],
        )
        named = cursor.fetchall()
    names = {name for _sequence, name in named if name}
    units: dict[str, set[int]] = defaultdict(set)
    for unit in (
        Organization.objects.in_force(timezone.localdate())
        .filter(Q(name__in=names) | Q(short_name__in=names))
        .only("name", "short_name")
    ):
        units[unit.name].add(unit.pk)
        units[unit.short_name].add(unit.pk)
    found: dict[int, set[int]] = defaultdict(set)
    for sequence, name in named:
        found[sequence] |= units.get(name, set()) if name else set()
    return found


def _certificates(ids: set[int]) -> dict[int, Known]:
    found = Certificate.objects.filter(pk__in=ids).select_related("register")
    return {
        item.pk: Known(item.number, reverse("certificates:detail", args=[item.pk]), item.parties())
        for item in found.defer("register__source", "id_number_cipher")
    }


def _cases(ids: set[int]) -> dict[int, Known]:
    found = BlankCase.objects.filter(pk__in=ids).only("number", "holder")
    return {
        item.pk: Known(item.number, reverse("blanks:case", args=[item.pk]), item.parties())
        for item in found
    }


def _sightings(ids: set[int]) -> dict[int, Known]:
    found = Sighting.objects.filter(pk__in=ids).select_related("case")
    return {
        item.pk: Known(
            item.case.number, reverse("blanks:case", args=[item.case_id]), item.case.parties()
        )
        for item in found
    }


def _reports(ids: set[int]) -> dict[int, Known]:
    found = Report.objects.filter(pk__in=ids).only("number", "unit")
    return {item.pk: Known(item.number, item.get_absolute_url(), item.parties()) for item in found}


def _registrations(ids: set[int]) -> dict[int, Known]:
    found = Registration.objects.filter(pk__in=ids)
    fields = ("receipt_number", "unit", "approving_department")
    return {
        item.pk: Known(item.receipt_number, item.get_absolute_url(), item.parties())
        for item in found.only(*fields)
    }


def _destructions(ids: set[int]) -> dict[int, Known]:
    found = Destruction.objects.filter(pk__in=ids).values_list("pk", "count")
    return {pk: Known(str(count), reverse("blanks:destructions"), {}) for pk, count in found}


def _stocktakes(ids: set[int]) -> dict[int, Known]:
    found = Stocktake.objects.filter(pk__in=ids).only("number", "organization")
    return {
        item.pk: Known(item.number, reverse("blanks:stocktake", args=[item.pk]), item.parties())
        for item in found
    }


_SUBJECTS: Mapping[str, Callable[[set[int]], dict[int, Known]]] = {
    Register._meta.label_lower: _registers,
    TransferSlip._meta.label_lower: _slips,
    Reissue._meta.label_lower: _reissues,
    ApprovalDocument._meta.label_lower: _documents,
    Certificate._meta.label_lower: _certificates,
    BlankCase._meta.label_lower: _cases,
    Sighting._meta.label_lower: _sightings,
    Report._meta.label_lower: _reports,
    Registration._meta.label_lower: _registrations,
    Destruction._meta.label_lower: _destructions,
    Stocktake._meta.label_lower: _stocktakes,
}


def subjects_of(events: list[AuditEvent]) -> dict[tuple[str, int], Known]:
    """What the events are about, a statement or two for each kind."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for event in events:
        if event.subject_type in _SUBJECTS and event.subject_id:
            wanted[event.subject_type].add(event.subject_id)
    return {
        (kind, pk): known
        for kind, ids in wanted.items()
        for pk, known in _SUBJECTS[kind](ids).items()
    }
