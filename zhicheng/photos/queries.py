"""Reads photos: the newest of a person that isn't removed.

A register in the making is whatever its unit typed: anybody's ID number may stand on it. So a photo
counts for a person once the register that it came by is accepted with that person, and a row that
isn't accepted shows the photos of its own register alone.

How many of its people have one, a register knows (``photo_count``): the database counts by the
same rule (migration 0003), and ``reconcile`` says whether it did.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    BooleanField,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)

from zhicheng.files.store import content_of
from zhicheng.organizations.guard import Actor
from zhicheng.photos.models import Photo
from zhicheng.registers import queries as register_queries
from zhicheng.registers.models import Register, RegisterRow


@dataclass(frozen=True)
class Portrait:
    """A photo with what a print records of it: its id and the digest of the kept file."""

    photo_id: int
    sha256: str
    content: bytes


def _vouched() -> Exists:
    """Of a photo: its person is on the register that it came by, and the register is accepted."""
    return Exists(
        RegisterRow.objects.filter(
            register=OuterRef("register"),
            id_number_index=OuterRef("id_number_index"),
            accepted=True,
        )
    )


def counting() -> QuerySet[Photo]:
    """The photos that count, one for each person."""
    return (
        Photo.objects.filter(_vouched(), removed_at=None)
        .order_by("id_number_index", "-id")
        .distinct("id_number_index")
    )


def photos_for(row: RegisterRow) -> QuerySet[Photo]:
    """Every photo of the row's person that may be seen there, the newest first."""
    seen = Q(register=row.register_id)
    if row.accepted:
        seen |= Q(_vouched())
    return Photo.objects.filter(seen, id_number_index=row.id_number_index).order_by("-id")


def _in_use_for_rows() -> QuerySet[Photo]:
    """The same for a query of rows: those that aren't removed, by ``OuterRef`` to the row."""
    accepted = ExpressionWrapper(OuterRef("accepted"), BooleanField())
    return (
        Photo.objects.filter(removed_at=None, id_number_index=OuterRef("id_number_index"))
        .annotate(row_accepted=accepted)
        .filter(Q(register=OuterRef("register")) | Q(_vouched(), row_accepted=True))
        .order_by("-id")
    )


def portraits_of(indexes: Iterable[bytes | memoryview]) -> dict[bytes, Portrait]:
    """The photo of each person who has one, by the blind index; one statement."""
    wanted = list({bytes(index) for index in indexes})
    if not wanted:
        return {}
    photos = counting().filter(id_number_index__in=wanted).select_related("file")
    return {
        bytes(photo.id_number_index): Portrait(
            photo.pk, photo.file.kept_sha256, content_of(photo.file)
        )
        for photo in photos
    }


def photos_of(indexes: Iterable[bytes | memoryview]) -> dict[bytes, bytes]:
    """The JPEG of each person who has one; one statement."""
    return {index: portrait.content for index, portrait in portraits_of(indexes).items()}


def photo_of(index: bytes | memoryview) -> bytes | None:
    """The JPEG of a person, or None."""
    return photos_of([index]).get(bytes(index))


def photo_for(row: RegisterRow) -> bytes | None:
    """The JPEG that the row's page shows, or None."""
    photo = photos_for(row).filter(removed_at=None).select_related("file").first()
    return content_of(photo.file) if photo else None


def registers(actor: Actor) -> QuerySet[Register]:
    """Registers that the account may see, with how many are ``lacking`` a photo."""
    return register_queries.visible(actor).annotate(lacking=F("row_count") - F("photo_count"))


def lacking(found: QuerySet[Register]) -> QuerySet[Register]:
    """Those of the registers with somebody who has no photo."""
    return found.filter(photo_count__lt=F("row_count"))


def complete(found: QuerySet[Register]) -> QuerySet[Register]:
    """Those of the registers whose people all have one."""
    return found.filter(photo_count__gte=F("row_count"))


def people(register: Register) -> QuerySet[Any]:
    """The register's rows with ``photo_id`` and ``photo_at`` of the photo that counts."""
    newest = _in_use_for_rows()
    return (
        RegisterRow.objects.filter(register=register)
        .annotate(
            photo_id=Subquery(newest.values("pk")[:1]),
            photo_at=Subquery(newest.values("uploaded_at")[:1]),
        )
        .order_by("position")
    )


def counts(register: Register) -> tuple[int, int]:
    """How many people the register has, and how many of them a photo."""
    found = people(register).aggregate(
        people=Count("pk"), having=Count("pk", filter=Q(photo_id__isnull=False))
    )
    return found["people"], found["having"]


def history(row: RegisterRow) -> QuerySet[Photo]:
    """Every photo that may be seen on the row's page, the newest first, without the pictures."""
    return (
        photos_for(row)
        .select_related("uploaded_by", "removed_by", "register", "file")
        .defer("file__content")
    )
