"""The register's steps: submit, withdraw, endorse, return, accept (N2, N3, N6, N18).

Whoever submitted may neither endorse nor accept; every rule of N6 is checked again at acceptance
against the approval documents as they are then.
"""

from django.db import IntegrityError
from django.utils import timezone
from psycopg import Error as DatabaseFault

from zhicheng.audit.recording import recorded, retrying
from zhicheng.organizations.guard import Actor, require
from zhicheng.organizations.permissions import Action
from zhicheng.registers import lifecycle
from zhicheng.registers.digest import joined_digest
from zhicheng.registers.editing import Also, account_id, locked, nothing, refresh
from zhicheng.registers.embossers import embossers_of, hold_embossers
from zhicheng.registers.models import Register, RegisterRow, RegisterState
from zhicheng.registers.paper import current_digests
from zhicheng.registers.queries import errors_of
from zhicheng.registers.routing import held_route
from zhicheng.values.refusal import Refusal
from zhicheng.values.text import hide_id_numbers

LONGEST_REASON = 500
# The root that is named in a refusal, when there are several.
_CLAUSES = ("N2", "N16", "N17", "N6")


@retrying
def submit(*, actor: Actor, register_id: int, also: Also = nothing) -> Register:
    """Files the register: to the department where one must endorse, else to the office (N3).

    Raises Refusal while there are error findings; they are checked again first. Also where the
    unit, its department or one that has to emboss has ended.
    """
    action = Action.REGISTER_SUBMIT
    seen = Register.objects.defer("source").get(pk=register_id)
    require_step(actor, action, seen)
    refresh(register_id)
    with recorded(actor, action) as record:
        way = held_route(seen.reporting_unit_id, embossers_of(register_id), register_id)
        register = locked(register_id)
        require(actor, action, register)
        hold_embossers(register_id)  # of rows that were changed before the lock as well
        register.endorser, register.issuing_unit = way.endorser, way.issuing_unit
        target = lifecycle.of(register).target(action, register.state)
        _require_no_errors(register, "提交")
        register.state = target
        register.submitted_at = timezone.now()
        register.submitted_by_id = account_id(actor)
        register.endorsed_at, register.endorsed_by = None, None
        _save(register)
        record(
            subject=register,
            data={
                "number": register.number,
                "to": (register.endorser.name if register.endorser else "市职改办"),
                "rows": register.row_count,
                "digest": _digest(register),
            },
        )
        also(register)
    return register


@retrying
def withdraw(*, actor: Actor, register_id: int) -> Register:
    """Takes the register back to draft before it is accepted."""
    action = Action.REGISTER_WITHDRAW
    with recorded(actor, action) as record:
        register = locked(register_id)
        require(actor, action, register)
        before = register.get_state_display()
        register.state = lifecycle.of(register).target(action, register.state)
        register.submitted_at, register.submitted_by = None, None
        register.endorsed_at, register.endorsed_by = None, None
        _save(register)
        record(subject=register, data={"number": register.number, "from": before})
    return register


@retrying
def endorse(*, actor: Actor, register_id: int) -> Register:
    """The department's endorsement (签章), only where the unit has no authority (N3)."""
    action = Action.REGISTER_ENDORSE
    with recorded(actor, action) as record:
        register = locked(register_id)
        require(actor, action, register)
        target = lifecycle.of(register).target(action, register.state)
        _require_other_hands(actor, register, "签章")
        register.state = target
        register.endorsed_at = timezone.now()
        register.endorsed_by_id = account_id(actor)
        _save(register)
        record(
            subject=register,
            data={"number": register.number, "digest": _digest(register)},
        )
    return register


@retrying
def return_register(*, actor: Actor, register_id: int, reason: str) -> Register:
    """Back to the unit with the reason: by the department before its endorsement, else office."""
    text = hide_id_numbers(reason.strip())
    with recorded(actor, Action.REGISTER_RETURN) as record:
        register = locked(register_id)
        action = Action.REGISTER_RETURN
        if register.state == RegisterState.ENDORSING:
            action = Action.REGISTER_RETURN_BY_DEPARTMENT
        require(actor, action, register)
        target = lifecycle.of(register).target(action, register.state)
        if not text or len(text) > LONGEST_REASON:
            raise Refusal(
                "register.reason_missing",
                "退回登记表须写明原因。",
                clause="N6",
                found=f"{len(text)} 字",
                expected=f"1 至 {LONGEST_REASON} 字",
                mend="请写明哪些行、哪些内容须更正。",
            )
        register.state = target
        register.returned_at = timezone.now()
        register.returned_by_id = account_id(actor)
        register.return_reason = text
        register.endorsed_at, register.endorsed_by = None, None
        _save(register)
        record(subject=register, data={"number": register.number, "reason": text}, tag=action)
    return register


@retrying
def accept(*, actor: Actor, register_id: int, also: Also = nothing) -> Register:
    """The office takes the register: its rows never change from here on (N2, N6).

    Every check is made again first. Raises Refusal with the clause of the gravest fault, and where
    an approving department that would have to emboss has ended.
    """
    action = Action.REGISTER_ACCEPT
    require_step(actor, action, Register.objects.defer("source").get(pk=register_id))
    refresh(register_id)
    with recorded(actor, action) as record:
        hold_embossers(register_id)  # the documents may name others by now
        register = locked(register_id)
        require(actor, action, register)
        target = lifecycle.of(register).target(action, register.state)
        _require_other_hands(actor, register, "受理")
        _require_no_errors(register, "受理")
        ids = list(register.rows.order_by("position").values_list("pk", flat=True))
        try:
            register.rows.update(accepted=True)
        except IntegrityError as error:
            raise _told_by_database(error) from error
        register.state = target
        register.accepted_at = timezone.now()
        register.accepted_by_id = account_id(actor)
        _save(register)
        record(
            subject=register,
            data={
                "number": register.number,
                "rows": register.row_count,
                "digest": _digest(register),
            },
            rows=RegisterRow._meta.label_lower,
            ids=ids,
        )
        also(register)
    return register


def require_step(actor: Actor, action: Action, register: Register) -> None:
    """Asks guard and lifecycle before a long check, which asks them again under the lock."""
    require(actor, action, register)
    lifecycle.of(register).target(action, register.state)


def _require_other_hands(actor: Actor, register: Register, step: str) -> None:
    if account_id(actor) is not None and account_id(actor) == register.submitted_by_id:
        raise Refusal(
            "duties.separated",
            f"提交登记表的人不能自己{step}。",
            clause="N18",
            found="提交和办理为同一账号",
            expected="由另一人办理",
        )


def _require_no_errors(register: Register, step: str) -> None:
    if register.row_count == 0:
        raise Refusal(
            "register.empty",
            f"登记表中没有人员，不能{step}。",
            clause="A1",
            found="0 人",
            expected="至少 1 人",
        )
    if not register.error_count:
        return
    errors = list(errors_of(register).order_by("row__position", "id"))
    order = {clause: place for place, clause in enumerate(_CLAUSES)}
    first = min(errors, key=lambda error: order.get(error.clause, len(order)))
    place = f"第{first.row.excel_row or first.row.position}行 " if first.row else ""
    raise Refusal(
        "register.has_errors",
        f"登记表还有 {register.error_count} 处错误，不能{step}。",
        clause=first.clause,
        found=f"{place}{first.column}：{first.message}",
        expected=first.suggestion or "没有错误",
        mend="请逐处更正后再办理。" if step == "提交" else "请退回填报单位更正。",
    )


def _told_by_database(error: IntegrityError) -> Refusal:
    """A constraint that caught what the checks could not see: two acceptances at once."""
    fault = error.__cause__
    name = fault.diag.constraint_name if isinstance(fault, DatabaseFault) else None
    said = {
        "certificate_number_promised_once": "证书编号刚被另一份登记表使用",
        "unified_number_is_no_units_own": "证书编号刚被自主评审单位使用",
        "approved_person_accepted_once": "有人员的同一资格刚在另一份登记表受理",
        "accepted_row_equals_approval_document": "有人员的内容与核准文件不一致",
        "accepted_row_is_complete": "有人员的内容不完整",
    }
    if name not in said:
        raise error
    return Refusal(
        f"register.{name}",
        f"{said[name]}，登记表没有受理。",
        clause="N6",
        mend="请刷新页面，查看重新检查的结果。",
    )


def _digest(register: Register) -> str:
    return joined_digest(list(current_digests(register).values())).hex()


def _save(register: Register) -> None:
    register.version += 1
    register.save(
        update_fields=[
            "state",
            "version",
            "changed_at",
            "endorser",
            "issuing_unit",
            "submitted_at",
            "submitted_by",
            "endorsed_at",
            "endorsed_by",
            "accepted_at",
            "accepted_by",
            "returned_at",
            "returned_by",
            "return_reason",
        ]
    )
