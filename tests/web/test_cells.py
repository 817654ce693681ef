"""A list's cells: each in its column's form, and nothing of a row is ever taken for HTML."""

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils.safestring import SafeString
from django.utils.translation import override

from zhicheng.web.cells import Listed, cells, options
from zhicheng.web.columns import Column

HOSTILE = "<script>\"'&"
ESCAPED = "&lt;script&gt;&quot;&#x27;&amp;"


def cell(kind: str, value: Any, **more: Any) -> str:
    return cells(SimpleNamespace(it=value), [Column("标题", "it", kind=kind, **more)])


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("text", "李㛃", "<td>李㛃</td>"),
        ("text", None, "<td></td>"),
        ("text", 7, "<td>7</td>"),
        ("number", 0, '<td class="zc-number">0</td>'),
        ("code", "0012345", '<td class="zc-code">0012345</td>'),
        ("date", date(987, 3, 1), '<td class="zc-nowrap">0987-03-01</td>'),
        ("date", None, '<td class="zc-nowrap"></td>'),
        ("bool", True, "<td>是</td>"),
        ("bool", False, "<td>否</td>"),
        ("bool", None, "<td></td>"),
        ("badge", "", "<td></td>"),
        ("badge", "issued", '<td><span class="zc-badge zc-good">issued</span></td>'),
    ],
)
def test_each_kind_of_column_has_its_form(kind: str, value: Any, shown: str) -> None:
    with override("zh-hans"):
        assert cell(kind, value) == shown


def test_a_moment_is_shown_in_the_citys_time() -> None:
    moment = datetime(2026, 1, 1, 17, 5, tzinfo=UTC)
    assert cell("time", moment) == '<td class="zc-nowrap">2026-01-02 01:05</td>'
    assert cell("date", moment) == '<td class="zc-nowrap">2026-01-02</td>'


@pytest.mark.parametrize("kind", ["text", "code", "number", "badge"])
def test_what_a_row_holds_is_escaped(kind: str) -> None:
    assert ESCAPED in cell(kind, HOSTILE) and HOSTILE not in cell(kind, HOSTILE)


def test_a_link_is_escaped_and_left_out_where_a_row_has_none() -> None:
    assert f'<a href="/?{ESCAPED}">x</a>' in cell("text", "x", link=lambda _row: f"/?{HOSTILE}")
    assert cell("text", "x", link=lambda _row: "") == "<td>x</td>"


def test_what_can_be_chosen_is_escaped_and_the_chosen_one_marked() -> None:
    made = options([(1, HOSTILE), (HOSTILE, "乙")], "1")
    assert isinstance(made, SafeString)
    assert made == (
        f'<option value="1" selected>{ESCAPED}</option><option value="{ESCAPED}">乙</option>'
    )


def test_cells_are_made_only_for_pages_that_show_them() -> None:
    asked: list[Any] = []
    row = Listed("甲", [Column("标题", lambda value: asked.append(value) or value)])
    assert not asked
    assert row.words == ["甲"] and row.cells == "<td>甲</td>"
    assert len(asked) == 2
