"""Reads: the holder's progress, an application whole, lists, and what was corrected (N7, N10)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone

from zhicheng.certificates.models import Certificate, CertificateState
from zhicheng.database.any_of import looked_up
from zhicheng.organizations.guard import Actor, may
from zhicheng.organizations.models import Account, Organization
from zhicheng.organizations.permissions import Action, Relation
from zhicheng.protection import blind_index
from zhicheng.reissues import content, rules
from zhicheng.reissues.actions_match import DEPARTMENT_NAMED_IN
from zhicheng.reissues.actions_opinions import SIGNS_AS, steps_of
from zhicheng.reissues.applicants import Applicant, Parties
from zhicheng.reissues.deadlines import due_at, until
from zhicheng.reissues.models import (
    Decision,
    Fate,
    Kind,
    Match,
    Opinion,
    OpinionLevel,
    Reissue,
    ReissueState,
)
from zhicheng.values.id_number import tidy as tidy_id_number
from zhicheng.values.names import tidy_name
from zhicheng.values.text import tidy_code


def applicant_of(receipt: str, id_number: str) -> Applicant | None:
    """The holder who knows receipt number and ID number: the old one, or the corrected one.

    Raises Refusal for a receipt number with a typing error. Hit and miss run the same statement.
    """
    number = rules.tidy_receipt(receipt)
    person = blind_index(tidy_id_number(id_number)[0])
    found = (
        Reissue.objects.filter(receipt_number=number)
        .filter(
            Q(id_number_index=person)
            | Q(corrections__new_index=person, corrections__removed_at=None)
        )
        .values_list("pk", flat=True)
        .first()
    )
    return Applicant(found) if found is not None else None


@dataclass(frozen=True)
class StepView:
    """A box of the form for a page: whose, signed or not, whether it is its turn."""

    level: str
    label: str
    organization_id: int | None
    name: str
    skipped: str
    opinion: Opinion | None
    is_turn: bool
    past: tuple[Opinion, ...] = ()

    @property
    def agreed(self) -> bool:
        """Whether an agreement to the present content stands."""
        return self.opinion is not None


def opinion_steps(reissue: Reissue) -> list[StepView]:
    """The five boxes in their order; ``past`` are returns and agreements to older content."""
    opinions = list(reissue.opinions.select_related("organization", "recorded_by", "scan"))
    current = bytes(reissue.content_digest)
    standing = {
        item.level: item
        for item in opinions
        if item.decision == Decision.AGREE and bytes(item.content_digest) == current
    }
    steps = steps_of(reissue)
    turn = None
    if reissue.state == ReissueState.OPINIONS:
        turn = rules.next_level(reissue.required, list(standing))
    return [
        StepView(
            level=step.level,
            label=str(OpinionLevel(step.level).label),
            organization_id=step.organization,
            name=step.name,
            skipped=step.skipped,
            opinion=standing.get(step.level),
            is_turn=step.level == turn,
            past=tuple(
                item
                for item in opinions
                if item.level == step.level and item is not standing.get(step.level)
            ),
        )
        for step in steps
    ]


def may_sign(account: Account, reissue: Reissue) -> str:
    """The level that this account may sign now by ``actions_opinions.opine``; empty where none."""
    for step in opinion_steps(reissue):
        relation = SIGNS_AS.get(OpinionLevel(step.level))
        if step.is_turn and relation and step.organization_id == account.organization_id:
            parties = Parties({relation: {account.organization_id}})
            return step.level if may(account, Action.REISSUE_OPINE, parties) else ""
    return ""


def checklist_of(reissue: Reissue) -> list[rules.CheckItem]:
    """Every paper that the clauses ask for, done or not."""
    return rules.checklist(content.papers_of(reissue))


@dataclass(frozen=True)
class Progress:
    """What the holder's page says, and nothing more: where it is and what is missing."""

    receipt_number: str
    kind: str
    state: str
    state_label: str
    since: datetime
    due: datetime | None
    at: str
    missing: tuple[rules.CheckItem, ...]
    returned_reason: str
    outcome: str
    outcome_reason: str
    changeable: bool


# Which papers the next step asks for, by state.
_ASKS = {
    ReissueState.DRAFT: "submit",
    ReissueState.RETURNED: "submit",
    ReissueState.APPLIED: "accept",
    ReissueState.OPINIONS: "blank",
    ReissueState.GRANTED: "blank",
}


def progress(reissue: Reissue) -> Progress:
    """The application as its holder may see it."""
    asks = _ASKS.get(ReissueState(reissue.state))
    at = ""
    if reissue.state == ReissueState.OPINIONS:
        at = next((step.label for step in opinion_steps(reissue) if step.is_turn), "")
    certificate = Certificate.objects.filter(reissue=reissue.pk).first()
    if reissue.state == ReissueState.MAKING and certificate is not None:
        at = str(CertificateState(certificate.state).label)
    return Progress(
        receipt_number=reissue.receipt_number,
        kind=str(Kind(reissue.kind).label),
        state=reissue.state,
        state_label=str(ReissueState(reissue.state).label),
        since=reissue.waiting_since,
        due=due_at(reissue, until(timezone.localdate())),
        at=at,
        missing=tuple(rules.missing(content.papers_of(reissue), asks)) if asks else (),
        returned_reason=(reissue.returned_reason if reissue.state == ReissueState.RETURNED else ""),
        outcome=reissue.get_outcome_display() if reissue.outcome else "",
        outcome_reason=reissue.outcome_reason,
        changeable=reissue.state in (ReissueState.DRAFT, ReissueState.RETURNED),
    )


def prefill(old_number: str, name: str, id_number: str) -> Certificate | None:
    """The certificate on file with exactly this number, name and ID number; for the form."""
    return Certificate.objects.filter(
        number=tidy_code(old_number)[0],
        name=tidy_name(name)[0],
        id_number_index=blind_index(tidy_id_number(id_number)[0]),
        state=CertificateState.ISSUED,
    ).first()


def visible_to(account: Actor) -> "QuerySet[Reissue]":
    """The applications that the account may see; drafts only their own side's."""
    every = Reissue.objects.select_related("unit", "certificate", "approving_department")
    if not isinstance(account, Account):
        return every
    home = account.organization_id
    if may(account, Action.REISSUE_VIEW):  # the municipal office and the auditors
        return every.exclude(state=ReissueState.DRAFT)
    mine = Q(approving_department=home) | _employs_or_handles_or_supervises(home)
    return every.filter(mine).exclude(_draft_of_others(home))


def _draft_of_others(home: int) -> Q:
    return Q(state=ReissueState.DRAFT) & ~Q(created_by__organization=home)


def _employs_or_handles_or_supervises(home: int) -> Q:
    above = Q(path__contains=[{"level": OpinionLevel.DEPARTMENT.value, "organization": home}])
    return Q(unit=home) | Q(work_unit_organization=home) | above


def units_seen(account: Account) -> "QuerySet[Organization]":
    """The handling units of the applications that the account may see."""
    seen, home = visible_to(account).order_by(), account.organization_id
    if may(account, Action.REISSUE_VIEW):
        return Organization.objects.filter(Exists(seen.filter(unit=OuterRef("pk"))))
    # A department approved many, of some units: each unit is asked for one. The others are few.
    of_unit = Reissue.objects.order_by().filter(approving_department=home, unit=OuterRef("pk"))
    approved = looked_up(of_unit.exclude(_draft_of_others(home)))
    others = seen.filter(_employs_or_handles_or_supervises(home)).values("unit")
    return Organization.objects.filter(approved | Q(pk__in=others))


def turn_of(account: Account) -> "QuerySet[Reissue]":
    """Applications in which a box waits for this account's organisation."""
    home = account.organization_id
    waiting = (
        Reissue.objects.filter(state=ReissueState.OPINIONS)
        .filter(path__contains=[{"organization": home}])
        .prefetch_related(Prefetch("opinions", Opinion.objects.filter(decision=Decision.AGREE)))
    )
    ready = [item.pk for item in waiting if _its_turn(account, item)]
    return Reissue.objects.filter(pk__in=ready).order_by("waiting_since")


def _its_turn(account: Account, reissue: Reissue) -> bool:
    """As ``may_sign``, from what was fetched: no statement for each application."""
    turn = next_signers([reissue]).get(reissue.pk)
    if turn is None or turn[1] != account.organization_id:
        return False
    return may(account, Action.REISSUE_OPINE, Parties({turn[0]: {turn[1]}}))


def to_decide() -> "QuerySet[Reissue]":
    """Applications whose data, or abolished department, the municipal office decides about (N6)."""
    waiting = [state for state in DEPARTMENT_NAMED_IN if state != ReissueState.RETURNED]
    unmatched = Q(match=Match.UNMATCHED, state__in=[ReissueState.APPLIED, ReissueState.OPINIONS])
    gone = Q(approving_department__valid_to__lt=timezone.localdate(), state__in=waiting)
    return Reissue.objects.filter(unmatched | gone)


def old_to_dispose() -> "QuerySet[Reissue]":
    """Applications that are over while the old certificate still lies at the unit (N14)."""
    over = [
        ReissueState.DONE,
        ReissueState.ENDED,
        ReissueState.REFUSED,
        ReissueState.CLOSING,
    ]
    return Reissue.objects.filter(handed_in__fate=Fate.HELD, state__in=over)


def next_signers(reissues: "Iterable[Reissue]") -> dict[int, tuple[Relation, int]]:
    """In which relation whose box waits, for applications that came with ``opinions``."""
    found = {}
    for reissue in reissues:
        if reissue.state != ReissueState.OPINIONS:
            continue
        current = bytes(reissue.content_digest)
        agreed = [
            item.level
            for item in reissue.opinions.all()
            if item.decision == Decision.AGREE and bytes(item.content_digest) == current
        ]
        level = rules.next_level(reissue.required, agreed)
        step = next((item for item in reissue.path if item["level"] == level), None)
        relation = SIGNS_AS.get(OpinionLevel(level)) if level else None
        if step is not None and relation is not None and step["organization"]:
            found[reissue.pk] = (relation, int(step["organization"]))
    return found


@dataclass(frozen=True)
class Corrected:
    """One field that a finished renewal corrected: ID numbers masked."""

    field: str
    label: str
    old: str
    new: str
    receipt_number: str
    old_number: str
    new_number: str
    done_on: date


def corrections_of(*people: bytes) -> list[Corrected]:
    """What finished renewals corrected for a person, oldest first: the history (N7).

    ``people`` are blind indexes of ID numbers. A corrected ID number leads on to the applications
    under the other one, so either number finds all.
    """
    known = same_person(people)
    found = (
        Reissue.objects.filter(state=ReissueState.DONE, kind=Kind.RENEWAL)
        .filter(id_number_index__in=list(known))
        .prefetch_related("corrections")
        .order_by("done_at")
    )
    return [
        Corrected(
            field=item.field,
            label=rules.FIELD_LABELS[item.field],
            old=item.old_text,
            new=item.new_text,
            receipt_number=reissue.receipt_number,
            old_number=reissue.old_number,
            new_number=reissue.new_number or "",
            done_on=timezone.localtime(reissue.done_at).date(),
        )
        for reissue in found
        if reissue.done_at is not None
        for item in reissue.corrections.all()
        if item.removed_at is None
    ]


def same_person(people: Sequence[bytes]) -> set[bytes]:
    """The blind indexes of everybody who is one of these by finished corrections."""
    known = set(people)
    while True:
        pairs = (
            Reissue.objects.filter(
                state=ReissueState.DONE,
                corrections__field="id_number",
                corrections__removed_at=None,
            )
            .filter(Q(id_number_index__in=list(known)) | Q(corrections__new_index__in=list(known)))
            .values_list("id_number_index", "corrections__new_index")
        )
        found = known | {bytes(index) for pair in pairs for index in pair if index is not None}
        if found == known:
            return known
        known = found
