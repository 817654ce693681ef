"""Every list page and the search box at ten million certificates, over HTTP.

    .venv/bin/python -m benchmarks.lists [--full | CERTIFICATES] [--every] [/BEGINNING …]

A real server of one worker on a city of a million certificates (ten million with ``--full``). Each
list is asked for as an officer and an auditor of the municipal office, an officer of an approving
department and a clerk of a unit see it: first page, last page that can be reached, sorted by each
of its columns both ways, narrowed by each choice, and searched. The slowest of them is shown, best
of three. The target: 150 ms a page, 100 ms for the box. ``--every`` tells all that miss it;
beginnings of addresses measure those lists alone.
"""

import http.client
import sys
import time
from typing import Any
from urllib.parse import quote, urlencode

from benchmarks.size.database import City, city_of, prepare
from benchmarks.size.serving import served

BIG, FULL = 1_000_000, 10_000_000
PAGE_MS, BOX_MS = 150, 100
TRIES = 3
SEARCHED = "2026", "张", "医院", "t20"
# What is typed into the box, by what it is.
TYPED = {
    "a surname": "张",
    "a frequent name": "王伟",
    "a rare name": "盖知若",
    "nobody": "龘龘龘",
    "two initials": "zs",
    "one initial more": "zsf",
    "pinyin": "zhangwei",
    "rare pinyin": "gaizhi",
    "half a syllable": "wangj",
    "half a number": "2023",
    "an own number": "YJ2026-000001",
    "half an own number": "DY2026",
    "a register without hyphen": "DJ2026000009",
    "a mistyped ID number": "500103198502141015",
    "a serial": "0012345",
    "a document": "渝职改〔2023〕",
    "a document without brackets": "渝职改2023年12号",
    "a unit": "人民医院",
    "a unit's initials": "rmyy",
}
# What is on file only in this city: a certificate in the middle, somebody who waits for theirs.
_WAITS = "FROM search_rowkey ORDER BY id OFFSET (SELECT count(*) / 2 FROM search_rowkey) LIMIT 1"
FOUND = {
    "a number": "SELECT number FROM certificates_certificate WHERE id = %(middle)s",
    "a number on a register": f"SELECT number {_WAITS}",
    "half a number on a register": f"SELECT left(number, -4) {_WAITS}",
    "somebody on a register": f"SELECT split_part(spelled, ' ', 2) {_WAITS}",
    "their initials": f"SELECT initials {_WAITS}",
}


def accounts(city: City) -> dict[str, tuple[int, str]]:
    """Who looks, by label: their account and the key of a session of theirs."""
    city.use()
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from zhicheng.organizations.models import Account, Kind
    from zhicheng.organizations.session_store import SessionStore

    people = Account.objects.select_related("organization").order_by("pk")
    office = people.filter(organization__kind=Kind.MUNICIPAL_OFFICE)
    unit = people.filter(organization__kind=Kind.REPORTING_UNIT, role="clerk")
    department = people.filter(organization__is_approving_department=True, role="officer")
    found: dict[str, tuple[int, str]] = {}
    for label, account in (
        ("office", office.get(role="officer")),
        ("auditor", office.get(role="auditor")),
        ("department", department[0]),
        ("unit", unit[0]),
    ):
        session = SessionStore()
        session[SESSION_KEY] = str(account.pk)
        session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        session[HASH_SESSION_KEY] = account.get_session_auth_hash()
        session.create()
        found[label] = account.pk, str(session.session_key)
    return found


def pages() -> dict[str, tuple[type, list[str]]]:
    """The address of every list without a number in it, with the queries to ask it."""
    from django.urls import URLPattern, URLResolver, get_resolver

    from zhicheng.web.lists import ListPage

    found: dict[str, tuple[type, list[str]]] = {}

    def walk(patterns: list[Any], before: str) -> None:
        for pattern in patterns:
            address = before + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                walk(pattern.url_patterns, address)
            elif isinstance(pattern, URLPattern):
                kind = getattr(pattern.callback, "view_class", None)
                if kind and issubclass(kind, ListPage) and "<" not in address:
                    found[f"/{address}"] = kind, variants(kind)

    walk(get_resolver().url_patterns, "")
    return found


def variants(kind: type) -> list[str]:
    """First and last page, every order, every choice, every search."""
    from zhicheng.web.lists import ChoiceFilter, DateFilter, ListPage, TextFilter

    assert issubclass(kind, ListPage)
    asked = ["", "page=2000"]
    for column in kind.columns:
        if column.sort:
            asked += [f"sort={column.sort}", f"sort=-{column.sort}"]
    for item in kind.filters:
        if isinstance(item, ChoiceFilter) and not callable(item.choices):
            asked += [urlencode({item.name: value}) for value, _label in item.choices]
        elif isinstance(item, DateFilter):
            asked += [f"{item.name}_from=2020-01-01&{item.name}_to=2020-02-01"]
            asked += [f"{item.name}_from=2012-01-01"]
        elif isinstance(item, TextFilter):
            asked += [f"{item.name}={quote('12345' if item.lookup == 'serials' else '医院')}"]
    if kind.search_fields:
        asked += [f"q={quote(text)}" for text in SEARCHED]
    return asked


class Browser:
    """One connection of somebody who is logged in."""

    def __init__(self, port: int, session: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self.cookie = f"sessionid={session}; csrftoken={'b' * 32}"

    def ask(self, path: str, body: dict[str, str] | None = None) -> tuple[int, float]:
        """Status and milliseconds, the best of a few."""
        best, status = float("inf"), 0
        for turn in range(TRIES):
            began = time.perf_counter()
            if body is None:
                self.connection.request("GET", path, headers={"Cookie": self.cookie})
            else:
                self.connection.request(
                    "POST",
                    path,
                    urlencode(body),
                    {
                        "Cookie": self.cookie,
                        "Content-Type": "application/x-www-form-urlencoded",
                        "HX-Request": "true",
                        "X-CSRFToken": "b" * 32,
                    },
                )
            answer = self.connection.getresponse()
            answer.read()
            status = answer.status
            best = min(best, (time.perf_counter() - began) * 1000)
            if best > 4 * PAGE_MS and turn:
                break  # the first may have found nothing in the memory
        return status, best


def measure(
    port: int, sessions: dict[str, tuple[int, str]], every: bool, begins: tuple[str, ...]
) -> int:
    """Asks everything; prints each list's slowest and gives how many missed their target."""
    missed = 0
    for address, (_kind, asked) in sorted(pages().items()):
        if not address.startswith(begins):
            continue
        for who, (_pk, session) in sessions.items():
            browser = Browser(port, session)
            told = []
            for query in asked:
                status, spent = browser.ask(f"{address}?{query}" if query else address)
                if status == 403:
                    break
                told.append((spent, query or "first page", status))
            if not told:
                continue
            told.sort(reverse=True)
            slow = [item for item in told if item[0] > PAGE_MS or item[2] != 200]
            missed += len(slow)
            shown = slow if every and slow else told[:1]
            print(
                f"  {address:34} {who:10} {len(told):3} asked, {len(slow):2} too slow, slowest"
                + "; ".join(f" {ms:7.0f} ms ({status}) {query}" for ms, query, status in shown),
                flush=True,
            )
    return missed


def boxes(port: int, city: City, sessions: dict[str, tuple[int, str]]) -> int:
    """The search box, as it is asked while somebody types."""
    missed = 0
    typed = dict(TYPED)
    with city.connect() as database:
        for label, statement in FOUND.items():
            row = database.execute(statement, {"middle": city.certificates // 2}).fetchone()
            typed[label] = row[0] if row else ""
    for who, (_pk, session) in sessions.items():
        browser = Browser(port, session)
        told = []
        for label, text in typed.items():
            status, spent = browser.ask("/search/", {"text": text})
            told.append((spent, label, status))
        told.sort(reverse=True)
        missed += sum(spent > BOX_MS or status != 200 for spent, _label, status in told)
        print(
            f"  search {who:10} "
            + "; ".join(
                f"{label} {ms:.0f} ms" + ("" if status == 200 else f" ({status})")
                for ms, label, status in told[:6]
            ),
            flush=True,
        )
    return missed


def main(certificates: int, every: bool, begins: tuple[str, ...] = ("/",)) -> None:
    """One city, one server, everybody in turn."""
    prepare()
    city = city_of(certificates)
    sessions = accounts(city)
    with served(city, workers=1) as port:
        missed = boxes(port, city, sessions) + measure(port, sessions, every, begins)
    print(f"{certificates:,} certificates: {missed} pages over their target")


if __name__ == "__main__":
    given = [item for item in sys.argv[1:] if item.isdigit()]
    size = FULL if "--full" in sys.argv else int(given[0]) if given else BIG
    begins = tuple(item for item in sys.argv[1:] if item.startswith("/"))
    main(size, "--every" in sys.argv, begins or ("/",))
