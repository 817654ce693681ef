"""Loss, its investigation and its outcome (N9, N18; invariant 6).

For a model beside the database (steps with their arguments; all keyword-only):

- ``report_loss(actor, serials, note)``: the custodian's clerk or officer; -> cases.
- ``settle_case(actor, case_id, outcome, conclusion, serials=None, place="back")``: an officer of
  the municipal office who didn't open the case; ``found`` or ``counted_wrong`` bring serials back,
  ``written_off`` ends them for good; ``serials`` None: all that are still lost.
- ``replace_written_off(actor, case_id)``: new blanks for people who have none because of it.
- ``add_entry(actor, case_id, text, file=None)``: tells what was looked into.

Where a found blank goes: ``back`` to the account it was lost from; except that a blank that bore a
certificate becomes a spoiled one, that what was lost on its way goes to where the way has led
meanwhile, and that a blank of the unit becomes a spare when a spare has taken its place.
"""

from collections.abc import Mapping, Sequence

from django.db.models import Q
from django.utils import timezone

from zhicheng.audit.recording import recorded, retrying
from zhicheng.blanks import case_rules, ledger, losses
from zhicheng.blanks.finding import bring_back, register_need
from zhicheng.blanks.models import (
    OFFICE_COUNTS,
    UNIT_COUNTS,
    AllotmentState,
    BlankCase,
    CaseEntry,
    CaseKind,
    CaseOutcome,
    Custody,
    CustodyState,
    Movement,
    Reason,
    Replacement,
    Settlement,
)
from zhicheng.blanks.rules import describe, difference, require_stock
from zhicheng.files.store import Prepared, store, told
from zhicheng.organizations.guard import Actor, require
from zhicheng.organizations.models import Account, Organization
from zhicheng.organizations.permissions import Action, Relation
from zhicheng.reference.models import Grade
from zhicheng.registers.models import Register
from zhicheng.values.refusal import Refusal
from zhicheng.values.serials import SerialRange, count, format_serial, merge, parse_ranges, take
from zhicheng.values.text import hide_id_numbers

OUTCOME_LABELS: Mapping[str, str] = {item.value: str(item.label) for item in CaseOutcome}


class _Custodian:
    """The actor's own organisation, as whoever keeps what it reports."""

    def __init__(self, organization_id: int) -> None:
        self.organization_id = organization_id

    def parties(self) -> Mapping[Relation, set[int]]:
        return {Relation.ISSUING: {self.organization_id}}


def kept_by(organization: Organization) -> Q:
    """The holdings that an organisation keeps and may report: the office's store and what is on
    the way; a unit's own.
    """
    if organization.is_municipal_office:
        return Q(custody__organization=organization, custody__state__in=OFFICE_COUNTS) | Q(
            custody__state=CustodyState.IN_TRANSIT
        )
    return Q(custody__organization=organization, custody__state__in=UNIT_COUNTS)


@retrying
def report_loss(
    *,
    actor: Account,
    serials: Sequence[SerialRange],
    note: str,
    file: Prepared | None = None,
) -> list[BlankCase]:
    """A custodian misses blanks: blocked at once, and a case for each holder, grade and register.

    A certificate that lay on one of them goes on with a spare, or waits for a blank.
    """
    with recorded(actor, Action.LOSS_REPORT) as record:
        organization = actor.organization
        require(actor, Action.LOSS_REPORT, _Custodian(organization.pk))
        case_rules.require_serials(serials, note)
        mine = kept_by(organization)
        losses.hold_still(losses.where(serials, mine))
        parts = losses.where(serials, mine)
        known = merge(item for ranges in parts.values() for item in ranges)
        case_rules.require_custodian(difference(serials, known), organization.name)
        done = losses.lose(parts, kind=CaseKind.LOSS, note=note, actor=actor)
        evidence = None
        if file is not None:
            evidence = store(file, account_id=actor.pk)
            for case in done.cases:
                losses.write_entry(case, "报告遗失时提交的材料。", actor, evidence.pk)
        record(
            subject=done.cases[0],
            data={
                "cases": {case.number: case.serials for case in done.cases},
                "note": done.cases[0].note,
                "spares": {
                    format_serial(lost): format_serial(spare) for lost, spare in done.spares.items()
                },
                **(told(evidence) if evidence else {}),
            },
            rows=losses.CERTIFICATES if done.carried.ids else "",
            ids=done.carried.ids,
            digests=done.carried.digests,
        )
    return done.cases


def _case(case_id: int) -> BlankCase:
    return BlankCase.objects.select_for_update(no_key=True).get(pk=case_id)


@retrying
def add_entry(
    *, actor: Account, case_id: int, text: str, file: Prepared | None = None
) -> CaseEntry:
    """Adds a step of the investigation, with a document or without."""
    with recorded(actor, Action.CASE_NOTE) as record:
        case = _case(case_id)
        require(actor, Action.CASE_NOTE, case)
        case_rules.require_open(case.outcome, case.number)
        if not text.strip():
            raise Refusal(
                "case.entry_empty",
                "请填写调查经过。",
                clause="N18",
                found="经过为空",
                expected="何时、何人、查了什么、结果如何",
            )
        evidence = store(file, account_id=actor.pk) if file is not None else None
        entry = losses.write_entry(
            case,
            hide_id_numbers(text.strip()),
            actor,
            evidence.pk if evidence else None,
        )
        record(
            subject=case,
            data={"case": case.number, "text": entry.text, **(told(evidence) if evidence else {})},
        )
    return entry


def still_lost(case: BlankCase) -> dict[Custody, list[SerialRange]]:
    """What of the case's serials it still has to answer for, by account.

    What a part of it has ended is another case's when it is lost again, and a case that moved
    nothing into loss answers for nothing that was lost later.
    """
    if case.kind not in case_rules.KINDS_OF_LOSS:
        return {}
    named = parse_ranges(",".join(case.serials))
    ended = [
        item
        for texts in case.settlements.values_list("serials", flat=True)
        for item in parse_ranges(",".join(texts))
    ]
    return losses.where(difference(named, ended), Q(custody__state=CustodyState.LOST))


@retrying
def settle_case(
    *,
    actor: Account,
    case_id: int,
    outcome: str,
    conclusion: str,
    serials: Sequence[SerialRange] | None = None,
    place: str = case_rules.BACK,
) -> BlankCase:
    """Ends a case, or a part of its lost serials; the last part closes it (N18).

    Raises Refusal when the same person opened it, or the outcome doesn't fit.
    """
    with recorded(actor, Action.CASE_CLOSE) as record:
        case = _case(case_id)
        require(actor, Action.CASE_CLOSE, case)
        case_rules.require_open(case.outcome, case.number)
        case_rules.require_second_person(case.opened_by_id, actor.pk)
        losses.hold_still(still_lost(case))
        lost = still_lost(case)
        everything = merge(item for ranges in lost.values() for item in ranges)
        case_rules.require_outcome(case.kind, outcome, OUTCOME_LABELS, lost=bool(lost))
        case_rules.require_nothing_at_the_printer(_at_the_printer(case))
        case_rules.require_conclusion(conclusion)
        text = hide_id_numbers(conclusion.strip())[:500]
        chosen = everything if serials is None else merge(serials)
        placed = ""
        if lost:
            case_rules.require_of_case(chosen, everything, case.number)
            placed = _dispose(lost, chosen, outcome, place, actor, case)
        Settlement.objects.create(
            case=case,
            serials=describe(chosen) if lost else case.serials,
            count=count(chosen) if lost else case.count,
            outcome=outcome,
            placed=placed[:200],
            text=text,
            settled_by=actor,
        )
        if not difference(everything, chosen):
            case.outcome = case_rules.combined(
                list(case.settlements.order_by("id").values_list("outcome", flat=True))
            )
            case.conclusion = text
            case.closed_at = timezone.now()
            case.closed_by = actor
            case.save()
        record(
            subject=case,
            data={
                "case": case.number,
                "outcome": outcome,
                "serials": describe(chosen) if lost else case.serials,
                "placed": placed,
                "conclusion": text,
                "closed": not case.is_open,
            },
        )
    return case


def _at_the_printer(case: BlankCase) -> list[SerialRange]:
    """What of a short delivery never came."""
    if case.kind != CaseKind.SHORT_DELIVERY:
        return []
    named = parse_ranges(",".join(case.serials))
    lying = losses.where(named, Q(custody__state=CustodyState.PRINTER))
    return merge(item for ranges in lying.values() for item in ranges)


def _dispose(
    lost: Mapping[Custody, Sequence[SerialRange]],
    chosen: Sequence[SerialRange],
    outcome: str,
    place: str,
    actor: Account,
    case: BlankCase,
) -> str:
    """Moves the chosen lost blanks to where their outcome takes them; gives that in words."""
    words: list[str] = []
    for account, ranges in sorted(lost.items(), key=lambda item: item[0].pk):
        part = case_rules.common(ranges, chosen)
        if not part:
            continue
        if outcome == CaseOutcome.WRITTEN_OFF:
            target = ledger.custody(
                account.organization_id,
                CustodyState.WRITTEN_OFF,
                account.grade,
                account.register_id,
                account.reissue,
            )
            ledger.move(
                part,
                source=account,
                target=target,
                reason=Reason.WRITE_OFF,
                actor=actor,
                note=case.number,
            )
            words.append(str(CustodyState.WRITTEN_OFF.label))
            continue
        for origin, found in origins(account, part).items():
            words += bring_back(found, lost=account, origin=origin, place=place, actor=actor)
    return "；".join(dict.fromkeys(words))


def origins(account: Custody, ranges: Sequence[SerialRange]) -> dict[Custody, list[SerialRange]]:
    """From which accounts lost serials came, by their last movement into loss."""
    overlap = Q(pk__in=[])
    for item in ranges:
        overlap |= Q(serials__overlap=ledger.as_range(item))
    left, found = list(ranges), dict[Custody, list[SerialRange]]()
    for movement in (
        Movement.objects.filter(overlap, target=account).select_related("source").order_by("-id")
    ):
        part = case_rules.common(left, [ledger.from_range(movement.serials)])
        if part:
            found[movement.source] = merge([*found.get(movement.source, []), *part])
            left = difference(left, part)
        if not left:
            break
    return found


@retrying
def replace_written_off(*, actor: Account, case_id: int) -> Replacement:
    """Gives a register new blanks for lost ones that don't come back to it (invariant 6).

    As many as its people lack: for what was written off, or found and put into the store.

    Spares that took a lost blank's place are spent; only who would have no blank gets a new one.
    """
    with recorded(actor, Action.LOSS_REPLACE) as record:
        case = _case(case_id)
        require(actor, Action.LOSS_REPLACE, case)
        if case.register_id is None:
            raise Refusal(
                "replacement.no_register",
                "遗失的空白证书没有配发给登记表，无须补发。",
                clause="N9",
                found=case.number,
                expected="登记表名下的空白证书",
                mend="补办换发申请名下的遗失后，由市职改办在该申请上另发一本。",
            )
        register = Register.objects.select_for_update(no_key=True).get(pk=case.register_id)
        allotment = register.allotments.get(grade=case.grade)
        if allotment.state != AllotmentState.RECEIVED:
            raise Refusal(
                "replacement.not_received",
                "请先由发放单位签收配发的空白证书，再补发。",
                clause="N9",
                found=allotment.get_state_display(),
                expected=str(AllotmentState.RECEIVED.label),
            )
        office = Organization.objects.municipal_office()
        stock = ledger.custody(office, CustodyState.STORE, case.grade)
        unit = ledger.custody(register.issuing_unit_id, CustodyState.UNIT, case.grade, register.pk)
        ledger.lock([stock, unit, *Custody.objects.filter(register=register)])
        need = register_need(register.pk, case.grade)
        number = case_rules.replaceable(
            people=need.people,
            at_work=need.at_work,
            due=len(need.due),
            gone=need.gone,
            replaced=need.replaced,
        )
        case_rules.require_replaceable(number, gone=need.gone)
        held = ledger.held(stock)
        require_stock(number, held, str(Grade(case.grade).label))
        given = take(held, number)
        ledger.move(
            given,
            source=stock,
            target=unit,
            reason=Reason.EXCHANGE,
            actor=actor,
            note=f"补发 {case.number}",
        )
        made = Replacement.objects.create(
            case=case,
            register=register,
            grade=case.grade,
            given=describe(given),
            count=number,
            given_by=actor,
        )
        record(
            subject=case,
            data={"case": case.number, "register": register.number, "given": made.given},
        )
    return made


def can_be_replaced(case: BlankCase) -> int:
    """How many new blanks the case could bring now: for the button."""
    if case.register_id is None:
        return 0
    need = register_need(case.register_id, case.grade)
    return case_rules.replaceable(
        people=need.people,
        at_work=need.at_work,
        due=len(need.due),
        gone=need.gone,
        replaced=need.replaced,
    )


__all__ = [
    "Actor",
    "add_entry",
    "can_be_replaced",
    "origins",
    "replace_written_off",
    "report_loss",
    "settle_case",
    "still_lost",
]
