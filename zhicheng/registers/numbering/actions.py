"""Sets and withdraws numbering rules; numbers the rows of a register (N6)."""

from collections.abc import Collection, Mapping
from typing import Any

from django.db import connection
from django.utils import timezone

from zhicheng.audit.recording import Recorder, recorded, retrying
from zhicheng.bulk import update_rows
from zhicheng.organizations.guard import Actor, require
from zhicheng.organizations.models import Organization
from zhicheng.organizations.permissions import Action
from zhicheng.registers.editing import account_id, check_again, editable, touch
from zhicheng.registers.models import NumberingRule, Register, RegisterRow
from zhicheng.registers.numbering.models import NumberPurpose
from zhicheng.registers.numbering.plan import Plan, plan_of, told
from zhicheng.registers.numbering.rules import shared_number
from zhicheng.registers.numbering.taking import take
from zhicheng.registers.storing import stored_rows
from zhicheng.values.dated_days import check_from
from zhicheng.values.refusal import Conflict, Refusal

RULES_LOCK = 0x7A636E72  # any fixed number: "zcnr"


@retrying
def set_rule(*, actor: Actor, unit: Organization, **fields: Any) -> NumberingRule:
    """A rule for the unit's certificate numbers from ``valid_from`` on.

    ``fields`` are those of NumberingRule. Raises NotPermitted, or Refusal for a rule that can't
    be read back, that could make another unit's numbers, or that begins on a past day or on one
    that is taken.
    """
    rule = draft_rule(unit, fields)
    with recorded(actor, Action.NUMBERING_RULE_SET) as record:
        require(actor, Action.NUMBERING_RULE_SET, rule)
        require_good(rule)
        check_from(rule.valid_from, timezone.localdate(), "numbering.past", clause="N6")
        with connection.cursor() as cursor:
            # Two units that set rules at once must see each other's.
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [RULES_LOCK])
        _require_free_day(rule)
        _require_own_numbers(rule)
        rule.created_by_id = account_id(actor)
        rule.save(force_insert=True)
        record(
            subject=rule,
            data={
                "unit": unit.name,
                "pattern": rule.pattern,
                "valid_from": rule.valid_from.isoformat(),
                "rule": rule.spec.told(),
            },
        )
    return rule


def draft_rule(unit: Organization, fields: Mapping[str, Any]) -> NumberingRule:
    """The rule that these fields describe, unsaved."""
    region = unit.region.code if unit.region else ""
    return NumberingRule(unit=unit, region_code=region, **fields)


def require_good(rule: NumberingRule) -> None:
    """Raises Refusal, saying all that is wrong with the rule."""
    if not rule.unit.issues:
        raise Refusal(
            "numbering.unit_does_not_issue",
            "只有发放证书的单位才设定编号规则。",
            clause="N3",
            found=rule.unit.name,
            expected="区县职改办、市级主管部门或大型企事业单位",
        )
    problems = rule.spec.problems()
    if problems:
        raise Refusal(
            "numbering.rule_unusable",
            problems[0],
            clause="N6",
            found=rule.pattern,
            expected="；".join(text.rstrip("。") for text in problems[1:]),
            mend="请修改编号样式后重试。",
        )


def _require_free_day(rule: NumberingRule) -> None:
    """A rule that has counted began in the past, so any other day comes after it."""
    others = NumberingRule.objects.filter(unit=rule.unit, withdrawn_at=None)
    same = others.filter(valid_from=rule.valid_from).first()
    if same is not None:
        raise Refusal(
            "numbering.day_taken",
            "这一天已经有启用的编号规则。",
            clause="N6",
            found=f"{same.valid_from.isoformat()} {same.pattern}",
            expected="另一个启用日期",
            mend="没有用过的规则可以先撤销，再重新设定。",
        )


def _require_own_numbers(rule: NumberingRule) -> None:
    """No other unit's rule can make one of this rule's numbers, so nothing can clash."""
    others = (
        NumberingRule.objects.filter(withdrawn_at=None)
        .exclude(unit=rule.unit)
        .select_related("unit")
        .order_by("pk")
    )
    for other in others:
        both = shared_number(rule.spec, other.spec)
        if both:
            raise Refusal(
                "numbering.rule_clashes",
                f"这一规则和{other.unit.name}的编号规则可能产生同一个证书编号。",
                clause="N6",
                found=f"例如 {both}",
                expected="与其他单位不会重号的样式",
                mend="请加入本单位的区县代码 {区县} 或单位代码 {单位}。",
            )


@retrying
def withdraw_rule(*, actor: Actor, rule_id: int) -> NumberingRule:
    """Takes back a rule that has given no number yet; it stays in the history."""
    with recorded(actor, Action.NUMBERING_RULE_WITHDRAW) as record:
        rule = (
            NumberingRule.objects.select_for_update(of=("self",))
            .select_related("unit__region")
            .get(pk=rule_id)
        )
        require(actor, Action.NUMBERING_RULE_WITHDRAW, rule)
        if rule.withdrawn_at is not None:
            raise Conflict("numbering.withdrawn_already", "这一规则已经撤销。", mend="请刷新页面。")
        if rule.counters.exists():
            raise Refusal(
                "numbering.rule_in_use",
                "这一规则已经编过号，不能撤销。",
                clause="N6",
                found=rule.pattern,
                expected="没有编过号的规则",
                mend="如需更改，请设定从以后某一天启用的新规则。",
            )
        rule.withdrawn_at = timezone.now()
        rule.withdrawn_by_id = account_id(actor)
        rule.save(update_fields=["withdrawn_at", "withdrawn_by"])
        record(subject=rule, data={"unit": rule.unit.name, "pattern": rule.pattern})
    return rule


@retrying
def assign_numbers(*, actor: Actor, register_id: int) -> Plan:
    """Fills the empty certificate numbers of all rows whose grade is certain, in row order.

    The numbers come from the issuing unit's rule and are written in the same transaction as its
    counter. Raises NotPermitted, or Refusal when there is no rule or nothing to number.
    """
    with recorded(actor, Action.NUMBERS_ASSIGN) as record:
        register = editable(actor, register_id, Action.NUMBERS_ASSIGN)
        plan = number_and_record(register, actor, record)
        check_again(register, stored_rows(register))
        touch(register)
    return plan


def number_and_record(
    register: Register, actor: Actor, record: Recorder, *, row_ids: Collection[int] | None = None
) -> Plan:
    """Numbers the locked register's rows (or those of ``row_ids``) and notes the event.

    The caller checks the rows again. Raises NotPermitted, or Refusal as ``assign_numbers`` does.
    """
    require(actor, Action.NUMBERS_ASSIGN, register)
    plan = _number_rows(register, actor, row_ids)
    if not plan.rows:
        raise Refusal(
            "numbering.nothing_to_number",
            "没有可以编号的行。",
            clause="N6",
            found=f"已有编号 {plan.numbered} 行，等级未定 {plan.uncertain} 行",
            expected="证书编号为空、与核准文件相符的行",
            mend="等级未定的行请先按核准文件更正。",
        )
    record(
        subject=register,
        data={
            "number": register.number,
            "pattern": plan.rule.pattern,
            "count": len(plan.rows),
            "grades": told(plan),
            "skipped": len(plan.skipped),
        },
        rows=RegisterRow._meta.label_lower,
        ids=[row.pk for row in plan.rows],
        tag=Action.NUMBERS_ASSIGN,
    )
    return plan


def _number_rows(register: Register, actor: Actor, row_ids: Collection[int] | None) -> Plan:
    plan = plan_of(
        register,
        lambda rule, places: take(
            rule,
            places,
            actor=actor,
            purpose=NumberPurpose.REGISTER,
            register_id=register.pk,
        ),
        row_ids=row_ids,
    )
    if plan.rows:
        now = timezone.now()
        update_rows(
            RegisterRow,
            ("certificate_number", "version", "changed_by_id", "changed_at"),
            [
                (row.pk, number, row.version + 1, account_id(actor), now)
                for row, number in zip(plan.rows, plan.numbers, strict=True)
            ],
        )
    return plan
