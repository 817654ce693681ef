"""For whom every step waits, and until when (N18)."""

from datetime import date, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.reissues.effects import refused
from tests.support.city import City
from tests.support.deadlines import step_had_deadline
from tests.support.pages import text_of
from tests.support.reissues import Way, about, issued
from zhicheng.organizations.guard import CONSOLE
from zhicheng.reissues import deadlines, listing, queries
from zhicheng.reissues.expiring import expire_drafts
from zhicheng.reissues.models import Reissue, ReissueState, StepDeadline
from zhicheng.reissues.waiting import days_late, reissues_waiting
from zhicheng.values.refusal import Refusal
from zhicheng.web.tasks import tasks_of

pytestmark = pytest.mark.django_db


def test_deadlines_are_a_dated_setting_and_late_ones_say_so(city: City) -> None:
    (old,) = issued(city)
    way = Way(city, about(old)).submit()
    today = timezone.localdate()
    deadlines.set_deadline(
        actor=city.who("office", "officer"), step="acceptance", valid_from=today, days=2
    )
    assert deadlines.deadlines(today)["acceptance"] == 2
    assert deadlines.deadlines(today - timedelta(days=1))["acceptance"] == 5
    since = way.now.waiting_since
    kept = deadlines.until(today)
    assert deadlines.due_at(way.now, kept) == since + timedelta(days=2)
    assert days_late(way.now, kept, since + timedelta(days=1)) == 0
    assert days_late(way.now, kept, since + timedelta(days=3, hours=1)) == 2
    refused(
        lambda: deadlines.set_deadline(
            actor=city.who("office", "officer"), step="acceptance", valid_from=today, days=0
        ),
        "reissue_deadline.out_of_range",
        "N18",
    )


def test_a_deadline_set_back_erases_no_delay(city: City, client: Client) -> None:
    (old,) = issued(city)
    way = Way(city, about(old)).submit()
    _began(way, 20)
    chief, clerk = city.who("office", "officer"), city.who("health", "clerk")
    today = timezone.localdate()
    for day in (today - timedelta(days=1), date(2020, 1, 1)):
        with pytest.raises(Refusal, match="过去") as error:
            deadlines.set_deadline(actor=chief, step="acceptance", valid_from=day, days=365)
        assert error.value.rule == "reissue_deadline.past"
    client.force_login(chief, backend="django.contrib.auth.backends.ModelBackend")
    page = client.post(
        "/reissues/deadlines/", {"step": "acceptance", "valid_from": "2020-01-01", "days": "365"}
    )
    assert page.status_code == 422 and "不能从过去的日期起生效" in text_of(page)
    assert not StepDeadline.objects.exists()
    assert listing.overdue(listing.listed(clerk)).get() == way.now


def test_what_was_set_for_a_day_stays_on_record_when_it_is_set_again(
    city: City, client: Client
) -> None:
    (old,) = issued(city)
    way = Way(city, about(old)).submit()
    chief, today = city.who("office", "officer"), timezone.localdate()
    for days in (7, 3):
        deadlines.set_deadline(actor=chief, step="acceptance", valid_from=today, days=days)
    assert deadlines.until(today)["acceptance"] == [(date.min, 5), (today, 3)]
    due = way.now.waiting_since + timedelta(days=3)
    row = listing.listed(city.who("health", "clerk")).get()
    assert queries.progress(way.now).due == row.due == due
    assert [(item.days, replaced) for item, replaced in deadlines.history(9)] == [
        (3, False),
        (7, True),
    ]
    client.force_login(chief, backend="django.contrib.auth.backends.ModelBackend")
    assert text_of(client.get("/reissues/deadlines/")).count("同日另有设定") == 1


def _began(way: Way, days: int) -> datetime:
    """The step has been waiting for so many days."""
    since = timezone.now() - timedelta(days=days)
    Reissue.objects.filter(pk=way.now.pk).update(waiting_since=since)
    return since


@pytest.mark.parametrize(("before", "after"), [(9, 2), (3, 20)])
def test_a_changed_deadline_moves_nothing_that_began_before(
    city: City, before: int, after: int
) -> None:
    """Neither what is due, nor what lists, task pages and the file show of it."""
    (old,) = issued(city)
    way = Way(city, about(old)).submit()
    clerk, today = city.who("health", "clerk"), timezone.localdate()

    def told() -> tuple[datetime | None, datetime, bool, date | None]:
        row = listing.listed(clerk).get()
        (group,) = [item for item in reissues_waiting(clerk) if item.count]
        late = listing.overdue(listing.listed(clerk)).exists()
        return queries.progress(way.now).due, row.due, late, group.due

    step_had_deadline("acceptance", today - timedelta(days=30), before)
    since = _began(way, 5)
    due = since + timedelta(days=before)
    as_it_was = (due, due, before < 5, timezone.localdate(due))
    assert told() == as_it_was
    step_had_deadline("acceptance", today - timedelta(days=1), after)
    assert deadlines.deadlines(today)["acceptance"] == after
    assert told() == as_it_was
    # What begins from that day on has the new figure.
    assert _began(way, 0) + timedelta(days=after) == told()[0] == told()[1]


def test_a_draft_begun_under_another_figure_keeps_it(city: City) -> None:
    (old,) = issued(city)
    way = Way(city, about(old))
    step_had_deadline("draft", timezone.localdate() - timedelta(days=1), 2)
    _began(way, 20)
    assert expire_drafts(actor=CONSOLE) == 0
    _began(way, 31)
    assert expire_drafts(actor=CONSOLE) == 1
    assert "超过 30 天" in way.now.outcome_reason


def test_every_step_waits_for_the_right_account(city: City) -> None:
    (old,) = issued(city)
    way = Way(city, about(old))

    def waits(organization: str, role: str) -> list[str]:
        return [
            group.title for group in reissues_waiting(city.who(organization, role)) if group.count
        ]

    way.step("submitted")
    assert "待受理的补办换发申请" in waits("health", "clerk")
    assert waits("industry", "clerk") == []
    way.step("accepted")
    assert "待签署的补办换发意见" in waits("hospital", "officer")
    way.step("granted")
    assert waits("office", "clerk") == ["待发放空白证书的补办换发申请"]
    way.step("numbered").step("collected")
    assert "待填制的补办换发证书" in waits("health", "clerk")
    way.step("filled")
    assert "待加盖公章的补办换发证书" in waits("health", "officer")
    way.step("sealed")
    assert waits("health", "embosser") == ["待加盖钢印的补办换发证书"]
    way.step("embossed")
    assert "待发放的补办换发证书" in waits("health", "clerk")
    way.step("issued")
    for name in ("hospital", "health", "office"):
        assert waits(name, "officer") == [], name
    assert Reissue.objects.get().state == ReissueState.DONE


def test_what_a_shortened_deadline_overtakes_is_named_first_and_makes_the_group_late(
    city: City, client: Client
) -> None:
    """Six of before have weeks left; the youngest has two days and is over them."""
    clerk, today = city.who("health", "clerk"), timezone.localdate()
    ways = [Way(city, about(old)).submit() for old in issued(city, 7)]
    step_had_deadline("acceptance", today - timedelta(days=40), 30)
    for way in ways[:6]:
        _began(way, 8)
    step_had_deadline("acceptance", today - timedelta(days=7), 2)
    _began(ways[6], 6)
    (group,) = [item for item in tasks_of(clerk) if item.kind == "reissue"]
    assert group.count == 7 and group.days == 8
    assert group.due == today - timedelta(days=4) and group.overdue and group.tone == "bad"
    first, *others = group.lines
    assert ways[6].now.receipt_number in first.label and first.late and first.days == 6
    assert len(others) == 4 and not any(line.late for line in others)
    assert listing.overdue(listing.listed(clerk)).get() == ways[6].now
    client.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")
    assert "1 类已逾期" in text_of(client.get("/tasks/"))
