"""The clauses of the notice that the register's way keeps; each fails without its rule."""

import pytest
from django.db import IntegrityError, transaction

from tests.support.filing import Filing
from zhicheng.approvals.models import ApprovedPerson
from zhicheng.registers import actions
from zhicheng.registers.models import Register, RegisterState
from zhicheng.values.refusal import NotPermitted, Refusal


def codes(register: Register, severity: str = "error") -> list[tuple[str, str, str]]:
    return list(
        register.findings.filter(severity=severity)
        .order_by("row__position", "id")
        .values_list("column", "code", "clause")
    )


def refused_at_acceptance(filing: Filing, register: Register) -> Refusal:
    with pytest.raises(Refusal) as refused:
        actions.accept(actor=filing.city.who("office", "officer"), register_id=register.pk)
    register.refresh_from_db()
    assert register.state == RegisterState.FILED
    assert not register.rows.filter(accepted=True).exists()
    return refused.value


def test_n2_without_an_approval_document_there_is_no_way_in(filing: Filing) -> None:
    listed = filing.lines(1)
    unlisted = filing.papers.clean()  # never imported
    made = filing.upload([*listed, unlisted.but(批准文号="渝卫职改〔2026〕77号")])
    assert codes(made) == [("批准文号", "approval.unknown", "N2")]
    with pytest.raises(Refusal) as refused:
        actions.submit(actor=filing.city.who("hospital", "clerk"), register_id=made.pk)
    assert refused.value.clause == "N2"
    assert "第5行 批准文号" in refused.value.found


def test_n2_who_is_not_listed_is_not_registered(filing: Filing) -> None:
    listed = filing.lines(1)
    unlisted = filing.papers.clean()
    made = filing.upload([*listed, unlisted])
    assert codes(made) == [("身份证号码", "approval.person_not_listed", "N2")]


def test_n2_is_asked_again_at_acceptance(filing: Filing) -> None:
    lines = filing.lines(2)
    made = filing.filed(lines)
    gone = made.rows.order_by("position")[1]
    made.rows.filter(pk=gone.pk).update(approved_person=None)
    made.findings.all().delete()
    ApprovedPerson.objects.filter(pk=gone.approved_person_id).delete()
    refusal = refused_at_acceptance(filing, made)
    assert (refusal.rule, refusal.clause) == ("register.has_errors", "N2")
    assert codes(made) == [("身份证号码", "approval.person_not_listed", "N2")]


def test_n3_a_unit_without_authority_goes_through_its_department(filing: Filing) -> None:
    made = filing.upload(filing.lines(1))
    clerk, officer = filing.city.who("hospital", "clerk"), filing.city.who("health", "officer")
    made = actions.submit(actor=clerk, register_id=made.pk)
    assert made.state == RegisterState.ENDORSING
    with pytest.raises(Refusal):  # the office can't take it yet
        actions.accept(actor=filing.city.who("office", "officer"), register_id=made.pk)
    with pytest.raises(NotPermitted):  # another department can't endorse it
        actions.endorse(actor=filing.city.who("industry", "officer"), register_id=made.pk)
    with pytest.raises(NotPermitted):  # a clerk can't either
        actions.endorse(actor=filing.city.who("health", "clerk"), register_id=made.pk)
    made = actions.endorse(actor=officer, register_id=made.pk)
    assert (made.state, made.endorsed_by) == (RegisterState.FILED, officer)
    assert made.issuing_unit == filing.city.health


def test_n3_a_unit_with_authority_files_by_itself(filing: Filing) -> None:
    made = filing.upload(filing.lines(1), who="enterprise")
    assert made.endorser is None
    made = actions.submit(actor=filing.city.who("enterprise", "clerk"), register_id=made.pk)
    assert made.state == RegisterState.FILED
    assert made.issuing_unit == filing.city.enterprise
    with pytest.raises(NotPermitted):
        actions.endorse(actor=filing.city.who("health", "officer"), register_id=made.pk)


def test_n3_authority_is_looked_at_when_the_register_is_submitted(filing: Filing) -> None:
    made = filing.upload(filing.lines(1))
    hospital = filing.city.hospital
    hospital.has_authority = True
    hospital.save()
    made = actions.submit(actor=filing.city.who("hospital", "clerk"), register_id=made.pk)
    assert (made.state, made.endorser, made.issuing_unit) == (RegisterState.FILED, None, hospital)


def test_n3_the_database_wants_the_endorsement_too(filing: Filing) -> None:
    made = filing.upload(filing.lines(1))
    made = actions.submit(actor=filing.city.who("hospital", "clerk"), register_id=made.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        Register.objects.filter(pk=made.pk).update(state=RegisterState.FILED)


def test_n3_a_returned_register_is_endorsed_again(filing: Filing) -> None:
    made = filing.filed(filing.lines(1))
    made = actions.return_register(
        actor=filing.city.who("office", "officer"), register_id=made.pk, reason="请核对工作单位"
    )
    assert made.state == RegisterState.RETURNED
    made = actions.submit(actor=filing.city.who("hospital", "clerk"), register_id=made.pk)
    assert (made.state, made.endorsed_by) == (RegisterState.ENDORSING, None)


@pytest.mark.parametrize(
    ("cell", "value", "code"),
    [
        ("专业名称", "外科学", "approval.specialty_differs"),
        ("资格名称", "副主任医师", "approval.qualification_differs"),
        ("批准时间", "2026-03-19", "approval.date_differs"),
        ("姓名", "无此人", "approval.name_differs"),
    ],
)
def test_n6_register_and_approval_document_say_the_same(
    filing: Filing, cell: str, value: str, code: str
) -> None:
    (line,) = filing.lines(1)
    made = filing.upload([line.but(**{cell: value})])
    assert codes(made) == [(cell, code, "N6")]


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("specialty", "外科学", "approval.specialty_differs"),
        ("qualification", "副主任医师", "approval.qualification_differs"),
        ("approval_date", "2026-03-19", "approval.date_differs"),
        ("name", "改名了", "approval.name_differs"),
    ],
)
def test_n6_is_checked_again_at_acceptance(
    filing: Filing, field: str, value: str, code: str
) -> None:
    made = filing.filed(filing.lines(2))
    person = made.rows.order_by("position")[1].approved_person_id
    ApprovedPerson.objects.filter(pk=person).update(**{field: value})
    refusal = refused_at_acceptance(filing, made)
    assert refusal.clause == "N6"
    assert "第5行" in refusal.found
    assert [found[1] for found in codes(made)] == [code]


def test_n6_the_database_compares_as_well(filing: Filing) -> None:
    made = filing.filed(filing.lines(1))
    ApprovedPerson.objects.update(specialty="外科学")
    with pytest.raises(IntegrityError), transaction.atomic():
        made.rows.update(accepted=True)


def test_n6_a_pre_assigned_number_belongs_to_one_certificate_of_the_whole_city(
    filing: Filing,
) -> None:
    first, second = filing.lines(2)
    accepted = filing.accepted([first])
    made = filing.upload([second.but(证书编号=first.certificate_number)])
    assert codes(made) == [("证书编号", "certificate_number.taken", "N6")]
    assert accepted.number in made.findings.get(severity="error").message


def test_n6_a_number_taken_between_two_registers_is_refused_at_acceptance(filing: Filing) -> None:
    first, second = filing.lines(2)
    later = filing.filed([second.but(证书编号=first.certificate_number)])
    filing.accepted([first])
    assert refused_at_acceptance(filing, later).clause == "N6"
    assert [found[1] for found in codes(later)] == ["certificate_number.taken"]


def test_n6_nobody_gets_two_certificates_for_one_title(filing: Filing) -> None:
    (line,) = filing.lines(1)
    filing.accepted([line])
    made = filing.upload([filing.papers.line(line.listed)])
    assert codes(made) == [("身份证号码", "person.already_certified", "N6")]


def test_n6_accepted_rows_never_change(filing: Filing) -> None:
    made = filing.accepted(filing.lines(1))
    row = made.rows.get()
    with pytest.raises(Refusal) as refused:
        actions.correct_row(
            actor=filing.city.who("hospital", "clerk"),
            row_id=row.pk,
            changes={"name": "某某"},
            version=row.version,
        )
    assert refused.value.rule == "lifecycle.wrong_state"
    with pytest.raises(IntegrityError), transaction.atomic():
        made.rows.update(name="某某")


def test_n15_people_of_authorised_and_joint_reviews_are_registered_alike(filing: Filing) -> None:
    lines = [
        filing.papers.clean(number=number, mode=mode)
        for number, mode in enumerate(("授权评审", "联合评审"), start=1)
    ]
    filing.announce()
    made = filing.accepted(lines)
    assert made.rows.filter(accepted=True).count() == 2


def test_n16_people_of_self_managed_reviews_get_no_unified_certificate(filing: Filing) -> None:
    unit = filing.city.enterprise
    filing.self_review(unit)
    good, own = (
        filing.papers.clean(),
        filing.papers.clean(number=2, mode="自主评审", department=unit.name),
    )
    filing.announce()
    made = filing.upload([good, own])
    assert codes(made) == [("批准文号", "approval.self_issued", "N16")]
    with pytest.raises(Refusal) as refused:
        actions.submit(actor=filing.city.who("hospital", "clerk"), register_id=made.pk)
    assert refused.value.clause == "N16"
    assert "自主印制" in refused.value.found


def test_n17_people_of_online_reviews_are_not_on_paper_registers(filing: Filing) -> None:
    good, online = filing.papers.clean(), filing.papers.clean(number=3, channel="线上")
    filing.announce()
    made = filing.upload([good, online])
    assert codes(made) == [("批准文号", "approval.online", "N17")]
    with pytest.raises(Refusal) as refused:
        actions.submit(actor=filing.city.who("hospital", "clerk"), register_id=made.pk)
    assert refused.value.clause == "N17"


def test_n18_who_submitted_neither_endorses_nor_accepts(filing: Filing) -> None:
    made = filing.upload(filing.lines(1))
    clerk = filing.city.who("hospital", "clerk")
    made = actions.submit(actor=clerk, register_id=made.pk)
    clerk.organization, clerk.role = filing.city.health, "officer"  # moved to the department
    clerk.save()
    with pytest.raises(Refusal) as refused:
        actions.endorse(actor=clerk, register_id=made.pk)
    assert (refused.value.rule, refused.value.clause) == ("duties.separated", "N18")
    actions.endorse(actor=filing.city.who("health", "officer"), register_id=made.pk)
    clerk.organization = filing.city.office
    clerk.save()
    with pytest.raises(Refusal) as refused:
        actions.accept(actor=clerk, register_id=made.pk)
    assert (refused.value.rule, refused.value.clause) == ("duties.separated", "N18")
    with pytest.raises(IntegrityError), transaction.atomic():  # nor around the action
        Register.objects.filter(pk=made.pk).update(accepted_by=clerk)
