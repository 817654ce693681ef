"""Which way a unit's register takes: through its department's endorsement, or not (N3)."""

from dataclasses import dataclass

from django.utils import timezone

from zhicheng.organizations.holding import hold
from zhicheng.organizations.models import Organization
from zhicheng.values.refusal import Refusal


@dataclass(frozen=True)
class Route:
    """``endorser`` is None for a unit with authority, which then issues by itself."""

    endorser: Organization | None
    issuing_unit: Organization


def held_route(unit_id: int) -> Route:
    """The same of a unit, while neither it nor its department can be ended; in a transaction.

    Raises Refusal like ``route``, also for what ended since somebody looked.
    """
    unit = hold(unit_id)
    if unit.supervisor_id is not None and not unit.has_authority:
        unit.supervisor = hold(unit.supervisor_id)
    return route(unit)


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
