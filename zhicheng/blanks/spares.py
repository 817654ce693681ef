"""How many spares go with a register, what becomes of left-over ones: dated settings (N5)."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.utils import timezone

from zhicheng.audit.recording import recorded
from zhicheng.blanks.models import Disposal, SpareDisposal, SparePolicy
from zhicheng.organizations.guard import Actor, require
from zhicheng.organizations.permissions import Action
from zhicheng.values.dated_days import check_from
from zhicheng.values.refusal import Refusal


def set_spare_policy(
    *, actor: Actor, valid_from: date, rate: Decimal, round_up: bool = True
) -> SparePolicy:
    """Sets the share of spares from a day on that isn't past; all that was set stays (N5).

    Raises Refusal for no share or a past day. An allotment keeps the share it was made by.
    """
    require(actor, Action.SPARE_POLICY_SET)
    if not 0 <= rate <= 1:
        raise Refusal(
            "spare_policy.not_a_share",
            "超发比例应在 0% 与 100% 之间。",
            clause="N5",
            found=f"{rate:%}",
            expected="例如 5%",
        )
    check_from(valid_from, timezone.localdate(), "spare_policy.past", clause="N5")
    with recorded(actor, Action.SPARE_POLICY_SET) as record:
        policy = SparePolicy.objects.create(valid_from=valid_from, rate=rate, round_up=round_up)
        record(
            subject=policy,
            data={
                "valid_from": valid_from.isoformat(),
                "rate": str(rate),
                "round_up": round_up,
            },
        )
    return policy


def spare_policy(day: date) -> SparePolicy:
    """The policy in force on ``day``; the notice's own 5 % when none was set."""
    found = SparePolicy.objects.filter(valid_from__lte=day).first()
    return found or SparePolicy(valid_from=day, rate=Decimal("0.05"), round_up=True)


def set_spare_disposal(
    *, actor: Actor, valid_from: date, allowed: Sequence[str], proposed: str
) -> SpareDisposal:
    """Sets from a day on what may become of blanks that are left over; all stays on record (N5).

    Raises Refusal for a proposal that isn't allowed or a past day.
    """
    require(actor, Action.SPARE_DISPOSAL_SET)
    if proposed not in allowed or not set(allowed) <= set(Disposal.values):
        raise Refusal(
            "spare_disposal.not_allowed",
            "默认的处理办法应是允许的办法之一。",
            clause="N5",
            found=str(dict(Disposal.choices).get(proposed, proposed)),
            expected="、".join(str(Disposal(item).label) for item in allowed) or "至少允许一种",
        )
    check_from(valid_from, timezone.localdate(), "spare_disposal.past", clause="N5")
    with recorded(actor, Action.SPARE_DISPOSAL_SET) as record:
        ways = {f"may_{way.value}": way.value in allowed for way in Disposal}
        policy = SpareDisposal.objects.create(valid_from=valid_from, proposed=proposed, **ways)
        record(
            subject=policy,
            data={"valid_from": valid_from.isoformat(), "proposed": proposed, **ways},
        )
    return policy


def spare_disposal(day: date) -> SpareDisposal:
    """The policy in force on ``day``; every way when none was set, the return proposed."""
    found = SpareDisposal.objects.filter(valid_from__lte=day).first()
    return found or SpareDisposal(valid_from=day)
