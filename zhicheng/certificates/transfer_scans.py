"""What a scan means on a slip's page: put on it, counted there, counted back (N8)."""

from django.utils.translation import gettext as _

from zhicheng.certificates import transfers
from zhicheng.certificates.models import Certificate, SlipState, TransferSlip
from zhicheng.certificates.scanned import find, sees
from zhicheng.certificates.stations import AGAIN, BAD, GO, GOOD, Answer, refused, troubled
from zhicheng.certificates.turning_up import GONE, turned_up
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.values.refusal import Refusal
from zhicheng.web.language import in_chinese

# Which state a scan goes on from, and by whose right.
STEPS = {
    SlipState.DRAFT: Action.TRANSFER_MAKE,
    SlipState.SENT: Action.TRANSFER_RECEIVE,
    SlipState.RETURNING: Action.TRANSFER_TAKE_BACK,
}


def scan(actor: Account, slip: TransferSlip, text: str) -> Answer:
    """Records one scan on a slip and says what came of it; never raises a refusal."""
    found = find(actor, text, where=f"移交单 {slip.number}")
    if found.slip is not None:
        if found.slip.pk == slip.pk:
            return Answer(AGAIN, slip.number, _("就是这张移交单，请逐本扫描证书。"))
        return Answer(GO, found.slip.number, url=found.slip.get_absolute_url())
    counting = slip.state == SlipState.SENT
    try:
        if found.certificate is None:
            answer = troubled(found)
            if counting and found.code:
                why = in_chinese(troubled)(found).title
                transfers.note_found(actor=actor, slip_id=slip.pk, text=found.code, why=why)
            return answer
        gone = turned_up(actor, found.certificate, f"移交单 {slip.number}")
        if gone is not None:
            raise gone
        return _on_slip(actor, slip, found.certificate)
    except Refusal as refusal:
        shown = found.certificate
        if refusal.rule == "transfer.counted_before":
            return Answer(AGAIN, _("已经清点过"), "", shown, more=tally(slip))
        noted = refusal.rule.startswith("transfer.") or refusal.rule == GONE
        if counting and shown is not None and noted:
            transfers.note_found(actor=actor, slip_id=slip.pk, text=found.code, why=refusal.message)
        visible = shown is not None and sees(actor, shown)
        return refused(refusal, shown if visible else None)


def _on_slip(actor: Account, slip: TransferSlip, item: Certificate) -> Answer:
    if slip.state == SlipState.DRAFT:
        if slip.lines.filter(certificate=item).exists():
            return Answer(AGAIN, _("已在移交单上"), "", item, more=tally(slip))
        transfers.add_to_slip(actor=actor, slip_id=slip.pk, certificate_ids=[item.pk])
        return Answer(GOOD, _("已加入移交单"), "", item, more=tally(slip))
    if slip.state == SlipState.SENT:
        expected = transfers.count_there(actor=actor, slip_id=slip.pk, certificate_id=item.pk)
        if expected:
            return Answer(GOOD, _("已清点"), "", item, more=tally(slip))
        return Answer(
            BAD,
            _("多出一本"),
            _("移交单上没有这一本，已作为差异记入，请当面指明。"),
            item,
            more=tally(slip),
        )
    transfers.count_back(actor=actor, slip_id=slip.pk, certificate_id=item.pk)
    return Answer(GOOD, _("已清点"), "", item, more=tally(slip))


def tally(slip: TransferSlip) -> dict[str, object]:
    """How many are counted, for the page."""
    if slip.state == SlipState.DRAFT:
        return {"tally": _("移交单上 %(count)d 本") % {"count": slip.lines.count()}}
    back = slip.state == SlipState.RETURNING
    expected = slip.lines.filter(came=True) if back else slip.lines.filter(surplus=False)
    there = expected.filter(back=True) if back else expected.filter(came=True)
    return {
        "tally": _("已清点 %(there)d / %(all)d 本")
        % {"there": there.count(), "all": expected.count()}
    }
