"""Slips as an account may see them, and where a certificate physically is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, Max, Q, QuerySet
from django.utils.translation import gettext as _

from zhicheng.blanks.queries.stock import GRADES
from zhicheng.certificates.lifecycle import CERTIFICATE
from zhicheng.certificates.models import Certificate, SlipState, TransferLine, TransferSlip
from zhicheng.certificates.transfer_lifecycle import TRANSFER
from zhicheng.certificates.transfer_rules import Place, place_of
from zhicheng.organizations.guard import may
from zhicheng.organizations.models import Account, Organization
from zhicheng.organizations.permissions import Action, Role
from zhicheng.values.serials import SerialRange, ranges_of


def visible_slips(account: Account) -> QuerySet[TransferSlip]:
    """The slips that the account may see (invariant 9)."""
    found = TransferSlip.objects.select_related(
        "unit", "embosser", "made_by", "sent_by", "received_by", "returned_by", "taken_back_by"
    )
    if may(account, Action.TRANSFER_VIEW):
        return found
    if account.role == Role.ADMINISTRATOR:
        return found.none()
    mine = account.organization_id
    return found.filter(Q(unit=mine) | Q(embosser=mine))


@dataclass(frozen=True)
class Where:
    """Where a certificate is, by which slip."""

    place: Place
    slip: TransferSlip | None = None

    @property
    def words(self) -> str:
        """As people say it."""
        number = self.slip.number if self.slip else ""
        match self.place:
            case Place.THERE:
                return _("送盖钢印途中（移交单 %(slip)s）") % {"slip": number}
            case Place.EMBOSSER:
                return _("在钢印单位（移交单 %(slip)s）") % {"slip": number}
            case Place.BACK:
                return _("退回途中（移交单 %(slip)s）") % {"slip": number}
            case Place.MISSING:
                return _("移交途中短缺，待查（移交单 %(slip)s）") % {"slip": number}
            case Place.HOLDER:
                return _("已由领取人领走")
            case Place.NOWHERE:
                return ""
            case Place.UNIT:
                if self.slip and self.slip.state == SlipState.DRAFT:
                    return _("在发放单位（待移交，移交单 %(slip)s）") % {"slip": number}
                return _("在发放单位")


def where_are(certificates: Sequence[Certificate]) -> dict[int, Where]:
    """Where each of some certificates is, in one query."""
    newest = (
        TransferLine.objects.filter(certificate__in=[item.pk for item in certificates])
        .exclude(slip__state=SlipState.CANCELLED)
        .order_by()
        .values("certificate")
        .annotate(newest=Max("pk"))
        .values("newest")
    )
    lines = {
        line.certificate_id: line
        for line in TransferLine.objects.filter(pk__in=newest).select_related("slip")
    }
    return {item.pk: _where(item, lines.get(item.pk)) for item in certificates}


def _where(certificate: Certificate, line: TransferLine | None) -> Where:
    place = place_of(
        state=certificate.state,
        slip_state=line.slip.state if line else "",
        came=line.came if line else None,
        back=line.back if line else None,
        same_blank=line is not None and line.serial == certificate.blank_serial,
    )
    on_slip = place not in (Place.HOLDER, Place.NOWHERE) and line is not None
    if place == Place.UNIT and line is not None and line.slip.state != SlipState.DRAFT:
        on_slip = False
    return Where(place, line.slip if on_slip and line else None)


@dataclass(frozen=True)
class GradeCount:
    """The certificates of one grade on a slip."""

    label: str
    count: int
    ranges: tuple[SerialRange, ...]


def by_grade(lines: Iterable[TransferLine]) -> list[GradeCount]:
    """Counts and serial ranges by grade, senior first; the lines carry their certificates."""
    found: dict[str, list[int]] = {}
    for line in lines:
        found.setdefault(line.certificate.grade, []).append(line.serial)
    return [
        GradeCount(str(grade.label), len(found[grade]), tuple(ranges_of(found[grade])))
        for grade in GRADES
        if grade in found
    ]


def lines_of(slip: TransferSlip) -> list[TransferLine]:
    """The slip's lines with their certificates, in serial order."""
    return list(
        slip.lines.select_related("certificate__register")
        .defer(
            "certificate__id_number_cipher",
            "certificate__id_number_index",
            "certificate__register__source",
        )
        .order_by("serial")
    )


@dataclass(frozen=True)
class ToSend:
    """Sealed certificates of the unit that are on no slip, for one embosser."""

    embosser: Organization
    count: int
    registers: Sequence[tuple[int, str, int]]


def to_send(account: Account) -> list[ToSend]:
    """What my unit could hand over now, by embosser and register; its own seal left out."""
    unit = account.organization_id
    sealed = (
        Certificate.objects.filter(
            issuing_unit=unit, state__in=CERTIFICATE.sources(Action.CERTIFICATE_EMBOSS)
        )
        .exclude(embosser=unit)
        .exclude(transfer_lines__open=True)
        .order_by()
        .values_list("embosser", "register", "register__number")
        .annotate(number=Count("pk"))
    )
    groups: dict[int, list[tuple[int, str, int]]] = {}
    others: dict[int, int] = {}
    for embosser, register, number, count in sealed:
        if register is None:
            others[embosser] = others.get(embosser, 0) + count
        groups.setdefault(embosser, [])
        if register is not None:
            groups[embosser].append((register, number, count))
    organizations = Organization.objects.in_bulk(groups)
    return [
        ToSend(
            organizations[key],
            sum(item[2] for item in registers) + others.get(key, 0),
            sorted(registers, key=lambda item: item[1]),
        )
        for key, registers in sorted(groups.items())
    ]


def embossers() -> list[Organization]:
    """Everybody who embosses."""
    return list(
        Organization.objects.filter(valid_to=None)
        .filter(Q(is_approving_department=True) | Q(kind="municipal_office"))
        .order_by("pk")
    )


def offers(account: Account, slip: TransferSlip) -> Mapping[str, bool]:
    """Which buttons the slip's page shows: the lifecycle's moves that the account may make."""
    return {
        Action(move.action).name.removeprefix("TRANSFER_").lower(): True
        for move in TRANSFER.allowed(slip.state)
        if may(account, Action(move.action), slip)
    }
