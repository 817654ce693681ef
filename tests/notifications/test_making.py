"""What is told to whom, once, from the audit chain (N18)."""

from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from tests.support.city import City, accepted_register, carry, deliver
from tests.support.filing import Filing
from tests.support.pages import text_of
from tests.support.reissues import Way, about, issued
from zhicheng.approvals.models import ApprovalDocument
from zhicheng.audit.models import AuditEvent
from zhicheng.notifications import making, preferences, subjects
from zhicheng.notifications.kinds import TABLE, TELLINGS, Group
from zhicheng.notifications.kinds import text_of as told_text
from zhicheng.notifications.models import Notification, NotificationHead, SkippedEvent
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Role
from zhicheng.registers import actions
from zhicheng.web.privacy import holds_id_number
from zhicheng.work.models import Work, WorkState
from zhicheng.work.running import _end

from .conftest import LogIn


def heard(account: Account) -> list[str]:
    """The names of what the account was told, the oldest first, after the approval documents."""
    rows = Notification.objects.filter(account=account).exclude(kind="listed").order_by("id")
    return list(rows.values_list("kind", flat=True))


def test_each_step_of_a_register_is_told_to_the_next_hands_and_to_the_unit(
    city: City, filing: Filing
) -> None:
    (line,) = filing.lines(1)
    register = filing.filed([line])
    making.make()
    assert heard(city.who("health", "officer")) == ["submitted"]
    assert heard(city.who("office", "officer")) == ["endorsed"]
    assert heard(city.who("hospital", "clerk")) == ["endorsed_unit"]
    actions.return_register(
        actor=city.who("office", "officer"), register_id=register.pk, reason="张三的号码不对"
    )
    making.make()
    assert heard(city.who("hospital", "clerk")) == ["endorsed_unit", "returned"]
    # Nobody is told of what they did themselves, nor what is none of theirs.
    assert heard(city.who("office", "officer")) == ["endorsed"]
    assert heard(city.who("industry", "officer")) == []
    assert heard(city.who("office", "administrator")) == []
    told = Notification.objects.get(account=city.who("hospital", "clerk"), kind="returned")
    assert told.what == register.number and told.url == f"/registers/{register.pk}/"
    assert "张三" not in told.text and register.number in told.text


def test_units_hear_of_approval_documents_with_their_people(city: City, filing: Filing) -> None:
    clerk = city.who("hospital", "clerk")
    filing.lines(2)
    making.make()
    told = Notification.objects.get(account=clerk)
    assert told.kind == "listed" and told.url == "/registers/make/"
    assert told.what in ApprovalDocument.objects.values_list("number", flat=True)
    assert not Notification.objects.exclude(account=clerk).exists()
    # Who has an electronic certificate goes on no register (N17).
    filing.lines(1)
    ApprovalDocument.objects.update(channel="online")
    making.make()
    assert Notification.objects.filter(account=clerk).count() == 1


def test_whoever_signs_next_is_told(city: City) -> None:
    way = Way(city, about(issued(city)[0])).submit()
    way.accept()
    before = None
    for step in way.now.path:
        if step["skipped"] or step["level"] == "applicant" or not step["organization"]:
            continue
        Notification.objects.all().delete()
        making.make()
        told = Notification.objects.filter(kind="to_sign").values_list("account__organization")
        # Who just signed for the department needn't be told that they sign as approving one too.
        expected = set() if step["organization"] == before else {(step["organization"],)}
        assert set(told) == expected, step
        way.opine(step)
        before = step["organization"]
    Notification.objects.all().delete()
    making.make()
    assert not Notification.objects.filter(kind="to_sign").exists()


def test_told_once_however_often_and_whoever_makes_them(city: City, filing: Filing) -> None:
    filing.filed(filing.lines(1))
    made = making.make()
    assert made > 0
    before = Notification.objects.count()
    assert making.make() == 0 and Notification.objects.count() == before
    head = NotificationHead.objects.get()
    assert head.position == AuditEvent.objects.order_by("-sequence").first().sequence  # type: ignore[union-attr]
    told = Notification.objects.first()
    assert told is not None
    with pytest.raises(IntegrityError, match="told_once"), transaction.atomic():
        Notification.objects.create(
            account=told.account, source=told.source, kind="x", group="register", url="/"
        )
    with (
        pytest.raises(IntegrityError, match="done for good"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE notifications_notificationhead SET position = position - 1")


def test_a_killed_worker_leaves_both_or_neither(
    city: City, filing: Filing, monkeypatch: pytest.MonkeyPatch
) -> None:
    filing.filed(filing.lines(1))
    before = NotificationHead.objects.get().position

    def die(told: object) -> None:
        raise SystemExit

    with monkeypatch.context() as broken:
        broken.setattr(making, "spread", die)
        with pytest.raises(SystemExit):
            making.make()
    assert NotificationHead.objects.get().position == before
    assert not Notification.objects.exists()
    making.make()
    assert Notification.objects.exists()


def test_an_event_that_breaks_holds_up_no_other_and_is_told_once_mended(
    city: City, filing: Filing, monkeypatch: pytest.MonkeyPatch, log_in: LogIn
) -> None:
    registers = [filing.filed([line]) for line in filing.lines(3)]
    sick, url_of = registers[1].pk, subjects.reverse

    def reverse(name: str, **given: Any) -> str:
        if given.get("args") == [sick]:
            raise ValueError("王敏 500103198502141235")
        return str(url_of(name, **given))

    officer = city.who("office", "officer")
    with monkeypatch.context() as broken:
        broken.setattr(subjects, "reverse", reverse)
        making.make()
    told = Notification.objects.filter(account=officer, kind="endorsed")
    assert {item.what for item in told} == {registers[0].number, registers[2].number}
    assert heard(city.who("hospital", "clerk")) == ["endorsed_unit"] * 2
    skipped = SkippedEvent.objects.filter(tag="department:register:endorse").get()
    assert skipped.fault == "ValueError" and skipped.attempts == 1
    head = NotificationHead.objects.get()
    assert head.position == AuditEvent.objects.order_by("-sequence").first().sequence  # type: ignore[union-attr]
    # The system's page says so, without the fault's words; then the release that mends it comes.
    first = SkippedEvent.objects.order_by("sequence").values_list("pk", flat=True)[0]
    said = text_of(log_in("office", "administrator").get("/audit/system/"))
    assert "没有生成提醒" in said and f"自审计序号 {first}（" in said and "王敏" not in said
    SkippedEvent.objects.update(next_attempt_at=timezone.now())
    with monkeypatch.context() as broken:
        broken.setattr(subjects, "reverse", reverse)
        assert making.make() == 0
    skipped.refresh_from_db()
    assert skipped.attempts == 2 and skipped.next_attempt_at > timezone.now()  # type: ignore[operator]
    SkippedEvent.objects.update(next_attempt_at=timezone.now())
    assert making.make() > 0 and not SkippedEvent.objects.exists()
    assert told.all().count() == 3 and making.make() == 0


def test_a_broken_database_is_no_events_fault(
    city: City, filing: Filing, monkeypatch: pytest.MonkeyPatch
) -> None:
    filing.filed(filing.lines(1))

    def away(told: object) -> None:
        raise OperationalError("server closed the connection")

    with monkeypatch.context() as broken:
        broken.setattr(making, "spread", away)
        with pytest.raises(OperationalError):
            making.make()
    assert not SkippedEvent.objects.exists()


def test_the_statements_do_not_grow_with_the_events(city: City) -> None:
    def counted(registers: int) -> int:
        deliver(city, 40 * registers)
        for _ in range(registers):
            carry(city, accepted_register(city, 2), "received")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            making.make()
        return len(queries)

    counted(1)
    assert counted(4) <= counted(1) + 1


def test_nothing_told_bears_a_name_or_an_id_number(city: City) -> None:
    register = accepted_register(city, 3)
    deliver(city, 20)
    carry(city, register, "embossed")
    making.make()
    names = {row.name for row in register.rows.all()}
    for told in Notification.objects.all():
        text = f"{told.what} {told.text} {told.url}"
        assert not holds_id_number(text)
        assert not any(name in text for name in names)
    assert "to_issue" in heard(city.who("health", "clerk"))


def test_every_sentence_is_whole_and_every_role_is_one(city: City) -> None:
    assert {telling.group for telling in TELLINGS.values()} == set(Group)
    for tag, tellings in TABLE.items():
        assert tellings, tag
        for telling in tellings:
            assert told_text(telling.name, "甲") and set(telling.roles) <= set(Role)


def test_work_that_took_long_or_was_refused_is_told_to_whoever_asked(city: City) -> None:
    clerk = city.who("hospital", "clerk")

    def ended(state: WorkState, seconds: int) -> None:
        work = Work.objects.create(
            kind="register.submit", account=clerk, fingerprint=f"{state}{seconds}", back="/"
        )
        Work.objects.filter(pk=work.pk).update(
            asked_at=timezone.now() - timezone.timedelta(seconds=seconds)
        )
        work.refresh_from_db()
        _end(work, state, None if state == WorkState.DONE else {"message": "x"})

    ended(WorkState.DONE, 1)
    assert heard(clerk) == []
    ended(WorkState.DONE, 60)
    ended(WorkState.REFUSED, 1)
    assert heard(clerk) == ["work_done", "work_refused"]
    told = Notification.objects.get(account=clerk, kind="work_done")
    with translation.override("en"):
        assert told.text == "File register: done"
        # Rows that were made before hold the Chinese name.
        assert told_text("work_done", "提交登记表") == told.text
    assert told.text == "提交登记表：已完成"


def test_what_is_switched_off_is_not_shown_but_safety_is(
    city: City, filing: Filing, log_in: LogIn
) -> None:
    clerk = city.who("hospital", "clerk")
    preferences.choose(
        actor=clerk,
        hidden=["register", "safety"],
        not_mailed=[],
        digest=False,
        digest_hour=8,
        language="zh-hans",
    )
    assert preferences.of(clerk).hidden == ["register"]
    filing.filed(filing.lines(1))
    making.make()
    assert heard(clerk) == ["endorsed_unit"]
    client = log_in("hospital", "clerk")
    assert "zc-bell" in client.get("/tasks/").content.decode()
    assert "条未读" not in client.get("/tasks/").content.decode()
    assert "还没有提醒" in text_of(client.get("/notifications/"))


def test_the_bell_counts_and_opening_reads(city: City, filing: Filing, log_in: LogIn) -> None:
    filing.filed(filing.lines(1))
    making.make()
    Notification.objects.filter(kind="listed").delete()
    client = log_in("hospital", "clerk")
    assert "提醒，1 条未读" in client.get("/tasks/").content.decode()
    (told,) = Notification.objects.filter(account=city.who("hospital", "clerk"))
    stranger = log_in("industry", "clerk")
    assert stranger.get(f"/notifications/{told.pk}/").status_code == 404
    assert client.get(f"/notifications/{told.pk}/").headers["Location"] == told.url
    told.refresh_from_db()
    assert told.read_at is not None
    assert "条未读" not in client.get("/tasks/").content.decode()
    Notification.objects.update(read_at=None)
    client.post("/notifications/read/")
    assert not Notification.objects.filter(account=told.account, read_at=None).exists()
    assert Notification.objects.exclude(account=told.account).filter(read_at=None).exists()
