"""What waits among cases, alarms and counts (N18)."""

from django.db.models import Min
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from zhicheng.blanks.models import StocktakeState
from zhicheng.blanks.queries import cases, stocktakes
from zhicheng.organizations.guard import may, might
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.web.deadlines import first_due, first_due_of
from zhicheng.web.tasks import TaskGroup


def cases_waiting(account: Account) -> list[TaskGroup]:
    """The task groups; empty ones are left out by the page."""
    groups = []
    if may(account, Action.SIGHTING_ACKNOWLEDGE):
        groups.append(_alarms())
    if might(account, Action.CASE_NOTE):
        groups.append(_open_cases(account))
    if may(account, Action.LOSS_REPLACE):
        groups.append(_replacements())
    if might(account, Action.STOCKTAKE_COUNT):
        groups += [*_counts(account), *_reminder(account)]
    return groups


def _alarms() -> TaskGroup:
    waiting = cases.sightings().filter(acknowledged_at=None).order_by("seen_at")
    named = first_due(waiting, "seen_at", "alarm.acknowledge")
    return TaskGroup(
        title=_("失控证书警报"),
        count=waiting.count(),
        url=f"{reverse('blanks:alarms')}?seen=no",
        oldest=named[0].seen_at if named else None,
        items=tuple(
            (
                f"{'、'.join(item.serials[:3])} {item.case.number}",
                reverse("blanks:case", args=[item.case_id]),
                item.seen_at,
            )
            for item in named
        ),
        clause="N18",
        order=5,
        kind="alarm.acknowledge",
    )


def _open_cases(account: Account) -> TaskGroup:
    open_ones = cases.visible_cases(account).filter(outcome="").order_by("opened_at")
    closing = may(account, Action.CASE_CLOSE)
    if closing:  # a second person closes: one's own cases wait for somebody else
        open_ones = open_ones.exclude(opened_by=account)
    named = first_due(open_ones, "opened_at", "case.close")
    return TaskGroup(
        title=_("待结案的案卷") if closing else _("调查中的案卷"),
        count=open_ones.count(),
        url=f"{reverse('blanks:cases')}?progress=open&sort=opened_at",
        oldest=open_ones.aggregate(oldest=Min("opened_at"))["oldest"],
        items=tuple(
            (
                f"{case.number} {case.get_kind_display()} {case.holder.name}",
                reverse("blanks:case", args=[case.pk]),
                case.opened_at,
            )
            for case in named
        ),
        clause="N18",
        order=15,
        kind="case.close",
    )


def _replacements() -> TaskGroup:
    due = cases.to_replace()
    return TaskGroup(
        title=_("待补发空白证书"),
        count=sum(number for _case, number in due),
        url=f"{reverse('blanks:cases')}?progress=closed",
        oldest=min((case.closed_at for case, _number in due if case.closed_at), default=None),
        items=tuple(
            (
                f"{case.number} {case.holder.name}（{number}）",
                reverse("blanks:case", args=[case.pk]),
                case.closed_at,
            )
            for case, number in first_due_of(due, lambda pair: pair[0].closed_at, "loss.replace")
        ),
        clause="N9",
        order=36,
        kind="loss.replace",
    )


def _counts(account: Account) -> list[TaskGroup]:
    mine = stocktakes.visible_stocktakes(account).filter(organization=account.organization_id)
    groups = []
    for title, state, since in (
        (_("正在进行的盘点"), StocktakeState.COUNTING, "started_at"),
        (_("待监盘确认"), StocktakeState.FINISHED, "finished_at"),
    ):
        found = mine.filter(state=state).order_by(since)
        if state == StocktakeState.FINISHED:
            if not might(account, Action.STOCKTAKE_CONFIRM):
                continue
            found = found.exclude(finished_by=account)
        kind = f"stocktake.{state.value}"
        named = first_due(found, since, kind)
        groups.append(
            TaskGroup(
                title=title,
                count=found.count(),
                url=f"{reverse('blanks:stocktakes')}?state={state.value}",
                oldest=getattr(named[0], since) if named else None,
                items=tuple(
                    (item.number, reverse("blanks:stocktake", args=[item.pk]), getattr(item, since))
                    for item in named
                ),
                clause="N18",
                order=65,
                kind=kind,
            )
        )
    return groups


def _reminder(account: Account) -> list[TaskGroup]:
    late = stocktakes.overdue(account.organization, timezone.localdate())
    if not late:
        return []
    url = reverse("blanks:stocktakes")
    return [
        TaskGroup(
            title=_("该盘点了"),
            count=len(late),
            url=url,
            oldest=min(since for _grade, since in late),
            items=tuple((str(grade.label), url, since) for grade, since in late),
            clause="N18",
            order=70,
        )
    ]
