"""The narrow seam to the photos: which grades want one, and the photo of a person."""

from importlib import import_module
from importlib.util import find_spec

from django.conf import settings


def wanted(grade: str) -> bool:
    """Whether certificates of the grade bear a photo (``ZHICHENG_ELECTRONIC_PHOTOS``)."""
    named = str(getattr(settings, "ZHICHENG_ELECTRONIC_PHOTOS", "") or "")
    return grade in {each.strip() for each in named.split(",")}


def photo_of(index: bytes) -> bytes | None:
    """The person's photo as JPEG, by the blind index of the ID number; None where there is none."""
    if find_spec("zhicheng.photos.queries") is None:
        return None
    found: bytes | None = import_module("zhicheng.photos.queries").photo_of(index)
    return found
