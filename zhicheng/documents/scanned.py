"""Reads the QR codes off scans and photographs of printed pages; runs in the small process.

PDF pages are drawn one by one and forgotten; an image is read upright, and once more larger when
its codes are small.
"""

from collections.abc import Iterator
from typing import Any, BinaryIO

from zhicheng.documents import qr
from zhicheng.values.refusal import Refusal

PAGES = 120
PIXELS = 50_000_000
_DPI = 170
_SMALL = 1600  # pixels: below this a photograph is tried at double size too


def codes_in_child(file: BinaryIO, *, limits: object, content_type: str) -> list[str]:
    """The texts of all codes in the order of the pages; none for a file without any.

    Raises Refusal for a damaged file or one with too many pages or pixels.
    """
    pictures = _pages(file) if content_type == "application/pdf" else _image(file)
    found: list[str] = []
    for picture in pictures:
        found += [text for text in qr.read(picture) if text not in found]
    return found


def _pages(file: BinaryIO) -> Iterator[Any]:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(file.read())
        count = len(document)
    except pypdfium2.PdfiumError as error:
        raise _damaged("PDF") from error
    if count > PAGES:
        raise Refusal(
            "scan.too_many_pages",
            "扫描件页数过多，没有读取其中的二维码。",
            found=f"{count} 页",
            expected=f"不超过 {PAGES} 页",
            mend="请分成几个文件上传。",
        )
    for number in range(count):
        page = document[number]
        width, height = page.get_size()
        scale = _DPI / 72
        if width * height * scale * scale > PIXELS:
            scale = (PIXELS / max(1.0, width * height)) ** 0.5
        bitmap = page.render(scale=scale, grayscale=True)
        yield bitmap.to_numpy()[:, :, 0] if bitmap.to_numpy().ndim == 3 else bitmap.to_numpy()
        bitmap.close()
        page.close()


def _image(file: BinaryIO) -> Iterator[Any]:
    from PIL import Image, ImageOps, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = None  # judged here
    try:
        with Image.open(file, formats=["JPEG", "PNG"]) as image:
            if image.width * image.height > PIXELS:
                raise Refusal(
                    "scan.too_many_pixels",
                    "该图片的像素过多，没有读取其中的二维码。",
                    found=f"{image.width} × {image.height}",
                    expected=f"不超过 {PIXELS // 1_000_000} 百万像素",
                    mend="请降低扫描分辨率后重新上传。",
                )
            upright: Any = ImageOps.exif_transpose(image)
            plain = upright.convert("L")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise _damaged("图片") from error
    yield plain
    if max(plain.size) < _SMALL:
        yield plain.resize((plain.width * 2, plain.height * 2))


def _damaged(what: str) -> Refusal:
    return Refusal(
        "scan.damaged",
        f"该{what}已损坏，无法读取。",
        expected="完整的 PDF、JPEG 或 PNG",
        mend="请重新扫描或拍照后上传。",
    )
