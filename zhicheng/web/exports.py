"""A table that leaves the house as an Excel file, with its audit event."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

from django.http import FileResponse
from django.utils import timezone
from django.utils.functional import Promise

from zhicheng.audit.recording import recorded
from zhicheng.organizations.guard import require
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.web.excel import Heading, workbook
from zhicheng.web.language import in_chinese


class Counted:
    """Passes rows on and counts them."""

    def __init__(self, rows: Iterable[Sequence[Any]]) -> None:
        self.rows = rows
        self.count = 0

    def __iter__(self) -> Iterator[Sequence[Any]]:
        for row in self.rows:
            self.count += 1
            yield row


def download(
    account: Account,
    *,
    title: str | Promise,
    name: str,
    columns: Sequence[Heading],
    rows: Iterable[Sequence[Any]],
    filters: Mapping[str, str] | None = None,
    searched: bool = False,
) -> FileResponse:
    """The file, once the account may export.

    The event says what left the house: which list (in Chinese, as all of the chain), how narrowed,
    how many rows, and the file's digest. A search text stays out, it may be a person's name.
    """
    require(account, Action.LIST_EXPORT)
    written = Counted(rows)
    stream = workbook(columns, written)
    with recorded(account, Action.LIST_EXPORT) as record:
        record(
            data={
                "list": in_chinese(str)(title),
                "count": written.count,
                "filters": dict(filters or {}),
                "searched": searched,
                "sha256": sha256(stream.getbuffer()).hexdigest(),
            }
        )
    return FileResponse(
        stream, as_attachment=True, filename=f"{name}-{timezone.localtime():%Y%m%d-%H%M}.xlsx"
    )
