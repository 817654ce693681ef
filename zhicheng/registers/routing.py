"""Which way a unit's register takes: through its department's endorsement, or not (N3)."""

from collections.abc import Collection
from dataclasses import dataclass

from django.utils import timezone

from zhicheng.organizations.holding import hold_shared
from zhicheng.organizations.models import Organization
from zhicheng.registers.embossers import require_embossing
from zhicheng.values.refusal import Refusal


@dataclass(frozen=True)
class Route:
    """``endorser`` is None for a unit with authority, which then issues by itself."""

    endorser: Organization | None
    issuing_unit: Organization


def held_route(
    unit_id: int, embossers: Collection[int] = (), register_id: int | None = None
) -> Route:
    """The same of a unit, while nobody who takes part can be ended; in a transaction.

    Neither the unit, its department nor those who will emboss (``embossers``; of ``register_id``,
    so that its rows are named). Raises Refusal like ``route`` and ``require_embossing``, also for
    what ended since somebody looked.
    """
    department = Organization.objects.values_list("supervisor", flat=True).get(pk=unit_id)
    others = [pk for pk in (department, *embossers) if pk is not None]
    held = hold_shared(unit_id, *others)
    unit = held[unit_id]
    if unit.supervisor_id is not None and not unit.has_authority:
        if unit.supervisor_id not in held:  # it got another department meanwhile
            held |= hold_shared(unit.supervisor_id)
        unit.supervisor = held[unit.supervisor_id]
    way = route(unit)
    require_embossing((held[pk] for pk in embossers), register_id)
    return way


def route(unit: Organization) -> Route:
    """The way as the unit's authority is today; raises Refusal for a unit that can't file."""
    today = timezone.localdate()
    if unit.is_municipal_office or (unit.valid_to is not None and unit.valid_to < today):
        raise Refusal(
            "register.unit_cannot_file",
            "该单位不能填报登记表。",
            clause="N3",
            found=f"{unit.name}（{unit.get_kind_display()}）",
            expected="在用的填报单位、区县职改办、市级主管部门或大型企事业单位",
        )
    if unit.has_authority:
        return Route(None, unit)
    department = unit.supervisor
    if (
        department is None
        or not department.issues
        or (department.valid_to is not None and department.valid_to < today)
    ):
        raise Refusal(
            "register.no_department",
            "该单位无自主管理权限，须经主管部门签章，但没有可以签章的主管部门。",
            clause="N3",
            found=department.name if department else "未设主管部门",
            expected="有自主管理权限的主管部门",
            mend="请系统管理员核对该单位的主管部门。",
        )
    return Route(department, department)
