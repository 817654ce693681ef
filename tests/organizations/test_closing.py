"""An organisation ends only when nothing is left to do there, and its accounts with it (N3)."""

import re
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from tests.support.city import PASSWORD, City, accepted_register, carry, deliver
from zhicheng.audit.models import AuditEvent
from zhicheng.organizations.actions import change_account, change_organization, create_account
from zhicheng.organizations.closing import close_organization, left_at, reopen_organization
from zhicheng.organizations.forms import AccountForm, OrganizationForm
from zhicheng.organizations.models import Account, Kind, Organization
from zhicheng.organizations.permissions import Action
from zhicheng.registers.models import Register
from zhicheng.values.refusal import NotPermitted, Refusal
from zhicheng.web.saying import say

pytestmark = pytest.mark.django_db


def yesterday() -> date:
    return timezone.localdate() - timedelta(days=1)


def close(city: City, organization: Organization, day: date | None = None) -> Organization:
    return close_organization(
        actor=city.who("office", "administrator"),
        organization_id=organization.pk,
        last_day=day or yesterday(),
    )


def refused(city: City, organization: Organization, day: date | None = None) -> Refusal:
    """Why it stays; nothing has changed."""
    with pytest.raises(Refusal) as told:
        close(city, organization, day)
    organization.refresh_from_db()
    assert organization.valid_to is None
    assert not AuditEvent.objects.filter(tag=Action.ORGANIZATION_CLOSE).exists()
    return told.value


def test_its_accounts_are_switched_off_each_with_its_event(city: City) -> None:
    window = Client()
    clerk = city.who("district", "clerk")
    window.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")
    close(city, city.district)
    logins = Account.objects.filter(organization=city.district)
    assert logins.count() == 2 and not logins.filter(is_active=True).exists()
    assert window.get("/tasks/").status_code == 302
    changed = AuditEvent.objects.filter(tag=Action.ACCOUNT_CHANGE)
    assert {event.subject_id for event in changed} == set(logins.values_list("pk", flat=True))
    assert {str(event.data["changes"]) for event in changed} == {"{'is_active': [True, False]}"}
    ended = AuditEvent.objects.get(tag=Action.ORGANIZATION_CLOSE)
    assert (ended.subject_id, ended.data["last_day"]) == (
        city.district.pk,
        yesterday().isoformat(),
    )


def test_one_that_supervises_others_stays(city: City) -> None:
    Register.objects.all().delete()
    why = refused(city, city.health)
    assert why.rule == "organization.not_empty" and "主管的单位还有 1" in why.found


def test_one_with_a_register_to_fill_in_stays_and_then_one_with_blanks(city: City) -> None:
    register = accepted_register(city, 2)
    issuing = register.issuing_unit
    assert "已受理未填制完的登记表（份）还有 1" in refused(city, issuing).found
    deliver(city, 10)
    carry(city, register, "received")
    left = {item.what: item.count for item in left_at(issuing)}
    assert left["空白证书（张）"] >= 2
    assert f"空白证书（张）还有 {left['空白证书（张）']}" in refused(city, issuing).found


def test_an_open_register_keeps_every_unit_that_takes_part(city: City) -> None:
    register = accepted_register(city, 1)
    for state, count in (("draft", 1), ("accepted", 0)):
        Register.objects.filter(pk=register.pk).update(state=state)
        left = {item.what: item.count for item in left_at(register.reporting_unit)}
        assert left.get("未受理的登记表（份）", 0) == count


def test_the_office_ones_own_a_second_time_and_today_are_refused(city: City) -> None:
    assert refused(city, city.office).rule == "organization.office_stays"
    Account.objects.filter(pk=city.who("office", "administrator").pk).update(
        organization=city.district
    )
    city.who("office", "administrator").refresh_from_db()
    assert refused(city, city.district).rule == "organization.own"
    # On its last day it is still in force: what came in that afternoon would lie with nobody.
    today = timezone.localdate()
    assert refused(city, city.enterprise, today).rule == "organization.last_day"
    assert refused(city, city.enterprise, date(2000, 1, 1)).rule == "organization.last_day"
    close(city, city.enterprise)
    with pytest.raises(Refusal) as again:
        close(city, city.enterprise)
    assert again.value.rule == "organization.closed"


def test_a_unit_that_has_yet_to_begin_keeps_its_department(city: City) -> None:
    day = timezone.localdate() + timedelta(days=30)
    unit = Organization.objects.create(
        name="新单位", kind=Kind.REPORTING_UNIT, supervisor=city.district, valid_from=day
    )
    assert "主管的单位还有 1" in refused(city, city.district).found
    Organization.objects.filter(pk=unit.pk).update(
        valid_from=date(2018, 1, 1), valid_to=yesterday()
    )
    assert left_at(city.district) == []


def test_an_end_set_before_is_moved_and_logins_left_on_are_switched_off(city: City) -> None:
    later = timezone.localdate() + timedelta(days=30)
    for before in (later, date(2020, 1, 1)):  # to come, and long past with logins still on
        Organization.objects.filter(pk=city.district.pk).update(valid_to=before)
        Account.objects.filter(organization=city.district).update(is_active=True)
        assert close(city, city.district).valid_to == yesterday()
        assert not Account.objects.filter(organization=city.district, is_active=True).exists()
        ended = AuditEvent.objects.filter(tag=Action.ORGANIZATION_CLOSE).latest("sequence")
        assert ended.data["before"] == before.isoformat()


def test_where_one_has_ended_no_account_is_opened_switched_on_or_moved_to(city: City) -> None:
    close(city, city.district)
    admin = city.who("office", "administrator")
    off, elsewhere = city.who("district", "clerk"), city.who("enterprise", "clerk")

    def change(account: Account, **fields: object) -> Account:
        return change_account(actor=admin, account_id=account.pk, **fields)

    for attempt in (
        lambda: change(off, is_active=True),
        lambda: change(elsewhere, organization=city.district),
        lambda: create_account(
            actor=admin,
            username="late",
            password="a-long-password-7",
            display_name="来晚",
            organization=city.district,
            role="clerk",
        ),
    ):
        with pytest.raises(Refusal) as told:
            attempt()
        assert told.value.rule == "account.organization_closed"
    assert not Account.objects.filter(organization=city.district, is_active=True).exists()
    assert not Account.objects.filter(username="late").exists()
    # One that stays off may be corrected there, and whoever moves on works on.
    assert change(off, display_name="旧人").display_name == "旧人"
    assert change(off, organization=city.enterprise, is_active=True).is_active


def test_a_mistaken_end_is_taken_back_and_logins_stay_off(city: City, client: Client) -> None:
    close(city, city.district)
    client.post("/login/", {"username": "office.administrator", "password": PASSWORD})
    path = f"/organizations/{city.district.pk}/"
    assert f"{path}reopen/" in client.get(path).content.decode()
    client.post(f"{path}reopen/")
    city.district.refresh_from_db()
    assert city.district.valid_to is None
    assert not Account.objects.filter(organization=city.district, is_active=True).exists()
    event = AuditEvent.objects.get(tag=Action.ORGANIZATION_REOPEN)
    assert (event.subject_id, event.data["last_day"]) == (
        city.district.pk,
        yesterday().isoformat(),
    )
    again = client.post(f"{path}reopen/")
    assert again.status_code == 422 and f"{path}reopen/" not in client.get(path).content.decode()
    with pytest.raises(NotPermitted):
        reopen_organization(actor=city.who("office", "officer"), organization_id=city.district.pk)


def test_an_end_stays_below_an_ended_department_and_where_the_name_is_taken(city: City) -> None:
    def why(organization: Organization) -> str:
        with pytest.raises(Refusal) as told:
            reopen_organization(
                actor=city.who("office", "administrator"), organization_id=organization.pk
            )
        organization.refresh_from_db()
        assert organization.valid_to is not None
        return told.value.rule

    close(city, city.hospital)
    close(city, city.health)
    assert why(city.hospital) == "organization.supervisor_closed"
    close(city, city.enterprise)
    Organization.objects.create(
        name=city.enterprise.name, kind=Kind.LARGE_ENTERPRISE, has_authority=True
    )
    assert why(city.enterprise) == "organization.name_taken"


def test_english_readers_read_in_english_what_is_left(city: City) -> None:
    accepted_register(city, 2)
    found = refused(city, city.health).found
    with override("en"):
        told = say(found)
    assert "；" in found and not re.search("[\u3400-\u9fff]", told)


def test_only_an_administrator_ends_one_and_by_this_action_alone(city: City) -> None:
    with pytest.raises(NotPermitted):
        close_organization(
            actor=city.who("office", "officer"),
            organization_id=city.district.pk,
            last_day=yesterday(),
        )
    with pytest.raises(ValueError, match="valid_to"):
        change_organization(
            actor=city.who("office", "administrator"),
            organization_id=city.district.pk,
            valid_to=yesterday(),
        )


def test_the_page_says_what_is_left_or_ends_it_and_the_filter_finds_it(
    city: City, client: Client
) -> None:
    client.post("/login/", {"username": "office.administrator", "password": PASSWORD})
    page = client.get(f"/organizations/{city.health.pk}/close/").content.decode()
    assert "主管的单位" in page and 'name="last_day"' not in page
    path = f"/organizations/{city.district.pk}/close/"
    assert path in client.get(f"/organizations/{city.district.pk}/").content.decode()
    unsure = client.post(path, {"last_day": yesterday().isoformat()})
    city.district.refresh_from_db()
    assert unsure.status_code != 302 and city.district.valid_to is None
    name = city.district.name
    done = client.post(path, {"last_day": yesterday().isoformat(), "sure": "on"}, follow=True)
    assert f"已停用：{name}" in done.content.decode()
    assert name not in client.get("/organizations/").content.decode()
    ended = client.get("/organizations/", {"ended": "1"}).content.decode()
    assert name in ended and city.enterprise.name not in ended
    detail = client.get(f"/organizations/{city.district.pk}/").content.decode()
    assert name in detail and path not in detail


def test_forms_offer_none_that_has_ended_but_what_was_chosen_before(city: City) -> None:
    Organization.objects.create(
        name="旧单位",
        kind=Kind.REPORTING_UNIT,
        supervisor=city.district,
        valid_from=date(2018, 1, 1),
        valid_to=date(2020, 1, 1),
    )
    close(city, city.district)
    old = Organization.objects.get(name="旧单位")
    offered = AccountForm().fields["organization"].queryset  # type: ignore[attr-defined]
    assert city.health in offered and city.district not in offered and old not in offered
    supervisors = OrganizationForm(instance=old).fields["supervisor"].queryset  # type: ignore[attr-defined]
    assert city.district in supervisors
    assert city.district not in OrganizationForm().fields["supervisor"].queryset  # type: ignore[attr-defined]
