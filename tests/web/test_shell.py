"""The shell of every page: login, menu by permission, headers, health."""

import pytest
from django.test import Client
from django.urls import reverse

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
