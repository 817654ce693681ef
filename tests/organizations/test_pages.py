"""Organisations, accounts and the auditor's pages as their people use them (N3, N18)."""

import re

import pytest
from django.db import connection
from django.test import Client

from tests.support.city import PASSWORD, City
from tests.support.working import work_off, worked
from zhicheng.audit.models import AuditEvent
from zhicheng.audit.verify import verify
from zhicheng.organizations.models import Account, Organization
from zhicheng.proofs.models import Proof, Subject

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(city: City, client: Client) -> Client:
    client.post("/login/", {"username": "office.administrator", "password": PASSWORD})
    return client


def test_an_account_is_opened_with_a_password_that_is_shown_once(city: City, admin: Client) -> None:
    page = admin.post(
        "/organizations/accounts/new/",
        {
            "username": "new.clerk",
            "display_name": "新经办",
            "organization": city.health.pk,
            "role": "clerk",
            "telephone": "",
        },
    ).content.decode()
    shown = re.search(r"<strong>([^<]+)</strong>", page)
    assert shown
    account = Account.objects.get(username="new.clerk")
    assert account.check_password(shown[1])
    event = AuditEvent.objects.get(tag="admin:account:create")
    assert shown[1] not in str(event.data)
    again = admin.get(f"/organizations/accounts/{account.pk}/").content.decode()
    assert shown[1] not in again
    assert (
        Client().post("/login/", {"username": "new.clerk", "password": shown[1]}).url == "/tasks/"
    )  # type: ignore[attr-defined]


def test_an_embosser_works_where_embossing_is_done(city: City, admin: Client) -> None:
    page = admin.post(
        "/organizations/accounts/new/",
        {
            "username": "wrong",
            "display_name": "错",
            "organization": city.hospital.pk,
            "role": "embosser",
        },
    )
    assert page.status_code == 422
    assert "钢印员只能属于市职改办或资格核准部门" in page.content.decode()
    assert not Account.objects.filter(username="wrong").exists()


def test_a_switched_off_account_can_do_nothing_any_more(city: City, admin: Client) -> None:
    clerk = city.who("health", "clerk")
    window = Client()
    window.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")
    assert window.get("/registers/").status_code == 200
    admin.post(
        f"/organizations/accounts/{clerk.pk}/",
        {
            "display_name": clerk.display_name,
            "organization": clerk.organization_id,
            "role": "clerk",
            "telephone": "",
        },
    )
    clerk.refresh_from_db()
    assert not clerk.is_active
    assert window.get("/registers/").status_code == 302
    event = AuditEvent.objects.get(tag="admin:account:change")
    assert event.data["changes"] == {"is_active": [True, False]}


def test_a_unit_without_authority_needs_a_supervising_department(city: City, admin: Client) -> None:
    data = {
        "name": "新单位",
        "kind": "reporting_unit",
        "valid_from": "2026-01-01",
        "supervisor": "",
    }
    page = admin.post("/organizations/new/", data)
    assert page.status_code == 422
    assert not Organization.objects.filter(name="新单位").exists()
    made = admin.post("/organizations/new/", {**data, "supervisor": city.health.pk})
    assert made.status_code == 302
    assert Organization.objects.get(name="新单位").supervisor == city.health


def test_logins_log_outs_and_failures_stand_in_the_trail_without_id_numbers(
    city: City, client: Client
) -> None:
    client.post("/login/", {"username": "office.auditor", "password": PASSWORD})
    client.post("/logout/")
    client.post("/login/", {"username": "nobody", "password": "x"})
    client.post("/login/", {"username": "500103198502141234", "password": "x"})
    told = list(AuditEvent.objects.order_by("sequence").values_list("tag", "actor_name"))
    assert [tag for tag, _name in told] == [
        "any:session:login",
        "any:session:logout",
        "any:session:failed",
        "any:session:failed",
    ]
    assert "500103198502141234" not in str(told)
    assert verify().passed


def test_the_auditor_reads_filters_and_proves_the_chain(city: City, client: Client) -> None:
    client.post("/login/", {"username": "office.auditor", "password": PASSWORD})
    page = client.get("/audit/", {"tag": "any:session:login"}).content.decode()
    assert "office.auditor" in page
    assert client.get("/audit/1/").status_code == 200
    assert client.get("/audit/999/").status_code == 404
    proof = worked(client, client.post("/audit/verify/")).content.decode()
    assert "审计链验证通过" in proof and "最近一次验证" in proof
    for account in (city.who("office", "officer"), city.who("office", "administrator")):
        other = Client()
        other.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
        assert other.get("/audit/").status_code == 403


def test_the_proof_is_the_workers_and_says_what_it_found(city: City, client: Client) -> None:
    client.post("/login/", {"username": "office.auditor", "password": PASSWORD})
    client.post("/login/", {"username": "nobody", "password": "x"})
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditevent DISABLE TRIGGER USER")
        cursor.execute("UPDATE audit_auditevent SET actor_name = 'somebody' WHERE sequence = 1")
        cursor.execute("ALTER TABLE audit_auditevent ENABLE TRIGGER USER")
    first, again = (client.post("/audit/verify/")["Location"] for _time in range(2))
    assert first == again and not Proof.objects.exists()  # asked for once, not yet done
    work_off()
    assert not Proof.objects.get(subject=Subject.AUDIT).passed
    page = client.get(first, follow=True).content.decode()
    assert "审计事件 1 的内容被改动" in page and "发现问题" in page


def test_a_proof_is_not_run_for_whoever_is_no_auditor_any_more(city: City, client: Client) -> None:
    client.post("/login/", {"username": "office.auditor", "password": PASSWORD})
    page = client.post("/audit/verify/")["Location"]
    Account.objects.filter(username="office.auditor").update(role="clerk")
    work_off()
    assert not Proof.objects.exists()
    assert "不能办理" in client.get(page).content.decode()
