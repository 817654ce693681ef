"""The blank, the new number and the new certificate (N8, N11, N12)."""

import pytest
from django.utils import timezone

from tests.reissues.effects import lying, proven, refused
from tests.support.city import City
from tests.support.reissues import Way, about, begun, issued
from zhicheng.blanks.models import Custody, Holding
from zhicheng.certificates import actions as path
from zhicheng.certificates.models import Certificate
from zhicheng.certificates.printjobs.starting import start
from zhicheng.registers.numbering.actions import set_rule
from zhicheng.reissues import actions_blank

pytestmark = pytest.mark.django_db


def test_n11_no_blank_before_every_opinion_and_paper_is_there(city: City) -> None:
    (old,) = issued(city)
    way = Way(city, about(old, "renewal")).submit().accept()

    def hand_out() -> int:
        return actions_blank.hand_out(
            actor=city.who("office", "clerk"), reissue_id=way.reissue.pk, collected_by="王领取"
        )

    refused(hand_out, "lifecycle.wrong_state", "N18")
    way.opinions()
    refused(hand_out, "reissue.missing.handed_in", "N14")
    way.hand_in()
    serial = hand_out()
    assert lying(serial) == "unit"
    assert Custody.objects.get(holdings__serials__contains=serial).reissue == way.reissue.pk
    refused(hand_out, "reissue.has_its_blank", "N11")
    proven()


def test_n11_the_office_names_a_serial_or_gives_the_lowest(city: City) -> None:
    one, two = issued(city, 2)
    first, second = (Way(city, about(item)).upto("granted") for item in (one, two))
    office = city.who("office", "clerk")
    store = Holding.objects.filter(custody__state="store").order_by("serials")[0].serials
    named = store.upper - 1
    got = actions_blank.hand_out(
        actor=office, reissue_id=first.reissue.pk, collected_by="王", serial=named
    )
    assert got == named
    lowest = actions_blank.hand_out(actor=office, reissue_id=second.reissue.pk, collected_by="王")
    assert lowest == store.lower


def test_n12_the_new_number_follows_the_units_rule_or_is_a_free_typed_one(city: City) -> None:
    one, two = issued(city, 2)
    set_rule(
        actor=city.who("office", "officer"),
        unit=city.health,
        valid_from=timezone.localdate(),
        pattern="HF{年}{流水6}",
    )
    way = Way(city, about(one)).upto("granted")
    clerk, pk = way.who("clerk"), way.reissue.pk
    assert actions_blank.assign_number(actor=clerk, reissue_id=pk) == "HF2026000001"
    for taken in (one.number, two.number):
        refused(
            lambda taken=taken: actions_blank.assign_number(
                actor=clerk, reissue_id=pk, number=taken
            ),
            "reissue.number_taken",
            "N12",
        )
    other = Way(city, about(two)).upto("granted")
    refused(
        lambda: actions_blank.assign_number(
            actor=clerk, reissue_id=other.reissue.pk, number="HF2026000001"
        ),
        "reissue.number_taken",
        "N12",
    )
    assert actions_blank.assign_number(actor=clerk, reissue_id=other.reissue.pk) == "HF2026000002"


def test_n12_without_a_number_nothing_is_filled_in(city: City) -> None:
    (old,) = issued(city)
    way = Way(city, about(old)).upto("granted")
    way.step("collected")
    refused(lambda: way.step("filled"), "reissue.no_new_number", "N12")


@pytest.mark.parametrize("kind", ["replacement", "renewal"])
def test_n12_the_old_certificate_is_void_the_moment_the_new_one_is_issued(
    city: City, kind: str
) -> None:
    (old,) = issued(city)
    way = Way(city, about(old, kind)).upto("filled")
    (job,) = start(actor=way.who("clerk"), reissue=way.reissue.pk, grade="intermediate", address="")
    assert job.pages_count == 1
    way.step("sealed").step("embossed")
    before = Certificate.objects.get(pk=old.pk)
    assert before.in_force
    assert (before.lost_at is not None) == (kind == "replacement")
    proven()
    path.issue(actor=way.who("clerk"), reissue=way.reissue.pk)
    after, new = Certificate.objects.get(pk=old.pk), way.certificate
    assert not after.in_force
    assert after.void_reason == ("replaced" if kind == "replacement" else "renewed")
    assert new.in_force and new.replaces == after and new.number != old.number
    assert new.specialty == ("内科" if kind == "replacement" else "心血管内科")
    assert way.now.state == "done"
    proven()
    refused(lambda: begun(about(old)), "reissue.old_is_void", "N12")
    # And once more: the new one can be lost as well.
    again = Way(city, about(new)).upto("issued")
    assert not Certificate.objects.get(pk=new.pk).in_force
    assert again.certificate.in_force
    proven()


@pytest.mark.parametrize("grade", ["senior", "junior"])
def test_n8_a_reissued_certificate_is_embossed_by_whoever_embosses_its_grade(
    city: City, grade: str
) -> None:
    (old,) = issued(city, grade=grade)
    way = Way(city, about(old)).upto("sealed")
    wanted = city.office if grade == "senior" else city.health
    assert way.certificate.embosser == wanted
    way.step("embossed").step("issued")
    proven()
