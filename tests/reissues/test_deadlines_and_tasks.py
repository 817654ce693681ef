"""For whom every step waits, and until when (N18)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.reissues.effects import refused
from tests.support.city import City
from tests.support.reissues import Way, about, issued
from zhicheng.reissues import deadlines
from zhicheng.reissues.models import Reissue, ReissueState
from zhicheng.reissues.waiting import days_late, reissues_waiting

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
    assert deadlines.due_at(way.now, {"acceptance": 2}) == since + timedelta(days=2)
    assert days_late(way.now, {"acceptance": 2}, since + timedelta(days=1)) == 0
    assert days_late(way.now, {"acceptance": 2}, since + timedelta(days=3, hours=1)) == 2
    refused(
        lambda: deadlines.set_deadline(
            actor=city.who("office", "officer"), step="acceptance", valid_from=today, days=0
        ),
        "reissue_deadline.out_of_range",
        "N18",
    )


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
