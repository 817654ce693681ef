"""Reissues at the stations: the new certificate by scanner, the old one kept back (N8, N12)."""

import pytest
from django.utils import timezone

from tests.support.city import City, accepted_register, carry, deliver, id_number
from tests.support.reissues import Way, about, issued
from tests.support.stations import authorisation, one, scan
from zhicheng.audit.models import AuditEvent
from zhicheng.audit.verify import verify
from zhicheng.certificates import transfer_scans, transfers
from zhicheng.certificates.issuing import name_agent
from zhicheng.certificates.printjobs.policy import set_print_policy, state_filled_otherwise
from zhicheng.certificates.station_ranges import pile
from zhicheng.certificates.stations import STATIONS
from zhicheng.organizations.models import Account
from zhicheng.reissues.models import VoidSighting
from zhicheng.values.refusal import Refusal
from zhicheng.values.serials import format_serial

ROLES = ("clerk", "officer", "embosser")


def test_n8_n12_a_reissue_goes_through_the_stations_by_scanner(city: City) -> None:
    (old,) = issued(city)
    way = Way(city, about(old)).upto("filled")
    number, serial = way.certificate.number, format_serial(way.certificate.blank_serial or 0)
    clerk, officer, embosser = (
        city.who("health", role) for role in ("clerk", "officer", "embosser")
    )
    assert scan(clerk, "issue", number).title == "还没有加盖公章"
    sealed = scan(officer, "official-seal", serial)
    assert (sealed.outcome, sealed.register) == ("good", None)
    assert scan(officer, "official-seal", number).outcome == "again"
    assert scan(embosser, "embossed-seal", number).outcome == "good"
    asked = scan(clerk, "issue", serial)
    assert (asked.outcome, way.now.state) == ("ask", "making")
    old.refresh_from_db()
    assert old.voided_at is None
    assert scan(clerk, "issue", serial, id_checked=True).outcome == "good"
    assert way.now.state == "done"
    assert way.certificate.issue_record.id_checked
    old.refresh_from_db()
    assert old.voided_at is not None
    assert verify().passed


def test_n12_an_agent_takes_a_reissue_by_authorisation(city: City) -> None:
    (old,) = issued(city)
    way = Way(city, about(old)).upto("embossed")
    clerk = city.who("health", "clerk")
    agent = name_agent(
        actor=clerk,
        name="杜若谷",
        id_number=id_number(77),
        relation="spouse",
        authorisation=authorisation(),
        id_checked=True,
    )
    assert scan(clerk, "issue", way.certificate.number, agent_id=agent.pk).outcome == "good"
    assert way.certificate.issue_record.agent == agent


@pytest.mark.parametrize("gone", ["lost", "void"])
def test_n12_n18_a_lost_or_void_certificate_is_kept_back_wherever_it_is_scanned(
    city: City, gone: str
) -> None:
    (old,) = issued(city)
    way = Way(city, about(old)).upto("accepted" if gone == "lost" else "issued")
    clerk, officer, embosser = (
        city.who("health", role) for role in ("clerk", "officer", "embosser")
    )
    said = "请扣下实物"
    places: tuple[tuple[Account, str], ...] = (
        (officer, "official-seal"),
        (embosser, "embossed-seal"),
        (clerk, "issue"),
    )
    for account, slug in places:
        for text in (old.number, format_serial(old.blank_serial or 0)):
            answer = scan(account, slug, text)
            assert (answer.outcome, said in answer.title) == ("bad", True), answer
    # On a slip, and as an end of a pile.
    slip = transfers.make_slip(actor=clerk, embosser_id=city.office.pk)
    answer = transfer_scans.scan(clerk, slip, old.number)
    assert (answer.outcome, said in answer.title) == ("bad", True)
    with pytest.raises(Refusal) as refused:
        pile(officer, STATIONS["official-seal"], old.number, old.number)
    assert said in refused.value.message
    # Each person and place once a day, whatever the language read there.
    seen = VoidSighting.objects.filter(reissue=way.now, channel="station").order_by("pk")
    assert [(item.seen_by, item.note) for item in seen] == [
        (officer, "公章工位"),
        (embosser, "钢印工位"),
        (clerk, "发放工位"),
        (clerk, f"移交单 {slip.number}"),
    ]
    told = AuditEvent.objects.filter(tag="any:void_certificate:sighted")
    assert [event.data["old_number"] for event in told] == [old.number] * 4
    old.refresh_from_db()
    assert (old.state, slip.lines.count()) == ("issued", 0)


def test_n12_what_turns_up_at_another_unit_is_recorded_and_names_nobody(city: City) -> None:
    (old,) = issued(city)
    way = Way(city, about(old)).upto("accepted")
    stranger = city.who("enterprise", "clerk")
    answer = scan(stranger, "issue", old.number)
    assert (answer.outcome, answer.certificate) == ("bad", None)
    assert old.name not in str(answer.as_json())
    assert VoidSighting.objects.get(reissue=way.now).seen_by == stranger


def test_n8_a_scan_is_red_until_the_print_is_confirmed_where_that_is_the_rule(city: City) -> None:
    register = accepted_register(city, 2)
    deliver(city, 10)
    carry(city, register, "filled")
    (old,) = issued(city)
    way = Way(city, about(old)).upto("filled")
    officer, clerk = city.who("health", "officer"), city.who("health", "clerk")
    set_print_policy(
        actor=city.who("office", "officer"), valid_from=timezone.localdate(), required=True
    )
    for item in (one(register), way.certificate):
        answer = scan(officer, "official-seal", item.number)
        assert (answer.outcome, answer.clause) == ("bad", "N8")
        assert "还没有打印" in answer.title
        assert format_serial(item.blank_serial or 0) in answer.detail
    assert not register.certificates.exclude(state="filled").exists()
    state_filled_otherwise(actor=clerk, register_id=register.pk, reason="打字机")
    state_filled_otherwise(actor=clerk, reissue=way.reissue.pk, reason="打字机")
    for item in (one(register), way.certificate):
        assert scan(officer, "official-seal", item.number).outcome == "good"
