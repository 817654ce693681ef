"""The register's pages: list, upload, the parts of one register."""

from typing import Any, ClassVar

from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_GET, require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from zhicheng.approvals.models import ApprovedPerson
from zhicheng.organizations.guard import may, might, require
from zhicheng.organizations.models import Organization
from zhicheng.organizations.permissions import Action
from zhicheng.registers import background, queries
from zhicheng.registers import list_columns as of_registers
from zhicheng.registers.columns import KEY_OF_TITLE, KEYS, TITLES
from zhicheng.registers.forms import FileForm, UploadForm
from zhicheng.registers.grid import CellFinding
from zhicheng.registers.grid_words import grid_words
from zhicheng.registers.history import events, told
from zhicheng.registers.labels import finding_label
from zhicheng.registers.missing_rules import MISSING
from zhicheng.registers.models import Register, RegisterRow, RegisterState, Severity
from zhicheng.registers.numbering.taking import rule_of
from zhicheng.registers.page import account_of, page_context, register_or_404
from zhicheng.spreadsheets.container import check_size
from zhicheng.spreadsheets.limits import REGISTER_LIMITS
from zhicheng.values.refusal import Refusal
from zhicheng.web.lists import ChoiceFilter, Column, ListPage
from zhicheng.web.partial import wants_part

FINDINGS_PAGE = 100
PEOPLE_PAGE = 200
HISTORY_PAGE = 50


class RegisterList(ListPage):
    """All registers that the account may see."""

    title = _l("登记表")
    purpose = _l("附件1《职称证书领取、办理登记表》：填报、主管部门签章、受理，直到证书发放。")
    clause = "N2"
    template_name = "registers/list.html"
    action = Action.REGISTER_VIEW
    search_fields = ("number", "reporting_unit__name", "reporting_unit__short_name", "filler")
    ids_first = True
    search_hint = _l("登记表编号、填报单位、填报人")
    default_sort = ("-pk",)
    empty_title = _l("还没有登记表")
    empty_text = _l("任职资格核准文件下发后，由填报单位上传 Excel 登记表，系统逐行核对。")
    export_name = "registers"
    columns: ClassVar = (
        of_registers.number("registers:detail"),
        of_registers.REPORTING,
        Column(_l("年度"), "year", sort="year", kind="number"),
        Column(_l("状态"), "state", sort="state", kind="badge", label="get_state_display"),
        of_registers.PEOPLE,
        Column(_l("错误"), "error_count", sort="error_count", kind="number"),
        Column(_l("提示"), "warning_count", sort="warning_count", kind="number"),
        of_registers.ISSUING,
        Column(_l("提交时间"), "submitted_at", sort="submitted_at", kind="time"),
        Column(_l("更新时间"), "changed_at", sort="changed_at", kind="time"),
    )
    filters: ClassVar = (
        ChoiceFilter("state", _l("状态"), RegisterState.choices),
        ChoiceFilter(
            "unit",
            _l("填报单位"),
            lambda request: _units(request),
            apply=lambda rows, value: rows.filter(reporting_unit=value),
        ),
        ChoiceFilter(
            "issuer",
            _l("发放单位"),
            lambda request: _issuers(request),
            apply=lambda rows, value: rows.filter(issuing_unit=value),
        ),
        ChoiceFilter("year", _l("年度"), lambda request: _years(request)),
        ChoiceFilter(
            "sent",
            _l("提交或退回"),
            lambda request: _sent(request),
            apply=lambda rows, value: queries.on_the_way_in(
                rows, int(value[:4]), only_back=value.endswith("-back")
            ),
        ),
        ChoiceFilter(
            "faults",
            _l("检查结果"),
            [("errors", _l("有错误")), ("none", _l("没有错误"))],
            apply=lambda rows, value: (
                rows.filter(error_count__gt=0) if value == "errors" else rows.filter(error_count=0)
            ),
        ),
    )

    def get_queryset(self) -> QuerySet[Register]:
        """What the account may see."""
        return (
            queries.visible(self.account)
            .select_related("reporting_unit", "issuing_unit")
            .defer("source")
        )

    def extra_context(self) -> dict[str, Any]:
        """The buttons."""
        account = self.account
        return {
            "may_upload": may(account, Action.REGISTER_UPLOAD, account.organization),
            "may_make": may(account, Action.REGISTER_MAKE, account.organization),
            "may_see_numbering": might(account, Action.NUMBERING_RULE_VIEW),
            "may_check_paper": might(account, Action.PAPER_CHECK),
        }


def _units(request: HttpRequest) -> list[tuple[str, str]]:
    """The units that have registers which the account sees."""
    seen = queries.visible(account_of(request)).order_by().values("reporting_unit")
    units = Organization.objects.filter(pk__in=seen).order_by("name")
    return [(str(key), name) for key, name in units.values_list("pk", "name")]


def _issuers(request: HttpRequest) -> list[tuple[str, str]]:
    """The units that issue for registers which the account sees."""
    seen = queries.visible(account_of(request)).order_by().values("issuing_unit")
    units = Organization.objects.filter(pk__in=seen).order_by("name")
    return [(str(key), name) for key, name in units.values_list("pk", "name")]


def _sent(request: HttpRequest) -> list[tuple[str, str]]:
    """Each year in which a register may have come in or been sent back."""
    seen = queries.visible(account_of(request)).order_by("pk")
    first = seen.values_list("created_at", flat=True).first()
    if first is None:
        return []
    offered = []
    for year in range(timezone.localdate().year, timezone.localdate(first).year - 1, -1):
        offered.append((str(year), _("%(year)d 年提交或退回") % {"year": year}))
        offered.append((f"{year}-back", _("%(year)d 年被退回") % {"year": year}))
    return offered


def _years(request: HttpRequest) -> list[tuple[str, str]]:
    years = queries.visible(account_of(request)).order_by("-year").values_list("year", flat=True)
    return [(str(year), str(year)) for year in years.distinct()]


def _page(request: HttpRequest, items: QuerySet[Any], size: int) -> Page[Any]:
    return Paginator(items, size).get_page(request.GET.get("page"))


@login_required
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """A new register from the unit's file; a refused file leaves nothing behind."""
    account = account_of(request)
    require(account, Action.REGISTER_UPLOAD, account.organization)
    form = UploadForm(request.POST or None, request.FILES or None)
    refusal = None
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            work = background.ask_upload(
                account, content=_content(file), name=file.name, year=form.cleaned_data["year"]
            )
        except Refusal as error:
            refusal = error
        else:
            return _go(request, work.get_absolute_url())
    return _upload_page(request, form, refusal, _("上传登记表"))


@login_required
@require_http_methods(["GET", "POST"])
def replace(request: HttpRequest, pk: int) -> HttpResponse:
    """The same register from a corrected file; every row is read and checked anew."""
    account = account_of(request)
    register = register_or_404(request, pk)
    require(account, Action.REGISTER_REPLACE, register)
    form = FileForm(request.POST or None, request.FILES or None)
    refusal = None
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            work = background.ask_replace(account, register, content=_content(file), name=file.name)
        except Refusal as error:
            refusal = error
        else:
            return _go(request, work.get_absolute_url())
    heading = _("重新上传 %(number)s") % {"number": register.number}
    return _upload_page(request, form, refusal, heading, register)


def _content(file: UploadedFile) -> bytes:
    """The file's bytes, once it is known that they aren't too many."""
    check_size(file.size or 0, REGISTER_LIMITS)
    return file.read()


def _go(request: HttpRequest, target: str) -> HttpResponse:
    return HttpResponseClientRedirect(target) if wants_part(request) else redirect(target)


def _upload_page(
    request: HttpRequest,
    form: FileForm,
    refusal: Refusal | None,
    heading: str,
    register: Register | None = None,
) -> HttpResponse:
    unit = register.reporting_unit if register else account_of(request).organization
    if register is None:
        back = reverse("registers:list")
    else:
        back = reverse("registers:detail", args=[register.pk])
    context = {
        "form": form,
        "refusal": refusal,
        "heading": heading,
        "register": register,
        "back": back,
        "endorser": unit.supervisor.name if unit.supervisor and not unit.has_authority else "",
        "may_export": register is not None
        and may(account_of(request), Action.LIST_EXPORT, register),
        "may_unmask": register is not None
        and may(account_of(request), Action.PERSON_UNMASK, register),
    }
    if wants_part(request):
        return render(request, "registers/_upload_form.html", context)
    status = 422 if request.method == "POST" else 200
    return render(request, "registers/upload.html", context, status=status)


@login_required
@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The grid; ``?row=…&column=…`` opens it at a cell."""
    register = register_or_404(request, pk)
    asked = request.GET.get("row", "")
    key = request.GET.get("column", "")
    context = {
        **page_context(request, register, "detail"),
        "words": grid_words(),
        "account": account_of(request).pk,
        "columns": [(key, _(title)) for key, title in TITLES.items()],
        "focus_row": asked if asked.isdecimal() else "",
        "focus_column": key if key in KEYS else "name",
    }
    return render(request, "registers/rows.html", context)


@login_required
@require_GET
def findings(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything that the checks found, as a list."""
    register = register_or_404(request, pk)
    show, code = request.GET.get("show", ""), request.GET.get("code", "")
    found = (
        register.findings.exclude(code=MISSING)
        .select_related("row")
        .order_by("row__position", "id")
    )
    if code:
        found = found.filter(code=code)
    elif show in Severity.values:
        found = found.filter(severity=show)
    else:
        found = found.exclude(severity=Severity.TIDIED)
    page = _page(request, found, FINDINGS_PAGE)
    context = {
        **page_context(request, register, "findings"),
        "found": [
            CellFinding(item, finding_label(item.code), KEY_OF_TITLE.get(item.column, "name"))
            for item in page.object_list
        ],
        "page_object": page,
        "severities": Severity.choices,
        "show": show,
        "code": code,
    }
    return render(request, "registers/findings.html", context)


@login_required
@require_GET
def missing(request: HttpRequest, pk: int) -> HttpResponse:
    """People whom the approval documents list for this unit and the register doesn't have."""
    register = register_or_404(request, pk)
    people = (
        ApprovedPerson.objects.filter(
            pk__in=register.findings.filter(code=MISSING).values("suggested_person")
        )
        .select_related("document")
        .order_by("document_id", "id")
    )
    page = _page(request, people, PEOPLE_PAGE)
    elsewhere = dict(
        RegisterRow.objects.filter(
            approved_person__in=page.object_list,
            register__reporting_unit=register.reporting_unit_id,
        )
        .exclude(register=register)
        .values_list("approved_person", "register__number")
    )
    context = {
        **page_context(request, register, "missing"),
        "people": [(person, elsewhere.get(person.pk, "")) for person in page.object_list],
        "page_object": page,
        "has_rule": rule_of(register.issuing_unit) is not None,
    }
    return render(request, "registers/missing.html", context)


@login_required
@require_GET
def history(request: HttpRequest, pk: int) -> HttpResponse:
    """Who did what with the register, newest first."""
    register = register_or_404(request, pk)
    page = _page(request, events(register), HISTORY_PAGE)
    context = {
        **page_context(request, register, "history"),
        "entries": told(page.object_list),
        "page_object": page,
    }
    return render(request, "registers/history.html", context)
