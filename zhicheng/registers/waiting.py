"""Registers that wait for an account, for the first page after login (N18: nothing lies about)."""

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from zhicheng.organizations.guard import might
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.registers import queries
from zhicheng.registers.models import Register, RegisterState
from zhicheng.web.deadlines import NAMED, first_due
from zhicheng.web.tasks import NextStep, TaskGroup


def waiting(account: Account) -> list[TaskGroup]:
    """What the account can do next, and on which registers."""
    seen = queries.visible(account)
    mine = account.organization_id
    groups = []
    if might(account, Action.REGISTER_ACCEPT) and account.organization.is_municipal_office:
        groups.append(
            _group(
                _("待受理的登记表"),
                seen.filter(state=RegisterState.FILED),
                Coalesce("endorsed_at", "submitted_at"),
                {"state": RegisterState.FILED},
                clause="N6",
                order=40,
                kind="register.accept",
            )
        )
    if might(account, Action.REGISTER_ENDORSE):
        groups.append(
            _group(
                _("待签章的登记表"),
                seen.filter(state=RegisterState.ENDORSING, endorser=mine),
                F("submitted_at"),
                {"state": RegisterState.ENDORSING},
                clause="N3",
                order=42,
                kind="register.endorse",
            )
        )
    if might(account, Action.REGISTER_SUBMIT):
        own = seen.filter(reporting_unit=mine)
        groups += [
            _group(
                _("退回待更正的登记表"),
                own.filter(state=RegisterState.RETURNED),
                F("returned_at"),
                {"state": RegisterState.RETURNED},
                clause="N6",
                order=44,
                kind="register.correct",
            ),
            _group(
                _("可以提交的登记表"),
                own.filter(state=RegisterState.DRAFT, error_count=0, row_count__gt=0),
                F("created_at"),
                {"state": RegisterState.DRAFT, "faults": "none"},
                clause="N4",
                order=46,
                kind="register.submit",
            ),
            _group(
                _("有错误待更正的登记表"),
                own.filter(state=RegisterState.DRAFT, error_count__gt=0),
                F("created_at"),
                {"state": RegisterState.DRAFT, "faults": "errors"},
                clause="N6",
                order=48,
                kind="register.correct",
            ),
        ]
        groups += _on_their_way(own)
    return groups


def _on_their_way(own: QuerySet[Register]) -> list[TaskGroup]:
    """The unit's registers that wait for others: whom to ask, and since when."""
    return [
        _group(
            _("等主管部门签章的登记表"),
            own.filter(state=RegisterState.ENDORSING),
            F("submitted_at"),
            {"state": RegisterState.ENDORSING},
            clause="N3",
            order=60,
            kind="register.endorse",
            others=True,
        ),
        _group(
            _("等市职改办受理的登记表"),
            own.filter(state=RegisterState.FILED),
            Coalesce("endorsed_at", "submitted_at"),
            {"state": RegisterState.FILED},
            clause="N6",
            order=61,
            kind="register.accept",
            others=True,
        ),
    ]


def _group(
    title: str,
    rows: QuerySet[Register],
    since: F | Coalesce,
    address: dict[str, str],
    *,
    clause: str,
    order: int,
    kind: str = "",
    others: bool = False,
) -> TaskGroup:
    """The few due first in one statement, and the number of all in another."""
    dated = rows.annotate(since=since).order_by("since", "pk")
    shown = dated.values_list("pk", "reporting_unit__name", "row_count", "since")
    oldest = first_due(shown, "since", kind)
    return TaskGroup(
        title=title,
        count=len(oldest) if len(oldest) < NAMED else rows.count(),
        url=f"{reverse('registers:list')}?{urlencode(address)}",
        oldest=oldest[0][3] if oldest else None,
        items=tuple(
            (
                _("%(unit)s %(count)d 人") % {"unit": unit, "count": count},
                reverse("registers:detail", args=[pk]),
                at,
            )
            for pk, unit, count, at in oldest
        ),
        clause=clause,
        order=order,
        kind=kind,
        others=others,
    )


def beginning(account: Account) -> list[NextStep]:
    """A unit's first register; how to make it without typing, where people are listed for it."""
    if not might(account, Action.REGISTER_UPLOAD):
        return []
    home = account.organization_id
    if Register.objects.filter(Q(reporting_unit=home) | Q(issuing_unit=home)).exists():
        return []
    return [
        NextStep(
            _("由核准文件生成第一份登记表"),
            _("核准文件中本单位的人员已经在系统里，勾选即可，不必重新录入。"),
            reverse("registers:make"),
            _("由核准文件生成"),
            order=10,
        ),
        NextStep(
            _("或上传已填好的 Excel 登记表"),
            _("附件1 的 .xls、.xlsx 或 WPS 文件都可以；系统逐格检查，错误在页面上更正。"),
            reverse("registers:new"),
            _("上传 Excel 登记表"),
            order=11,
        ),
    ]
