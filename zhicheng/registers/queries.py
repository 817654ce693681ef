"""Reads registers."""

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from zhicheng.audit.models import AuditEvent
from zhicheng.organizations.guard import Actor, Console
from zhicheng.organizations.permissions import PERMISSIONS, Action, Relation, Role
from zhicheng.protection import reveal_bytes
from zhicheng.registers.models import Register, RegisterFinding, RegisterPrint

# Events of a register that came in, and of one that was sent back.
SENT_IN = (Action.REGISTER_SUBMIT.value,)
SENT_BACK = (Action.REGISTER_RETURN.value, Action.REGISTER_RETURN_BY_DEPARTMENT.value)

_BY_RELATION = {
    Relation.REPORTING: "reporting_unit",
    Relation.SUPERVISING: "endorser",
    Relation.ISSUING: "issuing_unit",
}


def visible(actor: Actor) -> QuerySet[Register]:
    """The registers that the account may see, by the permission table, without their files."""
    registers = Register.objects.select_related("reporting_unit", "endorser", "issuing_unit").defer(
        "source"
    )
    if isinstance(actor, Console):
        return registers
    grants = PERMISSIONS[Action.REGISTER_VIEW]
    role, organization = Role(actor.role), actor.organization
    if not actor.is_active:
        return registers.none()
    if (role, Relation.ANY) in grants:
        return registers
    if organization.is_municipal_office and (role, Relation.MUNICIPAL) in grants:
        return registers
    mine = Q(pk__in=[])
    for relation, field in _BY_RELATION.items():
        if (role, relation) in grants:
            mine |= Q(**{field: organization})
    return registers.filter(mine)


def on_the_way_in(
    registers: QuerySet[Register], year: int, *, only_back: bool = False
) -> QuerySet[Register]:
    """Those of these registers that were submitted or sent back in a year; or sent back alone.

    By the chain of events: a register's own columns know the last submission alone.
    """
    begin, end = (timezone.make_aware(datetime(item, 1, 1)) for item in (year, year + 1))  # noqa: DTZ001
    happened = AuditEvent.objects.filter(
        tag__in=SENT_BACK if only_back else (*SENT_IN, *SENT_BACK),
        occurred_at__gte=begin,
        occurred_at__lt=end,
        subject_type=Register._meta.label_lower,
    )
    return registers.filter(pk__in=happened.values("subject_id"))


def source_of(register: Register) -> bytes | None:
    """The file as the unit sent it; None for a register that was made without one."""
    source = Register.objects.values_list("source", flat=True).get(pk=register.pk)
    return reveal_bytes(bytes(source)) if source is not None else None


def errors_of(register: Register) -> QuerySet[RegisterFinding]:
    """What stops the register, row by row."""
    return register.findings.filter(severity="error").select_related("row")


def prints_of(register: Register) -> QuerySet[RegisterPrint]:
    """The register's printed copies, newest first."""
    return register.prints.select_related("printed_by").order_by("-id")
