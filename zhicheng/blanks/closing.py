"""Blanks that keep an organisation from being ended: whatever it has to answer for."""

from collections.abc import Sequence

from django.db.models import Sum

from zhicheng.blanks.models import Custody, CustodyState, Stocktake, StocktakeState
from zhicheng.organizations.closing import Left
from zhicheng.organizations.models import Organization
from zhicheng.values.text import shown

# What lies on a certificate, was destroyed or is lost for good is nobody's to hand on.
_SETTLED = (CustodyState.ON_CERTIFICATE, CustodyState.DESTROYED, CustodyState.WRITTEN_OFF)


def blanks_left(organization: Organization) -> Sequence[Left]:
    """The blanks in its custody, or on their way to it, lost ones with an open case included.

    And counts of them that nobody has confirmed or given up.
    """
    held = Custody.objects.filter(organization=organization).exclude(state__in=_SETTLED)
    running = Stocktake.objects.filter(
        organization=organization, state__in=(StocktakeState.COUNTING, StocktakeState.FINISHED)
    )
    return [
        Left(shown("空白证书（张）"), held.aggregate(number=Sum("balance"))["number"] or 0),
        Left(shown("未确认的盘点（次）"), running.count()),
    ]
