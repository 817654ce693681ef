"""What waits for an account among blanks: to allot, hand over, receive, exchange, destroy."""

from operator import attrgetter

from django.db.models import Count, Min
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from zhicheng.blanks.models import AllotmentState, Custody, CustodyState, PrintRun
from zhicheng.blanks.queries import allotments, left_over, orders, spoiled, supply
from zhicheng.organizations.guard import may, might, sees_all
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.web.deadlines import first_due, first_due_of
from zhicheng.web.tasks import NextStep, TaskGroup


def _registers(
    account: Account, title: str, progress: str, since: str, *, order: int, kind: str
) -> TaskGroup:
    waiting = allotments.waiting(account, progress)
    found = waiting.aggregate(count=Count("pk"), oldest=Min(since))
    first = first_due(waiting.order_by(since, "pk"), since, kind) if found["count"] else []
    return TaskGroup(
        title=title,
        count=found["count"],
        url=f"{reverse('blanks:allotments')}?progress={progress}&sort={since}",
        oldest=found["oldest"],
        items=tuple(
            (
                f"{register.number} {register.reporting_unit.name}",
                reverse("blanks:allotment", args=[register.pk]),
                getattr(register, since),
            )
            for register in first
        ),
        clause="N5",
        order=order,
        kind=kind,
    )


def blanks_waiting(account: Account) -> list[TaskGroup]:
    """The task groups; empty ones are left out by the page."""
    groups = []
    if may(account, Action.ALLOTMENT_ALLOT):
        groups.append(
            _registers(
                account,
                _("待配发空白证书"),
                allotments.TO_ALLOT,
                "accepted_at",
                order=60,
                kind="allotment.allot",
            )
        )
    if may(account, Action.ALLOTMENT_HAND_OVER):
        groups.append(
            _registers(
                account,
                _("待移交空白证书"),
                AllotmentState.ALLOTTED.value,
                "allotted_at",
                order=55,
                kind="allotment.hand_over",
            )
        )
    if might(account, Action.ALLOTMENT_RECEIVE) and not account.organization.is_municipal_office:
        groups.append(
            _registers(
                account,
                _("待签收空白证书"),
                AllotmentState.HANDED_OVER.value,
                "handed_over_at",
                order=50,
                kind="allotment.receive",
            )
        )
    if might(account, Action.UNUSED_CARRY_OVER) and not account.organization.is_municipal_office:
        groups.append(_left_over(account))
    return [*groups, *_spoiled(account), *_too_low(account), *_ordered(account)]


def beginning(account: Account) -> list[NextStep]:
    """The first blanks: nothing can be allotted before a print run is in the store (N1)."""
    if not may(account, Action.PRINT_RUN_RECORD) or PrintRun.objects.exists():
        return []
    return [
        NextStep(
            _("登记第一批空白证书入库"),
            _("按印刷厂送来的编号区间登记；登记表受理后才有空白证书可以配发。"),
            reverse("blanks:record_run"),
            _("印制入库"),
            order=20,
        )
    ]


def _ordered(account: Account) -> list[TaskGroup]:
    """Print orders that the printer hasn't delivered, or not wholly (N1)."""
    if not may(account, Action.PRINT_RUN_RECORD):
        return []
    outstanding = orders.orders().filter(cancelled_at=None, due__gt=0).order_by("ordered_at", "pk")
    found = list(outstanding)
    return [
        TaskGroup(
            title=_("未到齐的印制单"),
            count=len(found),
            url=reverse("blanks:orders"),
            oldest=found[0].ordered_at if found else None,
            items=tuple(
                (order.number, reverse("blanks:order", args=[order.pk]), order.ordered_at)
                for order in first_due_of(found, attrgetter("ordered_at"), "order.deliver")
            ),
            clause="N1",
            order=60,
            kind="order.deliver",
            others=True,
        )
    ]


def _too_low(account: Account) -> list[TaskGroup]:
    """Grades whose store is below its limit, for whoever takes deliveries in.

    Nothing says since when, so no deadline of working days can be kept: no kind.
    """
    if not may(account, Action.PRINT_RUN_RECORD):
        return []
    low = [line for line in supply.supply(timezone.now()) if line.too_low]
    return [
        TaskGroup(
            title=_("空白证书应补库的等级"),
            count=len(low),
            url=reverse("blanks:reorder"),
            items=tuple(
                (
                    _("%(grade)s：库存 %(store)d 本，距警戒线少 %(short)d 本")
                    % {"grade": line.grade_label, "store": line.store, "short": line.short_by},
                    reverse("blanks:reorder"),
                    None,
                )
                for line in low
            ),
            clause="N1",
            order=45,
        )
    ]


def _left_over(account: Account) -> TaskGroup:
    """Blanks that the unit needs no more: returned, carried over or moved (N5)."""
    home = account.organization_id
    holds = Custody.objects.filter(
        organization=home, state__in=[CustodyState.UNIT, CustodyState.SPARE], balance__gt=0
    )
    mine = left_over.left_over(account).filter(
        register__issuing_unit=home, register__in=holds.values("register")
    )
    lines = list(mine.order_by("received_at"))
    return TaskGroup(
        title=_("待处理剩余证书"),
        count=len(lines),
        url=reverse("blanks:left_over"),
        oldest=lines[0].received_at if lines else None,
        items=tuple(
            (
                f"{item.register.number} {item.get_grade_display()}",
                reverse("blanks:left_over_of", args=[item.register_id, item.grade]),
                item.received_at,
            )
            for item in first_due_of(lines, attrgetter("received_at"), "left_over.dispose")
        ),
        clause="N5",
        order=95,
        kind="left_over.dispose",
    )


def _spoiled(account: Account) -> list[TaskGroup]:
    groups = []
    officer = may(account, Action.SPOILED_EXCHANGE)
    # The unit's clerk brings the spoiled blanks, the office's officer takes them.
    if officer or might(account, Action.CERTIFICATE_SPOIL):
        waiting = spoiled.to_exchange(account)
        registers = spoiled.exchangeable(waiting)
        rows = first_due(registers, "spoiled_at", "spoiled.exchange", sort="oldest")
        lines = [spoiled.Exchangeable(*row) for row in rows]
        groups.append(
            TaskGroup(
                title=_("待换取空白证书") if officer else _("凭废旧证书换取空白证书"),
                count=waiting.count() if lines else 0,
                url=reverse("blanks:exchange"),
                oldest=lines[0].oldest if lines else None,
                items=tuple(
                    (
                        f"{line.register_number} {line.unit}",
                        reverse("blanks:exchange_register", args=[line.register_id, line.grade]),
                        line.oldest,
                    )
                    for line in lines
                ),
                clause="N9",
                order=35,
                kind="spoiled.exchange",
            )
        )
    if may(account, Action.DESTRUCTION_CONFIRM):
        open_ones = list(
            spoiled.destructions()
            .filter(confirmed_by=None, lapsed_at=None)
            .exclude(proposed_by=account)
            .order_by("proposed_at")
        )
        groups.append(
            TaskGroup(
                title=_("待监督销毁废旧证书"),
                count=len(open_ones),
                url=reverse("blanks:destructions"),
                oldest=open_ones[0].proposed_at if open_ones else None,
                items=tuple(
                    (
                        f"{item.get_grade_display()} {'、'.join(item.serials)}",
                        reverse("blanks:destructions"),
                        item.proposed_at,
                    )
                    for item in first_due_of(
                        open_ones, attrgetter("proposed_at"), "destruction.confirm"
                    )
                ),
                clause="N9",
                order=80,
                kind="destruction.confirm",
            )
        )
    if may(account, Action.DESTRUCTION_PROPOSE) and sees_all(account):
        returned = sum(item.count for item in spoiled.destroyable())
        groups.append(
            TaskGroup(
                title=_("可提请销毁的废旧证书"),
                count=returned,
                url=reverse("blanks:destructions"),
                clause="N9",
                order=90,
            )
        )
    return groups
