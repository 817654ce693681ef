"""The 交接单 of an allotment: what the office hands over, for both sides to sign (N3, N5)."""

from collections.abc import Sequence

from django.utils import timezone

from zhicheng.blanks.models import Allotment
from zhicheng.documents import handover_slip
from zhicheng.organizations.models import Organization
from zhicheng.registers.models import Register
from zhicheng.values.serials import parse_ranges


def slip_number(register: Register) -> str:
    """The slip's own number: one register, one slip."""
    return f"{register.number}-JJ"


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
                    parse_ranges(",".join(item.row_serials)),
                    parse_ranges(",".join(item.spare_serials)),
                )
                for item in allotments
            ),
            handed_over_by=first.handed_over_by.display_name if first.handed_over_by else "",
            collected_by=first.collected_by,
        ),
        created=day,
    )
