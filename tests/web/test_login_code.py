"""Between the password and the code nobody is logged in; wrong codes lock out (N18)."""

import time

import pytest
from axes.models import AccessAttempt, AccessFailureLog
from django.test import Client
from pytest_django.fixtures import Settings

from tests.support.city import PASSWORD, City
from tests.support.second_factor import code_of, turn_on
from zhicheng.audit.models import AuditEvent
from zhicheng.organizations.actions import change_account, reset_password
from zhicheng.organizations.guard import CONSOLE
from zhicheng.organizations.models import Account, LoginSession
from zhicheng.organizations.second_factor import take_away

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(city: City) -> Account:
    return city.who("health", "clerk")


@pytest.fixture
def phone(clerk: Account) -> tuple[bytes, list[str]]:
    return turn_on(clerk)


def half_way(client: Client, account: Account, onward: str = "") -> Client:
    answer = client.post(
        "/login/", {"username": account.username, "password": PASSWORD, "next": onward}
    )
    assert (answer.status_code, answer["Location"]) == (302, "/login/code/")
    return client


def test_after_password_and_code_one_is_where_one_wanted_to_be(
    client: Client, clerk: Account, phone: tuple[bytes, list[str]]
) -> None:
    half_way(client, clerk, "/registers/?state=filed")
    page = client.get("/login/code/").content.decode()
    assert 'inputmode="numeric"' in page and 'autocomplete="one-time-code"' in page
    answer = client.post("/login/code/", {"code": code_of(phone[0])})
    assert (answer.status_code, answer["Location"]) == (302, "/registers/?state=filed")
    assert client.get("/tasks/").status_code == 200
    assert "half_way" not in client.session
    assert client.get("/login/code/")["Location"] == "/tasks/"


def test_nobody_is_led_elsewhere(
    client: Client, clerk: Account, phone: tuple[bytes, list[str]]
) -> None:
    half_way(client, clerk, "https://elsewhere.example/")
    assert client.post("/login/code/", {"code": code_of(phone[0])})["Location"] == "/tasks/"


def test_a_recovery_code_opens_as_well(
    client: Client, clerk: Account, phone: tuple[bytes, list[str]]
) -> None:
    half_way(client, clerk)
    wrong = client.post("/login/code/", {"code": "ABCDE-FGHJK", "by": "recovery"})
    assert '<details class="pub-words" open>' in wrong.content.decode()
    answer = client.post("/login/code/", {"code": phone[1][0], "by": "recovery"})
    assert answer["Location"] == "/tasks/"


@pytest.mark.usefixtures("phone")
def test_half_way_opens_no_page(client: Client, clerk: Account) -> None:
    half_way(client, clerk)
    for path in ("/tasks/", "/registers/", "/second-factor/", "/sessions/", "/password/"):
        assert client.get(path)["Location"].startswith("/login/"), path
        assert client.post(path).status_code in (302, 405), path
    clerk.refresh_from_db()
    assert clerk.last_login is None
    assert not LoginSession.objects.filter(account__isnull=False).exists()
    assert not AuditEvent.objects.filter(tag="any:session:login").exists()


def test_the_session_has_another_key_at_each_step(
    client: Client, clerk: Account, phone: tuple[bytes, list[str]]
) -> None:
    client.post("/login/", {"username": clerk.username, "password": "wrong"})
    planted = client.session
    planted["planted"] = "by somebody else"
    planted.save()
    half_way(client, clerk)
    between = client.session.session_key
    assert between != planted.session_key and "planted" not in client.session
    client.post("/login/code/", {"code": code_of(phone[0])})
    assert client.session.session_key not in (between, planted.session_key)
    left = set(LoginSession.objects.values_list("session_key", flat=True))
    assert left == {client.session.session_key}


def test_after_five_minutes_it_begins_again_and_leads_on(
    client: Client, clerk: Account, phone: tuple[bytes, list[str]]
) -> None:
    half_way(client, clerk, "/registers/")
    session = client.session
    left = session["half_way"]["until"] - time.time()
    assert 0 < left <= 300
    session["half_way"] = {**session["half_way"], "until": time.time() - 1}
    session.save()
    answer = client.post("/login/code/", {"code": code_of(phone[0])})
    assert answer["Location"] == "/login/?again=1&next=%2Fregisters%2F"
    page = client.get(answer["Location"]).content.decode()
    assert "输入验证码的时间已过" in page and 'value="/registers/"' in page
    assert client.get("/tasks/").status_code == 302


def test_what_happens_to_the_account_meanwhile_ends_it(
    client: Client, city: City, clerk: Account, phone: tuple[bytes, list[str]]
) -> None:
    half_way(client, clerk)
    reset_password(actor=CONSOLE, account_id=clerk.pk, password="a-quite-long-sentence")
    answer = client.post("/login/code/", {"code": code_of(phone[0])})
    assert answer["Location"].startswith("/login/?again=1")
    other = city.who("health", "officer")
    secret, _codes = turn_on(other)
    half_way(client, other)
    change_account(actor=city.who("office", "administrator"), account_id=other.pk, is_active=False)
    answer = client.post("/login/code/", {"code": code_of(secret)})
    assert answer["Location"].startswith("/login/?again=1")
    third = city.who("industry", "clerk")
    secret, _codes = turn_on(third)
    half_way(client, third)
    take_away(actor=CONSOLE, account_id=third.pk)
    assert "不正确" in client.post("/login/code/", {"code": code_of(secret)}).content.decode()
    assert client.get("/tasks/").status_code == 302


@pytest.mark.usefixtures("phone")
def test_after_five_wrong_codes_the_password_is_asked_again(client: Client, clerk: Account) -> None:
    half_way(client, clerk)
    for _time in range(4):
        page = client.post("/login/code/", {"code": "12345"})
        assert page.status_code == 200 and "不正确" in page.content.decode()
    assert client.post("/login/code/", {"code": "12345"})["Location"] == "/login/?again=1"
    assert client.get("/login/code/")["Location"] == "/login/"


def test_wrong_codes_lock_out_with_wrong_passwords_and_are_told_apart(
    client: Client, clerk: Account, phone: tuple[bytes, list[str]], settings: Settings
) -> None:
    settings.AXES_ENABLED = True
    for _time in range(2):
        client.post("/login/", {"username": clerk.username, "password": "wrong"})
    half_way(client, clerk)
    for _time in range(2):
        client.post("/login/code/", {"code": "12345"})
    half_way(client, clerk)  # the right password again makes nothing forgotten
    locked = client.post("/login/code/", {"code": "12345"})
    assert locked.status_code == 429 and "验证码" in locked.content.decode()
    assert client.post("/login/code/", {"code": code_of(phone[0])}).status_code in (302, 429)
    assert client.get("/tasks/").status_code == 302
    right = {"username": clerk.username, "password": PASSWORD}
    assert client.post("/login/", right).status_code == 429
    events = AuditEvent.objects.filter(tag="any:session:failed").order_by("sequence")
    assert [event.data for event in events][:5] == [{}, {}] + [{"step": "code"}] * 3
    lock = AuditEvent.objects.filter(tag="any:session:locked").earliest("sequence")
    assert (lock.actor_name, lock.data) == (clerk.username, {"step": "code"})


def test_a_lock_out_holds_for_who_is_half_way_already(
    client: Client, clerk: Account, phone: tuple[bytes, list[str]], settings: Settings
) -> None:
    settings.AXES_ENABLED = True
    half_way(client, clerk)
    other = Client()
    for _time in range(5):
        other.post("/login/", {"username": clerk.username, "password": "wrong"})
    assert client.post("/login/code/", {"code": code_of(phone[0])}).status_code == 429
    assert client.get("/tasks/").status_code == 302


def test_codes_tried_from_many_addresses_are_stopped_as_well(
    clerk: Account, phone: tuple[bytes, list[str]], settings: Settings
) -> None:
    settings.AXES_ENABLED = True
    for number in range(5):
        window = half_way(Client(REMOTE_ADDR=f"192.0.2.{number}"), clerk)
        for _time in range(2):
            assert window.post("/login/code/", {"code": "12345"}).status_code == 200
    window = half_way(Client(REMOTE_ADDR="192.0.2.99"), clerk)
    assert window.post("/login/code/", {"code": code_of(phone[0])}).status_code == 429
    assert window.get("/tasks/").status_code == 302


def test_a_right_code_makes_failures_forgotten(
    client: Client, clerk: Account, phone: tuple[bytes, list[str]], settings: Settings
) -> None:
    settings.AXES_ENABLED = True
    half_way(client, clerk)
    client.post("/login/code/", {"code": "12345"})
    client.post("/login/code/", {"code": code_of(phone[0])})
    assert not AccessAttempt.objects.exists()


def test_a_mistyped_code_is_kept_nowhere(
    client: Client, clerk: Account, phone: tuple[bytes, list[str]], settings: Settings
) -> None:
    settings.AXES_ENABLED = True
    half_way(client, clerk)
    nearly = phone[1][0][:-1] + ("A" if phone[1][0][-1] != "A" else "B")
    client.post("/login/code/", {"code": nearly, "by": "recovery"})
    kept = [str(model.objects.values()) for model in (AccessAttempt, AccessFailureLog, AuditEvent)]
    assert not [text for text in kept if nearly in text]


def test_an_account_without_a_second_factor_logs_in_as_before(client: Client, city: City) -> None:
    right = {"username": "office.officer", "password": PASSWORD}
    assert client.post("/login/", right)["Location"] == "/tasks/"
    assert client.get("/tasks/").status_code == 200
