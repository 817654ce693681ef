"""What the public learns at each moment, and what the office knows afterwards (N7, N12)."""

import re
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.support.city import City, accepted_register, announce, deliver, id_number
from tests.support.reissues import TODAY, Way, about, issued, typed
from zhicheng.certificates.printing import claims_of
from zhicheng.certificates.turning_up import turned_up
from zhicheng.protection import blind_index, reveal
from zhicheng.registers.live_check import StoredFacts
from zhicheng.reissues import actions, actions_opinions, queries
from zhicheng.reissues.content import Correction
from zhicheng.reissues.models import VoidSighting
from zhicheng.verification.actions import LegacyLine, import_legacy
from zhicheng.verification.queries import find, find_by_number, find_by_person, standing
from zhicheng.verification.rules import Source, Standing

pytestmark = pytest.mark.django_db


def test_n12_the_query_says_valid_then_reported_lost_then_replaced(city: City) -> None:
    (old,) = issued(city)
    code = claims_of(old, issued_on=date(2026, 4, 1))

    def moment() -> tuple[Standing, Standing]:
        (record,) = find_by_number(old.number, old.name)
        return record.standing, standing(code)

    way = Way(city, about(old)).submit()
    assert moment() == (Standing.VALID, Standing.VALID)
    actions_opinions.accept_loss(actor=way.who("clerk"), reissue_id=way.reissue.pk)
    assert moment() == (Standing.LOST, Standing.LOST)
    way.accept().opinions()
    for step in ("numbered", "collected", "filled", "sealed", "embossed", "issued"):
        assert moment() == (Standing.LOST, Standing.LOST)
        way.step(step)
    assert moment() == (Standing.REPLACED, Standing.REPLACED)
    new, gone = find_by_person(old.name, reveal(bytes(old.id_number_cipher)))
    assert (new.number, new.standing, new.source) == (
        way.certificate.number,
        Standing.VALID,
        Source.REPLACEMENT,
    )
    assert gone.standing is Standing.REPLACED
    assert standing(claims_of(way.certificate, issued_on=TODAY)) is Standing.VALID


def test_n12_the_page_says_that_a_successor_exists_and_not_which(
    city: City, client: Client
) -> None:
    (old,) = issued(city)
    way = Way(city, about(old)).upto("issued")
    page = client.post("/", {"name": old.name, "number": old.number}).content.decode()
    assert "已补办或换发，以新证书为准" in page
    assert "qry-good" not in page
    assert way.certificate.number not in page


def test_n13_a_found_certificate_counts_again_at_once(city: City) -> None:
    (old,) = issued(city)
    way = Way(city, about(old)).upto("granted")
    assert find_by_number(old.number, old.name)[0].standing is Standing.LOST
    actions.report_found(actor=way.holder, reissue_id=way.reissue.pk)
    assert find_by_number(old.number, old.name)[0].standing is Standing.VALID


def test_n7_a_renewed_certificate_answers_with_the_corrected_values(city: City) -> None:
    (old,) = issued(city)
    right = id_number(123_456)
    way = Way(
        city,
        about(
            old,
            "renewal",
            corrections=(Correction("name", "张更正"), Correction("id_number", right)),
        ),
    ).upto("issued")
    wrong = reveal(bytes(old.id_number_cipher))
    (record,) = find_by_person("张更正", right)
    assert (record.source, record.standing) == (Source.CORRECTION, Standing.VALID)
    assert record.number == way.certificate.number
    assert find("张更正", wrong, "") == []
    (before,) = find_by_person(old.name, wrong)
    assert before.standing is Standing.REPLACED
    for index in (blind_index(right), blind_index(wrong)):
        history = {item.field: (item.old, item.new) for item in queries.corrections_of(index)}
        assert history["name"] == (old.name, "张更正")
        assert history["id_number"][1].startswith(right[:3] + "*")
        assert right not in str(history) and wrong not in str(history)


def test_n7_a_person_certified_by_a_reissue_cannot_be_on_a_register_again(city: City) -> None:
    (person,) = announce(city, 1)
    person.name = "龙若谷"
    person.save()
    deliver(city, 10)
    Way(city, typed(city, person)).upto("issued")
    other = accepted_register(city, 1)
    taken = StoredFacts(other).taken(frozenset(), {person.pk})
    assert "证书" in taken.entries[person.pk]


@pytest.mark.parametrize("ledger", [True, False])
def test_n7_an_old_certificate_known_by_paper_or_ledger_is_void_in_the_query_too(
    city: City, ledger: bool
) -> None:
    (person,) = announce(city, 1)
    person.name = "龙若谷"
    person.save()
    deliver(city, 10)
    application = typed(city, person)
    if ledger:
        import_legacy(
            actor=city.who("office", "officer"),
            origin="台账",
            lines=[
                LegacyLine(
                    application.old_number,
                    person.name,
                    application.id_number,
                    person.specialty,
                    person.qualification,
                    person.approval_date,
                    person.document.number,
                )
            ],
        )
    before = find_by_number(application.old_number, person.name)
    assert [item.standing for item in before] == ([Standing.VALID] if ledger else [])
    way = Way(city, application).submit()
    assert way.now.source == ("legacy" if ledger else "paper")
    assert way.now.match == "matched"
    way.accept()
    (lost,) = find_by_number(application.old_number, person.name)
    assert lost.standing is Standing.LOST
    way.opinions()
    for step in ("numbered", "collected", "filled", "sealed", "embossed", "issued"):
        way.step(step)
    (void,) = find_by_number(application.old_number, person.name)
    assert void.standing is Standing.REPLACED
    new, old = find_by_person(person.name, application.id_number)
    assert (new.standing, old.standing) == (Standing.VALID, Standing.REPLACED)


def test_n12_a_void_certificate_at_a_station_is_kept_back_and_recorded(city: City) -> None:
    (old,) = issued(city)
    way = Way(city, about(old)).upto("accepted")
    clerk = city.who("health", "clerk")
    old.refresh_from_db()
    told = turned_up(clerk, old, "发放工位")
    assert told is not None and "已报失" in told.found
    way.opinions()
    for step in ("numbered", "collected", "filled", "sealed", "embossed", "issued"):
        way.step(step)
    old.refresh_from_db()
    told = turned_up(clerk, old, "发放工位")
    assert told is not None and "已补办" in told.found
    seen = VoidSighting.objects.filter(reissue=way.reissue, channel="station", seen_by=clerk)
    assert seen.count() == 2
    assert turned_up(clerk, way.certificate, "发放工位") is None


def test_hit_and_miss_of_lost_and_unknown_run_the_same_statements(
    city: City, client: Client
) -> None:
    (old,) = issued(city)
    Way(city, about(old)).upto("accepted")
    counts = []
    for number in (old.number, "20260000000000"):
        with CaptureQueriesContext(connection) as run:
            find_by_number(number, old.name)
        counts.append(len(run))
    assert counts == [1, 1]


def test_n12_whoever_asks_for_a_void_certificate_is_recorded_once_a_day(
    city: City, client: Client
) -> None:
    (old,) = issued(city)
    way = Way(city, about(old)).upto("issued")
    for _time in range(3):
        page = client.post("/", {"name": old.name, "number": old.number})
        assert re.search("qry-bad|qry-wait", page.content.decode())
    sighting = VoidSighting.objects.get(reissue=way.reissue)
    assert sighting.channel == "query" and sighting.seen_by is None
    client.post("/", {"name": way.certificate.name, "number": way.certificate.number})
    assert VoidSighting.objects.count() == 1
