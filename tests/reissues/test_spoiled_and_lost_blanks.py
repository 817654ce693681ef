"""Spoiled and lost blanks of a reissue (N9)."""

import pytest

from tests.reissues.effects import lying, proven, refused
from tests.support.city import City
from tests.support.reissues import Way, about, issued
from zhicheng.blanks import investigations
from zhicheng.blanks.models import BlankCase, Holding
from zhicheng.reissues import actions, actions_blank
from zhicheng.values.serials import SerialRange

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("upto", ["collected", "filled", "sealed"])
def test_n9_a_reissues_spoiled_blank_is_exchanged_at_the_office(city: City, upto: str) -> None:
    (old,) = issued(city)
    way = Way(city, about(old)).upto(upto)
    pk = way.reissue.pk
    made = actions_blank.spoil(actor=way.who("clerk"), reissue_id=pk, reason="misprint")
    assert lying(made.serial) == "spoiled" and made.needs_blank
    told = refused(
        lambda: actions_blank.fill_in(actor=way.who("clerk"), reissue_id=pk),
        "certificate.blanks_missing",
        "N8",
    )
    assert told.mend
    exchange = actions_blank.exchange(actor=city.who("office", "officer"), reissue_id=pk)
    assert exchange.count == 1 and lying(made.serial) == "returned_spoiled"
    for step in ("filled", "sealed", "embossed", "issued"):
        way.step(step)
    assert way.now.state == "done"
    proven()


@pytest.mark.parametrize("upto", ["collected", "filled", "embossed"])
def test_n9_a_reissues_lost_blank_is_followed_by_another_one(city: City, upto: str) -> None:
    (old,) = issued(city)
    way = Way(city, about(old)).upto(upto)
    pk = way.reissue.pk
    serial = Holding.objects.get(custody__reissue=pk).serials.lower
    (case,) = investigations.report_loss(
        actor=way.who("clerk"), serials=[SerialRange(serial, serial)], note="送印途中遗失"
    )
    assert lying(serial) == "lost"
    if upto != "collected":
        assert way.certificate.state == "awaiting_blank"
    proven()
    way.step("collected")
    for step in ("filled", "sealed", "embossed", "issued"):
        way.step(step)
    proven()
    investigations.settle_case(
        actor=city.who("office", "officer"),
        case_id=case.pk,
        outcome="found",
        conclusion="在车上找到",
    )
    assert lying(serial) == ("store" if upto == "collected" else "spoiled")
    assert BlankCase.objects.get(pk=case.pk).outcome == "found"
    proven()


def test_n9_a_lost_blank_that_is_written_off_leaves_the_reissue_going_on(city: City) -> None:
    (old,) = issued(city)
    way = Way(city, about(old)).upto("filled")
    serial = way.certificate.blank_serial or 0
    (case,) = investigations.report_loss(
        actor=way.who("clerk"), serials=[SerialRange(serial, serial)], note="被盗"
    )
    investigations.settle_case(
        actor=city.who("office", "officer"),
        case_id=case.pk,
        outcome="written_off",
        conclusion="查无下落",
    )
    assert lying(serial) == "written_off"
    actions.report_found(actor=way.holder, reissue_id=way.reissue.pk)
    assert way.now.state == "ended"
    proven()
