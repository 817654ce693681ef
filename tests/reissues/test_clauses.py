"""Replacement and renewal clause by clause, by the real actions (N10-N14, N9, N16, N17)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.support.city import City, announce, deliver, id_number
from tests.support.privacy import assert_no_id_number_in_clear
from tests.support.reissues import (
    PDF,
    TODAY,
    Way,
    about,
    begun,
    issued,
    paper,
    picture,
    typed,
    with_papers,
)
from zhicheng.audit.models import AuditEvent
from zhicheng.audit.verify import verify
from zhicheng.blanks import investigations
from zhicheng.blanks.models import BlankCase, Custody, Holding, Spoilage
from zhicheng.certificates import actions as path
from zhicheng.certificates.models import Certificate
from zhicheng.certificates.printjobs.starting import start
from zhicheng.certificates.reconcile import reconcile
from zhicheng.files.store import prepare
from zhicheng.protection import reveal
from zhicheng.registers.numbering.actions import set_rule
from zhicheng.reissues import (
    actions,
    actions_blank,
    actions_old,
    actions_opinions,
    deadlines,
    queries,
)
from zhicheng.reissues.applicants import Applicant
from zhicheng.reissues.content import Correction
from zhicheng.reissues.models import Reissue, ReissueState
from zhicheng.reissues.waiting import days_late, reissues_waiting
from zhicheng.values.refusal import NotPermitted, Refusal
from zhicheng.values.serials import SerialRange

pytestmark = pytest.mark.django_db


def proven() -> None:
    """Both proofs of the whole database hold."""
    assert reconcile().faults == []
    assert verify().as_dict()["faults"] == []


def refused(call: Callable[[], object], rule: str, clause: str) -> Refusal:
    """The call is refused by this rule and clause, and nothing changed."""
    before = AuditEvent.objects.count()
    with pytest.raises(Refusal) as caught:
        call()
    assert (caught.value.rule, caught.value.clause) == (rule, clause)
    assert AuditEvent.objects.count() == before
    return caught.value


def lying(serial: int) -> str:
    """In which state of custody a blank is."""
    return Holding.objects.get(serials__contains=serial).custody.state


# N10: the application.


def test_n10_the_form_is_filled_from_the_certificate_on_file(city: City) -> None:
    (old,) = issued(city)
    reissue, holder = begun(about(old, specialty="冒充", work_unit="别处"))
    assert (reissue.source, reissue.match, reissue.state) == ("certificate", "matched", "draft")
    for field in ("name", "sex", "specialty", "qualification", "level", "grade", "work_unit",
                  "approval_date", "document_number", "id_number_masked"):  # fmt: skip
        assert getattr(reissue, field) == getattr(old, field), field
    assert reissue.certificate == old
    assert reveal(bytes(reissue.telephone_cipher)) == "13800001234"
    assert reissue.telephone_masked == "138****1234"
    number = reveal(bytes(old.id_number_cipher))
    assert reissue.birth_month == f"{number[6:10]}-{number[10:12]}"
    assert queries.applicant_of(reissue.receipt_number, number) == holder
    assert queries.applicant_of(reissue.receipt_number, id_number(77)) is None
    event = AuditEvent.objects.get(tag="any:reissue:apply")
    assert event.actor_id is None and event.data["source"] == "public"
    assert number not in str(event.data)


def test_n10_somebody_elses_number_or_name_is_refused(city: City) -> None:
    old, other = issued(city, 2)
    for wrong in ({"name": other.name}, {"id_number": id_number(9)}):
        refused(lambda wrong=wrong: begun(about(old, **wrong)), "reissue.not_the_holder", "N10")


def test_n10_a_certificate_that_no_approval_document_confirms_is_decided_by_the_office(
    city: City,
) -> None:
    (person,) = announce(city, 1)
    application = typed(city, person, name="龙若谷")  # the document says another name
    way = Way(city, application).submit()
    assert (way.now.source, way.now.match) == ("paper", "unmatched")
    way.accept()
    assert list(queries.to_decide()) == [way.now]
    step = way.now.path[-1]
    assert step["level"] == "approving" and step["organization"] is None
    way.opinions("department")
    refused(
        lambda: actions_opinions.decide_match(
            actor=city.who("office", "officer"),
            reissue_id=way.reissue.pk,
            note=" ",
            approving_department_id=city.health.pk,
        ),
        "reissue.reason_missing",
        "N10",
    )
    actions_opinions.decide_match(
        actor=city.who("office", "officer"),
        reissue_id=way.reissue.pk,
        note="查 2012 年档案，姓名以档案为准",
        approving_department_id=city.health.pk,
    )
    way.opine(way.now.path[-1])
    assert (way.now.state, way.now.match) == ("granted", "decided")


def test_n10_one_open_application_per_certificate(city: City) -> None:
    (old,) = issued(city)
    first = Way(city, about(old))
    second = Way(city, about(old))  # a draft stands in nobody's way
    first.submit()
    with_papers(second.reissue, second.holder)
    told = refused(
        lambda: actions.submit(actor=second.holder, reissue_id=second.reissue.pk),
        "reissue.second_application",
        "N10",
    )
    assert first.reissue.receipt_number not in str(told)  # with the ID number it opens the first
    refused(lambda: begun(about(old, "renewal")), "reissue.second_application", "N10")
    actions.withdraw(actor=first.holder, reissue_id=first.reissue.pk)
    actions.submit(actor=second.holder, reissue_id=second.reissue.pk)


def test_n10_one_open_application_per_typed_number_and_person(city: City) -> None:
    (person,) = announce(city, 1)
    person.name = "龙若谷"
    person.save()
    Way(city, typed(city, person)).submit()
    refused(lambda: begun(typed(city, person)), "reissue.second_application", "N10")


def test_n10_only_a_unit_that_issues_takes_applications(city: City) -> None:
    (old,) = issued(city)
    for unit in (city.hospital, city.office):
        refused(lambda unit=unit: begun(about(old, unit_id=unit.pk)), "reissue.wrong_unit", "N10")


def test_n10_the_signed_form_comes_in_duplicate(city: City) -> None:
    (old,) = issued(city)
    way = Way(city, about(old)).submit()
    refused(
        lambda: actions_opinions.accept(
            actor=way.who("clerk"), reissue_id=way.reissue.pk, signed_on=TODAY, copies=1
        ),
        "reissue.missing.copies",
        "N10",
    )


def test_n10_opinions_come_in_the_forms_order_and_by_the_right_organisation(city: City) -> None:
    (old,) = issued(city)
    way = Way(city, about(old)).submit().accept()
    pk = way.reissue.pk
    assert way.now.required == ["applicant", "work_unit", "department", "approving"]

    def opine(organization: str, level: str, role: str = "officer") -> object:
        return actions_opinions.opine(
            actor=city.who(organization, role), reissue_id=pk, level=level, decision="agree"
        )

    refused(lambda: opine("health", "department"), "reissue.opinions_out_of_order", "N10")
    refused(lambda: opine("health", "approving"), "reissue.opinions_out_of_order", "N10")
    refused(lambda: opine("industry", "work_unit"), "reissue.wrong_path", "N10")
    refused(lambda: opine("health", "district"), "reissue.level_skipped", "N10")
    refused(lambda: opine("health", "work_unit"), "reissue.wrong_path", "N10")
    opine("hospital", "work_unit", "clerk")
    refused(lambda: opine("hospital", "work_unit", "clerk"), "reissue.level_agreed", "N10")
    with pytest.raises(NotPermitted):
        opine("health", "department", "clerk")
    opine("health", "department")
    opine("health", "approving")
    assert way.now.state == "granted"
    steps = {step.level: step for step in queries.opinion_steps(way.now)}
    assert steps["district"].skipped == "市级主管部门直接办理，不经区县"
    assert all(step.agreed for step in steps.values() if not step.skipped)


def test_n10_a_district_s_opinion_is_recorded_from_the_stamped_paper_with_its_scan(
    city: City,
) -> None:
    (old,) = issued(city)
    way = Way(city, about(old, unit_id=city.district.pk)).submit().accept()
    assert way.now.required == [
        "applicant",
        "work_unit",
        "district",
        "department",
        "approving",
    ]
    way.opinions("work_unit")
    refused(
        lambda: actions_opinions.opine(
            actor=city.who("district", "officer"),
            reissue_id=way.reissue.pk,
            level="district",
            decision="agree",
        ),
        "reissue.wrong_path",
        "N10",
    )
    way.opine(way.now.path[2])
    opinion = way.now.opinions.get(level="district")
    assert opinion.from_paper and opinion.scan is not None and len(opinion.scan.sha256) == 64


def test_n10_an_enterprise_handles_its_own_peoples_applications(city: City) -> None:
    (old,) = issued(city)
    way = Way(city, about(old, unit_id=city.enterprise.pk)).submit().accept()
    assert way.now.required == ["applicant", "work_unit", "department", "approving"]
    assert way.now.path[3]["name"] == "长江重工"
    assert way.now.path[2]["skipped"]


def test_n10_returned_for_completion_and_signed_anew_where_the_content_changed(
    city: City,
) -> None:
    (old,) = issued(city)
    application = about(old, "renewal")
    way = Way(city, application).submit().accept().opinions("work_unit")
    way.opine(way.now.path[3], "return", "缺少专业变更的依据")
    assert (way.now.state, way.now.returned_reason) == ("returned", "缺少专业变更的依据")
    view = queries.progress(way.now)
    assert view.changeable and view.returned_reason == "缺少专业变更的依据"
    # Another paper alone: what was agreed stays agreed.
    actions.add_evidence(
        actor=way.holder, reissue_id=way.reissue.pk, kind="proof", field="specialty", file=paper()
    )
    actions.submit(actor=way.holder, reissue_id=way.reissue.pk)
    assert way.now.copies == 2
    way.accept()
    assert [step.agreed for step in queries.opinion_steps(way.now)][:2] == [True, True]
    way.opine(way.now.path[3], "return", "专业名称写错")
    # Another content: everybody has to sign anew, and its proof is asked for anew.
    actions.amend(
        actor=way.holder,
        reissue_id=way.reissue.pk,
        application=about(old, "renewal", corrections=(Correction("specialty", "神经内科"),)),
    )
    refused(
        lambda: actions.submit(actor=way.holder, reissue_id=way.reissue.pk),
        "reissue.missing.proof.specialty",
        "N14",
    )
    actions.add_evidence(
        actor=way.holder, reissue_id=way.reissue.pk, kind="proof", field="specialty", file=paper()
    )
    actions.submit(actor=way.holder, reissue_id=way.reissue.pk)
    assert way.now.copies == 0
    way.accept()
    assert [step.agreed for step in queries.opinion_steps(way.now)] == [True] + [False] * 4
    assert len(queries.opinion_steps(way.now)[1].past) == 1


def test_n10_refused_with_a_reason_the_old_certificate_counts_as_before(city: City) -> None:
    (old,) = issued(city)
    way = Way(city, about(old)).submit().accept().opinions("work_unit")
    way.opine(way.now.path[3], "refuse", "登报内容与证书不符")
    assert (way.now.state, way.now.outcome_reason) == ("refused", "登报内容与证书不符")
    assert Certificate.objects.get(pk=old.pk).lost_at is None
    refused(way.accept, "lifecycle.wrong_state", "N18")
    proven()


def test_n10_an_applicant_touches_nothing_but_the_own_application(city: City) -> None:
    one, two = issued(city, 2)
    mine, _holder = begun(about(one))
    other, _other = begun(about(two))
    for call in (
        lambda: actions.submit(actor=Applicant(mine.pk), reissue_id=other.pk),
        lambda: actions.withdraw(actor=Applicant(mine.pk), reissue_id=other.pk),
        lambda: actions.add_evidence(
            actor=Applicant(mine.pk), reissue_id=other.pk, kind="other", file=paper()
        ),
    ):
        refused(call, "reissue.not_yours", "N10")


def test_n10_a_units_clerk_applies_for_the_holder(city: City) -> None:
    (old,) = issued(city)
    way = Way(city, about(old), city.who("health", "clerk")).submit()
    assert way.now.created_by == city.who("health", "clerk")
    hospital = Way(city, about(issued(city)[0]), city.who("hospital", "clerk")).submit()
    assert hospital.now.state == "applied"
    other = about(issued(city)[0])
    with pytest.raises(NotPermitted):
        begun(other, city.who("industry", "clerk"))


# N11, N12: blank and new certificate.


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
        valid_from=TODAY - timedelta(days=365),
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


# N13, N14: the papers.


@pytest.mark.parametrize(
    ("without", "changed", "item"),
    [
        ("newspaper", {}, "newspaper"),
        ("review_form", {}, "review_form"),
        ("", {"newspaper_name": ""}, "newspaper_name"),
        ("", {"newspaper_date": None}, "newspaper_date"),
    ],
)
def test_n13_a_replacement_needs_review_form_and_newspaper_with_name_and_date(
    city: City, without: str, changed: dict[str, object], item: str
) -> None:
    (old,) = issued(city)
    reissue, holder = begun(about(old, **changed))
    for kind in {"review_form", "newspaper"} - {without}:
        actions.add_evidence(actor=holder, reissue_id=reissue.pk, kind=kind, file=paper())
    refused(
        lambda: actions.submit(actor=holder, reissue_id=reissue.pk),
        f"reissue.missing.{item}",
        "N13",
    )
    assert [line.key for line in queries.progress(reissue).missing] == [item]


def test_n14_every_corrected_field_needs_its_own_evidence(city: City) -> None:
    (old,) = issued(city)
    corrections = (Correction("name", "张更正"), Correction("specialty", "心血管内科"))
    reissue, holder = begun(about(old, "renewal", corrections=corrections))
    for kind, field in (("review_form", ""), ("proof", "name")):
        actions.add_evidence(
            actor=holder, reissue_id=reissue.pk, kind=kind, field=field, file=paper()
        )
    told = refused(
        lambda: actions.submit(actor=holder, reissue_id=reissue.pk),
        "reissue.missing.proof.specialty",
        "N14",
    )
    assert "专业名称" in told.message


def test_n14_what_is_no_correction_is_refused(city: City) -> None:
    (old,) = issued(city)
    for correction, rule in (
        (Correction("specialty", old.specialty), "reissue.corrects_nothing"),
        (Correction("level", "senior_full"), "reissue.field"),
        (Correction("sex", "不详"), "reissue.field"),
        (Correction("approval_date", "2026.13"), "reissue.field"),
        (Correction("approval_date", "2099-01-02"), "reissue.field"),
        (Correction("qualification", "长" * 61), "reissue.field"),
        (Correction("specialty", "长" * 101), "reissue.field"),
        (Correction("qualification", "主任医师"), "reissue.level_changes"),
    ):
        refused(
            lambda correction=correction: begun(about(old, "renewal", corrections=(correction,))),
            rule,
            "N14",
        )
    refused(
        lambda: begun(about(old, corrections=(Correction("name", "张更正"),))),
        "reissue.replacement_corrects_nothing",
        "N14",
    )


def test_n14_the_old_certificate_is_handed_in_and_its_fate_is_recorded(city: City) -> None:
    (old,) = issued(city)
    way = Way(city, about(old, "renewal")).submit().accept().opinions()
    clerk, pk = way.who("clerk"), way.reissue.pk
    refused(
        lambda: actions_old.hand_in(
            actor=clerk, reissue_id=pk, number="别的编号", received_on=TODAY
        ),
        "reissue.another_certificate",
        "N14",
    )
    way.hand_in()
    assert way.now.handed_in.serial == old.blank_serial
    refused(
        lambda: actions_old.dispose(actor=clerk, reissue_id=pk, fate="destroyed", on=TODAY),
        "reissue.fate",
        "N14",
    )
    for step in ("numbered", "collected", "filled", "sealed", "embossed", "issued"):
        way.step(step)
    refused(
        lambda: actions_old.dispose(actor=clerk, reissue_id=pk, fate="destroyed", on=TODAY),
        "reissue.witness_missing",
        "N9",
    )
    actions_old.dispose(actor=clerk, reissue_id=pk, fate="destroyed", on=TODAY, witness="李监督")
    assert way.now.handed_in.fate == "destroyed"
    proven()


def test_n14_a_withdrawn_renewal_gives_the_old_certificate_back(city: City) -> None:
    (old,) = issued(city)
    way = Way(city, about(old, "renewal")).upto("granted")
    actions.withdraw(actor=way.holder, reissue_id=way.reissue.pk, reason="不换了")
    actions_old.dispose(
        actor=way.who("clerk"), reissue_id=way.reissue.pk, fate="given_back", on=TODAY
    )
    assert Certificate.objects.get(pk=old.pk).in_force
    proven()


def test_an_applicants_file_is_judged_by_its_content(city: City) -> None:
    (old,) = issued(city)
    reissue, holder = begun(about(old))
    page = b"<!DOCTYPE html><html><script>alert(1)</script></html>"
    told = refused(
        lambda: actions.add_evidence(
            actor=holder,
            reissue_id=reissue.pk,
            kind="newspaper",
            file=prepare(page, "报纸.pdf"),
        ),
        "evidence.unusable",
        "",
    )
    assert "HTML" in told.found
    evidence = actions.add_evidence(
        actor=holder,
        reissue_id=reissue.pk,
        kind="newspaper",
        file=prepare(picture(), "报纸 500103198502141012.jpg"),
    )
    assert evidence.file.content_type == "image/jpeg" and len(evidence.file.sha256) == 64
    assert "500103198502141012" not in evidence.file.name
    assert PDF not in bytes(evidence.file.content)


def test_papers_stay_once_the_application_was_submitted(city: City) -> None:
    (old,) = issued(city)
    way = Way(city, about(old)).submit()
    evidence = way.now.evidence.first()
    assert evidence is not None
    for call in (
        lambda: actions.remove_evidence(
            actor=way.holder, reissue_id=way.reissue.pk, evidence_id=evidence.pk
        ),
        lambda: actions.amend(actor=way.holder, reissue_id=way.reissue.pk, application=about(old)),
        lambda: actions.add_evidence(
            actor=way.holder, reissue_id=way.reissue.pk, kind="other", file=paper()
        ),
    ):
        refused(call, "reissue.not_changeable", "N10")
    # The unit may still add the paper that the holder brought.
    actions.add_evidence(
        actor=way.who("clerk"), reissue_id=way.reissue.pk, kind="other", file=paper()
    )


# N16, N17: what isn't reissued here.


def test_n16_a_self_managed_units_certificate_is_not_reissued(city: City) -> None:
    (person,) = announce(city, 1, mode="self_managed")
    refused(lambda: begun(typed(city, person, name="龙若谷")), "reissue.self_managed", "N16")


def test_n17_an_online_certificate_is_not_reissued_on_paper(city: City) -> None:
    (person,) = announce(city, 1, channel="online")
    refused(lambda: begun(typed(city, person, name="龙若谷")), "reissue.electronic", "N17")


def test_n6_a_typed_number_of_somebody_whose_certificate_is_on_file_is_refused(
    city: City,
) -> None:
    (old,) = issued(city)
    person = old.approved_person
    assert person is not None
    refused(lambda: begun(typed(city, person, name=old.name)), "reissue.field", "N10")
    with_name = typed(city, person, name="龙若谷")
    person.name = "龙若谷"  # as the document says, so that all agrees
    person.save()
    refused(lambda: begun(with_name), "reissue.other_number", "N6")


def test_a_correction_never_makes_a_second_certificate_of_the_same_title(city: City) -> None:
    """Invariant 4, told before anybody signs, not when the new one is issued."""
    one, two = issued(city, 2)
    number = reveal(bytes(two.id_number_cipher))
    reissue, holder = begun(about(one, "renewal", corrections=(Correction("id_number", number),)))
    with_papers(reissue, holder)
    refused(lambda: actions.submit(actor=holder, reissue_id=reissue.pk), "reissue.clashes", "N14")


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


# Ends: found, withdrawn, at every moment.


@pytest.mark.parametrize(
    ("upto", "state", "blank"),
    [
        ("submitted", "ended", ""),
        ("accepted", "ended", ""),
        ("granted", "ended", ""),
        ("collected", "closing", "unit"),
        ("filled", "ended", "spoiled"),
        ("embossed", "ended", "spoiled"),
    ],
)
def test_a_found_certificate_ends_an_application_cleanly(
    city: City, upto: str, state: str, blank: str
) -> None:
    (old,) = issued(city)
    way = Way(city, about(old)).upto(upto)
    actions.report_found(actor=way.holder, reissue_id=way.reissue.pk, note="在老屋找到")
    now, kept = way.now, Certificate.objects.get(pk=old.pk)
    assert (now.state, now.outcome) == (state, "found")
    assert kept.in_force and kept.lost_at is None
    holdings = Holding.objects.filter(custody__reissue=now.pk)
    assert [item.custody.state for item in holdings] == ([blank] if blank else [])
    if state == "closing":
        serial = holdings[0].serials.lower
        actions_blank.take_back(actor=city.who("office", "clerk"), reissue_id=now.pk)
        assert way.now.state == "ended" and lying(serial) == "store"
    if blank == "spoiled":
        assert way.certificate.state == "withdrawn"
        assert Spoilage.objects.get(reissue=now.pk).reason == "withdrawn"
        actions_blank.return_spoiled(actor=city.who("office", "officer"), reissue_id=now.pk)
    proven()
    Way(city, about(old)).upto("submitted")  # and may be lost again


def test_a_renewal_cannot_be_ended_by_finding(city: City) -> None:
    (old,) = issued(city)
    way = Way(city, about(old, "renewal")).submit()
    refused(
        lambda: actions.report_found(actor=way.holder, reissue_id=way.reissue.pk),
        "reissue.nothing_was_lost",
        "N13",
    )


# N9: spoiled and lost blanks of a reissue.


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


# Deadlines and what waits.


def test_deadlines_are_a_dated_setting_and_late_ones_say_so(city: City) -> None:
    (old,) = issued(city)
    way = Way(city, about(old)).submit()
    today = timezone.localdate()
    deadlines.set_deadline(
        actor=city.who("office", "officer"), step="acceptance", valid_from=today, days=2
    )
    assert deadlines.deadlines(today)["acceptance"] == 2
    assert deadlines.deadlines(today - timedelta(days=1))["acceptance"] == 5
    since = way.now.waiting_since
    assert deadlines.due_at(way.now, {"acceptance": 2}) == since + timedelta(days=2)
    assert days_late(way.now, {"acceptance": 2}, since + timedelta(days=1)) == 0
    assert days_late(way.now, {"acceptance": 2}, since + timedelta(days=3, hours=1)) == 2
    refused(
        lambda: deadlines.set_deadline(
            actor=city.who("office", "officer"), step="acceptance", valid_from=today, days=0
        ),
        "reissue_deadline.out_of_range",
        "N18",
    )


def test_every_step_waits_for_the_right_account(city: City) -> None:
    (old,) = issued(city)
    way = Way(city, about(old))

    def waits(organization: str, role: str) -> list[str]:
        return [
            group.title for group in reissues_waiting(city.who(organization, role)) if group.count
        ]

    way.step("submitted")
    assert "待受理的补办换发申请" in waits("health", "clerk")
    assert waits("industry", "clerk") == []
    way.step("accepted")
    assert "待签署的补办换发意见" in waits("hospital", "officer")
    way.step("granted")
    assert waits("office", "clerk") == ["待发放空白证书的补办换发申请"]
    way.step("numbered").step("collected")
    assert "待填制的补办换发证书" in waits("health", "clerk")
    way.step("filled")
    assert "待加盖公章的补办换发证书" in waits("health", "officer")
    way.step("sealed")
    assert waits("health", "embosser") == ["待加盖钢印的补办换发证书"]
    way.step("embossed")
    assert "待发放的补办换发证书" in waits("health", "clerk")
    way.step("issued")
    for name in ("hospital", "health", "office"):
        assert waits(name, "officer") == [], name
    assert Reissue.objects.get().state == ReissueState.DONE


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
