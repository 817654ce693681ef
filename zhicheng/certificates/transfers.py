"""Every step of a transfer slip: made, handed over, counted, received, given back, taken back (N8).

What is scanned is recorded at once, so a count can be interrupted and goes on from where it was.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from zhicheng.audit.recording import Recorder, recorded, retrying
from zhicheng.bulk import new_ids
from zhicheng.certificates import transfer_rules as rules
from zhicheng.certificates.lifecycle import CERTIFICATE
from zhicheng.certificates.models import (
    Certificate,
    CertificateState,
    SlipState,
    TransferLine,
    TransferSlip,
)
from zhicheng.certificates.transfer_lifecycle import TRANSFER
from zhicheng.organizations.guard import require
from zhicheng.organizations.models import Account, Organization
from zhicheng.organizations.permissions import Action, Relation
from zhicheng.values.refusal import Refusal
from zhicheng.values.serials import format_serial, ranges_of
from zhicheng.values.text import hide_id_numbers

LINES = "certificates.transferline"
NAMED = 5
FOUND_AT_MOST = 200


@dataclass(frozen=True)
class _Sender:
    """The unit that makes a slip, for the guard."""

    organization: Organization

    def parties(self) -> Mapping[Relation, set[int]]:
        return {
            Relation.ISSUING: {self.organization.pk} if self.organization.has_authority else set()
        }


def waiting_for(unit_id: int, embosser_id: int, register_id: int | None = None) -> Q:
    """Sealed certificates of a unit for an embosser that are on no open slip."""
    wanted = Q(
        issuing_unit=unit_id,
        embosser=embosser_id,
        state__in=CERTIFICATE.sources(Action.CERTIFICATE_EMBOSS),
    ) & ~Q(transfer_lines__open=True)
    return wanted & Q(register=register_id) if register_id is not None else wanted


@retrying
def make_slip(
    *, actor: Account, embosser_id: int, register_id: int | None = None, everything: bool = False
) -> TransferSlip:
    """A new slip of the actor's unit for an embosser.

    Empty, to be filled by scanning; or with all sealed certificates of a register, or of the whole
    unit (``everything``), that this embosser embosses and that are on no slip.
    """
    with recorded(actor, Action.TRANSFER_MAKE) as record:
        require(actor, Action.TRANSFER_MAKE, _Sender(actor.organization))
        embosser = Organization.objects.get(pk=embosser_id)
        if embosser.pk == actor.organization_id:
            raise Refusal(
                "transfer.own_seal",
                "这些证书由本单位加盖钢印，不需要移交单。",
                clause="N8",
                found=embosser.name,
                expected="其他加盖钢印的单位",
                mend="请直接在钢印工位扫描登记。",
            )
        if not (embosser.is_municipal_office or embosser.is_approving_department):
            raise Refusal(
                "transfer.no_embosser",
                "该单位不加盖钢印。",
                clause="N8",
                found=embosser.name,
                expected="市职改办或资格核准部门",
            )
        (pk,) = new_ids(TransferSlip, 1)
        slip = TransferSlip.objects.create(
            pk=pk,
            number=rules.slip_number(timezone.localdate().year, pk),
            unit=actor.organization,
            embosser=embosser,
            made_by=actor,
        )
        added: list[TransferLine] = []
        if register_id is not None or everything:
            chosen = Certificate.objects.filter(
                waiting_for(actor.organization_id, embosser_id, register_id)
            )
            added = _add(slip, list(chosen.order_by("pk").values_list("pk", flat=True)))
            rules.require_lines(len(added))
        _tell(record, slip, added, register=register_id)
    return slip


def _locked(slip_id: int) -> TransferSlip:
    return (
        TransferSlip.objects.select_for_update(no_key=True, of=("self",))
        .select_related("unit", "embosser")
        .get(pk=slip_id)
    )


def _begun(actor: Account, action: Action, slip_id: int) -> tuple[TransferSlip, str]:
    """The slip, locked, and the state to which the step takes it; the guard is asked."""
    slip = _locked(slip_id)
    require(actor, action, slip)
    return slip, TRANSFER.target(action, slip.state)


def _tell(
    record: Recorder, slip: TransferSlip, lines: Sequence[TransferLine], **data: object
) -> None:
    record(
        subject=slip,
        data={
            "number": slip.number,
            "count": len(lines),
            "serials": [str(item) for item in ranges_of(line.serial for line in lines)],
            **data,
        },
        rows=LINES,
        ids=sorted(line.pk for line in lines),
    )


def _add(slip: TransferSlip, certificate_ids: Sequence[int], **fields: bool) -> list[TransferLine]:
    """Writes the lines; the certificates are locked so that none goes on two slips at once."""
    found = list(
        Certificate.objects.filter(pk__in=list(certificate_ids))
        .order_by("pk")
        .select_for_update(no_key=True)
        .only("pk", "number", "blank_serial", "state", "issuing_unit", "embosser")
    )
    _require_fitting(slip, found)
    return TransferLine.objects.bulk_create(
        [
            TransferLine(slip=slip, certificate=item, serial=item.blank_serial or 0, **fields)
            for item in found
        ],
        batch_size=2000,
    )


def _require_fitting(slip: TransferSlip, found: Sequence[Certificate]) -> None:
    """Of this unit, for this embosser, sealed, and on no other slip."""
    for item in found:
        if item.issuing_unit_id != slip.unit_id:
            raise Refusal(
                "transfer.other_unit",
                "这本证书不是移交单位的证书。",
                clause="N3",
                expected=slip.unit.name,
                mend="请把它取出，交还发放单位。",
            )
        if item.embosser_id != slip.embosser_id:
            raise Refusal(
                "transfer.other_embosser",
                "这本证书不由移交单上的单位加盖钢印。",
                clause="N8",
                found=f"{item.number} 由{item.embosser.name}加盖钢印",
                expected=slip.embosser.name,
                mend="请放到另一张移交单上。",
            )
        if item.state not in CERTIFICATE.sources(Action.CERTIFICATE_EMBOSS):
            raise Refusal(
                "transfer.not_sealed",
                "只有已盖公章、未盖钢印的证书才送盖钢印。",
                clause="N8",
                found=f"{item.number}（{CertificateState(item.state).label}）",
                expected=str(CertificateState.SEALED.label),
            )
    other = list(
        TransferLine.objects.filter(certificate__in=found, open=True)
        .select_related("slip", "certificate")
        .order_by("serial")[:NAMED]
    )
    if other:
        raise Refusal(
            "transfer.on_another_slip",
            "有的证书已经在移交单上。",
            clause="N8",
            found="、".join(f"{line.certificate.number} 在 {line.slip.number}" for line in other),
            expected="一本证书同时只在一张移交单上",
            mend="请从那张移交单移出，或按那张移交单办理。",
        )


@retrying
def add_to_slip(*, actor: Account, slip_id: int, certificate_ids: Sequence[int]) -> int:
    """Puts sealed certificates on a slip that isn't handed over yet."""
    with recorded(actor, Action.TRANSFER_MAKE) as record:
        slip, _target = _begun(actor, Action.TRANSFER_MAKE, slip_id)
        added = _add(slip, certificate_ids)
        _tell(record, slip, added)
    return len(added)


@retrying
def take_off_slip(*, actor: Account, slip_id: int, line_ids: Sequence[int]) -> int:
    """Takes certificates off a slip that isn't handed over yet."""
    with recorded(actor, Action.TRANSFER_MAKE) as record:
        slip, _target = _begun(actor, Action.TRANSFER_MAKE, slip_id)
        lines = list(slip.lines.filter(pk__in=list(line_ids)))
        rules.require_lines(len(lines))
        _tell(record, slip, lines, removed=True)
        slip.lines.filter(pk__in=[line.pk for line in lines]).delete()
    return len(lines)


@retrying
def send(*, actor: Account, slip_id: int, carried_by: str) -> TransferSlip:
    """The unit hands the certificates to whoever carries them."""
    with recorded(actor, Action.TRANSFER_SEND) as record:
        slip, target = _begun(actor, Action.TRANSFER_SEND, slip_id)
        lines = list(slip.lines.all())
        rules.require_lines(len(lines))
        rules.require_names(actor.display_name, carried_by, step="移交")
        gone = [line for line in lines if not line.open]
        if gone:
            raise Refusal(
                "transfer.line_gone",
                "移交单上有的证书已经作废重制或发放，不能移交。",
                clause="N8",
                found="、".join(format_serial(line.serial) for line in gone[:NAMED]),
                mend="请先从移交单移出。",
            )
        slip.state, slip.sent_at, slip.sent_by = target, timezone.now(), actor
        slip.carried_by = _name(carried_by)
        slip.save(update_fields=["state", "sent_at", "sent_by", "carried_by"])
        _tell(record, slip, lines, carried_by=slip.carried_by)
    return slip


def _name(text: str) -> str:
    return hide_id_numbers(text.strip())[:100]


@retrying
def cancel(*, actor: Account, slip_id: int) -> TransferSlip:
    """The unit takes the slip back before it was received; the certificates are free again."""
    with recorded(actor, Action.TRANSFER_CANCEL) as record:
        slip, target = _begun(actor, Action.TRANSFER_CANCEL, slip_id)
        slip.state = target
        slip.save(update_fields=["state"])
        _tell(record, slip, list(slip.lines.all()))
    return slip


@retrying
def count_there(*, actor: Account, slip_id: int, certificate_id: int) -> bool:
    """One certificate counted at the embosser; True when it stands on the slip.

    One that came without standing on it becomes a surplus line. Counting twice changes nothing.
    """
    with recorded(actor, Action.TRANSFER_RECEIVE) as record:
        slip, _target = _begun(actor, Action.TRANSFER_RECEIVE, slip_id)
        line = slip.lines.filter(certificate=certificate_id).first()
        if line is None:
            (line,) = _add(slip, [certificate_id], surplus=True, came=True)
        elif line.came:
            raise _counted_before(line)
        else:
            line.came = True
            line.save(update_fields=["came"])
        _tell(record, slip, [line], counted=True, surplus=line.surplus)
    return not line.surplus


def _counted_before(line: TransferLine) -> Refusal:
    return Refusal(
        "transfer.counted_before",
        "这本证书已经清点过。",
        clause="N8",
        found=format_serial(line.serial),
        expected="每本清点一次",
    )


@retrying
def note_found(*, actor: Account, slip_id: int, text: str, why: str) -> None:
    """Something in the pile that can't be a line of this slip: put down, to be told to the unit."""
    with recorded(actor, Action.TRANSFER_RECEIVE) as record:
        slip, _target = _begun(actor, Action.TRANSFER_RECEIVE, slip_id)
        entry = {"text": hide_id_numbers(text.strip())[:60], "why": why}
        if entry not in slip.found and len(slip.found) < FOUND_AT_MOST:
            slip.found = [*slip.found, entry]
            slip.save(update_fields=["found"])
        _tell(record, slip, [], found=entry)


@retrying
def receive(
    *,
    actor: Account,
    slip_id: int,
    counted: int | None = None,
    differences_seen: bool = False,
) -> TransferSlip:
    """The embosser signs for what came; who brought it stands on the slip.

    With nothing scanned, the counted number must be the slip's. With some scanned, the others are
    missing, which whoever signs has to have seen.
    """
    action = Action.TRANSFER_RECEIVE
    with recorded(actor, action) as record:
        slip, target = _begun(actor, action, slip_id)
        rules.require_names(slip.carried_by, actor.display_name, step="签收")
        lines = list(slip.lines.all())
        there = [line for line in lines if line.came]
        missing = [line for line in lines if not line.came]
        if missing and not there:
            rules.require_count(counted, len(missing))
            slip.lines.update(came=True)
            missing = []
        _require_seen(missing, [line for line in lines if line.surplus], differences_seen)
        if missing:
            slip.lines.filter(pk__in=[line.pk for line in missing]).update(came=False)
        slip.state, slip.received_at, slip.received_by = target, timezone.now(), actor
        slip.save(update_fields=["state", "received_at", "received_by"])
        absent = set(missing)
        came = [line for line in lines if line not in absent]
        _tell(record, slip, came, **_differences(missing, lines), found=slip.found)
    return slip


def _require_seen(
    missing: Sequence[TransferLine], surplus: Sequence[TransferLine], seen: bool
) -> None:
    if seen or not (missing or surplus):
        return
    found = []
    if missing:
        found.append(f"缺少 {len(missing)} 本：{_serials(missing)}")
    if surplus:
        found.append(f"多出 {len(surplus)} 本：{_serials(surplus)}")
    raise Refusal(
        "transfer.differences",
        "清点结果与移交单不一致，没有签收。",
        clause="N18",
        found="；".join(found),
        expected="与移交单一致，或勾选“已当面指明差异”",
        mend="请再清点一次；确有差异的，勾选后签收，差异记入移交单。",
    )


def _serials(lines: Sequence[TransferLine]) -> str:
    return rules.words(ranges_of(line.serial for line in lines))


def _differences(
    missing: Sequence[TransferLine], lines: Sequence[TransferLine]
) -> dict[str, object]:
    return {
        "missing": [str(item) for item in ranges_of(line.serial for line in missing)],
        "surplus": [str(item) for item in ranges_of(x.serial for x in lines if x.surplus)],
    }


@retrying
def give_back(
    *, actor: Account, slip_id: int, collected_by: str, unembossed_too: bool = False
) -> TransferSlip:
    """The embosser hands back what came; what bears no embossed seal only knowingly."""
    with recorded(actor, Action.TRANSFER_RETURN) as record:
        slip, target = _begun(actor, Action.TRANSFER_RETURN, slip_id)
        rules.require_names(actor.display_name, collected_by, step="退回")
        lines = list(slip.lines.filter(open=True).select_related("certificate"))
        rules.require_embossed_or_accepted(
            [
                line.certificate.number
                for line in lines
                if line.certificate.state in CERTIFICATE.sources(Action.CERTIFICATE_EMBOSS)
            ],
            unembossed_too,
        )
        slip.state, slip.returned_at, slip.returned_by = target, timezone.now(), actor
        slip.collected_by = _name(collected_by)
        slip.save(update_fields=["state", "returned_at", "returned_by", "collected_by"])
        _tell(record, slip, lines, collected_by=slip.collected_by)
    return slip


@retrying
def count_back(*, actor: Account, slip_id: int, certificate_id: int) -> None:
    """One certificate counted on its return."""
    with recorded(actor, Action.TRANSFER_TAKE_BACK) as record:
        slip, _target = _begun(actor, Action.TRANSFER_TAKE_BACK, slip_id)
        line = slip.lines.filter(certificate=certificate_id).first()
        if line is None or line.came is False:
            raise Refusal(
                "transfer.not_on_slip",
                "这本证书不在退回的移交单上。",
                clause="N8",
                found=slip.number,
                expected="移交单上签收过的证书",
                mend="请把它取出，查明是哪张移交单的。",
            )
        if line.back:
            raise _counted_before(line)
        line.back = True
        line.save(update_fields=["back"])
        _tell(record, slip, [line], counted=True)


@retrying
def take_back(
    *,
    actor: Account,
    slip_id: int,
    counted: int | None = None,
    differences_seen: bool = False,
) -> TransferSlip:
    """The unit signs for what came back; what didn't come is missing, and said so."""
    action = Action.TRANSFER_TAKE_BACK
    with recorded(actor, action) as record:
        slip, target = _begun(actor, action, slip_id)
        rules.require_names(slip.collected_by, actor.display_name, step="领回")
        lines = list(slip.lines.filter(Q(open=True) | Q(back=True)))
        missing = [line for line in lines if not line.back]
        if missing and len(missing) == len(lines):
            rules.require_count(counted, len(missing))
            slip.lines.filter(open=True).update(back=True)
            missing = []
        _require_seen(missing, [], differences_seen)
        if missing:
            slip.lines.filter(pk__in=[line.pk for line in missing]).update(back=False)
        slip.state, slip.taken_back_at, slip.taken_back_by = target, timezone.now(), actor
        slip.save(update_fields=["state", "taken_back_at", "taken_back_by"])
        _tell(record, slip, lines, **_differences(missing, []))
    return slip


OPEN_STATES = (SlipState.DRAFT, SlipState.SENT, SlipState.ARRIVED, SlipState.RETURNING)
