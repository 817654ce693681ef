"""What becomes of an anomaly: set aside, or looked into to an outcome; nothing of it goes (N18)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from tests.support.city import City
from tests.support.stations import PDF
from zhicheng.anomalies import actions, queries
from zhicheng.anomalies.actions import _write
from zhicheng.anomalies.models import Anomaly, AnomalyKind, Inquiry, InquiryEntry
from zhicheng.anomalies.rules import Evidence, Found, Thresholds
from zhicheng.audit.models import AuditEvent
from zhicheng.audit.verify import verify
from zhicheng.files.store import prepare
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.values.refusal import Conflict, NotPermitted, Refusal

HOUR = timedelta(hours=1)
ASIDE_TOO = """
    UPDATE anomalies_anomaly SET set_aside_at = now(), set_aside_weight = 1, set_aside_reason = 'x',
        seen_until = now(),
        set_aside_by_id = (SELECT min(id) FROM organizations_account)
"""
CLOSED_THEN_CHANGED = """
    UPDATE anomalies_anomaly SET closed_weight = weight, seen_until = now()
        WHERE inquiry_id IS NOT NULL;
    UPDATE anomalies_anomaly SET weight = 9 WHERE inquiry_id IS NOT NULL
"""
AGAIN = """
    INSERT INTO anomalies_anomaly (kind, key, summary, weight, evidence, first_found_at,
        last_found_at, set_aside_reason)
    SELECT kind, key, '', 1, '{}', now(), now(), '' FROM anomalies_anomaly
"""


def found(key: str = "7", weight: float = 4, **more: object) -> Found:
    return Found(
        kind=AnomalyKind.ODD_HOURS,
        key=key,
        summary="账号 %(account)s 一个月内夜间登录 %(count)s 次",
        words={"account": f"a{key}", "count": int(weight)},
        weight=weight,
        evidence=Evidence(figures=(("夜间登录次数", str(weight)),)),
        **more,  # type: ignore[arg-type]
    )


@pytest.fixture
def listed(city: City) -> list[Anomaly]:
    _write([found("1"), found("2", organization_id=city.health.pk)])
    return list(Anomaly.objects.order_by("pk"))


def test_found_again_it_is_listed_once_and_brought_up_to_date(listed: list[Anomaly]) -> None:
    assert _write([found("1", 9)]) == (0, 0)
    again = Anomaly.objects.get(pk=listed[0].pk)
    assert again.weight == 9 and "9 次" in again.summary
    assert again.first_found_at == listed[0].first_found_at
    assert Anomaly.objects.count() == 2


def test_set_aside_it_comes_back_only_when_it_has_grown(
    listed: list[Anomaly], auditor: Account
) -> None:
    actions.set_aside(actor=auditor, anomaly_ids=[listed[0].pk], reason="值班")
    assert _write([found("1", 5)]) == (0, 0)
    assert Anomaly.objects.get(pk=listed[0].pk).progress == "aside"
    assert _write([found("1", 6)]) == (0, 1)
    assert Anomaly.objects.get(pk=listed[0].pk).progress == "new"
    assert AuditEvent.objects.get(tag=Action.ANOMALY_SET_ASIDE).data["reason"] == "值班"


def test_set_aside_holds_for_what_was_seen_and_not_for_a_later_episode(
    listed: list[Anomaly], auditor: Account
) -> None:
    actions.set_aside(actor=auditor, anomaly_ids=[listed[0].pk], reason="一月值班")
    seen = listed[0].last_found_at
    assert _write([found("1", 4, enough_since=seen - HOUR)]) == (0, 0)
    assert _write([found("1", 3, enough_since=seen + HOUR)]) == (0, 1)
    again = Anomaly.objects.get(pk=listed[0].pk)
    assert again.progress == "new" and again.weight == 3 and again.seen_until is None


def test_what_is_not_found_any_more_says_since_when_and_waits_no_longer(
    listed: list[Anomaly], auditor: Account, client: Client
) -> None:
    gone, still = listed
    with transaction.atomic():
        _write([found("2")])
    assert list(queries.not_looked_at()) == [still]
    assert list(queries.by_progress(queries.anomalies(), "gone")) == [gone]
    since = Anomaly.objects.get(pk=gone.pk).gone_since
    _write([])  # nothing at all: both are gone, the first since before
    assert Anomaly.objects.get(pk=gone.pk).gone_since == since
    assert not queries.not_looked_at().exists() and Anomaly.objects.count() == 2
    client.force_login(auditor)
    assert "不再符合标准" in client.get(f"/anomalies/{gone.pk}/").content.decode()
    assert "待办理异常线索" not in client.get("/tasks/").content.decode()
    assert _write([found("1"), found("2")]) == (0, 0)
    assert queries.not_looked_at().count() == 2
    # Whoever looks into it, or sets it aside, may do so with what is gone, too.
    _write([])
    actions.set_aside(actor=auditor, anomaly_ids=[gone.pk], reason="已说明")
    assert Anomaly.objects.get(pk=gone.pk).progress == "aside"


def test_what_was_gone_when_its_inquiry_closed_is_no_obstacle_to_the_next_search(
    listed: list[Anomaly], auditor: Account
) -> None:
    inquiry = actions.open_inquiry(actor=auditor, anomaly_ids=[listed[0].pk], subject="x")
    _write([])
    actions.close_inquiry(
        actor=auditor, inquiry_id=inquiry.pk, outcome="corrected", conclusion="已改"
    )
    assert _write([found("1")]) == (0, 0)
    assert Anomaly.objects.get(pk=listed[0].pk).gone_since is not None


def test_after_its_inquiry_it_stays_as_it_was_and_is_listed_anew(
    listed: list[Anomaly], auditor: Account
) -> None:
    first = listed[0].pk

    def inquire(anomaly_id: int) -> None:
        inquiry = actions.open_inquiry(actor=auditor, anomaly_ids=[anomaly_id], subject="x")
        actions.close_inquiry(
            actor=auditor, inquiry_id=inquiry.pk, outcome="corrected", conclusion="已改"
        )

    inquire(first)
    assert _write([found("1", 5)]) == (0, 0)  # still the same
    assert Anomaly.objects.get(pk=first).weight == 4
    assert _write([found("1", 6)]) == (1, 0)  # grown by half
    assert _write([found("1", 7)]) == (0, 0)
    again = Anomaly.objects.get(key="1", inquiry=None)
    assert again.weight == 7 and Anomaly.objects.get(pk=first).weight == 4
    inquire(again.pk)
    seen = Anomaly.objects.get(pk=again.pk).seen_until
    assert seen is not None
    assert _write([found("1", 4, enough_since=seen - HOUR)]) == (0, 0)
    assert _write([found("1", 4, enough_since=seen + HOUR)]) == (1, 0)  # an episode of its own
    assert _write([found("1", 4, enough_since=seen + HOUR)]) == (0, 0)
    assert [item.progress for item in queries.anomalies().filter(key="1").order_by("pk")] == [
        "closed",
        "closed",
        "new",
    ]


def test_an_inquiry_from_its_opening_to_its_outcome(
    listed: list[Anomaly], auditor: Account
) -> None:
    inquiry = actions.open_inquiry(actor=auditor, anomaly_ids=[listed[0].pk], subject="")
    assert inquiry.subject == listed[0].summary
    actions.join_inquiry(actor=auditor, inquiry_id=inquiry.pk, anomaly_ids=[listed[1].pk])
    with pytest.raises(Conflict):
        actions.set_aside(actor=auditor, anomaly_ids=[listed[1].pk], reason="x")
    entry = actions.add_inquiry_entry(
        actor=auditor,
        inquiry_id=inquiry.pk,
        text="询问本人，身份证500103198502141000",
        file=prepare(PDF, "笔录.pdf"),
    )
    assert "19850214" not in entry.text
    actions.close_inquiry(
        actor=auditor, inquiry_id=inquiry.pk, outcome="corrected", conclusion="已改密码"
    )
    with pytest.raises(Conflict):
        actions.add_inquiry_entry(actor=auditor, inquiry_id=inquiry.pk, text="再查")
    assert {item.progress for item in queries.anomalies()} == {"closed"}
    events = AuditEvent.objects.filter(
        subject_type="anomalies.inquiry", subject_id=inquiry.pk
    ).order_by("sequence")
    assert [event.tag.split(":")[2] for event in events] == ["open", "join", "note", "close"]
    assert verify().passed


@pytest.mark.parametrize(
    ("step", "rule"),
    [
        (lambda who, pk: actions.set_aside(actor=who, anomaly_ids=[pk], reason=" "), "no_reason"),
        (lambda who, pk: actions.set_aside(actor=who, anomaly_ids=[], reason="x"), "none_chosen"),
        (
            lambda who, pk: actions.close_inquiry(
                actor=who,
                inquiry_id=actions.open_inquiry(actor=who, anomaly_ids=[pk], subject="x").pk,
                outcome="whatever",
                conclusion="x",
            ),
            "no_outcome",
        ),
        (
            lambda who, pk: actions.set_detection_policy(
                actor=who,
                valid_from=timezone.localdate().replace(year=2020),
                thresholds=Thresholds(),
            ),
            "past",
        ),
    ],
)
def test_what_is_missing_is_named(
    listed: list[Anomaly], auditor: Account, step: Callable[[Account, int], object], rule: str
) -> None:
    with pytest.raises(Refusal) as refused:
        step(auditor, listed[0].pk)
    assert refused.value.rule.endswith(rule) and refused.value.clause == "N18"


def test_only_the_inspector_sees_and_does_any_of_it(listed: list[Anomaly], city: City) -> None:
    for who in (city.who("office", "officer"), city.who("office", "administrator")):
        for step in (
            lambda who=who: actions.look(actor=who),
            lambda who=who: actions.set_aside(actor=who, anomaly_ids=[listed[0].pk], reason="x"),
            lambda who=who: actions.open_inquiry(
                actor=who, anomaly_ids=[listed[0].pk], subject="x"
            ),
        ):
            with pytest.raises(NotPermitted):
                step()


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("DELETE FROM anomalies_anomaly", "anomaly_stays_in_its_inquiry"),
        ("UPDATE anomalies_anomaly SET inquiry_id = NULL", "anomaly_stays_in_its_inquiry"),
        ("UPDATE anomalies_anomaly SET key = 'x' || id", "anomaly_stays_in_its_inquiry"),
        ("DELETE FROM anomalies_inquiryentry", "inquiry_entry_is_never_changed"),
        ("UPDATE anomalies_inquiryentry SET text = 'x'", "inquiry_entry_is_never_changed"),
        ("DELETE FROM anomalies_inquiry", "inquiry_is_only_ever_closed"),
        ("UPDATE anomalies_inquiry SET subject = 'y'", "inquiry_is_only_ever_closed"),
        ("UPDATE anomalies_inquiry SET outcome = 'corrected'", "closed_inquiry_says_its_outcome"),
        (
            "UPDATE anomalies_anomaly SET set_aside_at = now() WHERE inquiry_id IS NULL",
            "anomaly_set_aside_says_why",
        ),
        (ASIDE_TOO, "anomaly_is_set_aside_or_looked_into"),
        (AGAIN, "anomaly_is_listed_once"),
        ("UPDATE anomalies_anomaly SET closed_weight = 1", "closed_anomaly_has_its_inquiry"),
        (CLOSED_THEN_CHANGED, "closed_anomaly_stays_as_it_was"),
        (
            "UPDATE anomalies_anomaly SET seen_until = now() WHERE inquiry_id IS NULL",
            "dealt_with_anomaly_says_what_was_seen",
        ),
        (
            "UPDATE anomalies_anomaly SET gone_since = last_found_at - interval '1 day'",
            "gone_anomaly_was_found_before",
        ),
    ],
)
def test_going_around_the_code_meets_the_database(
    listed: list[Anomaly], auditor: Account, statement: str, name: str
) -> None:
    inquiry = actions.open_inquiry(actor=auditor, anomaly_ids=[listed[0].pk], subject="x")
    actions.add_inquiry_entry(actor=auditor, inquiry_id=inquiry.pk, text="x")
    with (
        pytest.raises(DatabaseError) as refused,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert name in str(getattr(refused.value.__cause__, "diag", None).constraint_name)


def test_the_inspectors_pages_from_a_hint_to_its_outcome(
    listed: list[Anomaly], auditor: Account, city: City, client: Client
) -> None:
    client.force_login(auditor)
    page = client.get("/anomalies/").content.decode()
    assert "账号 a1 一个月内夜间登录 4 次" in page and "待办理" in page
    assert "待办理异常线索" in client.get("/tasks/").content.decode()
    first = listed[0]
    assert "夜间登录次数" in client.get(f"/anomalies/{first.pk}/").content.decode()
    answer = client.post(f"/anomalies/{first.pk}/open/", {"subject": "夜间登录", "with": "x"})
    inquiry = Inquiry.objects.get()
    assert answer.headers["Location"] == f"/anomalies/inquiries/{inquiry.pk}/"
    client.post(f"/anomalies/{listed[1].pk}/join/", {"inquiry": inquiry.pk})
    client.post(f"/anomalies/inquiries/{inquiry.pk}/entries/", {"text": "调阅值班表"})
    client.post(
        f"/anomalies/inquiries/{inquiry.pk}/close/",
        {"outcome": "unfounded", "conclusion": "值班人员"},
    )
    shown = client.get(f"/anomalies/inquiries/{inquiry.pk}/").content.decode()
    assert "调阅值班表" in shown and "查无异常" in shown and "结案后不能" not in shown
    assert InquiryEntry.objects.count() == 1
    saved = client.post(
        "/anomalies/policy/", {"valid_from": timezone.localdate().isoformat(), **vars(Thresholds())}
    )
    assert saved.status_code == 302 and queries.thresholds_on(timezone.localdate()) == Thresholds()
    assert client.get("/anomalies/", {"export": "xlsx"}).status_code == 200
    client.force_login(city.who("office", "officer"))
    assert client.get("/anomalies/").status_code == 403
    assert client.get(f"/anomalies/{first.pk}/").status_code == 403
