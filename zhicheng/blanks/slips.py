"""Papers about blanks, from what stands in the database: slip, request, record (N3, N5, N9)."""

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from zhicheng.blanks.models import (
    Allotment,
    Destruction,
    Exchange,
    ExchangeRequest,
    Movement,
    Reason,
    Spoilage,
)
from zhicheng.blanks.rules import common
from zhicheng.documents import destruction_record, exchange_request, handover_slip
from zhicheng.organizations.models import Organization
from zhicheng.registers.models import Register
from zhicheng.values.serials import SerialRange, count, format_serial, parse_ranges
from zhicheng.web.language import in_chinese

OTHER_REASON = "到货时损坏"
UNITS_NAMED = 4


def _ranges(texts: Sequence[str]) -> list[SerialRange]:
    return parse_ranges(",".join(texts))


def slip_number(register: Register) -> str:
    """The slip's own number: one register, one slip."""
    return f"{register.number}-JJ"


@in_chinese
def hand_over_slip(register: Register, allotments: Sequence[Allotment]) -> bytes:
    """The slip as PDF; before the hand-over, names and signatures are left to be written."""
    office = Organization.objects.municipal_office()
    first = allotments[0]
    day = timezone.localdate(first.handed_over_at or timezone.now())
    return handover_slip.render(
        handover_slip.HandoverSlip(
            number=slip_number(register),
            day=day,
            giving_office=office.name,
            receiving_unit=register.issuing_unit.name,
            register_number=register.number,
            register_unit=register.reporting_unit.name,
            people=sum(item.people for item in allotments),
            rate=first.percent,
            lines=tuple(
                handover_slip.SlipLine(
                    item.get_grade_display(),
                    _ranges(item.row_serials),
                    _ranges(item.spare_serials),
                    _ranges(item.missing_serials),
                    _ranges(item.damaged_serials),
                )
                for item in allotments
            ),
            handed_over_by=first.handed_over_by.display_name if first.handed_over_by else "",
            collected_by=first.collected_by,
            carried=[serial for item in allotments for serial in _ranges(item.carried_serials)],
            code=slip_number(register),
        ),
        created=day,
    )


@in_chinese
def request_slip(request: ExchangeRequest) -> bytes:
    """The 换取申请单 as PDF; once exchanged, with the new serials."""
    register = request.register
    serials = _ranges(request.serials)
    named = [n for item in serials for n in range(item.first, item.last + 1)]
    spoiled = {item.serial: item for item in Spoilage.objects.filter(serial__in=named)}
    exchanges = list(
        Exchange.objects.filter(spoilages__serial__in=named)
        .select_related("exchanged_by")
        .distinct()
        .order_by("id")
    )
    last = exchanges[-1].exchanged_by if exchanges else None
    day = timezone.localdate(request.requested_at)
    return exchange_request.render(
        exchange_request.ExchangeRequest(
            number=request.number,
            day=day,
            unit=register.issuing_unit.name,
            office=Organization.objects.municipal_office().name,
            register=register.number,
            grade=request.get_grade_display(),
            items=[
                exchange_request.SpoiledItem(
                    format_serial(serial),
                    spoiled[serial].certificate_number,
                    spoiled[serial].get_reason_display(),
                    spoiled[serial].note,
                )
                for serial in named
            ],
            requested_by=request.requested_by.display_name if request.requested_by else "",
            exchanged_by=last.display_name if last else "",
            given=[item for exchange in exchanges for item in _ranges(exchange.given)],
            code=request.number,
        ),
        created=day,
    )


def record_number(destruction: Destruction) -> str:
    """The record's own number."""
    return destruction.number


@in_chinese
def destruction_slip(destruction: Destruction) -> bytes:
    """The 销毁记录 as PDF; before the second person's word it says so."""
    serials = _ranges(destruction.serials)
    spoiled = Spoilage.objects.filter(
        grade=destruction.grade,
        serial__gte=serials[0].first,
        serial__lte=serials[-1].last,
    ).select_related("register__issuing_unit")
    reasons: dict[str, int] = {}
    units: dict[str, None] = {}
    known = []
    for item in spoiled:
        if any(item.serial in part for part in serials):
            label = item.get_reason_display()
            reasons[label] = reasons.get(label, 0) + 1
            if item.register is not None:
                units[item.register.issuing_unit.name] = None
            known.append(item.serial)
    others = count(serials) - len(known)
    if others:
        reasons[_of_others(serials, known)] = others
    return destruction_record.render(
        destruction_record.DestructionRecord(
            number=record_number(destruction),
            day=timezone.localdate(destruction.confirmed_at or destruction.proposed_at),
            office=Organization.objects.municipal_office().name,
            grade=destruction.get_grade_display(),
            serials=serials,
            reasons=sorted(reasons.items(), key=lambda item: -item[1]),
            units=_units(list(units)),
            proposed_by=destruction.proposed_by.display_name,
            proposed_at=_moment(destruction.proposed_at),
            confirmed_by=destruction.confirmed_by.display_name if destruction.confirmed_by else "",
            confirmed_at=_moment(destruction.confirmed_at) if destruction.confirmed_at else "",
        ),
        created=timezone.localdate(destruction.confirmed_at or destruction.proposed_at),
    )


def _of_others(serials: Sequence[SerialRange], known: Sequence[int]) -> str:
    """Blanks that no unit spoiled: they came damaged from the printer, or were found again."""
    delivered = [
        SerialRange(value.lower, value.upper - 1)
        for value in Movement.objects.filter(
            reason=Reason.DAMAGED, serials__overlap=(serials[0].first, serials[-1].last + 1)
        ).values_list("serials", flat=True)
    ]
    others = count(serials) - len(known)
    came_damaged = common(serials, delivered) if delivered else []
    return OTHER_REASON if count(came_damaged) == others else f"{OTHER_REASON}或其他"


def _units(names: Sequence[str]) -> str:
    shown = "、".join(names[:UNITS_NAMED]) or "—"
    return shown + (f"等 {len(names)} 个单位" if len(names) > UNITS_NAMED else "")


def _moment(at: datetime) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"
