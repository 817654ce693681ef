"""The handbook as one PDF: Markdown's tokens become blocks that a Typst template sets.

Only texts reach the template, never markup, as everywhere in ``documents``.
"""

import io
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from markdown_it.token import Token
from PIL import Image, ImageChops

from zhicheng.documents.engine import default_engine
from zhicheng.guidance import handbook

TITLE = "职称证书管理系统操作手册"


def handbook_pdf() -> bytes:
    """The PDF; made once for each state of the files."""
    return _made(handbook.newest())


@lru_cache(maxsize=1)
def _made(changed: int) -> bytes:
    pictures = bytearray()
    chapters = [
        {"title": chapter.title, "blocks": _blocks(handbook.parsed(chapter), pictures)}
        for chapter in handbook.chapters()
    ]
    day = datetime.fromtimestamp(changed / 1e9, UTC)
    return default_engine().render(
        "handbook",
        {"title": TITLE, "day": f"{day:%Y-%m-%d}", "chapters": chapters},
        title=TITLE,
        created=day,
        standard="1.7",
        tagged=True,
        pictures=bytes(pictures),
    )


def _blocks(tokens: list[Token], pictures: bytearray) -> list[dict[str, Any]]:
    """Headings, paragraphs, lists, tables, code and pictures, one after the other."""
    found: list[dict[str, Any]] = []
    depth, kinds, numbers = 0, [], []
    for place, token in enumerate(tokens):
        match token.type:
            case "heading_open":
                text = _spans(tokens[place + 1])
                found.append({"kind": "heading", "level": int(token.tag[1]), "spans": text})
            case "bullet_list_open" | "ordered_list_open":
                depth += 1
                kinds.append(token.type)
                numbers.append(0)
            case "bullet_list_close" | "ordered_list_close":
                depth -= 1
                kinds.pop()
                numbers.pop()
            case "list_item_open":
                numbers[-1] += 1
                mark = "•" if kinds[-1].startswith("bullet") else f"{numbers[-1]}."
                found.append({"kind": "item", "depth": depth, "mark": mark, "spans": []})
            case "paragraph_open":
                _paragraph(tokens[place + 1], found, pictures)
            case "fence" | "code_block":
                found.append({"kind": "code", "text": token.content.rstrip()})
            case "table_open":
                found.append({"kind": "table", "rows": []})
            case "tr_open":
                found[-1]["rows"].append([])
            case "th_open" | "td_open":
                found[-1]["rows"][-1].append(_spans(tokens[place + 1]))
    return found


def _paragraph(inline: Token, found: list[dict[str, Any]], pictures: bytearray) -> None:
    images = [child for child in inline.children or () if child.type == "image"]
    for image in images:
        path = handbook.picture_path(handbook.picture_name(str(image.attrs["src"])))
        if path is not None:
            content = _for_paper(path)
            where = {"at": len(pictures), "size": len(content)}
            pictures += content
            found.append({"kind": "picture", "place": where, "words": image.content})
    if images:
        return
    if found and found[-1]["kind"] == "item" and not found[-1]["spans"]:
        found[-1]["spans"] = _spans(inline)
    else:
        found.append({"kind": "paragraph", "spans": _spans(inline)})


# What is below on a long page says nothing on paper.
_TALLEST = 640
_MARGIN = 24
# A row of pixels that differs less than this from the last one is the page's empty ground.
_SAME = 6


def _for_paper(path: Path) -> bytes:
    """The upper part of a screen, without the empty ground at its lower end."""
    with Image.open(path) as picture:
        upper = picture.convert("RGB").crop((0, 0, picture.width, min(picture.height, _TALLEST)))
    upper = upper.crop((0, 0, upper.width, _content_height(upper)))
    written = io.BytesIO()
    upper.save(written, "JPEG", quality=80)
    return written.getvalue()


def _content_height(picture: Image.Image) -> int:
    """Where the picture's content ends: all rows below look like its last one."""
    last = picture.crop((0, picture.height - 1, picture.width, picture.height))
    ground = last.resize(picture.size, Image.Resampling.NEAREST)
    differs = ImageChops.difference(picture, ground).convert("L").point(_is_seen)
    box = differs.getbbox()
    return picture.height if box is None else min(picture.height, box[3] + _MARGIN)


def _is_seen(difference: float) -> int:
    return 255 if difference > _SAME else 0


def _spans(inline: Token) -> list[dict[str, Any]]:
    """Pieces of text with their weight."""
    spans: list[dict[str, Any]] = []
    strong = False
    for child in inline.children or ():
        if child.type in ("strong_open", "strong_close"):
            strong = child.type == "strong_open"
        elif child.type in ("text", "code_inline"):
            code = child.type == "code_inline"
            spans.append({"text": child.content, "strong": strong, "code": code})
        elif child.type in ("softbreak", "hardbreak"):
            spans.append({"text": "", "strong": False, "code": False})
    return spans
