"""Certificates that keep an organisation from being ended: made, and not with their holder."""

from collections.abc import Sequence

from django.db.models import Q

from zhicheng.certificates.models import Certificate, CertificateState
from zhicheng.organizations.closing import Left
from zhicheng.organizations.models import Organization
from zhicheng.values.text import shown

_ENDED = (CertificateState.ISSUED, CertificateState.WITHDRAWN)


def certificates_left(organization: Organization) -> Sequence[Left]:
    """Those that it has to seal, emboss or issue."""
    open_ones = Certificate.objects.exclude(state__in=_ENDED)
    part = Q(issuing_unit=organization) | Q(
        embosser=organization,
        state__in=(
            CertificateState.AWAITING_BLANK,
            CertificateState.FILLED,
            CertificateState.SEALED,
        ),
    )
    return [Left(shown("未发放的证书（本）"), open_ones.filter(part).count())]
