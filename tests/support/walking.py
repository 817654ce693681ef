"""Every page that exists: found by following the links as each role, held against the addresses.

Nothing is listed by hand, so a page that somebody adds is looked at from its first day. What no
link leads to comes through the doors (``doors``) and as the answers of forms (``answers``). An
address that would answer and that nothing led to is named by :func:`unreached`.
"""

import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from html import unescape
from typing import Any
from urllib.parse import urlsplit

from django.db.models import Max
from django.test import Client
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve

from tests.support.answers import ANSWERS, asked
from tests.support.doors import BEYOND, DOORS, client_of, opened
from zhicheng.audit.models import AuditEvent

# The demo's accounts, one for each kind of work.
ROLES = (
    "",
    "office.officer",
    "office.clerk",
    "office.embosser",
    "auditor",
    "admin",
    "health.clerk",
    "health.officer",
    "health.embosser",
    "hospital.clerk",
    "heavy.officer",
)
STARTS = ("/", "/tasks/")
# Those who can do most first: ``new_only`` doesn't ask again for what they saw.
WIDEST_FIRST = ("", "hospital.clerk", "office.officer", "health.clerk", "admin", "auditor", *ROLES)
# Links of all kinds: to pages, pictures and files, and to parts that a page fetches itself.
_LINK = re.compile(r"""\s(?:href|src|hx-get)=["']([^"'#]*)|\sdata-[\w-]*=["'](/[^"'#]*)""")
_HTML = "text/html"
_PART = " part"  # of a page, fetched by the page itself
# Sections of one address that are pages of their own; other parameters only narrow a list.
_SECTIONS = ("register", "tab", "section", "kind", "by")


@dataclass(frozen=True)
class Page:
    """A page as one account sees it."""

    route: str
    path: str
    account: str
    html: str = field(repr=False, compare=False)
    answer: str = ""  # of a form (``answers``): the path doesn't lead to it

    @property
    def name(self) -> str:
        """A file name that says which page it is: ``registers-id-history``."""
        plain = re.sub(r"<(?:\w+:)?(\w+)>", r"\1", self.route).strip("/")
        return re.sub(r"[^\w]+", "-", plain).strip("-") or "start"


@dataclass
class Walk:
    """What a walk saw: pages, and every other answer by its address."""

    pages: list[Page] = field(default_factory=list)
    seen: dict[str, set[str]] = field(default_factory=dict)

    def once(self) -> list[Page]:
        """Each address once, by the account that found it first."""
        first: dict[str, Page] = {}
        for page in self.pages:
            first.setdefault(page.route, page)
        return [first[route] for route in sorted(first)]

    def each(self) -> list[Page]:
        """Each address once for each account."""
        first: dict[tuple[str, str], Page] = {}
        for page in self.pages:
            first.setdefault((page.account, page.route), page)
        return list(first.values())


def walk(
    accounts: Sequence[str] = ROLES,
    *,
    each: int = 2,
    language: str = "",
    new_only: bool = False,
) -> Walk:
    """Follows the links as these accounts ('' is a visitor), ``each`` objects per address.

    ``new_only``: later accounts ask only for what fewer than two of the earlier ones saw.
    """
    found = Walk()
    _told()
    for username in accounts:
        _walk_as(username, found, each, language, new_only)
    return found


def by_role() -> Walk:
    """Every page as every role sees it, one object per address, and what no link leads to."""
    return go_beyond(walk(ROLES, each=1))


def everything(roles: Walk) -> Walk:
    """``by_role``, and a second object of each kind: not every register has versions to compare."""
    found = walk(WIDEST_FIRST, new_only=True)
    found.pages += roles.pages
    for route, answers in roles.seen.items():
        found.seen.setdefault(route, set()).update(answers)
    return found


def _walk_as(username: str, found: Walk, each: int, language: str, new_only: bool) -> None:
    taken: Counter[str] = Counter()
    if new_only:
        seen_by: dict[str, set[str]] = {}
        for page in found.pages:
            seen_by.setdefault(page.route, set()).add(page.account)
        # Objects once more by somebody who can do more with them; lists by everybody.
        taken.update({route: each for route, who in seen_by.items() if len(who) > ("<" in route)})
        for start in STARTS:
            taken.pop(str(route_of(start)), None)
    starts = [*(STARTS if username else STARTS[:1]), *sorted(set(plain_routes()))]
    _follow(client_of(username, language), username, starts, found, taken, each)


def go_beyond(found: Walk, language: str = "") -> Walk:
    """Adds what no link leads to and nobody has seen yet: behind doors, and answers of forms."""
    for name in (*BEYOND, *DOORS):
        if name in DOORS:
            client, starts = opened(name, language)
        else:
            client, starts = client_of(name, language), BEYOND[name]()
        taken = Counter({page.route: 1 for page in found.pages})
        _follow(client, name, starts, found, taken, 1)
    for answer in ANSWERS.values():
        if not answer.when():
            continue
        path, page = asked(answer, client_of(answer.who, language))
        route = f"{route_of(path) or ''}?{answer.name}"
        html = page.content.decode()
        found.seen.setdefault(route, set()).add(f"{page.status_code} {_HTML}")
        found.pages.append(Page(route, path, answer.who, html, answer.name))
    return found


@cache
def _told() -> int:
    """The last event of the city as it was before anybody walked through it."""
    return AuditEvent.objects.aggregate(last=Max("sequence"))["last"] or 0


def _is_own(path: str) -> bool:
    """Whether it is an event that a walk made: whoever opens the page later finds none."""
    event = re.fullmatch(r"/audit/(\d+)/", urlsplit(path).path)
    return event is not None and int(event[1]) > _told()


def _follow(
    client: Client, name: str, starts: Iterable[str], found: Walk, taken: Counter[str], each: int
) -> None:
    """Opens these addresses and whatever they lead to, ``each`` of one kind."""
    known: set[str] = set()
    others: Counter[str] = Counter()
    queue = deque(starts)
    while queue:
        path = queue.popleft()
        route = route_of(path)
        if route is None or path in known or _leaves(route) or _is_own(path):
            continue
        if taken[route] >= each or others[route] >= each:
            continue
        known.add(path)
        answer = client.get(path)
        kind = str(answer.headers.get("Content-Type", "")).split(";")[0]
        html = "" if answer.streaming or kind != _HTML else answer.content.decode()
        part = _PART if html and "<html" not in html else ""
        found.seen.setdefault(route, set()).add(f"{answer.status_code} {kind}{part}")
        if answer.status_code in (301, 302):
            queue.append(answer.headers["Location"])
        elif answer.status_code == 200 and html and not part:
            taken[route] += 1
            found.pages.append(Page(route, path, name, html))
            queue.extend(_links(html, path))
        elif answer.status_code == 200:
            others[route] += 1


def _leaves(route: str) -> bool:
    return route in ("logout/", "language/")


def _links(html: str, base: str) -> Iterator[str]:
    for link, own in _LINK.findall(html):
        parts = urlsplit(unescape(link or own))
        if parts.scheme or parts.netloc:
            continue
        path = parts.path or urlsplit(base).path
        if not path.startswith("/"):
            path = base.split("?")[0].rsplit("/", 1)[0] + "/" + path
        if "export=" in parts.query:
            continue
        kept = "&".join(
            item
            for item in parts.query.split("&")
            if item.split("=")[0] in (*_SECTIONS, "from", "to")
        )
        yield path + (f"?{kept}" if kept else "")


def route_of(path: str) -> str | None:
    """The address as the URL configuration writes it; None for what isn't ours."""
    try:
        route = resolve(urlsplit(path).path).route
    except Resolver404:
        return None
    sections = [
        item
        for item in urlsplit(path).query.split("&")
        if item.split("=")[0] in _SECTIONS and not item.split("=")[-1].isdigit()
    ]
    return route + (f"?{'&'.join(sections)}" if sections else "")


def patterns(
    items: Iterable[Any] | None = None, prefix: str = ""
) -> Iterator[tuple[str, URLPattern]]:
    """All addresses of the configuration with what answers them."""
    for item in get_resolver().url_patterns if items is None else items:
        path = prefix + str(item.pattern)
        if isinstance(item, URLResolver):
            yield from patterns(item.url_patterns, path)
        elif isinstance(item, URLPattern):
            yield path, item


def plain_routes() -> Iterator[str]:
    """The addresses without a variable part."""
    for route, _ in patterns():
        if "<" not in route and not _leaves(route):
            yield f"/{route}"


def _methods(view: Any) -> set[str]:
    """The methods that a view's decorators leave; empty where they say nothing."""
    found: set[str] = set()
    while view is not None:
        for cell in getattr(view, "__closure__", None) or ():
            try:
                content = cell.cell_contents
            except ValueError:
                continue
            if (
                isinstance(content, list | tuple)
                and content
                and set(content) <= {"GET", "HEAD", "POST", "PUT", "DELETE"}
            ):
                found |= set(content)
        kind = getattr(view, "view_class", None)
        if kind is not None:
            found |= {name.upper() for name in ("get", "post") if hasattr(kind, name)}
        view = getattr(view, "__wrapped__", None)
    return found


def unreached(found: Walk) -> list[str]:
    """The addresses that could answer a GET with something and were never seen to."""
    missing = []
    reached = {
        route.split("?")[0]
        for route, answers in found.seen.items()
        if any(answer.startswith("200") for answer in answers)
    }
    for route, pattern in patterns():
        methods = _methods(pattern.callback)
        if route not in reached and (not methods or "GET" in methods):
            missing.append(route)
    return missing
