"""What the small process does with a picture: no Django here."""

import base64
import io
from collections.abc import Sequence
from typing import Any, BinaryIO

from zhicheng.files.images import PIXELS
from zhicheng.photos import rules
from zhicheng.spreadsheets.limits import Limits
from zhicheng.values.refusal import Refusal


def cut_in_child(
    *files: BinaryIO, limits: Limits, crops: Sequence[dict[str, float] | None]
) -> list[dict[str, Any]]:
    """The task of the small process: for each file the JPEG of one inch, or the refusal."""
    answers: list[dict[str, Any]] = []
    for file, crop in zip(files, crops, strict=True):
        try:
            made = _one_inch(file, rules.Crop(**crop) if crop else None)
            answers.append({"made": base64.b64encode(made).decode("ascii")})
        except Refusal as refusal:
            told = ("rule", "message", "clause", "found", "expected", "mend")
            answers.append({"refusal": {key: getattr(refusal, key) for key in told}})
    return answers


def _one_inch(file: BinaryIO, crop: rules.Crop | None) -> bytes:
    from PIL import Image, ImageOps, ImageStat, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = None  # judged here, with a sentence of our own
    try:
        with Image.open(file, formats=["JPEG", "PNG"]) as image:
            if image.width * image.height > PIXELS:
                raise Refusal(
                    "photo.too_many_pixels",
                    "照片的像素过多，没有保存。",
                    found=f"{image.width} × {image.height}",
                    expected=f"不超过 {PIXELS // 1_000_000} 百万像素",
                    mend="请缩小后重新上传。",
                )
            upright: Any = ImageOps.exif_transpose(image)
            box = rules.box_of(upright.width, upright.height, crop)
            part = upright.crop(box)
            if "A" in part.getbands() or "transparency" in part.info:
                part = part.convert("RGBA")
                paper = Image.new("RGB", part.size, "white")
                paper.paste(part, mask=part.getchannel("A"))
                part = paper
            plain = part.convert("RGB").resize((rules.WIDTH, rules.HEIGHT), Image.LANCZOS)  # type: ignore[attr-defined]
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise Refusal(
            "photo.damaged",
            "照片文件已损坏，无法读取，没有保存。",
            expected="完整的 JPEG 或 PNG 图片",
            mend="请重新导出或拍照后上传。",
        ) from error
    light = ImageStat.Stat(plain.convert("L"))
    rules.require_seen(rules.Seen(light.mean[0], light.stddev[0]))
    made = io.BytesIO()
    plain.save(made, "JPEG", quality=90, dpi=(rules.DPI, rules.DPI))
    return made.getvalue()
