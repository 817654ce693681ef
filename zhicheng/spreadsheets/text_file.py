"""Text files as Excel, WPS and other systems export them: commas, tabs, any usual encoding."""

import csv
import io
import re

from zhicheng.spreadsheets.plain import PlainSheet
from zhicheng.values.refusal import Refusal

HEAD_LINES = 60
_PARTS = 4  # delimiters in a line that can be a header
_DELIMITERS = {",": "逗号", "\t": "制表符", ";": "分号", "|": "竖线", "，": "全角逗号"}
_DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_\-]+)""")
_LONGEST_CELL = 32_767  # Excel's own
# ="500103…" is how exports tell Excel that digits are text; the text is taken, nothing computed.
_AS_TEXT = re.compile(r'="([^"]*)"')
# Python's codec still gives private-use characters for what GB 18030-2022 has as real ones; in a
# file of that encoding the bytes can mean nothing else.
_GB18030_2022 = str.maketrans(
    "\ue78d\ue78e\ue78f\ue790\ue791\ue792\ue793\ue794\ue795\ue796\ue7c7"
    "\ue81e\ue826\ue82b\ue82c\ue832\ue843\ue854\ue864",
    "\ufe10\ufe12\ufe11\ufe13\ufe14\ufe15\ufe16\ufe17\ufe18\ufe19\u1e3f"
    "\u9fb4\u9fb5\u9fb6\u9fb7\u9fb8\u9fb9\u9fba\u9fbb",
)


def decode(data: bytes) -> str:
    """The file's text: by its mark, by what it declares, as UTF-8, or as GB 18030 (and GBK)."""
    for mark, name in (
        (b"\xef\xbb\xbf", "utf-8-sig"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if data.startswith(mark):
            return _decoded(data, name)
    nulls = data[:2000].count(b"\x00")
    if nulls > len(data[:2000]) // 5:
        return _decoded(data, "utf-16-le" if data[1:2] == b"\x00" else "utf-16-be")
    declared = _DECLARED.search(data[:2000])
    if declared is not None and declared[1].lower() in (b"gb2312", b"gbk", b"gb18030"):
        return _decoded(data, "gb18030")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _decoded(data, "gb18030")


def _decoded(data: bytes, encoding: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Refusal(
            "file.encoding",
            "该文件的文字编码无法识别。",
            clause="N4",
            expected="UTF-8、GBK 或 GB 18030 编码的文本，或 Excel、WPS 表格",
            mend="请用 Excel 或 WPS 打开该文件，另存为 .xlsx 后重新上传。",
        ) from error
    return text.translate(_GB18030_2022) if encoding == "gb18030" else text


def read(data: bytes) -> list[PlainSheet]:
    """The text as a sheet, once for every delimiter that parts one of its first lines well.

    Whoever looks for a header finds it in the one that was parted rightly.
    """
    text = decode(data)
    head = text[: 200 * HEAD_LINES]
    return [
        _parted(text, delimiter, name)
        for delimiter, name in _DELIMITERS.items()
        if any(line.count(delimiter) >= _PARTS for line in head.splitlines())
    ] or [_parted(text, ",", "逗号")]


def _parted(text: str, delimiter: str, name: str) -> PlainSheet:
    sheet = PlainSheet(f"文本（以{name}分隔）")
    csv.field_size_limit(_LONGEST_CELL)
    try:
        for number, cells in enumerate(
            csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), start=1
        ):
            if any(len(cell) > 1000 and cell.count("\n") > 5 for cell in cells):
                raise _open_quote()
            if cells:
                sheet.lines.append((number, [_text(cell) for cell in cells]))
    except csv.Error as error:
        raise _open_quote() from error
    return sheet


def _text(cell: str) -> str:
    if cell.startswith('="'):
        match = _AS_TEXT.fullmatch(cell)
        if match is not None:
            return match[1]
    return cell


def _open_quote() -> Refusal:
    """A quotation mark without its end would swallow the lines after it without a word."""
    return Refusal(
        "file.damaged",
        "该文本文件中有引号没有成对，无法分清各行。",
        clause="N4",
        found="没有结束的引号",
        mend="请用 Excel 或 WPS 打开该文件，另存为 .xlsx 后重新上传。",
    )
