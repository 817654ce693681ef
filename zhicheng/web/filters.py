"""What a list can be narrowed by; the state is in the address."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_date

from zhicheng.database.containing import containing
from zhicheng.web.columns import Text


@dataclass(frozen=True)
class ChoiceFilter:
    """A drop-down: ``apply`` narrows by the chosen value, the field of that name by default."""

    name: str
    title: Text
    choices: Sequence[tuple[str, Text]] | Callable[[HttpRequest], Sequence[tuple[str, Text]]]
    apply: Callable[[QuerySet[Any], str], QuerySet[Any]] | None = None
    kind: str = "choice"

    def options(self, request: HttpRequest) -> Sequence[tuple[str, Text]]:
        """The values that can be chosen; looked up once for an answer."""
        if not callable(self.choices):
            return self.choices
        offered: dict[Any, Sequence[tuple[str, Text]]]
        offered = request.__dict__.setdefault("offered_choices", {})
        if self.choices not in offered:
            offered[self.choices] = self.choices(request)
        return offered[self.choices]

    def offers(self, value: str, request: HttpRequest) -> bool:
        """Whether the value can be chosen."""
        return value in {str(key) for key, _label in self.options(request)}

    def narrow(self, rows: QuerySet[Any], request: HttpRequest) -> QuerySet[Any]:
        """Rows with the chosen value; none where it isn't offered, for nothing here has it."""
        value = request.GET.get(self.name, "")
        if not value:
            return rows
        if not self.offers(value, request):
            return rows.none()
        return self.apply(rows, value) if self.apply else rows.filter(**{self.name: value})


@dataclass(frozen=True)
class DateFilter:
    """From and to: two dates, both included, on ``field``."""

    name: str
    title: Text
    lookup: str
    kind: str = "dates"

    def narrow(self, rows: QuerySet[Any], request: HttpRequest) -> QuerySet[Any]:
        """Rows between the two days; a malformed day is ignored."""
        first = parse_date(request.GET.get(f"{self.name}_from", "") or "")
        last = parse_date(request.GET.get(f"{self.name}_to", "") or "")
        if self.lookup.endswith("__date"):
            # The bounds as times: an index on the column knows no days.
            column, (begin, end) = self.lookup.removesuffix("__date"), _bounds(first, last)
            if begin:
                rows = rows.filter(**{f"{column}__gte": begin})
            return rows.filter(**{f"{column}__lt": end}) if end else rows
        if first:
            rows = rows.filter(**{f"{self.lookup}__gte": first})
        if last:
            rows = rows.filter(**{f"{self.lookup}__lte": last})
        return rows


def _bounds(first: date | None, last: date | None) -> tuple[datetime | None, datetime | None]:
    """The first moment of the first day and the first one after the last day."""
    try:
        after = last + timedelta(days=1) if last else None
    except OverflowError:
        after = None
    begin, end = (
        timezone.make_aware(datetime.combine(day, time.min)) if day and day.year > 1 else None
        for day in (first, after)
    )
    return begin, end


@dataclass(frozen=True)
class TextFilter:
    """A box for a part of one column's text, beside the general search."""

    name: str
    title: Text
    lookup: str
    kind: str = "text"

    def narrow(self, rows: QuerySet[Any], request: HttpRequest) -> QuerySet[Any]:
        """Rows that contain the text, whatever its case."""
        text = request.GET.get(self.name, "").strip()
        return rows.filter(containing(self.lookup, text)) if text else rows


Filter = ChoiceFilter | DateFilter | TextFilter
