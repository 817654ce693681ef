"""Reports of self-managed units: filed, accepted, returned, withdrawn, ended (N16).

The unit answers for what its certificates say; the office sees to it that the unit was on record
for such a review on that day, and that no number is one of ours. Nothing here touches a blank.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import connection
from django.utils import timezone

from zhicheng.audit.recording import recorded, retrying
from zhicheng.bulk import copy_rows, new_ids
from zhicheng.organizations.guard import Actor, account_of, require
from zhicheng.organizations.holding import hold_shared, require_not_ended
from zhicheng.organizations.models import Account, Organization
from zhicheng.organizations.permissions import Action
from zhicheng.protection import blind_index, protect, protect_bytes
from zhicheng.reference.catalog import load_catalog
from zhicheng.selfissued import checking
from zhicheng.selfissued.checking import Known, Told
from zhicheng.selfissued.lifecycle import REPORT
from zhicheng.selfissued.models import Report, ReportState, SelfIssuedCertificate, Standing
from zhicheng.selfissued.reading import read_report
from zhicheng.selfissued.rules import check_report
from zhicheng.values.finding import ERROR, Finding
from zhicheng.values.id_number import mask
from zhicheng.values.refusal import Conflict, Refusal
from zhicheng.values.text import hide_id_numbers

_FIELDS = (
    "id",
    "report_id",
    "unit_id",
    "record_id",
    "state",
    "number",
    "name",
    "sex",
    "id_kind",
    "id_number_cipher",
    "id_number_index",
    "id_number_masked",
    "work_unit",
    "qualification",
    "specialty",
    "series",
    "level",
    "grade",
    "approval_date",
    "document_number",
    "issued_on",
    "correction_reason",
    "end_reason",
)


@dataclass(frozen=True)
class Filed:
    """What became of a file: the report, or nothing and why in ``findings``."""

    report: Report | None
    findings: Sequence[Finding] = field(default_factory=list)

    @property
    def errors(self) -> int:
        """How many findings are errors."""
        return sum(finding.severity == ERROR for finding in self.findings)


class _NothingTaken(Exception):
    """Rolls the report back; the findings say why."""


@retrying
def file_report(*, actor: Account, content: bytes, name: str) -> Filed:
    """Takes a file of the actor's own unit, all of it or nothing.

    Raises Refusal for a unit that never was on record (N16) or has ended, and for a file that
    can't be used; faults of rows are in the answer.
    """
    unit = actor.organization
    require(actor, Action.SELF_ISSUED_REPORT, unit)
    checking.require_record(unit)
    sheet = read_report(content)
    checked = check_report(
        sheet.rows,
        unit=unit.name,
        catalog=load_catalog(),
        today=timezone.localdate(),
        date_1904=sheet.date_1904,
    )
    findings = list(checked.findings)
    findings += checking.uncovered(checked.result, unit)
    try:
        with recorded(actor, Action.SELF_ISSUED_REPORT) as record:
            require_not_ended(hold_shared(unit.pk)[unit.pk])
            _lock(unit.pk)
            known = checking.known_of(unit)
            told = [Told(each, blind_index(each.person.id_number)) for each in checked.certificates]
            findings += checking.against_file(told, known)
            if any(finding.severity == ERROR for finding in findings):
                raise _NothingTaken
            report = _write(actor, unit, told, known, content, name)
            record(
                subject=report,
                data={
                    "number": report.number,
                    "file": report.source_name,
                    "sha256": report.source_sha256,
                    "certificates": report.people_count,
                    "corrections": report.correction_count,
                },
                rows=SelfIssuedCertificate._meta.label_lower,
                ids=list(report.certificates.values_list("pk", flat=True)),
            )
    except _NothingTaken:
        return Filed(None, findings)
    return Filed(report, findings)


def _lock(unit_id: int) -> None:
    """Nobody else changes what is on file of the unit until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtext('selfissued'), %s)", [unit_id % 2**31]
        )


def _write(
    actor: Account,
    unit: Organization,
    told: Sequence[Told],
    known: Known,
    content: bytes,
    name: str,
) -> Report:
    (pk,) = new_ids(Report, 1)
    corrections = sum(each.facts.number in known.standing for each in told)
    report = Report.objects.create(
        pk=pk,
        number=f"ZF{timezone.localdate().year}-{pk:06d}",
        unit=unit,
        people_count=len(told),
        correction_count=corrections,
        source=protect_bytes(content),
        source_name=hide_id_numbers(name)[:200] or "自主发放证书.xlsx",
        source_sha256=hashlib.sha256(content).hexdigest(),
        filed_by=actor,
    )
    ids = new_ids(SelfIssuedCertificate, len(told))
    copy_rows(
        SelfIssuedCertificate,
        _FIELDS,
        (
            (
                row_id,
                report.pk,
                unit.pk,
                known.record_for(each.facts.person),
                Standing.FILED.value,
                each.facts.number,
                each.facts.person.name,
                each.facts.person.sex,
                each.facts.person.id_kind,
                protect(each.facts.person.id_number),
                each.key,
                mask(each.facts.person.id_number),
                each.facts.person.work_unit,
                each.facts.person.qualification,
                each.facts.person.specialty,
                each.facts.person.series,
                each.facts.person.level,
                each.facts.person.grade,
                each.facts.person.approval_date,
                each.facts.person.document,
                each.facts.issued_on,
                each.facts.correction_reason,
                "",
            )
            for row_id, each in zip(ids, told, strict=True)
        ),
    )
    return report


@retrying
def accept_report(*, actor: Actor, report_id: int) -> Report:
    """收录: from now on the query answers with these certificates, as the unit's own.

    Checked again against what is on file today; corrected certificates give way to the new ones.
    """
    with recorded(actor, Action.SELF_ISSUED_ACCEPT) as record:
        report = _report(report_id)
        require(actor, Action.SELF_ISSUED_ACCEPT, report)
        state = REPORT.target(Action.SELF_ISSUED_ACCEPT, report.state)
        _lock(report.unit_id)
        rows = SelfIssuedCertificate.objects.filter(report=report)
        checking.require_still_right(report)
        numbers = rows.values("number")
        superseded = list(
            SelfIssuedCertificate.objects.filter(
                unit=report.unit, state=Standing.ACCEPTED, number__in=numbers
            ).values_list("pk", flat=True)
        )
        now = timezone.now()
        SelfIssuedCertificate.objects.filter(pk__in=superseded).update(
            state=Standing.SUPERSEDED, ended_at=now, ended_by=account_of(actor)
        )
        rows.update(state=Standing.ACCEPTED)
        _decide(report, state, actor)
        record(
            subject=report,
            data={"number": report.number, "superseded": len(superseded)},
            rows=SelfIssuedCertificate._meta.label_lower,
            ids=list(rows.values_list("pk", flat=True)),
        )
    return report


@retrying
def return_report(*, actor: Actor, report_id: int, reason: str) -> Report:
    """退回, with the reason; the unit mends its file and sends it again."""
    return _end(actor, Action.SELF_ISSUED_RETURN, report_id, reason, Standing.RETURNED)


@retrying
def withdraw_report(*, actor: Actor, report_id: int, reason: str) -> Report:
    """撤回 by the unit, while the office hasn't decided."""
    return _end(actor, Action.SELF_ISSUED_WITHDRAW, report_id, reason, Standing.WITHDRAWN)


def _end(actor: Actor, action: Action, report_id: int, reason: str, standing: Standing) -> Report:
    with recorded(actor, action) as record:
        report = _report(report_id)
        require(actor, action, report)
        state = REPORT.target(action, report.state)
        report.reason = _reason(reason, 300)
        SelfIssuedCertificate.objects.filter(report=report).update(state=standing)
        _decide(report, state, actor)
        record(subject=report, data={"number": report.number, "reason": report.reason})
    return report


@retrying
def end_certificate(
    *, actor: Actor, certificate_id: int, void: bool, reason: str
) -> SelfIssuedCertificate:
    """The unit voids a certificate of its own (the query says so), or takes back a wrong report.

    What was taken back was never issued so: the query answers nothing any more.
    """
    with recorded(actor, Action.SELF_ISSUED_WITHDRAW) as record:
        units = SelfIssuedCertificate.objects.values_list("unit", flat=True)
        _lock(units.get(pk=certificate_id))
        found = (
            SelfIssuedCertificate.objects.select_for_update(of=("self",))
            .select_related("unit")
            .get(pk=certificate_id)
        )
        require(actor, Action.SELF_ISSUED_WITHDRAW, found)
        if found.state != Standing.ACCEPTED:
            raise Conflict(
                "self_issued.not_standing",
                "这本证书现在不是已收录状态。",
                clause="N16",
                found=found.get_state_display(),
                expected=str(Standing.ACCEPTED.label),
            )
        found.state = Standing.VOID if void else Standing.WITHDRAWN
        found.end_reason = _reason(reason, 200)
        found.ended_at, found.ended_by = timezone.now(), account_of(actor)
        found.save(update_fields=["state", "end_reason", "ended_at", "ended_by"])
        record(
            subject=found,
            data={"number": found.number, "void": void, "reason": found.end_reason},
        )
    return found


def _report(report_id: int) -> Report:
    return (
        Report.objects.select_for_update(of=("self",))
        .select_related("unit")
        .defer("source")
        .get(pk=report_id)
    )


def _decide(report: Report, state: str, actor: Actor) -> None:
    report.state = ReportState(state)
    report.decided_at, report.decided_by = timezone.now(), account_of(actor)
    report.save(update_fields=["state", "decided_at", "decided_by", "reason"])


def _reason(text: str, longest: int) -> str:
    reason = hide_id_numbers(text.strip())[:longest]
    if not reason:
        raise Refusal(
            "self_issued.reason", "请写明原因。", clause="N16", mend="请填写原因后再办理。"
        )
    return reason
