"""Limits and challenges of every public page that answers about persons, with the real counts."""

import re
import time
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from tests.verification.test_asking_rules import work
from zhicheng.reissues.rules import receipt_number
from zhicheng.verification.models import AskingCount, Lookup
from zhicheng.web.asking import challenge, questions, rules

pytestmark = pytest.mark.django_db
PERSON = "500103199001010018"
# Every public page that answers about a person or a certificate, and what is asked there.
PAGES = {
    "/": {"name": "张小明", "id_number": PERSON},
    "/v/2026000150001": {"name": "张小明"},
    "/e/": {"name": "张小明", "id_number": PERSON, "number": "2026000150001"},
    "/log/evidence/": {"name": "张小明", "number": "2026000150001"},
    "/reissues/progress/": {"number": receipt_number("replacement", 2026, 1), "id_number": PERSON},
}


@pytest.fixture(autouse=True)
def real_limits(settings: Any) -> None:
    settings.ZHICHENG_MISSES_PER_HOUR = 3
    settings.ZHICHENG_QUESTIONS_ABOUT_ONE_PER_HOUR = 10
    settings.ZHICHENG_QUESTIONS_ABOUT_ONE_BY_ADDRESS_PER_HOUR = 10


@pytest.fixture(autouse=True)
def easy_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "EASIEST", 8)


def visitor(address: str = "203.0.113.7") -> Client:
    return Client(REMOTE_ADDR=address)


def token_in(page: Any) -> str:
    found = re.search(r'name="challenge" value="([0-9a-f]+)"', page.content.decode())
    assert found is not None, page.content.decode()
    return found[1]


def challenged(page: Any) -> bool:
    return page.status_code == 429 and "请先完成验证" in page.content.decode()


def by_work(page: Any) -> dict[str, str]:
    """What the browser sends back for a challenge."""
    found = re.search(r'data-bits="(\d+)"', page.content.decode())
    assert found is not None
    token = token_in(page)
    return {"challenge": token, "challenge_work": work(token, int(found[1]))}


def in_words(page: Any, monkeypatch: pytest.MonkeyPatch, seconds: int = 6) -> dict[str, str]:
    """What somebody sends back who answers the question, some seconds later."""
    text = page.content.decode()
    token = token_in(page)
    ticket = rules.read(token, "203.0.113.7", challenge._key(), int(time.time()))
    assert ticket is not None
    asked = questions.question(rules.seed_of(ticket, challenge._key()))
    assert asked.chinese in text
    later = time.time() + seconds
    monkeypatch.setattr(challenge.time, "time", lambda: later)
    return {"challenge": token, "challenge_answer": min(asked.answers)}


@pytest.mark.parametrize("path", PAGES)
def test_after_three_misses_every_page_asks_for_a_challenge_and_then_answers(path: str) -> None:
    client, fields = visitor(), PAGES[path]
    for _ in range(3):
        assert not challenged(client.post(path, fields))
    page = client.post(path, fields)
    assert challenged(page)
    for name, value in fields.items():
        assert f'name="{name}" value="{value}"' in page.content.decode(), "nothing is typed again"
    asked = Lookup.objects.count()
    answer = client.post(path, {**fields, **by_work(page)})
    assert answer.status_code in (200, 404) and not challenged(answer)
    assert Lookup.objects.count() == asked + 1
    assert challenged(client.post(path, fields)), "one solution, one question"


def test_misses_on_one_page_count_on_every_other_and_for_another_address_not() -> None:
    for path in ("/", "/e/", "/reissues/progress/"):
        visitor().post(path, PAGES[path])
    assert challenged(visitor().post("/v/1", {"name": "张小明"}))
    assert not challenged(visitor("203.0.113.8").post("/v/1", {"name": "张小明"}))


@pytest.fixture
def page() -> Any:
    for _ in range(3):
        visitor().post("/", PAGES["/"])
    return visitor().post("/", PAGES["/"])


def test_a_solution_lets_through_once(page: Any) -> None:
    solution = by_work(page)
    assert not challenged(visitor().post("/", {**PAGES["/"], **solution}))
    again = visitor().post("/", {**PAGES["/"], **solution})
    assert challenged(again) and "已经用过或过期" in again.content.decode()


def test_a_solution_of_another_address_a_forged_or_an_old_one_lets_nobody_through(
    page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    solution = by_work(page)
    for _ in range(3):
        visitor("2001:db8::1").post("/", PAGES["/"])
    assert challenged(visitor("2001:db8::2").post("/", {**PAGES["/"], **solution})), "same /64"
    token = solution["challenge"]
    forged = {**solution, "challenge": ("0" if token[0] != "0" else "1") + token[1:]}
    assert challenged(visitor().post("/", {**PAGES["/"], **forged}))
    lazy = {"challenge": token, "challenge_work": "1"}
    assert challenged(visitor().post("/", {**PAGES["/"], **lazy}))
    later = time.time() + rules.VALID_SECONDS
    monkeypatch.setattr(challenge.time, "time", lambda: later)
    assert challenged(visitor().post("/", {**PAGES["/"], **solution}))


def test_a_question_in_words_is_enough_without_a_script(
    page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    solution = in_words(page, monkeypatch)
    assert not challenged(visitor().post("/", {**PAGES["/"], **solution}))
    assert challenged(visitor().post("/", {**PAGES["/"], **solution}))


def test_a_wrong_answer_makes_a_new_question_and_is_not_tried_again(
    page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    solution = in_words(page, monkeypatch)
    wrong = visitor().post("/", {**PAGES["/"], **solution, "challenge_answer": "不知道"})
    assert challenged(wrong) and "答案不对" in wrong.content.decode()
    assert token_in(wrong) != solution["challenge"]
    assert challenged(visitor().post("/", {**PAGES["/"], **solution})), "the right one, too late"


def test_an_answer_in_no_time_waits_and_is_not_used_up(
    page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    solution = in_words(page, monkeypatch, seconds=0)
    early = visitor().post("/", {**PAGES["/"], **solution})
    assert challenged(early) and "太快" in early.content.decode()
    later = time.time() + 6
    monkeypatch.setattr(challenge.time, "time", lambda: later)
    assert not challenged(visitor().post("/", {**PAGES["/"], **solution}))


def test_answers_in_words_are_few_in_an_hour(
    page: Any, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.ZHICHENG_TEXT_ANSWERS_PER_HOUR = 1
    assert not challenged(visitor().post("/", {**PAGES["/"], **in_words(page, monkeypatch)}))
    second = visitor().post("/", PAGES["/"])
    refused = visitor().post("/", {**PAGES["/"], **in_words(second, monkeypatch, 20)})
    assert challenged(refused) and "已经用完" in refused.content.decode()
    assert not challenged(visitor().post("/", {**PAGES["/"], **by_work(refused)}))


def test_the_question_is_put_in_english_to_who_reads_english(page: Any) -> None:
    english = visitor()
    english.post("/language/", {"language": "en", "next": "/"})
    shown = english.post("/", PAGES["/"]).content.decode()
    assert re.search(r'<label for="challenge-answer">[ -~]+</label>', shown)


def test_an_exhausted_number_challenges_the_holder_and_locks_nobody_out() -> None:
    for n in range(11):
        visitor(f"198.51.100.{n}").post("/", PAGES["/"])
    holder = visitor()
    page = holder.post("/", PAGES["/"])
    assert challenged(page)
    assert not challenged(holder.post("/", {**PAGES["/"], **by_work(page)}))


def test_the_limit_of_a_person_is_the_same_whether_or_not_they_exist_and_whoever_asks() -> None:
    """By the last four digits tried with the same name, too: it counts what they share."""
    for n in range(10):
        fields = {"name": "张小明", "id_number": f"{PERSON[:-4]}{n:04}"}
        assert not challenged(visitor(f"198.51.100.{n}").post("/", fields))
    fields = {"name": "张小明", "id_number": f"{PERSON[:-4]}0099"}
    assert challenged(visitor("198.51.100.99").post("/", fields))


def test_one_address_is_refused_about_one_person_and_told_when_to_come_again() -> None:
    client = visitor()
    for _ in range(10):
        page = client.post("/", PAGES["/"])
        if challenged(page):
            client.post("/", {**PAGES["/"], **by_work(page)})
    refused = client.post("/", PAGES["/"])
    assert refused.status_code == 429 and not challenged(refused)
    assert 0 < int(refused["Retry-After"]) <= 3600
    assert "分钟后再试" in refused.content.decode()


def test_too_many_of_an_address_are_challenged_then_refused_until_the_next_minute(
    settings: Any,
) -> None:
    settings.ZHICHENG_MISSES_PER_HOUR = 0
    settings.ZHICHENG_QUESTIONS_PER_MINUTE = 2
    client = visitor()
    pages = [client.post("/", {"name": "张", "number": f"N{n}-00000"}) for n in range(12)]
    assert [page.status_code for page in pages] == [200] * 2 + [429] * 10
    assert challenged(pages[2]) and challenged(pages[9])
    assert not challenged(pages[10]) and 0 < int(pages[10]["Retry-After"]) <= 60
    assert visitor("203.0.113.8").post("/", PAGES["/"]).status_code == 200


def test_all_together_first_everybody_is_challenged_then_refused(settings: Any) -> None:
    settings.ZHICHENG_CHALLENGE_ALL_PER_MINUTE, settings.ZHICHENG_REFUSE_ALL_PER_MINUTE = 3, 6
    pages = [
        visitor(f"198.51.100.{n}").post("/", {"name": "张", "number": f"N{n}-000"})
        for n in range(8)
    ]
    assert [page.status_code for page in pages] == [200] * 3 + [429] * 3 + [503] * 2
    assert challenged(pages[3]) and 0 < int(pages[6]["Retry-After"]) <= 60


def test_what_is_kept_for_counting_names_nobody() -> None:
    visitor().post("/", PAGES["/"])
    assert AskingCount.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(row_to_json(c)::text, '') FROM verification_askingcount c"
        )
        (text,) = cursor.fetchone()
    assert "203.0.113" not in text and PERSON not in text and "张小明" not in text


def test_a_header_is_believed_as_far_as_the_own_proxies_wrote_it(settings: Any) -> None:
    settings.ZHICHENG_ADDRESS_HEADER = "HTTP_X_FORWARDED_FOR"
    settings.ZHICHENG_ADDRESS_PROXIES = 2
    for n in range(3):
        forged = f"10.9.9.{n}, 203.0.113.7, 10.0.0.1"
        Client(HTTP_X_FORWARDED_FOR=forged).post("/", PAGES["/"])
    last = Client(HTTP_X_FORWARDED_FOR="1.2.3.4, 203.0.113.7, 10.0.0.1").post("/", PAGES["/"])
    assert challenged(last)
