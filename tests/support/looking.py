"""A browser that looks at the product as an account sees it, without the login page.

The pages come from a live server in this process, so what is to be seen must be committed
(tests/support/demo_database.py); the browser keeps the static files from page to page.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.test import override_settings
from django.test.testcases import LiveServerThread
from playwright.sync_api import Browser, BrowserContext, Page

from tests.support.doors import client_of
from tests.support.showing import show
from tests.support.walking import Page as Found


@contextmanager
def serving() -> Iterator[str]:
    """A live server on a free port; gives its address."""
    server = LiveServerThread("localhost", StaticFilesHandler, port=0)
    server.daemon = True
    with override_settings(ALLOWED_HOSTS=["*"]):
        server.start()
        server.is_ready.wait()
        if server.error:
            raise server.error
        try:
            yield f"http://localhost:{server.port}"
        finally:
            server.terminate()


class Looker:
    """One account's browser window."""

    def __init__(self, browser: Browser, address: str, account: str = "", **options: Any) -> None:
        self.address = address
        self.context: BrowserContext = browser.new_context(
            timezone_id="Asia/Shanghai", locale="zh-CN", reduced_motion="reduce", **options
        )
        self.context.add_cookies(
            [
                {"name": key, "value": morsel.value, "url": address}
                for key, morsel in client_of(account).cookies.items()
            ]
        )
        self.page: Page = self.context.new_page()
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(f"{self.page.url}: {error}"))

    def go(self, path: str) -> Page:
        """Opens an address."""
        self.page.goto(self.address + path, wait_until="load")
        return self.page

    def show(self, found: Found) -> Page:
        """Opens a page that a walk found, or sends the form that it answers."""
        if not show(self.page, self.address, found):
            self.errors.append(f"{found.route} {found.account}: another page came")
        return self.page

    def close(self) -> None:
        """Ends the window."""
        self.context.close()
