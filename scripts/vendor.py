r"""Brings the front-end files in, as they are on npm: run it only to take a newer version.

    npm pack @tabler/core @tabler/icons htmx.org zxing-wasm @noble/ed25519 echarts zrender \
        --pack-destination FOLDER
    .venv/bin/python scripts/vendor.py FOLDER

Writes zhicheng/web/static/vendor/ with VERSIONS.json (name, version, licence, SHA-256 per file),
which ``tests/web/test_vendored_files.py`` holds the files against.
"""

import hashlib
import json
import re
import sys
import tarfile
from pathlib import Path

VENDOR = Path(__file__).resolve().parent.parent / "zhicheng" / "web" / "static" / "vendor"
ICONS = """alert-triangle arrow-right arrows-sort barcode bell building certificate check
checklist chevron-left chevron-right circle-check circle-x database download eye file-spreadsheet
file-text filter history home info-circle key language lock logout mail menu-2 moon pencil plus
printer recycle report-analytics rubber-stamp scale search settings shield-check sort-ascending
sort-descending stack-2 sun upload user users x""".split()
SYMBOL = (
    '<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75"'
    ' stroke-linecap="round" stroke-linejoin="round">{shapes}</symbol>\n'
)


def read_bytes(package: Path, name: str) -> bytes:
    """One file of a package."""
    with tarfile.open(package) as archive:
        member = archive.extractfile(f"package/{name}")
        if member is None:
            raise SystemExit(f"{package.name} has no {name}")
        return member.read()


def read(package: Path, name: str) -> str:
    """One text file of a package."""
    return read_bytes(package, name).decode("utf-8")


def licence_text(package: Path, kept: str) -> str:
    """A package's licence; Tabler's comes without, the one here is from its repository."""
    with tarfile.open(package) as archive:
        if "package/LICENSE" not in archive.getnames():
            return (VENDOR / kept).read_text(encoding="utf-8")
    return read(package, "LICENSE")


def charts_licence(package: Path) -> str:
    """ECharts' licence and notice, with the licences of what its file carries: d3, zrender."""
    drawing = max(package.parent.glob("zrender-*.tgz"), key=lambda path: path.stat().st_mtime)
    parts = [read(package, name) for name in ("LICENSE", "NOTICE", "licenses/LICENSE-d3")]
    return "\n\n".join([*parts, "zrender:\n\n" + read(drawing, "LICENSE")])


def stylesheet(package: Path) -> str:
    """Tabler's style sheet without the address of a map that isn't here."""
    return re.sub(
        r"\n/\*# sourceMappingURL=.*?\*/\s*$", "\n", read(package, "dist/css/tabler.min.css")
    )


def sprite(package: Path) -> str:
    """The icons that the pages use, as one file."""
    symbols = []
    with tarfile.open(package) as archive:
        for name in ICONS:
            member = archive.extractfile(f"package/icons/outline/{name}.svg")
            if member is None:
                raise SystemExit(f"no icon {name}")
            drawing = member.read().decode("utf-8")
            shapes = " ".join(re.findall(r"<(?:path|circle|rect|line)[^>]*/>", drawing))
            symbols.append(SYMBOL.format(name=name, shapes=shapes))
    return f'<svg xmlns="http://www.w3.org/2000/svg">\n{"".join(symbols)}</svg>\n'


def main(folder: Path) -> None:
    """Write every file and the list of them."""
    listed = []
    for pattern, files, licence in (
        ("tabler-core-*.tgz", {"tabler.min.css": stylesheet}, "tabler.LICENSE"),
        (
            "htmx.org-*.tgz",
            {"htmx.min.js": lambda package: read(package, "dist/htmx.min.js")},
            "htmx.LICENSE",
        ),
        ("tabler-icons-*.tgz", {"icons.svg": sprite}, "tabler-icons.LICENSE"),
        # Its wasm is zxing-cpp, Apache-2.0 like this product.
        (
            "zxing-wasm-*.tgz",
            {
                "zxing-reader.js": lambda package: read(package, "dist/iife/reader/index.js"),
                "zxing-reader.wasm": lambda package: read_bytes(
                    package, "dist/reader/zxing_reader.wasm"
                ),
            },
            "zxing-wasm.LICENSE",
        ),
        (
            "noble-ed25519-*.tgz",
            {"noble-ed25519.js": lambda package: read(package, "index.js")},
            "noble-ed25519.LICENSE",
        ),
        # The build with the common charts: bars, lines, pies, scatter. It draws on a canvas and
        # needs neither eval nor inline style.
        (
            "echarts-*.tgz",
            {"echarts.min.js": lambda package: read(package, "dist/echarts.common.min.js")},
            "echarts.LICENSE",
        ),
    ):
        package = max(folder.glob(pattern), key=lambda path: path.stat().st_mtime)
        about = json.loads(read(package, "package.json"))
        contents = {name: content(package) for name, content in files.items()}
        digests = {}
        about_use = (
            charts_licence(package)
            if licence == "echarts.LICENSE"
            else licence_text(package, licence)
        )
        for name, content in {**contents, licence: about_use}.items():
            data = content.encode("utf-8") if isinstance(content, str) else content
            (VENDOR / name).write_bytes(data)
            digests[name] = hashlib.sha256(data).hexdigest()
        listed.append(
            {
                "name": about["name"],
                "version": about["version"],
                "licence": about["license"],
                "files": digests,
            }
        )
    (VENDOR / "VERSIONS.json").write_text(json.dumps(listed, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
