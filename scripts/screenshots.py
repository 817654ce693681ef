"""Pictures of every page, from a demo made for the purpose, into docs/screenshots/.

    make screenshots
    .venv/bin/python scripts/screenshots.py [--home DIR --address URL] [--only PART] [--sheets DIR]

The pages are found by following the links as each role, through doors and as the answers of forms
(tests/support/walking.py), so a new page is in the next run by itself; what is no page is named at
the end. Sizes: a screen of 1366 by 768 and a phone of 390 pixels, each light and dark. ``--sheets``
puts small ones side by side, for looking through them. ``--home`` and ``--address`` take a demo
that runs already.
"""

import argparse
import io
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
OUT = ROOT / "docs" / "screenshots"
SIZES = {"desktop": (1366, 768), "phone": (390, 844)}
LOOKS = ("light", "dark")
# What is below is cut off: lists go on for ever.
TALLEST = {"desktop": 1152, "phone": 1266}
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--force-color-profile=srgb", "--lang=zh-CN"]


@contextmanager
def demo(home: Path) -> Iterator[str]:
    """A fresh demo; gives its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "zhicheng.cli", "demo", "--port", str(port)]
    environment = {**os.environ, "ZHICHENG_HOME": str(home), "PYTHONPATH": str(ROOT)}
    # All who look come from this machine: what isn't found mustn't bring a challenge on the others.
    environment["ZHICHENG_MISSES_PER_HOUR"] = "0"
    running = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        while running.poll() is None:
            try:
                urllib.request.urlopen(f"{address}/healthz", timeout=5).close()  # noqa: S310
            except OSError:
                time.sleep(0.5)
            else:
                yield address
                return
        raise SystemExit("the demo didn't start")
    finally:
        running.terminate()
        running.wait()


def take(address: str, pages: list[Any], variants: list[tuple[str, str]], out: Path) -> None:
    """Opens each page once and takes it in every size and look."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("chromium-browser") or "google-chrome"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=ARGUMENTS, env={**os.environ, "LANGUAGE": "zh_CN"}
        )
        account, context, window = None, None, None
        # The handbook last: it shows the other pictures.
        for page in sorted(pages, key=lambda page: (page.name.startswith("guid"), page.account)):
            if page.account != account or context is None:
                if context is not None:
                    context.close()
                context = browser.new_context(
                    timezone_id="Asia/Shanghai", locale="zh-CN", reduced_motion="reduce"
                )
                _log_in(context, page.account, address)
                account, window = page.account, context.new_page()
            assert window is not None
            _take(window, address, page, variants, out)
        browser.close()


def _log_in(context: Any, account: str, address: str) -> None:
    from tests.support.doors import client_of

    if account:
        cookies = client_of(account).cookies
        context.add_cookies(
            [
                {"name": key, "value": morsel.value, "url": address}
                for key, morsel in cookies.items()
            ]
        )


def file_name(page: Any) -> str:
    """One picture per address; the first page looks different for everybody."""
    return f"{page.name}-{page.account.replace('.', '-')}" if page.path == "/tasks/" else page.name


def _take(window: Any, address: str, page: Any, variants: list[tuple[str, str]], out: Path) -> None:
    from tests.support.showing import show

    size = ""
    window.emulate_media(color_scheme=variants[0][1])
    for kind, look in variants:
        if kind != size:
            size = kind
            window.set_viewport_size({"width": SIZES[kind][0], "height": SIZES[kind][1]})
            if kind == variants[0][0] and not show(window, address, page):
                print(f"{file_name(page)}: another page came")
        window.emulate_media(color_scheme=look)
        if (kind, look) == variants[0]:
            _settle(window)
        window.wait_for_timeout(80)
        tall = window.evaluate("document.documentElement.scrollHeight")
        wide, low = SIZES[kind]
        clip = {"x": 0, "y": 0, "width": wide, "height": max(low, min(tall, TALLEST[kind]))}
        picture = window.screenshot(full_page=True, clip=clip)
        _keep(picture, out / f"{kind}-{look}" / f"{file_name(page)}.webp")


def _settle(window: Any) -> None:
    """Waits for what a page fetches by itself; one that asks again and again is taken as it is."""
    from playwright.sync_api import TimeoutError as Waited

    try:
        window.wait_for_load_state("networkidle", timeout=3000)
    except Waited:
        return


def _keep(picture: bytes, path: Path) -> None:
    from PIL import Image

    path.parent.mkdir(parents=True, exist_ok=True)
    Image.open(io.BytesIO(picture)).convert("RGB").save(path, "WEBP", quality=50, method=5)


def sheets(out: Path, target: Path) -> None:
    """Small pictures side by side, twelve a sheet, with their names."""
    from PIL import Image, ImageDraw

    target.mkdir(parents=True, exist_ok=True)
    for folder in sorted(path for path in out.iterdir() if path.is_dir()):
        phone = folder.name.startswith("phone")
        cell, across, down = ((390, 800), 6, 1) if phone else ((683, 660), 3, 2)
        files = sorted(folder.glob("*.webp"))
        for start in range(0, len(files), across * down):
            sheet = Image.new("RGB", (cell[0] * across, (cell[1] + 20) * down), "#888")
            for place, path in enumerate(files[start : start + across * down]):
                image = Image.open(path)
                image = image.resize((cell[0], image.height * cell[0] // image.width))
                corner = (place % across * cell[0], place // across * (cell[1] + 20))
                sheet.paste(image.crop((0, 0, *cell)), (corner[0], corner[1] + 20))
                ImageDraw.Draw(sheet).text((corner[0] + 4, corner[1] + 4), path.stem, fill="#ff0")
            sheet.save(target / f"{folder.name}-{start // (across * down):02}.png")


def describe(pages: list[Any], missing: list[str], out: Path) -> None:
    """The list of what there is, for reading on the repository's page."""
    from tests.support.unseen import kind_of

    lines = ["# 页面截图", "", "`make screenshots` 生成，不手工修改。", ""]
    lines += ["| 页面 | 账号 | 1366×768 | 深色 | 手机 | 手机深色 |", "|---|---|---|---|---|---|"]
    for page in pages:
        name = file_name(page)
        links = [
            f"[{'图' if (out / folder / f'{name}.webp').exists() else '—'}]({folder}/{name}.webp)"
            for folder in ("desktop-light", "desktop-dark", "phone-light", "phone-dark")
        ]
        lines.append(f"| {_called(page)} | {_whose(page)} | {' | '.join(links)} |")
    lines += ["", "## 不是整页的地址", ""]
    kinds: dict[str, list[str]] = {}
    for route in missing:
        kinds.setdefault(kind_of(route) or "没有看到的页面", []).append(route)
    for kind, routes in sorted(kinds.items()):
        lines += [f"### {kind}", "", *(f"- `/{route}`" for route in dict.fromkeys(routes)), ""]
    (out / "README.md").write_text("\n".join(lines), encoding="utf-8")


def _called(page: Any) -> str:
    """The address; of a form's answer, what that is."""
    from tests.support.answers import ANSWERS

    if not page.answer:
        return f"`/{page.route}`"
    return f"`/{page.route.rpartition('?')[0]}` {ANSWERS[page.answer].label}"


def _whose(page: Any) -> str:
    from tests.support.doors import DOORS

    return DOORS[page.account].label if page.account in DOORS else page.account or "公众"


def find(only: str) -> tuple[list[Any], list[str]]:
    """Which pages to take, and which addresses nothing leads to."""
    os.environ["ZHICHENG_PUBLIC_ADDRESS"] = "http://127.0.0.1:8000/"
    from zhicheng.commands.environment import start_django

    start_django()
    from django.conf import settings

    settings.ALLOWED_HOSTS = ["*"]
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    from tests.support.walking import by_role, everything, unreached

    seen = everything(by_role())
    first_pages = [page for page in seen.each() if page.path == "/tasks/"]
    pages = [page for page in fullest(seen.pages) if page.path != "/tasks/"] + first_pages
    pages.sort(key=file_name)
    return [page for page in pages if only in file_name(page)], unreached(seen)


def fullest(pages: list[Any]) -> list[Any]:
    """Each address once, as whoever finds most on it sees it: an empty list says little."""
    found: dict[str, Any] = {}
    for page in pages:
        if page.route not in found or len(page.html) > len(found[page.route].html):
            found[page.route] = page
    return list(found.values())


def show_chinese(folder: Path) -> None:
    """Lets the browser find the project's fonts, whatever the machine has installed."""
    settings = folder / "fonts.conf"
    settings.write_text(
        '<?xml version="1.0"?><fontconfig>'
        '<include ignore_missing="yes">/etc/fonts/fonts.conf</include>'
        f"<dir>{ROOT / 'var' / 'fonts'}</dir><cachedir>{folder / 'fonts'}</cachedir></fontconfig>",
        encoding="utf-8",
    )
    os.environ["FONTCONFIG_FILE"] = str(settings)


def main() -> None:
    """Everything, or what was asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--home")
    parser.add_argument("--address")
    parser.add_argument("--only", default="")
    parser.add_argument("--variants", default="")
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--sheets", type=Path)
    given = parser.parse_args()
    variants = [(kind, look) for kind in SIZES for look in LOOKS]
    if given.variants:
        variants = [v for v in variants if "-".join(v) in given.variants.split(",")]
    with tempfile.TemporaryDirectory(prefix="zhicheng-screenshots-") as folder:
        home = Path(given.home or f"{folder}/var")
        show_chinese(Path(folder))
        os.environ["ZHICHENG_HOME"] = str(home)
        if given.address:
            run(given, given.address, variants)
        else:
            with demo(home) as address:
                run(given, address, variants)
            leave(home)


def leave(home: Path) -> None:
    """Lets go of the demo's database, whose folder is about to be removed."""
    from django.db import connections

    from zhicheng import embedded

    connections.close_all()
    embedded.release(home)


def run(given: argparse.Namespace, address: str, variants: list[tuple[str, str]]) -> None:
    """Finds the pages, takes them, says what is missing."""
    pages, missing = find(given.only)
    if not given.only and not given.variants:
        shutil.rmtree(given.out, ignore_errors=True)
    take(address, pages, variants, given.out)
    if not given.only:
        describe(pages, missing, given.out)
    if given.sheets:
        sheets(given.out, given.sheets)
    size = sum(path.stat().st_size for path in given.out.rglob("*.webp"))
    print(f"{len(pages)} pages, {size / 1e6:.1f} MB; {len(missing)} addresses are no page seen:")
    for route in missing:
        print("  ", route)


if __name__ == "__main__":
    main()
