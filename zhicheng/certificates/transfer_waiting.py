"""Slips that wait for somebody: not received, not returned, not taken back (N8, N18)."""

from operator import attrgetter

from django.db.models import Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _l

from zhicheng.certificates.models import SlipState, TransferSlip
from zhicheng.organizations.guard import might
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.web.tasks import TaskGroup

LOOKED_AT = 500  # nobody has so many slips open

# (title, whose eyes, state, since when it waits, who may go on, its place on the first page, the
# kind of its deadline, whether it waits for the other side)
_WAITING: tuple[tuple[str | Promise, str, SlipState, str, Action, int, str, bool], ...] = (
    (
        _l("待签收的移交单"),
        "embosser",
        SlipState.SENT,
        "sent_at",
        Action.TRANSFER_RECEIVE,
        15,
        "slip.receive",
        False,
    ),
    (
        _l("待退回的移交单"),
        "embosser",
        SlipState.ARRIVED,
        "received_at",
        Action.TRANSFER_RETURN,
        18,
        "slip.return",
        False,
    ),
    (
        _l("待领回的移交单"),
        "unit",
        SlipState.RETURNING,
        "returned_at",
        Action.TRANSFER_TAKE_BACK,
        12,
        "slip.take_back",
        False,
    ),
    (
        _l("对方未签收的移交单"),
        "unit",
        SlipState.SENT,
        "sent_at",
        Action.TRANSFER_SEND,
        45,
        "slip.receive",
        True,
    ),
    (
        _l("对方未退回的移交单"),
        "unit",
        SlipState.ARRIVED,
        "received_at",
        Action.TRANSFER_SEND,
        46,
        "slip.return",
        True,
    ),
    (
        _l("未移交的移交单"),
        "unit",
        SlipState.DRAFT,
        "made_at",
        Action.TRANSFER_SEND,
        28,
        "slip.send",
        False,
    ),
    (
        _l("将送来盖钢印的移交单"),
        "embosser",
        SlipState.DRAFT,
        "made_at",
        Action.TRANSFER_RECEIVE,
        60,
        "slip.send",
        True,
    ),
    (
        _l("对方未领回的移交单"),
        "embosser",
        SlipState.RETURNING,
        "returned_at",
        Action.TRANSFER_RETURN,
        61,
        "slip.take_back",
        True,
    ),
)


def slips_waiting(account: Account) -> list[TaskGroup]:
    """The task groups, in one statement; empty ones are left out by the page."""
    mine = account.organization_id
    if not (might(account, Action.TRANSFER_SEND) or might(account, Action.TRANSFER_RECEIVE)):
        return []
    open_slips = TransferSlip.objects.filter(Q(unit=mine) | Q(embosser=mine)).exclude(
        state__in=[SlipState.CLOSED, SlipState.CANCELLED]
    )
    slips = list(open_slips.select_related("unit", "embosser").order_by("pk")[:LOOKED_AT])
    groups = []
    for title, side, state, since, action, order, kind, others in _WAITING:
        if not might(account, action):
            continue
        found = [
            slip
            for slip in slips
            if slip.state == state
            and (slip.unit_id if side == "unit" else slip.embosser_id) == mine
        ]
        found.sort(key=attrgetter(since))
        groups.append(
            TaskGroup(
                title=str(title),
                count=len(found),
                url=f"{reverse('certificates:transfers')}?state={state.value}",
                oldest=getattr(found[0], since) if found else None,
                items=tuple(
                    (
                        f"{slip.number} {slip.embosser.name if side == 'unit' else slip.unit.name}",
                        slip.get_absolute_url(),
                        getattr(slip, since),
                    )
                    for slip in found
                ),
                clause="N8",
                order=order,
                kind=kind,
                others=others,
            )
        )
    return groups
