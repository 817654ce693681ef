"""Events that concern a second person, another unit or the auditor are told to them alone (N18)."""

from typing import Any

import pytest
from django.utils import timezone

from tests.historic.conftest import said
from tests.selfissued.test_reports import file, row
from tests.support.city import City, accepted_register, carry, deliver
from tests.support.filing import Filing
from tests.support.reissues import Way, about, issued, paper, picture
from zhicheng.audit.recording import recorded
from zhicheng.blanks.models import Destruction
from zhicheng.blanks.stocktaking import count_serials, finish_stocktake, start_stocktake
from zhicheng.certificates import transfers
from zhicheng.files.store import prepare
from zhicheng.historic import deciding, registering
from zhicheng.notifications import making
from zhicheng.notifications.models import Notification
from zhicheng.organizations.guard import CONSOLE
from zhicheng.organizations.permissions import Action
from zhicheng.reissues import actions, actions_old
from zhicheng.reissues.revoking import Decision, revoke
from zhicheng.selfissued import actions as self_issued
from zhicheng.values.serials import SerialRange


def told(city: City, *kinds: str) -> set[tuple[str, str, str]]:
    """Who was told which of these: organisation and user name, and the kind."""
    making.make()
    rows = Notification.objects.filter(kind__in=kinds).select_related("account__organization")
    return {(item.account.organization.name, item.account.role, item.kind) for item in rows}


def test_a_self_issued_report_is_told_to_the_office_and_its_end_to_the_unit(
    city: City, filing: Filing
) -> None:
    filing.self_review(city.enterprise)
    officer = city.who("office", "officer")
    first = file(filing, row(1)).report
    assert first is not None
    assert told(city, "self_issued") == {(city.office.name, "officer", "self_issued")}
    self_issued.return_report(actor=officer, report_id=first.pk, reason="李一缺公布文件")
    unit = city.who("enterprise", "clerk")
    assert (unit.organization.name, "clerk", "self_issued_returned") in told(
        city, "self_issued_returned"
    )
    item = Notification.objects.get(account=unit, kind="self_issued_returned")
    assert item.url == first.get_absolute_url() and "李一" not in item.text
    second = file(filing, row(2)).report
    assert second is not None
    self_issued.accept_report(actor=officer, report_id=second.pk)
    assert {name for name, _role, _kind in told(city, "self_issued_accepted")} == {
        unit.organization.name
    }


def test_a_historic_registration_goes_from_hand_to_hand(city: City) -> None:
    registration = registering.begin(said=said(city))
    holder = registering.Holder(registration.pk)
    for kind in ("certificate", "photo"):
        registering.add_evidence(
            actor=holder,
            registration_id=registration.pk,
            kind=kind,
            file=prepare(picture(), f"{kind}.jpg"),
        )
    registering.submit(actor=holder, registration_id=registration.pk)
    health = city.health.name
    assert told(city, "historic") == {
        (health, "clerk", "historic"),
        (health, "officer", "historic"),
    }
    deciding.check(actor=city.who("health", "clerk"), registration_id=registration.pk, note="一致")
    assert told(city, "historic_checked") == {(city.office.name, "officer", "historic_checked")}
    deciding.send_back(
        actor=city.who("office", "officer"), registration_id=registration.pk, reason="照片不清"
    )
    assert (health, "clerk", "historic_returned") in told(city, "historic_returned")


def test_a_revoked_certificate_is_told_to_its_unit_and_to_the_holders(city: City) -> None:
    (certificate,) = issued(city)
    decision = Decision(
        ground="qualification",
        reason="业绩材料系伪造",
        document_number="渝职改办〔2026〕31号",
        decided_on=timezone.localdate(),
        file=paper("撤销决定.pdf"),
    )
    officer = city.who("office", "officer")
    revoke(actor=officer, certificate_id=certificate.pk, decision=decision)
    assert certificate.register is not None
    found = told(city, "revoked", "revoked_holder")
    assert {(name, kind) for name, _role, kind in found} == {
        (certificate.issuing_unit.name, "revoked"),
        (certificate.register.reporting_unit.name, "revoked_holder"),
    }


def test_of_a_count_its_end_is_told_and_none_of_its_entries(city: City) -> None:
    deliver(city, 10)
    clerk = city.who("office", "clerk")
    stocktake = start_stocktake(actor=clerk)
    for serial in (12001, 12002, 12003):
        count_serials(actor=clerk, stocktake_id=stocktake.pk, serials=[SerialRange(serial, serial)])
    assert not told(city, "counted")
    finish_stocktake(actor=clerk, stocktake_id=stocktake.pk)
    assert told(city, "counted") == {(city.office.name, "officer", "counted")}
    assert set(Notification.objects.filter(kind="counted").values_list("what", "url")) == {
        (stocktake.number, f"/blanks/stocktakes/{stocktake.pk}/")
    }


def test_the_second_officer_hears_of_what_shall_be_destroyed_and_the_first_does_not(
    city: City,
) -> None:
    first, second = city.who("office", "officer"), city.who("office", "officer2")
    with recorded(first, Action.DESTRUCTION_PROPOSE) as record:
        proposal = Destruction.objects.create(
            grade="intermediate", serials=["12001-12003"], count=3, proposed_by=first
        )
        record(subject=proposal, data={"grade": "intermediate"})
    making.make()
    item = Notification.objects.get(kind="to_destroy")
    assert item.account == second and item.url == "/blanks/destructions/"
    assert item.text == "3 本废旧证书提请销毁，等您监督销毁"


@pytest.mark.parametrize(
    ("data", "heard"), [({"new": 0, "back": 0}, 0), ({"new": 2, "back": 0}, 1), ({"back": 1}, 1)]
)
def test_auditors_alone_hear_of_new_anomalies(city: City, data: dict[str, Any], heard: int) -> None:
    with recorded(CONSOLE, Action.ANOMALY_LOOK) as record:
        record(data=data)
    making.make()
    found = Notification.objects.filter(kind="anomalies")
    assert found.count() == heard
    assert {(item.account.role, item.url) for item in found} <= {("auditor", "/anomalies/")}


def test_guessing_is_told_to_officers_and_auditors(city: City) -> None:
    with recorded(CONSOLE, Action.ENUMERATION_RAISE) as record:
        record(data={"count": 1})
    making.make()
    found = Notification.objects.filter(kind__startswith="enumeration")
    assert {item.account.role for item in found} == {"officer", "auditor"}
    assert {item.account.organization for item in found} == {city.office}
    assert {item.url for item in found} == {"/query-alarms/"}


def test_a_void_certificate_in_somebodys_hands_is_told_and_a_public_question_is_not(
    city: City,
) -> None:
    way = Way(city, about(issued(city)[0], "renewal")).upto("issued")
    number = way.now.old_number
    assert actions_old.seen_in_public(numbers=[number], channel="query") == 1
    assert not told(city, "void_sighted", "void_sighted_auditor")
    actions_old.sighted(actor=city.who("health", "clerk"), number=number, channel="handed_in")
    assert {kind for _name, _role, kind in told(city, "void_sighted", "void_sighted_auditor")} == {
        "void_sighted",
        "void_sighted_auditor",
    }


def test_an_application_that_was_given_up_is_told_unless_it_was_a_draft(city: City) -> None:
    first, second = (Way(city, about(item)) for item in issued(city, 2))
    second.submit()
    for way in (first, second):
        actions.withdraw(actor=way.holder, reissue_id=way.reissue.pk, reason="不办了")
    making.make()
    assert set(
        Notification.objects.filter(kind="reissue_withdrawn").values_list("what", flat=True)
    ) == {second.reissue.receipt_number}


def test_a_slip_is_told_when_it_is_signed_for_and_not_with_each_scan(city: City) -> None:
    register = accepted_register(city, 2, grades=("senior",))
    deliver(city, 10, grade="senior")
    carry(city, register, "sealed")
    clerk, embosser = city.who("health", "clerk"), city.who("office", "embosser")
    slip = transfers.make_slip(actor=clerk, embosser_id=city.office.pk, register_id=register.pk)
    transfers.send(actor=clerk, slip_id=slip.pk, carried_by="送件王")
    lines = list(slip.lines.values_list("certificate", flat=True))
    for certificate in lines:
        transfers.count_there(actor=embosser, slip_id=slip.pk, certificate_id=certificate)
    assert not told(city, "arrived")
    transfers.receive(actor=embosser, slip_id=slip.pk)
    assert told(city, "arrived") == {(city.health.name, "clerk", "arrived")}


def test_a_slip_that_is_taken_back_is_told_to_whoever_waits_for_it(city: City) -> None:
    register = accepted_register(city, 1, grades=("senior",))
    deliver(city, 10, grade="senior")
    carry(city, register, "sealed")
    clerk = city.who("health", "clerk")
    slip = transfers.make_slip(actor=clerk, embosser_id=city.office.pk, register_id=register.pk)
    transfers.cancel(actor=clerk, slip_id=slip.pk)
    assert (city.office.name, "embosser", "cancelled") in told(city, "cancelled")
