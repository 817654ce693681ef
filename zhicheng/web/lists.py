"""One way to show a list: filter, search, sort, page and export to Excel, state in the address.

A list page subclasses :class:`ListPage`, names its columns and filters, and gives its queryset,
already narrowed to what the account may see. ID numbers never stand in an address: a search text
that looks like one is refused.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.contrib.auth.mixins import LoginRequiredMixin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views import View

from zhicheng.database.any_of import one_of
from zhicheng.database.containing import containing
from zhicheng.organizations.guard import might, require
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.values.refusal import Refusal
from zhicheng.web.cells import Listed, options
from zhicheng.web.columns import Column, Text
from zhicheng.web.exports import download
from zhicheng.web.filters import ChoiceFilter, DateFilter, Filter, TextFilter
from zhicheng.web.privacy import holds_id_number
from zhicheng.web.ways import first_ids, longer_than, newest_ids

PAGE_SIZE = 50
COUNTED = 100_000
COUNTED_BY_IDS = 20_000  # up to so many, the ids are fetched once and serve for the page as well
COUNTED_LONG = 3_000  # of a list that a city fills with hundreds of thousands
EXPORTED = 200_000
NEWEST_FIRST = ("-pk",)
BEGINNINGS = 1_000  # so many rows with a searched beginning are looked through

__all__ = [
    "COUNTED_LONG",
    "ChoiceFilter",
    "Column",
    "DateFilter",
    "Filter",
    "ListPage",
    "Page",
    "Text",
    "TextFilter",
]


def _names(rows: QuerySet[Any]) -> list[str]:
    """What the rows are ordered by."""
    texts = (
        item if isinstance(item, str) else getattr(getattr(item, "expression", item), "name", "")
        for item in rows.query.order_by
    )
    return [text.removeprefix("-") for text in texts]


def _always(rows: QuerySet[Any], name: str) -> bool:
    """Whether every row has a value in this column of its own table."""
    fields = {item.name: item for item in rows.model._meta.concrete_fields}
    return name in fields and not fields[name].null


@dataclass
class Page:
    """One page of a list, as the template needs it."""

    rows: list[Listed]
    number: int
    count: int
    counted_all: bool
    limit: int = COUNTED
    size: int = PAGE_SIZE
    headers: list[dict[str, Any]] = field(default_factory=list)

    @property
    def pages(self) -> int:
        """How many pages there are, as far as was counted."""
        return max(1, -(-self.count // self.size))

    @property
    def unsorted(self) -> bool:
        """Whether a column can't be sorted only because the list is so long."""
        return any(header.get("too_long") for header in self.headers)

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
    summary_template = ""  # shown between filters and rows, changes with them
    action: Action | None = None
    columns: ClassVar[Sequence[Column]] = ()
    exported: ClassVar[Sequence[Column]] = ()  # the Excel file's, where it says more than the page
    filters: ClassVar[Sequence[Filter]] = ()
    search_fields: ClassVar[Sequence[str]] = ()
    search_hint: Text = ""
    # For lists of millions: what is searched by its beginning, through an index of its own each,
    # and what can be sorted by an index. A list of up to ``searched_whole`` rows is searched by
    # any part of ``search_fields``, one of up to ``counted`` rows sorted by any column.
    search_beginnings: ClassVar[Sequence[str]] = ()
    # A longer list than is counted comes in ``walk_sort``.
    quick_sorts: ClassVar[Sequence[str] | None] = None
    searched_whole: ClassVar[int] = 10_000
    walk_sort: ClassVar[Sequence[str]] = ()
    ids_first: ClassVar[bool] = False  # rows are wide, or costly sums hang on them
    counted: ClassVar[int] = COUNTED
    default_sort: ClassVar[Sequence[str]] = ("-pk",)
    empty_title: Text = ""
    empty_text: Text = ""
    export_name = "export"
    # Of this answer: whether the search went by beginnings, and whether not all were followed.
    by_beginning, cut_off = False, False
    # The ids of all rows that are left, as far as was counted; None where only counted.
    found: list[Any] | None = None
    # What is left of each of the ways, where the list is read way by way.
    apart: Sequence[QuerySet[Any]] = ()
    walked = False  # whether the rows come newest first because they are too many to be sorted
    picks: ClassVar[bool] = False  # whether rows can be ticked: see zhicheng/web/queues.py

    def get_queryset(self) -> QuerySet[Any]:
        """The rows that ``self.account`` may see."""
        raise ValueError("a list page gives its rows")

    def ways(self) -> Sequence[QuerySet[Any]]:
        """Parts that together are the list, each found by an index of its own (web/ways.py).

        None: the list is read as one.
        """
        return ()

    def beginnings_among(self) -> Sequence[QuerySet[Any]]:
        """Among which rows beginnings are looked for: all that such a list can ever show."""
        model: Any = self.get_queryset().model
        return [model._default_manager.all()]

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
        _refuse_id_numbers(request)
        rows = self._narrowed(request)
        count = self._count(rows)
        rows, sort = self._sorted(rows, request, count)
        if request.GET.get("export") == "xlsx":
            return self._export(rows, request)
        return render(
            request,
            self.template_name,
            {
                "list": self,
                "page": self._page(rows, request, sort, count),
                "filters": self._filter_fields(request),
                "search": request.GET.get("q", ""),
                "narrowed": self._is_narrowed(request),
                "may_export": might(self.account, Action.LIST_EXPORT),
                **self.extra_context(),
            },
        )

    def _narrowed(self, request: HttpRequest) -> QuerySet[Any]:
        rows, *self.apart = (
            self._filtered(part, request) for part in (self.get_queryset(), *self.ways())
        )
        text = request.GET.get("q", "").strip()
        if not text or not self.search_fields:
            return rows
        is_long = self.search_beginnings and self._is_long(rows)
        self.apart = ()  # what is searched is found by what is searched for
        if is_long:
            return self._beginning(rows, text)
        wanted = Q()
        for name in self.search_fields:
            wanted |= Q(containing(name, text))
        return rows.filter(wanted)

    def _filtered(self, rows: QuerySet[Any], request: HttpRequest) -> QuerySet[Any]:
        for item in self.filters:
            rows = item.narrow(rows, request)
        return rows

    def _beginning(self, rows: QuerySet[Any], text: str) -> QuerySet[Any]:
        """Rows of a long list by the beginning of a field, as far as beginnings are followed."""
        self.by_beginning = True
        among = self.beginnings_among()
        found: set[Any] = set()
        for name in self.search_beginnings:
            parts = [part.filter(**{f"{name}__startswith": text}) for part in among]
            ids = first_ids(parts, BEGINNINGS + 1)
            self.cut_off = self.cut_off or len(ids) > BEGINNINGS
            found.update(ids[:BEGINNINGS])
        return rows.filter(one_of("pk", list(found)))

    def _is_long(self, rows: QuerySet[Any]) -> bool:
        """Whether it is too long to be searched by any part of a text."""
        return longer_than(self.apart or [rows], self.searched_whole)

    def _is_narrowed(self, request: HttpRequest) -> bool:
        """Whether the address leaves rows out, so that an empty list means another thing."""
        return any(value for name, value in request.GET.items() if name not in ("sort", "page"))

    def _count(self, rows: QuerySet[Any]) -> int:
        # Counting stops early: nobody pages through ten million rows, they filter.
        # Of ids alone: what hangs on a row (sums of others) isn't worked out to be counted.
        if self.counted > COUNTED_BY_IDS:
            return rows.order_by().values("pk")[: self.counted + 1].count()
        self.found = first_ids(self.apart or [rows], self.counted + 1)
        return len(self.found)

    def _sorts(self, column: Column, count: int) -> list[str]:
        """The orders that a list of so many rows can have by this column."""
        both = [column.sort, f"-{column.sort}"] if column.sort else []
        if self.quick_sorts is None or count <= self.counted:
            return both
        return [sort for sort in both if sort in self.quick_sorts]

    def _sorted(
        self, rows: QuerySet[Any], request: HttpRequest, count: int
    ) -> tuple[QuerySet[Any], str]:
        wanted = request.GET.get("sort", "")
        for column in self.columns:
            if wanted in self._sorts(column, count):
                descending, always = wanted.startswith("-"), _always(rows, column.sort)
                return rows.order_by(*column.order(descending=descending, always=always)), wanted
        # Without a last word rows of equal rank change places from page to page.
        long = self.walk_sort and count > self.counted
        self.walked = tuple(self.walk_sort) == NEWEST_FIRST and bool(long)
        return rows.order_by(*(self.walk_sort if long else self.default_sort), "pk"), ""

    def _page(self, rows: QuerySet[Any], request: HttpRequest, sort: str, count: int) -> Page:
        text = request.GET.get("page", "1")
        number = max(1, int(text) if text.isdecimal() and len(text) < 9 else 1)
        number = min(number, max(1, -(-min(count, self.counted) // PAGE_SIZE)))
        start = (number - 1) * PAGE_SIZE
        headers = [
            {
                "title": column.title,
                "kind": column.kind,
                "sort": column.sort if sorts else "",
                "too_long": bool(column.sort) and not sorts,
                "next": next((item for item in sorts if item != sort), sort),
                "order": {column.sort: "ascending", f"-{column.sort}": "descending"}.get(sort, "")
                if column.sort
                else "",
            }
            for column in self.columns
            for sorts in [self._sorts(column, count)]
        ]
        here: Sequence[Any] = rows[start : start + PAGE_SIZE]  # type: ignore[assignment]
        if self.quick_sorts is not None or self.ids_first:
            # Which rows first, then what hangs on them: no plan joins what isn't shown.
            bare = rows.order_by()
            bare.query.clear_where()  # what is found already needn't be judged again
            page = slice(start, start + PAGE_SIZE)
            if self.found is not None and count <= self.counted:
                # All of them in order, then the page: no plan walks millions for a few in order.
                by_sums = any(name in rows.query.annotations for name in _names(rows))
                among = bare if by_sums else rows.model._default_manager.all()
                among = among.filter(one_of("pk", self.found)).order_by(*rows.query.order_by)
                ids = list(among.values_list("pk", flat=True))[page]
            elif self.quick_sorts is not None and count <= self.counted:
                every = rows.order_by().values("pk")[: self.counted + 1]
                among = rows.model._default_manager.filter(pk__in=every)
                among = among.order_by(*rows.query.order_by)
                ids = list(among.values_list("pk", flat=True)[page])
            elif self.walked and self.apart:
                ids = newest_ids(self.apart, page)
            else:
                ids = list(rows.values_list("pk", flat=True)[page])
            by_id = {row.pk: row for row in bare.filter(pk__in=ids)}
            here = [by_id[pk] for pk in ids if pk in by_id]
        shown = [Listed(row, self.columns) for row in here]
        known = min(count, self.counted)
        return Page(shown, number, known, count <= self.counted, self.counted, headers=headers)

    def _filter_fields(self, request: HttpRequest) -> list[dict[str, Any]]:
        fields: list[dict[str, Any]] = []
        for item in self.filters:
            common = {"name": item.name, "title": item.title, "kind": item.kind}
            chosen = request.GET.get(item.name, "")
            if isinstance(item, ChoiceFilter):
                offered = list(item.options(request))
                if chosen and not item.offers(chosen, request):
                    # The box says that it narrows: an empty list under "all" would mislead.
                    offered.append((chosen, _("没有这一项")))
                fields.append({**common, "options": options(offered, chosen)})
            elif isinstance(item, TextFilter):
                fields.append({**common, "chosen": chosen})
            else:
                days = {end: request.GET.get(f"{item.name}_{end}", "") for end in ("from", "to")}
                fields.append({**common, **days})
        return fields

    def _export(self, rows: QuerySet[Any], request: HttpRequest) -> HttpResponseBase:
        require(self.account, Action.LIST_EXPORT)
        most = BEGINNINGS if self.cut_off else EXPORTED
        # A file of a part would be taken for all that there is.
        if self.cut_off or rows.order_by()[: EXPORTED + 1].count() > EXPORTED:
            raise Refusal(
                "list.export_too_large",
                _("要导出的行数太多。"),
                found=f"> {most}",
                expected=f"≤ {most}",
                mend=_("请先用筛选条件缩小范围。"),
            )
        return download(
            self.account,
            title=self.title,
            name=self.export_name,
            columns=self.exported or self.columns,
            rows=self._cells(rows),
            filters=self._filters_in_words(request),
            searched=bool(request.GET.get("q", "").strip()),
        )

    def _filters_in_words(self, request: HttpRequest) -> dict[str, str]:
        names = [item.name for item in self.filters if isinstance(item, ChoiceFilter)]
        for item in self.filters:
            if isinstance(item, DateFilter):
                names += [f"{item.name}_from", f"{item.name}_to"]
        return {name: request.GET[name] for name in names if request.GET.get(name)}

    def _cells(self, rows: QuerySet[Any]) -> Iterator[list[Any]]:
        for row in rows.iterator(chunk_size=2000):
            yield [column.words(row) for column in self.exported or self.columns]


def _refuse_id_numbers(request: HttpRequest) -> None:
    """An address is kept in histories and logs: no value in it may be an ID number."""
    for _name, values in request.GET.lists():
        if any(holds_id_number(str(value)) for value in values):
            raise Refusal(
                "list.id_number_in_search",
                _("身份证号码不能用于列表搜索，以免留在网址和日志里。"),
                clause="N18",
                expected=_("姓名、证书编号或登记表编号"),
            )
