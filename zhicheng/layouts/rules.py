"""What is asked of a layout and of who decides about it, and how two of them differ; pure."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from zhicheng.documents.certificate_sheet import LABELS
from zhicheng.documents.fitting import POINT
from zhicheng.documents.layout import Layout
from zhicheng.values.refusal import Conflict, Refusal

UNPRINTABLE = 4.0  # mm from the paper's edge that most laser printers leave white
KEYS = ("x", "y", "width", "height", "size", "min_size", "align", "valign", "fit", "label")
KEY_LABELS = {
    "x": "左",
    "y": "上",
    "width": "宽",
    "height": "高",
    "size": "字号",
    "min_size": "最小字号",
    "align": "水平对齐",
    "valign": "垂直对齐",
    "fit": "过长时",
    "label": "标签",
    "text": "文字",
    "title": "标题",
}
WORDS = {
    "left": "居左",
    "center": "居中",
    "right": "居右",
    "top": "靠上",
    "middle": "居中",
    "bottom": "靠下",
    "shrink": "缩小",
    "wrap": "换行",
}
QR, PHOTO, SHEET = "qr", "photo", "sheet"
Box = tuple[float, float, float, float]


def name_of(place: str) -> str:
    """How people call a place of the layout."""
    if place.startswith("mark"):
        return f"标注 {place.removeprefix('mark')}"
    return {QR: "二维码", PHOTO: "照片", SHEET: "空白证书"}.get(place) or LABELS[place]


@dataclass(frozen=True)
class Change:
    """One value that differs: ``by`` mm (or points) where both are numbers."""

    place: str
    key: str
    before: str
    after: str
    by: float | None

    @property
    def name(self) -> str:
        """The place for people."""
        return name_of(self.place)

    @property
    def label(self) -> str:
        """The key for people."""
        return KEY_LABELS.get(self.key, self.key)


def compare(before: Layout, after: Layout) -> list[Change]:
    """Every value that differs, in the order of the places; empty when none does."""
    old, new = dict(_values(before)), dict(_values(after))
    changes = []
    for at in dict.fromkeys([*old, *new]):
        one, other = old.get(at), new.get(at)
        if one == other:
            continue
        by = None
        if isinstance(one, float) and isinstance(other, float):
            by = round(other - one, 3)
        changes.append(Change(*at, _told(one), _told(other), by))
    return changes


def _values(layout: Layout) -> Iterator[tuple[tuple[str, str], Any]]:
    for key in ("title", "width", "height"):
        yield (SHEET, key), getattr(layout, key)
    for name in LABELS:
        field = next(field for field in layout.fields if field.name == name)
        for key in KEYS:
            yield (name, key), getattr(field, key)
    x, y, side = layout.qr
    yield from (((QR, "x"), x), ((QR, "y"), y), ((QR, "width"), side))
    if layout.photo is not None:
        for key, value in zip(("x", "y", "width", "height"), layout.photo, strict=True):
            yield (PHOTO, key), value
    for number, mark in enumerate(layout.marks, start=1):
        for key in ("text", "x", "y", "width", "height"):
            yield (f"mark{number}", key), getattr(mark, key)


def _told(value: Any) -> str:
    if value is None:
        return "无"
    return f"{value:g}" if isinstance(value, float) else WORDS.get(value, value)


def boxes(layout: Layout) -> dict[str, Box]:
    """What is printed, by place: x, y, width, height in mm."""
    found: dict[str, Box] = {f.name: (f.x, f.y, f.width, f.height) for f in layout.fields}
    found[QR] = (*layout.qr, layout.qr[2])
    if layout.photo is not None:
        found[PHOTO] = layout.photo
    return found


def overlap(one: Box, other: Box) -> bool:
    """Whether two boxes cover each other by more than a hair."""
    apart = 0.05
    return (
        one[0] + one[2] > other[0] + apart
        and other[0] + other[2] > one[0] + apart
        and one[1] + one[3] > other[1] + apart
        and other[1] + other[3] > one[1] + apart
    )


def overlaps(layout: Layout) -> list[tuple[str, str]]:
    """Pairs of places that lie on one another."""
    return [
        (one, other)
        for (one, a), (other, b) in combinations(boxes(layout).items(), 2)
        if overlap(a, b)
    ]


def near_the_edge(layout: Layout) -> list[str]:
    """Places that reach into the margin that many printers leave white."""
    return [
        place
        for place, (x, y, width, height) in boxes(layout).items()
        if min(x, y, layout.width - x - width, layout.height - y - height) < UNPRINTABLE
    ]


def too_small(layout: Layout) -> list[str]:
    """Fields whose box doesn't hold one line at its size, or one character at the least."""
    return [
        field.name
        for field in layout.fields
        if field.height + 0.005 < field.size * POINT or field.width < field.min_size * POINT
    ]


def require_usable(layout: Layout) -> None:
    """Refuses a layout that would print one thing upon another, or beyond its box."""
    small = too_small(layout)
    if small:
        raise Refusal(
            "layout.too_small",
            "版式中有的栏目比它的字还小，文字会印出框外，不能启用。",
            clause="N8",
            found="、".join(name_of(place) for place in small[:6]),
            expected="每栏的高度容得下一行字，宽度容得下一个字",
            mend="请在草稿中加高、加宽该栏，或减小字号后再启用。",
        )
    found = overlaps(layout)
    if found:
        raise Refusal(
            "layout.overlap",
            "版式中有的位置互相重叠，不能启用。",
            clause="N8",
            found="；".join(f"{name_of(a)}与{name_of(b)}" for a, b in found[:6]),
            expected="各栏、二维码和照片互不重叠",
            mend="请在草稿中移开后再启用。",
        )


def require_second_person(editors: Collection[int], account_id: int | None) -> None:
    """Whoever had a hand in a draft doesn't put it in use (N18)."""
    if account_id is not None and account_id in editors:
        raise Refusal(
            "layout.same_person",
            "起草或修改过该版式的人不能启用它。",
            clause="N18",
            found="起草人与启用人为同一账号",
            expected="另一名负责人",
            mend="请由没有修改过这一草稿的负责人核对后启用。",
        )


def require_revision(held: int, known: int, *, who: str, when: str) -> None:
    """Raises Conflict when somebody saved since the page was opened."""
    if held != known:
        raise Conflict(
            "layout.changed_meanwhile",
            "这一草稿刚被别人修改，您的修改没有保存。",
            found=f"{who} {when} 保存了第 {held} 次修订",
            expected=f"您打开页面时的第 {known} 次修订",
            mend="请先导出您的版式，刷新页面后在最新的草稿上修改。",
        )


def require_year(year: int, this_year: int) -> None:
    """Refuses a year of the blank that can't be meant."""
    if not 1990 <= year <= this_year + 1:
        raise Refusal(
            "layout.year",
            "印制年度不合常理。",
            clause="N8",
            found=str(year),
            expected=f"1990 至 {this_year + 1}",
            mend="印制年度是空白证书上的版本年度。",
        )


def told(changes: Sequence[Change], most: int = 40) -> list[str]:
    """The changes for an audit event."""
    lines = [f"{item.name} {item.label}：{item.before} → {item.after}" for item in changes[:most]]
    return lines + ([f"等 {len(changes)} 处"] if len(changes) > most else [])
