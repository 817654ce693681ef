"""Login and password in plain words, and no ID number kept because somebody typed it there."""

from collections.abc import Callable

import pytest
from axes.models import AccessAttempt, AccessFailureLog
from django.test import Client
from pytest_django.fixtures import Settings

from zhicheng.audit.models import AuditEvent
from zhicheng.organizations.permissions import Role
from zhicheng.values.id_number import check_digit

pytestmark = pytest.mark.django_db
LogIn = Callable[[Role], Client]
ID_NUMBER = "50010319850214123" + check_digit("50010319850214123")


def test_an_id_number_as_user_name_is_neither_tried_nor_kept(
    client: Client, settings: Settings
) -> None:
    settings.AXES_ENABLED = True
    page = client.post("/login/", {"username": ID_NUMBER, "password": "anything"})
    assert "用户名不是身份证号码" in page.content.decode()
    assert ID_NUMBER not in page.content.decode()
    kept = [str(model.objects.values()) for model in (AccessAttempt, AccessFailureLog, AuditEvent)]
    assert "any:session:failed" in kept[2]
    assert not [text for text in kept if ID_NUMBER in text]


def test_the_login_says_why_it_is_asked_and_goes_on_where_one_was(
    client: Client, log_in: LogIn
) -> None:
    log_in(Role.OFFICER)
    page = client.get("/login/?next=/registers/").content.decode()
    assert "请先登录" in page
    answer = client.post(
        "/login/", {"username": "officer", "password": "correct-horse-9", "next": "/registers/"}
    )
    assert answer.headers["Location"] == "/registers/"
    elsewhere = Client().post(
        "/login/",
        {
            "username": "officer",
            "password": "correct-horse-9",
            "next": "https://elsewhere.example/",
        },
    )
    assert elsewhere.headers["Location"] == "/tasks/"


def test_a_changed_password_ends_every_other_session(log_in: LogIn) -> None:
    here = log_in(Role.OFFICER)
    there = Client()
    there.post("/login/", {"username": "officer", "password": "correct-horse-9"})
    assert there.get("/tasks/").status_code == 200
    new = "a-quite-long-sentence"
    answer = here.post(
        "/password/",
        {"old_password": "correct-horse-9", "new_password1": new, "new_password2": new},
        follow=True,
    )
    assert "密码已修改" in answer.content.decode()
    assert here.get("/tasks/").status_code == 200
    assert there.get("/tasks/").status_code == 302


def test_logging_out_takes_a_post(log_in: LogIn) -> None:
    client = log_in(Role.OFFICER)
    assert client.get("/logout/").status_code == 405
    assert client.get("/tasks/").status_code == 200
    client.post("/logout/")
    assert client.get("/tasks/").status_code == 302


def test_a_session_ends_after_half_an_hour_without_use(log_in: LogIn) -> None:
    client = log_in(Role.OFFICER)
    client.get("/tasks/")
    assert client.session.get_expiry_age() == 30 * 60
    assert client.cookies["sessionid"]["httponly"]
    assert client.cookies["sessionid"]["max-age"] == 30 * 60
