"""What waits for an account among reissues, with the deadline of each step (N10-N12, N18)."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from zhicheng.blanks.models import Spoilage
from zhicheng.certificates.models import Certificate, CertificateState
from zhicheng.organizations.guard import may, might
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.reissues import queries
from zhicheng.reissues.deadlines import due_at, due_by_row, late, until
from zhicheng.reissues.models import Reissue, ReissueState, Step
from zhicheng.values.dated_days import Steps
from zhicheng.web.deadlines import NAMED
from zhicheng.web.tasks import TaskGroup


def reissues_waiting(account: Account) -> list[TaskGroup]:
    """The task groups; empty ones are left out by the page."""
    home = account.organization_id
    mine = Reissue.objects.filter(unit=home)
    kept = until(timezone.localdate())
    group = partial(_group, kept)
    groups: list[TaskGroup] = []
    if might(account, Action.REISSUE_OPINE):
        groups.append(
            group(_("待签署的补办换发意见"), queries.turn_of(account), "N10", 45, "waits=mine")
        )
    if might(account, Action.CERTIFICATE_EMBOSS):
        sealed = Certificate.objects.filter(
            reissue=OuterRef("pk"), embosser=home, state=CertificateState.SEALED
        )
        waiting = Reissue.objects.filter(Exists(sealed))
        groups.append(group(_("待加盖钢印的补办换发证书"), waiting, "N12", 20, "state=making"))
    if account.organization.is_municipal_office:
        return [*groups, *_of_the_office(account, group)]
    if might(account, Action.REISSUE_ACCEPT):
        applied = mine.filter(state=ReissueState.APPLIED)
        groups.append(group(_("待受理的补办换发申请"), applied, "N10", 50, "state=applied"))
        paper = mine.filter(state=ReissueState.OPINIONS)
        groups.append(group(_("签署意见中的补办换发申请"), paper, "N10", 70, "state=opinions"))
        # An accepted loss blocks the certificate: somebody has to end what nobody completes.
        overdue = late(kept, Step.COMPLETION, timezone.now())
        returned = mine.filter(overdue, state=ReissueState.RETURNED)
        groups.append(
            group(_("逾期未补正的补办换发申请"), returned, "N10", 65, "state=returned&waits=late")
        )
    if might(account, Action.REISSUE_NUMBER):
        granted = mine.filter(state=ReissueState.GRANTED)
        groups.append(group(_("待领取空白证书的补办换发申请"), granted, "N11", 60, "state=granted"))
    for action, states, title, order in (
        (Action.CERTIFICATE_SEAL, [CertificateState.FILLED], _("待加盖公章的补办换发证书"), 30),
        (Action.CERTIFICATE_ISSUE, [CertificateState.EMBOSSED], _("待发放的补办换发证书"), 10),
    ):
        if might(account, action):
            made = Certificate.objects.filter(reissue=OuterRef("pk"), state__in=states)
            groups.append(group(title, mine.filter(Exists(made)), "N12", order, "state=making"))
    if might(account, Action.CERTIFICATE_FILL):
        again = Certificate.objects.filter(
            reissue=OuterRef("pk"), state=CertificateState.AWAITING_BLANK
        )
        to_fill = mine.filter(Q(state=ReissueState.COLLECTED) | Exists(again))
        groups.append(group(_("待填制的补办换发证书"), to_fill, "N12", 40, "state=collected"))
        closing = mine.filter(state=ReissueState.CLOSING)
        groups.append(group(_("待交回空白证书的补办换发申请"), closing, "N11", 55, "state=closing"))
    if might(account, Action.REISSUE_DISPOSE):
        old = queries.old_to_dispose().filter(unit=home)
        groups.append(group(_("收回的原证书待处理"), old, "N14", 90, "waits=dispose"))
    return groups


def _of_the_office(account: Account, group: Callable[..., TaskGroup]) -> list[TaskGroup]:
    groups = []
    if may(account, Action.REISSUE_DECIDE_MATCH):
        groups.append(
            group(_("待认定原证书信息的申请"), queries.to_decide(), "N6", 55, "waits=decide")
        )
    if may(account, Action.REISSUE_HAND_OUT):
        granted = Reissue.objects.filter(state=ReissueState.GRANTED)
        groups.append(group(_("待发放空白证书的补办换发申请"), granted, "N11", 56, "state=granted"))
        closing = Reissue.objects.filter(state=ReissueState.CLOSING)
        groups.append(group(_("待收回空白证书的补办换发申请"), closing, "N11", 57, "state=closing"))
    if may(account, Action.REISSUE_EXCHANGE):
        due = Spoilage.objects.filter(reissue=OuterRef("pk"), needs_blank=True, exchange=None)
        spoiled = Reissue.objects.filter(Exists(due))
        groups.append(group(_("待换取空白证书的补办换发申请"), spoiled, "N9", 58))
    return groups


def _group(
    kept: Mapping[str, Steps],
    title: str,
    waiting: "QuerySet[Reissue]",
    clause: str,
    order: int,
    narrow: str = "",
) -> TaskGroup:
    """Those due first in one statement, the number of all and the oldest in another."""
    dated = waiting.annotate(due=due_by_row(kept))
    named = list(dated.order_by(F("due").asc(nulls_last=True), "waiting_since", "pk")[:NAMED])
    found: dict[str, Any] = {"count": 0, "oldest": None}
    if named:
        found = waiting.order_by().aggregate(count=Count("pk"), oldest=Min("waiting_since"))
    dues = [due_at(item, kept) for item in named]
    return TaskGroup(
        title=title,
        count=found["count"],
        url=f"{_address('applications')}?sort=waiting_since&{narrow}".rstrip("&"),
        oldest=found["oldest"],
        items=tuple(
            (_label(item, kept), _address("application", item.pk), item.waiting_since)
            for item in named
        ),
        clause=clause,
        order=order,
        kind="reissue",
        dues=tuple(timezone.localdate(due) if due else None for due in dues),
    )


def _label(reissue: Reissue, kept: Mapping[str, Steps]) -> str:
    """Receipt number, kind and holder; late ones say so."""
    label = f"{reissue.receipt_number} {reissue.get_kind_display()} {reissue.name}"
    over = days_late(reissue, kept, timezone.now())
    return label + (_("（超时限 %(days)d 天）") % {"days": over} if over else "")


def days_late(reissue: Reissue, kept: Mapping[str, Steps], now: datetime) -> int:
    """How many days the present step is over its deadline; 0 in time."""
    due = due_at(reissue, kept)
    if due is None:
        return 0
    over = now - due
    return max(0, over.days + 1) if over > timedelta(0) else 0


def _address(name: str, *arguments: int) -> str:
    try:
        return reverse(f"reissues:{name}", args=arguments)
    except NoReverseMatch:
        return "/reissues/"
