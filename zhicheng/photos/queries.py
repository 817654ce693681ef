"""Reads photos: the newest of a person that isn't removed."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

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


def counting() -> QuerySet[Photo]:
    """The photos that count, one for each person."""
    return (
        Photo.objects.filter(removed_at=None)
        .order_by("id_number_index", "-id")
        .distinct("id_number_index")
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


def registers(actor: Actor) -> QuerySet[Register]:
    """Registers that the account may see, with ``people`` and ``with_photo``."""
    of_it = RegisterRow.objects.filter(register=OuterRef("pk")).order_by().values("register")
    has = Exists(Photo.objects.filter(removed_at=None, id_number_index=OuterRef("id_number_index")))
    people = of_it.annotate(n=Count("pk")).values("n")
    with_photo = of_it.annotate(has=has).filter(has=True).annotate(n=Count("pk")).values("n")
    return (
        register_queries.visible(actor)
        .annotate(
            people=Coalesce(Subquery(people, output_field=IntegerField()), 0),
            with_photo=Coalesce(Subquery(with_photo, output_field=IntegerField()), 0),
        )
        .annotate(lacking=F("people") - F("with_photo"))
    )


def people(register: Register) -> QuerySet[Any]:
    """The register's rows with ``photo_id`` and ``photo_at`` of the photo that counts."""
    newest = Photo.objects.filter(
        removed_at=None, id_number_index=OuterRef("id_number_index")
    ).order_by("-id")
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


def history(index: bytes | memoryview) -> QuerySet[Photo]:
    """Every photo of a person, the newest first, without the pictures."""
    return (
        Photo.objects.filter(id_number_index=bytes(index))
        .select_related("uploaded_by", "removed_by", "register", "file")
        .defer("file__content")
    )
