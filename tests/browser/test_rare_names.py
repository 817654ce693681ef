"""Rare names show a glyph on a machine that has no font for them (issue 5, every name)."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Response, sync_playwright

from tests.browser.conftest import ARGUMENTS, SHOTS
from tests.support.city import PASSWORD, accepted_register, found_city

pytestmark = pytest.mark.django_db(transaction=True)

RARE = "𠮷㛃䶮𬭸"
NOBODYS = "\U000323af\U0003fffd"  # the end of Extension H, which BabelStone lacks; unassigned


@pytest.fixture(scope="module")
def bare_browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A Chromium that finds no font on the system but a Latin one."""
    tmp_path = tmp_path_factory.mktemp("bare")
    latin = next((path for path in Path("/usr/share/fonts").rglob("DejaVuSans.ttf")), None)
    fonts = tmp_path / "fonts"
    fonts.mkdir()
    if latin:
        shutil.copy(latin, fonts)
    config = tmp_path / "fonts.conf"
    config.write_text(
        f'<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        f"<dir>{fonts}</dir><cachedir>{tmp_path / 'cache'}</cachedir></fontconfig>"
    )
    program = shutil.which("chromium") or shutil.which("chromium-browser") or "google-chrome"
    environment = {**os.environ, "FONTCONFIG_FILE": str(config), "HOME": str(tmp_path)}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=ARGUMENTS, env=environment
        )
        yield browser
        browser.close()


class Loaded:
    """What a page fetched of the fonts, in bytes."""

    def __init__(self, page: Page) -> None:
        self.pieces: dict[str, int] = {}
        self.style = 0
        page.on("response", self._hear)

    def _hear(self, response: Response) -> None:
        if "/fonts/" not in response.url or not response.ok:
            return
        if response.url.endswith(".woff"):
            self.pieces[response.url] = int(response.headers["content-length"])
        else:
            self.style = int(response.headers.get("content-length", 0))


def glyph(page: Page, char: str) -> bytes:
    """A picture of a character as the page's own style sets it."""
    page.evaluate(
        """char => {
            let box = document.getElementById("probe");
            if (!box) {
                box = document.createElement("p");
                box.id = "probe";
                document.querySelector("main").prepend(box);
            }
            box.textContent = char;
        }""",
        char,
    )
    page.evaluate("() => document.fonts.ready")
    box = page.locator("#probe")
    page.evaluate(
        """() => Object.assign(document.getElementById("probe").style,
            {width: "64px", height: "64px", fontSize: "48px", lineHeight: "64px", margin: 0})"""
    )
    page.wait_for_function("() => document.fonts.status === 'loaded'")
    page.wait_for_timeout(100)
    return box.screenshot()


def shows_all(page: Page) -> None:
    pictures = {char: glyph(page, char) for char in RARE}
    boxes = {glyph(page, char) for char in NOBODYS}
    assert len(set(pictures.values())) == len(RARE), "no two are alike"
    assert not boxes & set(pictures.values()), "none is the box of a missing glyph"
    # The box at nine tenths of the size would differ, too: count what is drawn.
    plain = glyph(page, " ")
    assert all(picture != plain for picture in pictures.values())


@pytest.mark.long
def test_rare_names_show_on_public_and_staff_pages_without_fonts(
    bare_browser: Browser, live_server: object, worker: None
) -> None:
    base = str(getattr(live_server, "url", live_server))
    city = found_city()
    context = bare_browser.new_context(viewport={"width": 390, "height": 800})
    page = context.new_page()
    loaded = Loaded(page)
    page.goto(base + "/")
    page.wait_for_load_state("networkidle")
    assert not loaded.pieces, "a page without rare characters loads no piece"
    assert 0 < loaded.style < 8_000
    shows_all(page)
    assert len(loaded.pieces) <= len(RARE) + 1
    assert all(size < 70_000 for size in loaded.pieces.values()), loaded.pieces
    page.evaluate("() => document.getElementById('probe').remove()")
    page.get_by_label("姓名").first.fill("𠮷㛃·䶮𬭸")
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / "rare-names-public.png")

    register = accepted_register(city, 1)
    context = bare_browser.new_context(viewport={"width": 1366, "height": 768})
    page = context.new_page()
    page.goto(base + "/login/")
    page.get_by_label("用户名").fill("health.clerk")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    loaded = Loaded(page)
    page.goto(f"{base}/registers/{register.pk}/")
    page.wait_for_load_state("networkidle")
    shows_all(page)
    assert loaded.pieces
    page.goto(base + "/styleguide/")
    page.wait_for_function("() => document.fonts.status === 'loaded'")
    page.screenshot(path=SHOTS / "rare-names-staff.png", full_page=True)
    for opened in bare_browser.contexts:
        opened.close()
