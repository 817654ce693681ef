"""Digests of a register's rows and pages, and the text of the QR code on paper (N4); pure.

A row's digest covers its place and all ten columns. The ID number enters as its blind index, so
that nobody without the key can find a person by trying digests. The QR text holds no personal
data: ``ZC1.<register number>.<print>.<page>.<first>-<last>.<20 hex characters>``.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

DIGEST_BYTES = 32
SHORT = 20  # hex characters on paper: 80 bits against an accidental or forged match
_CODE = re.compile(
    r"ZC1\.(?P<register>[0-9A-Z-]{1,24})\.(?P<print>\d{1,12})\.(?P<page>\d{1,5})"
    rf"\.(?P<first>\d{{1,7}})-(?P<last>\d{{1,7}})\.(?P<digest>[0-9a-f]{{{SHORT}}})"
)


def row_digest(position: int, columns: Sequence[str], id_index: bytes | None) -> bytes:
    """32 bytes of one row; ``columns`` are the nine columns without the ID number, in order."""
    told = [position, *columns, (id_index or b"").hex()]
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).digest()


def joined_digest(rows: Sequence[bytes]) -> bytes:
    """The digest of a page or of the whole register: over its rows' digests in order."""
    return hashlib.sha256(b"".join(rows)).digest()


@dataclass(frozen=True, slots=True)
class PageCode:
    """What a page's QR code says: ``first`` to ``last`` are positions, both on the page."""

    register: str
    print_id: int
    page: int
    first: int
    last: int
    digest: str

    def __str__(self) -> str:
        return (
            f"ZC1.{self.register}.{self.print_id}.{self.page}"
            f".{self.first}-{self.last}.{self.digest}"
        )


def page_code(
    *, register: str, print_id: int, page: int, first: int, last: int, rows: Sequence[bytes]
) -> PageCode:
    """The code of a page whose rows ``first`` to ``last`` have these digests."""
    return PageCode(register, print_id, page, first, last, joined_digest(rows).hex()[:SHORT])


def read_code(text: str) -> PageCode | None:
    """What a scanner read, also in upper case or with a line break; None for another code."""
    match = _CODE.fullmatch(_settled(text))
    if match is None:
        return None
    return PageCode(
        match["register"],
        int(match["print"]),
        int(match["page"]),
        int(match["first"]),
        int(match["last"]),
        match["digest"],
    )


def _settled(text: str) -> str:
    head, dot, digest = text.strip().upper().rpartition(".")
    return head + dot + digest.lower()
