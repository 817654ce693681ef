"""The first page: what waits, since when, by when; what to begin with (N18)."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from axes.models import AccessAttempt
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import zhicheng
from tests.support.city import City, accepted_register, carry, deliver
from tests.support.deadlines import had_deadline, were_moved
from tests.support.filing import Filing
from tests.support.pages import text_of
from tests.support.reissues import Way, about, issued, paper
from zhicheng.audit.models import AuditEvent
from zhicheng.blanks.queries.spoiled import due
from zhicheng.certificates.actions import fill_in
from zhicheng.certificates.issuing import attach_signed_lists
from zhicheng.certificates.spoilage import spoil
from zhicheng.notifications import deadlines
from zhicheng.notifications.models import MovedDay, TaskDeadline
from zhicheng.organizations.actions import unlock_account
from zhicheng.organizations.models import Account, Kind, Organization
from zhicheng.organizations.permissions import Role
from zhicheng.proofs.models import Proof, Subject
from zhicheng.registers.models import Register
from zhicheng.reissues.actions_old import dispose
from zhicheng.values.refusal import NotPermitted, Refusal
from zhicheng.web.tasks import TaskGroup, tasks_of

from .conftest import LogIn


def aged(register: Register, days: int) -> None:
    moment = timezone.now() - timedelta(days=days)
    Register.objects.filter(pk=register.pk).update(submitted_at=moment, endorsed_at=moment)


def test_overdue_comes_first_and_says_by_how_much(
    city: City, filing: Filing, log_in: LogIn
) -> None:
    officer = city.who("office", "officer")
    register = filing.filed(filing.lines(1))
    accepted = accepted_register(city, 2)
    (group,) = (g for g in tasks_of(officer) if g.kind == "register.accept")
    assert not group.overdue and group.due is not None
    aged(register, 30)
    Register.objects.filter(pk=accepted.pk).update(accepted_at=timezone.now())
    first = tasks_of(officer)[0]
    assert first.kind == "register.accept" and first.overdue
    assert first.lines[0].late and first.days == 30
    page = log_in("office", "officer").get("/tasks/")
    said = text_of(page)
    assert "逾期" in said and "1 类已逾期" in said
    assert page.content.decode().index("待受理的登记表") < page.content.decode().index("待配发")


def test_of_what_is_in_time_the_nearer_day_comes_first(city: City, filing: Filing) -> None:
    officer = city.who("office", "officer")
    filing.filed(filing.lines(1))
    accepted_register(city, 2)

    def order() -> list[str]:
        kinds = [group.kind for group in tasks_of(officer)]
        return [kind for kind in kinds if kind in ("register.accept", "allotment.allot")]

    had_deadline("register.accept", timezone.localdate(), 3)
    had_deadline("allotment.allot", timezone.localdate(), 9)
    assert order() == ["register.accept", "allotment.allot"]
    had_deadline("register.accept", timezone.localdate(), 12)
    assert order() == ["allotment.allot", "register.accept"]


def test_deadlines_are_dated_and_set_by_the_office(city: City, filing: Filing) -> None:
    officer = city.who("office", "officer")
    register = filing.filed(filing.lines(1))
    today = timezone.localdate()

    def overdue(days: int) -> bool:
        aged(register, days)
        (group,) = (g for g in tasks_of(officer) if g.kind == "register.accept")
        assert group.lines[0].late == group.overdue
        return group.overdue

    assert overdue(20)
    deadlines.set_deadline(actor=officer, kind="register.accept", valid_from=today, days=60)
    # What began to wait before keeps the figure of its day.
    assert overdue(20) and not overdue(0)
    had_deadline("register.accept", today - timedelta(days=25), 40)
    assert not overdue(20) and overdue(26)
    assert AuditEvent.objects.filter(tag="office:task_deadline:set").count() == 1
    for kind, days in (("register.accept", 0), ("register.accept", 999), ("nothing", 5)):
        with pytest.raises(Refusal, match="250"):
            deadlines.set_deadline(actor=officer, kind=kind, valid_from=today, days=days)
    with pytest.raises(NotPermitted):
        deadlines.set_deadline(
            actor=city.who("health", "officer"), kind="register.accept", valid_from=today, days=5
        )


def test_a_deadline_set_back_erases_no_delay(city: City, filing: Filing, log_in: LogIn) -> None:
    officer = city.who("office", "officer")
    aged(filing.filed(filing.lines(1)), 30)
    today = timezone.localdate()
    yesterday = today - timedelta(days=1)

    def group() -> TaskGroup:
        (found,) = (g for g in tasks_of(officer) if g.kind == "register.accept")
        return found

    due = group().due
    assert group().overdue
    for day in (yesterday, date(2020, 1, 1)):
        with pytest.raises(Refusal, match="过去"):
            deadlines.set_deadline(actor=officer, kind="register.accept", valid_from=day, days=200)
    tried = {"kind": "register.accept", "valid_from": "2020-01-01", "days": "200"}
    page = log_in("office", "officer").post("/notifications/deadlines/", tried)
    assert page.status_code == 422 and "不能从过去的日期起生效" in text_of(page)
    # Nor by holidays that nobody knew of while it was waiting.
    with pytest.raises(Refusal, match="过去"):
        deadlines.move_days(
            actor=officer, first=today - timedelta(days=30), last=yesterday, works=False
        )
    assert not TaskDeadline.objects.exists() and not MovedDay.objects.exists()
    assert group().overdue and group().due == due


def test_what_was_set_for_a_day_stays_on_record_when_it_is_set_again(
    city: City, log_in: LogIn
) -> None:
    officer, today = city.who("office", "officer"), timezone.localdate()
    for days in (7, 3):
        deadlines.set_deadline(actor=officer, kind="register.accept", valid_from=today, days=days)
    assert deadlines.in_force(today)["register.accept"] == 3
    assert deadlines.steps_upto(today)["register.accept"] == [(date.min, 10), (today, 3)]
    assert [(item.days, replaced) for item, replaced in deadlines.history(9)] == [
        (3, False),
        (7, True),
    ]
    said = text_of(log_in("office", "officer").get("/notifications/deadlines/"))
    assert said.count("同日另有设定") == 1


def test_past_settings_and_past_days_are_refused_by_the_database_too(city: City) -> None:
    today = timezone.localdate()
    yesterday = today - timedelta(days=1)
    had_deadline("register.accept", today - timedelta(days=25), 5)
    monday = today - timedelta(days=7 + today.weekday())
    were_moved(monday, monday, works=False)
    added = """INSERT INTO notifications_taskdeadline (kind, valid_from, days, set_at)
        VALUES ('register.accept', %s, 99, now())"""
    moved = "INSERT INTO notifications_movedday (day, works, note) VALUES (%s, false, '')"
    coming = today + timedelta(days=7 - today.weekday())
    refused = {
        "task_deadline_begins_today_or_later": [(added, [yesterday])],
        "task_deadline_is_only_added": [
            ("UPDATE notifications_taskdeadline SET days = 99", []),
            ("DELETE FROM notifications_taskdeadline", []),
        ],
        "moved_day_is_not_past": [(moved, [monday + timedelta(days=1)])],
        "past_moved_day_stays": [
            ("DELETE FROM notifications_movedday", []),
            ("UPDATE notifications_movedday SET day = %s", [coming]),
        ],
    }
    for name, statements in refused.items():
        for statement, values in statements:
            with (
                pytest.raises(IntegrityError) as error,
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(statement, values)
            assert error.value.__cause__.diag.constraint_name == name  # type: ignore[union-attr]
    with connection.cursor() as cursor:
        cursor.execute(added, [today])
        cursor.execute(moved, [coming])
        cursor.execute("DELETE FROM notifications_movedday WHERE day >= %s", [today])
    assert TaskDeadline.objects.count() == 2 and MovedDay.objects.get().day == monday


def test_every_kind_that_waits_has_a_deadline_that_the_office_can_set() -> None:
    """But for reissues, whose steps have dated settings of their own, in calendar days."""
    sources = [*Path(zhicheng.__file__).parent.glob("*/*waiting.py")]
    kinds = {
        kind
        for source in sources
        for kind in re.findall(r'"([a-z_]+\.[a-z_]+)"', source.read_text("utf-8"))
    }
    assert len(sources) > 15 and "historic.check" in kinds
    assert kinds <= set(deadlines.KINDS), kinds - set(deadlines.KINDS)


def test_a_holiday_moves_the_deadline_and_only_days_that_differ_are_kept(city: City) -> None:
    officer = city.who("office", "officer")
    # Next year's National Day: the first seven days of October, with a weekend in them.
    first = date(timezone.localdate().year + 1, 10, 1)
    last = first + timedelta(days=6)
    holidays = [first + timedelta(days=number) for number in range(7)]
    weekdays = [day for day in holidays if day.isoweekday() < 6]
    count = deadlines.move_days(actor=officer, first=first, last=last, works=False, note="国庆")
    assert count == len(weekdays) == 5
    with pytest.raises(Refusal, match="起止"):
        deadlines.move_days(actor=officer, first=last, last=first, works=False)
    moved = "INSERT INTO notifications_movedday (day, works, note) VALUES (%s, false, '')"
    saturday = first + timedelta(days=(5 - first.weekday()) % 7)
    deadline = """INSERT INTO notifications_taskdeadline (kind, valid_from, days, set_at)
        VALUES ('x', %s, 0, now())"""
    for statement, day in ((moved, saturday), (deadline, first)):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [day])
    # What it was before is said in the record.
    assert deadlines.unmove_day(actor=officer, day=weekdays[0]) == 1
    event = AuditEvent.objects.filter(tag="office:workday:move").latest("sequence")
    assert event.data["before"] == {weekdays[0].isoformat(): False}


def test_the_deadline_page_sets_and_moves(city: City, log_in: LogIn) -> None:
    client = log_in("office", "officer")
    today = timezone.localdate()
    set_to = {"kind": "register.endorse", "valid_from": today.isoformat(), "days": "4"}
    client.post("/notifications/deadlines/", set_to)
    assert TaskDeadline.objects.get().days == 4
    monday = today + timedelta(days=7 - today.weekday())
    friday, saturday, sunday = (monday + timedelta(days=days) for days in (4, 5, 6))
    days = {"first": f"{monday}", "last": f"{sunday}", "works": "0", "note": "国庆"}
    client.post("/notifications/deadlines/days/", days)
    said = text_of(client.get("/notifications/deadlines/"))
    assert f"{friday}" in said and "国庆" in said and f"{saturday}" not in said
    assert log_in("office", "clerk").get("/notifications/deadlines/").status_code == 403


def test_units_see_what_waits_for_others(city: City, filing: Filing, log_in: LogIn) -> None:
    filing.filed(filing.lines(1))
    said = text_of(log_in("hospital", "clerk").get("/tasks/"))
    assert "等别人办理，可以催办" in said and "等市职改办受理的登记表" in said
    groups = tasks_of(city.who("hospital", "clerk"))
    assert [group.others for group in groups] == [True]


def test_a_new_unit_and_a_new_office_are_told_where_to_begin(db: None) -> None:
    office = Organization.objects.create(
        name="市职改办", kind=Kind.MUNICIPAL_OFFICE, has_authority=True
    )

    def page(role: Role) -> str:
        account = Account.objects.create_account(
            f"new.{role}", "correct-horse-9", display_name="x", organization=office, role=role
        )
        client = Client()
        client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
        return text_of(client.get("/tasks/"))

    said = page(Role.OFFICER)
    assert "导入第一批任职资格核准文件" in said and "登记第一批空白证书入库" in said
    assert "登记第一批机构" in page(Role.ADMINISTRATOR)
    said = page(Role.AUDITOR)
    assert "验证审计链" in said and "导入" not in said


def test_a_units_first_day_leads_to_its_first_register(city: City, log_in: LogIn) -> None:
    said = text_of(log_in("hospital", "clerk").get("/tasks/"))
    assert "由核准文件生成第一份登记表" in said and "上传 Excel 登记表" in said


def test_auditors_see_what_others_leave_lying(city: City, filing: Filing, log_in: LogIn) -> None:
    now = timezone.now()
    Proof.objects.create(
        subject=Subject.LEDGER, started_at=now, finished_at=now, passed=False, report={}
    )
    for role in ("auditor", "administrator"):
        said = text_of(log_in("office", role).get("/tasks/"))
        assert "系统运行异常" in said and "发现问题" in said
    assert "系统运行异常" not in text_of(log_in("office", "officer").get("/tasks/"))
    said = text_of(log_in("office", "administrator").get("/audit/system/"))
    assert "没有运行" in said and "发现问题" in said
    assert log_in("office", "officer").get("/audit/system/").status_code == 403


def test_administrators_see_and_unlock_locked_accounts(city: City, log_in: LogIn) -> None:
    locked = city.who("hospital", "clerk")
    AccessAttempt.objects.create(
        username=locked.username, ip_address="10.0.0.9", user_agent="x", failures_since_start=5
    )
    AccessAttempt.objects.create(
        username="nobody", ip_address="10.0.0.9", user_agent="x", failures_since_start=5
    )
    client = log_in("office", "administrator")
    said = text_of(client.get("/tasks/"))
    assert "被锁定的账号 1" in said and locked.username in said and "nobody" not in said
    page = f"/organizations/accounts/{locked.pk}/"
    assert "解除锁定" in text_of(client.get(page))
    client.post(f"{page}unlock/")
    assert "解除锁定" not in text_of(client.get(page))
    assert AuditEvent.objects.filter(tag="admin:account:unlock", subject_id=locked.pk).exists()
    with pytest.raises(Refusal, match="没有被锁定"):
        unlock_account(actor=city.who("office", "administrator"), account_id=locked.pk)
    with pytest.raises(NotPermitted):
        unlock_account(actor=city.who("office", "auditor"), account_id=locked.pk)


MOST_QUERIES = 75


def groups_of(account: Account) -> dict[str, TaskGroup]:
    return {group.kind or group.title: group for group in tasks_of(account)}


def test_a_clerk_fills_in_what_has_blanks_and_nothing_else(city: City) -> None:
    deliver(city, 40)
    accepted_register(city, 2)  # no blanks yet
    received, begun, done = (accepted_register(city, people) for people in (3, 2, 1))
    carry(city, received, "received")
    carry(city, begun, "received")
    carry(city, done, "issued")
    clerk = city.who("health", "clerk")
    fill = groups_of(clerk)["certificate.fill"]
    assert fill.count == 5 and len(fill.items) == 2
    first = begun.rows.order_by("position").values_list("pk", flat=True)[0]
    fill_in(actor=clerk, register_id=begun.pk, row_ids=[first])
    fill = groups_of(clerk)["certificate.fill"]
    assert fill.count == 4
    assert {label for label, _url, _since in fill.items} == {
        f"{received.number}（3）",
        f"{begun.number}（1）",
    }
    # All are issued: the list that was signed is still to be attached, and then no more (N18).
    signed = groups_of(clerk)["signature_list.attach"]
    assert signed.count == 1 and signed.items[0][1].endswith(f"/registers/{done.pk}/issued/")
    attach_signed_lists(actor=clerk, register_id=done.pk, files=[paper()])
    assert "signature_list.attach" not in groups_of(clerk)


def test_a_spoiled_blank_waits_for_exchange_until_it_is_exchanged(city: City) -> None:
    deliver(city, 40)
    register = accepted_register(city, 1)
    carry(city, register, "filled")
    clerk, officer = city.who("health", "clerk"), city.who("office", "officer")
    assert "spoiled.exchange" not in groups_of(clerk)
    for _ in range(2):  # the first takes the spare
        serial = register.certificates.values_list("blank_serial", flat=True)[0]
        spoil(
            actor=clerk,
            register_id=register.pk,
            serials=[serial],
            reason="misprint",
        )
    for account in (clerk, officer):
        waits = groups_of(account)["spoiled.exchange"]
        assert waits.count == 1
        assert waits.items[0][0] == f"{register.number} {city.health.name}"
    (line,) = due(officer)
    assert len(line.exchangeable) == 1 and len(line.replaced) == 1
    assert groups_of(city.who("industry", "clerk")).keys() == set()


def test_an_old_certificate_that_lies_here_waits_to_be_disposed_of(
    city: City, log_in: LogIn
) -> None:
    way = Way(city, about(issued(city)[0], "renewal")).upto("embossed")
    clerk, title = city.who("health", "clerk"), "收回的原证书待处理"
    assert title not in {group.title for group in tasks_of(clerk)}
    way.step("issued")
    waits = next(group for group in tasks_of(clerk) if group.title == title)
    assert waits.count == 1
    assert way.now.receipt_number in text_of(log_in("health", "clerk").get(waits.url))
    dispose(actor=clerk, reissue_id=way.reissue.pk, fate="archived", on=timezone.localdate())
    assert title not in {group.title for group in tasks_of(clerk)}
    assert way.now.receipt_number not in text_of(log_in("health", "clerk").get(waits.url))


def test_the_first_pages_statements_do_not_grow(city: City, filing: Filing) -> None:
    roles = [
        ("office", "officer"),
        ("office", "clerk"),
        ("office", "embosser"),
        ("office", "auditor"),
        ("office", "administrator"),
        ("health", "clerk"),
        ("health", "officer"),
        ("health", "embosser"),
        ("hospital", "clerk"),
    ]

    def counted() -> dict[tuple[str, str], int]:
        found = {}
        for role in roles:
            account = Account.objects.select_related("organization").get(pk=city.who(*role).pk)
            with CaptureQueriesContext(connection) as queries:
                assert all(group.lines is not None for group in tasks_of(account))
            found[role] = len(queries)
        return found

    def more() -> None:
        """A dozen of everything that is cheap to make."""
        clerk, now = city.who("hospital", "clerk"), timezone.now()
        common = {
            "reporting_unit": city.hospital,
            "issuing_unit": city.health,
            "endorser": city.health,
            "year": 2026,
            "row_count": 1,
            "submitted_at": now,
            "submitted_by": clerk,
            "endorsed_at": now,
            "endorsed_by": city.who("health", "officer"),
            "returned_at": now,
            "return_reason": "x",
        }
        start, states = Register.objects.count(), ("filed", "endorsing", "returned", "draft")
        Register.objects.bulk_create(
            Register(
                number=f"T{start + order}",
                state=states[order % 4],
                **common,
            )
            for order in range(48)
        )
        for _ in range(6):
            accepted_register(city, 1)

    deliver(city, 60)
    for upto in ("allotted", "handed_over", "filled", "sealed", "issued"):
        carry(city, accepted_register(city, 1), upto)
    filing.filed(filing.lines(1))
    more()
    before = counted()
    for upto in ("allotted", "sealed", "issued"):
        carry(city, accepted_register(city, 1), upto)
    more()
    assert counted() == before
    assert max(before.values()) <= MOST_QUERIES, before
