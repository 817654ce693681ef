"""The approving departments that will emboss a register's certificates: held, and in force (N8)."""

from collections.abc import Collection, Iterable

from django.utils import timezone

from zhicheng.approvals.models import ApprovedPerson
from zhicheng.organizations.holding import hold_shared
from zhicheng.organizations.models import Organization
from zhicheng.reference.models import Grade
from zhicheng.registers.models import RegisterRow
from zhicheng.values.refusal import Refusal

NAMED = 20  # rows in a refusal


def embossers_for(person_ids: Collection[int]) -> list[int]:
    """Whose seal the certificates of these people will bear; the office embosses senior ones."""
    people = ApprovedPerson.objects.filter(pk__in=person_ids).exclude(grade=Grade.SENIOR)
    found = people.values_list("document__approving_department", flat=True)
    return list(found.order_by().distinct())


def embossers_of(register_id: int) -> list[int]:
    """The same of a register, as its rows are matched now."""
    rows = RegisterRow.objects.filter(register=register_id, approved_person__isnull=False)
    found = rows.exclude(approved_person__grade=Grade.SENIOR).values_list(
        "approved_person__document__approving_department", flat=True
    )
    return list(found.order_by().distinct())


def hold_embossers(register_id: int) -> None:
    """None of them is ended before the end of the transaction; raises Refusal for one that has."""
    require_embossing(hold_shared(*embossers_of(register_id)).values(), register_id)


def require_embossing(departments: Iterable[Organization], register_id: int | None = None) -> None:
    """Raises Refusal where a department has ended: nobody could emboss.

    It names the rows of the register that can't go on because of it.
    """
    today = timezone.localdate()
    gone = sorted(
        (item for item in departments if item.has_ended(today)), key=lambda item: item.name
    )
    ended = [f"{item.name}{_rows_of(item, register_id)}" for item in gone]
    if ended:
        raise Refusal(
            "register.embosser_ended",
            "资格核准部门已经停用，没有单位为这些人员的证书压印钢印。",
            clause="N8",
            found="、".join(ended),
            expected="没有停用的资格核准部门",
            mend="请从登记表中去掉这些部门核准的人员；停用有误的，请系统管理员先恢复机构。",
        )


def _rows_of(department: Organization, register_id: int | None) -> str:
    if register_id is None:
        return ""
    rows = RegisterRow.objects.filter(
        register=register_id, approved_person__document__approving_department=department
    ).exclude(approved_person__grade=Grade.SENIOR)
    places = [str(place) for place in rows.order_by("position").values_list("position", flat=True)]
    if not places:
        return ""
    more = f"等 {len(places)} 人" if len(places) > NAMED else ""
    return f"（序号 {'、'.join(places[:NAMED])}{more}）"
