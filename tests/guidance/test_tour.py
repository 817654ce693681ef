"""The first day's steps tick themselves off."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.support.city import City, found_city
from tests.support.pages import text_of
from zhicheng.audit.recording import recorded
from zhicheng.guidance import tour
from zhicheng.guidance.models import Tour
from zhicheng.guidance.rules import STEPS, current
from zhicheng.organizations.permissions import PERMISSIONS, Action, Role
from zhicheng.web.clauses import CLAUSES


@pytest.fixture
def city() -> City:
    return found_city()


def page_of(city: City, *who: str) -> tuple[Client, str]:
    client = Client()
    client.force_login(city.who(*who), backend="django.contrib.auth.backends.ModelBackend")
    return client, text_of(client.get("/tasks/"))


def test_every_step_leads_to_a_page_and_is_something_that_its_role_may_do() -> None:
    for role, steps in STEPS.items():
        assert len({step.key for step in steps}) == len(steps)
        for step in steps:
            assert reverse(step.page)
            assert not step.clause or step.clause in CLAUSES
            for action in step.actions:
                assert any(may == role for may, _relation in PERMISSIONS[action]), (role, action)


def test_the_next_step_is_the_first_that_is_open() -> None:
    steps = STEPS[Role.CLERK]
    assert current(steps, frozenset()) is steps[0]
    assert current(steps, frozenset(step.key for step in steps)) is None


@pytest.mark.django_db
def test_steps_tick_themselves_off_from_what_was_done(city: City) -> None:
    clerk = city.who("hospital", "clerk")
    _client, before = page_of(city, "hospital", "clerk")
    assert "第一天：照着做一遍" in before
    assert {item.step.key: item.state for item in tour.tour_of(clerk)[1]}["submit"] == "todo"
    for action in (Action.REGISTER_MAKE, Action.REGISTER_SUBMIT):
        with recorded(clerk, action) as record:
            record(subject=clerk)
    with recorded(city.who("office", "officer"), Action.NUMBERS_ASSIGN) as record:
        record(subject=clerk)
    states = {item.step.key: item.state for item in tour.tour_of(clerk)[1]}
    assert (states["register"], states["submit"]) == ("done", "done")
    assert states["numbers"] == "todo"  # somebody else's doing
    # What this unit can never do isn't asked of it.
    assert not {"approvals", "receive", "issue"} & set(states)


@pytest.mark.django_db
def test_it_is_put_away_and_taken_again_by_the_account_alone(city: City) -> None:
    client, _text = page_of(city, "office", "officer")
    assert client.get("/guidance/tour/dismiss/").status_code == 405
    client.post("/guidance/tour/dismiss/")
    assert "照着做一遍" not in text_of(client.get("/tasks/"))
    assert "照着做一遍" in page_of(city, "office", "clerk")[1]
    client.post("/guidance/tour/restart/")
    assert "照着做一遍" in text_of(client.get("/tasks/"))
    assert text_of(client.get("/guidance/")).count("操作手册") >= 1
    assert Client().post("/guidance/tour/dismiss/").headers["Location"].startswith("/login/")


@pytest.mark.django_db
def test_the_database_refuses_a_tour_that_ended_before_it_began(city: City) -> None:
    account = city.who("office", "clerk")
    tour.tour_of(account)
    with (
        pytest.raises(IntegrityError, match="tour_is_dismissed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "UPDATE guidance_tour SET dismissed_at = started_at - interval '1 day'"
            " WHERE account_id = %s",
            [account.pk],
        )
    assert Tour.objects.get().started_at <= timezone.now()
