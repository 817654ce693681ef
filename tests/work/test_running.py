"""Long work is done once, in the name of whoever asked, and tells how it is going."""

import logging
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from tests.support.city import found_city
from tests.support.pages import HTMX, text_of
from tests.support.working import background_worker, work_off
from zhicheng.audit.recording import recorded
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.values.progress import counted, listening, report
from zhicheng.values.refusal import Refusal
from zhicheng.work import kinds
from zhicheng.work.actions import MOST_AT_ONCE, ask_for
from zhicheng.work.kinds import Job, register_kind
from zhicheng.work.models import Work, WorkState
from zhicheng.work.running import MOST_ATTEMPTS, Busy, _sole, run

KIND = "test.kind"


@pytest.fixture
def clerk(db: None) -> Account:
    return found_city().who("hospital", "clerk")


@pytest.fixture
def doing() -> Iterator[list[Job]]:
    """A kind of work that notes each job and says it is finished, as actions do."""
    done: list[Job] = []

    def do(job: Job) -> None:
        report("数一数", 1, 2)
        with recorded(job.account, Action.LIST_EXPORT) as record:
            done.append(job)
            if "refuse" in job.parameters:
                raise Refusal("test.no", "不行。", clause="N4", found="甲", expected="乙")
            if "break" in job.parameters:
                raise ValueError("500101199001011234")
            record(data={"count": len(done)})
            job.finish("/tasks/", f"办好了{job.content.decode()}")
            if "violate" in job.parameters:
                with connection.cursor() as cursor:
                    cursor.execute("UPDATE work_work SET finished_at = NULL")

    register_kind(KIND, "试办", do)
    yield done
    kinds._kinds.pop(KIND)


def ask(clerk: Account, content: bytes = b"", **parameters: Any) -> Work:
    return ask_for(
        KIND, account=clerk, subject="甲", back="/back/", parameters=parameters, content=content
    )


def test_work_is_done_in_the_name_of_whoever_asked(clerk: Account, doing: list[Job]) -> None:
    work = ask(clerk, "，文件".encode(), number=1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT payload FROM work_work WHERE id = %s", [work.pk])
        assert "文件".encode() not in bytes(cursor.fetchone()[0])
    work_off()
    work.refresh_from_db()
    assert (work.state, work.result_url, work.payload) == (WorkState.DONE, "/tasks/", None)
    assert work.result_message == "办好了，文件"
    assert doing[0].account == clerk and doing[0].parameters == {"number": 1}


def test_the_same_asked_twice_is_done_once(clerk: Account, doing: list[Job]) -> None:
    assert ask(clerk, b"x").pk == ask(clerk, b"x").pk
    assert ask(clerk, b"y").pk != ask(clerk, b"x").pk
    work_off()
    assert len(doing) == 2
    ask(clerk, b"x")  # once it is done, it may be asked for again
    work_off()
    assert len(doing) == 3


def test_finished_work_is_never_done_again(clerk: Account, doing: list[Job]) -> None:
    work = ask(clerk)
    for _ in range(3):
        run(work.pk)
    assert len(doing) == 1


def test_a_refusal_is_kept_with_everything_that_it_says(clerk: Account, doing: list[Job]) -> None:
    work = ask(clerk, b"x", refuse=True)
    work_off()
    work.refresh_from_db()
    assert work.state == WorkState.REFUSED and work.payload is None
    assert work.refusal["clause"] == "N4" and work.refusal["expected"] == "乙"


def test_what_a_constraint_refuses_is_named_and_undone(clerk: Account, doing: list[Job]) -> None:
    work = ask(clerk, violate=True)
    work_off()
    work.refresh_from_db()
    assert work.state == WorkState.REFUSED
    assert work.refusal["found"] == "finished_work_says_when"


def test_a_defect_is_logged_without_its_text(
    clerk: Account, doing: list[Job], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        work = ask(clerk, b"x", **{"break": True})
        work_off()
    work.refresh_from_db()
    assert work.state == WorkState.FAILED and work.payload is None
    assert "ValueError" in caplog.text and "500101" not in caplog.text


def test_work_that_killed_its_worker_thrice_is_given_up(clerk: Account, doing: list[Job]) -> None:
    work = ask(clerk)
    Work.objects.filter(pk=work.pk).update(attempts=MOST_ATTEMPTS, state=WorkState.RUNNING)
    run(work.pk)
    work.refresh_from_db()
    assert work.state == WorkState.FAILED and not doing


def test_too_much_at_once_is_refused(clerk: Account, doing: list[Job]) -> None:
    for number in range(MOST_AT_ONCE):
        ask(clerk, number=number)
    with pytest.raises(Refusal, match="没有再收下") as caught:
        ask(clerk, number=-1)
    assert caught.value.rule == "work.too_many"


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ("state = 'done', payload = NULL", "finished_work_says_when"),
        ("state = 'refused', finished_at = now(), payload = NULL", "refused_work_says_why"),
        ("state = 'done', finished_at = now()", "finished_work_keeps_no_file"),
    ],
)
def test_constraints_hold_around_the_code(
    clerk: Account, doing: list[Job], change: str, name: str
) -> None:
    ask(clerk, b"x")
    with (
        pytest.raises(IntegrityError, match=name),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE work_work SET {change}")


def test_the_page_shows_the_way_and_sends_on_at_the_end(
    clerk: Account, doing: list[Job], client: Any
) -> None:
    client.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")
    work = ask(clerk)
    page = work.get_absolute_url()
    waiting = client.get(page).content.decode()
    assert "已收到，等待处理" in waiting
    # Nothing reloads the page of itself: what is swapped in would do so even with script.
    assert "http-equiv" not in waiting and "刷新进度" in waiting
    assert "后台处理" in text_of(client.get("/tasks/"))
    Work.objects.filter(pk=work.pk).update(state="running", step="保存", done=500, total=5000)
    part = client.get(page, headers=HTMX)
    assert "保存 500 / 5000" in text_of(part)
    assert b'value="500" max="5000"' in part.content
    work_off()
    assert client.get(page, headers=HTMX).headers["HX-Redirect"] == "/tasks/"
    said = text_of(client.get("/tasks/"))
    assert "办好了" in said and "试办 甲" not in said
    assert client.get(page).status_code == 302


def test_a_refused_work_waits_on_the_first_page_until_it_was_seen(
    clerk: Account, doing: list[Job], client: Any
) -> None:
    client.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")
    work = ask(clerk, refuse=True)
    work_off()
    assert "未办理" in text_of(client.get("/tasks/"))
    said = client.get(work.get_absolute_url())
    assert "不行。" in text_of(said) and 'href="/back/"' in said.content.decode()
    assert "未办理" not in text_of(client.get("/tasks/"))
    assert "不行。" in text_of(client.get("/jobs/"))


def test_nobody_else_sees_the_work(clerk: Account, doing: list[Job], client: Any) -> None:
    work = ask(clerk)
    other = Account.objects.exclude(pk=clerk.pk).filter(role="officer").first()
    client.force_login(other, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(work.get_absolute_url()).status_code == 404
    assert "试办" not in text_of(client.get("/jobs/"))


def test_reports_reach_the_listener_and_nobody_else() -> None:
    heard: list[tuple[str, int, int]] = []
    report("没人听")
    with listening(lambda *told: heard.append(told)):
        assert list(counted("数", iter(range(1200)), 1200)) == list(range(1200))
    report("没人听")
    assert heard == [("数", 0, 1200), ("数", 500, 1200), ("数", 1000, 1200), ("数", 1200, 1200)]


@pytest.mark.django_db(transaction=True)
def test_the_real_queue_does_the_work_and_its_progress_is_seen_meanwhile() -> None:
    clerk = found_city().who("hospital", "clerk")
    go_on, seen = threading.Event(), []

    def do(job: Job) -> None:
        with recorded(job.account, Action.LIST_EXPORT) as record:
            report("慢慢来", 3, 9)
            assert go_on.wait(20)
            record(data={"count": 1})
            job.finish("/tasks/", "好")

    register_kind(KIND, "试办", do)
    try:
        with background_worker():
            work = ask(clerk)
            for _ in range(200):
                work.refresh_from_db()
                seen.append((work.state, work.step, work.done))
                if work.step:
                    go_on.set()
                if work.is_finished:
                    break
                threading.Event().wait(0.05)
    finally:
        go_on.set()
        kinds._kinds.pop(KIND)
    assert ("running", "慢慢来", 3) in seen
    assert work.state == WorkState.DONE


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_do_the_same_work_at_once() -> None:
    clerk = found_city().who("hospital", "clerk")
    register_kind(KIND, "试办", lambda job: None)
    try:
        work = ask(clerk)
        with _sole(work.pk), pytest.raises(Busy):
            run(work.pk)
    finally:
        kinds._kinds.pop(KIND)
