"""Pages of approval documents (N2, N15-N17)."""

from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from zhicheng.approvals import actions, queries, reading
from zhicheng.approvals import list_columns as of_documents
from zhicheng.approvals.coverage import records_covering
from zhicheng.approvals.forms import ImportForm, ScanForm
from zhicheng.approvals.models import (
    ApprovalDocument,
    ApprovedPerson,
    Channel,
    ReviewMode,
)
from zhicheng.approvals.template import list_template
from zhicheng.database.containing import containing
from zhicheng.organizations.guard import may, require
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.protection import blind_index
from zhicheng.reference.models import Grade
from zhicheng.values import id_number
from zhicheng.values.refusal import NotPermitted, Refusal
from zhicheng.web.lists import ChoiceFilter, Column, DateFilter, ListPage
from zhicheng.web.partial import wants_part

PEOPLE_PAGE = 100
FINDINGS_SHOWN = 500
_LOOKS_LIKE_ID_NUMBER = 15


def _account(request: HttpRequest) -> Account:
    assert isinstance(request.user, Account)
    return request.user


def _document_or_404(request: HttpRequest, pk: int) -> ApprovalDocument:
    return get_object_or_404(queries.visible(_account(request)), pk=pk)


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class DocumentList(ListPage):
    """All approval documents that the account may see."""

    title = gettext_lazy("核准文件")
    purpose = gettext_lazy("任职资格核准文件及其列出的评审通过人员；登记表的每一行都按此核对。")
    clause = "N2"
    template_name = "approvals/list.html"
    action = Action.APPROVAL_VIEW
    search_fields = ("number", "approving_department__name", "approving_department__short_name")
    search_hint = gettext_lazy("批准文号、核准部门")
    default_sort = ("-imported_at", "-pk")
    empty_title = gettext_lazy("还没有核准文件")
    empty_text = gettext_lazy(
        "核准文件由市职改办导入：准备好评审通过人员名单（Excel），从“导入核准文件”开始。"
    )
    export_name = "approvals"
    columns: ClassVar = (
        of_documents.number("approvals:detail"),
        of_documents.DEPARTMENT,
        Column(gettext_lazy("评审方式"), "get_review_mode_display", sort="review_mode"),
        Column(gettext_lazy("申报渠道"), "get_channel_display", sort="channel"),
        of_documents.ISSUED_ON,
        of_documents.PEOPLE,
        Column(
            gettext_lazy("扫描件"),
            lambda document: _("已上传") if document.scan_sha256 else _("未上传"),
        ),
        of_documents.IMPORTED_AT,
    )
    filters: ClassVar = (
        ChoiceFilter("review_mode", gettext_lazy("评审方式"), ReviewMode.choices),
        ChoiceFilter("channel", gettext_lazy("申报渠道"), Channel.choices),
        ChoiceFilter(
            "scan",
            gettext_lazy("扫描件"),
            [("yes", gettext_lazy("已上传")), ("no", gettext_lazy("未上传"))],
            apply=lambda rows, value: (
                rows.filter(scan_sha256="") if value == "no" else rows.exclude(scan_sha256="")
            ),
        ),
        DateFilter("issued", gettext_lazy("发文日期"), "issued_on"),
    )

    def get_queryset(self) -> QuerySet[ApprovalDocument]:
        """What the account may see."""
        return queries.visible(self.account)

    def extra_context(self) -> dict[str, Any]:
        """The buttons."""
        return {
            "may_import": may(self.account, Action.APPROVAL_IMPORT),
            "may_see_records": may(self.account, Action.APPROVAL_VIEW),
        }


@login_required
@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One document: facts, scan, people; ``?person=…`` opens the list where the person stands."""
    document = _document_or_404(request, pk)
    return render(request, "approvals/detail.html", _detail_context(request, document))


@login_required
@require_POST
def people(request: HttpRequest, pk: int) -> HttpResponse:
    """The people found; by POST, so that nobody's number stands in an address (invariant 10)."""
    document = _document_or_404(request, pk)
    template = "approvals/_people.html" if wants_part(request) else "approvals/detail.html"
    return render(request, template, _detail_context(request, document))


def _detail_context(request: HttpRequest, document: ApprovalDocument) -> dict[str, Any]:
    find = request.POST.get("find", "").strip()[:100]
    grade = request.POST.get("grade", "")
    found = queries.people_of(document)
    if grade in Grade.values:
        found = found.filter(grade=grade)
    if find:
        found = found.filter(_matching(find))
    records, uncovered = records_covering(document)
    wanted = request.POST.get("page") or _page_of(request.GET.get("person", ""), found)
    page = Paginator(found, PEOPLE_PAGE).get_page(wanted)
    return {
        "document": document,
        "page_object": page,
        "find": find,
        "grade": grade,
        "grades": Grade.choices,
        "way": _way(document),
        "records": records,
        "uncovered": uncovered,
        "scan_form": ScanForm(),
        "may_attach": may(_account(request), Action.APPROVAL_ATTACH_SCAN, document),
    }


def _page_of(person: str, found: QuerySet[ApprovedPerson]) -> int:
    """The page on which the person stands, or the first one."""
    if not (person.isascii() and person.isdigit() and len(person) < 19):
        return 1
    return found.filter(pk__lt=int(person)).count() // PEOPLE_PAGE + 1


def _matching(text: str) -> Q:
    number = id_number.tidy(text)[0]
    if len(number) >= _LOOKS_LIKE_ID_NUMBER:
        return Q(id_number_index=blind_index(number))
    return Q(containing("name", text)) | Q(containing("work_unit", text))


def _way(document: ApprovalDocument) -> tuple[str, str]:
    """What follows for the certificates from how these people were reviewed, and the clause."""
    if document.review_mode == ReviewMode.SELF_MANAGED:
        return _("自主评审：由单位自主印制证书核发，不领取和发放全市统一的职称证书。"), "N16"
    if document.channel == Channel.ONLINE:
        return _("线上评审：证书由系统自动生成，不在纸质登记表上填报。"), "N17"
    if document.review_mode in (ReviewMode.AUTHORIZED, ReviewMode.JOINT):
        return _("由核准部门统一发文公布，发放全市统一的职称证书。"), "N15"
    return "", ""


@login_required
@require_GET
def scan(request: HttpRequest, pk: int) -> HttpResponse:
    """The scan, shown in the browser where it can."""
    document = _document_or_404(request, pk)
    content = queries.scan_of(document)
    if content is None:
        raise Http404
    response = HttpResponse(content, content_type=document.scan_type)
    response["Content-Disposition"] = (
        content_disposition_header(document.scan_type == "image/tiff", document.scan_name) or ""
    )
    # A scan comes from outside: whatever it holds, it runs nothing here.
    response["Content-Security-Policy"] = "sandbox; default-src 'none'; style-src 'unsafe-inline'"
    return response


@login_required
@require_POST
def attach_scan(request: HttpRequest, pk: int) -> HttpResponse:
    """Keeps a scan."""
    document = _document_or_404(request, pk)
    form = ScanForm(request.POST, request.FILES)
    if not form.is_valid():
        raise Refusal(
            "scan.missing",
            _("没有选择扫描件。"),
            clause="N2",
            expected=_("PDF、JPG、PNG 或 TIFF 文件"),
            mend=_("请选择文件后再上传。"),
        )
    file = form.cleaned_data["scan"]
    actions.attach_scan(
        actor=_account(request), document_id=document.pk, content=file.read(), name=file.name
    )
    messages.success(request, _("扫描件已保存。"))
    return redirect("approvals:detail", pk)


@login_required
@require_GET
def list_file(request: HttpRequest) -> HttpResponse:
    """The empty list workbook: a stranger needn't type the columns."""
    require(_account(request), Action.APPROVAL_IMPORT)
    response = HttpResponse(list_template(), content_type=XLSX)
    name = _("评审通过人员名单模板.xlsx")
    response["Content-Disposition"] = content_disposition_header(True, name) or ""
    return response


@login_required
@require_http_methods(["GET", "POST"])
def import_documents(request: HttpRequest) -> HttpResponse:
    """The list workbook: everything is taken, or nothing and every reason is told."""
    account = _account(request)
    require(account, Action.APPROVAL_IMPORT)
    form = ImportForm(request.POST or None, request.FILES or None)
    report, refusal = None, None
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            report = actions.import_list(actor=account, content=file.read(), name=file.name)
        except NotPermitted:
            raise
        except Refusal as error:
            refusal = error
        else:
            if report.taken:
                return _imported(request, report)
    context = {
        "form": form,
        "report": report,
        "refusal": refusal,
        "shown": _worst_first(report.findings)[:FINDINGS_SHOWN] if report else [],
        "columns": [column.title for column in reading.COLUMNS if column.required],
        "optional_columns": [column.title for column in reading.COLUMNS if not column.required],
    }
    if wants_part(request):
        return render(request, "approvals/_import_form.html", context)
    return render(
        request, "approvals/import.html", context, status=422 if request.method == "POST" else 200
    )


def _worst_first(findings: Any) -> list[Any]:
    rank = {"error": 0, "warning": 1, "tidied": 2}
    return sorted(findings, key=lambda found: (rank[found.severity], found.row or 0))


def _imported(request: HttpRequest, report: actions.ImportReport) -> HttpResponse:
    messages.success(
        request,
        _("已导入 %(documents)d 份核准文件，%(people)d 人。接下来可以逐份上传扫描件。")
        % {"documents": report.documents, "people": report.people},
    )
    target = reverse("approvals:list")
    return HttpResponseClientRedirect(target) if wants_part(request) else redirect(target)
