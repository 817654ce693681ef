"""核查案卷: the list, one from its opening to its outcome (N18)."""

from hashlib import sha256
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from zhicheng.anomalies import actions, queries
from zhicheng.anomalies.forms import CloseForm, EntryForm
from zhicheng.anomalies.models import Inquiry, InquiryEntry, InquiryOutcome
from zhicheng.anomalies.papers import file_of
from zhicheng.anomalies.tabs import tabs
from zhicheng.files.store import download
from zhicheng.organizations.guard import may
from zhicheng.organizations.permissions import Action
from zhicheng.web.forms import come_back
from zhicheng.web.lists import ChoiceFilter, Column, DateFilter, ListPage
from zhicheng.web.pages import account_of, page


def _by_progress(rows: QuerySet[Inquiry], value: str) -> QuerySet[Inquiry]:
    match value:
        case "open":
            return rows.filter(outcome="")
        case "closed":
            return rows.exclude(outcome="")
        case _:
            return rows.filter(outcome=value)


class Inquiries(ListPage):
    """Every inquiry."""

    title = gettext_lazy("核查案卷")
    purpose = gettext_lazy("纪检人员对异常线索的核查，逐案记录经过，查到有结论为止。")
    clause = "N18"
    action = Action.INQUIRY_VIEW
    template_name = "anomalies/inquiries.html"
    export_name = "inquiries"
    columns = (
        Column(
            gettext_lazy("案卷编号"),
            "number",
            sort="number",
            kind="code",
            link=lambda row: row.get_absolute_url(),
        ),
        Column(gettext_lazy("核查事项"), "subject"),
        Column(gettext_lazy("线索"), "count", sort="count", kind="number"),
        Column(
            gettext_lazy("状态"),
            lambda row: "open" if row.is_open else "closed",
            sort="outcome",
            kind="badge",
            label=lambda row: row.get_outcome_display() or _("核查中"),
        ),
        Column(gettext_lazy("立案人"), "opened_by.display_name"),
        Column(gettext_lazy("立案"), "opened_at", sort="opened_at", kind="time"),
        Column(gettext_lazy("结案"), "closed_at", sort="closed_at", kind="time"),
    )
    filters = (
        ChoiceFilter(
            "progress",
            gettext_lazy("状态"),
            (
                ("open", gettext_lazy("核查中")),
                ("closed", gettext_lazy("已结案")),
                *InquiryOutcome.choices,
            ),
            apply=_by_progress,
        ),
        DateFilter("opened", gettext_lazy("立案日期"), "opened_at__date"),
    )
    search_fields = ("number", "subject")
    search_hint = gettext_lazy("案卷编号、事项")
    empty_title = gettext_lazy("没有核查案卷")
    empty_text = gettext_lazy("在异常线索的页面上立案。")

    def get_queryset(self) -> QuerySet[Inquiry]:
        """All: whoever may see any sees all."""
        return queries.inquiries()

    def extra_context(self) -> dict[str, Any]:
        """Tabs."""
        return {"tabs": tabs("inquiries")}


@require_safe
@page(Action.INQUIRY_VIEW)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One inquiry: its anomalies, what was looked into, what may be done."""
    return _shown(request, pk)


def _shown(
    request: HttpRequest,
    pk: int,
    *,
    entry: EntryForm | None = None,
    end: CloseForm | None = None,
) -> HttpResponse:
    """The page; with a faulty form it is the answer to what was sent, and has the form open."""
    account = account_of(request)
    inquiry = get_object_or_404(queries.inquiries(), pk=pk)
    shown = render(
        request,
        "anomalies/inquiry.html",
        {
            "inquiry": inquiry,
            "anomalies": inquiry.anomalies.select_related("organization").order_by("pk"),
            "entries": queries.entries(inquiry),
            "may_note": inquiry.is_open and may(account, Action.INQUIRY_NOTE),
            "may_print": may(account, Action.INQUIRY_PRINT),
            "may_close": inquiry.is_open and may(account, Action.INQUIRY_CLOSE),
            "entry_form": entry or EntryForm(auto_id="entry_%s"),
            "close_form": end or CloseForm(auto_id="close_%s"),
            "tabs": tabs("inquiries"),
        },
    )
    return come_back(shown) if entry or end else shown


@require_POST
@page(Action.INQUIRY_NOTE)
def add_entry(request: HttpRequest, pk: int) -> HttpResponse:
    """登记核查经过."""
    form = EntryForm(request.POST, request.FILES, auto_id="entry_%s")
    if not form.is_valid():
        return _shown(request, pk, entry=form)
    actions.add_inquiry_entry(
        actor=account_of(request),
        inquiry_id=pk,
        text=form.cleaned_data["text"],
        file=form.cleaned_data["file"],
    )
    messages.success(request, _("已登记核查经过。"))
    return redirect("anomalies:inquiry", pk)


@require_POST
@page(Action.INQUIRY_CLOSE)
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """结案."""
    form = CloseForm(request.POST, auto_id="close_%s")
    if not form.is_valid():
        return _shown(request, pk, end=form)
    inquiry = actions.close_inquiry(actor=account_of(request), inquiry_id=pk, **form.cleaned_data)
    messages.success(request, _("已结案 %(number)s。") % {"number": inquiry.number})
    return redirect(inquiry)


@require_POST
@page(Action.INQUIRY_PRINT)
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    """核查案卷 as PDF; the print is on record with the file's digest."""
    account = account_of(request)
    inquiry = get_object_or_404(queries.inquiries(), pk=pk)
    content = file_of(inquiry, printed_by=account)
    digest = sha256(content).hexdigest()
    actions.note_print(actor=account, inquiry=inquiry, sha256=digest)
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{inquiry.number}.pdf"'
    answer["Cache-Control"] = "no-store"
    return answer


@require_safe
@page(Action.INQUIRY_VIEW)
def file(request: HttpRequest, pk: int, token: str) -> HttpResponse:
    """A document of an entry."""
    entry = get_object_or_404(
        InquiryEntry.objects.select_related("file"), inquiry=pk, file__token=token
    )
    assert entry.file is not None
    return download(entry.file)
