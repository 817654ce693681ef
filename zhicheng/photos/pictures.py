"""Cuts pictures to one inch and makes them anew, in the small process with limits.

The cut is made here, from the original, and never by the page: what is kept is what was judged.
"""

import base64
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from zhicheng.files import rules as file_rules
from zhicheng.files.images import LIMITS
from zhicheng.files.store import Prepared
from zhicheng.photos import rules
from zhicheng.spreadsheets.limits import MEGABYTE
from zhicheng.spreadsheets.sandbox import run_limited
from zhicheng.values.refusal import Refusal

LARGEST = 10 * MEGABYTE
TOGETHER = 20  # files for one small process: starting it takes longer than a picture


@dataclass(frozen=True)
class Picture:
    """A file as it was sent, with the part that was chosen on the page."""

    name: str
    content: bytes
    crop: rules.Crop | None = None


def prepare(pictures: Sequence[Picture]) -> list[Prepared | Refusal]:
    """Each one cut to one inch, ready to be stored, or why not; nothing is stored yet."""
    outcome: list[Prepared | Refusal] = []
    for start in range(0, len(pictures), TOGETHER):
        outcome += _some(pictures[start : start + TOGETHER])
    return outcome


def prepare_one(picture: Picture) -> Prepared:
    """One picture; raises the Refusal."""
    (made,) = prepare([picture])
    if isinstance(made, Refusal):
        raise made
    return made


def _some(pictures: Sequence[Picture]) -> list[Prepared | Refusal]:
    outcome: list[Prepared | Refusal | None] = [_unusable(picture) for picture in pictures]
    good = [index for index, refusal in enumerate(outcome) if refusal is None]
    chosen = [pictures[index] for index in good]
    try:
        made = _cut(chosen)
    except Refusal:
        # One of them broke the process: which one, each by itself will show.
        made = [_alone(picture) for picture in chosen]
    for index, each in zip(good, made, strict=True):
        outcome[index] = each
    return [each for each in outcome if each is not None]


def _unusable(picture: Picture) -> Refusal | None:
    try:
        if len(picture.content) > LARGEST:
            raise Refusal(
                "photo.too_large",
                "照片文件过大，没有保存。",
                found=f"{len(picture.content) / MEGABYTE:.1f} MB",
                expected=f"不超过 {LARGEST // MEGABYTE} MB",
                mend="请压缩后重新上传。",
            )
        file_rules.content_type(picture.content, (file_rules.JPEG, file_rules.PNG))
    except Refusal as refusal:
        return refusal
    return None


def _alone(picture: Picture) -> Prepared | Refusal:
    try:
        return _cut([picture])[0]
    except Refusal as refusal:
        return refusal


def _cut(pictures: Sequence[Picture]) -> list[Prepared | Refusal]:
    if not pictures:
        return []
    limits = replace(
        LIMITS,
        file_bytes=LARGEST,
        cpu_seconds=LIMITS.cpu_seconds + 2 * len(pictures),
        wall_seconds=LIMITS.wall_seconds + 3 * len(pictures),
    )
    answers = run_limited(
        "zhicheng.photos.cutting:cut_in_child",
        [picture.content for picture in pictures],
        limits,
        crops=[asdict(picture.crop) if picture.crop else None for picture in pictures],
    )
    return [
        Refusal(**answer["refusal"])
        if "refusal" in answer
        else Prepared(
            picture.content, picture.name, file_rules.JPEG, base64.b64decode(answer["made"])
        )
        for picture, answer in zip(pictures, answers, strict=True)
    ]
