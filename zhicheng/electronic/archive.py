"""A ZIP file that is written while it is read: never whole in memory, never on disk."""

import re
import time
import zipfile
from collections.abc import Iterable, Iterator
from typing import Any


class _Sink:
    """What the ZIP writer writes to: bytes that somebody takes away. It can't go back."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, part: bytes) -> int:
        """Takes some bytes."""
        self._parts.append(bytes(part))
        return len(part)

    def flush(self) -> None:
        """Nothing is held back."""

    def taken(self) -> bytes:
        """All that came since the last time."""
        parts, self._parts = self._parts, []
        return b"".join(parts)


def zipped(files: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """The archive of the (name, content) pairs, piece by piece; PDFs aren't packed again."""
    sink = _Sink()
    made = time.localtime()[:6]
    writable: Any = sink  # has all that an archive written from front to back asks for
    with zipfile.ZipFile(writable, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files:
            entry = zipfile.ZipInfo(name, date_time=made)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
            yield sink.taken()
    yield sink.taken()


def file_name(*parts: str) -> str:
    """A name that every system can keep: no folder, no control character."""
    return re.sub(r'[\x00-\x1f\\/:*?"<>|]+', "_", "-".join(parts)) + ".pdf"
