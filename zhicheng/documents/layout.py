"""Where the data of a certificate stand on its pre-printed blank: read from a small text (TOML)."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zhicheng.values.refusal import Refusal
from zhicheng.values.text import hide_id_numbers

LAYOUTS = Path(__file__).resolve().parent / "layouts"
GRADES = ("senior", "intermediate", "junior")
FIELDS = (
    "name",
    "sex",
    "id_number",
    "work_unit",
    "number",
    "specialty",
    "qualification",
    "level",
    "approval_date",
    "document_number",
    "approving_department",
    "issuing_unit",
    "blank_serial",
)
_CHOICES = {
    "align": ("left", "center", "right"),
    "valign": ("top", "middle", "bottom"),
    "fit": ("shrink", "wrap"),
}
_BOX = ("x", "y", "width", "height")
_LONGEST_TEXT = 60
_MOST = 60
_TOML = "符合 TOML 格式的 UTF-8 文本"
_FIELD_KEYS = {"name", "label", "x", "y", "width", "height", "size", "min_size", *_CHOICES}


@dataclass(frozen=True)
class Field:
    """One box of the layout: mm from the blank's top left corner, sizes in points."""

    name: str
    label: str
    x: float
    y: float
    width: float
    height: float
    size: float
    min_size: float
    align: str
    valign: str
    fit: str


@dataclass(frozen=True)
class Mark:
    """A place that the preview alone names: photo, seals."""

    text: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Layout:
    """A blank: its grade, size in mm, fields, the QR code's corner and side in mm.

    ``photo`` is the box (x, y, width, height) that a photo is printed into, where there is one.
    """

    grade: str
    title: str
    width: float
    height: float
    fields: tuple[Field, ...]
    qr: tuple[float, float, float]
    marks: tuple[Mark, ...]
    photo: tuple[float, float, float, float] | None = None


def load_layout(grade: str, folder: Path | None = None) -> Layout:
    """The layout of a grade ("senior", "intermediate", "junior").

    Read from ``<folder>/<grade>.toml`` where the office has its own, else from the one that
    comes with the product. Raises Refusal naming the file and the entry that is wrong.
    """
    if grade not in GRADES:
        raise ValueError(f"no such grade: {grade}")
    own = folder / f"{grade}.toml" if folder else None
    file = own if own and own.is_file() else LAYOUTS / f"{grade}.toml"
    try:
        text = file.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise _wrong(file.name, "全文", str(error), _TOML) from error
    return parse_layout(text, grade, file.name)


def parse_layout(text: str, grade: str, source: str = "") -> Layout:
    """The layout that a text in TOML describes; ``source`` names it in refusals.

    Raises Refusal naming the entry that is wrong.
    """
    try:
        content = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # also endless numbers, brackets in brackets
        raise _wrong(source, "全文", str(error), _TOML) from error
    return layout_of(content, grade, source)


def layout_of(content: Mapping[str, Any], grade: str, source: str = "") -> Layout:
    """The layout that a mapping of the same shape describes, as the database keeps it."""
    return _parse(source, grade, content)


def content_of(layout: Layout) -> dict[str, Any]:
    """The layout as a mapping in the shape of the file: ``layout_of`` gives it back."""
    x, y, side = layout.qr
    content: dict[str, Any] = {
        "grade": layout.grade,
        "title": layout.title,
        "width": layout.width,
        "height": layout.height,
        "field": [dict(vars(field)) for field in layout.fields],
        "qr": {"x": x, "y": y, "size": side},
        "mark": [dict(vars(mark)) for mark in layout.marks],
    }
    if layout.photo is not None:
        content["photo"] = dict(zip(_BOX, layout.photo, strict=True))
    return content


def export_layout(layout: Layout) -> str:
    """The layout as TOML: ``parse_layout`` gives it back, to the last digit."""
    content = content_of(layout)
    lines = ["# 单位：毫米，从空白证书左上角量起；字号为磅。"]
    lines += [f"{key} = {_toml(content[key])}" for key in ("grade", "title", "width", "height")]
    tables = [("[[field]]", entry) for entry in content["field"]]
    tables += [("[qr]", content["qr"])]
    tables += [("[photo]", content["photo"])] if "photo" in content else []
    tables += [("[[mark]]", entry) for entry in content["mark"]]
    for head, entry in tables:
        lines += ["", head, *(f"{key} = {_toml(value)}" for key, value in entry.items())]
    return "\n".join(lines) + "\n"


def _toml(value: str | float) -> str:
    if not isinstance(value, str):
        text = repr(float(value))
        return text.removesuffix(".0")
    # JSON's escapes are TOML's, but for DEL, which TOML wants escaped as well.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _parse(source: str, grade: str, content: Mapping[str, Any]) -> Layout:
    if content.get("grade") != grade:
        raise _wrong(source, "grade", str(content.get("grade")), grade)
    width = _number(source, "width", content, 50, 450)
    height = _number(source, "height", content, 50, 450)
    defaults = _table(source, "[defaults]", content.get("defaults", {}))
    fields = []
    for entry in _tables(source, "[[field]]", content.get("field", [])):
        merged = {"label": "", "min_size": 6, "fit": "shrink", "align": "left"}
        merged |= {"valign": "middle", **defaults, **entry}
        fields.append(_field(source, merged, width, height))
    names = [field.name for field in fields]
    if sorted(names) != sorted(FIELDS):
        wrong = sorted(set(FIELDS) ^ set(names)) or sorted({n for n in names if names.count(n) > 1})
        raise _wrong(source, "[[field]]", "、".join(wrong), "每个栏目出现一次，且只出现一次")
    code = _table(source, "[qr]", content.get("qr", {}))
    side = _number(source, "qr.size", code, 22, 60)
    corner = (
        _number(source, "qr.x", code, 0, width - side),
        _number(source, "qr.y", code, 0, height - side),
    )
    marks = tuple(
        Mark(
            _text(source, "mark.text", entry),
            *(_number(source, f"mark.{key}", entry, 0, 450) for key in _BOX),
        )
        for entry in _tables(source, "[[mark]]", content.get("mark", []))
    )
    return Layout(
        grade,
        _text(source, "title", content),
        width,
        height,
        tuple(fields),
        (*corner, side),
        marks,
        _photo(source, content.get("photo"), width, height),
    )


def _photo(
    source: str, value: Any, width: float, height: float
) -> tuple[float, float, float, float] | None:
    if value is None:
        return None
    entry = _table(source, "[photo]", value)
    x = _number(source, "photo.x", entry, 0, width)
    y = _number(source, "photo.y", entry, 0, height)
    return (
        x,
        y,
        _number(source, "photo.width", entry, 10, width - x),
        _number(source, "photo.height", entry, 10, height - y),
    )


def _field(source: str, entry: Mapping[str, Any], width: float, height: float) -> Field:
    name = str(entry.get("name"))
    unknown = set(entry) - _FIELD_KEYS
    if unknown:
        raise _wrong(source, name, "、".join(sorted(unknown)), "、".join(sorted(_FIELD_KEYS)))
    for key, choices in _CHOICES.items():
        if entry[key] not in choices:
            raise _wrong(source, f"{name}.{key}", str(entry[key]), " / ".join(choices))
    x = _number(source, f"{name}.x", entry, 0, width)
    y = _number(source, f"{name}.y", entry, 0, height)
    min_size = _number(source, f"{name}.min_size", entry, 4, 72)
    return Field(
        name=name,
        label=_text(source, f"{name}.label", entry),
        x=x,
        y=y,
        width=_number(source, f"{name}.width", entry, 1, width - x),
        height=_number(source, f"{name}.height", entry, 1, height - y),
        size=_number(source, f"{name}.size", entry, min_size, 72),
        min_size=min_size,
        align=entry["align"],
        valign=entry["valign"],
        fit=entry["fit"],
    )


def _number(source: str, where: str, entry: Mapping[str, Any], low: float, high: float) -> float:
    value = entry.get(where.rsplit(".", 1)[-1])
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise _wrong(source, where, str(value), f"{low:g} 至 {high:g} 之间的数")
    return float(value)


def _text(source: str, where: str, entry: Mapping[str, Any]) -> str:
    value = entry.get(where.rsplit(".", 1)[-1], "")
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT or not value.isprintable():
        raise _wrong(source, where, str(value), f"一行以内的文字，至多 {_LONGEST_TEXT} 字")
    if hide_id_numbers(value) != value:
        raise _wrong(source, where, hide_id_numbers(value), "不含身份证号码的文字")
    return value


def _table(source: str, where: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise _wrong(source, where, type(value).__name__, "一组名称和值")
    return value


def _tables(source: str, where: str, value: Any) -> list[Mapping[str, Any]]:
    if not isinstance(value, list) or len(value) > _MOST:
        raise _wrong(source, where, type(value).__name__, f"至多 {_MOST} 组名称和值")
    return [_table(source, where, item) for item in value]


def _wrong(source: str, where: str, found: str, expected: str) -> Refusal:
    shown = hide_id_numbers(found)[:200]
    found = "".join(char if char.isprintable() else "�" for char in shown)
    named = f"文件 {source} " if source else ""
    return Refusal(
        "documents.layout",
        f"套打位置{named}的 {where} 有误。",
        found=found,
        expected=expected,
        mend="请更正后重试；各项的含义见产品自带的 senior.toml 开头。",
    )
