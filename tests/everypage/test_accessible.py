"""axe finds nothing serious on any page, and every control is reached and seen by keyboard.

Short: the fullest page of each part, light, on a 1366 by 768 screen. Long: every page, and each
role's pages, light and dark, on the screen and on a phone.
"""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright
from playwright.sync_api import Page as Window

from tests.support.axe import findings
from tests.support.looking import Looker, serving
from tests.support.walking import Page, Walk

SCREEN = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}
# The pages whose every control is walked by Tab.
MAIN = (
    ("", "/"),
    ("", "/reissues/apply/"),
    ("office.officer", "/tasks/"),
    ("office.officer", "/registers/"),
    ("office.officer", "/blanks/"),
    ("health.clerk", "/certificates/registers/"),
    ("health.clerk", "/certificates/scan/issue/"),
    ("hospital.clerk", "/registers/new/"),
    ("admin", "/organizations/new/"),
    ("auditor", "/audit/"),
    ("office.officer", "/styleguide/"),
)
REACHABLE = """() => [...document.querySelectorAll(
  'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')].filter(
    item => !item.disabled && item.tabIndex >= 0 && item.checkVisibility({visibilityProperty: true})
      && !item.closest('dialog:not([open])')).map((item, place) => {
        item.dataset.place = place; return item.outerHTML.slice(0, 90); })"""
# Where the focus is, and whether one sees it: an outline or a shadow; the layout's boxes draw
# theirs (a thicker frame), and the grid's hidden field shows it by the frame of its cell.
FOCUSED = """() => { const item = document.activeElement;
  if (!item || item === document.body) return null;
  const now = getComputedStyle(item), box = item.getBoundingClientRect();
  const seen = (now.outlineStyle !== 'none' && parseFloat(now.outlineWidth) > 0)
    || now.boxShadow !== 'none' || item.matches('.lay-box, .grid-field');
  return {place: item.dataset.place ?? '', seen, inside: box.bottom > 0 && box.top < innerHeight,
    radio: item.type === 'radio' ? item.name : '', html: item.outerHTML.slice(0, 90)}; }"""


@pytest.fixture(scope="module")
def address(demo: None) -> Iterator[str]:
    with serving() as found:
        yield found


@pytest.fixture(scope="module")
def browser(demo: None) -> Iterator[Browser]:
    """After the demo, whose pages it shows."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or "google-chrome"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu"]
        )
        yield started
        started.close()


def look(
    browser: Browser, address: str, walked: Walk, looks: tuple[str, ...], size: dict[str, int]
) -> list[str]:
    """What axe finds on these pages."""
    lookers: dict[str, Looker] = {}
    found = []
    for item in walked.pages:
        looker = lookers.get(item.account)
        if looker is None:
            looker = lookers[item.account] = Looker(browser, address, item.account, viewport=size)
        page = looker.show(item)
        for scheme in looks:
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            found += [f"{item.route} {item.account} {scheme}: {text}" for text in findings(page)]
            wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            if wide > 0:
                found.append(f"{item.route} {item.account}: {wide} px wider than {size['width']}")
    found += [error for looker in lookers.values() for error in looker.errors]
    for looker in lookers.values():
        looker.close()
    return found


def fullest(walked: Walk) -> Walk:
    """Of each part of the product the page with most on it."""
    parts: dict[str, Page] = {}
    for page in walked.once():
        part = page.route.split("/")[0]
        if part not in parts or len(page.html) > len(parts[part].html):
            parts[part] = page
    return Walk(list(parts.values()))


@pytest.mark.long
def test_axe_finds_nothing_serious_in_any_part(
    browser: Browser, address: str, walked: Walk
) -> None:
    some = fullest(walked)
    assert len(some.pages) > 20
    found = look(browser, address, some, ("light",), SCREEN)
    assert not found, "\n".join(found)


@pytest.mark.long
def test_axe_finds_nothing_serious_on_any_page(
    browser: Browser, address: str, walked: Walk
) -> None:
    once = Walk(walked.once())
    assert len(once.pages) > 150
    found = look(browser, address, once, ("light", "dark"), SCREEN)
    assert not found, "\n".join(found)


@pytest.mark.long
@pytest.mark.parametrize("size", [SCREEN, PHONE], ids=["screen", "phone"])
def test_axe_finds_nothing_serious_for_any_role_in_any_look(
    browser: Browser, address: str, by_role: Walk, size: dict[str, int]
) -> None:
    found = look(browser, address, Walk(by_role.each()), ("light", "dark"), size)
    assert not found, "\n".join(found)


def walk_by_tab(page: Window) -> None:
    """Every control gets the focus by Tab alone, and one sees where it is."""
    wanted = page.evaluate(REACHABLE)
    reached: set[int] = set()
    groups: set[str] = set()
    page.emulate_media(reduced_motion="reduce")  # so that what is scrolled to is there at once
    page.evaluate("document.activeElement.blur(); getSelection().removeAllRanges()")
    for _ in range(2 * len(wanted) + 10):
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUSED)
        if at is None:  # past the last one, on to the first
            continue
        if at["place"] and int(at["place"]) in reached and len(reached) == len(wanted):
            break
        assert at["seen"], f"nobody sees the focus on {at['html']} of {page.url}"
        assert at["inside"], f"the focus is out of sight on {at['html']} of {page.url}"
        if at["place"]:
            reached.add(int(at["place"]))
        groups.add(at["radio"])
    missed = [text for place, text in enumerate(wanted) if place not in reached]
    # Of a group of radio buttons Tab reaches one, the arrow keys the others.
    missed = [text for text in missed if 'type="radio"' not in text]
    assert not missed, f"no Tab reaches these of {page.url}: {missed}"


@pytest.mark.long
def test_every_control_is_reached_and_seen_by_keyboard(browser: Browser, address: str) -> None:
    lookers: dict[str, Looker] = {}
    for account, path in MAIN:
        looker = lookers.setdefault(account, Looker(browser, address, account, viewport=SCREEN))
        page = looker.go(path)
        walk_by_tab(page)
        page.locator(".zc-skip").focus()
        page.keyboard.press("Enter")
        assert page.evaluate("location.hash") == "#content"
    for looker in lookers.values():
        looker.close()


@pytest.mark.long
def test_every_page_is_walked_by_keyboard(browser: Browser, address: str, walked: Walk) -> None:
    lookers: dict[str, Looker] = {}
    found = []
    for item in walked.once():
        looker = lookers.get(item.account)
        if looker is None:
            looker = lookers[item.account] = Looker(browser, address, item.account, viewport=SCREEN)
        try:
            walk_by_tab(looker.show(item))
        except AssertionError as error:
            found.append(f"{item.route} {item.account}: {str(error).splitlines()[0]}")
    for looker in lookers.values():
        looker.close()
    assert not found, "\n".join(found)


def test_a_dozen_kinds_of_task_are_in_sight_on_a_small_screen(
    browser: Browser, address: str
) -> None:
    looker = Looker(browser, address, "office.officer", viewport=SCREEN)
    page = looker.go("/tasks/")
    bottoms = page.evaluate(
        "[...document.querySelectorAll('.zc-task')].map(row => row.getBoundingClientRect().bottom)"
    )
    assert len(bottoms) >= 12 and bottoms[11] <= SCREEN["height"]
    looker.close()


@pytest.mark.long
def test_dialogs_and_menus_keep_and_give_back_the_focus(browser: Browser, address: str) -> None:
    looker = Looker(browser, address, "office.officer", viewport=SCREEN)
    page = looker.go("/styleguide/")
    opener = page.get_by_role("button", name="发放", exact=True)
    opener.focus()
    page.keyboard.press("Enter")
    for _ in range(8):
        assert page.evaluate(
            "!!document.activeElement.closest('dialog') || document.activeElement === document.body"
        )
        page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    assert opener.evaluate("item => item === document.activeElement")
    menu = page.locator(".zc-account summary")
    menu.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("!!document.activeElement.closest('.zc-account-menu')")
    page.keyboard.press("Escape")
    assert not page.locator(".zc-account").evaluate("item => item.open")
    assert menu.evaluate("item => item === document.activeElement")
    looker.close()
