"""Lists that are too long to be looked through still find everything within their filters."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.support.city import City, accepted_register, carry, deliver
from tests.support.pages import window
from zhicheng.audit.models import AuditEvent
from zhicheng.audit.recording import recorded
from zhicheng.certificates.models import Certificate
from zhicheng.certificates.queries import visible
from zhicheng.certificates.views.issuing import Uncollected
from zhicheng.certificates.views.lists import Certificates
from zhicheng.organizations.permissions import Action
from zhicheng.oversight.views import EventList

pytestmark = pytest.mark.django_db


def test_n18_the_auditor_finds_the_newest_of_a_person_within_every_filter(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zhicheng.web.lists.BEGINNINGS", 3)
    monkeypatch.setattr(EventList, "searched_whole", 5)
    monkeypatch.setattr(EventList, "counted", 5)
    clerk, officer = city.who("health", "clerk"), city.who("office", "officer")
    for _ in range(6):
        for account in (clerk, officer):
            with recorded(account, Action.LIST_EXPORT) as record:
                record(subject=city.health)
    client = window(city, "office", "auditor")

    def shown(**query: str) -> list[int]:
        page = client.get("/audit/", query).content.decode()
        return [int(number) for number in re.findall(r'href="/audit/(\d+)/"', page)]

    theirs = list(
        AuditEvent.objects.filter(actor_id=clerk.pk)
        .order_by("-sequence")
        .values_list("sequence", flat=True)
    )
    assert len(theirs) == 6
    # By any part of username or name, newest first, none left out.
    for text in (clerk.username, clerk.display_name, clerk.display_name[1:]):
        assert shown(q=text) == theirs, text
    today = timezone.localdate()
    assert shown(q=clerk.username, at_from=today.isoformat()) == theirs
    tomorrow = (today + timedelta(days=1)).isoformat()
    assert shown(q=clerk.username, at_from=tomorrow) == []


def test_n8_uncollected_ones_are_found_among_many_that_were_collected(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zhicheng.web.lists.BEGINNINGS", 2)
    collected, waiting = accepted_register(city, 4), accepted_register(city, 4)
    deliver(city, 20)
    carry(city, collected, "issued")
    carry(city, waiting, "embossed")
    there = list(Certificate.objects.filter(state="embossed").order_by("position"))
    for counted, reminded in ((5_000, 300), (5_000, 3), (2, 300)):
        monkeypatch.setattr(Uncollected, "counted", counted)
        monkeypatch.setattr(Uncollected, "searched_whole", counted)
        monkeypatch.setattr("zhicheng.certificates.queries.issued.REMINDED_AT_MOST", reminded)
        page = window(city, "office", "officer").get("/certificates/uncollected/", {"q": "2026"})
        text = page.content.decode()
        assert all(item.number in text for item in there), counted
        # A text for all of them, or none: never one for a part that reads as if it were all.
        whole = (counted, reminded) == (5_000, 300)
        assert ('id="reminder"' in text) == whole
        assert (f"筛选到 {min(counted, reminded)} 人以内" in text) != whole


def test_a_department_finds_its_own_though_others_of_the_name_crowd_the_city(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zhicheng.web.lists.BEGINNINGS", 3)
    monkeypatch.setattr(Certificates, "counted", 2)
    monkeypatch.setattr(Certificates, "searched_whole", 2)
    others = accepted_register(city, 4, unit=city.enterprise, department=city.industry)
    own = accepted_register(city, 3)
    deliver(city, 20)
    carry(city, others, "filled")
    carry(city, own, "filled")
    mine = list(Certificate.objects.filter(register=own).values_list("number", flat=True))
    page = window(city, "health", "clerk").get("/certificates/", {"q": "2026"}).content.decode()
    assert all(number in page for number in mine)
    foreign = Certificate.objects.filter(register=others).values_list("number", flat=True)
    assert not any(number in page for number in foreign)


@pytest.mark.parametrize("counted", [2, 5_000])
def test_n6_a_list_read_way_by_way_shows_what_each_may_see_newest_first(
    city: City, monkeypatch: pytest.MonkeyPatch, counted: int
) -> None:
    monkeypatch.setattr("zhicheng.web.lists.PAGE_SIZE", 3)
    monkeypatch.setattr(Certificates, "counted", counted)
    deliver(city, 20)
    for register in (
        accepted_register(city, 3),
        accepted_register(city, 2, unit=city.enterprise, department=city.industry),
        accepted_register(city, 4),
    ):
        carry(city, register, "filled")
    for who in (("office", "officer"), ("health", "clerk"), ("hospital", "clerk")):
        account = city.who(*who)
        wanted = [
            item.number for item in visible(account).order_by("-register_id", "position", "pk")
        ]
        if counted == 2:
            wanted = list(visible(account).order_by("-pk").values_list("number", flat=True))
        page = window(city, *who).get("/certificates/").content.decode()
        shown = [number for number in re.findall(r"\d{4,}", page) if number in set(wanted)]
        assert list(dict.fromkeys(shown)) == wanted[:3], who
