"""The public query at ten million certificates on file, asked by two hundred clients at once.

    .venv/bin/python -m benchmarks.query [--full | CERTIFICATES]

A real server (granian, a worker a core, as many threads as ``serve`` has) on a city of a million
certificates (ten million with ``--full``) and on one of ten thousand, in turn: an empty view
through the same middleware, asked by GET and by the same POST as a question (the latter is what
questions are held against), a question by name and ID number, one by name and certificate number,
and the latter for somebody who doesn't exist. Every question is counted, logged and answered as the
product does it; each client has its own address, and only the limits are out of the way
(``benchmarks/size/settings.py``). The clients run on the same machine and take their share of it.
"""

import asyncio
import re
import sys
import time
from collections.abc import Iterator
from itertools import cycle
from typing import Any
from urllib.parse import urlencode

from benchmarks.size.database import City, city_of, prepare
from benchmarks.size.serving import served

EMPTY = "/bench/empty/"
CLIENTS = 200
SECONDS = 8.0
PEOPLE = 3000
SMALL, BIG, FULL = 10_000, 1_000_000, 10_000_000
ROUNDS = 2


class Client:
    """One connection that asks again and again."""

    def __init__(self, port: int, place: int = 0) -> None:
        self.port = port
        self.address = f"127.0.{place // 250}.{place % 250 + 2}"

    async def open(self) -> None:
        """Connects and fetches what a form needs to be sent."""
        self.reader, self.writer = await asyncio.open_connection(
            "127.0.0.1", self.port, local_addr=(self.address, 0)
        )
        head, body = await self.ask("GET", "/", b"")
        cookie = re.search(r"csrftoken=([^;]+)", head)
        token = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', body)
        assert cookie and token, head
        self.cookie, self.token = cookie[1], token[1].decode()

    async def ask(self, method: str, path: str, body: bytes) -> tuple[str, bytes]:
        """One request; gives head and body of the answer."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}"]
        if body:
            lines += [
                f"Content-Length: {len(body)}",
                "Content-Type: application/x-www-form-urlencoded",
                f"Cookie: csrftoken={self.cookie}",
            ]
        self.writer.write(("\r\n".join(lines) + "\r\n\r\n").encode() + body)
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        length = re.search(r"(?i)content-length: (\d+)", head)
        content = await self.reader.readexactly(int(length[1]) if length else 0)
        if not head.startswith("HTTP/1.1 200"):
            raise SystemExit(f"{head.splitlines()[0]}\n{content[:3000].decode(errors='replace')}")
        return head, content

    async def repeat(
        self,
        path: str,
        questions: Iterator[dict[str, str]] | None,
        until: float,
        spent: list[float],
    ) -> None:
        """Asks until the time is over."""
        while (began := time.perf_counter()) < until:
            if questions is None:
                await self.ask("GET", path, b"")
            else:
                fields = {**next(questions), "csrfmiddlewaretoken": self.token}
                _head, body = await self.ask("POST", path, urlencode(fields).encode())
                if path == "/" and b"qry-result" not in body:
                    raise SystemExit("not an answer")
            spent.append(time.perf_counter() - began)


async def load(
    port: int, path: str, questions: list[dict[str, str]] | None, seconds: float
) -> tuple[float, float, float]:
    """Requests a second, median and 99th percentile in milliseconds."""
    clients = [Client(port, place) for place in range(CLIENTS)]
    for client in clients:
        await client.open()
    spent: list[float] = []
    asked = cycle(questions) if questions is not None else None
    began = time.perf_counter()
    await asyncio.gather(
        *(client.repeat(path, asked, began + seconds, spent) for client in clients)
    )
    took = time.perf_counter() - began
    for client in clients:
        client.writer.close()
    spent.sort()
    return len(spent) / took, spent[len(spent) // 2] * 1000, spent[len(spent) * 99 // 100] * 1000


def people(city: City, count: int) -> list[dict[str, str]]:
    """Name, ID number and certificate number of people spread over the whole city."""
    from zhicheng.protection import blind_index
    from zhicheng.values.id_number import check_digit

    step = max(1, city.certificates // count)
    with city.connect() as database:
        rows = database.execute(
            "SELECT c.name, c.number, c.id_number_index, a.code || d.t FROM"
            " generate_series(0, %s, %s) g (k) JOIN certificates_certificate c ON c.id = k + 1"
            " JOIN bench_area a ON a.n = k %% (SELECT count(*) FROM bench_area)"
            " JOIN bench_day d ON d.n = k / (SELECT count(*) FROM bench_area) %% 15000"
            " WHERE c.state = 'issued' ORDER BY md5(k::text)",
            [city.certificates - 1, step],
        ).fetchall()
    found = []
    for name, number, index, start in rows:
        for order in range(100, 150):
            text = f"{start}{order}"
            text += check_digit(text)
            if blind_index(text) == bytes(index):
                found.append({"name": name, "id_number": text, "number": number})
                break
    return found


def questions_of(city: City) -> dict[str, tuple[str, list[dict[str, str]] | None]]:
    """Where is asked what, by label."""
    known = people(city, PEOPLE)
    return {
        "empty, GET": (EMPTY, None),
        "empty view": (
            EMPTY,
            [{"name": one["name"], "id_number": one["id_number"]} for one in known],
        ),
        "by person": (
            "/",
            [{"name": one["name"], "id_number": one["id_number"]} for one in known],
        ),
        "by number": ("/", [{"name": one["name"], "number": one["number"]} for one in known]),
        "nobody": ("/", [{"name": one["name"], "number": f"X{one['number']}"} for one in known]),
    }


def main(certificates: int) -> None:
    """Both cities in turn, twice; the second round counts."""
    prepare()
    cities = [city_of(SMALL), city_of(certificates)]
    asked = {city.name: questions_of(city) for city in cities}
    results: dict[tuple[str, str], tuple[float, float, float]] = {}
    for turn in range(ROUNDS):
        for city in cities:
            with served(city) as port:
                for label, (path, questions) in asked[city.name].items():
                    asyncio.run(load(port, path, questions, 1.0))
                    found = asyncio.run(load(port, path, questions, SECONDS))
                    best = results.get((city.name, label))
                    if best is None or found[0] > best[0]:
                        results[city.name, label] = found
        print(f"  round {turn + 1} of {ROUNDS}", file=sys.stderr, flush=True)
    report(cities, results)


def report(cities: list[City], results: dict[tuple[str, str], Any]) -> None:
    """Each city's figures, and how the large one stands to the small one."""
    small = cities[0]
    for city in cities:
        empty = results[city.name, "empty view"][0]
        print(f"{city.certificates:,} certificates on file, {CLIENTS} clients")
        for label in ("empty, GET", "empty view", "by person", "by number", "nobody"):
            rate, middle, high = results[city.name, label]
            print(
                f"  {label:11} {rate:7.0f}/s  p50 {middle:6.1f} ms  p99 {high:6.1f} ms"
                f"  {rate / empty:5.2f} of the empty view"
                f"  {results[small.name, label][0] / rate:5.2f} times slower than with"
                f" {small.certificates:,}"
            )


if __name__ == "__main__":
    given = sys.argv[1:]
    main(FULL if "--full" in given else int(given[0]) if given else BIG)
