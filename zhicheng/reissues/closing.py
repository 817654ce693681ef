"""Applications for a new certificate that keep an organisation from being ended."""

from collections.abc import Sequence

from django.db.models import Q

from zhicheng.organizations.closing import Left
from zhicheng.organizations.models import Organization
from zhicheng.reissues.models import Reissue
from zhicheng.reissues.queries import old_to_dispose
from zhicheng.reissues.words import OPEN_STATES, ReissueState
from zhicheng.values.text import shown


def reissues_left(organization: Organization) -> Sequence[Left]:
    """Those under way that it handles, or whose opinion it may have to give.

    And old certificates that were handed in and lie there still.
    """
    part = (
        Q(unit=organization)
        | Q(work_unit_organization=organization)
        | Q(approving_department=organization)
        | Q(path__contains=[{"organization": organization.pk}])
    )
    states = (*OPEN_STATES, ReissueState.CLOSING)
    return [
        Left(shown("在办的补办换发（件）"), Reissue.objects.filter(part, state__in=states).count()),
        Left(shown("待处理的原证书（本）"), old_to_dispose().filter(unit=organization).count()),
    ]
