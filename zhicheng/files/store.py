"""Keeps a file and gives it back; the only writer of the table.

Who may hand in or see a file, and the audit event, are the business of the action whose object it
belongs to: call ``store`` inside its transaction.
"""

import hashlib
from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse

from zhicheng.files import rules
from zhicheng.files.images import made_anew
from zhicheng.files.models import StoredFile
from zhicheng.protection import protect_bytes, reveal_bytes
from zhicheng.values.text import hide_id_numbers


class Prepared:
    """A file that was found good, made anew where it is an image; nothing is stored yet."""

    def __init__(self, content: bytes, name: str, content_type: str, kept: bytes) -> None:
        self.name = hide_id_numbers(name.replace("\\", "/").rpartition("/")[2])[:200] or "文件"
        self.content_type = content_type
        self.kept = kept
        self.sha256 = hashlib.sha256(content).hexdigest()


def prepare(
    content: bytes, name: str, allowed: Sequence[str] = (rules.PDF, rules.JPEG, rules.PNG)
) -> Prepared:
    """Judges a file by its content, before any transaction: this may take a second.

    Raises Refusal for what may not come.
    """
    kind = rules.content_type(content, allowed)
    kept = content if kind == rules.PDF else made_anew(content, kind)
    return Prepared(content, name, kind, kept)


def store(prepared: Prepared, *, account_id: int | None) -> StoredFile:
    """Keeps the file, encrypted; within the caller's transaction."""
    return store_all([prepared], account_id=account_id)[0]


def store_all(files: Sequence[Prepared], *, account_id: int | None) -> list[StoredFile]:
    """Keeps many files at once, in their order; within the caller's transaction."""
    return StoredFile.objects.bulk_create(
        StoredFile(
            name=prepared.name,
            content_type=prepared.content_type,
            size=len(prepared.kept),
            sha256=prepared.sha256,
            kept_sha256=hashlib.sha256(prepared.kept).hexdigest(),
            content=protect_bytes(prepared.kept),
            stored_by_id=account_id,
        )
        for prepared in files
    )


def told(file: StoredFile) -> dict[str, Any]:
    """What an audit event says of a file."""
    return {"file": file.name, "sha256": file.sha256, "size": file.size}


def content_of(file: StoredFile) -> bytes:
    """The kept bytes; raises ValueError when they aren't what was kept."""
    held = file.content if "content" in file.__dict__ else None
    if held is None:
        held = StoredFile.objects.values_list("content", flat=True).get(pk=file.pk)
    content = reveal_bytes(bytes(held))
    if hashlib.sha256(content).hexdigest() != file.kept_sha256:
        raise ValueError(f"stored file {file.pk} isn't what was kept")
    return content


def download(file: StoredFile, *, inline: bool = False) -> HttpResponse:
    """The answer that hands the file out; it can run nothing in the browser."""
    answer = HttpResponse(content_of(file), content_type=file.content_type)
    ending = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}[file.content_type]
    shown = "inline" if inline and file.content_type != rules.PDF else "attachment"
    answer["Content-Disposition"] = f'{shown}; filename="{file.token}.{ending}"'
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer
