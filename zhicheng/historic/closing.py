"""Registrations of old certificates that keep an organisation from being ended."""

from collections.abc import Sequence

from zhicheng.historic.models import Registration, RegistrationState
from zhicheng.organizations.closing import Left
from zhicheng.organizations.models import Organization
from zhicheng.values.text import shown


def registrations_left(organization: Organization) -> Sequence[Left]:
    """Those that it has to check.

    What lies with its holder, a draft or returned, is nobody's to settle here; when it is handed in
    the holder has to choose another unit.
    """
    waiting = Registration.objects.filter(unit=organization, state=RegistrationState.SUBMITTED)
    return [Left(shown("待核对的历史证书登记（件）"), waiting.count())]
