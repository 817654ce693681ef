"""Cases and alarms as the pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from zhicheng.blanks.investigations import can_be_replaced
from zhicheng.blanks.models import (
    BlankCase,
    CaseOutcome,
    Custody,
    CustodyState,
    Settlement,
    Sighting,
)
from zhicheng.files.models import StoredFile
from zhicheng.organizations.guard import may, might, sees_all
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action

# Days after which an open case is old, for the filter.
AGES = (3, 7, 30, 90)


def visible_cases(account: Account) -> QuerySet[BlankCase]:
    """All for the office and auditors; a unit's own for its people."""
    cases = BlankCase.objects.select_related("holder", "register", "opened_by", "closed_by")
    cases = cases.defer("register__source").annotate(
        unseen=Count("sightings", filter=Q(sightings__acknowledged_at=None))
    )
    if sees_all(account):
        return cases
    if not might(account, Action.CASE_VIEW):
        return cases.none()
    return cases.filter(holder=account.organization_id)


def days_open(case: BlankCase) -> int:
    """How long it was or is looked into."""
    return ((case.closed_at or timezone.now()) - case.opened_at).days


def by_progress(rows: QuerySet[BlankCase], value: str) -> QuerySet[BlankCase]:
    """Open, closed, or with one outcome."""
    if value == "open":
        return rows.filter(outcome="")
    return rows.exclude(outcome="") if value == "closed" else rows.filter(outcome=value)


def by_age(rows: QuerySet[BlankCase], value: str) -> QuerySet[BlankCase]:
    """Open for longer than so many days."""
    return rows.filter(outcome="", opened_at__lt=timezone.now() - timedelta(days=int(value)))


def cases_of_serial(account: Account, serial: int) -> list[BlankCase]:
    """Cases that name the serial, as far as the account may see them, the newest first."""
    found = visible_cases(account).extra(  # noqa: S610 - the value is a parameter
        where=["serial_ranges(blanks_blankcase.serials) @> %s::bigint"], params=[serial]
    )
    return list(found.order_by("-id"))


def sightings() -> QuerySet[Sighting]:
    """Every alarm with who and where."""
    return Sighting.objects.select_related("case", "seen_by", "organization", "acknowledged_by")


def sightings_of_serial(account: Account, serial: int) -> list[Sighting]:
    """Alarms that name the serial, the newest first; none for those who don't see alarms."""
    if not may(account, Action.SIGHTING_VIEW):
        return []
    found = sightings().extra(  # noqa: S610 - the value is a parameter
        where=["serial_ranges(blanks_sighting.serials) @> %s::bigint"], params=[serial]
    )
    return list(found.order_by("-id"))


@dataclass(frozen=True)
class Step:
    """A line of the case's timeline."""

    at: datetime
    label: str
    who: str
    organization: str
    text: str
    file: StoredFile | None = None
    tone: str = ""


def timeline(case: BlankCase) -> list[Step]:
    """Everything that happened in the case, the first thing first."""
    steps = [_step(case.opened_at, _("立案"), case.opened_by, case.note, tone="bad")]
    entries = case.entries.select_related("written_by__organization", "file")
    steps += [
        _step(item.written_at, _("调查经过"), item.written_by, item.text, item.file)
        for item in entries.defer("file__content")
    ]
    for seen in case.sightings.select_related(
        "seen_by__organization", "acknowledged_by__organization"
    ):
        where = f"{seen.get_channel_display()}：{seen.attempted}".rstrip("：")
        text = f"{'、'.join(seen.serials)}（{where}）"
        steps.append(_step(seen.seen_at, _("失控证书出现"), seen.seen_by, text, tone="bad"))
        if seen.acknowledged_at:
            steps.append(
                _step(
                    seen.acknowledged_at, _("处理警报"), seen.acknowledged_by, seen.acknowledgement
                )
            )
    steps += [
        _step(
            part.settled_at,
            told_outcome(part),
            part.settled_by,
            part.text,
            tone="bad" if part.outcome == CaseOutcome.WRITTEN_OFF else "good",
        )
        for part in case.settlements.select_related("settled_by__organization")
    ]
    steps += [
        _step(made.given_at, _("补发空白证书"), made.given_by, "、".join(made.given))
        for made in case.replacements.select_related("given_by__organization")
    ]
    return sorted(steps, key=lambda step: step.at)


def told_outcome(part: Settlement) -> str:
    """An outcome of a part in words."""
    words = f"{part.get_outcome_display()} {_('%(n)d 本') % {'n': part.count}}"
    # What is written off lies nowhere: its state would only repeat the outcome.
    if not part.placed or part.outcome == CaseOutcome.WRITTEN_OFF:
        return words
    return f"{words}（{part.placed}）"


def _step(
    at: datetime,
    label: str,
    who: Account | None,
    text: str,
    file: StoredFile | None = None,
    tone: str = "",
) -> Step:
    organization = who.organization.name if who else ""
    return Step(at, label, who.display_name if who else "", organization, text, file, tone)


def holders_of_cases(account: Account) -> Sequence[tuple[str, str]]:
    """Who has cases, for the filter."""
    found = visible_cases(account).order_by().values_list("holder", "holder__name").distinct()
    return sorted(((str(pk), name) for pk, name in found), key=lambda item: item[1])


def to_replace() -> list[tuple[BlankCase, int]]:
    """Closed cases after which people of a register lack a blank, with how many (N9)."""
    written = (
        Custody.objects.filter(
            state=CustodyState.WRITTEN_OFF, register__isnull=False, holdings__isnull=False
        )
        .order_by("register", "grade")
        .values_list("register", "grade")
        .distinct()
    )
    found = []
    for register, grade in written:
        case = (
            BlankCase.objects.filter(
                register=register, grade=grade, settlements__outcome=CaseOutcome.WRITTEN_OFF
            )
            .select_related("holder")
            .order_by("-id")
            .first()
        )
        number = can_be_replaced(case) if case is not None else 0
        if case is not None and number:
            found.append((case, number))
    return found
