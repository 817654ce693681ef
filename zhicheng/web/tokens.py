"""The design language's values, read from the style sheet itself, with their contrast (WCAG)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SHEET = Path(__file__).resolve().parent / "static" / "web" / "zhicheng.css"
# Each colour of text or lines, the ground that it stands on, and what it is for.
PAIRS: tuple[tuple[str, str, str | Promise], ...] = (
    ("text", "card", _("正文")),
    ("text", "paper", _("标题和页面说明")),
    ("muted", "card", _("次要文字")),
    ("muted", "paper", _("页面说明")),
    ("muted", "idle-soft", _("表头、停用的状态")),
    ("ink", "card", _("链接、当前栏目")),
    ("ink", "ink-soft", _("菜单的当前项")),
    ("good", "good-soft", _("办成的状态")),
    ("wait", "wait-soft", _("等候的状态、提醒")),
    ("bad", "bad-soft", _("退回、错误、拒绝")),
    ("move", "move-soft", _("办理中的状态")),
)
SIZES: tuple[tuple[str, str, str | Promise], ...] = (
    ("1.25rem / 600", "h1", _("页面标题，每页一个")),
    ("0.98rem / 600", "h2", _("卡片标题")),
    ("0.875rem / 400", "body", _("正文、表单")),
    ("0.845rem / 400", "table", _("表格，等宽数字")),
    ("0.78rem / 500", "badge", _("状态")),
    ("0.72rem / 400", "note", _("条款、步骤附注")),
)
SPACES: tuple[tuple[str, str | Promise], ...] = (
    ("0.35rem", _("同一组内")),
    ("0.5rem", _("按钮之间、标签与栏")),
    ("0.85rem", _("卡片之间、卡片内边距")),
    ("1.25rem", _("页面两侧（手机 0.75rem）")),
)


@dataclass(frozen=True)
class Pair:
    """A text colour on its ground, light and dark."""

    name: str
    ground: str
    use: str | Promise
    light: tuple[str, str]
    dark: tuple[str, str]

    @property
    def light_contrast(self) -> str:
        """As it is written: 7.4."""
        return f"{contrast(*self.light):.1f}"

    @property
    def dark_contrast(self) -> str:
        """The same in the dark."""
        return f"{contrast(*self.dark):.1f}"


@cache
def values() -> tuple[Mapping[str, str], Mapping[str, str]]:
    """The colours of the light and of the dark theme, by name without ``--zc-``."""
    sheet = SHEET.read_text(encoding="utf-8")
    light = dict(re.findall(r"--zc-([\w-]+): (#\w+);", sheet.split("}", 1)[0]))
    dark_block = sheet.split('[data-bs-theme="dark"] {', 1)[1].split("}", 1)[0]
    return light, {**light, **dict(re.findall(r"--zc-([\w-]+): (#\w+);", dark_block))}


def pairs() -> list[Pair]:
    """All pairs with their values of both themes."""
    light, dark = values()
    return [
        Pair(name, ground, use, (light[name], light[ground]), (dark[name], dark[ground]))
        for name, ground, use in PAIRS
    ]


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours (WCAG 2.2)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
