"""A list's columns: what each is called, what it shows, by what it sorts."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db.models import F, Model
from django.utils.functional import Promise

Text = str | Promise
_DISPLAY = re.compile("get_(.+)_display")


@dataclass(frozen=True)
class Column:
    """A column: what it is called, what it shows, by what it sorts.

    ``value`` is an attribute path (``"issuing_unit.name"``) or a function of the row; ``sort``
    the expression for ORDER BY, empty when it can't be sorted; ``kind`` is text, code (a number
    or name that is never broken over lines), number, date, time, bool or badge (then ``value``
    gives the state and ``label`` its words); ``link`` gives the address of the row's page.
    """

    title: Text
    value: str | Callable[[Any], Any]
    sort: str = ""
    kind: str = "text"
    label: str | Callable[[Any], Any] = ""
    link: Callable[[Any], str] | None = None

    def of(self, row: Any) -> Any:
        """The column's value of a row."""
        return _resolve(self.value, row)

    def words(self, row: Any) -> Any:
        """What people read: the label of a badge, else the value."""
        return _resolve(self.label, row) if self.label else self.of(row)

    def order(self, *, descending: bool, always: bool = False) -> list[Any]:
        """The ORDER BY of this column; days that are still open come last either way.

        Where there ``always`` is one, the order is that of a plain index.
        """
        if descending and self.kind in ("date", "time") and not always:
            return [F(self.sort).desc(nulls_last=True), "pk"]
        # Backwards in the last word too: then it is the same index, read from its end.
        return [f"-{self.sort}", "-pk"] if descending else [self.sort, "pk"]


def _resolve(path: str | Callable[[Any], Any], row: Any) -> Any:
    if callable(path):
        return path(row)
    value = row
    for name in path.split("."):
        display = _DISPLAY.fullmatch(name)
        if display and isinstance(value, Model):
            code = getattr(value, display[1])
            return _labels(type(value), display[1]).get(code, code)
        value = getattr(value, name, None)
        if value is None:
            return None
        if callable(value):
            value = value()
    return value


@cache
def _labels(model: type[Model], name: str) -> dict[Any, Any]:
    """The words of a field's choices: Django's own ``get_…_display`` hashes them all each time."""
    return dict(model._meta.get_field(name).flatchoices)  # type: ignore[union-attr]
