"""A certificate that is found again ends its application, at every moment (N13)."""

import pytest

from tests.reissues.effects import lying, proven, refused
from tests.support.city import City
from tests.support.reissues import Way, about, issued
from zhicheng.blanks.models import Holding, Spoilage
from zhicheng.certificates.models import Certificate
from zhicheng.reissues import actions, actions_blank

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("upto", "state", "blank"),
    [
        ("submitted", "ended", ""),
        ("accepted", "ended", ""),
        ("granted", "ended", ""),
        ("collected", "closing", "unit"),
        ("filled", "ended", "spoiled"),
        ("embossed", "ended", "spoiled"),
    ],
)
def test_a_found_certificate_ends_an_application_cleanly(
    city: City, upto: str, state: str, blank: str
) -> None:
    (old,) = issued(city)
    way = Way(city, about(old)).upto(upto)
    actions.report_found(actor=way.holder, reissue_id=way.reissue.pk, note="在老屋找到")
    now, kept = way.now, Certificate.objects.get(pk=old.pk)
    assert (now.state, now.outcome) == (state, "found")
    assert kept.in_force and kept.lost_at is None
    holdings = Holding.objects.filter(custody__reissue=now.pk)
    assert [item.custody.state for item in holdings] == ([blank] if blank else [])
    if state == "closing":
        serial = holdings[0].serials.lower
        actions_blank.take_back(actor=city.who("office", "clerk"), reissue_id=now.pk)
        assert way.now.state == "ended" and lying(serial) == "store"
    if blank == "spoiled":
        assert way.certificate.state == "withdrawn"
        assert Spoilage.objects.get(reissue=now.pk).reason == "withdrawn"
        actions_blank.return_spoiled(actor=city.who("office", "officer"), reissue_id=now.pk)
    proven()
    Way(city, about(old)).upto("submitted")  # and may be lost again


def test_a_renewal_cannot_be_ended_by_finding(city: City) -> None:
    (old,) = issued(city)
    way = Way(city, about(old, "renewal")).submit()
    refused(
        lambda: actions.report_found(actor=way.holder, reissue_id=way.reissue.pk),
        "reissue.nothing_was_lost",
        "N13",
    )
