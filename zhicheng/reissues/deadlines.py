"""How long each step may take: a dated setting, and what is due when."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from zhicheng.audit.recording import recorded
from zhicheng.organizations.guard import Actor, account_of, require
from zhicheng.organizations.permissions import Action
from zhicheng.reissues.models import Reissue, ReissueState, Step, StepDeadline
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


def set_deadline(*, actor: Actor, step: str, valid_from: date, days: int) -> StepDeadline:
    """Sets a step's days from a day on; earlier days keep theirs."""
    require(actor, Action.REISSUE_DEADLINE_SET)
    if step not in Step.values or not 1 <= days <= LONGEST:
        raise Refusal(
            "reissue_deadline.out_of_range",
            "办理时限应为 1 至 365 天。",
            clause="N18",
            found=f"{days} 天",
            expected="例如 5 天",
        )
    with recorded(actor, Action.REISSUE_DEADLINE_SET) as record:
        deadline, _created = StepDeadline.objects.update_or_create(
            step=step, valid_from=valid_from, defaults={"days": days, "set_by": account_of(actor)}
        )
        record(
            subject=deadline,
            data={"step": step, "valid_from": valid_from.isoformat(), "days": days},
        )
    return deadline


def deadlines(day: date) -> dict[str, int]:
    """The days of every step in force on ``day``."""
    found = {step.value: UNSET[step] for step in Step}
    for item in StepDeadline.objects.filter(valid_from__lte=day).order_by("valid_from", "id"):
        found[item.step] = item.days
    return found


def due_at(reissue: Reissue, days: Mapping[str, int]) -> datetime | None:
    """When the present step has to be done; None where nobody has to do anything."""
    step = STEP_OF.get(reissue.state)
    return reissue.waiting_since + timedelta(days=days[step]) if step else None
