"""A browser that shows the product without a server: its requests are answered in this process.

So a page shows what the test's own transaction holds, and a whole city need not be committed and
removed again. Static files come from the finders, everything else from the test client of whoever
looks.
"""

from typing import Any
from urllib.parse import urlsplit

from django.contrib.staticfiles import finders
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from playwright.sync_api import Browser, BrowserContext, Page, Route

from tests.support.walking import client_of

HOST = "http://localhost"
_held: list[BaseDatabaseWrapper] = []
_HEADERS = ("Content-Type", "Content-Security-Policy", "Location", "Content-Language")


def hold() -> None:
    """Keeps this connection for the browser's callbacks: they have a context of their own.

    To be called before the browser starts; what its transaction holds, pages show.
    """
    _held[:] = [connections[DEFAULT_DB_ALIAS]]


def _share() -> None:
    if _held:
        connections[DEFAULT_DB_ALIAS] = _held[0]


class Looker:
    """One account's browser window."""

    def __init__(
        self, browser: Browser, account: str = "", *, language: str = "", **options: Any
    ) -> None:
        _share()
        self.client = client_of(account, language)
        self.context: BrowserContext = browser.new_context(timezone_id="Asia/Shanghai", **options)
        self.context.route("**/*", self._answer)
        self.page: Page = self.context.new_page()
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(f"{self.page.url}: {error}"))

    def go(self, path: str) -> Page:
        """Opens an address."""
        self.page.goto(HOST + path, wait_until="load")
        return self.page

    def close(self) -> None:
        """Ends the window."""
        self.context.close()

    def _answer(self, route: Route) -> None:
        _share()
        asked = urlsplit(route.request.url)
        path = asked.path + (f"?{asked.query}" if asked.query else "")
        if asked.path.startswith("/static/"):
            found = finders.find(asked.path.removeprefix("/static/"))
            route.fulfill(path=str(found)) if found else route.fulfill(status=404)
            return
        if route.request.method != "GET":
            route.fulfill(status=405)
            return
        sent = route.request.headers
        extra = {"HTTP_HX_REQUEST": "true"} if "hx-request" in sent else {}
        answer = self.client.get(path, **extra)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        headers = {key: answer.headers[key] for key in _HEADERS if key in answer.headers}
        route.fulfill(status=answer.status_code, headers=headers, body=body)
