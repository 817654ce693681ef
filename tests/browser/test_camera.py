"""The page that checks QR codes looks through the camera."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.conftest import ARGUMENTS, Window
from tests.documents.reading import picture
from tests.support.city import found_city
from tests.support.credentials import EXTREMES, text_of
from zhicheng.credentials import rules
from zhicheng.documents import certificate_sheet
from zhicheng.documents.layout import load_layout
from zhicheng.documents.samples import sample_certificates

pytestmark = pytest.mark.django_db(transaction=True)
WIDTH, HEIGHT = 1280, 720


def film(path: Path) -> None:
    """What a camera sees that is held over the code of a printed certificate."""
    (sheet,) = sample_certificates(1)
    layout = load_layout("senior")
    pages = [replace(sheet, verification=text_of(EXTREMES["everything long"]))]
    paper = picture(certificate_sheet.render(pages, layout, created=date(2026, 11, 25)), 0, 150)
    x, y, side = (int(value / 25.4 * 150) for value in layout.qr)
    seen = paper.crop((x - 40, y - 40, x + side + 20, y + side + 20)).resize((640, 640))
    frame = Image.new("L", (WIDTH, HEIGHT), 160)
    frame.paste(seen, (320, 40))
    grey = bytes([128]) * (WIDTH * HEIGHT // 2)
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420mpeg2\n".encode())
        for _ in range(5):
            file.write(b"FRAME\n" + frame.tobytes() + grey)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A Chromium with such a camera."""
    shown = tmp_path_factory.mktemp("camera") / "camera.y4m"
    film(shown)
    program = shutil.which("chromium") or shutil.which("chromium-browser") or "google-chrome"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program,
            args=[
                *ARGUMENTS,
                "--use-fake-ui-for-media-stream",
                "--use-fake-device-for-media-stream",
                f"--use-file-for-fake-video-capture={shown}",
            ],
        )
        yield browser
        browser.close()


def test_the_camera_reads_a_code_and_is_closed_again(window: Callable[..., Window]) -> None:
    found_city()
    visitor = window(size=(390, 844))
    visitor.page.context.grant_permissions(["camera"])
    page = visitor.go("/v/")
    button = page.get_by_role("button", name="打开相机扫描")
    button.press("Enter")
    verdict = page.locator("[data-part=verdict]")
    expect(verdict).to_have_text("核验不通过", timeout=20_000)
    # The example's key isn't this installation's: the camera had to read the code to say so.
    why = page.locator("[data-part=why]")
    expect(why).to_have_text(rules.REASONS[rules.Reason.UNKNOWN_KEY])
    expect(button).to_be_visible()
    assert page.evaluate("document.querySelector('video').srcObject") is None


def test_a_camera_that_is_refused_is_no_dead_end(window: Callable[..., Window]) -> None:
    found_city()
    visitor = window(size=(390, 844))
    visitor.page.add_init_script(
        "navigator.mediaDevices.getUserMedia = async () => {"
        " throw new DOMException('', 'NotAllowedError'); }"
    )
    page = visitor.go("/v/")
    button = page.get_by_role("button", name="打开相机扫描")
    button.press("Enter")
    expect(page.locator("[data-part=live]")).to_contain_text("请允许使用相机，或者选择照片")
    expect(button).to_be_focused()
