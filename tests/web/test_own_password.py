"""Nobody works under a password that somebody else knows, and a change of it is told (N18)."""

import pytest
from django.test import Client

from tests.support.city import PASSWORD, City
from zhicheng.audit.models import AuditEvent
from zhicheng.notifications.making import make
from zhicheng.notifications.models import Notification
from zhicheng.organizations.actions import change_password, create_account, reset_password
from zhicheng.organizations.guard import CONSOLE
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.values.refusal import Refusal

pytestmark = pytest.mark.django_db
MADE, OWN = "made-by-somebody-7", "a-quite-long-sentence"


@pytest.fixture
def newcomer(city: City) -> Account:
    return create_account(
        actor=CONSOLE,
        username="new.clerk",
        password=MADE,
        display_name="新来",
        organization=city.health,
        role="clerk",
    )


def logged_in(account: Account, password: str) -> Client:
    client = Client()
    client.post("/login/", {"username": account.username, "password": password})
    return client


def change(client: Client, old: str, new: str) -> int:
    return client.post(
        "/password/", {"old_password": old, "new_password1": new, "new_password2": new}
    ).status_code


def test_a_newcomer_changes_the_password_before_anything_else(newcomer: Account) -> None:
    client = logged_in(newcomer, MADE)
    for path in ("/tasks/", "/registers/", "/search/"):
        answer = client.get(path)
        assert (answer.status_code, answer["Location"]) == (302, "/password/")
    assert client.post("/search/", {"text": "张三"})["Location"] == "/password/"
    part = client.post("/search/", {"text": "张三"}, headers={"HX-Request": "true"})
    assert part["HX-Redirect"] == "/password/" and not part.content
    assert "系统管理员给您的" in client.get("/password/").content.decode()
    assert change(client, MADE, OWN) == 302
    assert client.get("/tasks/").status_code == 200
    assert "系统管理员给您的" not in client.get("/password/").content.decode()


def test_the_password_that_was_given_is_no_new_one(newcomer: Account) -> None:
    client = logged_in(newcomer, MADE)
    assert change(client, MADE, MADE) == 422
    assert client.get("/tasks/").status_code == 302
    with pytest.raises(Refusal) as refused:
        change_password(actor=newcomer, password=MADE)
    assert refused.value.rule == "account.password_same"


def test_whoever_must_change_it_can_log_out_and_choose_the_language(newcomer: Account) -> None:
    client = logged_in(newcomer, MADE)
    assert client.post("/language/", {"language": "en"})["Location"] != "/password/"
    client.post("/logout/")
    assert client.get("/password/")["Location"].startswith("/login/")


def test_after_a_reset_it_is_changed_again_and_other_sessions_have_ended(city: City) -> None:
    clerk = city.who("health", "clerk")
    before = logged_in(clerk, PASSWORD)
    assert before.get("/tasks/").status_code == 200
    reset_password(actor=city.who("office", "administrator"), account_id=clerk.pk, password=MADE)
    assert before.get("/tasks/")["Location"].startswith("/login/")
    assert logged_in(clerk, MADE).get("/tasks/")["Location"] == "/password/"


def test_a_change_is_an_event_and_is_told_to_the_person(city: City) -> None:
    clerk = city.who("health", "clerk")
    assert change(logged_in(clerk, PASSWORD), PASSWORD, OWN) == 302
    event = AuditEvent.objects.get(tag=Action.PASSWORD_CHANGE)
    assert (event.actor_id, event.subject_id, event.data) == (clerk.pk, clerk.pk, {"forced": False})
    make()
    told = Notification.objects.filter(account=clerk, source=f"audit:{event.sequence}")
    assert told.count() == 1
    assert (
        not Notification.objects.exclude(account=clerk)
        .filter(source=f"audit:{event.sequence}")
        .exists()
    )


def test_a_weak_password_changes_nothing(city: City) -> None:
    clerk = city.who("health", "clerk")
    with pytest.raises(Refusal):
        change_password(actor=clerk, password="12345")
    clerk.refresh_from_db()
    assert clerk.check_password(PASSWORD)
    assert not AuditEvent.objects.filter(tag=Action.PASSWORD_CHANGE).exists()


def test_an_employers_account_can_change_its_password(city: City) -> None:
    from tests.support.employers import employer

    account = employer()
    Account.objects.filter(pk=account.pk).update(must_change_password=True)
    account.refresh_from_db()
    change_password(actor=account, password=OWN)
    account.refresh_from_db()
    assert account.check_password(OWN) and not account.must_change_password
