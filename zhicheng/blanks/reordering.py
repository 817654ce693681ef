"""When to print again: the dated limit of each grade, and who sets it (N1)."""

from datetime import date

from django.utils import timezone

from zhicheng.audit.recording import recorded
from zhicheng.blanks.measures import Limit
from zhicheng.blanks.models import ReorderPolicy
from zhicheng.organizations.guard import Actor, account_of, require
from zhicheng.organizations.permissions import Action
from zhicheng.reference.models import Grade
from zhicheng.values.dated_days import check_from
from zhicheng.values.refusal import Refusal

# Until the office sets one: a month's time to print and deliver.
UNSET = Limit(weeks=4, stock=0)
LONGEST = 104  # weeks


def set_reorder_policy(
    *, actor: Actor, grade: str, valid_from: date, weeks: int, stock: int
) -> ReorderPolicy:
    """Sets the limit of a grade from a day on that isn't past; all that was set stays on record.

    Raises Refusal for a figure out of range or a past day.
    """
    require(actor, Action.REORDER_POLICY_SET)
    if not 0 <= weeks <= LONGEST or stock < 0 or grade not in Grade.values:
        raise Refusal(
            "reorder_policy.out_of_range",
            "警戒线应为 0 至 104 周，且不少于 0 本。",
            clause="N1",
            found=f"{weeks} 周，{stock} 本",
            expected="例如 4 周，500 本",
        )
    check_from(valid_from, timezone.localdate(), "reorder_policy.past", clause="N1")
    with recorded(actor, Action.REORDER_POLICY_SET) as record:
        policy = ReorderPolicy.objects.create(
            grade=grade,
            valid_from=valid_from,
            weeks=weeks,
            stock=stock,
            set_by=account_of(actor),
        )
        record(
            subject=policy,
            data={
                "grade": grade,
                "valid_from": valid_from.isoformat(),
                "weeks": weeks,
                "stock": stock,
            },
        )
    return policy


def limits(day: date) -> dict[str, Limit]:
    """The limit in force on ``day``, for every grade; of several for one day the last counts."""
    found = {grade.value: UNSET for grade in Grade}
    for policy in ReorderPolicy.objects.filter(valid_from__lte=day).order_by("valid_from", "id"):
        found[policy.grade] = Limit(policy.weeks, policy.stock)
    return found
