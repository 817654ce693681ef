"""Going through persons or numbers is noticed, told to the office, and told once (N18)."""

import json
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from tests.support.city import City, found_city
from zhicheng.audit.models import AuditEvent
from zhicheng.organizations.guard import CONSOLE
from zhicheng.organizations.permissions import Action
from zhicheng.values.refusal import Conflict, NotPermitted
from zhicheng.verification import enumeration, forgetting
from zhicheng.verification.lookups import Question, record_lookups
from zhicheng.verification.models import (
    AddressKey,
    AlarmKind,
    AskingCount,
    EnumerationAlarm,
    Lookup,
    Way,
)
from zhicheng.web.tasks import tasks_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> City:
    return found_city()


def person(n: int, born: str = "19900101") -> str:
    return f"500103{born}{n:04}"


def noticed() -> dict[str, EnumerationAlarm]:
    enumeration.raise_alarms(actor=CONSOLE)
    return {alarm.kind: alarm for alarm in enumeration.open_alarms()}


def ask_many(count: int, address: str = "203.0.113.{n}", **given: object) -> None:
    """Many questions in vain: ``{n}`` counts in every text."""
    record_lookups(
        [
            Question(
                **{  # type: ignore[arg-type]
                    "way": Way.PERSON,
                    "address": address.format(n=n),
                    **{
                        key: value.format(n=n) if isinstance(value, str) and key != "way" else value
                        for key, value in given.items()
                    },
                }
            )
            for n in range(count)
        ]
    )


def test_one_address_that_asks_about_many_people() -> None:
    ask_many(30, "203.0.113.7", id_number="5001{n:02}199001010018")
    alarm = noticed()["address"]
    assert (alarm.questions, alarm.misses, alarm.persons, alarm.addresses) == (30, 30, 30, 1)


def test_an_office_that_checks_its_people_is_no_alarm() -> None:
    ask_many(200, "203.0.113.7", id_number="50010319900101{n:04}", found=["X1"])
    assert noticed() == {}


def test_many_addresses_that_ask_about_one_number() -> None:
    ask_many(20, way=Way.NUMBER, name="张{n}", number="2026000150001", found=["2026000150001"])
    assert set(noticed()) == {"subject"}


def test_a_run_through_the_last_four_digits_from_as_many_addresses() -> None:
    ask_many(15, name="张小明", id_number="50010319900101{n:04}")
    alarms = noticed()
    assert set(alarms) == {"run"}
    assert (alarms["run"].persons, alarms["run"].addresses) == (15, 15)


def test_a_run_through_certificate_numbers() -> None:
    ask_many(15, way=Way.NUMBER, name="王伟", number="202600015{n:04}")
    assert set(noticed()) == {"run"}


def test_a_sudden_rise_of_misses_over_all() -> None:
    ask_many(120, "10.1.{n}.1", way=Way.NUMBER, number="{n}-{n}-{n}-{n}", name="王{n}")
    assert set(noticed()) == {"surge"}


def test_a_day_like_this_all_day_is_no_rise() -> None:
    ask_many(120, "10.1.{n}.1", way=Way.NUMBER, number="{n}-{n}-{n}-{n}")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO verification_lookup (at, way, hit, found, client)"
            " SELECT now() - make_interval(mins => 11 + m), 'person', false, '{}', ''"
            " FROM generate_series(0, 1400) m, generate_series(1, 3) AS each_minute"
        )
    assert "surge" not in noticed()


def test_noticing_again_changes_nothing_and_more_of_it_makes_the_alarm_grow() -> None:
    ask_many(30, "203.0.113.7", id_number="5001{n:02}199001010018")
    (first,) = enumeration.raise_alarms(actor=CONSOLE)
    before = list(EnumerationAlarm.objects.values())
    assert enumeration.raise_alarms(actor=CONSOLE) == []
    assert list(EnumerationAlarm.objects.values()) == before
    ask_many(40, "203.0.113.7", id_number="5002{n:02}199001010018")
    assert enumeration.raise_alarms(actor=CONSOLE) == []
    alarm = EnumerationAlarm.objects.get()
    assert (alarm.pk, alarm.persons) == (first, 70)
    assert AuditEvent.objects.filter(tag=Action.ENUMERATION_RAISE).count() == 1


def test_an_alarm_is_acknowledged_once_with_a_note_and_only_newer_questions_make_another(
    city: City,
) -> None:
    ask_many(30, "203.0.113.7", id_number="5001{n:02}199001010018")
    alarm = noticed()["address"]
    officer = city.who("office", "officer")
    enumeration.acknowledge(actor=officer, alarm_id=alarm.pk, note="某单位逐人核对，已电话核实")
    assert noticed() == {}
    with pytest.raises(Conflict):
        enumeration.acknowledge(actor=officer, alarm_id=alarm.pk, note="再来")
    event = AuditEvent.objects.filter(tag=Action.ENUMERATION_ACKNOWLEDGE).get()
    assert event.subject_id == alarm.pk
    ask_many(29, "203.0.113.7", id_number="5003{n:02}199001010018")
    assert noticed() == {}
    ask_many(30, "203.0.113.7", id_number="5003{n:02}199001010018")
    assert noticed()["address"].pk != alarm.pk


def test_the_evidence_is_counts_times_and_ways_and_nothing_personal() -> None:
    ask_many(30, "203.0.113.7", name="张小明", id_number="5001{n:02}199001010018")
    alarm = noticed()["address"]
    assert alarm.evidence["ways"] == {"person": 30}
    assert sum(questions for _at, questions, _misses in alarm.evidence["times"]) == 30
    everything = json.dumps(alarm.evidence)
    for word in ("张", "5001", "203.0.113", "1990"):
        assert word not in everything


def test_the_office_sees_it_first_thing_and_settles_it_on_a_page(city: City) -> None:
    ask_many(30, "203.0.113.7", id_number="5001{n:02}199001010018")
    alarm = noticed()["address"]
    officer = city.who("office", "officer")
    (group,) = [item for item in tasks_of(officer) if "枚举" in item.title]
    assert (group.count, group.items[0][1]) == (1, f"/query-alarms/{alarm.pk}/")
    client = Client()
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    assert "同一来源查询许多人" in client.get("/query-alarms/?state=open").content.decode()
    page = client.get(group.items[0][1]).content.decode()
    assert "确认预警" in page and alarm.subject_text in page
    done = client.post(f"/query-alarms/{alarm.pk}/acknowledge/", {"note": "已核实"}, follow=True)
    assert "已确认" in done.content.decode() and "确认预警" not in done.content.decode()
    with_number = {"note": f"是 {person(18)} 本人"}
    assert client.post(f"/query-alarms/{alarm.pk}/acknowledge/", with_number).status_code == 422
    assert not [item for item in tasks_of(officer) if "枚举" in item.title]


def test_others_see_no_alarm(city: City) -> None:
    for who in (("health", "officer"), ("office", "administrator")):
        client = Client()
        client.force_login(city.who(*who), backend="django.contrib.auth.backends.ModelBackend")
        assert client.get("/query-alarms/").status_code == 403
        with pytest.raises(NotPermitted):
            enumeration.acknowledge(actor=city.who(*who), alarm_id=1, note="x")
    auditor = Client()
    auditor.force_login(
        city.who("office", "auditor"), backend="django.contrib.auth.backends.ModelBackend"
    )
    assert auditor.get("/query-alarms/").status_code == 200


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE {t} SET note = 'x'", "alarm_is_acknowledged_by_somebody_with_a_note"),
        ("DELETE FROM {t}", "never removed"),
        (
            """INSERT INTO {t} (kind, subject, first_at, last_at, questions, misses, persons,
                addresses, evidence, raised_at, note) SELECT kind, subject, first_at, last_at,
                1, 1, 1, 1, '{{}}', now(), '' FROM {t}""",
            "one_open_alarm_about_one_thing",
        ),
    ],
)
def test_the_database_keeps_alarms(statement: str, constraint: str) -> None:
    ask_many(30, "203.0.113.7", id_number="5001{n:02}199001010018")
    noticed()
    with (
        pytest.raises(IntegrityError, match=constraint),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(t="verification_enumerationalarm"))


def test_old_months_are_dropped_and_younger_ones_stay() -> None:
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT make_lookup_month('2020-03-15')")
        cursor.execute(
            "INSERT INTO verification_lookup (at, way, hit, found, client) VALUES"
            " ('2020-03-10', 'person', false, '{}', ''), ('2019-01-01', 'person', false, '{}', ''),"
            " (now(), 'person', false, '{}', '')"
        )
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    AddressKey.objects.create(day="2020-03-10", key_cipher=b"x")
    AskingCount.objects.create(
        key=b"k" * 12, began=now - timedelta(hours=4), slot=0, questions=1, misses=0
    )
    assert forgetting.forget_lookups(actor=CONSOLE) == ["verification_lookup_y2020m03"]
    assert Lookup.objects.count() == 1
    assert not AddressKey.objects.exists()
    forgetting.forget_counts()
    assert not AskingCount.objects.exists()
    event = AuditEvent.objects.filter(tag=Action.LOOKUP_FORGET).get()
    assert event.data["others"] == 1


def test_months_to_come_have_their_place() -> None:
    forgetting.prepare_months(timezone.localdate().replace(year=2040, month=11, day=3))
    assert "verification_lookup_y2041m02" in forgetting._partitions()
    ask_many(1, id_number=person(1))
    assert Lookup.objects.count() == 1


def test_every_kind_of_alarm_is_explained() -> None:
    from zhicheng.verification.views_alarms import MEANINGS

    assert set(MEANINGS) == set(AlarmKind)
