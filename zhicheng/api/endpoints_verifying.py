"""Batch verification for employers, and reports of self-managed units (N7, N16)."""

import json
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Path, Router

from zhicheng.api import schemas_verifying as s
from zhicheng.api import workbooks
from zhicheng.api.authentication import Caller, caller_of
from zhicheng.api.findings import FINDINGS, told
from zhicheng.api.idempotency import once
from zhicheng.api.problems import NotFound, problem
from zhicheng.api.rules import Scope
from zhicheng.api.words import marked as _
from zhicheng.selfissued import queries as self_issued
from zhicheng.selfissued.actions import file_report
from zhicheng.selfissued.models import Report
from zhicheng.verification.batch.answering import (
    check_purpose,
    rows_a_day,
    rows_today,
    verify_batch,
)
from zhicheng.verification.batch.background import VERIFY, ask_verify
from zhicheng.verification.batch.rules import check_day, check_rows
from zhicheng.verification.batch.told import told_rows
from zhicheng.verification.models import BatchWay
from zhicheng.work import queries as work
from zhicheng.work.models import Work, WorkState

AT_ONCE = 200
JOBS = "/api/v1/verifications/jobs/{}"
verifying = Router(tags=["核验"])
Token = Path(..., description=_("后台处理的编号"))
ReportNumber = Path(
    ...,
    max_length=24,
    pattern=r"^[A-Za-z0-9-]+$",
    description=_("报送编号"),
    examples=["ZF2026-000003"],
)


def _answer(value: dict[str, Any], status: int) -> JsonResponse:
    return JsonResponse(value, status=status, json_dumps_params={"ensure_ascii": False})


@verifying.post(
    "/verifications",
    response={200: s.VerificationsOut, 202: s.VerificationsOut},
    operation_id="verify_certificates",
    summary=_("批量核验证书"),
)
def verify_certificates(request: HttpRequest, given: s.VerificationsIn) -> HttpResponse:
    """Up to 200 rows are answered at once, up to 5,000 as work with an address to ask."""
    caller = caller_of(request)
    caller.need(Scope.VERIFICATIONS_WRITE)
    return once(request, caller, request.body, lambda: _verify(caller, given))


def _verify(caller: Caller, given: s.VerificationsIn) -> HttpResponse:
    checked = check_rows(
        (place, row.name, row.id_number, row.number)
        for place, row in enumerate(given.rows, start=1)
    )
    if checked.findings:
        return problem(
            422,
            "verification.has_errors",
            "有的行不能核验，一行也没有核验。",
            clause="N7",
            found=f"{len(checked.findings)} 处错误",
            expected="姓名，以及身份证号码、证书编号中的一项",
            mend="请按 findings 逐处更正后重新请求。",
            findings=[told(finding, rows=False) for finding in checked.findings[:FINDINGS]],
        )
    purpose, note = check_purpose(given.purpose.value, given.purpose_note)
    asked = {
        "way": BatchWay.INTERFACE,
        "purpose": purpose,
        "purpose_note": note,
        "client": caller.key.client.name,
    }
    if len(checked.rows) > AT_ONCE:
        today = rows_today(caller.account.organization_id)
        check_day(len(checked.rows), today, rows_a_day())
        job = ask_verify(caller.account, checked.rows, **asked)  # type: ignore[arg-type]
        return _answer(_waiting(job, len(checked.rows)), 202)
    answered = verify_batch(actor=caller.account, rows=checked.rows, **asked)  # type: ignore[arg-type]
    return _answer({**_done(told_rows(answered)), "job": None}, 200)


def _waiting(job: Work, rows: int) -> dict[str, Any]:
    refusal = job.refusal or {}
    return {
        "state": job.state,
        "job": JOBS.format(job.token),
        "number": None,
        "asked_at": None,
        "rows": rows,
        "found": 0,
        "message": str(refusal.get("message", "")),
        "results": [],
    }


def _done(told: dict[str, Any]) -> dict[str, Any]:
    return {"state": WorkState.DONE.value, "message": "", **told}


@verifying.get(
    "/verifications/jobs/{token}",
    response=s.VerificationsOut,
    operation_id="get_verification_job",
    summary=_("批量核验的结果"),
)
def get_verification_job(request: HttpRequest, token: UUID = Token) -> HttpResponse:
    """How far a batch is; the answers when it is done, for a day."""
    caller = caller_of(request)
    caller.need(Scope.VERIFICATIONS_WRITE)
    found = work.own(caller.account).filter(token=token, kind=VERIFY).first()
    if found is None:
        raise NotFound("verification.unknown", "没有这项核验，或不属于这个密钥的系统。")
    if found.state != WorkState.DONE:
        return _answer(_waiting(found, found.parameters.get("rows", 0)), 200)
    product = work.product_of(found)
    if product is None:
        raise NotFound("verification.forgotten", "结果已过保留期，已经清除。", mend="请重新核验。")
    return _answer({**_done(json.loads(product)), "job": JOBS.format(found.token)}, 200)


@verifying.post(
    "/self-issued",
    response={201: s.SelfIssuedOut},
    operation_id="report_self_issued",
    summary=_("报送自主发放证书"),
)
def report_self_issued(request: HttpRequest, given: s.SelfIssuedIn) -> HttpResponse:
    """Certificates that a self-managed unit issued itself: all are taken or none (N16)."""
    caller = caller_of(request)
    caller.need(Scope.SELF_ISSUED_WRITE)
    return once(request, caller, request.body, lambda: _report(caller, given))


def _report(caller: Caller, given: s.SelfIssuedIn) -> HttpResponse:
    filed = file_report(
        actor=caller.account,
        content=workbooks.of_self_issued(given),
        name="开放接口报送.xlsx",
    )
    found = [told(finding, rows=False) for finding in filed.findings[:FINDINGS]]
    if filed.report is not None:
        return _answer({**_told(filed.report), "findings": found}, 201)
    return problem(
        422,
        "self_issued.has_errors",
        "有错误，全部没有报送。",
        clause="N16",
        found=f"{filed.errors} 处错误",
        expected="没有错误",
        mend="请按 findings 逐处更正后重新报送。",
        findings=found,
    )


@verifying.get(
    "/self-issued/{number}",
    response=s.SelfIssuedOut,
    operation_id="get_self_issued_report",
    summary=_("自主发放证书报送的状态"),
)
def get_self_issued_report(request: HttpRequest, number: str = ReportNumber) -> HttpResponse:
    """Whether the office took the report or returned it, and why."""
    caller = caller_of(request)
    caller.need(Scope.SELF_ISSUED_WRITE)
    found = self_issued.reports(caller.account).filter(number=number).first()
    if found is None:
        raise NotFound("self_issued.unknown", "没有这个编号的报送，或不属于本机构。")
    return _answer({**_told(found), "findings": []}, 200)


def _told(report: Report) -> dict[str, Any]:
    return {
        "number": report.number,
        "state": report.state,
        "state_label": str(report.get_state_display()),
        "certificates": report.people_count,
        "corrections": report.correction_count,
        "filed_at": report.filed_at.isoformat(),
        "reason": report.reason,
    }
