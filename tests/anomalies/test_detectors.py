"""Each detector finds what it is for, with its evidence, and nothing in a city that is in order."""

from datetime import timedelta

from django.db import connection
from django.utils import timezone

from tests.anomalies.conftest import put
from tests.support.city import City, accepted_register, announce, carry, deliver, id_number
from tests.support.stations import authorisation
from zhicheng.anomalies.actions import look
from zhicheng.anomalies.detectors import accounts, certificates, papers
from zhicheng.anomalies.models import Anomaly, AnomalyKind
from zhicheng.anomalies.rules import Thresholds
from zhicheng.audit.recording import recorded
from zhicheng.blanks.models import SpoilReason
from zhicheng.certificates.actions import issue
from zhicheng.certificates.issuing import name_agent
from zhicheng.certificates.models import AgentRelation, Certificate
from zhicheng.certificates.spoilage import spoil
from zhicheng.certificates.unmasking import show_id_number
from zhicheng.organizations.guard import CONSOLE
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.organizations.sessions import FAILED, LOGIN, Stranger
from zhicheng.registers.models import Register
from zhicheng.values.id_number import mask

T = Thresholds()


def _issued(city: City, people: int) -> Register:
    register = accepted_register(city, people)
    deliver(city, people + 20)
    carry(city, register, "issued")
    return register


def test_a_city_in_order_has_no_anomalies(city: City) -> None:
    _issued(city, 12)
    assert look(actor=CONSOLE) == 0
    assert not Anomaly.objects.exists()


def test_one_person_with_many_certificates(city: City) -> None:
    register = _issued(city, 6)
    first = register.certificates.order_by("position")[0]
    put(
        "UPDATE certificates_certificate SET id_number_index = %s, specialty = 'A' || position"
        " WHERE register_id = %s AND position <= 4",
        bytes(first.id_number_index),
        register.pk,
    )
    (found,) = certificates.persons_with_many(T, timezone.now())
    assert found.weight == 4 and first.id_number_masked in found.summary % found.words
    assert {item[1] for item in found.evidence.objects} == set(
        register.certificates.filter(position__lte=4).values_list("pk", flat=True)
    )
    # One that became void counts no more.
    put(
        "UPDATE certificates_certificate SET voided_at = now(), void_reason = 'revoked'"
        " WHERE id = %s",
        first.pk,
    )
    assert certificates.persons_with_many(T, timezone.now()) == []


def test_a_number_used_long_after_a_greater_one(city: City) -> None:
    early, late = _issued(city, 3), _issued(city, 3)
    put(
        "UPDATE certificates_certificate SET number = '渝2026' || (9000 + position),"
        " filled_at = filled_at - interval '60 days' WHERE register_id = %s",
        early.pk,
    )
    put(
        "UPDATE certificates_certificate SET number = '渝2026' ||"
        " CASE position WHEN 1 THEN 8000 ELSE 9100 + position END WHERE register_id = %s",
        late.pk,
    )
    (found,) = certificates.numbers_out_of_line(T, timezone.now())
    assert found.key == f"late-{late.pk}" and found.weight == 1
    assert ("certificate", late.certificates.get(position=1).pk, "渝20268000") in (
        found.evidence.objects
    )
    # Within the days of grace it is no matter: registers are filled in side by side.
    assert certificates.numbers_out_of_line(Thresholds(number_days=90), timezone.now()) == []


def test_a_number_of_another_kind_than_the_rest_of_its_register(city: City) -> None:
    register = _issued(city, 12)
    put(
        "UPDATE certificates_certificate SET number = 'X7' || position"
        " WHERE register_id = %s AND position = 5",
        register.pk,
    )
    (found,) = certificates.numbers_out_of_line(T, timezone.now())
    assert found.key == f"stem-{register.pk}-X"
    assert [item[2] for item in found.evidence.objects[1:]] == ["X75"]
    # Numbers that run over a full hundred thousand have two stems by nature; last year's don't.
    run_on = (
        "UPDATE certificates_certificate SET number = %s ||"
        " lpad((%s + position)::text, 6, '0') WHERE position {}"
    )
    put(run_on.format("> 0"), "渝2026", 99_998)
    assert certificates.numbers_out_of_line(T, timezone.now()) == []
    put(run_on.format("= 1"), "渝2025", 99_998)
    (found,) = certificates.numbers_out_of_line(T, timezone.now())
    assert found.key == f"stem-{register.pk}-渝20250"


def test_one_agent_who_takes_many_peoples_certificates(city: City) -> None:
    register = accepted_register(city, 12)
    deliver(city, 20)
    carry(city, register, "embossed")
    clerk = city.who("health", "clerk")
    for place in range(5):
        agent = name_agent(
            actor=clerk,
            name="常代领",
            id_number=id_number(7),
            relation=AgentRelation.COLLEAGUE,
            authorisation=authorisation(),
            id_checked=True,
        )
        issue(
            actor=clerk,
            register_id=register.pk,
            certificate_ids=[register.certificates.order_by("position")[place].pk],
            agent_id=agent.pk,
            id_checked=True,
        )
        if place == 3:
            assert papers.same_recipients(T, timezone.now()) == []
    (found,) = papers.same_recipients(T, timezone.now())
    assert found.weight == 5 and mask(id_number(7)) in found.summary % found.words
    assert found.organization_id == city.health.pk


def test_a_scan_exchanged_and_people_added_after_acceptance(city: City) -> None:
    register = accepted_register(city, 3)
    document = register.rows.first().approved_person.document
    chief = city.who("office", "officer")
    with recorded(chief, Action.APPROVAL_IMPORT) as record:
        record(subject=document, data={"number": document.number, "people": 3})
    with recorded(chief, Action.APPROVAL_ATTACH_SCAN) as record:
        record(subject=document, data={"number": document.number})
    assert papers.changed_approvals(T, timezone.now()) == []
    with recorded(chief, Action.APPROVAL_IMPORT) as record:
        record(subject=document, data={"number": document.number, "people": 2})
    with recorded(chief, Action.APPROVAL_ATTACH_SCAN) as record:
        record(subject=document, data={"number": document.number})
    (found,) = papers.changed_approvals(T, timezone.now())
    figures = dict(found.evidence.figures)
    assert found.weight == 2 and figures["受理后增列人数"] == "2"
    assert figures["受理后更换扫描件次数"] == "1"
    untouched = announce(city, 2)[0].document
    for _time in range(2):
        with recorded(chief, Action.APPROVAL_IMPORT) as record:
            record(subject=untouched, data={"number": untouched.number, "people": 1})
    assert len(papers.changed_approvals(T, timezone.now())) == 1


def test_a_unit_that_spoils_far_more_than_the_others(city: City) -> None:
    careful = accepted_register(city, 60, unit=city.enterprise)
    careless = accepted_register(city, 12)
    deliver(city, 90)
    for register in (careful, careless):
        carry(city, register, "filled")
    clerk = city.who("health", "clerk")
    # One by one: the first spare goes to the first; afterwards they wait for an exchange.
    for certificate in list(careless.certificates.order_by("position"))[:6]:
        spoil(
            actor=clerk,
            register_id=careless.pk,
            serials=[certificate.blank_serial],
            reason=SpoilReason.MISPRINT,
        )
    (found,) = papers.spoilage(T, timezone.now())
    assert found.organization_id == city.health.pk
    assert dict(found.evidence.figures)["废旧证书本数"] == "6"


def test_an_account_that_looks_at_far_more_id_numbers_than_its_like(city: City) -> None:
    register = _issued(city, 4)
    clerk, other = city.who("health", "clerk"), city.who("industry", "clerk")
    certificate = register.certificates.first()
    for _time in range(31):
        show_id_number(actor=clerk, certificate=certificate, purpose="issue")
    with recorded(other, Action.PERSON_UNMASK) as record:
        record(subject=certificate)
    (found,) = accounts.unmasking(T, timezone.now())
    assert found.account_id == clerk.pk and found.weight == 31
    assert dict(found.evidence.figures)["涉及对象"] == "1"


def _logins(account: Account, hours: list[str]) -> None:
    for hour in hours:
        with recorded(account, LOGIN) as record:
            record(subject=account)
        with connection.cursor() as cursor:
            cursor.execute("SELECT max(sequence) FROM audit_auditevent")
            (sequence,) = cursor.fetchone()
        put(
            "UPDATE audit_auditevent SET occurred_at = ((now() AT TIME ZONE 'Asia/Shanghai')::date"
            " - 1 + %s::time) AT TIME ZONE 'Asia/Shanghai' WHERE sequence = %s",
            hour,
            sequence,
        )


def test_an_account_that_comes_by_night(city: City) -> None:
    clerk, other = city.who("health", "clerk"), city.who("industry", "clerk")
    _logins(clerk, ["02:10", "23:30", "05:59", "09:00"])
    _logins(other, ["02:10", "06:00", "21:59", "14:00"])
    (found,) = accounts.night_logins(T, timezone.now())
    assert found.account_id == clerk.pk and found.weight == 3


def test_passwords_tried_at_one_name(city: City) -> None:
    for _time in range(10):
        with recorded(Stranger("health.clerk"), FAILED) as record:
            record()
    with recorded(Stranger("nobody"), FAILED) as record:
        record()
    _logged_in_then = city.who("health", "clerk")
    with recorded(_logged_in_then, LOGIN) as record:
        record(subject=_logged_in_then)
    (found,) = accounts.failed_logins(T, timezone.now())
    figures = dict(found.evidence.figures)
    assert found.account_id == _logged_in_then.pk
    assert figures["失败次数"] == "10" and figures["其后一小时内登录成功"] == "是"


def test_no_name_and_no_id_number_stands_in_what_is_kept(city: City) -> None:
    register = _issued(city, 6)
    first = register.certificates.order_by("position")[0]
    put(
        "UPDATE certificates_certificate SET id_number_index = %s, specialty = 'A' || position"
        " WHERE register_id = %s",
        bytes(first.id_number_index),
        register.pk,
    )
    look(actor=CONSOLE)
    (anomaly,) = Anomaly.objects.filter(kind=AnomalyKind.PERSON_MANY)
    kept = f"{anomaly.summary} {anomaly.evidence} {anomaly.key}"
    assert not any(c.name in kept for c in Certificate.objects.all())
    assert "19850214" not in kept


def test_what_lies_back_is_not_listed(city: City) -> None:
    register = _issued(city, 6)
    put(
        "UPDATE certificates_certificate SET id_number_index = %s, specialty = 'A' || position,"
        " official_seal_at = filled_at - %s, embossed_at = filled_at - %s,"
        " issued_at = filled_at - %s WHERE register_id = %s",
        bytes(register.certificates.first().id_number_index),
        *[timedelta(days=T.days + 1)] * 3,
        register.pk,
    )
    assert certificates.persons_with_many(T, timezone.now()) == []
