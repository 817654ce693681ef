"""渝职改办〔2018〕150号, whole: the law of this product. ``notice.txt`` is the text as issued."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from zhicheng.web.clauses import CLAUSES

_HEADING = re.compile(r"^[一二三四2]、")


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of the notice, and the clauses that quote it. ``kind``: heading or text."""

    text: str
    clauses: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """Whether it is the heading of a part."""
        return "heading" if _HEADING.match(self.text) and len(self.text) < 20 else "text"


@dataclass(frozen=True)
class Notice:
    """The notice taken apart, nothing added: heading lines, body, and the two forms.

    ``register_columns`` and ``register_notes`` are those of 附件1, ``application_fields`` those of
    附件2.
    """

    number: str
    issuer: str
    title: str
    addressees: str
    body: tuple[Paragraph, ...]
    register_title: str
    register_head: str
    register_columns: tuple[str, ...]
    register_notes: str
    application_title: str
    application_fields: tuple[str, ...]


def notice_text() -> str:
    """The notice as issued, as plain text."""
    return (Path(__file__).parent / "notice.txt").read_text(encoding="utf-8")


def without_spaces(text: str) -> str:
    """For comparing: the notice's own layout spaces and line breaks mean nothing."""
    return re.sub(r"\s", "", text)


@lru_cache(maxsize=1)
def notice() -> Notice:
    """The notice taken apart for its page."""
    main, register, application = re.split(r"\n\s*附件[12]\n", notice_text())
    number, issuer, title, addressees, *body = _lines(main)
    head, notes = register.split("填表说明：")
    register_title, register_head, *columns = _lines(head)
    application_title, *fields = _lines(application)
    return Notice(
        number=number,
        issuer=issuer,
        title=title,
        addressees=addressees,
        body=tuple(Paragraph(text, _quoted_by(text)) for text in body),
        register_title=register_title,
        register_head=register_head,
        register_columns=tuple(text for text in columns if not text.isdigit()),
        register_notes=" ".join(_lines(notes)),
        application_title=application_title,
        application_fields=_fields(fields),
    )


def _lines(text: str) -> list[str]:
    return [re.sub(r"\s+", " ", line).strip() for line in text.splitlines() if line.strip()]


def _quoted_by(text: str) -> tuple[str, ...]:
    words = without_spaces(text)
    return tuple(
        name
        for name, clause in CLAUSES.items()
        if name[0] == "N" and any(without_spaces(part) in words for part in clause.parts)
    )


def _fields(lines: Iterable[str]) -> tuple[str, ...]:
    """The form's fields; the notice breaks some names over two lines and leaves room to sign."""
    found: list[str] = []
    for line in lines:
        name = without_spaces(line)
        if name in ("年月日", ""):
            continue
        if name in ("年月", "意见", "部门意见"):
            found[-1] += name
        else:
            found.append(name)
    return tuple(found)
