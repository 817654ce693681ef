"""Records of authorised, joint and self-managed review: put on file, ended with a reason."""

from collections.abc import Sequence
from datetime import date

from django.core.exceptions import ValidationError
from django.utils import timezone

from zhicheng.approvals.models import RecordEnd, RecordMode, ReviewRecord
from zhicheng.audit.recording import recorded, retrying
from zhicheng.organizations.guard import Actor, account_of, require
from zhicheng.organizations.models import Kind, Organization
from zhicheng.organizations.permissions import Action
from zhicheng.reference.catalog import LEVEL_LABELS, load_catalog
from zhicheng.values.refusal import Conflict, Refusal
from zhicheng.values.text import hide_id_numbers

_NOT_ASKED = (
    "series",
    "levels",
    "qualifications",
    "recorded_by",
    "ended_on",
    "end_kind",
    "end_reason",
    "ended_at",
    "ended_by",
)


def _clause(mode: str) -> str:
    return "N16" if mode == RecordMode.SELF_MANAGED else "N15"


@retrying
def record_review(
    *,
    actor: Actor,
    mode: str,
    unit_id: int,
    number: str,
    valid_from: date,
    valid_to: date,
    department_id: int | None = None,
    series: Sequence[str] = (),
    levels: Sequence[str] = (),
    qualifications: Sequence[str] = (),
    scope: str = "",
) -> ReviewRecord:
    """Puts a unit on record for a way of review, on the days from ``valid_from`` to ``valid_to``.

    Nothing named under series, levels or qualifications means all of them.
    """
    require(actor, Action.REVIEW_RECORD_ADD)
    unit = Organization.objects.get(pk=unit_id)
    clause = _clause(mode)
    _refuse_unknown_words(series, levels, clause)
    if unit.kind in (Kind.EMPLOYER, Kind.MUNICIPAL_OFFICE):
        raise Refusal(
            "review_record.unit",
            "这个单位不组织评审，不能登记评审备案。",
            clause=clause,
            found=f"{unit.name}（{unit.get_kind_display()}）",
        )
    kept = ReviewRecord(
        mode=mode,
        unit=unit,
        department_id=department_id,
        number=hide_id_numbers(number.strip()),
        series=list(dict.fromkeys(series)),
        levels=[level for level in LEVEL_LABELS if level in set(levels)],
        qualifications=list(dict.fromkeys(each.strip() for each in qualifications if each.strip())),
        scope=hide_id_numbers(scope.strip()),
        valid_from=valid_from,
        valid_to=valid_to,
        recorded_by=account_of(actor),
    )
    try:
        kept.clean_fields(exclude=_NOT_ASKED)
        kept.validate_unique()
        kept.validate_constraints()
    except ValidationError as error:
        raise Refusal(
            "review_record.invalid",
            "评审备案的内容不完整或有误。",
            clause=clause,
            found="；".join(error.messages),
            expected="备案号不重复，有效期止不早于有效期起；授权、联合评审写明授权部门",
            mend="请改正后重新登记。",
        ) from error
    with recorded(actor, Action.REVIEW_RECORD_ADD) as record:
        kept.save()
        record(
            subject=kept,
            data={
                "mode": kept.mode,
                "unit": unit.name,
                "number": kept.number,
                "valid_from": valid_from.isoformat(),
                "valid_to": valid_to.isoformat(),
                "limits": kept.limits,
            },
        )
    return kept


def _refuse_unknown_words(series: Sequence[str], levels: Sequence[str], clause: str) -> None:
    known = set(load_catalog().series)
    wrong = [each for each in series if each not in known]
    wrong += [each for each in levels if each not in LEVEL_LABELS]
    if wrong:
        raise Refusal(
            "review_record.scope",
            "备案范围中有参考数据里没有的系列或级别。",
            clause=clause,
            found="、".join(wrong)[:200],
            expected="从选项中选择",
        )


@retrying
def end_record(
    *, actor: Actor, record_id: int, kind: str, ended_on: date, reason: str
) -> ReviewRecord:
    """Ends or revokes a record: from ``ended_on`` on it covers nothing; what was before stays."""
    with recorded(actor, Action.REVIEW_RECORD_END) as record:
        kept = (
            ReviewRecord.objects.select_for_update(of=("self",))
            .select_related("unit")
            .get(pk=record_id)
        )
        require(actor, Action.REVIEW_RECORD_END, kept)
        clause, reason = _clause(kept.mode), hide_id_numbers(reason.strip())[:200]
        if kept.ended_on is not None:
            raise Conflict(
                "review_record.ended",
                "这项备案已经终止或撤销。",
                clause=clause,
                found=f"自 {kept.ended_on.isoformat()} 起失效",
            )
        if kind not in RecordEnd.values or not reason:
            raise Refusal(
                "review_record.reason",
                "终止或撤销备案须选择类别并写明原因。",
                clause=clause,
                mend="请写明原因，例如文号和事由。",
            )
        if not kept.valid_from <= ended_on <= kept.valid_to:
            raise Refusal(
                "review_record.end_day",
                "失效日期须在备案的有效期内。",
                clause=clause,
                found=ended_on.isoformat(),
                expected=f"{kept.valid_from.isoformat()} 至 {kept.valid_to.isoformat()}",
            )
        kept.ended_on, kept.end_kind, kept.end_reason = ended_on, kind, reason
        kept.ended_at, kept.ended_by = timezone.now(), account_of(actor)
        kept.save(update_fields=["ended_on", "end_kind", "end_reason", "ended_at", "ended_by"])
        record(
            subject=kept,
            data={
                "unit": kept.unit.name,
                "number": kept.number,
                "kind": kind,
                "ended_on": ended_on.isoformat(),
                "reason": reason,
            },
        )
    return kept
