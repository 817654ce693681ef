"""A Chromium for the tests, one window per person, and a picture of each step."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)

# The browser's driver runs an event loop in this thread; the tests' own queries are still plain.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
BROKEN_OFF = ("htmx:afterRequest", "htmx:sendAbort")
SHOTS = Path(os.environ.get("ZHICHENG_SHOTS", "var/test/shots"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium; per module, so that its event loop ends before other tests run."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or "google-chrome"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


class Window:
    """A person's browser window: logged in once, with pictures of what they saw."""

    def __init__(self, context: BrowserContext, base: str, name: str) -> None:
        self.page: Page = context.new_page()
        self.page.set_default_timeout(15_000)
        self.base, self.name, self.count = base, name, 0
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._hear)

    def _hear(self, message: ConsoleMessage) -> None:
        # A poll that a closing page breaks off; a real failure says htmx:sendError beside it.
        if message.type == "error" and not message.text.startswith(BROKEN_OFF):
            self.errors.append(f"{message.text} {message.location} on {self.page.url}")

    def log_in(self, username: str, password: str) -> "Window":
        """Through the login page, like everybody."""
        self.go("/login/")
        self.page.get_by_label("用户名").fill(username)
        self.page.get_by_label("密码").fill(password)
        self.page.get_by_role("button", name="登录").click()
        expect(self.page.get_by_role("heading", name="待办事项")).to_be_visible()
        return self

    def go(self, path: str) -> Page:
        """Opens an address of the product."""
        self.page.goto(self.base + path)
        return self.page

    def confirm(self, button: str, confirmation: str = "") -> None:
        """Presses a button that asks, and confirms."""
        self.page.get_by_role("button", name=button, exact=True).click()
        self.page.get_by_role("button", name=confirmation or f"确认{button}", exact=True).click()

    def shot(self, what: str) -> None:
        """Keeps a picture of the page."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.count += 1
        self.page.screenshot(path=SHOTS / f"{self.name}-{self.count:02d}-{what}.png")


@pytest.fixture
def worker(live_server: object) -> Iterator[None]:
    """The background worker beside the live server."""
    from tests.support.working import background_worker

    with background_worker():
        yield


@pytest.fixture
def window(browser: Browser, live_server: object, worker: None) -> Iterator[Callable[..., Window]]:
    """Opens windows: ``window("office.officer", size=(1366, 768))``; closed afterwards."""
    from tests.support.city import PASSWORD

    contexts: list[BrowserContext] = []
    windows: list[Window] = []

    def open_window(username: str = "", *, size: tuple[int, int] = (1366, 768)) -> Window:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            accept_downloads=True,
            timezone_id="Asia/Shanghai",
        )
        contexts.append(context)
        opened = Window(context, live_server.url, username or "visitor")  # type: ignore[attr-defined]
        windows.append(opened)
        return opened.log_in(username, PASSWORD) if username else opened

    yield open_window
    errors = [error for item in windows for error in item.errors]
    for context in contexts:
        context.close()
    assert not errors, errors
