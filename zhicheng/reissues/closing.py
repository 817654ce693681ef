"""Applications for a new certificate that keep an organisation from being ended."""

from collections.abc import Sequence

from django.db.models import Q

from zhicheng.organizations.closing import Left
from zhicheng.organizations.models import Organization
from zhicheng.reissues.models import Reissue
from zhicheng.reissues.words import OPEN_STATES, ReissueState
from zhicheng.values.text import shown


def reissues_left(organization: Organization) -> Sequence[Left]:
    """Those under way that it handles, or whose opinion it may have to give."""
    part = (
        Q(unit=organization)
        | Q(work_unit_organization=organization)
        | Q(approving_department=organization)
    )
    states = (*OPEN_STATES, ReissueState.CLOSING)
    return [
        Left(shown("在办的补办换发（件）"), Reissue.objects.filter(part, state__in=states).count())
    ]
