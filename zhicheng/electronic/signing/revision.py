"""A signature's incremental update of a PDF that this product made (ISO 32000-1, 7.5.6; PAdES).

One revision holds the signature field and everything that proves it later (DSS), so the signature
covers every byte of the file but itself. The file's shape is known: Typst writes classic
cross-reference tables and plain dictionaries. Any other file is refused, never guessed at.
"""

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

_TRAILER = re.compile(
    rb"trailer\s*<<(?P<dict>.*)>>\s*startxref\s+(?P<xref>\d+)\s+%%EOF\s*\Z", re.DOTALL
)
_ENTRY = re.compile(rb"/(Size|Root|Info)\s+(\d+)(?: (\d+) R)?")
_BYTE_RANGE = b"/ByteRange[0 %010d %010d %010d]"


class ShapeError(ValueError):
    """The file isn't as this product writes it."""


class RoomError(ValueError):
    """The signature takes more room than was kept for it."""


@dataclass(frozen=True)
class Proof:
    """What a later reader needs: certificates, revocation lists and answers, each as DER."""

    certificates: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class Field:
    """The signature field: its place on the page in points from the lower left, and its words."""

    box: tuple[float, float, float, float]
    name: str
    reason: str


class _File:
    """What has to be known of the file before something is added."""

    def __init__(self, pdf: bytes) -> None:
        found = _TRAILER.search(pdf, max(0, len(pdf) - 2048))
        if found is None:
            raise ShapeError("no classic trailer")
        entries = {key: int(number) for key, number, _ in _ENTRY.findall(found["dict"])}
        if not {b"Size", b"Root", b"Info"} <= set(entries) or b"/Prev" in found["dict"]:
            raise ShapeError("an unusual trailer")
        identity = found["dict"].partition(b"/ID")[2]
        self.pdf, self.xref, self.size = pdf, int(found["xref"]), entries[b"Size"]
        self.root, self.info = entries[b"Root"], entries[b"Info"]
        if not identity.startswith(b"["):
            raise ShapeError("no file identifier")
        self.identity = identity
        self._offsets = self._table()
        self.catalog = self.dictionary(self.root)
        pages = self.dictionary(_reference(self.catalog, b"Pages"))
        kids = re.search(rb"/Kids\s*\[(\d+) 0 R\]", pages)
        if kids is None:
            raise ShapeError("not one page")
        self.page = int(kids[1])

    def _table(self) -> list[int]:
        head = re.compile(rb"xref\s+0 (\d+)\s+").match(self.pdf, self.xref)
        if head is None or int(head[1]) != self.size:
            raise ShapeError("an unusual cross-reference table")
        lines = self.pdf[head.end() : head.end() + 20 * self.size]
        return [int(lines[at : at + 10]) for at in range(0, len(lines), 20)]

    def dictionary(self, number: int) -> bytes:
        """The inside of a dictionary object."""
        start = self._offsets[number]
        head = b"%d 0 obj\n<<" % number
        end = self.pdf.find(b">>\nendobj", start)
        if not self.pdf.startswith(head, start) or end < 0:
            raise ShapeError(f"object {number} is no plain dictionary")
        return self.pdf[start + len(head) : end]


def _reference(dictionary: bytes, key: bytes) -> int:
    found = re.search(rb"/" + key + rb" (\d+) 0 R", dictionary)
    if found is None:
        raise ShapeError(f"no /{key.decode()}")
    return int(found[1])


def add_signature(
    pdf: bytes,
    *,
    place: Field,
    proof: Proof,
    moment: datetime,
    room: int,
    sign: Callable[[bytes], bytes],
) -> bytes:
    """The PDF with one more revision, signed.

    ``sign`` makes the CMS from the SHA-256 digest of everything but itself; ``room`` is how many
    bytes it may take. Raises ShapeError for a file of another maker, RoomError for want of room.
    """
    file = _File(pdf)
    for taken in (b"/AcroForm", b"/DSS"):
        if taken in file.catalog:
            raise ShapeError("the file bears a signature already")
    page = file.dictionary(file.page)
    if b"/Annots" in page:
        raise ShapeError("the page has annotations already")
    out = _Update(file)
    signature, widget, appearance, security = (out.new() for _ in range(4))
    out.write(file.page, b"<<%b/Annots[%d 0 R]>>" % (page, widget))
    out.write(
        widget,
        b"<</Type/Annot/Subtype/Widget/FT/Sig/T(Seal)/F 132/Rect[%b]/P %d 0 R/V %d 0 R"
        b"/AP<</N %d 0 R>>>>" % (_numbers(place.box), file.page, signature, appearance),
    )
    left, bottom, right, top = place.box
    # Nothing is drawn: a picture of a seal is the seal service's business.
    out.stream(
        appearance,
        b"/Type/XObject/Subtype/Form/BBox[%b]/Resources<<>>"
        % _numbers((0, 0, right - left, top - bottom)),
        b"",
    )
    out.write(
        security,
        b"<</Type/DSS%b%b%b>>"
        % (
            out.streams(b"Certs", proof.certificates),
            out.streams(b"CRLs", proof.crls),
            out.streams(b"OCSPs", proof.ocsps),
        ),
    )
    out.write(
        file.root,
        b"<<%b/AcroForm<</Fields[%d 0 R]/SigFlags 3>>/DSS %d 0 R>>"
        % (file.catalog, widget, security),
    )
    head = (
        b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached"
        b"/Name%b/Reason%b/M%b/Contents" % (_text(place.name), _text(place.reason), _date(moment))
    )
    blank = b"<" + b"0" * (2 * room) + b">"
    range_room = len(_BYTE_RANGE % (0, 0, 0))
    begin = out.write(signature, head + blank + b" " * range_room + b">>")
    whole = bytearray(out.finish())
    hole = begin + len(head)
    after = hole + len(blank)
    whole[after : after + range_room] = _BYTE_RANGE % (hole, after, len(whole) - after)
    digest = hashlib.sha256(memoryview(whole)[:hole])
    digest.update(memoryview(whole)[after:])
    made = sign(digest.digest())
    if len(made) > room:
        raise RoomError(f"the signature takes {len(made)} bytes, there is room for {room}")
    whole[hole + 1 : hole + 1 + 2 * len(made)] = made.hex().encode()
    return bytes(whole)


class _Update:
    """Collects the objects of the new revision and writes their table."""

    def __init__(self, file: _File) -> None:
        self._file = file
        self._next = file.size
        self._parts: list[bytes] = [file.pdf] if file.pdf.endswith(b"\n") else [file.pdf, b"\n"]
        self._at = sum(map(len, self._parts))
        self._offsets: dict[int, int] = {}

    def new(self) -> int:
        """A fresh object number."""
        self._next += 1
        return self._next - 1

    def write(self, number: int, content: bytes) -> int:
        """Adds an object; gives where its content begins in the file."""
        head = b"%d 0 obj\n" % number
        self._offsets[number] = self._at
        begin = self._at + len(head)
        self._add(head + content + b"\nendobj\n")
        return begin

    def stream(self, number: int, entries: bytes, content: bytes) -> None:
        """Adds a stream."""
        self.write(
            number,
            b"<</Length %d%b>>\nstream\n%b\nendstream" % (len(content), entries, content),
        )

    def streams(self, key: bytes, contents: Sequence[bytes]) -> bytes:
        """Adds a stream for each; gives the dictionary's entry that names them, or nothing."""
        numbers = []
        for content in contents:
            number = self.new()
            self.stream(number, b"", content)
            numbers.append(b"%d 0 R" % number)
        return b"/%b[%b]" % (key, b" ".join(numbers)) if numbers else b""

    def finish(self) -> bytes:
        """The whole file with the new table and trailer."""
        file, start = self._file, self._at
        lines = [b"xref\n"]
        numbers = sorted(self._offsets)
        while numbers:
            run = 1
            while run < len(numbers) and numbers[run] == numbers[0] + run:
                run += 1
            lines.append(b"%d %d\n" % (numbers[0], run))
            lines += [b"%010d 00000 n \n" % self._offsets[number] for number in numbers[:run]]
            numbers = numbers[run:]
        lines.append(
            b"trailer\n<</Size %d/Root %d 0 R/Info %d 0 R/Prev %d/ID%b>>\nstartxref\n%d\n%%%%EOF\n"
            % (self._next, file.root, file.info, file.xref, file.identity, start)
        )
        self._add(b"".join(lines))
        return b"".join(self._parts)

    def _add(self, content: bytes) -> None:
        self._parts.append(content)
        self._at += len(content)


def _numbers(values: Sequence[float]) -> bytes:
    return " ".join(f"{value:.2f}" for value in values).encode()


def _text(text: str) -> bytes:
    return b"<" + (b"\xfe\xff" + text.encode("utf-16-be")).hex().encode() + b">"


def _date(moment: datetime) -> bytes:
    zone = moment.strftime("%z")  # +0800
    return moment.strftime(f"(D:%Y%m%d%H%M%S{zone[:3]}'{zone[3:5]}')").encode()
