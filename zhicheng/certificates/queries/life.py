"""One certificate's path and one blank's whole life, each on a page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import zip_longest

from django.db.models import Q

from zhicheng.audit.models import AuditEvent
from zhicheng.blanks.models import (
    Custody,
    Destruction,
    Holding,
    Movement,
    PrintRun,
    Reason,
    Spoilage,
)
from zhicheng.certificates.models import Certificate, Filling, Origin
from zhicheng.organizations.guard import sees_all
from zhicheng.organizations.models import Account, Organization
from zhicheng.organizations.permissions import ACTION_LABELS, Action, Role
from zhicheng.values.serials import format_serial, parse_ranges

TABLE = "certificates.certificate"
AROUND = timedelta(hours=1)  # the servers and the database keep their own clocks


@dataclass(frozen=True)
class Laid:
    """A blank that the certificate lay on, and why it lies there no more."""

    serial: int
    filled_at: datetime
    spoilage: Spoilage | None
    present: bool


def blanks_of(certificate: Certificate) -> list[Laid]:
    """Every blank that the certificate lay on, the first one first."""
    fillings = list(certificate.fillings.order_by("id"))
    spoiled = {
        item.serial: item
        for item in Spoilage.objects.filter(
            serial__in=[item.serial for item in fillings]
        ).select_related("spoiled_by")
    }
    return [
        Laid(
            item.serial,
            item.filled_at,
            spoiled.get(item.serial),
            item.serial == certificate.blank_serial,
        )
        for item in fillings
    ]


@dataclass(frozen=True)
class Told:
    """An audit event with the name of the organisation that did it."""

    event: AuditEvent
    organization: str

    @property
    def label(self) -> str:
        """What was done, in the notice's words."""
        try:
            return ACTION_LABELS[Action(self.event.tag)]
        except ValueError:
            return self.event.tag


def _tell(events: Sequence[AuditEvent]) -> list[Told]:
    names = dict(
        Organization.objects.filter(
            pk__in={event.organization_id for event in events if event.organization_id}
        ).values_list("pk", "name")
    )
    return [Told(event, names.get(event.organization_id or 0, "")) for event in events]


def events_of(certificate: Certificate) -> list[Told]:
    """The audit events that name the certificate, the newest first.

    Batch steps are recorded on its register, or on its approval document where it came online: the
    index of subjects finds them.
    """
    whole, key = "registers.register", certificate.register_id
    if certificate.origin == Origin.ONLINE and certificate.approved_person is not None:
        whole, key = "approvals.approvaldocument", certificate.approved_person.document_id
    return _tell(
        list(
            AuditEvent.objects.filter(
                Q(
                    subject_type=whole,
                    subject_id=key,
                    row_type=TABLE,
                    row_ids__contains=[certificate.pk],
                )
                | Q(subject_type=TABLE, subject_id=certificate.pk)
            )
            .defer("row_ids", "row_digests", "previous", "digest")
            .order_by("-sequence")[:200]
        )
    )


# A movement whose papers stand on the allotment's page: the slip of the hand-over.
ALLOTTING = (Reason.ALLOTMENT, Reason.HAND_OVER, Reason.RECEIPT)


@dataclass(frozen=True)
class Station:
    """A movement of one blank, and when the next one took it away (None: it is there still)."""

    movement: Movement
    until: datetime | None

    @property
    def allotted(self) -> int | None:
        """The register on whose allotment the movement's slip is, if it is one of those."""
        if self.movement.reason not in ALLOTTING:
            return None
        return self.movement.target.register_id or self.movement.source.register_id


@dataclass(frozen=True)
class Life:
    """Everything known of one blank."""

    serial: int
    run: PrintRun
    place: Custody | None
    movements: Sequence[Movement]
    fillings: Sequence[Filling]
    spoilage: Spoilage | None
    replaced: Spoilage | None
    destruction: Destruction | None

    @property
    def stations(self) -> list["Station"]:
        """Each movement and how long the blank stayed where it led, the newest first."""
        ends = [move.moved_at for move in self.movements[1:]]
        return [
            Station(move, until)
            for move, until in reversed(
                list(zip_longest(self.movements, ends)) if self.movements else []
            )
        ]

    @property
    def number(self) -> str:
        """The serial as it stands on the blank."""
        return format_serial(self.serial)


def life(account: Account, serial: int) -> Life | None:
    """The blank's life, or None when it was never printed or the account may not see it.

    A unit sees the blanks that were ever allotted to a register of its own, an approving
    department those that carried a certificate it approved (invariant 9).
    """
    run = PrintRun.objects.filter(serials__contains=serial).select_related("recorded_by").first()
    if run is None:
        return None
    movements = list(
        Movement.objects.filter(serials__contains=serial)
        .select_related(
            "source__organization",
            "target__organization",
            "source__register",
            "target__register",
            "moved_by",
        )
        .defer("source__register__source", "target__register__source")
        .order_by("moved_at")
    )
    fillings = list(
        Filling.objects.filter(serial=serial).select_related("certificate").order_by("id")
    )
    if not sees_all(account):
        mine = account.organization_id
        registers = [m.target.register for m in movements if m.target.register is not None]
        if account.role == Role.ADMINISTRATOR or not (
            any(mine in (r.issuing_unit_id, r.reporting_unit_id) for r in registers)
            or any(f.certificate.approving_department_id == mine for f in fillings)
        ):
            return None
    holding = (
        Holding.objects.filter(serials__contains=serial)
        .select_related("custody__organization", "custody__register")
        .defer("custody__register__source")
        .first()
    )
    spoilage = (
        Spoilage.objects.filter(serial=serial).select_related("spoiled_by", "exchange").first()
    )
    return Life(
        serial,
        run,
        holding.custody if holding else None,
        movements,
        fillings,
        spoilage,
        Spoilage.objects.filter(replaced_by=serial).first(),
        _destruction_of(serial, movements),
    )


def _destruction_of(serial: int, movements: Sequence[Movement]) -> Destruction | None:
    """The record by which the blank was destroyed: confirmed in the same step as its movement."""
    last = next((m for m in reversed(movements) if m.reason == Reason.DESTRUCTION), None)
    if last is None:
        return None
    near = Destruction.objects.filter(
        grade=last.target.grade,
        confirmed_at__range=(last.moved_at - AROUND, last.moved_at + AROUND),
    ).select_related("proposed_by", "confirmed_by")
    for record in near:
        if any(serial in item for item in parse_ranges(",".join(record.serials))):
            return record
    return None
