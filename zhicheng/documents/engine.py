"""Typst templates and data in, PDF bytes out.

Data reach a template as one JSON text in ``sys.inputs``: a value is only ever a string that the
template sets as text, never markup, and nothing personal touches a disk.
"""

import ctypes
import json
import os
import re
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast

import typst

from zhicheng.documents.fonts import FontChain, default_fonts

TEMPLATES = Path(__file__).resolve().parent / "templates"
Standard = Literal["1.7", "2.0", "a-2b", "a-2u", "a-3u"]
MAX_PAGES = 20_000  # in one document: what the worker threads' stacks bear (see __init__)
_CHINA = timezone(timedelta(hours=8))
_BIG = 200_000  # characters of data from which the compiler's memory is given back at once
_GENERATIONS = 11  # Typst keeps what the last ten compilations made


class DocumentError(Exception):
    """A template failed: a fault in the product, not in the data. Holds no number of a person."""


class Engine:
    """A kept compiler: fonts are read once, each document is one compilation.

    Safe to share between threads; compilations follow one another. Not to be carried over a
    fork: a process that has compiled must not fork workers that compile too.
    """

    def __init__(self, fonts: FontChain) -> None:
        self.fonts = fonts
        self._lock = threading.Lock()
        self._compiler = typst.Compiler(
            root=str(TEMPLATES),
            font_paths=typst.Fonts(
                include_system_fonts=fonts.system,
                include_embedded_fonts=False,
                font_paths=[str(path) for path in fonts.folders],
            ),
        )

    def render(
        self,
        template: str,
        data: Mapping[str, Any],
        *,
        title: str,
        created: date,
        standard: Standard = "a-2u",
        tagged: bool = False,
        pictures: bytes = b"",
    ) -> bytes:
        """The PDF of ``templates/<template>.typ`` with ``data`` (JSON values).

        ``pictures`` are bytes that ``data`` say the places of, for ``picture-bytes`` of
        ``common.typ``: a JSON list of numbers takes longer than the page.

        ``created`` (a date, or a datetime; without zone it is China's time) is the document's
        only date, so the same data give the same bytes. PDF/A is the default also because it
        refuses a missing glyph, the second net behind the check in ``fonts``. ``tagged`` adds
        structure for screen readers. Raises DocumentError when the template fails.
        """
        text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        inputs = {
            "data": text,
            "fonts": json.dumps(self.fonts.for_typst(text), ensure_ascii=False),
            "title": title,
        }
        with self._lock, _readable(pictures) as place:
            if place:
                inputs["pictures"] = place
            try:
                pdf = self._compiler.compile(
                    str(TEMPLATES / f"{template}.typ"),
                    format="pdf",
                    root="/" if place else str(TEMPLATES),
                    sys_inputs=inputs,
                    timestamp=int(_moment(created).timestamp()),
                    pdf_standards=[standard],
                    pdf_tags=tagged,
                )
            except typst.TypstError as error:
                # Typst quotes the text that it stumbled over, which may be somebody's number.
                raise DocumentError(
                    f"{template}: " + re.sub(r"\d{4,}[\dXx]*", "***", error.message)
                ) from None
            finally:
                if len(inputs["data"]) + len(pictures) > _BIG:
                    self._forget()
        return cast(bytes, pdf)

    def _forget(self) -> None:
        """Lets go of what the compiler remembers of a big batch, names and numbers included."""
        for _ in range(_GENERATIONS):
            self._compiler.compile(b"", format="pdf", sys_inputs={})
        _trim_memory()


@contextmanager
def _readable(content: bytes) -> Iterator[str]:
    """A path at which the compiler reads ``content``: memory, where the system has such files."""
    if not content:
        yield ""
        return
    if not hasattr(os, "memfd_create"):
        # Elsewhere a file that only this account may read, for as long as one compilation takes.
        with tempfile.NamedTemporaryFile() as file:
            file.write(content)
            file.flush()
            yield file.name
        return
    descriptor = os.memfd_create("pictures")
    try:
        with os.fdopen(os.dup(descriptor), "wb") as file:
            file.write(content)
        yield f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)


def _moment(created: date) -> datetime:
    if not isinstance(created, datetime):
        created = datetime.combine(created, time())
    if created.tzinfo is None:
        created = created.replace(tzinfo=_CHINA)
    return created.astimezone(UTC)


def _trim_memory() -> None:
    """Hands freed memory back to the system where the C library can (glibc)."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


_engine_lock = threading.Lock()


@cache
def _default() -> Engine:
    return Engine(default_fonts())


def default_engine() -> Engine:
    """The process's engine with the installation's fonts. Raises Refusal when there are none."""
    with _engine_lock:
        return _default()
