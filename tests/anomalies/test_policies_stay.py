"""The figures that were set for a day stay on record, also past the code (N18)."""

from dataclasses import replace

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from tests.support.city import City
from tests.support.pages import text_of
from zhicheng.anomalies import actions, queries
from zhicheng.anomalies.models import DetectionPolicy
from zhicheng.anomalies.rules import Thresholds

pytestmark = pytest.mark.django_db
COLUMNS = ", ".join(Thresholds.__dataclass_fields__)


def test_figures_set_twice_for_a_day_are_both_on_record_and_the_last_counts(
    city: City, client: Client
) -> None:
    auditor, today = city.who("office", "auditor"), timezone.localdate()
    for most in (7, 3):
        actions.set_detection_policy(
            actor=auditor, valid_from=today, thresholds=replace(Thresholds(), person_most=most)
        )
    assert queries.thresholds_on(today).person_most == 3
    assert [(item.person_most, item.replaced) for item in queries.policies()] == [
        (3, False),
        (7, True),
    ]
    client.force_login(auditor, backend="django.contrib.auth.backends.ModelBackend")
    assert text_of(client.get("/anomalies/policy/")).count("同日另有设定") == 1


@pytest.mark.parametrize(
    ("name", "statement"),
    [
        (
            "detection_policy_begins_today_or_later",
            (
                f"INSERT INTO anomalies_detectionpolicy (valid_from, {COLUMNS})"
                f" SELECT valid_from - 1, {COLUMNS} FROM anomalies_detectionpolicy"
            ),
        ),
        (
            "detection_policy_is_only_added",
            "UPDATE anomalies_detectionpolicy SET person_most = 90",
        ),
        ("detection_policy_is_only_added", "DELETE FROM anomalies_detectionpolicy"),
    ],
)
def test_the_database_refuses_it_too(city: City, name: str, statement: str) -> None:
    actions.set_detection_policy(
        actor=city.who("office", "auditor"),
        valid_from=timezone.localdate(),
        thresholds=Thresholds(),
    )
    with (
        pytest.raises(IntegrityError) as refused,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert refused.value.__cause__.diag.constraint_name == name  # type: ignore[union-attr]
    assert DetectionPolicy.objects.count() == 1
