"""The shell of every page: login, menu by permission, headers, health."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from zhicheng.organizations.models import Account, Kind, Organization
from zhicheng.organizations.permissions import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> Account:
    office = Organization.objects.create(
        name="市职改办", kind=Kind.MUNICIPAL_OFFICE, has_authority=True
    )
    return Account.objects.create_account(
        "officer", "correct-horse-9", display_name="郑国平", organization=office, role=Role.OFFICER
    )


def test_login_takes_the_right_password_and_no_other(client: Client, officer: Account) -> None:
    wrong = client.post("/login/", {"username": "officer", "password": "nothing"})
    assert "用户名或密码不正确" in wrong.content.decode()
    right = client.post("/login/", {"username": "officer", "password": "correct-horse-9"})
    assert right.headers["Location"] == "/tasks/"
    assert "郑国平" in client.get("/tasks/").content.decode()


def test_pages_ask_for_login(client: Client) -> None:
    assert client.get("/tasks/").headers["Location"] == "/login/?next=/tasks/"


def test_every_page_carries_a_strict_content_security_policy(client: Client) -> None:
    policy = client.get("/login/").headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


def test_chinese_is_the_language_whatever_the_browser_prefers(client: Client) -> None:
    page = client.get("/login/", headers={"Accept-Language": "en-US,en"}).content.decode()
    assert 'lang="zh-hans"' in page
    client.post(reverse("web:language"), {"language": "en", "next": "/login/"})
    assert 'lang="en"' in client.get("/login/").content.decode()


def test_health_answers(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


def test_an_account_is_locked_after_five_wrong_passwords(
    client: Client, officer: Account, settings: Settings
) -> None:
    settings.AXES_ENABLED = True
    for _ in range(5):
        page = client.post("/login/", {"username": "officer", "password": "guess"})
    assert page.status_code == 429
    assert "锁定" in page.content.decode()
    right = client.post("/login/", {"username": "officer", "password": "correct-horse-9"})
    assert right.status_code == 429
    assert client.get("/tasks/").status_code == 302


def test_a_weak_password_is_refused_in_plain_words(client: Client, officer: Account) -> None:
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    for weak in ("kurz", "1234567890123", "password123", "officer1234"):
        page = client.post(
            "/password/",
            {"old_password": "correct-horse-9", "new_password1": weak, "new_password2": weak},
        )
        assert "zc-error" in page.content.decode(), weak
    officer.refresh_from_db()
    assert officer.check_password("correct-horse-9")


def test_the_menu_shows_only_what_the_account_may_ever_do(client: Client, officer: Account) -> None:
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    office = client.get("/tasks/").content.decode()
    assert 'href="/registers/"' in office
    assert 'href="/audit/"' not in office
    admin = Account.objects.create_account(
        "admin",
        "correct-horse-9",
        display_name="管理员",
        organization=officer.organization,
        role=Role.ADMINISTRATOR,
    )
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/tasks/").content.decode()
    assert 'href="/registers/"' not in page
    assert 'href="/organizations/"' in page


def test_a_refusal_is_a_page_or_an_alert_that_names_clause_and_mend(
    client: Client, officer: Account
) -> None:
    officer.role = Role.CLERK
    officer.save()
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    whole = client.get("/organizations/new/")
    assert whole.status_code == 403
    assert "没有任何内容被改动" in whole.content.decode()
    part = client.get("/organizations/new/", headers={"HX-Request": "true"})
    assert part.status_code == 403
    assert part.headers["HX-Retarget"] == "#alerts"
    assert "N18" in part.content.decode()
    assert "<html" not in part.content.decode()


def test_a_list_refuses_an_id_number_in_its_address(client: Client, officer: Account) -> None:
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/organizations/", {"q": "500103198502141234"})
    assert page.status_code == 422
    assert "500103198502141234" not in page.content.decode()


def test_a_list_sorts_filters_and_exports_without_formulas(
    client: Client, officer: Account
) -> None:
    import io

    from openpyxl import load_workbook

    Organization.objects.create(
        name="=cmd()", kind=Kind.LARGE_ENTERPRISE, has_authority=True, short_name="x"
    )
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/organizations/", {"kind": "large_enterprise"}).content.decode()
    assert "=cmd()" in page
    assert ">市职改办<" not in page.split("<tbody>")[1]
    answer = client.get("/organizations/", {"export": "xlsx", "sort": "-name"})
    sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active  # type: ignore[attr-defined]
    names = [row[0].value for row in sheet.iter_rows(min_row=2)]
    assert names == sorted(names, reverse=True) or "'=cmd()" in names
    assert "'=cmd()" in names
