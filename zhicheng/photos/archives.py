"""The pictures of a bulk upload: files and ZIP archives of files, read within limits."""

import io
import zipfile
import zlib
from collections.abc import Iterable

from zhicheng.photos.pictures import LARGEST
from zhicheng.spreadsheets.limits import MEGABYTE
from zhicheng.values.refusal import Refusal
from zhicheng.values.text import hide_id_numbers

MOST_FILES = 300
MOST_BYTES = 300 * MEGABYTE
_UTF8 = 0x800


def pictures(files: Iterable[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    """Name and content of each file, archives unpacked; folders and system files left out.

    A file that is larger than a photo may be comes with a byte more than that, to be refused by
    its own rule. Raises Refusal for an archive that can't be read, or for too much.
    """
    found: list[tuple[str, bytes]] = []
    total = 0
    for name, content in files:
        inside = _unpacked(name, content) if content[:4] == b"PK\x03\x04" else [(name, content)]
        for each in inside:
            found.append(each)
            total += len(each[1])
            require_not_too_much(len(found), total)
    return found


def require_not_too_much(files: int, total: int) -> None:
    """Raises Refusal for more files or bytes than one upload may have, packed or unpacked."""
    if files > MOST_FILES or total > MOST_BYTES:
        raise Refusal(
            "photo.too_many",
            "一次上传的照片太多，没有保存任何一张。",
            found=f"{MOST_FILES} 个以上" if files > MOST_FILES else f"{total // MEGABYTE} MB 以上",
            expected=f"不超过 {MOST_FILES} 个、共 {MOST_BYTES // MEGABYTE} MB",
            mend="请分几次上传。",
        )


def _unpacked(name: str, content: bytes) -> Iterable[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for entry in archive.infolist():
                if entry.is_dir() or _of_the_system(_name(entry)):
                    continue
                with archive.open(entry) as file:
                    yield _name(entry), file.read(LARGEST + 1)
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        RuntimeError,
        EOFError,
        OSError,
        zlib.error,
    ) as error:
        raise Refusal(
            "photo.archive",
            "压缩包无法解开，没有保存任何一张照片。",
            found=hide_id_numbers(name)[:60],
            expected="未加密、完整的 ZIP 压缩包",
            mend="请重新压缩后上传，或直接选择多张照片。",
        ) from error


def _name(entry: zipfile.ZipInfo) -> str:
    """Windows in China writes names in GBK and says nothing; Python takes them for cp437."""
    if entry.flag_bits & _UTF8:
        return entry.filename
    try:
        raw = entry.filename.encode("cp437")
    except UnicodeEncodeError:
        return entry.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return entry.filename


def _of_the_system(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return (
        parts[0] == "__MACOSX"
        or parts[-1].startswith(".")
        or parts[-1]
        in (
            "Thumbs.db",
            "desktop.ini",
        )
    )
