"""The same certificate by two sources, and what a stranger can do or learn (N6, N7, N10)."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from tests.reissues.effects import proven, refused
from tests.support.city import City, accepted_register, announce, carry, deliver, id_number
from tests.support.deadlines import step_had_deadline
from tests.support.reissues import Way, about, begun, issued, typed, with_papers
from zhicheng.approvals.models import ApprovedPerson
from zhicheng.audit.models import AuditEvent
from zhicheng.certificates.models import Certificate
from zhicheng.organizations.guard import CONSOLE
from zhicheng.organizations.models import Organization
from zhicheng.registers.live_check import StoredFacts
from zhicheng.reissues import actions, actions_opinions, queries, rules
from zhicheng.reissues.expiring import expire_drafts
from zhicheng.reissues.models import Reissue
from zhicheng.reissues.used import numbers_of_reissues
from zhicheng.reissues.waiting import reissues_waiting
from zhicheng.values.refusal import NotPermitted
from zhicheng.verification.actions import LegacyLine, import_legacy
from zhicheng.verification.conflicts import open_conflicts
from zhicheng.verification.queries import find_by_number
from zhicheng.verification.rules import Standing

pytestmark = pytest.mark.django_db


def dragon(city: City) -> ApprovedPerson:
    """An approved person without a certificate on file."""
    (person,) = announce(city, 1)
    person.name = "龙若谷"
    person.save()
    return person


def test_n10_a_receipt_number_is_not_to_be_guessed_from_another(city: City) -> None:
    (old,) = issued(city)
    bodies = [begun(about(old))[0].receipt_number.split("-")[1] for _ in range(5)]
    assert all(len(body) == 9 for body in bodies)
    numbers = sorted(int(body) for body in bodies)
    assert numbers[-1] - numbers[0] > 10_000
    assert rules.tidy_receipt(begun(about(old))[0].receipt_number)


def test_n10_nobody_is_told_the_receipt_number_of_a_running_application(city: City) -> None:
    """Whoever found the certificate knows name, number and ID number: that must not end it."""
    (old,) = issued(city)
    way = Way(city, about(old)).upto("accepted")
    told = refused(lambda: begun(about(old)), "reissue.second_application", "N10")
    assert way.reissue.receipt_number not in f"{told} {told.found} {told.mend}"
    person = dragon(city)
    typed_way = Way(city, typed(city, person)).submit()
    number = typed_way.reissue.old_number
    assert typed_way.reissue.receipt_number not in str(numbers_of_reissues([number]))
    assert numbers_of_reissues([number])[number]


def test_n10_an_application_blocks_nothing_before_its_loss_is_accepted(city: City) -> None:
    (old,) = issued(city)
    way = Way(city, about(old)).upto("submitted")
    assert find_by_number(old.number, old.name)[0].standing is Standing.VALID
    way.step("accepted")
    assert find_by_number(old.number, old.name)[0].standing is Standing.LOST


def test_n10_one_application_for_an_approved_person_whatever_number_was_typed(city: City) -> None:
    person = dragon(city)
    second = Way(city, typed(city, person, old_number="渝职2012-00872"))
    with_papers(second.reissue, second.holder)
    first = Way(city, typed(city, person)).submit()
    again = lambda: begun(typed(city, person, old_number="渝职2012-873"))  # noqa: E731
    refused(again, "reissue.second_application", "N10")
    refused(
        lambda: actions.submit(actor=second.holder, reissue_id=second.reissue.pk),
        "reissue.second_application",
        "N10",
    )
    actions.withdraw(actor=first.holder, reissue_id=first.reissue.pk)
    actions.submit(actor=second.holder, reissue_id=second.reissue.pk)


def test_n7_a_certificate_that_came_on_file_after_it_was_typed(city: City) -> None:
    """The draft was typed before the register's certificate was filled in and issued."""
    register = accepted_register(city, 1)
    row = register.rows.get()
    person = dragon(city)
    other = typed(city, person, old_number=row.certificate_number)
    way = Way(city, other)
    with_papers(way.reissue, way.holder)
    deliver(city, 5)
    carry(city, register, "issued")
    refused(
        lambda: actions.submit(actor=way.holder, reissue_id=way.reissue.pk),
        "reissue.on_file_now",
        "N7",
    )


def test_n7_a_certificate_that_came_on_file_before_the_acceptance(city: City) -> None:
    person = dragon(city)
    way = Way(city, typed(city, person)).submit()
    (made,) = issued(city)
    # As if a later import had brought the very certificate: behind the code's back.
    Reissue.objects.filter(pk=way.reissue.pk).update(approved_person=made.approved_person)
    refused(way.accept, "reissue.other_number", "N6")


def test_n7_a_person_whose_old_certificate_is_being_replaced_cannot_be_on_a_register(
    city: City,
) -> None:
    person = dragon(city)
    way = Way(city, typed(city, person))
    other = accepted_register(city, 1)
    assert StoredFacts(other).taken(frozenset(), {person.pk}).entries == {}
    way.submit()
    taken = StoredFacts(other).taken(frozenset(), {person.pk}).entries[person.pk]
    assert way.reissue.old_number in taken and way.reissue.receipt_number not in taken
    actions.withdraw(actor=way.holder, reissue_id=way.reissue.pk)
    assert StoredFacts(other).taken(frozenset(), {person.pk}).entries == {}


def test_n7_a_typed_number_that_an_old_ledger_gives_to_somebody_else_is_a_conflict(
    city: City,
) -> None:
    person = dragon(city)
    application = typed(city, person)
    line = LegacyLine(
        application.old_number, "何别人", id_number(555), "外科", "主治医师",
        date(2012, 5, 6), "渝职改办〔2012〕9号",
    )  # fmt: skip
    import_legacy(actor=city.who("office", "officer"), origin="台账", lines=[line])
    way = Way(city, application).submit()
    assert not open_conflicts().exists()
    way.accept()
    (conflict,) = open_conflicts()
    assert (conflict.first_source, conflict.other_source) == ("legacy", "paper")
    assert {"name", "person"} <= set(conflict.fields)


def test_n12_an_old_ledger_with_another_id_number_does_not_keep_a_lost_certificate_valid(
    city: City,
) -> None:
    person = dragon(city)
    deliver(city, 5)
    application = typed(city, person)
    line = LegacyLine(
        application.old_number, person.name, "500103750607001", person.specialty,
        person.qualification, person.approval_date, person.document.number,
    )  # fmt: skip
    import_legacy(actor=city.who("office", "officer"), origin="台账", lines=[line])
    way = Way(city, application).submit()
    standing = lambda: [r.standing for r in find_by_number(line.certificate_number, line.name)]  # noqa: E731
    assert standing() == [Standing.VALID]
    way.accept()
    assert standing() == [Standing.LOST]
    way.opinions()
    for step in ("numbered", "collected", "filled", "sealed", "embossed", "issued"):
        way.step(step)
    assert standing() == [Standing.REPLACED]


# A department that approved once and exists no more.


def abolish(organization: Organization) -> None:
    """Its last day was yesterday."""
    organization.valid_to = timezone.localdate() - timedelta(days=1)
    organization.save()


def test_n10_the_office_names_who_stands_for_an_abolished_department(city: City) -> None:
    (old,) = issued(city, unit=city.district)
    way = Way(city, about(old)).upto("accepted")
    way.opinions("department")
    officer = city.who("office", "officer")
    decide = {"actor": officer, "reissue_id": way.reissue.pk, "note": "机构改革，职责划入"}
    refused(
        lambda: actions_opinions.decide_match(approving_department_id=city.industry.pk, **decide),
        "reissue.nothing_to_decide",
        "N6",
    )
    abolish(old.approving_department)
    assert list(queries.to_decide()) == [way.now]
    assert "待认定原证书信息的申请" in [g.title for g in reissues_waiting(officer) if g.count]
    assert "approving" in {item.key for item in queries.checklist_of(way.now) if not item.done}
    refused(
        lambda: actions_opinions.decide_match(
            approving_department_id=old.approving_department_id, **decide
        ),
        "reissue.not_an_approving_department",
        "N10",
    )
    Organization.objects.filter(pk=city.industry.pk).update(is_approving_department=True)
    with pytest.raises(NotPermitted):
        actions_opinions.decide_match(
            approving_department_id=city.industry.pk, **(decide | {"actor": way.who("officer")})
        )
    actions_opinions.decide_match(approving_department_id=city.industry.pk, **decide)
    assert (way.now.match, way.now.path[-1]["organization"]) == ("matched", city.industry.pk)
    way.opine(way.now.path[-1])
    for step in ("numbered", "collected", "filled"):
        way.step(step)
    assert way.certificate.embosser_id == city.industry.pk
    assert way.certificate.approved_person_id == old.approved_person_id
    proven()


def test_n11_no_blank_and_no_certificate_for_a_department_that_is_gone(city: City) -> None:
    (old,) = issued(city, unit=city.district)
    way = Way(city, about(old)).upto("numbered")
    department = old.approving_department
    abolish(department)
    refused(lambda: way.step("collected"), "reissue.missing.approving", "N10")
    department.valid_to = None
    department.save()
    way.step("collected")
    abolish(department)
    refused(lambda: way.step("filled"), "reissue.missing.approving", "N10")
    Organization.objects.filter(pk=city.industry.pk).update(is_approving_department=True)
    actions_opinions.decide_match(
        actor=city.who("office", "officer"),
        reissue_id=way.reissue.pk,
        note="机构改革",
        approving_department_id=city.industry.pk,
    )
    signed = way.now.opinions.get(level="approving")
    assert signed.organization_id == department.pk  # what was signed stays theirs
    way.step("filled")
    proven()


# Drafts and returned applications that nobody goes on with.


def test_n10_a_draft_ends_by_itself_where_nobody_set_a_deadline(city: City) -> None:
    (old,) = issued(city)
    ways = [Way(city, about(old)) for _ in range(2)]
    for way, days in zip(ways, (31, 29), strict=True):
        Reissue.objects.filter(pk=way.reissue.pk).update(
            waiting_since=timezone.now() - timedelta(days=days)
        )
    assert expire_drafts(actor=CONSOLE) == 1
    assert [way.now.state for way in ways] == ["ended", "draft"]
    assert "30 天" in ways[0].now.outcome_reason


def test_n10_a_draft_that_nobody_touches_ends_by_itself(city: City) -> None:
    (old,) = issued(city)
    step_had_deadline("draft", date(2020, 1, 1), 20)
    ways = [Way(city, about(old)) for _ in range(4)]
    submitted = ways[3].submit()
    long_ago = timezone.now() - timedelta(days=21)
    Reissue.objects.filter(state="draft").exclude(pk=ways[1].reissue.pk).update(
        waiting_since=long_ago
    )
    Reissue.objects.filter(state="applied").update(waiting_since=long_ago)
    # Whoever goes on with a draft keeps it.
    with_papers(ways[2].reissue, ways[2].holder)
    assert expire_drafts(actor=CONSOLE) == 1
    ended = ways[0].now
    assert (ended.state, ended.outcome) == ("ended", "expired")
    assert [way.now.state for way in ways[1:]] == ["draft", "draft", "applied"]
    event = AuditEvent.objects.get(tag="office:reissue:expire")
    assert (event.row_type, event.row_ids) == ("reissues.reissue", [ended.pk])
    assert queries.progress(ended).outcome == "逾期未提交"
    refused(
        lambda: actions.submit(actor=ways[0].holder, reissue_id=ended.pk),
        "lifecycle.wrong_state",
        "N18",
    )
    assert expire_drafts(actor=CONSOLE) == 0
    assert AuditEvent.objects.filter(tag="office:reissue:expire").count() == 1
    Reissue.objects.filter(pk=ways[1].reissue.pk).update(waiting_since=long_ago)
    with pytest.raises(NotPermitted):
        expire_drafts(actor=submitted.who("clerk"))
    proven()


def test_n10_who_never_completes_a_returned_application_is_refused_and_the_loss_is_lifted(
    city: City,
) -> None:
    (old,) = issued(city)
    way = Way(city, about(old)).upto("accepted")
    pk = way.reissue.pk
    actions_opinions.return_application(actor=way.who("clerk"), reissue_id=pk, reason="材料不清")
    title = "逾期未补正的补办换发申请"

    def waits() -> bool:
        groups = reissues_waiting(way.who("officer"))
        return title in [group.title for group in groups if group.count]

    assert not waits()
    Reissue.objects.filter(pk=pk).update(waiting_since=timezone.now() - timedelta(days=31))
    assert waits()
    actions_opinions.refuse(actor=way.who("officer"), reissue_id=pk, reason="逾期未补正")
    assert way.now.state == "refused"
    assert Certificate.objects.get(pk=old.pk).lost_at is None
    assert not waits()
    proven()
