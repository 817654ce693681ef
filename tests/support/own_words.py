"""Which Chinese of an English page is the product's own, and which is somebody's data.

Names, units, numbers and remarks are data; whatever stands as a literal in the product's source is
the product's own word and has to be English. Parts that are Chinese on purpose say ``lang="zh…"``.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "zhicheng"
HAN = re.compile("[\u3400-\u9fff]")
# Made-up data, facts of the field, paper forms (Chinese whoever prints them), the notice.
NOT_PAGES = {"demo", "reference", "documents", "migrations", "commands", "notice", "spreadsheets"}
# Examples stand in these files, which look like data where the same text is somebody's data.
EXAMPLES = {"styleguide.py", "samples.py", "documentation.py", "forms.py", "setting_up.py"}
# Headings of spreadsheets as they are written there, districts on the map.
EXAMPLES |= {"columns.py", "pictures.py"}
EXAMPLES |= {path.name for path in (PACKAGE / "api").glob("schemas*.py")}
DATA = {
    "男",
    "女",
    "市职改办",
    "工程师",  # on the sample certificate of the public page, too
    "电气工程",
    "中文",  # a language's name in itself
    "申请人",  # who acted without an account is recorded by this word
    "持证人",
    "系统管理员",  # also the name of an account of the demo
    "演示电子签章 TEST（无法律效力）",
    "演示根证书 TEST（无法律效力）",
}
_SILENT = {"script", "style", "template"}


@cache
def literals() -> tuple[frozenset[str], tuple[re.Pattern[str], ...]]:
    """Whole texts of the source, and patterns of its f-strings with at least four Han."""
    whole: set[str] = set()
    patterns = []
    for path in PACKAGE.rglob("*.py"):
        if NOT_PAGES & set(path.parts) or path.name in EXAMPLES:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                parts = [
                    re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".+?"
                    for part in node.values
                ]
                if len(HAN.findall("".join(parts))) >= 4:
                    patterns.append(re.compile("".join(parts), re.DOTALL))
            elif (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and HAN.search(node.value)
            ):
                whole.add(node.value.strip())
    return frozenset(whole - DATA), tuple(patterns)


class _Texts(HTMLParser):
    """The texts and labels of a page outside what is Chinese on purpose."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        own = (given.get("lang") or "").startswith("zh") or tag in _SILENT
        out = own or bool(self.open and self.open[-1][1])
        if not out:
            for name in ("aria-label", "title", "placeholder", "alt"):
                self.found.append(given.get(name) or "")
            if tag == "input" and given.get("type") in ("submit", "button"):
                self.found.append(given.get("value") or "")
        if tag not in ("input", "img", "br", "meta", "link", "hr", "use", "path", "circle", "rect"):
            self.open.append((tag, out))

    def handle_endtag(self, tag: str) -> None:
        if tag in [name for name, _out in self.open]:
            while self.open.pop()[0] != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not (self.open and self.open[-1][1]):
            self.found.append(data)


def own_chinese(html: str) -> Iterator[str]:
    """The product's own Chinese that an English page shows."""
    reader = _Texts()
    reader.feed(html)
    whole, patterns = literals()
    for text in reader.found:
        said = re.sub(r"\s+", " ", text).strip()
        if HAN.search(said) and (
            said in whole or any(pattern.fullmatch(said) for pattern in patterns)
        ):
            yield said
