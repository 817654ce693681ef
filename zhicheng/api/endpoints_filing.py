"""Operations that write: approval documents in, registers in; status and findings out."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Case, IntegerField, Value, When
from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Path, Query, Router

from zhicheng.api import schemas as s
from zhicheng.api import workbooks
from zhicheng.api.authentication import Caller, caller_of
from zhicheng.api.findings import FINDINGS
from zhicheng.api.findings import told as told_of
from zhicheng.api.idempotency import once
from zhicheng.api.problems import NotFound, problem
from zhicheng.api.rules import Scope
from zhicheng.api.words import marked as _
from zhicheng.approvals.actions import ImportReport, import_list
from zhicheng.registers.actions import replace_file, upload_register
from zhicheng.registers.models import Register, RegisterState
from zhicheng.registers.queries import visible
from zhicheng.spreadsheets.limits import LIST_LIMITS
from zhicheng.values.finding import ERROR
from zhicheng.values.refusal import Refusal

JSON_NAME = "开放接口报送.xlsx"
filing = Router(tags=["报送"])
Number = Path(
    ...,
    max_length=24,
    pattern=r"^[A-Za-z0-9-]+$",
    description=_("登记表编号"),
    examples=["DJ2026-000012"],
)

State = Query(None, description=_("只列某一状态"))


class TooLarge(Refusal):
    """More bytes than a file may have."""

    status = 413


def _file(request: HttpRequest) -> bytes:
    """The file in the request's body; raises TooLarge before it is all here."""
    most = LIST_LIMITS.file_bytes
    content = request.read(most + 1)
    if len(content) > most:
        raise TooLarge(
            "file.too_large",
            "文件过大。",
            expected=f"不超过 {most // 1024 // 1024} MB",
            mend="请分成几个文件。",
        )
    return content


def _answer(value: dict[str, Any], status: int) -> JsonResponse:
    return JsonResponse(value, status=status, json_dumps_params={"ensure_ascii": False})


@filing.post(
    "/approvals",
    response={201: s.ApprovalsOut},
    operation_id="import_approvals",
    summary=_("报送核准文件（JSON）"),
)
def import_approvals(request: HttpRequest, given: s.ApprovalsIn) -> HttpResponse:
    """Approval documents with their people, as on the import page: all or none (N2, N17)."""
    caller = caller_of(request)
    caller.need(Scope.APPROVALS_WRITE)
    return once(
        request,
        caller,
        request.body,
        lambda: _import(caller, workbooks.of_approvals(given), rows=False),
    )


@filing.post(
    "/approvals/file",
    response={201: s.ApprovalsOut},
    operation_id="import_approvals_file",
    summary=_("报送核准文件（Excel）"),
)
def import_approvals_file(request: HttpRequest) -> HttpResponse:
    """The list workbook as the request's body."""
    caller = caller_of(request)
    caller.need(Scope.APPROVALS_WRITE)
    content = _file(request)
    return once(request, caller, content, lambda: _import(caller, content, rows=True))


def _import(caller: Caller, content: bytes, *, rows: bool) -> HttpResponse:
    report = import_list(actor=caller.account, content=content, name=JSON_NAME)
    found = [told_of(finding, rows=rows) for finding in report.findings[:FINDINGS]]
    if report.taken:
        told = {"documents": report.documents, "people": report.people, "findings": found}
        return _answer(told, 201)
    return _nothing_taken(report, found)


def _nothing_taken(report: ImportReport, found: list[dict[str, Any]]) -> HttpResponse:
    faults = [finding for finding in report.findings if finding.severity == ERROR]
    return problem(
        422,
        "approvals.has_errors",
        "名单有错误，全部没有导入。",
        clause=next((finding.clause for finding in faults if finding.clause), "N2"),
        found=f"{report.errors} 处错误",
        expected="没有错误",
        mend="请按 findings 逐处更正后重新报送。",
        findings=found,
    )


@filing.post(
    "/registers",
    response={201: s.RegisterOut},
    operation_id="create_register",
    summary=_("报送登记表（JSON）"),
)
def create_register(request: HttpRequest, given: s.RegisterIn) -> HttpResponse:
    """A new register in draft; its findings are those of the page (N4, N6).

    Submitting stays with a person, who answers for it.
    """
    caller = caller_of(request)
    caller.need(Scope.REGISTERS_WRITE)
    return once(
        request,
        caller,
        request.body,
        lambda: _upload(caller, workbooks.of_register(given), given.year),
    )


@filing.post(
    "/registers/file",
    response={201: s.RegisterOut},
    operation_id="create_register_file",
    summary=_("报送登记表（Excel）"),
)
def create_register_file(
    request: HttpRequest,
    year: int | None = Query(None, ge=2018, le=2100, description=_("年度；默认取文件标题中的")),
) -> HttpResponse:
    """The unit's Excel file as the request's body."""
    caller = caller_of(request)
    caller.need(Scope.REGISTERS_WRITE)
    content = _file(request)
    return once(request, caller, content, lambda: _upload(caller, content, year))


def _upload(caller: Caller, content: bytes, year: int | None) -> HttpResponse:
    register = upload_register(actor=caller.account, content=content, name=JSON_NAME, year=year)
    return _answer(_register(register, findings=True), 201)


@filing.put(
    "/registers/{number}",
    response={200: s.RegisterOut},
    operation_id="replace_register",
    summary=_("更换登记表内容（JSON）"),
)
def replace_register(
    request: HttpRequest, given: s.RegisterIn, number: str = Number
) -> HttpResponse:
    """The same register with corrected rows; every row is checked anew."""
    caller = caller_of(request)
    caller.need(Scope.REGISTERS_WRITE)
    return once(
        request,
        caller,
        request.body,
        lambda: _replace(caller, number, workbooks.of_register(given)),
    )


@filing.put(
    "/registers/{number}/file",
    response={200: s.RegisterOut},
    operation_id="replace_register_file",
    summary=_("更换登记表内容（Excel）"),
)
def replace_register_file(request: HttpRequest, number: str = Number) -> HttpResponse:
    """The same register from a corrected Excel file."""
    caller = caller_of(request)
    caller.need(Scope.REGISTERS_WRITE)
    content = _file(request)
    return once(request, caller, content, lambda: _replace(caller, number, content))


def _replace(caller: Caller, number: str, content: bytes) -> HttpResponse:
    found = _visible(caller, number)
    register = replace_file(
        actor=caller.account, register_id=found.pk, content=content, name=JSON_NAME
    )
    return _answer(_register(register, findings=True), 200)


@filing.get(
    "/registers",
    response=s.RegistersOut,
    operation_id="list_registers",
    summary=_("登记表清单"),
)
def list_registers(
    request: HttpRequest,
    state: RegisterState | None = State,
    limit: int = Query(50, ge=1, le=200, description=_("最多几个")),
) -> HttpResponse:
    """The organisation's registers, the newest first, without findings."""
    caller = caller_of(request)
    caller.need(Scope.REGISTERS_READ)
    found = visible(caller.account).order_by("-pk")
    if state is not None:
        found = found.filter(state=state)
    told = [_register(register, findings=False) for register in found[:limit]]
    return _answer({"registers": told}, 200)


@filing.get(
    "/registers/{number}",
    response=s.RegisterOut,
    operation_id="get_register",
    summary=_("登记表的状态和检查结果"),
)
def get_register(request: HttpRequest, number: str = Number) -> HttpResponse:
    """Where the register is, and what the checks found."""
    caller = caller_of(request)
    caller.need(Scope.REGISTERS_READ)
    return _answer(_register(_visible(caller, number), findings=True), 200)


def _visible(caller: Caller, number: str) -> Register:
    found = visible(caller.account).filter(number=number).first()
    if found is None:
        raise NotFound("register.unknown", "没有这个编号的登记表，或不属于本机构。")
    return found


def _register(register: Register, *, findings: bool) -> dict[str, Any]:
    return {
        "number": register.number,
        "state": register.state,
        "state_label": str(register.get_state_display()),
        "reporting_unit": register.reporting_unit.name,
        "issuing_unit": register.issuing_unit.name,
        "year": register.year,
        "version": register.version,
        "people": register.row_count,
        "errors": register.error_count,
        "warnings": register.warning_count,
        "changed_at": register.changed_at.isoformat(),
        "return_reason": register.return_reason,
        "findings": list(_findings(register)) if findings else [],
    }


def _findings(register: Register) -> Iterable[dict[str, Any]]:
    gravest_first = Case(
        When(severity="error", then=Value(0)),
        When(severity="warning", then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    by_file = register.source_name != JSON_NAME
    found = register.findings.order_by(gravest_first, "row__position", "id")
    for item in found.select_related("row")[:FINDINGS]:
        yield {
            "position": item.row.position if item.row else None,
            "row": item.row.excel_row if item.row and by_file else None,
            "column": item.column,
            "code": item.code,
            "severity": item.severity,
            "value": item.value,
            "suggestion": item.suggestion or None,
            "message": item.message,
            "clause": item.clause,
        }
