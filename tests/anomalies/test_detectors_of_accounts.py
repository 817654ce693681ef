"""Who looks, takes away, comes by night or on days of rest, or tries passwords is found."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.utils import timezone

from tests.anomalies.conftest import put
from tests.support.city import City, accepted_register, carry, deliver
from tests.support.deadlines import were_moved
from zhicheng.anomalies import actions
from zhicheng.anomalies.actions import _write
from zhicheng.anomalies.detectors import accounts, logins
from zhicheng.anomalies.models import Anomaly
from zhicheng.anomalies.rules import Thresholds
from zhicheng.audit.recording import recorded
from zhicheng.certificates.models import Certificate
from zhicheng.certificates.unmasking import show_id_number
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.organizations.sessions import FAILED, LOCKED, LOGIN, Stranger

T = Thresholds()
HERE = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 7, 20, 2, 17, tzinfo=HERE)  # the search; weekends: 4/5, 11/12, 18/19 July


@pytest.fixture
def certificate(city: City) -> Certificate:
    register = accepted_register(city, 1)
    deliver(city, 5)
    carry(city, register, "issued")
    return register.certificates.get()


def happens(actor: Account | Stranger, tag: str, moment: str = "", **data: object) -> None:
    """An event; at a moment of July 2026, as ``14 23:30``."""
    with recorded(actor, tag) as record:
        record(data=data)
    if moment:
        with connection.cursor() as cursor:
            cursor.execute("SELECT max(sequence) FROM audit_auditevent")
            (sequence,) = cursor.fetchone()
        put(
            "UPDATE audit_auditevent SET occurred_at = %s::timestamptz WHERE sequence = %s",
            f"2026-07-{moment}+08",
            sequence,
        )


def test_an_account_that_looks_at_far_more_id_numbers_than_its_like(
    city: City, certificate: Certificate
) -> None:
    clerk, other = city.who("health", "clerk"), city.who("industry", "clerk")
    for _time in range(20):
        show_id_number(actor=clerk, certificate=certificate, purpose="issue")
    with recorded(other, Action.PERSON_UNMASK) as record:
        record(subject=certificate)
    assert accounts.unmasking(T, timezone.now()) == []
    for _time in range(11):  # a search by ID number is a look, too
        happens(clerk, Action.SEARCH_BY_ID_NUMBER, shown={"certificates": 1})
    (found,) = accounts.unmasking(T, timezone.now())
    figures = dict(found.evidence.figures)
    assert found.account_id == clerk.pk and found.weight == 31
    assert (figures["查看次数"], figures["按身份证号码查询次数"]) == ("20", "11")
    assert figures["涉及对象"] == "1" and len(found.evidence.objects) == 31


def test_an_account_that_takes_far_more_rows_away_than_its_like(city: City) -> None:
    clerk, other = city.who("health", "clerk"), city.who("industry", "clerk")
    happens(other, Action.LIST_EXPORT, list="证书", count=300)
    for _time in range(2):
        happens(clerk, Action.LIST_EXPORT, list="证书", count=9_999)
    happens(other, Action.LIST_EXPORT, list="certificates", key="k1", rows=900_000)
    assert accounts.exports(T, timezone.now()) == []
    happens(clerk, Action.LIST_EXPORT, list="证书", count=2)
    # A file with whole numbers is on record twice and counts once.
    happens(clerk, Action.PERSON_UNMASK, purpose="file", count=9_999)
    (found,) = accounts.exports(T, timezone.now())
    figures = dict(found.evidence.figures)
    assert found.account_id == clerk.pk and found.weight == 20_000
    assert figures["导出次数"] == "3" and figures["其中完整身份证号码"] == "9999"
    assert figures["单次最多行数"] == "9999" and len(found.evidence.objects) == 4


def test_an_account_that_comes_by_night(city: City) -> None:
    clerk, other = city.who("health", "clerk"), city.who("industry", "clerk")
    for moment in ("14 02:10", "14 23:30", "15 05:59", "15 09:00"):
        happens(clerk, LOGIN, moment)
    for moment in ("14 02:10", "14 06:00", "15 21:59", "15 14:00"):
        happens(other, LOGIN, moment)
    (found,) = logins.odd_hours(T, MONDAY)
    assert found.account_id == clerk.pk and found.weight == 3
    assert [item[2][-5:] for item in found.evidence.objects] == ["05:59", "23:30", "02:10"]


def test_an_account_that_comes_on_days_of_rest_as_they_are_moved(city: City) -> None:
    clerk, other = city.who("health", "clerk"), city.who("industry", "clerk")
    for moment in ("04 10:00", "05 10:00", "11 10:00", "11 15:00", "12 10:00"):
        happens(clerk, LOGIN, moment)
    for moment in ("06 10:00", "11 10:00", "11 15:00", "15 10:00", "16 10:00", "17 10:00"):
        happens(other, LOGIN, moment)
    (found,) = logins.odd_hours(T, MONDAY)
    assert found.account_id == clerk.pk
    assert dict(found.evidence.figures)["休息日登录天数"] == "4"
    worked = datetime(2026, 7, 12, tzinfo=HERE).date()
    were_moved(worked, worked, works=True)
    assert logins.odd_hours(T, MONDAY) == []
    off = datetime(2026, 7, 15, tzinfo=HERE).date()
    were_moved(off, off + timedelta(days=2), works=False)
    (found,) = logins.odd_hours(T, MONDAY)
    assert found.account_id == other.pk  # the 11th, and three days of a holiday


def test_nights_of_july_are_told_though_those_of_january_were_set_aside(city: City) -> None:
    clerk, auditor = city.who("health", "clerk"), city.who("office", "auditor")
    for day in ("06", "07", "08"):
        happens(clerk, LOGIN, f"{day} 02:00")
    _write(logins.odd_hours(T, MONDAY))
    actions.set_aside(
        actor=auditor, anomaly_ids=[Anomaly.objects.get().pk], reason="值班，有值班表"
    )
    put(
        "UPDATE anomalies_anomaly SET first_found_at = %s, last_found_at = %s, seen_until = %s",
        *[datetime(2026, 7, 9, 2, 17, tzinfo=HERE)] * 3,
    )
    happens(clerk, LOGIN, "13 02:00")
    happens(clerk, LOGIN, "14 02:00")
    put("UPDATE anomalies_anomaly SET set_aside_weight = 10")  # so that growth alone isn't it
    assert _write(logins.odd_hours(T, MONDAY)) == (0, 0)
    happens(clerk, LOGIN, "15 02:00")
    assert _write(logins.odd_hours(T, MONDAY)) == (0, 1)
    assert Anomaly.objects.get().progress == "new"


def test_passwords_tried_at_one_name(city: City) -> None:
    for _time in range(10):
        happens(Stranger("health.clerk"), FAILED)
    happens(Stranger("nobody"), FAILED)
    came = city.who("health", "clerk")
    happens(came, LOGIN)
    (found,) = logins.failed_logins(T, timezone.now())
    figures = dict(found.evidence.figures)
    assert found.account_id == came.pk
    assert figures["失败次数"] == "10" and figures["其后一小时内登录成功"] == "是"


def test_codes_tried_by_whoever_knows_the_password_are_told_apart(city: City) -> None:
    for _time in range(6):
        happens(Stranger("health.clerk"), FAILED)
    for _time in range(4):
        happens(Stranger("health.clerk"), FAILED, step="code")
    happens(Stranger("health.clerk"), LOCKED, step="code")
    (found,) = logins.failed_logins(T, timezone.now())
    figures = dict(found.evidence.figures)
    assert (figures["失败次数"], figures["其中密码正确、验证码错误"]) == ("11", "4")


def test_passwords_tried_at_many_names_a_few_times_each(city: City) -> None:
    known = [item for (_unit, role), item in city.accounts.items() if role == "clerk"][:4]
    names = [item.username for item in known] + [f"zhang{number}" for number in range(6)]
    for name in names:
        happens(Stranger(name), FAILED, "14 10:20")
    # One of them came in: somebody had mistyped. Ten a day are no hour's.
    happens(known[0], LOGIN, "14 10:30")
    for hour in range(9, 17):
        happens(Stranger(f"li{hour}"), FAILED, f"15 {hour:02d}:20")
    assert logins.failed_logins(T, MONDAY) == [] and logins.many_names(T, MONDAY) == []
    happens(Stranger("zhang6"), FAILED, "14 10:50")
    (found,) = logins.many_names(T, MONDAY)
    figures = dict(found.evidence.figures)
    assert found.weight == 10 and "2026-07-14 10:00" in found.summary % found.words
    assert figures["其中账号存在"] == "3" and len(found.evidence.objects) == 10
    assert "zhang" not in f"{found.evidence.objects}"
