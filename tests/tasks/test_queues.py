"""Several things at once: named before, each by itself, the outcome listed (N18)."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.support.city import City, accepted_register, deliver
from tests.support.filing import Filing
from tests.support.pages import text_of
from tests.support.working import work_off
from zhicheng.audit.models import AuditEvent
from zhicheng.blanks import alarms, investigations
from zhicheng.blanks.case_rules import SerialBlocked
from zhicheng.blanks.models import Channel, Sighting
from zhicheng.registers import actions
from zhicheng.registers.models import Register, RegisterState
from zhicheng.values.serials import SerialRange
from zhicheng.web.queues import MOST
from zhicheng.work.actions import MOST_AT_ONCE
from zhicheng.work.models import Work

from .conftest import LogIn


def states(registers: list[Register]) -> list[str]:
    found = dict(Register.objects.in_bulk([register.pk for register in registers]))
    return [found[register.pk].state for register in registers]


def chosen(operation: str, registers: list[Register], **more: str) -> dict[str, object]:
    return {"operation": operation, "pick": [str(item.pk) for item in registers], **more}


def doing(client: Client, queue: str, given: dict[str, object]) -> str:
    """Names, confirms, and gives the page of the outcome."""
    asked = client.post(f"/tasks/queue/{queue}/confirm/", given)
    assert asked.status_code == 200
    answer = client.post(f"/tasks/queue/{queue}/confirm/", {**given, "confirmed": "1"})
    assert answer.status_code == 302, text_of(answer)
    return str(answer.headers["Location"])


def test_faultless_registers_are_named_and_accepted_each_by_itself(
    city: City, filing: Filing, log_in: LogIn
) -> None:
    lines = filing.lines(4)
    good, taken, faulty, left = (filing.filed([line]) for line in lines)
    Register.objects.filter(pk=faulty.pk).update(error_count=2)
    client = log_in("office", "officer")
    page = text_of(client.get("/tasks/queue/register.accept/"))
    assert good.number in page and city.hospital.name in page
    given = chosen("accept", [good, taken, faulty])
    asked = client.post("/tasks/queue/register.accept/confirm/", given)
    said = text_of(asked)
    # Named, and nothing done yet; what can't be accepted is left out and says why.
    assert good.number in said and "共 2 项" in said and "有 2 处错误，不能受理" in said
    assert states([good, taken, faulty]) == [RegisterState.FILED] * 3
    # Meanwhile somebody makes one of them unacceptable: its approval document changed.
    row = taken.rows.get()
    assert row.approved_person is not None
    row.approved_person.specialty = "别的专业"
    row.approved_person.save()
    where = doing(client, "register.accept", given)
    running = client.get(where)
    assert "办理中" in text_of(running) and 'hx-trigger="every 2s"' in running.content.decode()
    work_off()
    ended = text_of(client.get(where))
    assert "1 已办理" in ended and "1 未办理" in ended and "办理中" not in ended
    assert "现为" in ended
    assert states([good, taken, faulty, left]) == [
        RegisterState.ACCEPTED,
        RegisterState.FILED,
        RegisterState.FILED,
        RegisterState.FILED,
    ]
    assert AuditEvent.objects.filter(tag="office:register:accept").count() == 1


def test_a_full_list_of_background_work_does_not_stop_several_at_once(
    city: City, filing: Filing, log_in: LogIn
) -> None:
    registers, officer = [filing.filed(filing.lines(1))], city.who("office", "officer")
    Work.objects.bulk_create(
        Work(
            kind="register.mark",
            account=officer,
            fingerprint=f"{n}",
            back="/",
        )
        for n in range(MOST_AT_ONCE)
    )
    client = log_in("office", "officer")
    where = doing(client, "register.accept", chosen("accept", registers))
    assert "1 办理中" in text_of(client.get(where))


def test_several_go_back_with_one_reason(city: City, filing: Filing, log_in: LogIn) -> None:
    registers = [filing.filed([line]) for line in filing.lines(2)]
    client = log_in("office", "officer")
    given = chosen("return", registers)
    bare = client.post("/tasks/queue/register.accept/confirm/", {**given, "confirmed": "1"})
    assert bare.status_code == 422 and "请填写退回原因" in text_of(bare)
    assert states(registers) == [RegisterState.FILED] * 2
    where = doing(client, "register.accept", {**given, "reason": "缺公章"})
    assert "2 已办理" in text_of(client.get(where))
    found = Register.objects.filter(state=RegisterState.RETURNED)
    assert {register.return_reason for register in found} == {"缺公章"} and found.count() == 2
    # Sent again, nothing is left to do.
    again = client.post(
        "/tasks/queue/register.accept/confirm/", {**given, "reason": "缺公章", "confirmed": "1"}
    )
    assert again.status_code == 422 and "都已不在待办中" in text_of(again)


def test_a_department_endorses_several(city: City, filing: Filing, log_in: LogIn) -> None:
    registers = [filing.upload([line]) for line in filing.lines(2)]
    for register in registers:
        actions.submit(actor=city.who("hospital", "clerk"), register_id=register.pk)
    client = log_in("health", "officer")
    where = doing(client, "register.endorse", chosen("endorse", registers))
    assert "2 已办理" in text_of(client.get(where))
    # The outcome is of this session alone.
    assert log_in("health", "officer").get(where).status_code == 404
    assert states(registers) == [RegisterState.FILED] * 2


@pytest.mark.parametrize("queue", ["register.accept", "allotment.allot", "alarm.acknowledge"])
def test_a_queue_is_for_those_who_may(city: City, log_in: LogIn, queue: str) -> None:
    for who in (("hospital", "clerk"), ("health", "officer"), ("office", "auditor")):
        client = log_in(*who)
        assert client.get(f"/tasks/queue/{queue}/").status_code == 403
        assert client.post(f"/tasks/queue/{queue}/confirm/", {}).status_code == 403
    assert log_in("office", "officer").get("/tasks/queue/nothing/").status_code == 404


def test_others_registers_cannot_be_slipped_in(city: City, filing: Filing, log_in: LogIn) -> None:
    (line,) = filing.lines(1)
    draft = filing.upload([line])
    client = log_in("office", "officer")
    answer = client.post(
        "/tasks/queue/register.accept/confirm/", {**chosen("accept", [draft]), "confirmed": "1"}
    )
    assert answer.status_code == 422 and states([draft]) == [RegisterState.DRAFT]
    many = {"operation": "accept", "pick": [str(number) for number in range(MOST + 1)]}
    assert client.post("/tasks/queue/register.accept/confirm/", many).status_code == 422
    assert (
        client.post("/tasks/queue/register.accept/confirm/", {"operation": "x"}).status_code == 404
    )


def test_allotting_several_stops_at_what_the_store_lacks_and_at_nothing_else(
    city: City, log_in: LogIn
) -> None:
    first, second, third = (accepted_register(city, people) for people in (4, 40, 2))
    for age, register in ((3, first), (2, second), (1, third)):
        Register.objects.filter(pk=register.pk).update(
            accepted_at=timezone.now() - timezone.timedelta(days=age)
        )
    deliver(city, 20)
    client = log_in("office", "officer")
    where = doing(client, "allotment.allot", chosen("allot", [first, second, third]))
    said = text_of(client.get(where))
    assert "2 已办理" in said and "1 未办理" in said and "N5" in said
    # What is wrong with it, what it should be, what to do: as on the refusal's own page.
    assert (
        re.search(r"现为 库存 \d+ 本 应为 需要 42 本", said) and "请" in said.split("需要 42 本")[1]
    )
    client.cookies["django_language"] = "en"
    english = text_of(client.get(where))
    assert "库存" not in english and "需要" not in english and "in stock" in english.lower()
    client.cookies["django_language"] = "zh-hans"
    assert first.allotments.exists() and third.allotments.exists()
    assert not second.allotments.exists()
    where = doing(
        client,
        "allotment.hand_over",
        chosen("hand_over", [first, third], collected_by="王领取"),
    )
    assert "2 已办理" in text_of(client.get(where))
    unit = log_in("health", "clerk")
    where = doing(unit, "allotment.receive", chosen("receive", [first, third]))
    assert "2 已办理" in text_of(unit.get(where))
    assert set(first.allotments.values_list("state", flat=True)) == {"received"}


def test_alarms_get_one_note_in_one_step(city: City, log_in: LogIn) -> None:
    deliver(city, 10)
    officer = city.who("office", "officer")
    investigations.report_loss(
        actor=city.who("office", "clerk"), serials=[SerialRange(12003, 12006)], note="不见了"
    )
    for serial in (12003, 12005):
        with pytest.raises(SerialBlocked):
            alarms.refuse_blocked(
                city.who("health", "clerk"),
                [SerialRange(serial, serial)],
                channel=Channel.ACTION,
                attempted="填制证书",
            )
    client = log_in("office", "officer")
    seen = list(Sighting.objects.values_list("pk", flat=True))
    given = {"operation": "acknowledge", "pick": [str(pk) for pk in seen], "text": "已扣下"}
    where = doing(client, "alarm.acknowledge", given)
    assert "2 已办理" in text_of(client.get(where))
    assert set(Sighting.objects.values_list("acknowledged_by", flat=True)) == {officer.pk}
    assert AuditEvent.objects.filter(tag="office:sighting:acknowledge").count() == 1


def test_filters_by_unit_and_age_sorted_by_waiting(
    city: City, filing: Filing, log_in: LogIn
) -> None:
    old, new = (filing.filed([line]) for line in filing.lines(2))
    Register.objects.filter(pk=old.pk).update(
        endorsed_at=timezone.now() - timezone.timedelta(days=9)
    )
    client = log_in("office", "officer")
    page = client.get("/tasks/queue/register.accept/").content.decode()
    assert page.index(old.number) < page.index(new.number)
    assert f"{city.hospital.name}（2）" in page
    aged = text_of(client.get("/tasks/queue/register.accept/?age=7"))
    assert old.number in aged and new.number not in aged
    of_unit = text_of(client.get(f"/tasks/queue/register.accept/?unit={city.hospital.pk}"))
    assert old.number in of_unit
    assert "没有符合条件" in text_of(client.get("/tasks/queue/register.accept/?age=30"))


def test_the_lists_queries_do_not_grow(city: City, log_in: LogIn) -> None:
    client = log_in("office", "officer")

    def counted() -> int:
        client.get("/tasks/queue/allotment.allot/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/tasks/queue/allotment.allot/")
        return len(queries)

    accepted_register(city, 1)
    before = counted()
    for _ in range(5):
        accepted_register(city, 1)
    assert counted() == before


def test_the_first_page_leads_to_the_queue_when_several_wait(city: City, log_in: LogIn) -> None:
    client = log_in("office", "officer")
    accepted_register(city, 1)
    assert "成批办理" not in text_of(client.get("/tasks/"))
    accepted_register(city, 1)
    page = client.get("/tasks/").content.decode()
    assert "/tasks/queue/allotment.allot/" in page


def test_odd_digits_are_no_number(city: City, filing: Filing, log_in: LogIn) -> None:
    """Python calls ² a digit and can't read it."""
    filing.filed(filing.lines(1))
    client = log_in("office", "officer")
    for address in ("?unit=²", "?page=²"):
        assert client.get(f"/tasks/queue/register.accept/{address}").status_code == 200
    given = {"operation": "accept", "pick": "²"}
    assert client.post("/tasks/queue/register.accept/confirm/", given).status_code == 422
