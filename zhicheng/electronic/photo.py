"""The narrow seam to the photos: which grades want one, and the photos of people."""

from collections.abc import Iterable

from django.conf import settings

from zhicheng.photos import queries


def wanted(grade: str) -> bool:
    """Whether certificates of the grade bear a photo (``ZHICHENG_ELECTRONIC_PHOTOS``)."""
    named = str(getattr(settings, "ZHICHENG_ELECTRONIC_PHOTOS", "") or "")
    return grade in {each.strip() for each in named.split(",")}


def photos_of(indexes: Iterable[bytes]) -> dict[bytes, bytes]:
    """The JPEG of each person who has one, by the blind index of the ID number."""
    return queries.photos_of(indexes)
