"""The front-end files are the ones that were taken in, listed with version and licence."""

import hashlib
import json
import re
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "zhicheng"
VENDOR = PACKAGE / "web" / "static" / "vendor"
LISTED = json.loads((VENDOR / "VERSIONS.json").read_text("utf-8"))


def test_every_vendored_file_is_listed_and_has_its_digest() -> None:
    digests = {name: digest for entry in LISTED for name, digest in entry["files"].items()}
    there = {path.name for path in VENDOR.iterdir()} - {"VERSIONS.json"}
    assert there == set(digests)
    for name, digest in digests.items():
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == digest, name


def test_every_vendored_package_may_stand_beside_apache_2() -> None:
    for entry in LISTED:
        assert entry["version"]
        assert entry["licence"] in {"MIT", "0BSD", "BSD-3-Clause", "ISC", "Apache-2.0"}, entry
        assert any(name.endswith(".LICENSE") for name in entry["files"]), entry["name"]


def test_nothing_is_fetched_from_elsewhere() -> None:
    """No file asks for a map or a font that isn't there, or for anything of another host."""
    for path in (*VENDOR.glob("*.css"), *PACKAGE.glob("*/static/*/*.css")):
        text = path.read_text("utf-8")
        assert "sourceMappingURL" not in text, path
        assert not re.search(r"@import|url\(\s*(?![\"']?(?:data:|#))", text), path
    for path in PACKAGE.glob("*/templates/**/*.html"):
        assert not re.search(r"(?:src|href)=[\"']?(?:https?:)?//", path.read_text("utf-8")), path


def test_templates_use_only_icons_that_the_sprite_has() -> None:
    sprite = (VENDOR / "icons.svg").read_text("utf-8")
    known = set(re.findall(r'<symbol id="([^"]+)"', sprite))
    used = {
        name
        for path in PACKAGE.glob("*/templates/**/*.html")
        for name in re.findall(r"{% icon \"([a-z0-9-]+)\"", path.read_text("utf-8"))
    }
    assert used
    assert used <= known


def test_no_template_has_inline_script_or_style() -> None:
    """The content security policy would silently drop them."""
    for path in PACKAGE.glob("*/templates/**/*.html"):
        text = path.read_text("utf-8")
        assert not re.search(r"<script(?![^>]*\bsrc=)", text), path
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=[\"']|javascript:", text), path
