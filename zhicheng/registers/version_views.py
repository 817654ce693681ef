"""The register's past: its versions, any two compared, what a file sent again has changed."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from zhicheng.audit.recording import recorded
from zhicheng.organizations.guard import require
from zhicheng.organizations.permissions import ACTION_LABELS, Action
from zhicheng.registers import actions, versions
from zhicheng.registers.columns import COLUMNS, KEYS
from zhicheng.registers.file_views import XLSX, file_response
from zhicheng.registers.labels import finding_label
from zhicheng.registers.models import Register, RegisterUpload, RegisterVersion
from zhicheng.registers.page import account_of, page_context, register_or_404
from zhicheng.registers.settling import choices
from zhicheng.registers.uploading import TOLD
from zhicheng.web.excel import workbook
from zhicheng.web.lists import Column

VERSIONS_PAGE = 50
ROWS_PAGE = 100
FINDINGS_SHOWN = 200
_LABELS = {action.value: label for action, label in ACTION_LABELS.items()}
KINDS = (versions.CHANGED, versions.ADDED, versions.REMOVED, versions.MOVED)
_FINDING_KINDS = ("mended", "remaining", "fresh")


def _kind_labels() -> dict[str, str]:
    return {
        versions.CHANGED: _("修改"),
        versions.ADDED: _("新增"),
        versions.REMOVED: _("删除"),
        versions.MOVED: _("移位"),
        versions.SAME: _("未变"),
    }


def label_of(line: RegisterVersion) -> str:
    """By what a version came about, in words."""
    if line.action:
        return _LABELS.get(line.action, line.action)
    return _("启用历史记录前的内容") if not line.made_by_id and line.version else ""


@login_required
@require_GET
def listed(request: HttpRequest, pk: int) -> HttpResponse:
    """Every version with who, when, how and how much; any two can be compared."""
    register = register_or_404(request, pk)
    found = versions.versions_of(register)
    page = Paginator(found, VERSIONS_PAGE).get_page(request.GET.get("page"))
    uploads = {upload.version: upload for upload in register.uploads.defer("source", "findings")}
    context = {
        **page_context(request, register, "versions"),
        "lines": [(line, label_of(line), uploads.get(line.version)) for line in page.object_list],
        "page_object": page,
        "numbers": list(found.values_list("version", flat=True)),
    }
    return render(request, "registers/versions.html", context)


@login_required
@require_GET
def shown(request: HttpRequest, pk: int, version: int) -> HttpResponse:
    """The rows as they were at one version."""
    register = register_or_404(request, pk)
    line = _line(register, version)
    states = versions.states_at(register, version).defer("id_number_cipher")
    page = Paginator(states, ROWS_PAGE).get_page(request.GET.get("page"))
    context = {
        **page_context(request, register, "versions"),
        "line": line,
        "label": label_of(line),
        "titles": [column.title for column in COLUMNS],
        "rows": [
            (
                state,
                [str(getattr(state, versions.FIELD_OF_KEY[key])) for key in KEYS],
            )
            for state in page.object_list
        ],
        "page_object": page,
    }
    return render(request, "registers/version.html", context)


def _line(register: Register, version: int) -> RegisterVersion:
    return get_object_or_404(versions.versions_of(register), version=version)


def _asked(request: HttpRequest, register: Register) -> tuple[RegisterVersion, RegisterVersion]:
    """The two versions asked for, the older first; by default the last two."""
    given = request.POST if request.method == "POST" else request.GET
    numbers = [given.get(name, "") for name in ("from", "to")]
    if not all(number.isdecimal() and len(number) < 10 for number in numbers):
        raise Http404
    older, newer = sorted(int(number) for number in numbers)
    return _line(register, older), _line(register, newer)


@login_required
@require_GET
def compared(request: HttpRequest, pk: int) -> HttpResponse:
    """Two versions row by row: added, removed, changed with old and new value per column."""
    register = register_or_404(request, pk)
    older, newer = _asked(request, register)
    show = request.GET.get("show", "")
    found = versions.pairs(register, older.version, newer.version, whole=show == "all")
    context = {
        **page_context(request, register, "versions"),
        **_differences(request, found, show),
        "older": older,
        "newer": newer,
        "older_label": label_of(older),
        "newer_label": label_of(newer),
        "numbers": list(versions.versions_of(register).values_list("version", flat=True)),
    }
    return render(request, "registers/compare.html", context)


def _differences(request: HttpRequest, found: Sequence[versions.Pair], show: str) -> dict[str, Any]:
    """What ``_differences.html`` needs: one page of the kind asked for, and how many of each.

    Rows that only moved are told by their number, and listed when asked for.
    """
    counts = versions.counted(found)
    if show in KINDS:
        wanted = [pair for pair in found if pair.kind == show]
    elif show == "all":
        wanted = list(found)
    else:
        wanted = [pair for pair in found if pair.kind != versions.MOVED]
    page = Paginator(wanted, ROWS_PAGE).get_page(request.GET.get("page"))
    labels = _kind_labels()
    return {
        "differences": [(row, labels[row.kind]) for row in versions.read(page.object_list)],
        "page_object": page,
        "show": show,
        "kinds": [(kind, labels[kind], counts[kind]) for kind in KINDS],
        "changes_total": sum(counts[kind] for kind in KINDS if kind != versions.MOVED),
    }


@login_required
@require_POST
def export(request: HttpRequest, pk: int) -> HttpResponse:
    """The comparison as an Excel file: a line per changed cell, per added and removed row."""
    account = account_of(request)
    register = register_or_404(request, pk)
    require(account, Action.LIST_EXPORT, register)
    older, newer = _asked(request, register)
    rows = list(_cells(versions.compare(register, older.version, newer.version)))
    with recorded(account, Action.LIST_EXPORT) as record:
        record(
            subject=register,
            data={"from": older.version, "to": newer.version, "count": len(rows)},
        )
    columns = (
        Column(_("变化"), "kind"),
        Column(_("原序号"), "before", kind="number"),
        Column(_("现序号"), "after", kind="number"),
        Column(_("Excel 行"), "excel_row", kind="number"),
        Column(_("姓名"), "name"),
        Column(_("列"), "title"),
        Column(_("原为"), "old"),
        Column(_("现为"), "new"),
        Column(_("备注"), "remark"),
    )
    name = _("登记表 %(number)s 第%(older)d版与第%(newer)d版比较.xlsx") % {
        "number": register.number,
        "older": older.version,
        "newer": newer.version,
    }
    return file_response(workbook(columns, rows).getvalue(), name, XLSX)


def _cells(differences: Sequence[versions.RowDifference]) -> Iterator[list[Any]]:
    labels = _kind_labels()
    for row in differences:
        head = [
            labels[row.kind],
            row.before.position if row.before else None,
            row.after.position if row.after else None,
            row.state.excel_row,
            row.state.name,
        ]
        if row.kind == versions.MOVED:
            yield [*head, "", "", "", ""]
        for cell in row.changes if row.kind == versions.CHANGED else row.cells:
            if row.kind != versions.MOVED and (cell.before or cell.after):
                remark = _("号码不同，遮盖后相同") if cell.hidden else ""
                yield [*head, cell.title, cell.before, cell.after, remark]


@login_required
@require_GET
def changes(request: HttpRequest, pk: int, version: int) -> HttpResponse:
    """What one file changed against the one before: rows, findings, and what it took back."""
    register = register_or_404(request, pk)
    upload = _upload(register, version)
    before = upload.before_version or 0
    show = request.GET.get("show", "")
    shown_findings = request.GET.get("findings", "")
    if shown_findings not in _FINDING_KINDS:
        shown_findings = next(
            (kind for kind in ("fresh", "remaining", "mended") if upload.findings.get(kind)),
            "mended",
        )
    found = versions.pairs(register, before, upload.version, whole=show == "all")
    titles = {"mended": _("已更正"), "remaining": _("仍存在"), "fresh": _("新出现")}
    context = {
        **page_context(request, register, "versions"),
        **_differences(request, found, show),
        "upload": upload,
        "choices": choices(upload),
        "deciding": upload.decided_at is None,
        "finding_kinds": [
            (kind, titles[kind], len(upload.findings.get(kind, ()))) for kind in _FINDING_KINDS
        ],
        "finding_kind": shown_findings,
        "told_findings": _told(register, upload, shown_findings),
        "findings_shown": FINDINGS_SHOWN,
    }
    return render(request, "registers/changes.html", context)


def _upload(register: Register, version: int) -> RegisterUpload:
    upload = get_object_or_404(
        register.uploads.defer("source").select_related("uploaded_by"),
        version=version,
        before_version__isnull=False,
    )
    upload.register = register
    return upload


def _told(register: Register, upload: RegisterUpload, kind: str) -> list[dict[str, Any]]:
    """The findings of one kind with the row's name and place as they were found."""
    found = [
        dict(zip(TOLD, item, strict=True))
        for item in upload.findings.get(kind, ())[:FINDINGS_SHOWN]
    ]
    version = upload.before_version if kind == "mended" else upload.version
    rows = {item["row_id"] for item in found}
    states = versions.states_at(register, version or 0).filter(row_id__in=rows)
    by_row = {state.row_id: state for state in states.defer("id_number_cipher")}
    return [
        {**item, "state": by_row.get(item["row_id"]), "label": finding_label(item["code"])}
        for item in found
    ]


@login_required
@require_POST
def settle(request: HttpRequest, pk: int, version: int) -> HttpResponse:
    """Keeps the page's values that are ticked, takes the file's for the others."""
    register = register_or_404(request, pk)
    upload = _upload(register, version)
    numbers = range(len(upload.overwritten))
    keep = [number for number in numbers if request.POST.get(f"choice-{number}") == "page"]
    kept = actions.settle_upload(actor=account_of(request), upload_id=upload.pk, keep=keep)
    messages.success(
        request,
        ngettext(
            "已保留网页上的内容 %(count)d 处，其余采用文件的内容。",
            "已保留网页上的内容 %(count)d 处，其余采用文件的内容。",
            kept,
        )
        % {"count": kept},
    )
    return redirect("registers:changes", pk, version)
