"""Puts PDFs that the engine made one behind the other into one file, as they come.

A batch of ten thousand pages is compiled in parts, and a part's objects are written out with new
numbers as soon as it is there: memory holds one part and a table of offsets. Only for the engine's
own files, whose objects stand plainly in the file (no object streams, direct lengths).
"""

import re
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

_REFERENCE = re.compile(rb"(\d+) 0 R\b")
_CATALOG = re.compile(rb"/Root (\d+) 0 R")
_INFORMATION = re.compile(rb"/Info (\d+) 0 R")
_COUNT = re.compile(rb"/Count (\d+)")


class Joined:
    """A file that grows part by part; a context, finished at its end and put in place at once.

    The catalogue, with title and metadata, is the last part's. Where something fails the file at
    ``path`` stays what it was.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._aside = path.with_name(f"{path.name}.part")
        self._file: BinaryIO
        self._offsets: list[int] = []
        self._trees: list[int] = []  # the numbers of the parts' page trees
        self._last = b""  # the last part's catalogue, which refers to its page tree
        self._information = 0
        self._identity = b""
        self.pages = 0

    def __enter__(self) -> Self:
        self._file = self._aside.open("wb")
        self._file.write(b"%PDF-1.7\n%\x80\x80\x80\x80\n\n")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._file:
            if kind is None:
                self._finish()
        if kind is None:
            self._aside.replace(self._path)
        else:
            self._aside.unlink(missing_ok=True)

    def add(self, pdf: bytes) -> None:
        """Writes a part's objects; number 1 is kept for the tree of all pages."""
        table = pdf.rindex(b"xref\n", 0, pdf.rindex(b"startxref"))
        size = int(pdf[table : table + 40].split()[2])
        trailer = pdf[pdf.rindex(b"trailer") :]
        catalog = int(_found(_CATALOG, trailer))
        entries = pdf.index(b"\n", table + 5) + 1
        offsets = [int(pdf[entries + 20 * n : entries + 20 * n + 10]) for n in range(1, size)]
        shift = len(self._offsets) + 1

        def renumbered(reference: re.Match[bytes]) -> bytes:
            return b"%d 0 R" % (int(reference[1]) + shift)

        for number, (start, end) in enumerate(
            zip(offsets, [*offsets[1:], table], strict=True), start=1
        ):
            start = pdf.index(b"obj\n", start) + 4
            stream = pdf.find(b"\nstream\n", start, end)
            head_end = stream if stream >= 0 else end
            head = _REFERENCE.sub(renumbered, pdf[start:head_end])
            if number == catalog:
                self._last = head
                head = b"null\nendobj\n"  # only the last part's is one
            elif head.startswith(b"<</Type/Pages") and b"/Parent" not in head:
                self.pages += int(_found(_COUNT, head))
                self._trees.append(number + shift)
                head = head.replace(b"<</Type/Pages", b"<</Type/Pages/Parent 1 0 R", 1)
            self._offsets.append(self._file.tell())
            self._file.write(b"%d 0 obj\n" % (number + shift))
            self._file.write(head)
            self._file.write(pdf[head_end:end])
        self._information = int(_found(_INFORMATION, trailer)) + shift
        self._identity = trailer[trailer.index(b"/ID[") : trailer.index(b"]") + 1]

    def _finish(self) -> None:
        tree = self._file.tell()
        kids = b" ".join(b"%d 0 R" % number for number in self._trees)
        self._file.write(
            b"1 0 obj\n<</Type/Pages/Count %d/Kids[%s]>>\nendobj\n" % (self.pages, kids)
        )
        root = len(self._offsets) + 2
        catalog = self._file.tell()
        content = re.sub(rb"/Pages \d+ 0 R", b"/Pages 1 0 R", self._last, count=1)
        self._file.write(b"%d 0 obj\n%s" % (root, content))
        start = self._file.tell()
        self._file.write(b"xref\n0 %d\n0000000000 65535 f\r\n" % (root + 1))
        for offset in (tree, *self._offsets, catalog):
            self._file.write(b"%010d 00000 n\r\n" % offset)
        self._file.write(
            b"trailer\n<</Size %d/Root %d 0 R/Info %d 0 R%s>>\nstartxref\n%d\n%%%%EOF"
            % (root + 1, root, self._information, self._identity, start)
        )


def _found(pattern: re.Pattern[bytes], content: bytes) -> bytes:
    match = pattern.search(content)
    if match is None:
        raise ValueError(f"no {pattern.pattern!r} where the engine writes one")
    return match[1]
