"""How long each step may take: a dated setting, and what is due when.

What counts for a step is the figure of the day on which it began: a later one changes nothing of
what waits already.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta

from django.db.models import (
    Case,
    DateTimeField,
    ExpressionWrapper,
    F,
    Q,
    Value,
    When,
)
from django.utils import timezone

from zhicheng.audit.recording import recorded, retrying
from zhicheng.database import dated
from zhicheng.organizations.guard import Actor, account_of, require
from zhicheng.organizations.permissions import Action
from zhicheng.reissues.models import Reissue, ReissueState, Step, StepDeadline
from zhicheng.values.dated_days import Steps, allowed, check_from
from zhicheng.values.refusal import Refusal

# Until the office sets them, in calendar days.
UNSET: Mapping[str, int] = {
    Step.DRAFT: 30,
    Step.ACCEPTANCE: 5,
    Step.COMPLETION: 30,
    Step.OPINION: 5,
    Step.COLLECTION: 10,
    Step.MAKING: 15,
}
LONGEST = 365
STEP_OF: Mapping[str, Step] = {
    ReissueState.DRAFT: Step.DRAFT,
    ReissueState.APPLIED: Step.ACCEPTANCE,
    ReissueState.RETURNED: Step.COMPLETION,
    ReissueState.OPINIONS: Step.OPINION,
    ReissueState.GRANTED: Step.COLLECTION,
    ReissueState.COLLECTED: Step.MAKING,
    ReissueState.MAKING: Step.MAKING,
    ReissueState.CLOSING: Step.COLLECTION,
}


@retrying
def set_deadline(*, actor: Actor, step: str, valid_from: date, days: int) -> StepDeadline:
    """Sets a step's days from a day on that isn't past; all that was set stays on record.

    Raises Refusal for a figure out of range or a past day.
    """
    require(actor, Action.REISSUE_DEADLINE_SET)
    if step not in Step.values or not 1 <= days <= LONGEST:
        raise Refusal(
            "reissue_deadline.out_of_range",
            "办理时限应为 1 至 365 天。",
            clause="N18",
            found=f"{days} 天",
            expected="例如 5 天",
        )
    check_from(valid_from, timezone.localdate(), "reissue_deadline.past")
    with recorded(actor, Action.REISSUE_DEADLINE_SET) as record:
        deadline = StepDeadline.objects.create(
            step=step, valid_from=valid_from, days=days, set_by=account_of(actor)
        )
        record(
            subject=deadline,
            data={"step": step, "valid_from": valid_from.isoformat(), "days": days},
        )
    return deadline


def deadlines(day: date) -> dict[str, int]:
    """The days of every step in force on ``day``."""
    return {step: dated[-1][1] for step, dated in until(day).items()}


def until(day: date) -> dict[str, Steps]:
    """Of every step from which day on how many calendar days, up to ``day``; in one statement."""
    return dated.steps_upto(StepDeadline, "step", UNSET, day)


def history(most: int) -> list[tuple[StepDeadline, bool]]:
    """What was set, the latest day first, and whether a later setting took its place."""
    return dated.history(StepDeadline, "step", most)


def due_at(reissue: Reissue, kept: Mapping[str, Steps]) -> datetime | None:
    """When the present step has to be done; None where nobody has to do anything."""
    step = STEP_OF.get(reissue.state)
    if step is None:
        return None
    days = allowed(kept[step], timezone.localdate(reissue.waiting_since))
    return reissue.waiting_since + timedelta(days=days)


def due_by_row(kept: Mapping[str, Steps]) -> Case:
    """``due_at`` for a list to sort and filter by; NULL where nobody has to do anything."""
    return Case(
        # Most are over and done with: they are asked one question, and not one for each step.
        When(~Q(state__in=list(STEP_OF)), then=Value(None)),
        *(
            When(
                began,
                state=state,
                then=ExpressionWrapper(
                    F("waiting_since") + timedelta(days=days), output_field=DateTimeField()
                ),
            )
            for state, step in STEP_OF.items()
            for began, days in by_beginning(kept, step)
        ),
        default=Value(None),
        output_field=DateTimeField(),
    )


def by_beginning(kept: Mapping[str, Steps], step: str) -> Iterator[tuple[Q, int]]:
    """For whatever waits at the step: when it began to wait, and how many days it has."""
    dated = kept[step]
    for place, (day, days) in enumerate(dated):
        began = Q(waiting_since__isnull=False)  # a condition of its own: Case takes no empty one
        if place:
            began &= Q(waiting_since__gte=_midnight(day))
        if place + 1 < len(dated):
            began &= Q(waiting_since__lt=_midnight(dated[place + 1][0]))
        yield began, days


def late(kept: Mapping[str, Steps], step: str, now: datetime) -> Q:
    """Which of those that wait at the step should have been done by now."""
    found = Q(pk__in=[])
    for began, days in by_beginning(kept, step):
        found |= began & Q(waiting_since__lt=now - timedelta(days=days))
    return found


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
