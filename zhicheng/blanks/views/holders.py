"""A custodian's page: what it holds now or held at a moment, and its statement of movements."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from zhicheng.blanks import ledger
from zhicheng.blanks.models import CustodyState, Movement
from zhicheng.blanks.queries import past, statement, stock
from zhicheng.blanks.tabs import tabs
from zhicheng.organizations.guard import might, sees_all
from zhicheng.organizations.models import Account, Organization
from zhicheng.organizations.permissions import Action
from zhicheng.reference.models import Grade
from zhicheng.values.serials import format_serial
from zhicheng.web.exports import download
from zhicheng.web.lists import ChoiceFilter, Column, DateFilter, ListPage
from zhicheng.web.pages import account_of, page

SHELVES_SHOWN = 40
USUAL_DAYS = 30

SHELF_COLUMNS = (
    Column(gettext_lazy("等级"), ""),
    Column(gettext_lazy("状态"), ""),
    Column(gettext_lazy("登记表"), "", kind="code"),
    Column(gettext_lazy("起始编号"), "", kind="code"),
    Column(gettext_lazy("终止编号"), "", kind="code"),
    Column(gettext_lazy("本数"), "", kind="number"),
)


def holder_of(account: Account, pk: int) -> Organization:
    """The organisation, if the account may look into it; else nobody learns that it exists."""
    organization = get_object_or_404(Organization, pk=pk)
    if not stock.may_look_into(account, organization):
        raise Http404
    return organization


def _moment(text: str) -> tuple[datetime | None, str]:
    """The moment asked for (None: now) and what is wrong with it."""
    if not text:
        return None, ""
    try:
        found = parse_datetime(text)
        day = None if found else parse_date(text)
    except ValueError:
        return None, _("日期不存在。")
    if found is None and day is not None:
        found = datetime.combine(day, time(23, 59, 59, 999_999))
    if found is None:
        return None, _("请填写日期和时间。")
    moment = timezone.make_aware(found) if timezone.is_naive(found) else found
    if moment > timezone.now():
        return None, _("不能晚于现在。")
    return moment, ""


def _cells(counts: past.Counts) -> tuple[list[CustodyState], list[dict[str, Any]]]:
    """The states that hold something, and a line for each grade and for all."""
    states = [
        state
        for state in CustodyState
        if any(counts.get((grade.value, state.value)) for grade in Grade)
    ]
    lines: list[dict[str, Any]] = []
    for grade in stock.GRADES:
        numbers = [counts.get((grade.value, state.value), 0) for state in states]
        lines.append({"label": str(grade.label), "numbers": numbers, "sum": sum(numbers)})
    totals = [sum(line["numbers"][place] for line in lines) for place in range(len(states))]
    lines.append({"label": "", "numbers": totals, "sum": sum(totals)})
    return states, lines


@require_GET
@page(Action.BLANK_VIEW)
def holder(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What an organisation holds, now or at a chosen moment: numbers and serials."""
    account = account_of(request)
    organization = holder_of(account, pk)
    asked = request.GET.get("at", "").strip()
    moment, wrong = _moment(asked)
    if request.GET.get("export") == "xlsx":
        return _export(account, organization, moment)
    counts = past.counts_at(organization.pk, moment) if moment else past.counts_now(organization.pk)
    states, lines = _cells(counts)
    shelves = Paginator(past.shelves(organization.pk, moment), SHELVES_SHOWN)
    context = {
        "organization": organization,
        "moment": moment,
        "now": timezone.now(),
        "asked": asked,
        "wrong": wrong,
        "states": states,
        "lines": lines,
        "page": shelves.get_page(request.GET.get("page")),
        "may_export": might(account, Action.LIST_EXPORT),
        "tabs": tabs(account, "holders" if sees_all(account) else "overview"),
    }
    return render(request, "blanks/holder.html", context)


def _export(
    account: Account, organization: Organization, moment: datetime | None
) -> HttpResponseBase:
    """One row for each range of serials."""
    whole = past.shelves(organization.pk, moment, shown=200_000)
    at = timezone.localtime(moment or timezone.now())
    return download(
        account,
        title=gettext_lazy("保管情况"),
        name="holdings",
        columns=SHELF_COLUMNS,
        rows=(
            [
                shelf.grade_label,
                shelf.state_label,
                shelf.register,
                format_serial(item.first),
                format_serial(item.last),
                len(item),
            ]
            for shelf in whole
            for item in shelf.serials
        ),
        filters={"organization": organization.name, "at": at.isoformat(timespec="seconds")},
    )


def _size(line: Movement) -> int:
    return len(ledger.from_range(line.serials))


def _in(line: Any) -> int | None:
    return line.change if line.change > 0 else None


def _out(line: Any) -> int | None:
    return -line.change if line.change < 0 else None


def _other(line: Any) -> str:
    other = line.source if line.change > 0 else line.target
    words = f"{other.organization.called}"
    return f"{words} {other.get_state_display()}"


def _register(line: Any) -> str:
    register = line.target.register or line.source.register
    return str(register.number) if register else ""


class Statement(ListPage):
    """What came in and went out between two days, with a balance after each line."""

    title = gettext_lazy("收支明细")
    purpose = gettext_lazy("期初结存加转入减转出，等于期末结存；每一行之后都有当时的结存。")
    clause = "N18"
    template_name = "blanks/statement.html"
    summary_template = "blanks/_statement_sum.html"
    action = Action.BLANK_VIEW
    columns = (
        Column(gettext_lazy("时间"), "moved_at", kind="time"),
        Column(gettext_lazy("事由"), "get_reason_display"),
        Column(
            gettext_lazy("编号"), lambda line: str(ledger.from_range(line.serials)), kind="code"
        ),
        Column(gettext_lazy("等级"), "source.get_grade_display"),
        Column(gettext_lazy("对方"), _other),
        Column(gettext_lazy("登记表"), _register, kind="code"),
        Column(gettext_lazy("转入"), _in, kind="number"),
        Column(gettext_lazy("转出"), _out, kind="number"),
        Column(gettext_lazy("结存"), lambda line: line.balance, kind="number"),
        Column(gettext_lazy("经办人"), "moved_by.display_name"),
    )
    filters = (
        DateFilter("day", gettext_lazy("日期"), ""),
        ChoiceFilter("grade", gettext_lazy("等级"), Grade.choices),
        ChoiceFilter(
            "state",
            gettext_lazy("状态"),
            [item for item in CustodyState.choices if item[0] != CustodyState.PRINTER],
        ),
    )
    default_sort = ("moved_at",)
    empty_title = gettext_lazy("这段时间没有收支")
    export_name = "statement"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        """Without days, the last thirty: the address then says which."""
        self.organization = holder_of(self.account, kwargs["pk"])
        if not (request.GET.get("day_from") and request.GET.get("day_to")):
            today = timezone.localdate()
            wanted = request.GET.copy()
            last = parse_date_or_none(str(wanted.get("day_to", ""))) or today
            first = parse_date_or_none(str(wanted.get("day_from", "")))
            first = first or last - timedelta(days=USUAL_DAYS)
            wanted["day_from"], wanted["day_to"] = first.isoformat(), last.isoformat()
            return redirect(f"{request.path}?{wanted.urlencode()}")
        self.scope = statement.Scope(
            self.organization.pk,
            _choice(request.GET.get("grade", ""), Grade.values),
            _choice(request.GET.get("state", ""), CustodyState.values),
        )
        today = timezone.localdate()
        first = parse_date_or_none(request.GET["day_from"]) or today
        last = max(first, parse_date_or_none(request.GET["day_to"]) or today)
        self.days = (first, last)
        self.span = (
            timezone.make_aware(datetime.combine(first, time())),
            timezone.make_aware(datetime.combine(last + timedelta(days=1), time())),
        )
        return super().get(request, **kwargs)

    def _narrowed(self, request: HttpRequest) -> QuerySet[Any]:
        return self.get_queryset()

    def get_queryset(self) -> QuerySet[Any]:
        """The lines of the account that was chosen."""
        self.totals = statement.totals(self.scope, *self.span)
        return statement.lines(self.scope, *self.span, opening=self.totals.opening)

    def _is_narrowed(self, request: HttpRequest) -> bool:
        return True

    def _cells(self, rows: QuerySet[Any]) -> Iterator[list[Any]]:
        blank: list[Any] = [""] * len(self.columns)
        first, last = self.days
        yield [f"{first:%Y-%m-%d} 期初", *blank[1:8], self.totals.opening, ""]
        yield from super()._cells(rows)
        came, went = self.totals.came_in, self.totals.went_out
        yield [f"{last:%Y-%m-%d} 期末", *blank[1:6], came, went, self.totals.closing, ""]

    def extra_context(self) -> dict[str, Any]:
        """The balances at both ends."""
        return {
            "organization": self.organization,
            "totals": self.totals,
            "days": self.days,
            "tabs": tabs(self.account, "holders" if sees_all(self.account) else "overview"),
        }


def parse_date_or_none(text: str) -> date | None:
    """A day, or None for what is none."""
    try:
        return parse_date(text or "")
    except ValueError:
        return None


def _choice(value: str, known: list[str]) -> str:
    return value if value in known else ""
