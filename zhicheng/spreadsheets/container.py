"""Looks at a file's outside before anything parses it: what it is, and whether it is a trap."""

import zipfile
import zlib
from typing import BinaryIO

from zhicheng.spreadsheets.limits import MEGABYTE, Limits
from zhicheng.values.refusal import Refusal

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_WORD = "WordDocument".encode("utf-16-le")
_SAVE_AS = "请用 Excel 或 WPS 打开该文件，另存为 .xlsx 后重新上传。"
# Everything that a broken or odd archive can raise.
UNZIPPING = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    ValueError,
    EOFError,
    OSError,
    KeyError,
)
# What a file is by its outside.
WORKBOOK, TEXT, HTML, XML = "workbook", "text", "html", "xml"
_HTML_STARTS = ("<html", "<!doctype html", "<table", "<meta", "<head", "<body", "<div", "<style")
_PARTING = (b",", b"\t", b";", b"|", "，".encode())
_OTHER_KINDS = (
    (b"%PDF", "PDF 文件"),
    (b"\x89PNG", "图片"),
    (b"\xff\xd8\xff", "图片"),
    (b"GIF8", "图片"),
    (b"{\\rtf", "RTF 文档"),
    (b"Rar!", "压缩包"),
    (b"7z\xbc\xaf", "压缩包"),
    (b"\x1f\x8b", "压缩包"),
    (b"MIME-Version:", "网页存档（MHT）"),
    (b"SQLite format", "数据库文件"),
)


def not_a_spreadsheet(found: str) -> Refusal:
    """The refusal of a file that is something else."""
    return Refusal(
        "file.not_a_spreadsheet",
        "该文件不是电子表格，无法读取。",
        clause="N4",
        found=found,
        expected="Excel 或 WPS 表格（.xlsx、.xls、.et、.ods），或 CSV 文本",
        mend=_SAVE_AS,
    )


def encrypted() -> Refusal:
    """The refusal of a file that wants a password."""
    return Refusal(
        "file.encrypted",
        "该文件设有打开密码，无法读取。",
        clause="N4",
        found="加密的电子表格",
        expected="没有密码的电子表格",
        mend="请在 Excel 或 WPS 中取消打开密码，保存后重新上传。",
    )


def damaged() -> Refusal:
    """The refusal of a file that is a spreadsheet by its outside only."""
    return Refusal(
        "file.damaged",
        "该文件已损坏，无法读取。",
        clause="N4",
        found="不完整或被改动的电子表格",
        mend=_SAVE_AS,
    )


def entities() -> Refusal:
    """The refusal of XML that declares what it doesn't need."""
    return Refusal(
        "file.bomb",
        "该文件内含实体定义，可能是恶意文件，未予读取。",
        clause="N4",
        found="XML 实体定义",
        expected="普通电子表格",
        mend=_SAVE_AS,
    )


def check_size(size: int, limits: Limits) -> None:
    """Raises Refusal for an empty or too large file, before a byte of it is read."""
    if size == 0:
        raise Refusal(
            "file.empty",
            "该文件是空文件。",
            clause="N4",
            found="0 字节",
            expected="填好的登记表或名单",
            mend="请重新选择文件。",
        )
    if size > limits.file_bytes:
        raise Refusal(
            "file.too_large",
            "该文件过大，未予读取。",
            clause="N4",
            found=f"{size / MEGABYTE:.0f} MB",
            expected=f"不超过 {limits.file_bytes // MEGABYTE} MB",
            mend="请删除文件中的图片和无关工作表后重新上传。",
        )


def check_container(file: BinaryIO, limits: Limits) -> str:
    """What the file is (``WORKBOOK``, ``TEXT``, ``HTML``, ``XML``); leaves it rewound.

    Raises Refusal unless it can hold a table and is of bearable size.
    """
    head = file.read(4096)
    if head.startswith(_ZIP):
        _check_zip(file, limits)
        kind = WORKBOOK
    elif head.startswith(_OLE):
        _check_ole(head + file.read())
        kind = WORKBOOK
    else:
        kind = _text_kind(head)
    file.seek(0)
    return kind


def _text_kind(head: bytes) -> str:
    for magic, name in _OTHER_KINDS:
        if head.startswith(magic):
            raise not_a_spreadsheet(name)
    plain = head
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        plain = head[: len(head) // 2 * 2].decode("utf-16", "replace").encode("utf-8", "replace")
    elif head[:400].count(b"\x00") > 80:  # the same without its mark
        wide = "utf-16-le" if head[1:2] == b"\x00" else "utf-16-be"
        plain = head[: len(head) // 2 * 2].decode(wide, "replace").encode("utf-8", "replace")
    plain = plain.removeprefix(b"\xef\xbb\xbf")
    low = plain.lstrip().lower()
    if low.startswith((b"<?xml", b"<workbook")):
        if b"office:spreadsheet" in low:
            return XML
        return HTML if b"<html" in low or b"<table" in low else _other_xml()
    if low.startswith(tuple(start.encode() for start in _HTML_STARTS)):
        return HTML
    if low.startswith(b"<"):
        return HTML if b"<table" in low else _other_xml()
    noise = sum(byte < 9 or 13 < byte < 27 or 27 < byte < 32 for byte in plain)
    if noise > len(plain) // 200 or not any(mark in plain for mark in _PARTING):
        raise not_a_spreadsheet("不明格式的文件")
    return TEXT


def _other_xml() -> str:
    raise not_a_spreadsheet("XML 文件")


def _check_ole(data: bytes) -> None:
    if _ENCRYPTED in data:
        raise encrypted()
    if _WORD in data:
        raise not_a_spreadsheet("Word 文档")


def _check_zip(file: BinaryIO, limits: Limits) -> None:
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            _check_parts(parts, limits)
            names = {part.filename.replace("\\", "/") for part in parts}
            if any(name.startswith("word/") for name in names):
                raise not_a_spreadsheet("Word 文档")
            if not any(name.endswith(("workbook.xml", "workbook.bin")) for name in names):
                if "content.xml" not in names:
                    raise not_a_spreadsheet("压缩包")
                _check_open_document(archive)
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    _check_prolog(archive, part)
    except UNZIPPING as error:
        raise damaged() from error


def _check_parts(parts: list[zipfile.ZipInfo], limits: Limits) -> None:
    unpacked = sum(part.file_size for part in parts)
    if unpacked > limits.unpacked_bytes or len(parts) > limits.parts:
        raise Refusal(
            "file.bomb",
            "该文件解压后过大，未予读取。",
            clause="N4",
            found=f"{unpacked / MEGABYTE:.0f} MB，{len(parts)} 个部分",
            expected=f"不超过 {limits.unpacked_bytes // MEGABYTE} MB",
            mend="请只把登记表的内容复制到一个新的工作簿后重新上传。",
        )
    if any(part.flag_bits & 1 for part in parts):
        raise encrypted()


def _check_open_document(archive: zipfile.ZipFile) -> None:
    if "META-INF/manifest.xml" in archive.namelist():
        with archive.open("META-INF/manifest.xml") as manifest:
            if b"encryption-data" in manifest.read(MEGABYTE):
                raise encrypted()


def _check_prolog(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """No part of a real spreadsheet declares entities; whoever does wants them expanded."""
    with archive.open(part) as stream:
        prolog = stream.read(2048).replace(b"\x00", b"")
    if b"<!ENTITY" in prolog or b"<!DOCTYPE" in prolog:
        raise entities()
