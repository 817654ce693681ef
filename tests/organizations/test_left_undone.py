"""What is left to be done at an organisation is found in every part, and only while it is (N3)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.historic.conftest import begun, city, home, said  # noqa: F401 - fixtures
from tests.support.city import PASSWORD, City, accepted_register, announce, carry, deliver
from tests.support.filing import Filing
from tests.support.reissues import Way, about, issued
from zhicheng.api.actions import create_key, offered_scopes
from zhicheng.approvals.models import ApprovalDocument, ApprovedPerson
from zhicheng.blanks import stocktaking
from zhicheng.historic import deciding, registering
from zhicheng.historic.models import Registration
from zhicheng.historic.registering import Holder
from zhicheng.organizations.closing import close_organization, left_at, warnings_at
from zhicheng.organizations.models import Account, Organization
from zhicheng.registers.actions import accept
from zhicheng.registers.models import Register
from zhicheng.reissues import actions_old
from zhicheng.reissues.models import Fate, Reissue
from zhicheng.selfissued.models import Report
from zhicheng.values.refusal import Refusal

pytestmark = pytest.mark.django_db


def left(organization: Organization) -> dict[str, int]:
    return {item.what: item.count for item in left_at(organization)}


def test_registers_that_an_approving_department_will_emboss(city: City) -> None:  # noqa: F811
    def accepted(grade: str) -> Register:
        return accepted_register(
            city, 2, unit=city.enterprise, department=city.industry, grades=(grade,)
        )

    accepted("senior")  # which the office embosses
    assert left(city.industry) == {}
    register = accepted("intermediate")
    assert left(city.industry) == {"已受理未填制完的登记表（份）": 1}
    Register.objects.filter(pk=register.pk).update(state="submitted")
    assert left(city.industry) == {"未受理的登记表（份）": 1}


def test_a_register_is_not_accepted_whose_certificates_nobody_could_emboss(city: City) -> None:  # noqa: F811
    filing = Filing(city)
    register = filing.filed(filing.lines(2))
    ApprovalDocument.objects.update(approving_department=city.industry)
    Organization.objects.filter(pk=city.industry.pk).update(
        valid_to=timezone.localdate() - timedelta(days=1)
    )
    with pytest.raises(Refusal) as told:
        accept(actor=city.who("office", "officer"), register_id=register.pk)
    assert told.value.rule == "register.embosser_ended"
    register.refresh_from_db()
    assert register.state == "filed"


def test_a_count_that_nobody_has_confirmed(city: City) -> None:  # noqa: F811
    deliver(city, 10)
    carry(city, accepted_register(city, 2, unit=city.enterprise), "received")
    clerk = city.who("enterprise", "clerk")
    running = stocktaking.start_stocktake(actor=clerk)
    assert left(city.enterprise)["未确认的盘点（次）"] == 1
    stocktaking.abandon_stocktake(actor=clerk, stocktake_id=running.pk, note="数错")
    assert "未确认的盘点（次）" not in left(city.enterprise)


def test_a_registration_to_check_and_its_holder_chooses_another_unit_once_it_ended(
    city: City,  # noqa: F811
    begun: Callable[..., Registration],  # noqa: F811
) -> None:
    registration = begun("submitted", unit_id=city.district.pk)
    assert left(city.district) == {"待核对的历史证书登记（件）": 1}
    deciding.send_back(
        actor=city.who("district", "clerk"), registration_id=registration.pk, reason="看不清"
    )
    assert left(city.district) == {}
    close_organization(
        actor=city.who("office", "administrator"),
        organization_id=city.district.pk,
        last_day=timezone.localdate() - timedelta(days=1),
    )
    holder = Holder(registration.pk)
    with pytest.raises(Refusal) as told:
        registering.submit(actor=holder, registration_id=registration.pk)
    assert told.value.rule == "historic.unit"
    registration.refresh_from_db()
    assert registration.state == "returned"
    registering.amend(actor=holder, registration_id=registration.pk, said=said(city))
    assert registering.submit(actor=holder, registration_id=registration.pk).unit == city.health


def test_a_report_that_is_filed_or_came_back_and_is_followed_by_none(
    city: City,  # noqa: F811
) -> None:
    Filing(city).self_review(city.enterprise)
    now = timezone.now()

    def report(number: str, state: str, **fields: object) -> Report:
        return Report.objects.create(
            number=number,
            unit=city.enterprise,
            state=state,
            people_count=1,
            source=b"x",
            source_name="x.xlsx",
            source_sha256="0" * 64,
            **fields,
        )

    report("A", "returned", decided_at=now - timedelta(days=40), reason="旧")
    assert left(city.enterprise) == {}
    report("B", "returned", decided_at=now, reason="看不清")
    assert left(city.enterprise) == {"在办的自主发放证书报送（件）": 1}
    report("C", "filed")
    assert left(city.enterprise) == {"在办的自主发放证书报送（件）": 1}
    Report.objects.filter(number="C").update(state="accepted", decided_at=now)
    assert left(city.enterprise) == {}


def test_a_reissue_whose_path_names_it_and_an_old_certificate_that_lies_there(
    city: City,  # noqa: F811
) -> None:
    (certificate,) = issued(city)
    way = Way(city, about(certificate, "renewal")).submit()
    path = [{"level": "department", "organization": city.industry.pk, "name": "市经济信息委"}]
    Reissue.objects.filter(pk=way.reissue.pk).update(path=path)
    assert left(city.industry) == {"在办的补办换发（件）": 1}
    path = [{"level": "work_unit", "organization": city.district.pk, "name": "万州区职改办"}]
    Reissue.objects.filter(pk=way.reissue.pk).update(path=path)
    assert left(city.district) == {"在办的补办换发（件）": 1} and left(city.industry) == {}
    actions_old.hand_in(
        actor=city.who("health", "clerk"),
        reissue_id=way.reissue.pk,
        number=certificate.number,
        received_on=timezone.localdate(),
    )
    Reissue.objects.filter(pk=way.reissue.pk).update(
        state="ended", outcome="withdrawn", ended_at=timezone.now()
    )
    assert left(city.industry) == {}
    assert left(city.health)["待处理的原证书（本）"] == 1
    actions_old.dispose(
        actor=city.who("health", "clerk"),
        reissue_id=way.reissue.pk,
        fate=Fate.GIVEN_BACK,
        on=timezone.localdate(),
    )
    assert "待处理的原证书（本）" not in left(city.health)


def test_an_old_certificate_that_turns_up_later_is_not_taken_by_a_unit_that_has_ended(
    city: City,  # noqa: F811
) -> None:
    (certificate,) = issued(city)
    way = Way(city, about(certificate)).submit()
    Organization.objects.filter(pk=city.health.pk).update(
        valid_to=timezone.localdate() - timedelta(days=1)
    )
    with pytest.raises(Refusal) as told:
        actions_old.hand_in(
            actor=city.who("health", "clerk"),
            reissue_id=way.reissue.pk,
            number=certificate.number,
            received_on=timezone.localdate(),
        )
    assert told.value.rule == "organization.ended"


def test_a_key_of_an_organisation_that_has_ended_is_refused(city: City) -> None:  # noqa: F811
    """It would come with an account that is on."""
    Organization.objects.filter(pk=city.district.pk).update(
        valid_to=timezone.localdate() - timedelta(days=1)
    )
    with pytest.raises(Refusal) as told:
        create_key(
            actor=city.who("district", "officer"),
            organization=city.district,
            name="系统",
            scopes=[scope.value for scope in offered_scopes(city.district)],
            purpose="测试",
            expires_at=timezone.now() + timedelta(days=30),
        )
    assert told.value.rule == "organization.ended"
    assert not Account.objects.filter(username__startswith="api.").exists()


def test_an_account_with_a_telephone_is_opened_whole_or_not_at_all(
    city: City,  # noqa: F811
    client: Client,
) -> None:
    client.post("/login/", {"username": "office.administrator", "password": PASSWORD})
    data = {
        "username": "new.clerk",
        "display_name": "新人",
        "organization": city.health.pk,
        "role": "clerk",
        "telephone": "11010519491231002X",
    }
    assert client.post("/organizations/accounts/new/", data).status_code == 422
    assert not Account.objects.filter(username="new.clerk").exists()
    data["telephone"] = "023-63110000"
    assert client.post("/organizations/accounts/new/", data).status_code == 200
    assert Account.objects.get(username="new.clerk").telephone == "023-63110000"


def test_people_approved_and_on_no_register_are_a_warning_and_no_obstacle(city: City) -> None:  # noqa: F811
    def warned(organization: Organization) -> dict[str, int]:
        return {item.what: item.count for item in warnings_at(organization)}

    filing = Filing(city)
    lines = filing.lines(3)
    own = "已核准、尚未列入登记表的本单位人员（人）"
    assert warned(city.hospital)[own] == 3 and left(city.hospital) == {}
    page = Client()
    page.force_login(city.who("office", "administrator"))
    shown = page.get(f"/organizations/{city.hospital.pk}/close/").content.decode()
    assert own in shown and 'class="btn btn-danger"' in shown
    filing.upload(lines)
    assert own not in warned(city.hospital)


def test_people_to_come_are_counted_to_a_thousand_and_said_to_be_more(city: City) -> None:  # noqa: F811
    """Whether or not all of them are looked through."""
    announce(city, 600, work_unit=city.district.name)
    announce(city, 401, work_unit=city.district.name)
    announce(city, 2, work_unit=city.district.name, channel="online")
    page = Client()
    page.force_login(city.who("office", "administrator"))

    def said_of(organization: Organization) -> str:
        shown = page.get(f"/organizations/{organization.pk}/close/").content.decode()
        return shown.split("尚未列入登记表的")[1].split("<dd>")[1].split("</dd>")[0]

    assert said_of(city.district) == "1000 以上"
    ApprovedPerson.objects.filter(pk=ApprovedPerson.objects.earliest("pk").pk).delete()
    assert said_of(city.district) == said_of(city.health) == "1000"


def test_one_of_whom_not_all_documents_were_looked_through_has_so_many_at_least(
    city: City,  # noqa: F811
) -> None:
    announce(city, 3)
    large = announce(city, 2)[0].document
    ApprovalDocument.objects.filter(pk=large.pk).update(people_count=60_000)
    told = {item.what: (item.count, item.more) for item in warnings_at(city.health)}
    assert told == {"本机构核准、待其压印钢印、尚未列入登记表的人员（人）": (2, True)}
