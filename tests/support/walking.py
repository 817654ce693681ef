"""Every page that exists: found by following the links as each role, held against the addresses.

Nothing is listed by hand, so a page that somebody adds is looked at from its first day. An
address that no link leads to and that would answer is named by :func:`unreached`.
"""

import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import urlsplit

from django.test import Client
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve

from zhicheng.organizations.models import Account

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
# Links that are no page: they change the language, end the session, download.
_LINK = re.compile(r"""<(?:a|iframe)\b[^>]*?\b(?:href|src)=["']([^"'#]*)""")
_HTML = "text/html"
# Sections of one address that are pages of their own; other parameters only narrow a list.
_SECTIONS = ("register", "tab", "section", "kind", "by")


@dataclass(frozen=True)
class Page:
    """A page as one account sees it."""

    route: str
    path: str
    account: str
    html: str = field(repr=False, compare=False)

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
    accounts: Sequence[str] = ROLES, *, each: int = 2, language: str = "", new_only: bool = False
) -> Walk:
    """Follows the links as these accounts ('' is a visitor), ``each`` objects per address.

    ``new_only``: later accounts ask only for what fewer than two of the earlier ones saw.
    """
    found = Walk()
    for username in accounts:
        _walk_as(username, found, each, language, new_only)
    return found


def client_of(username: str, language: str = "") -> Client:
    """A client that is logged in, without the login page."""
    client = Client(raise_request_exception=True)
    if username:
        client.force_login(
            Account.objects.get(username=username),
            backend="django.contrib.auth.backends.ModelBackend",
        )
    if language:
        client.cookies["django_language"] = language
    return client


def _walk_as(username: str, found: Walk, each: int, language: str, new_only: bool) -> None:
    client = client_of(username, language)
    taken: Counter[str] = Counter()
    if new_only:
        seen_by: dict[str, set[str]] = {}
        for page in found.pages:
            seen_by.setdefault(page.route, set()).add(page.account)
        # Objects once more by somebody who can do more with them; lists by everybody.
        taken.update({route: each for route, who in seen_by.items() if len(who) > ("<" in route)})
        for start in STARTS:
            taken.pop(str(route_of(start)), None)
    known: set[str] = set()
    queue = deque(STARTS if username else STARTS[:1])
    queue.extend(sorted(set(plain_routes())))
    while queue:
        path = queue.popleft()
        route = route_of(path)
        if route is None or path in known or taken[route] >= each or _leaves(route):
            continue
        known.add(path)
        answer = client.get(path)
        kind = str(answer.headers.get("Content-Type", "")).split(";")[0]
        found.seen.setdefault(route, set()).add(f"{answer.status_code} {kind}")
        if answer.status_code in (301, 302):
            queue.append(answer.headers["Location"])
            continue
        if answer.status_code != 200 or kind != _HTML or answer.streaming:
            continue
        taken[route] += 1
        html = answer.content.decode()
        found.pages.append(Page(route, path, username, html))
        queue.extend(_links(html, path))


def _leaves(route: str) -> bool:
    return route in ("logout/", "language/")


def _links(html: str, base: str) -> Iterator[str]:
    for link in _LINK.findall(html):
        parts = urlsplit(unescape(link))
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
    """The addresses that could answer a GET and that no link led to."""
    missing = []
    reached = {route.split("?")[0] for route in found.seen}
    for route, pattern in patterns():
        methods = _methods(pattern.callback)
        if route not in reached and (not methods or "GET" in methods):
            missing.append(route)
    return missing
