"""Who sees an application, and that no ID number shows (invariants 9, 10)."""

import pytest

from tests.reissues.effects import refused
from tests.support.city import City, deliver, id_number
from tests.support.privacy import assert_no_id_number_in_clear
from tests.support.reissues import Way, about, begun, issued
from zhicheng.audit.models import AuditEvent
from zhicheng.protection import reveal
from zhicheng.reissues import actions_old, queries
from zhicheng.reissues.content import Correction

pytestmark = pytest.mark.django_db


def test_no_id_number_is_anywhere_in_clear(city: City) -> None:
    """Invariant 10, after a whole life with a corrected ID number, and where people type it."""
    (old,) = issued(city)
    number, right = reveal(bytes(old.id_number_cipher)), id_number(4711)
    for wrong in (
        {"old_number": number},
        {"newspaper_name": f"重庆日报 {number}"},
        {"newspaper_page": number},
    ):
        refused(lambda wrong=wrong: begun(about(old, **wrong)), "reissue.field", "N10")
    way = Way(
        city,
        about(
            old,
            "renewal",
            reason=f"原号码 {number} 有误",
            corrections=(Correction("id_number", right),),
        ),
    ).upto("issued")
    actions_old.sighted(
        actor=way.who("clerk"), number=old.number, channel="station", note=f"持证人 {number}"
    )
    assert_no_id_number_in_clear(number, right)
    assert number not in str(list(AuditEvent.objects.values_list("data", flat=True)))


def test_everybody_on_the_path_sees_it_and_nobody_else(city: City) -> None:
    (old,) = issued(city)
    way = Way(city, about(old))
    deliver(city, 1)
    assert not queries.visible_to(city.who("health", "clerk")).exists()  # the holder's draft
    way.upto("accepted")
    for organization in ("health", "hospital", "office"):
        assert queries.visible_to(city.who(organization, "officer")).exists(), organization
    assert queries.visible_to(city.who("office", "auditor")).exists()
    for organization in ("industry", "district", "enterprise"):
        assert not queries.visible_to(city.who(organization, "officer")).exists(), organization
