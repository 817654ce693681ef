"""Where the data of a certificate stand on its pre-printed blank: read from a small file."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zhicheng.values.refusal import Refusal

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
    """A blank: its grade, size in mm, fields, and the QR code's corner and side in mm."""

    grade: str
    title: str
    width: float
    height: float
    fields: tuple[Field, ...]
    qr: tuple[float, float, float]
    marks: tuple[Mark, ...]


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
        content = tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _wrong(file, "全文", str(error), "符合 TOML 格式的 UTF-8 文本") from error
    return _parse(file, grade, content)


def _parse(file: Path, grade: str, content: Mapping[str, Any]) -> Layout:
    if content.get("grade") != grade:
        raise _wrong(file, "grade", str(content.get("grade")), grade)
    width = _number(file, "width", content, 50, 450)
    height = _number(file, "height", content, 50, 450)
    defaults = content.get("defaults", {})
    fields = []
    for entry in content.get("field", []):
        merged = {"label": "", "min_size": 6, "fit": "shrink", "align": "left"}
        merged |= {"valign": "middle", **defaults, **entry}
        fields.append(_field(file, merged, width, height))
    names = [field.name for field in fields]
    if sorted(names) != sorted(FIELDS):
        wrong = sorted(set(FIELDS) ^ set(names)) or sorted({n for n in names if names.count(n) > 1})
        raise _wrong(file, "[[field]]", "、".join(wrong), "每个栏目出现一次，且只出现一次")
    code = content.get("qr", {})
    side = _number(file, "qr.size", code, 22, 60)
    corner = (
        _number(file, "qr.x", code, 0, width - side),
        _number(file, "qr.y", code, 0, height - side),
    )
    marks = tuple(
        Mark(
            str(entry.get("text", "")),
            *(_number(file, f"mark.{key}", entry, 0, 450) for key in ("x", "y", "width", "height")),
        )
        for entry in content.get("mark", [])
    )
    return Layout(
        grade, str(content.get("title", "")), width, height, tuple(fields), (*corner, side), marks
    )


def _field(file: Path, entry: Mapping[str, Any], width: float, height: float) -> Field:
    name = str(entry.get("name"))
    unknown = set(entry) - _FIELD_KEYS
    if unknown:
        raise _wrong(file, name, "、".join(sorted(unknown)), "、".join(sorted(_FIELD_KEYS)))
    for key, choices in _CHOICES.items():
        if entry[key] not in choices:
            raise _wrong(file, f"{name}.{key}", str(entry[key]), " / ".join(choices))
    x = _number(file, f"{name}.x", entry, 0, width)
    y = _number(file, f"{name}.y", entry, 0, height)
    min_size = _number(file, f"{name}.min_size", entry, 4, 72)
    return Field(
        name=name,
        label=str(entry["label"]),
        x=x,
        y=y,
        width=_number(file, f"{name}.width", entry, 1, width - x),
        height=_number(file, f"{name}.height", entry, 1, height - y),
        size=_number(file, f"{name}.size", entry, min_size, 72),
        min_size=min_size,
        align=entry["align"],
        valign=entry["valign"],
        fit=entry["fit"],
    )


def _number(file: Path, where: str, entry: Mapping[str, Any], low: float, high: float) -> float:
    value = entry.get(where.rsplit(".", 1)[-1])
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise _wrong(file, where, str(value), f"{low:g} 至 {high:g} 之间的数")
    return float(value)


def _wrong(file: Path, where: str, found: str, expected: str) -> Refusal:
    return Refusal(
        "documents.layout",
        f"套打位置文件 {file.name} 的 {where} 有误。",
        found=found,
        expected=expected,
        mend="请按该文件开头的说明更正后再打印。",
    )
