"""First pages of auditors and administrators: what isn't as it should be (N18)."""

from django.urls import reverse
from django.utils.translation import gettext as _

from zhicheng.blanks.models import StocktakeState
from zhicheng.blanks.queries import cases, stocktakes
from zhicheng.organizations.guard import may
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action, Role
from zhicheng.oversight.health import checks
from zhicheng.web.deadlines import NAMED, first_due
from zhicheng.web.tasks import NextStep, TaskGroup


def waiting(account: Account) -> list[TaskGroup]:
    """What runs wrong; for auditors also what others leave lying."""
    groups = []
    if may(account, Action.SYSTEM_VIEW):
        groups.append(_unwell())
    if account.role == Role.AUDITOR:
        groups += [*_left_lying(account)]
    return groups


def _unwell() -> TaskGroup:
    url = reverse("audit:system")
    bad = [check for check in checks() if check.state == "bad"]
    return TaskGroup(
        title=_("系统运行异常"),
        count=len(bad),
        url=url,
        items=tuple((f"{check.label}：{check.said}", url, check.at) for check in bad[:NAMED]),
        clause="N18",
        order=1,
    )


def _left_lying(account: Account) -> list[TaskGroup]:
    alarms = cases.sightings().filter(acknowledged_at=None).order_by("seen_at")
    open_cases = cases.visible_cases(account).filter(outcome="").order_by("opened_at")
    counted = stocktakes.visible_stocktakes(account).filter(state=StocktakeState.FINISHED)
    first_alarms = first_due(alarms, "seen_at", "alarm.acknowledge")
    first_cases = first_due(open_cases, "opened_at", "case.close")
    first_counts = first_due(counted.order_by("finished_at"), "finished_at", "stocktake.finished")
    return [
        TaskGroup(
            title=_("未处理的失控证书警报"),
            count=alarms.count(),
            url=f"{reverse('blanks:alarms')}?seen=no",
            oldest=first_alarms[0].seen_at if first_alarms else None,
            items=tuple(
                (item.case.number, reverse("blanks:case", args=[item.case_id]), item.seen_at)
                for item in first_alarms
            ),
            clause="N18",
            order=5,
            kind="alarm.acknowledge",
            others=True,
        ),
        TaskGroup(
            title=_("未结案的案卷"),
            count=open_cases.count(),
            url=f"{reverse('blanks:cases')}?progress=open&sort=opened_at",
            oldest=first_cases[0].opened_at if first_cases else None,
            items=tuple(
                (
                    f"{case.number} {case.holder.name}",
                    reverse("blanks:case", args=[case.pk]),
                    case.opened_at,
                )
                for case in first_cases
            ),
            clause="N18",
            order=15,
            kind="case.close",
            others=True,
        ),
        TaskGroup(
            title=_("未监盘确认的盘点"),
            count=counted.count(),
            url=f"{reverse('blanks:stocktakes')}?state={StocktakeState.FINISHED.value}",
            oldest=first_counts[0].finished_at if first_counts else None,
            items=tuple(
                (item.number, reverse("blanks:stocktake", args=[item.pk]), item.finished_at)
                for item in first_counts
            ),
            clause="N18",
            order=20,
            kind="stocktake.finished",
            others=True,
        ),
    ]


def to_check(account: Account) -> list[NextStep]:
    """What an auditor does without being asked."""
    if not may(account, Action.AUDIT_VERIFY):
        return []
    return [
        NextStep(
            _("验证审计链"),
            _("逐条重算摘要；被改动、删除、调换的记录都会列出。"),
            reverse("audit:verify"),
            _("去验证"),
            order=10,
        ),
        NextStep(
            _("抽查审计记录"),
            _("谁、何时、依据什么做了什么；可按事项、机构和时间筛选。"),
            reverse("audit:list"),
            _("看记录"),
            order=11,
        ),
    ]
