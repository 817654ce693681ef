"""Each detector finds what it is for, with its evidence, and nothing in a city that is in order."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from tests.anomalies.conftest import put
from tests.support.city import City, accepted_register, announce, carry, deliver, id_number
from tests.support.stations import authorisation
from zhicheng.anomalies.actions import look
from zhicheng.anomalies.detectors import certificates, numbers, papers
from zhicheng.anomalies.detectors.numbered import as_parameters, rules_in_force
from zhicheng.anomalies.models import Anomaly, AnomalyKind
from zhicheng.anomalies.rules import KEPT, Thresholds
from zhicheng.audit.recording import recorded
from zhicheng.certificates.actions import issue
from zhicheng.certificates.issuing import name_agent
from zhicheng.certificates.models import AgentRelation, Certificate
from zhicheng.organizations.guard import CONSOLE
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.registers.models import Register
from zhicheng.values.id_number import mask

T = Thresholds()


def _issued(city: City, people: int) -> Register:
    register = accepted_register(city, people)
    deliver(city, people + 20)
    carry(city, register, "issued")
    return register


def _take(clerk: Account, register: Register, ids: list[int], relation: AgentRelation) -> None:
    """The same agent takes these certificates."""
    agent = name_agent(
        actor=clerk,
        name="常代领",
        id_number=id_number(7),
        relation=relation,
        authorisation=authorisation(),
        id_checked=True,
    )
    issue(
        actor=clerk,
        register_id=register.pk,
        certificate_ids=ids,
        agent_id=agent.pk,
        id_checked=True,
    )


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
    neighbour = register.certificates.get(position=5)
    put(
        "UPDATE certificates_certificate SET id_number_index = %s, specialty = 'B' || position"
        " WHERE register_id = %s AND position = 6",
        bytes(neighbour.id_number_index),
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


def test_what_is_not_issued_yet_is_no_certificate_in_force(city: City) -> None:
    register, waiting = _issued(city, 4), accepted_register(city, 2)
    carry(city, waiting, "embossed")
    first = register.certificates.order_by("position")[0]
    same = "UPDATE certificates_certificate SET id_number_index = %s, specialty = id::text WHERE "
    put(same + "position <= 3 AND register_id = %s", bytes(first.id_number_index), register.pk)
    put(same + "register_id = %s", bytes(first.id_number_index), waiting.pk)
    assert certificates.persons_with_many(T, timezone.now()) == []
    put(same + "register_id = %s", bytes(first.id_number_index), register.pk)
    (found,) = certificates.persons_with_many(T, timezone.now())
    figures = dict(found.evidence.figures)
    assert figures["有效证书本数"] == "4" and figures["另有尚未发放"] == "2"
    assert len(found.evidence.objects) == 6


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
    (found,) = numbers.numbers_out_of_line(T, timezone.now())
    assert found.key == f"late-{late.pk}" and found.weight == 1
    assert ("certificate", late.certificates.get(position=1).pk, "渝20268000") in (
        found.evidence.objects
    )
    # Within the days of grace it is no matter: registers are filled in side by side.
    assert numbers.numbers_out_of_line(Thresholds(number_days=90), timezone.now()) == []


def test_one_number_far_above_is_told_itself_and_not_every_later_register(city: City) -> None:
    """Typed wrong on a certificate that became void: nobody may change it any more."""
    registers = [_issued(city, 3) for _ in range(4)]
    for place, register in enumerate(registers):
        put(
            "UPDATE certificates_certificate SET number = '渝2026' || (%s + position),"
            " filled_at = filled_at - %s WHERE register_id = %s",
            1000 + 10 * place,
            timedelta(days=200 - 50 * place),
            register.pk,
        )
    assert numbers.numbers_out_of_line(T, timezone.now()) == []
    odd = registers[1].certificates.get(position=2)
    put(
        "UPDATE certificates_certificate SET number = '渝20267012', voided_at = now(),"
        " void_reason = 'revoked' WHERE id = %s",
        odd.pk,
    )
    (found,) = numbers.numbers_out_of_line(T, timezone.now())
    assert found.key == f"leap-{odd.pk}" and found.organization_id == odd.issuing_unit_id
    assert ("certificate", odd.pk, "渝20267012") in found.evidence.objects
    later = Certificate.objects.get(register=registers[2], position=1)
    assert found.enough_since == later.filled_at
    # One that was kept back is still found beneath it, and is no reason to tell of the others.
    put("UPDATE certificates_certificate SET number = '渝20261009' WHERE register_id = %s"
        " AND position = 1", registers[3].pk)  # fmt: skip
    keys = {item.key: item.weight for item in numbers.numbers_out_of_line(T, timezone.now())}
    assert keys == {f"leap-{odd.pk}": 1, f"late-{registers[3].pk}": 1}
    # Nothing used after it: it may be the first of a new range.
    put("UPDATE certificates_certificate SET filled_at = now() - interval '20 days'"
        " WHERE id = %s", odd.pk)  # fmt: skip
    keys = {item.key: item.weight for item in numbers.numbers_out_of_line(T, timezone.now())}
    assert keys == {f"late-{registers[3].pk}": 1}


def test_of_a_register_the_search_for_late_numbers_reads_the_greatest_alone(city: City) -> None:
    """There may be millions: they come lot by lot, and of each lot a few numbers."""
    for _ in range(3):
        _issued(city, 30)
    since, grace = timezone.now() - timedelta(days=9), timedelta(days=30)
    read = list(numbers._lots(since, grace, as_parameters(rules_in_force(timezone.now()))))
    # A register is one lot, met once as it comes and once as it counts.
    assert [len(lot[-1] or ()) for lot in read] == [0] * 3 + [KEPT] * 3


def test_a_number_of_another_kind_than_the_rest_of_its_register(city: City) -> None:
    register = _issued(city, 12)
    put(
        "UPDATE certificates_certificate SET number = 'X7' || position"
        " WHERE register_id = %s AND position = 5",
        register.pk,
    )
    (found,) = numbers.numbers_out_of_line(T, timezone.now())
    assert found.key == f"stem-{register.pk}-X"
    assert [item[2] for item in found.evidence.objects[1:]] == ["X75"]
    # Numbers that run over a full hundred thousand have two stems by nature; last year's don't.
    run_on = (
        "UPDATE certificates_certificate SET number = %s ||"
        " lpad((%s + position)::text, 6, '0') WHERE position {}"
    )
    put(run_on.format("> 0"), "渝2026", 99_998)
    assert numbers.numbers_out_of_line(T, timezone.now()) == []
    put(run_on.format("= 1"), "渝2025", 99_998)
    (found,) = numbers.numbers_out_of_line(T, timezone.now())
    assert found.key == f"stem-{register.pk}-渝20250"


def test_one_agent_who_takes_many_peoples_certificates(city: City) -> None:
    register = accepted_register(city, 12)
    deliver(city, 20)
    carry(city, register, "embossed")
    clerk = city.who("health", "clerk")
    for place in range(5):
        _take(
            clerk,
            register,
            [register.certificates.order_by("position")[place].pk],
            AgentRelation.COLLEAGUE,
        )
        if place == 3:
            assert papers.same_recipients(T, timezone.now()) == []
    (found,) = papers.same_recipients(T, timezone.now())
    assert found.weight == 5 and mask(id_number(7)) in found.summary % found.words
    assert found.organization_id == city.health.pk


def test_a_clerk_of_two_units_is_enough_from_the_second_unit_on(city: City) -> None:
    """One more register of one of them is nothing new: what was set aside stays so."""
    deliver(city, 40)
    taken = []
    for unit, department in ((None, None), (city.enterprise, city.industry), (None, None)):
        more = {} if unit is None else {"unit": unit, "department": department}
        register = accepted_register(city, 6, **more)
        carry(city, register, "embossed")
        clerk = city.who("enterprise" if unit else "health", "clerk")
        _take(
            clerk,
            register,
            list(register.certificates.values_list("pk", flat=True)),
            AgentRelation.UNIT_CLERK,
        )
        taken.append(timezone.now())
        if len(taken) == 1:
            assert papers.same_recipients(T, timezone.now()) == []
    (found,) = papers.same_recipients(T, timezone.now())
    assert found.enough_since is not None
    assert taken[0] < found.enough_since <= taken[1]


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


def test_the_days_of_evidence_are_days_here_and_not_in_greenwich(city: City) -> None:
    morning = datetime(2026, 1, 1, 7, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
    later = morning + timedelta(days=20)
    clerk, register = city.who("health", "clerk"), accepted_register(city, 6)
    deliver(city, 40)
    carry(city, register, "embossed")
    _take(
        clerk,
        register,
        list(register.certificates.values_list("pk", flat=True)),
        AgentRelation.COLLEAGUE,
    )
    document = register.rows.first().approved_person.document
    for _time in range(2):
        with recorded(city.who("office", "officer"), Action.APPROVAL_ATTACH_SCAN) as record:
            record(subject=document, data={"number": document.number})
    put("UPDATE certificates_issuerecord SET issued_at = %s", morning)
    put("UPDATE audit_auditevent SET occurred_at = %s", morning)
    put("UPDATE registers_register SET accepted_at = %s", morning - timedelta(minutes=1))
    put(
        "UPDATE certificates_certificate SET official_seal_at = %s, embossed_at = %s,"
        " issued_at = %s, filled_at = %s - CASE position WHEN 1 THEN 0 ELSE 40 END"
        " * interval '1 day', number = '渝2026' || CASE position WHEN 1 THEN 8000 ELSE 9000 END"
        " + position",
        *[morning] * 4,
    )
    (agents,) = papers.same_recipients(T, later)
    assert dict(agents.evidence.figures)["最近领取"] == "2026-01-01"
    (changed,) = papers.changed_approvals(T, later)
    told = dict(changed.evidence.figures)
    assert {told["首次受理日期"], told["最早改动"], told["最近改动"]} == {"2026-01-01"}
    (number,) = numbers.numbers_out_of_line(T, later)
    assert dict(number.evidence.figures)["填制日期"] == "2026-01-01"


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
