"""The slip and the return slip as PDF, from what stands in the database (N8)."""

from django.utils import timezone

from zhicheng.certificates.lifecycle import CERTIFICATE
from zhicheng.certificates.models import SlipState, TransferLine, TransferSlip
from zhicheng.certificates.queries.transfers import by_grade, lines_of
from zhicheng.documents import transfer_slip
from zhicheng.documents.transfer_slip import GradeLine, Transfer
from zhicheng.organizations.permissions import Action
from zhicheng.values.serials import SerialRange, ranges_of
from zhicheng.web.language import in_chinese


@in_chinese
def slip_pdf(slip: TransferSlip, *, back: bool = False) -> bytes:
    """One way of the slip; names that nobody has given yet are left to be written."""
    lines = lines_of(slip)
    shown = [line for line in lines if (line.came if back else not line.surplus)]
    unembossed = [
        line
        for line in shown
        if line.open and line.certificate.state in CERTIFICATE.sources(Action.CERTIFICATE_EMBOSS)
    ]
    if back:
        giving, taking = slip.embosser.name, slip.unit.name
        day, giver = slip.returned_at, slip.returned_by
        carrier, taker = slip.collected_by, slip.taken_back_by
        missing = [line for line in shown if line.back is False]
        surplus: list[TransferLine] = []
    else:
        giving, taking = slip.unit.name, slip.embosser.name
        day, giver = slip.sent_at, slip.sent_by
        carrier, taker = slip.carried_by, slip.received_by
        arrived = slip.state in (SlipState.ARRIVED, SlipState.RETURNING, SlipState.CLOSED)
        missing = [line for line in shown if arrived and not line.came]
        surplus = [line for line in lines if line.surplus]
    made = timezone.localdate(day or timezone.now())
    return transfer_slip.render(
        Transfer(
            number=slip.number,
            day=made,
            back=back,
            giving=giving,
            taking=taking,
            registers=sorted(
                {line.certificate.register.number for line in shown if line.certificate.register}
            ),
            lines=[GradeLine(item.label, item.ranges) for item in by_grade(shown)],
            giver=giver.display_name if giver else "",
            carrier=carrier,
            taker=taker.display_name if taker else "",
            missing=_ranges(missing),
            surplus=_ranges(surplus),
            unembossed=_ranges(unembossed) if back else [],
            remarks=[] if back else [f"{item['text']}（{item['why']}）" for item in slip.found],
        ),
        created=made,
    )


def _ranges(lines: list[TransferLine]) -> list[SerialRange]:
    return ranges_of(line.serial for line in lines)
