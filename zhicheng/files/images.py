"""Makes an image anew from its pixels, in the small process with limits of memory and time.

What isn't a pixel goes: places, camera, thumbnails, comments, whatever hangs behind the end.
"""

import base64
import io
from typing import Any, BinaryIO

from zhicheng.spreadsheets.limits import MEGABYTE, Limits
from zhicheng.spreadsheets.sandbox import run_limited
from zhicheng.values.refusal import Refusal

PIXELS = 50_000_000  # an A4 page at 600 dpi has 35 million
LIMITS = Limits(
    file_bytes=20 * MEGABYTE,
    memory_bytes=700 * MEGABYTE,
    address_bytes=2048 * MEGABYTE,
    cpu_seconds=20,
    wall_seconds=30.0,
)
_FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG"}


def made_anew(content: bytes, content_type: str) -> bytes:
    """The image's pixels as a new file of the same kind, upright.

    Raises Refusal for a damaged image or one with too many pixels.
    """
    told = run_limited(
        "zhicheng.files.images:make_in_child", [content], LIMITS, content_type=content_type
    )
    return base64.b64decode(told)


def make_in_child(file: BinaryIO, *, limits: Limits, content_type: str) -> str:
    """The task of the small process: base64 of the new file."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = None  # judged here, with a sentence of our own
    wanted = _FORMATS[content_type]
    try:
        with Image.open(file, formats=[wanted]) as image:
            if image.width * image.height > PIXELS:
                raise Refusal(
                    "evidence.too_many_pixels",
                    "该图片的像素过多，没有保存。",
                    found=f"{image.width} × {image.height}",
                    expected=f"不超过 {PIXELS // 1_000_000} 百万像素",
                    mend="请降低扫描分辨率后重新上传。",
                )
            upright: Any = ImageOps.exif_transpose(image)
            plain = upright.convert("L" if upright.mode in ("1", "L") else "RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise Refusal(
            "evidence.damaged",
            "该图片已损坏，无法读取，没有保存。",
            expected="完整的 JPEG 或 PNG 图片",
            mend="请重新扫描或拍照后上传。",
        ) from error
    made = io.BytesIO()
    plain.save(made, wanted, **({"quality": 88} if wanted == "JPEG" else {}))
    return base64.b64encode(made.getvalue()).decode("ascii")
