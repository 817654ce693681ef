"""The own page of the second factor, and where nothing else is open before it (N18)."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import Settings

from tests.support.city import PASSWORD, City
from tests.support.second_factor import code_of, pending_of, turn_on, window
from zhicheng.api.actions import create_key, offered_scopes
from zhicheng.audit.models import AuditEvent
from zhicheng.organizations.actions import change_account
from zhicheng.organizations.guard import CONSOLE
from zhicheng.organizations.logins import living
from zhicheng.organizations.models import Account, RecoveryCode, SecondFactor
from zhicheng.organizations.second_factor import take_away

pytestmark = pytest.mark.django_db
PAGE = "/second-factor/"


@pytest.fixture
def required(settings: Settings) -> None:
    settings.ZHICHENG_SECOND_FACTOR = "required"


def shown_codes(html: str) -> list[str]:
    return re.findall(r'<li class="zc-secret">([^<]+)</li>', html)


def test_it_is_set_up_by_picture_code_and_password(city: City) -> None:
    clerk = city.who("health", "clerk")
    client = window(clerk)
    assert "还没有启用" in client.get(PAGE).content.decode()
    assert not SecondFactor.objects.exists()  # looking draws no secret
    assert client.post("/second-factor/begin/")["Location"] == PAGE
    secret = pending_of(client, clerk)
    page = client.get(PAGE)
    assert "<svg" in page.content.decode() and page["Cache-Control"] == "no-store"
    wrong = client.post(PAGE, {"code": code_of(secret), "password": "wrong"})
    assert wrong.status_code == 422 and "当前密码不正确" in wrong.content.decode()
    done = client.post(PAGE, {"code": code_of(secret), "password": PASSWORD})
    codes = shown_codes(unescape(done.content.decode()))
    assert len(codes) == 10 == RecoveryCode.objects.count()
    again = client.get(PAGE).content.decode()
    assert "已启用" in again and not shown_codes(again)
    assert not [code for code in codes if code in again]


def test_the_secret_stands_in_no_address_and_no_event(city: City) -> None:
    clerk = city.who("health", "clerk")
    client = window(clerk)
    client.post("/second-factor/begin/")
    html = client.get(PAGE).content.decode()
    key = re.search(r'<p class="zc-secret">([A-Z2-7 ]+)</p>', html)
    assert key
    plain = key[1].replace(" ", "")
    links = " ".join(re.findall(r'(?:href|src|action)="([^"]*)"', html))
    assert plain not in links and "otpauth" not in html
    assert plain not in str(list(AuditEvent.objects.values_list("data", flat=True)))


def test_recovery_codes_are_renewed_and_it_is_turned_off_by_password_and_code(city: City) -> None:
    clerk = city.who("health", "clerk")
    secret, codes = turn_on(clerk)
    client = window(clerk)
    given = {"code": code_of(secret), "password": PASSWORD}
    renewed = shown_codes(client.post("/second-factor/codes/", given).content.decode())
    assert len(renewed) == 10 and not set(renewed) & set(codes)
    used = client.post("/second-factor/off/", given)
    assert used.status_code == 422 and "已经用过" in used.content.decode()
    off = client.post("/second-factor/off/", {"code": renewed[0], "password": PASSWORD})
    assert off["Location"] == PAGE
    clerk.refresh_from_db()
    assert clerk.second_factor_since is None


def test_guesses_at_an_open_window_lock_out_like_those_at_the_login(
    city: City, settings: Settings
) -> None:
    settings.AXES_ENABLED = True
    clerk = city.who("health", "clerk")
    secret, codes = turn_on(clerk)
    client = window(clerk)
    for _time in range(4):
        wrong = client.post("/second-factor/off/", {"code": codes[0], "password": "guess"})
        assert wrong.status_code == 422
    last = client.post("/second-factor/off/", {"code": codes[0], "password": "guess"})
    assert last.status_code == 429
    right = client.post("/second-factor/off/", {"code": code_of(secret), "password": PASSWORD})
    assert right.status_code == 422 and "15 分钟" in right.content.decode()
    clerk.refresh_from_db()
    assert clerk.second_factor_since is not None
    assert (
        Client().post("/login/", {"username": clerk.username, "password": PASSWORD}).status_code
        == 429
    )


@pytest.mark.usefixtures("required")
@pytest.mark.parametrize("role", ["clerk", "officer", "auditor", "administrator"])
def test_where_it_is_required_the_office_sets_it_up_before_anything_else(
    city: City, role: str
) -> None:
    account = city.who("office", role)
    client = Client()
    client.post("/login/", {"username": account.username, "password": PASSWORD})
    for path in ("/tasks/", "/registers/", "/organizations/", "/second-factor/off/", "/sessions/"):
        answer = client.get(path)
        assert (answer.status_code, answer["Location"]) == (302, PAGE), path
    part = client.post("/search/", {"text": "张三"}, headers={"HX-Request": "true"})
    assert part["HX-Redirect"] == PAGE and not part.content
    assert "必须使用两步验证" in client.get(PAGE).content.decode()
    assert client.get("/password/").status_code == 200
    assert client.post("/language/", {"language": "en"})["Location"] != PAGE
    client.post("/second-factor/begin/")
    secret = pending_of(client, account)
    client.post(PAGE, {"code": code_of(secret), "password": PASSWORD})
    assert client.get("/tasks/").status_code == 200
    client.post("/logout/")
    assert client.get(PAGE)["Location"].startswith("/login/")


@pytest.mark.usefixtures("required")
def test_departments_and_units_are_asked_for_nothing(city: City) -> None:
    for who in (("health", "officer"), ("health", "clerk"), ("hospital", "clerk")):
        assert window(city.who(*who)).get("/tasks/").status_code == 200


@pytest.mark.usefixtures("required")
def test_the_own_password_comes_before_the_second_factor(city: City) -> None:
    officer = city.who("office", "officer")
    Account.objects.filter(pk=officer.pk).update(must_change_password=True)
    client = window(officer)
    for path in ("/tasks/", PAGE):
        assert client.get(path)["Location"] == "/password/"
    new = "a-quite-long-sentence"
    client.post(
        "/password/", {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    )
    assert client.get("/tasks/")["Location"] == PAGE


@pytest.mark.usefixtures("required")
def test_whoever_comes_to_the_office_is_asked_at_the_next_page(city: City) -> None:
    clerk = city.who("health", "clerk")
    client = window(clerk)
    assert client.get("/tasks/").status_code == 200
    change_account(
        actor=city.who("office", "administrator"), account_id=clerk.pk, organization=city.office
    )
    assert client.get("/tasks/")["Location"] == PAGE


@pytest.mark.usefixtures("required")
def test_public_pages_and_the_interface_are_asked_for_nothing(client: Client, city: City) -> None:
    assert client.get("/").status_code == 200
    assert client.get("/notice/").status_code == 200
    assert client.get("/healthz").status_code == 200
    made = create_key(
        actor=city.who("office", "officer"),
        organization=city.office,
        name="测试系统",
        scopes=[offered_scopes(city.office)[0].value],
        purpose="测试",
        expires_at=timezone.now() + timedelta(days=30),
        per_minute=60,
    )
    called = client.get("/api/v1/key", headers={"Authorization": f"Bearer {made.text}"})
    assert called.status_code == 200


def test_no_page_asks_the_database_more_for_it(city: City, settings: Settings) -> None:
    def asked(account: Account, mode: str, path: str) -> int:
        settings.ZHICHENG_SECOND_FACTOR = mode
        client = window(Account.objects.get(pk=account.pk))
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    clerk, officer = city.who("health", "clerk"), city.who("office", "officer")
    before = {who.pk: asked(who, "offered", "/registers/") for who in (clerk, officer)}
    assert asked(clerk, "required", "/registers/") == before[clerk.pk]
    for who in (clerk, officer):
        turn_on(who)
        assert asked(who, "required", "/registers/") == before[who.pk]


def test_the_administrator_sees_whether_it_is_on_and_takes_it_away(city: City) -> None:
    admin, clerk = city.who("office", "administrator"), city.who("health", "clerk")
    turn_on(clerk)
    theirs = window(clerk)
    client = window(admin)
    listed = client.get("/organizations/accounts/", {"second_factor": "1"}).content.decode()
    assert "health.clerk" in listed and "health.officer" not in listed
    page = f"/organizations/accounts/{clerk.pk}/"
    html = client.get(page).content.decode()
    assert "已启用" in html and "解除两步验证" in html
    assert client.post(f"{page}second-factor/")["Location"] == page
    clerk.refresh_from_db()
    assert clerk.second_factor_since is None
    assert theirs.get("/tasks/")["Location"].startswith("/login/")
    own = f"/organizations/accounts/{admin.pk}/"
    turn_on(admin)
    client = window(admin)
    assert "解除两步验证" not in client.get(own).content.decode()
    assert client.post(f"{own}second-factor/").status_code == 403
    auditor = window(city.who("office", "auditor"))
    assert auditor.post(f"{page}second-factor/").status_code == 403


def by_password(account: Account) -> Client:
    client = Client()
    right = {"username": account.username, "password": PASSWORD}
    assert client.post("/login/", right)["Location"] == "/tasks/"
    return client


def test_turning_it_on_ends_every_other_login(city: City) -> None:
    clerk = city.who("health", "clerk")
    owner, other = by_password(clerk), by_password(clerk)
    owner.post("/second-factor/begin/")
    owner.post(PAGE, {"code": code_of(pending_of(owner, clerk)), "password": PASSWORD})
    assert owner.get("/tasks/").status_code == 200
    assert other.get("/tasks/")["Location"].startswith("/login/")
    assert [item.session_key for item in living(clerk)] == [owner.session.session_key]


def test_a_login_that_passed_no_code_ends_with_its_next_request(city: City) -> None:
    clerk = city.who("health", "clerk")
    turn_on(clerk)
    passed, owing, part = window(clerk), Client(), Client()
    for client in (owing, part):
        client.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")
    assert passed.get("/tasks/").status_code == 200
    assert owing.get("/registers/?page=2")["Location"] == "/login/?next=/registers/%3Fpage%3D2"
    answer = part.post("/search/", {"text": "张三"}, headers={"HX-Request": "true"})
    assert answer["HX-Redirect"] == "/login/" and not answer.content
    assert living(clerk).count() == 1
    # A code of the factor before is none of the one that is there now.
    take_away(actor=CONSOLE, account_id=clerk.pk)
    stale = window(clerk)
    turn_on(clerk)
    assert stale.get("/tasks/")["Location"].startswith("/login/")


def test_no_other_login_sees_the_new_key_or_takes_its_place(city: City) -> None:
    clerk = city.who("health", "clerk")
    owner, other = by_password(clerk), by_password(clerk)
    owner.post("/second-factor/begin/")
    secret = pending_of(owner, clerk)
    html = other.get(PAGE).content.decode()
    assert 'class="zc-secret"' not in html and "<svg" in owner.get(PAGE).content.decode()
    begun = other.post("/second-factor/begin/")
    assert begun.status_code == 422 and "另一处" in begun.content.decode()
    stolen = other.post(PAGE, {"code": code_of(secret), "password": PASSWORD})
    assert stolen.status_code == 422
    assert pending_of(owner, clerk) == secret
    owner.post("/logout/")  # where it began is gone: nobody has to wait
    assert other.post("/second-factor/begin/")["Location"] == PAGE
    assert pending_of(other, clerk) != secret


def test_the_key_of_another_phone_is_shown_where_it_was_asked_for(city: City) -> None:
    clerk = city.who("health", "clerk")
    _secret, codes = turn_on(clerk)
    owner, other = window(clerk), window(clerk)
    asked = owner.post("/second-factor/replace/", {"code": codes[0], "password": PASSWORD})
    assert asked["Location"] == PAGE
    assert 'class="zc-secret"' in owner.get(PAGE).content.decode()
    assert 'class="zc-secret"' not in other.get(PAGE).content.decode()
    owner.post(PAGE, {"code": code_of(pending_of(owner, clerk)), "password": PASSWORD})
    assert owner.get("/tasks/").status_code == 200
    assert other.get("/tasks/")["Location"].startswith("/login/")
