"""The register's grid with 5,000 rows, in the system's Chromium, over HTTP.

    .venv/bin/python -m benchmarks.grid [ROWS] [FOLDER OF UNPACKED tabulator-tables]

From navigation to a usable grid, an edit's round trip, a paste of 200 x 10 cells, and the times of
frames while scrolling. Named peers in the same run: for the edit, the check of the whole register
that each edit would need without ``recheck``; for drawing, Tabulator with the same rows where its
npm package is given.
"""

import os
import shutil
import statistics
import sys
import tempfile
import threading
import time
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.main_job import prepare

ROWS = 5_000
EDITS = 15
SCROLL = """(area) => new Promise((done) => {
    const times = [];
    let last = performance.now();
    const step = (now) => {
        times.push(now - last);
        last = now;
        area.scrollTop += times.length % 60 < 50 ? 140 : 3000;
        if (times.length < 240) requestAnimationFrame(step);
        else done(times.slice(5));
    };
    requestAnimationFrame(step);
})"""
PEER = """([script, rows, titles]) => new Promise((done) => {
    const started = performance.now();
    const columns = titles.map((title, place) => ({
        title, field: "c" + place, frozen: place < 2, width: 120, editor: "input",
    }));
    const named = (row) => Object.fromEntries(row.map((text, place) => ["c" + place, text]));
    const data = rows.map(named);
    const table = new Tabulator("#peer", {
        data, columns, height: 552, index: "c0",
        selectableRange: true, clipboard: true, history: true,
    });
    table.on("tableBuilt", () => requestAnimationFrame(() => done(performance.now() - started)));
})"""


def register_of(rows: int) -> tuple[int, str]:
    """A register of so many rows, one in fifty faulty; its id and the clerk's name."""
    from tests.support.city import found_city
    from zhicheng.approvals.actions import import_list
    from zhicheng.demo.faults import FaultyCity
    from zhicheng.demo.people import people
    from zhicheng.demo.workbooks import approval_list, register
    from zhicheng.reference.loading import load_reference
    from zhicheng.registers.actions import upload_register

    load_reference()
    city = found_city()
    source = FaultyCity(unit=city.hospital.name, department=city.health.name)
    listed = [source.list_person(person=person) for person in islice(people(7), rows)]
    import_list(actor=city.who("office", "clerk"), content=approval_list(listed), name="list.xlsx")
    lines = [source.line(item) for item in listed]
    lines = [
        line.but(专业名称="外科") if place % 50 == 9 else line for place, line in enumerate(lines)
    ]
    content = register(
        lines, unit=city.hospital.name, year=2026, filler="杜若谷", telephone="023-63000000"
    )
    clerk = city.who("hospital", "clerk")
    return upload_register(actor=clerk, content=content, name="r.xlsx").pk, clerk.username


def serve() -> str:
    """The product on a port of its own, threads as ``zhicheng serve`` has them."""
    from django.contrib.staticfiles.handlers import StaticFilesHandler
    from django.core.handlers.wsgi import WSGIHandler
    from django.core.servers.basehttp import ThreadedWSGIServer
    from django.test.testcases import QuietWSGIRequestHandler

    server = ThreadedWSGIServer(("127.0.0.1", 0), QuietWSGIRequestHandler)
    server.set_app(StaticFilesHandler(WSGIHandler()))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def tell(label: str, times: list[float]) -> None:
    """Median and the worst."""
    print(
        f"  {label:34} median {statistics.median(times):8.1f} ms, worst {max(times):8.1f} ms",
        flush=True,
    )


def in_browser(base: str, pk: int, username: str, tabulator: Path | None) -> None:
    """Everything that a person waits for."""
    from playwright.sync_api import sync_playwright

    from tests.support.city import PASSWORD

    program = shutil.which("chromium") or shutil.which("chromium-browser") or "google-chrome"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        page.goto(f"{base}/login/")
        page.get_by_label("用户名").fill(username)
        page.get_by_label("密码").fill(PASSWORD)
        page.get_by_role("button", name="登录").click()
        page.wait_for_url("**/tasks/")
        usable = []
        for _ in range(5):
            page.goto(f"{base}/registers/{pk}/")
            page.wait_for_selector("#sheet.is-loaded")
            usable.append(page.evaluate("performance.getEntriesByName('grid-usable')[0].startTime"))
        tell("navigation to usable grid", usable)
        tell(
            "frames while scrolling",
            page.evaluate(f"({SCROLL})(document.querySelector('.grid-scroll'))"),
        )
        edits: list[float] = page.evaluate(
            """async (count) => {
                const { store, undo } = zcGrid.grid;
                const times = [];
                for (let place = 0; place < count; place += 1) {
                    const started = performance.now();
                    const row = store.rows[100 + 37 * place];
                    const text = "骨科学" + place;
                    await undo.save("edit", [{ row, column: 6, to: text, text }]);
                    times.push(performance.now() - started);
                }
                return times;
            }""",
            EDITS,
        )
        tell("edit of a cell, to saved and checked", edits)
        pasted = page.evaluate(
            """async () => {
                const { store, undo } = zcGrid.grid;
                const cells = [];
                store.rows.slice(1000, 1200).forEach((row, place) => {
                    for (let column = 0; column < 10; column += 1) {
                        const text = column === 5 ? "11010519491231002X" : `甲${place}乙${column}`;
                        cells.push({ row, column, to: text, text });
                    }
                });
                const started = performance.now();
                await undo.save("paste", cells);
                return performance.now() - started;
            }"""
        )
        tell("paste of 200 x 10 cells", [pasted])
        if tabulator is not None:
            told = page.evaluate("fetch(zcGrid.grid.urls.grid).then((answer) => answer.json())")
            peer(browser.new_page(viewport={"width": 1366, "height": 768}), told, tabulator)
        browser.close()


def peer(page: Any, told: dict[str, Any], folder: Path) -> None:
    """Tabulator's own time from data to a drawn table, and its frames."""
    page.set_content('<div id="peer"></div>')
    page.add_style_tag(path=folder / "dist/css/tabulator.min.css")
    page.add_script_tag(path=folder / "dist/js/tabulator.min.js")
    rows = [[row[0], *row[4:]] for row in told["rows"]]
    titles = ["序号", *(title for _key, title in told["columns"])]
    tell("peer: Tabulator, data to table", [page.evaluate(PEER, ["", rows, titles])])
    tell(
        "peer: Tabulator, frames scrolling",
        page.evaluate(f"({SCROLL})(document.querySelector('.tabulator-tableholder'))"),
    )


def whole_checks(pk: int) -> None:
    """The peer of an edit's check: all rows opened and checked again."""
    from zhicheng.registers.editing import refresh

    times = []
    for _ in range(5):
        started = time.perf_counter()
        refresh(pk)
        times.append((time.perf_counter() - started) * 1000)
    tell("peer: check of the whole register", times)


def main(rows: int, tabulator: Path | None) -> None:
    """Runs in a folder of its own, which goes away."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    folder = Path(tempfile.mkdtemp(prefix="zhicheng-bench-"))
    try:
        prepare(folder)
        pk, username = register_of(rows)
        print(f"the grid of a register of {rows} rows")
        in_browser(serve(), pk, username, tabulator)
        whole_checks(pk)
    finally:
        from django.db import connection

        from zhicheng import embedded

        connection.close()
        embedded.release(folder)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(
        int(sys.argv[1]) if len(sys.argv) > 1 else ROWS,
        Path(sys.argv[2]) if len(sys.argv) > 2 else None,
    )
