"""Registers that keep an organisation from being ended."""

from collections.abc import Sequence

from django.db.models import F, Q

from zhicheng.organizations.closing import Left
from zhicheng.organizations.models import Organization
from zhicheng.registers.models import Register, RegisterState
from zhicheng.values.text import shown


def registers_left(organization: Organization) -> Sequence[Left]:
    """Those not accepted yet in which it takes part, and accepted ones that it has to fill in."""
    part = Q(reporting_unit=organization) | Q(endorser=organization) | Q(issuing_unit=organization)
    return [
        Left(
            shown("未受理的登记表（份）"),
            Register.objects.filter(part).exclude(state=RegisterState.ACCEPTED).count(),
        ),
        Left(
            shown("已受理未填制完的登记表（份）"),
            Register.objects.filter(
                issuing_unit=organization,
                state=RegisterState.ACCEPTED,
                made_count__lt=F("row_count"),
            ).count(),
        ),
    ]
