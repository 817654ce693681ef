"""Who may apply for which certificate, where, and how often (N6, N10, N14, N16, N17)."""

import pytest

from tests.reissues.effects import refused
from tests.support.city import City, announce, id_number
from tests.support.reissues import Way, about, begun, issued, paper, typed, with_papers
from zhicheng.audit.models import AuditEvent
from zhicheng.protection import reveal
from zhicheng.reissues import actions, actions_opinions, queries
from zhicheng.reissues.applicants import Applicant
from zhicheng.reissues.content import Correction
from zhicheng.values.refusal import NotPermitted

pytestmark = pytest.mark.django_db


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
