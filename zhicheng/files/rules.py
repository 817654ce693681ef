"""What a file is by its content, and whether it may be kept; pure."""

from collections.abc import Sequence

from zhicheng.values.refusal import Refusal

MEGABYTE = 1024 * 1024
LARGEST = 20 * MEGABYTE
PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
NAMES = {PDF: "PDF", JPEG: "JPEG", PNG: "PNG"}
_OTHERS = (
    (b"<!doctype html", "网页（HTML）"),
    (b"<html", "网页（HTML）"),
    (b"<?xml", "XML 文件"),
    (b"<svg", "SVG 图形"),
    (b"pk\x03\x04", "压缩包或 Office 文档"),
    (b"\xd0\xcf\x11\xe0", "旧版 Office 文档"),
    (b"gif8", "GIF 图片"),
    (b"ii*\x00", "TIFF 图片"),
    (b"mm\x00*", "TIFF 图片"),
    (b"mz", "程序文件"),
)


def content_type(content: bytes, allowed: Sequence[str] = (PDF, JPEG, PNG)) -> str:
    """The kind of the file by its first and last bytes; ``allowed`` are the kinds that may come.

    Raises Refusal for an empty, too large, unfinished or other file.
    """
    names = "、".join(NAMES[kind] for kind in allowed)
    if not content:
        raise Refusal(
            "evidence.empty",
            "该文件是空文件。",
            found="0 字节",
            expected=names,
            mend="请重新选择文件。",
        )
    if len(content) > LARGEST:
        raise Refusal(
            "evidence.too_large",
            "该文件过大，没有保存。",
            found=f"{len(content) / MEGABYTE:.1f} MB",
            expected=f"不超过 {LARGEST // MEGABYTE} MB",
            mend="请降低扫描分辨率（300 dpi 已足够），或分成几个文件。",
        )
    kind = _kind(content)
    if kind not in allowed:
        raise Refusal(
            "evidence.unusable",
            "该文件的内容不是可以收取的格式，没有保存。",
            found=NAMES.get(kind, "") or _other(content),
            expected=names,
            mend="请上传扫描件或照片；改文件名不能改变格式。",
        )
    return kind


def _kind(content: bytes) -> str:
    if content.startswith(b"%PDF-") and b"%%EOF" in content[-2048:]:
        return PDF
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    return ""


def _other(content: bytes) -> str:
    if content.startswith(b"%PDF-"):
        return "不完整的 PDF"
    head = content[:200].lstrip(b"\xef\xbb\xbf\r\n\t ").lower()
    return next((name for magic, name in _OTHERS if head.startswith(magic)), "不明格式的文件")
