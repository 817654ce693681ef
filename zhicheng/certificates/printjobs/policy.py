"""Whether 公章 waits for a confirmed print, and the statement that lifts it (N8); at first off."""

from collections.abc import Sequence
from datetime import date

from django.utils import timezone

from zhicheng.audit.recording import recorded, retrying
from zhicheng.certificates.models import Certificate
from zhicheng.certificates.owners import Owner, owner
from zhicheng.certificates.printjobs import rules
from zhicheng.certificates.printjobs.models import PageState, PrintPage
from zhicheng.certificates.printjobs.policy_models import FilledOtherwise, PrintPolicy
from zhicheng.organizations.guard import Actor, account_of, require
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.values.dated_days import check_from
from zhicheng.values.refusal import Refusal
from zhicheng.values.text import hide_id_numbers


@retrying
def set_print_policy(*, actor: Actor, valid_from: date, required: bool) -> PrintPolicy:
    """Sets from which day on the official seal waits for a confirmed print, or no longer does.

    All that was set stays on record: it says by which rule a seal was set. Raises Refusal for a
    past day.
    """
    require(actor, Action.PRINT_POLICY_SET)
    check_from(valid_from, timezone.localdate(), "print_policy.past", clause="N8")
    with recorded(actor, Action.PRINT_POLICY_SET) as record:
        policy = PrintPolicy.objects.create(
            valid_from=valid_from, required=required, set_by=account_of(actor)
        )
        record(
            subject=policy,
            data={"valid_from": valid_from.isoformat(), "required": required},
        )
    return policy


def print_is_required(day: date | None = None) -> bool:
    """Whether the rule is in force on the day (today); of several for one day the last counts."""
    policy = PrintPolicy.objects.filter(valid_from__lte=day or timezone.localdate()).first()
    return policy is not None and policy.required


@retrying
def state_filled_otherwise(
    *, actor: Account, register_id: int | None = None, reissue: int | None = None, reason: str
) -> FilledOtherwise:
    """The unit fills a register's certificates in by other means (typewriter, own software)."""
    with recorded(actor, Action.FILLED_OTHERWISE_STATE) as record:
        whose = owner(register_id=register_id, reissue=reissue)
        require(actor, Action.FILLED_OTHERWISE_STATE, whose)
        text = hide_id_numbers(reason.strip())[:200]
        if not text:
            raise Refusal(
                "printing.reason_missing",
                "请写明以何种方式填制。",
                clause="N8",
                found="说明为空",
                expected="例如：本单位用自有软件打印",
            )
        statement, _created = FilledOtherwise.objects.update_or_create(
            **whose.purpose, defaults={"reason": text, "stated_by": actor}
        )
        record(subject=whose.subject, data={"reason": text})
    return statement


def filled_otherwise(whose: Owner) -> FilledOtherwise | None:
    """The unit's statement about the register or reissue."""
    return FilledOtherwise.objects.filter(**whose.purpose).first()


def not_printed(certificate_ids: Sequence[int]) -> list[int]:
    """The serials of certificates that no confirmed print lies behind, in two statements."""
    serials = {
        serial
        for serial in Certificate.objects.filter(pk__in=list(certificate_ids)).values_list(
            "blank_serial", flat=True
        )
        if serial is not None
    }
    good = PrintPage.objects.filter(serial__in=serials, state=PageState.GOOD)
    return sorted(serials - set(good.values_list("serial", flat=True)))


def require_printed(whose: Owner, certificate_ids: Sequence[int]) -> None:
    """Refuses the seal of what wasn't printed and confirmed, where that is the rule (N8)."""
    if not print_is_required() or filled_otherwise(whose) is not None:
        return
    missing = not_printed(certificate_ids)
    if missing:
        raise Refusal(
            "certificate.not_printed",
            "有的证书还没有打印或没有确认打印结果，不能加盖公章。",
            clause="N8",
            found=f"{len(missing)} 本：{rules.describe(missing)}",
            expected="打印结果已确认",
            mend="请先在“证书打印”中打印并确认；以其他方式填制的，由经办人登记说明。",
        )
