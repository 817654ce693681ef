"""What somebody who tries the product sees in the demo city: a past, queues, some of it late."""

import pytest
from django.db import connection
from django.utils import timezone

from zhicheng.anomalies.models import Anomaly
from zhicheng.audit.models import AuditEvent
from zhicheng.certificates.models import Certificate
from zhicheng.organizations.models import Account
from zhicheng.registers.models import Register
from zhicheng.web.tasks import tasks_of

pytestmark = pytest.mark.usefixtures("demo")


def test_offices_have_queues_of_which_a_few_are_late() -> None:
    office = Account.objects.get(username="office.officer")
    groups = tasks_of(office)
    assert sum(group.count > 1 for group in groups) >= 3
    assert 1 <= sum(group.overdue for group in groups) <= len(groups) // 3
    for name in ("health.clerk", "health.officer", "health.embosser", "industry.clerk"):
        assert any(group.overdue for group in tasks_of(Account.objects.get(username=name))), name
    # Nothing has waited since the city was founded.
    for account in Account.objects.filter(is_active=True):
        for group in tasks_of(account):
            assert group.oldest is None or (timezone.now() - group.oldest).days < 120, group.title


def test_registers_took_days_and_certificates_were_issued_in_eight_years() -> None:
    accepted = Register.objects.exclude(accepted_at=None)
    assert all((item.accepted_at - item.submitted_at).days >= 1 for item in accepted)
    issued = Certificate.objects.exclude(issued_at=None).values_list("issued_at__year", flat=True)
    assert len(set(issued)) >= 8


def test_what_was_recorded_first_happened_first() -> None:
    moments = list(
        # The key of the installation was made before the city was told.
        AuditEvent.objects.exclude(tag__contains="key")
        .order_by("sequence")
        .values_list("occurred_at", flat=True)
    )
    assert moments == sorted(moments)
    assert moments[-1] <= timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT bool_and(moved_at <= now()) FROM blanks_movement")
        assert cursor.fetchone() == (True,)


def test_most_kinds_of_anomalies_occur() -> None:
    assert Anomaly.objects.values("kind").distinct().count() >= 7
