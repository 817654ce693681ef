"""N6, N7, N8 and N18: the certificate's data and path, the public answer, the discipline."""

from datetime import date

import pytest
from django.db import connection, transaction

from tests.support.city import City, accepted_register, carry, deliver, id_number
from tests.support.stations import authorisation
from zhicheng.approvals.models import ApprovedPerson
from zhicheng.audit.models import AuditEvent
from zhicheng.audit.verify import verify
from zhicheng.certificates import actions as path
from zhicheng.certificates.issuing import name_agent
from zhicheng.certificates.models import Certificate
from zhicheng.organizations.actions import change_account
from zhicheng.protection import reveal
from zhicheng.reference.models import Grade
from zhicheng.registers.models import RegisterRow
from zhicheng.values.refusal import NotPermitted, Refusal
from zhicheng.verification.actions import LegacyLine, import_legacy
from zhicheng.verification.conflicts import open_conflicts
from zhicheng.verification.queries import find_by_number, find_by_person
from zhicheng.verification.rules import Source


def test_n6_a_certificate_takes_its_data_from_the_accepted_row(city: City) -> None:
    register = accepted_register(city, 3, grades=list(LEVELS_IN_TURN))
    for grade in LEVELS_IN_TURN:
        deliver(city, 10, grade=grade)
    carry(city, register, "filled")
    compared = (
        "name",
        "sex",
        "id_number_index",
        "work_unit",
        "specialty",
        "qualification",
        "grade",
        "approval_date",
        "document_number",
    )
    rows = {row.pk: row for row in RegisterRow.objects.all()}
    for certificate in Certificate.objects.all():
        row = rows[certificate.row_id]
        assert certificate.number == row.certificate_number  # 预编号 = the number issued
        for field in compared:
            assert getattr(certificate, field) == getattr(row, field), field


LEVELS_IN_TURN = (Grade.SENIOR, Grade.INTERMEDIATE, Grade.JUNIOR)


def test_n6_filling_in_is_refused_when_the_approval_changed_since(city: City) -> None:
    register = accepted_register(city, 3)
    deliver(city, 10)
    carry(city, register, "received")
    person = ApprovedPerson.objects.order_by("pk")[1]
    person.approval_date = date(2026, 3, 19)
    person.save()
    with pytest.raises(Refusal) as refused:
        carry_on(city, register.pk)
    assert (refused.value.clause, refused.value.rule) == ("N6", "certificate.approval_changed")
    assert "第 2 行" in refused.value.found
    assert not Certificate.objects.exists()


def carry_on(city: City, register_id: int) -> None:
    path.fill_in(actor=city.who("health", "clerk"), register_id=register_id)


def test_n7_the_register_answers_before_legacy_data_and_the_conflict_is_listed(city: City) -> None:
    register = accepted_register(city, 2)
    deliver(city, 10)
    carry(city, register, "issued")
    certificate = Certificate.objects.order_by("pk")[0]
    number = reveal(bytes(certificate.id_number_cipher))
    line = LegacyLine(
        certificate_number=certificate.number,
        name=certificate.name,
        id_number=number,
        specialty="外科",
        qualification=certificate.qualification,
        approval_date=certificate.approval_date,
        document_number=certificate.document_number,
    )
    other = LegacyLine("OLD-1", "李旧", id_number(77), "水利", "工程师", date(2009, 5, 1), "旧1号")
    import_legacy(actor=city.who("office", "officer"), lines=[line, other], origin="2009 年台账")

    (answer,) = find_by_person(certificate.name, number)
    assert (answer.source, answer.specialty) == (Source.REGISTER, "内科")
    (legacy,) = find_by_number("OLD-1", "李旧")
    assert legacy.source == Source.LEGACY

    (conflict,) = open_conflicts()
    assert conflict.number == certificate.number
    assert conflict.fields == ["specialty"]
    assert Certificate.objects.get(pk=certificate.pk).specialty == "内科"  # nothing was resolved


def test_n7_only_issued_certificates_are_answered_and_only_to_who_knows_both(city: City) -> None:
    register = accepted_register(city, 2)
    deliver(city, 10)
    carry(city, register, "embossed")
    first = Certificate.objects.order_by("pk")[0]
    assert find_by_number(first.number, first.name) == []
    carry_issue(city, register.pk)
    assert [record.number for record in find_by_number(first.number, first.name)] == [first.number]
    assert find_by_number(first.number, "别人") == []
    assert find_by_number(first.number[:-1], first.name) == []


def carry_issue(city: City, register_id: int) -> None:
    path.issue(actor=city.who("health", "clerk"), register_id=register_id)


def test_n8_no_certificate_is_issued_before_both_seals(city: City) -> None:
    register = accepted_register(city, 4)
    deliver(city, 10)
    for step in ("filled", "sealed"):
        carry_to = accepted_register(city, 2)
        carry(city, carry_to, step)
        ids = list(carry_to.certificates.values_list("pk", flat=True))
        with pytest.raises(Refusal) as refused:
            path.issue(
                actor=city.who("health", "clerk"), register_id=carry_to.pk, certificate_ids=ids
            )
        assert (refused.value.clause, refused.value.rule) == ("N8", "certificate.seals_missing")
        assert "钢印" in refused.value.found
    assert not Certificate.objects.filter(state="issued").exists()
    assert register.certificates.count() == 0


def test_n8_senior_is_embossed_by_the_municipal_office_alone(city: City) -> None:
    register = accepted_register(city, 4, grades=[Grade.SENIOR, Grade.INTERMEDIATE])
    deliver(city, 10, grade=Grade.SENIOR)
    deliver(city, 10)
    carry(city, register, "sealed")
    senior = list(register.certificates.filter(grade="senior").values_list("pk", flat=True))
    others = list(register.certificates.exclude(grade="senior").values_list("pk", flat=True))
    for who, ids in ((("health", "embosser"), senior), (("office", "embosser"), others)):
        with pytest.raises(NotPermitted) as refused:
            path.emboss(actor=city.who(*who), register_id=register.pk, certificate_ids=ids)
        assert refused.value.clause == "N8"
    with pytest.raises(NotPermitted):
        path.emboss(actor=city.who("health", "officer"), register_id=register.pk)
    path.emboss(actor=city.who("health", "embosser"), register_id=register.pk)
    assert set(register.certificates.filter(state="embossed").values_list("pk", flat=True)) == set(
        others
    )
    path.emboss(actor=city.who("office", "embosser"), register_id=register.pk)
    assert register.certificates.filter(state="embossed").count() == 4


def test_n8_a_batch_is_done_whole_or_not_at_all(city: City) -> None:
    register = accepted_register(city, 4)
    deliver(city, 10)
    carry(city, register, "filled")
    ids = list(register.certificates.order_by("pk").values_list("pk", flat=True))
    officer = city.who("health", "officer")
    path.seal(actor=officer, register_id=register.pk, certificate_ids=ids[:2])
    with pytest.raises(Refusal) as refused:
        path.seal(actor=officer, register_id=register.pk, certificate_ids=ids)
    assert refused.value.rule == "certificate.wrong_state"
    assert register.certificates.filter(state="sealed").count() == 2
    other = accepted_register(city, 2)
    with pytest.raises(Refusal) as refused:
        path.seal(actor=officer, register_id=other.pk, certificate_ids=ids[2:])
    assert refused.value.rule == "certificate.not_of_this_register"


def test_n8_who_takes_a_certificate_is_recorded(city: City) -> None:
    register = accepted_register(city, 3)
    deliver(city, 10)
    carry(city, register, "embossed")
    clerk = city.who("health", "clerk")
    ids = list(register.certificates.order_by("pk").values_list("pk", flat=True))
    path.issue(actor=clerk, register_id=register.pk, certificate_ids=ids[:1])
    agent = name_agent(
        actor=clerk,
        name="赵代领",
        id_number=id_number(77),
        relation="colleague",
        authorisation=authorisation(),
        id_checked=True,
    )
    path.issue(actor=clerk, register_id=register.pk, certificate_ids=ids[1:], agent_id=agent.pk)
    first, *rest = register.certificates.order_by("pk")
    assert (first.recipient, first.recipient_relation) == (first.name, "holder")
    assert {(item.recipient, item.recipient_relation) for item in rest} == {("赵代领", "agent")}


def test_n18_every_step_says_who_when_and_which_rows(city: City) -> None:
    register = accepted_register(city, 5)
    deliver(city, 10)
    carry(city, register, "issued")
    tags = list(AuditEvent.objects.order_by("sequence").values_list("tag", flat=True))
    assert tags == [
        "office:print_run:record",
        "office:allotment:allot",
        "office:allotment:hand_over",
        "unit:allotment:receive",
        "unit:certificate:fill",
        "unit:certificate:seal",
        "embosser:certificate:emboss",
        "unit:certificate:issue",
        "unit:issue_record:write",
    ]
    ids = set(register.certificates.values_list("pk", flat=True))
    for event in AuditEvent.objects.filter(tag__contains=":certificate:"):
        assert set(event.row_ids) == ids
        assert len(bytes(event.row_digests)) == 32 * 5
        assert event.actor_name
    report = verify()
    assert (report.passed, report.events, report.rows) == (True, 9, 10)


def test_n18_filling_sealing_and_embossing_are_done_by_different_people(city: City) -> None:
    register = accepted_register(city, 2)
    deliver(city, 10)
    carry(city, register, "filled")
    clerk = city.who("health", "clerk")
    admin = city.who("office", "administrator")
    change_account(actor=admin, account_id=clerk.pk, role="officer")
    clerk.refresh_from_db()
    with pytest.raises(Refusal) as refused:
        path.seal(actor=clerk, register_id=register.pk)
    assert (refused.value.rule, refused.value.clause) == ("certificate.same_person", "N18")


def test_n18_a_refused_action_leaves_neither_change_nor_event(city: City) -> None:
    register = accepted_register(city, 2)
    before = AuditEvent.objects.count()
    with pytest.raises(Refusal):
        carry(city, register, "allotted")  # the store is empty
    assert AuditEvent.objects.count() == before
    deliver(city, 10)
    assert AuditEvent.objects.count() == before + 1
    assert verify().passed


def test_n18_tampering_is_found_even_by_who_may_switch_triggers_off(city: City) -> None:
    register = accepted_register(city, 3)
    deliver(city, 10)
    carry(city, register, "issued")
    sabotage = {
        "event.changed": "UPDATE audit_auditevent SET actor_name = 'x' WHERE sequence = 3",
        "event.missing": "DELETE FROM audit_auditevent WHERE sequence = 4",
        "chain.cut": "DELETE FROM audit_auditevent WHERE sequence = 9",
        "event.unlinked": (
            "UPDATE audit_auditevent a SET tag = b.tag, data = b.data, digest = b.digest,"
            " previous = b.previous FROM audit_auditevent b WHERE a.sequence + b.sequence = 7"
            " AND a.sequence IN (3, 4)"
        ),
        "row.changed": "UPDATE certificates_certificate SET name = '冒名' WHERE position = 2",
        "row.removed": "DELETE FROM certificates_certificate WHERE position = 2",
        "row.inserted": ("UPDATE certificates_certificate SET id = id + 1000 WHERE position = 2"),
    }
    for kind, statement in sabotage.items():
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute("SET LOCAL session_replication_role = replica")
                cursor.execute(statement)
            assert kind in {fault["kind"] for fault in verify().faults}, kind
            transaction.set_rollback(True)
    assert verify().passed
