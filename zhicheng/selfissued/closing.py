"""Reports of its own certificates that keep an organisation from being ended."""

from collections.abc import Sequence

from zhicheng.organizations.closing import Left
from zhicheng.organizations.models import Organization
from zhicheng.selfissued.models import Report, ReportState
from zhicheng.selfissued.queries import to_correct
from zhicheng.values.text import shown


def reports_left(organization: Organization) -> Sequence[Left]:
    """Those that the office hasn't decided about, and returned ones that still wait for another."""
    filed = Report.objects.filter(unit=organization, state=ReportState.FILED)
    return [
        Left(
            shown("在办的自主发放证书报送（件）"),
            filed.count() + to_correct(organization.pk).count(),
        )
    ]
