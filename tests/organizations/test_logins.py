"""Where an account is logged in is seen and ended, by its owner and by administrators (N18)."""

import re
from datetime import timedelta
from importlib import import_module
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.support.city import PASSWORD, City, id_number
from zhicheng.audit.models import AuditEvent
from zhicheng.notifications.making import make
from zhicheng.notifications.models import Notification
from zhicheng.organizations.actions import change_account, change_password, reset_password
from zhicheng.organizations.guard import CONSOLE
from zhicheng.organizations.logins import living
from zhicheng.organizations.models import Account, LoginSession
from zhicheng.organizations.permissions import Action
from zhicheng.organizations.sessions import LOGOUT
from zhicheng.web.first_things import FirstThingsMiddleware

pytestmark = pytest.mark.django_db
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/131.0.0.0 Safari/537.36"
)


def window(account: Account, agent: str = CHROME, address: str = "192.0.2.7") -> Client:
    client = Client(headers={"user-agent": agent}, REMOTE_ADDR=address)
    answer = client.post("/login/", {"username": account.username, "password": PASSWORD})
    assert answer["Location"] == "/tasks/"
    return client


def test_each_login_says_since_when_from_where_and_with_what(clerk: Account) -> None:
    here, _there = window(clerk), window(clerk, "Firefox Linux", "2001:db8:1:2:3::4")
    page = here.get("/sessions/").content.decode()
    rows = re.findall(r"<tr><td>(.*?)</tr>", page, re.DOTALL)
    assert len(rows) == 2
    assert "Chrome · Windows" in rows[0] and "192.0.2.7" in rows[0] and "这一处" in rows[0]
    assert "Firefox · Linux" in rows[1] and "2001:db8:1:2::/64" in rows[1]
    assert "这一处" not in rows[1]
    for login in living(clerk):
        assert login.session_key not in page
        assert timezone.now() - login.last_seen < timedelta(minutes=1)


def test_a_request_writes_nothing_more_for_it(clerk: Account) -> None:
    client = window(clerk)
    client.get("/tasks/")
    with CaptureQueriesContext(connection) as queries:
        client.get("/password/")
    touching = [query["sql"] for query in queries if "loginsession" in query["sql"]]
    # As many as the idle time-out takes by itself.
    assert [sql.split(" ")[0] for sql in touching] == ["SELECT", "UPDATE"]


def test_an_ended_login_is_at_the_login_page_with_its_next_request(clerk: Account) -> None:
    here, there = window(clerk), window(clerk)
    other = living(clerk).exclude(session_key=here.session.session_key).get()
    assert here.post(f"/sessions/{other.public_id}/end/")["Location"] == "/sessions/"
    assert there.get("/tasks/")["Location"].startswith("/login/")
    assert here.get("/tasks/").status_code == 200
    event = AuditEvent.objects.get(tag=Action.SESSION_END)
    assert event.data == {"browser": "Chrome · Windows", "sessions": 1}
    assert here.post(f"/sessions/{other.public_id}/end/").status_code == 422


def test_logging_in_once_more_in_the_same_session_is_the_same_login(clerk: Account) -> None:
    here = window(clerk)
    before = LoginSession.objects.get(account=clerk)
    here.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")
    assert here.get("/sessions/").status_code == 200
    after = LoginSession.objects.get(account=clerk)
    assert (after.public_id, after.began_at) == (before.public_id, before.began_at)


def test_all_others_are_ended_at_once(clerk: Account) -> None:
    here, others = window(clerk), [window(clerk) for _time in range(3)]
    assert "退出其他所有登录" in here.get("/sessions/").content.decode()
    here.post("/sessions/end/")
    assert {other.get("/tasks/").status_code for other in others} == {302}
    assert here.get("/tasks/").status_code == 200
    assert AuditEvent.objects.get(tag=Action.SESSION_END).data == {"sessions": 3}
    assert here.post("/sessions/end/").status_code == 422


def test_nobody_ends_or_sees_logins_of_somebody_else(city: City, clerk: Account) -> None:
    theirs, mine = window(clerk, address="192.0.2.99"), window(city.who("health", "officer"))
    login = living(clerk).get()
    assert mine.post(f"/sessions/{login.public_id}/end/").status_code == 422
    assert mine.post(f"/organizations/accounts/{clerk.pk}/sessions/end/").status_code == 403
    assert "192.0.2.99" not in mine.get("/sessions/").content.decode()
    assert mine.get(f"/organizations/accounts/{clerk.pk}/").status_code == 403
    assert theirs.get("/tasks/").status_code == 200


def test_administrators_see_and_end_them_and_auditors_see_them(city: City, clerk: Account) -> None:
    theirs, again = window(clerk, address="192.0.2.99"), window(clerk)
    page = f"/organizations/accounts/{clerk.pk}/"
    auditor, admin = (
        window(city.who("office", "auditor")),
        window(city.who("office", "administrator")),
    )
    assert "192.0.2.99" in auditor.get(page).content.decode()
    login = living(clerk).get(address="192.0.2.99")
    assert auditor.post(f"{page}sessions/{login.public_id}/end/").status_code == 403
    assert admin.post(f"{page}sessions/{login.public_id}/end/")["Location"] == page
    assert theirs.get("/tasks/").status_code == 302
    assert again.get("/tasks/").status_code == 200
    admin.post(f"{page}sessions/end/")
    assert again.get("/tasks/").status_code == 302
    events = AuditEvent.objects.filter(tag=Action.SESSION_END_OF_OTHERS).order_by("sequence")
    assert [event.subject_id for event in events] == [clerk.pk] * 2
    make()
    told = Notification.objects.filter(source__in=[f"audit:{item.sequence}" for item in events])
    assert {item.account_id for item in told} == {clerk.pk}


def test_what_ends_logins_leaves_none_in_the_list(city: City, clerk: Account) -> None:
    officer, other = city.who("health", "officer"), city.who("industry", "clerk")
    for account in (clerk, officer, other):
        window(account)
    change_password(actor=clerk, password="a-quite-long-sentence")
    reset_password(actor=CONSOLE, account_id=officer.pk, password="a-quite-long-sentence")
    change_account(actor=CONSOLE, account_id=other.pk, is_active=False)
    assert not LoginSession.objects.filter(account__isnull=False).exists()


def test_a_changed_password_keeps_this_login_and_what_it_says(clerk: Account) -> None:
    here, there = window(clerk), window(clerk)
    before = living(clerk).get(session_key=here.session.session_key)
    new = "a-quite-long-sentence"
    here.post("/password/", {"old_password": PASSWORD, "new_password1": new, "new_password2": new})
    assert here.get("/tasks/").status_code == 200 and there.get("/tasks/").status_code == 302
    after = living(clerk).get()
    assert after.session_key != before.session_key
    assert (after.public_id, after.began_at, after.browser) == (
        before.public_id,
        before.began_at,
        before.browser,
    )


def test_ending_this_login_is_logging_out(clerk: Account) -> None:
    here, there = window(clerk), window(clerk)
    own = living(clerk).get(session_key=here.session.session_key)
    assert here.post(f"/sessions/{own.public_id}/end/")["Location"] == "/login/"
    assert here.get("/tasks/")["Location"].startswith("/login/")
    assert there.get("/tasks/").status_code == 200
    assert AuditEvent.objects.get(tag=LOGOUT).actor_id == clerk.pk


def test_administrators_end_their_own_on_their_own_page(city: City) -> None:
    admin = city.who("office", "administrator")
    client = window(admin)
    login = living(admin).get()
    for path in (f"sessions/{login.public_id}/end/", "sessions/end/"):
        answer = client.post(f"/organizations/accounts/{admin.pk}/{path}")
        assert answer.status_code == 403, path
    assert client.get("/tasks/").status_code == 200


def test_a_login_that_ends_under_a_request_is_at_the_login_page(
    clerk: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ended_meanwhile(*_args: object, **_kwargs: object) -> None:
        LoginSession.objects.filter(account=clerk).delete()

    monkeypatch.setattr(FirstThingsMiddleware, "process_view", ended_meanwhile)
    for headers, header in (({}, "Location"), ({"HX-Request": "true"}, "HX-Redirect")):
        client = window(clerk)
        answer = client.get("/password/", headers=headers)
        assert answer[header].startswith("/login/")


def test_logging_out_leaves_nothing(clerk: Account) -> None:
    client = window(clerk)
    client.post("/logout/")
    assert not living(clerk).exists()


def test_dead_logins_are_purged_with_the_nightly_tidying(clerk: Account) -> None:
    window(clerk)
    LoginSession.objects.update(expire_date=timezone.now() - timedelta(minutes=1))
    assert not living(clerk).exists()
    call_command("clearsessions")
    assert not LoginSession.objects.exists()


def test_sessions_of_before_are_deleted_when_theirs_is_another_table() -> None:
    migration = import_module("zhicheng.organizations.migrations.0006_sessions").Migration
    assert ("sessions", "0001_initial") in migration.dependencies  # the table is there by then
    Session.objects.create(session_key="old", session_data="signed", expire_date=timezone.now())
    past_the_code(migration.operations[-1].sql)
    assert not Session.objects.exists()


def test_nothing_typed_into_a_header_is_kept(clerk: Account) -> None:
    number = id_number(7)
    window(clerk, agent=f"{number} Chrome Windows", address=number)
    login = living(clerk).get()
    assert (login.browser, login.address) == ("Chrome · Windows", "")
    assert number not in str(login.get_decoded())


def past_the_code(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(values))


def test_a_session_never_becomes_somebody_elses(city: City, clerk: Account) -> None:
    window(clerk)
    other = city.who("health", "officer")
    move = "UPDATE organizations_loginsession SET account_id = %s"
    for account in (other.pk, None):
        with pytest.raises(IntegrityError) as broken, transaction.atomic():
            past_the_code(move, account)
        diagnosis = getattr(broken.value.__cause__, "diag", None)
        assert diagnosis is not None
        assert diagnosis.constraint_name == "session_never_changes_its_account"


def test_a_login_without_its_moment_is_none(clerk: Account) -> None:
    new = (
        "INSERT INTO organizations_loginsession (session_key, session_data, expire_date,"
        " account_id, public_id, address, browser) VALUES ('k', '', now(), %s, %s, '', '')"
    )
    with pytest.raises(IntegrityError, match="login_says_since_when"), transaction.atomic():
        past_the_code(new, clerk.pk, uuid4())
    new = (
        "INSERT INTO organizations_loginsession (session_key, session_data, expire_date,"
        " address, browser) VALUES ('k', '', now(), '192.0.2.1', '')"
    )
    with pytest.raises(IntegrityError, match="login_says_since_when"), transaction.atomic():
        past_the_code(new)
