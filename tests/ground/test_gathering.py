"""Questions of many threads are sent together, and each gets its own answer."""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import DataError, OperationalError, connection, transaction

from zhicheng.database.gathering import Gathering

THREADS = 8


class Server:
    """Takes questions as the database would, and keeps what was sent together."""

    def __init__(self) -> None:
        self.sent: list[list[int]] = []
        self.busy, self.free = threading.Event(), threading.Event()

    def send(self, asked: Sequence[int]) -> list[int]:
        self.sent.append(list(asked))
        self.busy.set()
        assert self.free.wait(10)
        if any(one < 0 for one in asked):
            raise DataError("below nothing")
        return [one * 2 for one in asked]


def asked_while_busy(server: Server, gathering: Gathering[int, int], questions: list[int]) -> list:
    """The first is at the server while all others come."""

    def ask(question: int) -> object:
        try:
            return gathering.ask(question)
        except Exception as error:
            return error

    with ThreadPoolExecutor(len(questions)) as threads:
        first = threads.submit(ask, questions[0])
        assert server.busy.wait(10)
        others = [threads.submit(ask, question) for question in questions[1:]]
        for _ in range(2000):
            if len(gathering._waiting) == len(questions) - 1:
                break
            time.sleep(0.005)
        server.free.set()
        return [first.result(10), *(other.result(10) for other in others)]


def test_who_comes_while_the_server_is_at_work_is_sent_together() -> None:
    server = Server()
    questions = list(range(THREADS))
    results = asked_while_busy(server, Gathering(server.send), questions)
    assert results == [question * 2 for question in questions]
    assert server.sent[0] == [0]
    assert sorted(server.sent[1]) == questions[1:] and len(server.sent) == 2


def test_more_than_fit_are_sent_by_the_next() -> None:
    server = Server()
    questions = list(range(THREADS))
    results = asked_while_busy(server, Gathering(server.send, most=3), questions)
    assert results == [question * 2 for question in questions]
    assert [len(sent) for sent in server.sent] == [1, 3, 3, 1]


def test_what_is_wrong_with_one_question_is_told_to_it_alone() -> None:
    server = Server()
    results = asked_while_busy(server, Gathering(server.send), [1, 2, -3, 4])
    assert [results[0], results[1], results[3]] == [2, 4, 8]
    assert isinstance(results[2], DataError)
    assert sorted(server.sent[1]) == [-3, 2, 4] and sorted(server.sent[2:]) == [[-3], [2], [4]]


@pytest.mark.parametrize("fault", [OperationalError, KeyError, ZeroDivisionError])
def test_when_the_statement_of_several_fails_each_sends_for_itself(fault: type[Exception]) -> None:
    """Through its own connection: the sender's may be the only one that is broken."""
    server = Server()

    def send(asked: Sequence[int]) -> list[int]:
        results = server.send(asked)
        if len(asked) > 1 or asked[0] == 3:
            raise fault("500103199001010018")
        return results

    gathering = Gathering(send)
    results = asked_while_busy(server, gathering, [1, 2, 3, 4])
    assert [results[0], results[1], results[3]] == [2, 4, 8]
    assert isinstance(results[2], fault)
    assert not gathering._led and not gathering._waiting
    assert gathering.ask(5) == 10


def test_a_fault_of_several_is_noted_without_what_was_asked(
    caplog: pytest.LogCaptureFixture,
) -> None:
    server = Server()
    asked_while_busy(server, Gathering(server.send), [1, -500103199001010018, 3])
    assert "3 questions" not in caplog.text and "2 questions are sent singly" in caplog.text
    assert "500103199001010018" not in caplog.text


def test_a_connection_that_hangs_holds_up_nobody_for_long() -> None:
    hanging = threading.Event()
    began = threading.Event()
    sent: list[list[int]] = []

    def send(asked: Sequence[int]) -> list[int]:
        sent.append(list(asked))
        if asked[0] == 1:
            began.set()
            assert hanging.wait(20)
        return [one * 2 for one in asked]

    gathering: Gathering[int, int] = Gathering(send, patience=0.2)
    with ThreadPoolExecutor(3) as threads:
        first = threads.submit(gathering.ask, 1)
        assert began.wait(10)
        others = [threads.submit(gathering.ask, question) for question in (2, 3)]
        assert [other.result(10) for other in others] == [4, 6]
        assert not gathering._waiting
        hanging.set()
        assert first.result(10) == 2
    assert gathering.ask(4) == 8 and sent[-1] == [4]


def test_every_question_is_sent_once_however_many_threads_ask() -> None:
    sent: list[int] = []

    def send(asked: Sequence[int]) -> list[int]:
        sent.extend(asked)
        return [one + 1 for one in asked]

    gathering = Gathering(send, most=5)

    def ask(thread: int) -> bool:
        mine = range(thread * 1000, thread * 1000 + 200)
        return all(gathering.ask(question) == question + 1 for question in mine)

    with ThreadPoolExecutor(THREADS) as threads:
        assert all(threads.map(ask, range(THREADS)))
    assert len(sent) == len(set(sent)) == THREADS * 200


@pytest.mark.django_db(transaction=True)
def test_within_a_transaction_a_thread_sends_for_itself() -> None:
    """Or what it asks would be done in somebody else's, and be there though its own is undone."""
    gathering: Gathering[int, bool] = Gathering(
        lambda asked: [connection.in_atomic_block and len(asked) == 1] * len(asked)
    )
    gathering._led = True  # somebody is at the server
    with transaction.atomic():
        assert gathering.ask(1)
