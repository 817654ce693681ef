"""The operator's handbook: Markdown in ``docs/handbook``, one file per chapter.

The first line is the title, the second a line ``<!-- 角色: clerk officer -->`` that says whose
chapter it is. Pictures are those of ``docs/screenshots``, so they are as new as the last
``make screenshots``; a picture that isn't there is left out, its words stay.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

from zhicheng.web.clauses import CLAUSES

_HERE = Path(__file__).resolve().parent
SOURCES = _HERE / "handbook"
PICTURES = _HERE / "pictures"
_WHOSE = re.compile(r"<!-- 角色: ([\w ]+) -->")
_CLAUSE = re.compile(r"〔([NA]\d+)〕")


@dataclass(frozen=True)
class Chapter:
    """One file: ``01-clerk.md`` is the chapter ``clerk``."""

    name: str
    title: str
    text: str
    roles: frozenset[str]


def chapters() -> list[Chapter]:
    """All chapters in the order of their numbers."""
    return [_chapter(path, path.stat().st_mtime_ns) for path in sorted(SOURCES.glob("[0-9]*-*.md"))]


@lru_cache(maxsize=64)
def _chapter(path: Path, _changed: int) -> Chapter:
    text = path.read_text(encoding="utf-8")
    whose = _WHOSE.search(text)
    return Chapter(
        path.stem.split("-", 1)[1],
        text.split("\n", 1)[0].removeprefix("# ").strip(),
        _WHOSE.sub("", text),
        frozenset(whose[1].split()) if whose else frozenset(),
    )


def parsed(chapter: Chapter) -> list[Token]:
    """The chapter as Markdown's tokens, without its title."""
    tokens = MarkdownIt("commonmark", {"html": False}).enable("table").parse(chapter.text)
    return tokens[3:] if tokens and tokens[0].tag == "h1" else tokens


def as_html(chapter: Chapter) -> SafeString:
    """The chapter for a page: clauses are links, pictures come from the product itself."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parsed(chapter)
    for token in tokens:
        for child in token.children or ():
            if child.type == "image":
                name = picture_name(str(child.attrs["src"]))
                if picture_path(name) is None:
                    child.type, child.tag = "text", ""  # its words stay
                    continue
                child.attrs["src"] = reverse("guidance:picture", args=[name])
            elif child.type == "link_open":
                child.attrs["href"] = _own_link(str(child.attrs["href"]))
    html = str(markdown.renderer.render(tokens, markdown.options, {}))
    html = _CLAUSE.sub(_clause_link, html)
    html = html.replace("<table>", '<div class="zc-table-wrap"><table class="zc-table">')
    html = html.replace("</table>", "</table></div>").replace("<th>", '<th scope="col">')
    return mark_safe(html)  # noqa: S308 - our own files, and Markdown's HTML is switched off


def _own_link(target: str) -> str:
    """A link to another chapter's file leads to its page."""
    match = re.fullmatch(r"\d+-([\w-]+)\.md", target)
    return reverse("guidance:chapter", args=[match[1]]) if match else target


def _clause_link(match: re.Match[str]) -> str:
    name = match[1]
    if name not in CLAUSES:
        return match[0]
    title = CLAUSES[name].title
    return f'<a class="zc-clause" href="/notice/#{name}" title="{title}">{name}</a>'


def picture_name(source: str) -> str:
    """``../screenshots/desktop-light/registers-pk.webp`` is ``registers-pk``."""
    return Path(source).stem


def picture_path(name: str) -> Path | None:
    """Where the picture lies, if it was made."""
    path = PICTURES / f"{name}.webp"
    return path if path.is_file() else None


def newest() -> int:
    """When anything of the handbook changed last: what is kept of it is made anew then.

    Its pictures count, too: they are taken anew without a word being changed. So do the folders,
    whose time says that a file went.
    """
    files = [SOURCES, PICTURES, *SOURCES.glob("*.md"), *PICTURES.glob("*.webp")]
    return max((path.stat().st_mtime_ns for path in files if path.exists()), default=0)
