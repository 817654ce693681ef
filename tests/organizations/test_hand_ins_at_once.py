"""Whatever is handed in to an organisation while it ends is refused, or its end is (N3).

Two real transactions each: one of them waits for the other.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.historic.conftest import said
from tests.selfissued.test_reports import file, row
from tests.support.city import City, announce, found_city
from tests.support.ending import end, ending_during, meanwhile
from tests.support.filing import Filing
from tests.support.reissues import Way, begun, picture, typed, with_papers
from zhicheng.api.actions import create_key, offered_scopes
from zhicheng.api.models import ApiKey
from zhicheng.approvals.models import ApprovalDocument, ApprovedPerson
from zhicheng.blanks.models import Stocktake
from zhicheng.blanks.stocktaking import start_stocktake
from zhicheng.files.store import prepare
from zhicheng.historic import registering
from zhicheng.historic.models import Registration
from zhicheng.historic.registering import Holder
from zhicheng.organizations.actions import change_organization, create_organization
from zhicheng.organizations.models import Account, Kind, Organization
from zhicheng.reference.loading import load_reference
from zhicheng.registers import actions as registers
from zhicheng.registers.listed import people_for
from zhicheng.registers.making import make_register
from zhicheng.registers.models import Register
from zhicheng.reissues import actions as reissues
from zhicheng.reissues.actions_match import decide_match
from zhicheng.reissues.applicants import Applicant
from zhicheng.reissues.content import Application
from zhicheng.reissues.models import Reissue
from zhicheng.reissues.words import OpinionLevel
from zhicheng.selfissued.models import Report
from zhicheng.values.refusal import Refusal

pytestmark = pytest.mark.django_db(transaction=True)


def test_no_application_for_a_new_certificate_comes_to_a_unit_that_ends_at_that_moment() -> None:
    city = found_city()
    people = _listed(city, 3)

    def told(order: int, unit: Organization) -> Application:
        return typed(city, people[order], unit_id=unit.pk, old_number=f"渝职2012-0087{order}")

    moved, holder = begun(told(1, city.health))
    handed_in, another = begun(told(2, city.district))
    with_papers(handed_in, another)
    jobs = (
        lambda: reissues.apply(actor=Applicant(), application=told(0, city.district)),
        lambda: reissues.amend(
            actor=holder, reissue_id=moved.pk, application=told(1, city.district)
        ),
        lambda: reissues.submit(actor=another, reissue_id=handed_in.pk),
    )
    assert meanwhile(lambda: end(city, city.district), jobs) == ["reissue.wrong_unit"] * 3
    assert list(Reissue.objects.order_by("pk").values_list("unit", "state")) == [
        (city.health.pk, "draft"),
        (city.district.pk, "draft"),
    ]


def test_a_unit_does_not_end_while_an_application_is_handed_in_there() -> None:
    city = found_city()
    reissue, holder = begun(typed(city, _listed(city, 1)[0], unit_id=city.district.pk))
    with_papers(reissue, holder)
    done = ending_during(
        city, city.district, lambda: reissues.submit(actor=holder, reissue_id=reissue.pk)
    )
    assert done == "organization.not_empty"
    city.district.refresh_from_db()
    assert city.district.valid_to is None


def test_an_accepted_application_names_no_work_unit_that_ends_at_that_moment() -> None:
    city = found_city()
    way = _of_a_later_named_hospital(city)
    assert meanwhile(lambda: end(city, city.hospital), [way.accept]) == ["done"]
    step = next(step for step in way.now.path if step["level"] == OpinionLevel.WORK_UNIT)
    assert step["organization"] is None  # its opinion comes on paper


def test_a_work_unit_does_not_end_while_an_application_that_names_it_is_accepted() -> None:
    city = found_city()
    way = _of_a_later_named_hospital(city)
    assert ending_during(city, city.hospital, way.accept) == "organization.not_empty"
    step = next(step for step in way.now.path if step["level"] == OpinionLevel.WORK_UNIT)
    assert step["organization"] == city.hospital.pk


def test_no_department_that_ends_at_that_moment_is_named_to_approve_an_application() -> None:
    city = found_city()
    way, decide = _to_be_decided(city)
    ended = meanwhile(lambda: end(city, city.industry), [decide])
    assert ended == ["reissue.not_an_approving_department"]
    assert way.now.match == "unmatched" and way.now.approving_department is None


def test_a_department_does_not_end_while_it_is_named_to_approve_an_application() -> None:
    city = found_city()
    way, decide = _to_be_decided(city)
    assert ending_during(city, city.industry, decide) == "organization.not_empty"
    assert way.now.approving_department == city.industry


def test_no_system_gets_a_key_of_an_organisation_that_ends_at_that_moment() -> None:
    city = found_city()
    officer = city.who("industry", "officer")

    def make_key() -> None:
        create_key(
            actor=officer,
            organization=city.industry,
            name="查询系统",
            scopes=[offered_scopes(city.industry)[0].value],
            purpose="核对",
            expires_at=timezone.now() + timedelta(days=90),
        )

    assert meanwhile(lambda: end(city, city.industry), [make_key]) == ["organization.ended"]
    assert not ApiKey.objects.exists()
    assert not Account.objects.filter(organization=city.industry, is_active=True).exists()


def _of_a_later_named_hospital(city: City) -> Way:
    """Of somebody whose work unit is on file by this name only since it was handed in."""
    way = Way(city, typed(city, _listed(city, 1)[0], work_unit="新城医院")).submit()
    Organization.objects.filter(pk=city.hospital.pk).update(name="新城医院")
    return way


def _to_be_decided(city: City) -> tuple[Way, Callable[[], object]]:
    """An application that no approval document confirms, and the office's decision about it."""
    way = Way(city, typed(city, _listed(city, 1)[0], name="龙若谷")).submit().accept()
    officer = city.who("office", "officer")
    return way, lambda: decide_match(
        actor=officer,
        reissue_id=way.reissue.pk,
        note="查 2012 年档案",
        approving_department_id=city.industry.pk,
    )


def test_no_old_certificate_is_registered_with_a_unit_that_ends_at_that_moment() -> None:
    city = found_city()
    load_reference()
    there = city.district.pk
    moved = registering.begin(said=said(city, certificate_number="A-1"))
    handed_in = registering.begin(said=said(city, certificate_number="A-2", unit_id=there))
    for kind in ("certificate", "photo"):
        registering.add_evidence(
            actor=Holder(handed_in.pk),
            registration_id=handed_in.pk,
            kind=kind,
            file=prepare(picture(), f"{kind}.jpg"),
        )
    jobs = (
        lambda: registering.begin(said=said(city, certificate_number="A-3", unit_id=there)),
        lambda: registering.amend(
            actor=Holder(moved.pk),
            registration_id=moved.pk,
            said=said(city, certificate_number="A-1", unit_id=there),
        ),
        lambda: registering.submit(actor=Holder(handed_in.pk), registration_id=handed_in.pk),
    )
    assert meanwhile(lambda: end(city, city.district), jobs) == ["historic.unit"] * 3
    assert list(Registration.objects.order_by("pk").values_list("unit", "state")) == [
        (city.health.pk, "draft"),
        (there, "draft"),
    ]


def test_a_unit_that_ends_at_that_moment_reports_counts_and_gets_nothing() -> None:
    city = found_city()
    load_reference()
    filing = Filing(city)
    filing.self_review(city.enterprise)
    administrator = city.who("office", "administrator")
    unit = {"kind": Kind.REPORTING_UNIT, "short_name": "", "supervisor": city.enterprise}
    jobs = (
        lambda: file(filing, row(1)),
        lambda: start_stocktake(actor=city.who("enterprise", "clerk")),
        lambda: create_organization(actor=administrator, name="长江重工二厂", **unit),
        lambda: change_organization(
            actor=administrator, organization_id=city.hospital.pk, supervisor=city.enterprise
        ),
    )
    assert meanwhile(lambda: end(city, city.enterprise), jobs) == ["organization.ended"] * len(jobs)
    assert not Report.objects.exists() and not Stocktake.objects.exists()
    assert not Organization.objects.filter(supervisor=city.enterprise).exists()


def test_no_register_is_begun_whose_certificates_would_be_embossed_by_one_that_ends() -> None:
    city = found_city()
    filing = Filing(city)
    lines = filing.lines(2)
    _approved_by(city.industry)
    people = list(people_for(city.hospital).values_list("pk", flat=True))
    clerk = city.who("hospital", "clerk")
    jobs = (lambda: make_register(actor=clerk, unit=city.hospital, person_ids=people, year=2026),)
    assert meanwhile(lambda: end(city, city.industry), jobs) == ["register.embosser_ended"]
    assert not Register.objects.exists()
    # A file may be kept as a draft; handing it in names the people.
    register = filing.upload(lines)
    with pytest.raises(Refusal) as told:
        registers.submit(actor=clerk, register_id=register.pk)
    assert told.value.rule == "register.embosser_ended"
    assert told.value.found == f"{city.industry.name}（序号 1、2）"


def test_no_register_is_handed_in_whose_certificates_would_be_embossed_by_one_that_ends() -> None:
    """The documents came to name it after the register was begun."""
    city = found_city()
    filing = Filing(city)
    register = filing.upload(filing.lines(2))
    _approved_by(city.industry)
    clerk = city.who("hospital", "clerk")

    def ended_while_it_had_nothing() -> None:
        _approved_by(city.health)
        end(city, city.industry)
        _approved_by(city.industry)

    jobs = (lambda: registers.submit(actor=clerk, register_id=register.pk),)
    assert meanwhile(ended_while_it_had_nothing, jobs) == ["register.embosser_ended"]
    register.refresh_from_db()
    assert register.state == "draft"


def test_an_approving_department_does_not_end_while_a_register_names_it() -> None:
    city = found_city()
    filing = Filing(city)
    filing.lines(2)
    _approved_by(city.industry)
    people = list(people_for(city.hospital).values_list("pk", flat=True))
    clerk = city.who("hospital", "clerk")
    done = ending_during(
        city,
        city.industry,
        lambda: make_register(actor=clerk, unit=city.hospital, person_ids=people, year=2026),
    )
    assert done == "organization.not_empty"
    city.industry.refresh_from_db()
    assert city.industry.valid_to is None


def _approved_by(department: Organization) -> None:
    ApprovalDocument.objects.update(approving_department=department)


def _listed(city: City, count: int) -> list[ApprovedPerson]:
    people = announce(city, count)
    for person, name in zip(people, ("张甲", "张乙", "张丙"), strict=False):
        person.name = name
        person.save()
    return people
