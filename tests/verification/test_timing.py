"""Hit and miss take the same time: 2,000 trials of each kind over HTTP, in random order."""

import http.client
import random
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations
from statistics import median, quantiles
from urllib.parse import urlencode

import pytest

from tests.support.api_city import ISSUE
from tests.support.ranks import common_language, kolmogorov_smirnov
from tests.support.served import Served
from zhicheng.protection import reveal

TRIALS = 2000
ALPHA = 0.001  # of each test; six comparisons and two measures together: about one in forty
EFFECT = 0.03


class Asking:
    """One visitor on one connection, who measures."""

    def __init__(self, served: Served) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", served.port)
        self.connection.request("GET", "/")
        answer = self.connection.getresponse()
        page = answer.read().decode()
        self.cookie = answer.headers["Set-Cookie"].split(";")[0]
        found = re.search(r'csrfmiddlewaretoken" value="(\w+)"', page)
        assert found is not None
        self.token = found[1]

    def ask(self, fields: dict[str, str]) -> tuple[float, float, bytes]:
        """Seconds to the first byte, seconds to the last, the page."""
        body = urlencode({**fields, "csrfmiddlewaretoken": self.token})
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": self.cookie}
        began = time.perf_counter()
        self.connection.request("POST", "/", body, headers)
        answer = self.connection.getresponse()
        first = time.perf_counter() - began
        page = answer.read()
        whole = time.perf_counter() - began
        assert answer.status == 200, (answer.status, page.decode())
        return first, whole, page


@pytest.fixture
def served(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    for name in ("MINUTE", "HOUR"):
        monkeypatch.setenv(f"ZHICHENG_QUESTIONS_PER_{name}", "0")
    for name in ("CHALLENGE_ALL", "CHALLENGE_ALL_MISSES", "REFUSE_ALL"):
        monkeypatch.setenv(f"ZHICHENG_{name}_PER_MINUTE", "0")
    monkeypatch.setenv("ZHICHENG_ANSWER_BEAT_MS", "20")
    server = Served(workers=1)
    yield server
    server.stop()


def people(served: Served) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """A thousand with a certificate in force, a thousand that are on file without one."""
    ids = [pk for each in served.facts["people"] for pk in each]
    with served.connect() as database, database.transaction():
        database.execute("SET LOCAL session_replication_role = replica")
        database.execute(ISSUE, [ids[:1000]])
        database.execute("SET LOCAL session_replication_role = origin")
        rows = database.execute(
            "SELECT p.name, p.id_number_cipher FROM approvals_approvedperson p"
            " WHERE p.id = ANY(%s) ORDER BY p.id",
            [ids[:2000]],
        ).fetchall()
    found = [{"name": name, "id_number": reveal(bytes(cipher))} for name, cipher in rows]
    return found[:1000], found[1000:]


Ask = Callable[[], dict[str, str]]


def questions(served: Served, chance: random.Random) -> dict[str, Ask]:
    """A question of each kind, another one each time."""
    certified, others = people(served)
    return {
        "hit": lambda: chance.choice(certified),
        "wrong name": lambda: {**chance.choice(certified), "name": "无此人"},
        "not issued": lambda: chance.choice(others),
        "nobody": lambda: {
            "name": "无此人",
            "id_number": f"5001031960{chance.randrange(10**8):08}",
        },
    }


class Trials:
    """How long the answers of each kind took, and whether any two kinds can be told apart."""

    def __init__(self, kinds: Iterable[str]) -> None:
        self.first: dict[str, list[float]] = {kind: [] for kind in kinds}
        self.whole: dict[str, list[float]] = {kind: [] for kind in kinds}
        self.sizes: set[int] = set()

    def note(self, kind: str, answer: tuple[float, float, bytes]) -> None:
        """One answer; it is a hit's or a miss's."""
        to_first, to_last, page = answer
        assert ("没有查到".encode() not in page) == (kind == "hit")
        self.first[kind].append(to_first)
        self.whole[kind].append(to_last)
        self.sizes.add(len(page))

    def judge(self) -> None:
        """Tells every comparison, and fails where one is no chance."""
        assert len(self.sizes) == 1
        faults, told = [], []
        for measure, times in (("first byte", self.first), ("whole answer", self.whole)):
            for kind, values in times.items():
                tenths = quantiles(values, n=10)
                told.append(
                    f"{measure:12} {kind:10} median {median(values) * 1000:.3f} ms,"
                    f" 10 % {tenths[0] * 1000:.3f}, 90 % {tenths[8] * 1000:.3f}"
                )
            for one, other in combinations(times, 2):
                effect, p = common_language(times[one], times[other])
                distance, q = kolmogorov_smirnov(times[one], times[other])
                told.append(
                    f"{measure:12} {one} / {other}: effect {effect:.4f}, Mann-Whitney p {p:.3f},"
                    f" Kolmogorov-Smirnov D {distance:.4f} p {q:.3f}"
                )
                if abs(effect - 0.5) > EFFECT or p < ALPHA or q < ALPHA:
                    faults.append((measure, one, other, effect, p, distance, q))
        sys.stdout.write("\n".join(told))
        assert not faults


@pytest.mark.long
def test_hit_and_miss_take_the_same_time_over_2000_trials_of_each(served: Served) -> None:
    chance = random.Random(20261126)  # noqa: S311
    kinds = questions(served, chance)
    visitor = Asking(served)
    order = [kind for kind in kinds for _ in range(TRIALS)]
    chance.shuffle(order)
    for kind in kinds:  # the first ones warm up
        visitor.ask(kinds[kind]())
    trials = Trials(kinds)
    for kind in order:
        trials.note(kind, visitor.ask(kinds[kind]()))
    trials.judge()


@pytest.mark.long
def test_hit_and_miss_take_the_same_time_when_they_are_asked_together(served: Served) -> None:
    """One of each kind at the same moment, so that they share statements (database/gathering)."""
    chance = random.Random(20261127)  # noqa: S311
    kinds = questions(served, chance)
    visitors = [Asking(served) for _ in kinds]
    trials = Trials(kinds)
    with ThreadPoolExecutor(len(visitors)) as threads:
        for turn in range(TRIALS + 5):
            order = list(kinds)
            chance.shuffle(order)
            asked = [
                threads.submit(visitor.ask, kinds[kind]())
                for visitor, kind in zip(visitors, order, strict=True)
            ]
            for kind, answer in zip(order, asked, strict=True):
                if turn >= 5:
                    trials.note(kind, answer.result(60))
                else:
                    answer.result(60)
    trials.judge()
