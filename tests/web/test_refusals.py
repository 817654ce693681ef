"""Every refusal says what, why, found, expected and what to do; parts and pages alike."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.test import Client, RequestFactory
from django_htmx.middleware import HtmxDetails
from pytest_django.fixtures import Settings

from zhicheng.organizations.permissions import Role
from zhicheng.values.refusal import Conflict, NotPermitted, Refusal
from zhicheng.web.refusals import RefusalMiddleware

LogIn = Callable[[Role], Client]
PART = {"HX-Request": "true", "HX-Current-URL": "http://testserver/organizations/?kind=x"}


def answer_to(error: Exception, **headers: str) -> tuple[int, str, dict[str, str]]:
    request = RequestFactory().get("/anywhere/", headers=headers)
    request.htmx = HtmxDetails(request)  # type: ignore[attr-defined]
    response = RefusalMiddleware(lambda _request: None).process_exception(request, error)  # type: ignore[arg-type, return-value]
    assert response is not None
    return response.status_code, response.content.decode(), dict(response.headers)


@pytest.mark.parametrize(("kind", "status"), [(Refusal, 422), (NotPermitted, 403), (Conflict, 409)])
def test_a_refusal_names_clause_found_expected_and_mend(kind: type[Refusal], status: int) -> None:
    refusal = kind(
        "certificates.not_embossed",
        "证书还没有加盖钢印。",
        clause="N8",
        found="已加盖公章 <b>",
        expected="已加盖钢印",
        mend="请先加盖钢印。",
    )
    got, page, _headers = answer_to(refusal)
    assert got == status
    for text in ("证书还没有加盖钢印。", "已加盖公章 &lt;b&gt;", "已加盖钢印", "请先加盖钢印。"):
        assert text in page
    assert 'href="/notice/#N8"' in page
    assert 'data-rule="certificates.not_embossed"' in page


def test_a_part_gets_an_alert_whatever_it_had_selected() -> None:
    _status, part, headers = answer_to(Refusal("x.y", "不行。"), **PART)
    assert "<html" not in part
    assert headers["HX-Retarget"] == "#alerts"
    assert headers["HX-Reselect"] == "unset"


@pytest.mark.django_db
def test_a_broken_constraint_is_named_without_the_values() -> None:
    insert = "INSERT INTO django_session VALUES ('k', 'geheim', now())"
    with (
        pytest.raises(IntegrityError) as raised,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"{insert}; {insert}")
    status, page, _headers = answer_to(raised.value)
    assert status == 422
    assert "django_session_pkey" in page
    assert "geheim" not in page
    assert "没有任何内容被保存" in page


@pytest.mark.django_db
def test_contention_is_a_conflict_and_other_database_faults_are_not_hidden() -> None:
    with (
        pytest.raises(OperationalError) as raised,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("DO $$ BEGIN RAISE SQLSTATE '40P01'; END $$")
    assert answer_to(raised.value)[0] == 409
    request = RequestFactory().get("/")
    middleware = RefusalMiddleware(lambda _request: None)  # type: ignore[arg-type, return-value]
    assert middleware.process_exception(request, OperationalError("disk full")) is None


@pytest.mark.django_db
def test_when_the_session_has_ended_a_part_sends_the_window_to_the_login(client: Client) -> None:
    whole = client.get("/organizations/")
    assert whole.status_code == 302
    part = client.get("/organizations/", headers=PART)
    assert part.status_code == 204
    assert part.headers["HX-Redirect"] == "/login/?next=%2Forganizations%2F%3Fkind%3Dx"


@pytest.mark.django_db
def test_a_form_from_before_the_login_is_refused_in_plain_words(
    log_in: LogIn, settings: Settings
) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.cookies = log_in(Role.OFFICER).cookies
    page = browser.post("/logout/", {"csrfmiddlewaretoken": "x" * 64})
    assert page.status_code == 403
    assert "页面已经过期" in page.content.decode()
    assert "请返回、刷新页面后重新办理" in page.content.decode()


@pytest.mark.django_db
def test_the_way_back_leads_only_to_our_own_pages(log_in: LogIn) -> None:
    client = log_in(Role.CLERK)
    for referer, shown in (
        ("http://testserver/organizations/", True),
        ("https://elsewhere.example/", False),
        ("javascript:alert(1)", False),
    ):
        page = client.get("/organizations/new/", headers={"Referer": referer})
        assert page.status_code == 403
        assert (f'href="{referer}"' in page.content.decode()) is shown


@pytest.mark.django_db
def test_error_pages_lead_back_to_the_work(client: Client, log_in: LogIn) -> None:
    assert 'href="/"' in client.get("/nowhere/").content.decode()
    page = log_in(Role.OFFICER).get("/nowhere/")
    assert page.status_code == 404
    assert "回待办事项" in page.content.decode()


def test_a_request_that_is_too_large_is_answered_in_chinese(
    client: Client, settings: Settings
) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    page = client.post("/language/", {"language": "en" * 50})
    assert page.status_code == 400
    assert "系统不接受这个请求" in page.content.decode()
