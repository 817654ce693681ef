"""One way to show a list: filter, search, sort, page and export to Excel, state in the address.

A list page subclasses :class:`ListPage`, names its columns and filters, and gives its queryset,
already narrowed to what the account may see. ID numbers never stand in an address: a search text
that looks like one is refused.
"""

import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar

import xlsxwriter
from django.contrib.auth.mixins import LoginRequiredMixin
from django.db.models import Model, Q, QuerySet
from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views import View

from zhicheng.audit.recording import recorded
from zhicheng.organizations.guard import might, require
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.values.refusal import Refusal

PAGE_SIZE = 50
COUNTED = 100_000
EXPORTED = 200_000
_ID_NUMBER = re.compile(r"\d{15}|\d{17}[\dXx]")

Text = str | Promise


@dataclass(frozen=True)
class Column:
    """A column: what it is called, what it shows, by what it sorts.

    ``value`` is an attribute path (``"issuing_unit.name"``) or a function of the row; ``sort``
    the expression for ORDER BY, empty when it can't be sorted; ``kind`` is text, number, date,
    time or badge (then ``value`` gives the state and ``label`` its words); ``link`` gives the
    address of the row's page.
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


def _resolve(path: str | Callable[[Any], Any], row: Any) -> Any:
    if callable(path):
        return path(row)
    value = row
    for name in path.split("."):
        value = getattr(value, name, None)
        if value is None:
            return None
        if callable(value):
            value = value()
    return value


@dataclass(frozen=True)
class ChoiceFilter:
    """A drop-down: ``apply`` narrows by the chosen value, the field of that name by default."""

    name: str
    title: Text
    choices: Sequence[tuple[str, Text]] | Callable[[HttpRequest], Sequence[tuple[str, Text]]]
    apply: Callable[[QuerySet[Any], str], QuerySet[Any]] | None = None
    kind: str = "choice"

    def options(self, request: HttpRequest) -> Sequence[tuple[str, Text]]:
        """The values that can be chosen."""
        return self.choices(request) if callable(self.choices) else self.choices

    def narrow(self, rows: QuerySet[Any], request: HttpRequest) -> QuerySet[Any]:
        """Rows with the chosen value; an unknown value is ignored."""
        value = request.GET.get(self.name, "")
        if not value or value not in {str(key) for key, _label in self.options(request)}:
            return rows
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
        if first:
            rows = rows.filter(**{f"{self.lookup}__gte": first})
        if last:
            rows = rows.filter(**{f"{self.lookup}__lte": last})
        return rows


@dataclass
class Page:
    """One page of a list, as the template needs it."""

    rows: list[Any]
    number: int
    count: int
    counted_all: bool
    size: int = PAGE_SIZE
    headers: list[dict[str, Any]] = field(default_factory=list)

    @property
    def pages(self) -> int:
        """How many pages there are, as far as was counted."""
        return max(1, -(-self.count // self.size))

    @property
    def first(self) -> int:
        """The number of the page's first row."""
        return (self.number - 1) * self.size + 1 if self.rows else 0

    @property
    def last(self) -> int:
        """The number of the page's last row."""
        return (self.number - 1) * self.size + len(self.rows)


class ListPage(LoginRequiredMixin, View):
    """A list of model rows. Subclasses set the class attributes and ``get_queryset``."""

    title: Text = ""
    purpose: Text = ""
    clause: str = ""
    template_name = "web/list.html"
    action: Action | None = None
    columns: ClassVar[Sequence[Column]] = ()
    filters: ClassVar[Sequence[ChoiceFilter | DateFilter]] = ()
    search_fields: ClassVar[Sequence[str]] = ()
    search_hint: Text = ""
    default_sort: ClassVar[Sequence[str]] = ("-pk",)
    empty_title: Text = ""
    empty_text: Text = ""
    export_name = "export"

    def get_queryset(self) -> QuerySet[Any]:
        """The rows that ``self.account`` may see."""
        raise ValueError("a list page gives its rows")

    def extra_context(self) -> dict[str, Any]:
        """More for the template: buttons, tiles."""
        return {}

    @property
    def account(self) -> Account:
        """Whoever is logged in."""
        assert isinstance(self.request.user, Account)
        return self.request.user

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Asks the permission table before anything is read."""
        known = self.action is not None and isinstance(request.user, Account)
        if known and self.action is not None and not might(request.user, self.action):
            require(request.user, self.action)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponseBase:
        """The page, the changed part of it, or the Excel file."""
        rows = self._narrowed(request)
        rows, sort = self._sorted(rows, request)
        if request.GET.get("export") == "xlsx":
            return self._export(rows)
        return render(
            request,
            self.template_name,
            {
                "list": self,
                "page": self._page(rows, request, sort),
                "filters": self._filter_fields(request),
                "search": request.GET.get("q", ""),
                **self.extra_context(),
            },
        )

    def _narrowed(self, request: HttpRequest) -> QuerySet[Any]:
        rows = self.get_queryset()
        for item in self.filters:
            rows = item.narrow(rows, request)
        text = request.GET.get("q", "").strip()
        if text and self.search_fields:
            if _ID_NUMBER.search(text.replace(" ", "")):
                raise Refusal(
                    "list.id_number_in_search",
                    _("身份证号码不能用于列表搜索，以免留在网址和日志里。"),
                    clause="N18",
                    expected=_("姓名、证书编号或登记表编号"),
                )
            wanted = Q()
            for name in self.search_fields:
                wanted |= Q(**{f"{name}__icontains": text})
            rows = rows.filter(wanted)
        return rows

    def _sorted(self, rows: QuerySet[Any], request: HttpRequest) -> tuple[QuerySet[Any], str]:
        wanted = request.GET.get("sort", "")
        known = {column.sort for column in self.columns if column.sort}
        if wanted.lstrip("-") in known:
            return rows.order_by(wanted, "pk"), wanted
        return rows.order_by(*self.default_sort), ""

    def _page(self, rows: QuerySet[Any], request: HttpRequest, sort: str) -> Page:
        # Counting stops early: nobody pages through ten million rows, they filter.
        count = rows.order_by()[: COUNTED + 1].count()
        text = request.GET.get("page", "1")
        number = max(1, int(text) if text.isdigit() and len(text) < 9 else 1)
        number = min(number, max(1, -(-min(count, COUNTED) // PAGE_SIZE)))
        start = (number - 1) * PAGE_SIZE
        headers = [
            {
                "title": column.title,
                "kind": column.kind,
                "sort": column.sort,
                "next": f"-{column.sort}" if sort == column.sort else column.sort,
                "order": {column.sort: "ascending", f"-{column.sort}": "descending"}.get(sort, "")
                if column.sort
                else "",
            }
            for column in self.columns
        ]
        shown = [
            {
                "row": row,
                "cells": [
                    {
                        "value": column.of(row),
                        "words": column.words(row),
                        "kind": column.kind,
                        "link": column.link(row) if column.link else "",
                    }
                    for column in self.columns
                ],
            }
            for row in rows[start : start + PAGE_SIZE]
        ]
        return Page(shown, number, min(count, COUNTED), count <= COUNTED, headers=headers)

    def _filter_fields(self, request: HttpRequest) -> list[dict[str, Any]]:
        fields: list[dict[str, Any]] = []
        for item in self.filters:
            common = {"name": item.name, "title": item.title, "kind": item.kind}
            if isinstance(item, ChoiceFilter):
                fields.append(
                    {
                        **common,
                        "options": item.options(request),
                        "chosen": request.GET.get(item.name, ""),
                    }
                )
            else:
                fields.append(
                    {
                        **common,
                        "from": request.GET.get(f"{item.name}_from", ""),
                        "to": request.GET.get(f"{item.name}_to", ""),
                    }
                )
        return fields

    def _export(self, rows: QuerySet[Model]) -> HttpResponseBase:
        require(self.account, Action.LIST_EXPORT)
        count = rows.order_by()[: EXPORTED + 1].count()
        if count > EXPORTED:
            raise Refusal(
                "list.export_too_large",
                _("要导出的行数太多。"),
                found=f"> {EXPORTED}",
                expected=f"≤ {EXPORTED}",
                mend=_("请先用筛选条件缩小范围。"),
            )
        with recorded(self.account, Action.LIST_EXPORT) as record:
            record(data={"list": str(self.title), "count": count})
        stream = workbook([str(column.title) for column in self.columns], self._cells(rows))
        name = f"{self.export_name}-{timezone.localtime():%Y%m%d-%H%M}.xlsx"
        return FileResponse(stream, as_attachment=True, filename=name)

    def _cells(self, rows: QuerySet[Model]) -> Any:
        for row in rows.iterator(chunk_size=2000):
            yield [column.words(row) for column in self.columns]


def workbook(titles: Sequence[str], rows: Any) -> io.BytesIO:
    """An Excel file with one sheet; texts that Excel would take for formulas are made harmless."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(
        stream, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True, "bg_color": "#E8EEF5", "bottom": 1})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(titles), 18)
        for column, title in enumerate(titles):
            sheet.write_string(0, column, title, bold)
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                if value is None:
                    continue
                if isinstance(value, bool):
                    sheet.write_string(number, column, "是" if value else "否")
                elif isinstance(value, int | float):
                    sheet.write_number(number, column, value)
                elif isinstance(value, datetime):
                    local = timezone.localtime(value) if timezone.is_aware(value) else value
                    sheet.write_string(number, column, f"{local:%Y-%m-%d %H:%M}")
                elif isinstance(value, date):
                    sheet.write_datetime(number, column, value, day)
                else:
                    sheet.write_string(number, column, harmless(str(value)))
    stream.seek(0)
    return stream


def harmless(text: str) -> str:
    """The text with a leading apostrophe when a spreadsheet would run it as a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
