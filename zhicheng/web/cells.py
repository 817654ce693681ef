"""A list's cells as HTML.

Written here and not in the template: fifty rows of a dozen cells were thousands of template nodes,
and cost more than finding the rows among ten million.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import cached_property
from html import escape
from typing import Any

from django.utils.formats import localize
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import is_aware, localtime
from django.utils.translation import gettext

from zhicheng.web.badges import badge
from zhicheng.web.columns import Column, Text
from zhicheng.web.saying import say

_CLASSES = {"number": "zc-number", "code": "zc-code", "date": "zc-nowrap", "time": "zc-nowrap"}
_OPENINGS = {
    kind: mark_safe(f'<td class="{name}">')  # noqa: S308 - names of ours
    for kind, name in _CLASSES.items()
}
_PLAIN = mark_safe("<td>")


class Listed:
    """A row of a page as templates need it: ``row``, its ``words`` and its ``cells``."""

    def __init__(self, row: Any, columns: Sequence[Column]) -> None:
        self.row = row
        self.columns = columns

    @property
    def first(self) -> Any:
        """What people read in the first column: what the row is called."""
        return self.columns[0].words(self.row)

    @cached_property
    def words(self) -> list[Any]:
        """What people read in each column, as values."""
        return [column.words(self.row) for column in self.columns]

    @cached_property
    def cells(self) -> SafeString:
        """All ``<td>`` of the row."""
        return cells(self.row, self.columns)


def cells(row: Any, columns: Iterable[Column]) -> SafeString:
    """The ``<td>`` of a row, each in its column's form, escaped."""
    return mark_safe("".join(_cell(row, column) for column in columns))  # noqa: S308 - escaped parts


def _cell(row: Any, column: Column) -> str:
    shown = _shown(row, column)
    link = column.link(row) if column.link else ""
    if link:
        shown = f'<a href="{_escaped(link)}">{shown}</a>'
    return f"{_OPENINGS.get(column.kind, _PLAIN)}{shown}</td>"


def _shown(row: Any, column: Column) -> str:
    words = column.words(row)
    if words is None:
        return ""
    if column.kind == "badge":
        return badge(column.of(row), words) if words else ""
    if column.kind in ("date", "time"):
        return _moment(words, with_time=column.kind == "time")
    if column.kind == "bool":
        return gettext("是") if words else gettext("否")
    return _escaped(words if isinstance(words, str) else localize(words))


def _moment(value: Any, *, with_time: bool) -> str:
    """A day, or a moment in the city's time; nothing where there is neither."""
    if isinstance(value, datetime):
        here = localtime(value) if is_aware(value) else value
        return f"{here.date().isoformat()} {here:%H:%M}" if with_time else here.date().isoformat()
    return value.isoformat() if isinstance(value, date) else ""


def options(offered: Iterable[tuple[Any, Text]], chosen: str) -> SafeString:
    """The ``<option>`` of what can be chosen."""
    return mark_safe(  # noqa: S308 - escaped parts
        "".join(
            f'<option value="{_escaped(value)}"{" selected" if str(value) == chosen else ""}>'
            f"{_escaped(say(label))}</option>"
            for value, label in offered
        )
    )


def _escaped(value: object) -> str:
    """As Django's ``conditional_escape``, without its care for texts that are read later."""
    return value if isinstance(value, SafeString) else escape(str(value))
