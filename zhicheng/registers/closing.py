"""Registers that keep an organisation from being ended."""

from collections.abc import Sequence

from django.db.models import Exists, F, OuterRef, Q

from zhicheng.organizations.closing import Left
from zhicheng.organizations.models import Organization
from zhicheng.reference.models import Grade
from zhicheng.registers.models import Register, RegisterRow, RegisterState
from zhicheng.values.text import shown


def registers_left(organization: Organization) -> Sequence[Left]:
    """Those not accepted yet in which it takes part, and accepted ones that aren't filled in.

    An approving department takes part in those whose certificates it will have to emboss (N8).
    """
    to_emboss = Exists(
        RegisterRow.objects.filter(
            register=OuterRef("pk"),
            approved_person__document__approving_department=organization,
        ).exclude(approved_person__grade=Grade.SENIOR)
    )
    part = Q(reporting_unit=organization) | Q(endorser=organization) | Q(issuing_unit=organization)
    coming = Register.objects.exclude(state=RegisterState.ACCEPTED)
    unfilled = Register.objects.filter(state=RegisterState.ACCEPTED, made_count__lt=F("row_count"))
    return [
        Left(shown("未受理的登记表（份）"), coming.filter(part | to_emboss).count()),
        Left(
            shown("已受理未填制完的登记表（份）"),
            unfilled.filter(Q(issuing_unit=organization) | to_emboss).count(),
        ),
    ]
