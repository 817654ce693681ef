"""What a report is held against: the unit's records, others' numbers, its own certificates."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from zhicheng.approvals.coverage import uncovered_results
from zhicheng.approvals.models import ApprovalDocument, RecordMode, ReviewMode, ReviewRecord
from zhicheng.approvals.rules import ListResult, PersonFacts
from zhicheng.approvals.scope_rules import RecordFacts, Result, gap_of, series_of
from zhicheng.organizations.models import Organization
from zhicheng.reference.catalog import load_catalog
from zhicheng.registers.numbering.used import used_by_others
from zhicheng.selfissued.models import Report, SelfIssuedCertificate, Standing
from zhicheng.selfissued.rules import CertificateFacts, as_reported, at
from zhicheng.values.finding import Finding
from zhicheng.values.refusal import Conflict, Refusal

USED_HERE = "自主评审单位自行发放的证书"
_PersonKey = tuple[bytes, str, str, str]


@dataclass(frozen=True, slots=True)
class Told:
    """A certificate of the file with the blind index of its holder."""

    facts: CertificateFacts
    key: bytes

    @property
    def title(self) -> _PersonKey:
        """Who holds what by which document."""
        person = self.facts.person
        return (self.key, person.qualification, person.specialty, person.document)


@dataclass(frozen=True)
class Known:
    """What is on file of a unit: certificate numbers that stand, wait or are void, and titles.

    ``waiting`` and ``waiting_titles`` say in which report.
    """

    standing: Mapping[str, _PersonKey]
    waiting: Mapping[str, str]
    waiting_titles: Mapping[_PersonKey, str]
    void: Collection[str]
    titles: Mapping[_PersonKey, str]
    records: Sequence[RecordFacts]

    def record_for(self, person: PersonFacts) -> int:
        """The unit's record that covers this person's result."""
        title = (person.qualification, person.level, person.series)
        series = series_of(load_catalog(), *title)
        result = Result(person.approval_date, person.level, person.qualification, series)
        return next(each.ref for each in self.records if gap_of(each, result) is None)


def require_record(unit: Organization) -> None:
    """Raises Refusal for a unit that never was on record for self-managed review."""
    if not ReviewRecord.objects.filter(unit=unit, mode=RecordMode.SELF_MANAGED).exists():
        raise Refusal(
            "self_issued.not_on_record",
            "本单位没有自主评审备案，不能报送自主发放的证书。",
            clause="N16",
            found=unit.name,
            expected="经备案同意采取自主评审的单位",
            mend="评审结果由核准部门统一发文公布的，请填报登记表，领取统一的职称证书。",
        )


def known_of(unit: Organization, *, but: Report | None = None) -> Known:
    """Two statements, however many certificates the unit has; ``but`` leaves a report out."""
    standing: dict[str, _PersonKey] = {}
    waiting: dict[str, str] = {}
    waiting_titles: dict[_PersonKey, str] = {}
    void: set[str] = set()
    titles: dict[_PersonKey, str] = {}
    known = SelfIssuedCertificate.objects.filter(
        unit=unit, state__in=[Standing.FILED, Standing.ACCEPTED, Standing.VOID]
    )
    if but is not None:
        known = known.exclude(report=but)
    rows = known.values_list(
        "state",
        "number",
        "id_number_index",
        "qualification",
        "specialty",
        "document_number",
        "report__number",
    )
    for state, number, key, qualification, specialty, document, report in rows:
        title = (bytes(key), qualification, specialty, document)
        if state == Standing.FILED:
            waiting[number] = waiting_titles[title] = report
        elif state == Standing.VOID:
            void.add(number)
        else:
            standing[number] = title
            titles[title] = number
    records = [
        record.facts()
        for record in ReviewRecord.objects.filter(unit=unit, mode=RecordMode.SELF_MANAGED).order_by(
            "pk"
        )
    ]
    return Known(standing, waiting, waiting_titles, void, titles, records)


def uncovered(result: ListResult, unit: Organization) -> list[Finding]:
    """Results that no record of the unit covers (N16)."""
    return [
        Finding(
            row=found.row,
            column="批准时间",
            code=found.code,
            severity=found.severity,
            value="",
            suggestion="",
            message=found.message,
            clause="N16",
        )
        for found in map(as_reported, uncovered_results(result, {unit.name: unit}))
    ]


def against_file(told: Sequence[Told], known: Known) -> list[Finding]:
    """Every row whose number, document or holder is on file in another way."""
    taken = taken_by_unified([each.facts.number for each in told])
    unified = documents_of_others({each.facts.person.document for each in told})
    leaving = _leaving([each.facts.number for each in told], known)
    found = []
    for each in told:
        facts, number = each.facts, each.facts.number
        if facts.person.document in unified:
            found.append(
                at(
                    facts.row,
                    "document_number",
                    "approval.unified",
                    facts.person.document,
                    "该批准文号在档为由核准部门发文、统一发证的核准文件",
                )
            )
        fault = _number_fault(number, facts.correction_reason, taken, known) or _title_fault(
            each.title, known, leaving
        )
        if fault is not None:
            column, code, message = fault
            value = "" if column == "name" else number
            found.append(at(facts.row, column, code, value, message))
    return found


def _leaving(numbers: Sequence[str], known: Known) -> set[_PersonKey]:
    """The titles that the certificates to be corrected hold now, and give up."""
    return {known.standing[number] for number in numbers if number in known.standing}


def _title_fault(
    title: _PersonKey, known: Known, leaving: Collection[_PersonKey]
) -> tuple[str, str, str] | None:
    if title in known.titles and title not in leaving:
        message = f"该人的同一资格已有证书{known.titles[title]}；更正请沿用原证书编号"
        return "name", "person.already_certified", message
    if title in known.waiting_titles:
        message = f"该人的同一资格已在待收录的报送{known.waiting_titles[title]}中"
        return "name", "person.already_certified", message
    return None


def _number_fault(
    number: str, reason: str, taken: Mapping[str, str], known: Known
) -> tuple[str, str, str] | None:
    if number in taken:
        message = f"证书编号已用于全市统一的职称证书或历史证书（{taken[number]}）"
        return "number", "certificate_number.taken", message
    if number in known.waiting:
        message = f"已在待收录的报送{known.waiting[number]}中"
        return "number", "certificate_number.taken", message
    if number in known.void:
        return "number", "certificate_number.taken", "这个编号的证书本单位已作废"
    if number in known.standing and not reason:
        return "correction_reason", "required", "这个编号已经收录；更正须写明原因"
    if number not in known.standing and reason:
        return "number", "correction.unknown", "没有收录过这个编号，无从更正"
    return None


def taken_by_unified(numbers: Sequence[str]) -> dict[str, str]:
    """Which of the numbers stand on a unified or historic certificate, and where."""
    used = used_by_others(numbers, register_id=None)
    return {number: where for number, where in used.items() if where != USED_HERE}


def documents_of_others(numbers: Collection[str]) -> set[str]:
    """Which of the document numbers belong to documents of unified certificates."""
    found = ApprovalDocument.objects.filter(number__in=list(numbers)).exclude(
        review_mode=ReviewMode.SELF_MANAGED
    )
    return set(found.values_list("number", flat=True))


def require_still_right(report: Report) -> None:
    """Raises Refusal when anything on file has overtaken the report since it was filed.

    What was checked then is checked again: meanwhile the unit may have voided what it corrects,
    a record may have ended, a number may be a unified certificate's. The records stay as they are
    until this transaction ends.
    """
    rows = list(
        SelfIssuedCertificate.objects.filter(report=report).values_list(
            "number",
            "correction_reason",
            "id_number_index",
            "qualification",
            "specialty",
            "document_number",
            "approval_date",
            "record",
        )
    )
    numbers, documents = [row[0] for row in rows], {row[5] for row in rows}
    wrong = _ended_records({(row[7], row[6]) for row in rows})
    taken, known = taken_by_unified(numbers), known_of(report.unit, but=report)
    leaving = _leaving(numbers, known)
    for number, reason, key, *title, document, _day, _record in rows:
        fault = _number_fault(number, reason, taken, known) or _title_fault(
            (bytes(key), title[0], title[1], document), known, leaving
        )
        if fault is not None:
            wrong.append(f"{number}（{fault[2]}）")
    wrong += [f"{document}（统一发证的核准文件）" for document in documents_of_others(documents)]
    if wrong:
        raise Conflict(
            "self_issued.overtaken",
            "报送之后情况有了变化，不能收录。",
            clause="N16",
            found="、".join(sorted(wrong)[:5]),
            expected="备案有效；证书编号、批准文号和所更正的证书与报送时相同",
            mend="请退回，由单位更正后重新报送。",
        )


def _ended_records(days: Collection[tuple[int, date]]) -> list[str]:
    """Which records no longer cover the days of their results; locks them."""
    records = ReviewRecord.objects.select_for_update(no_key=True).order_by("pk")
    found = records.in_bulk({record for record, _day in days})
    facts = {pk: record.facts() for pk, record in found.items()}
    ended = {
        facts[record].number
        for record, day in days
        if not facts[record].first <= day <= facts[record].last
    }
    return [f"备案{number}已终止" for number in ended]


def numbers_of_units(numbers: Collection[str]) -> Mapping[str, str]:
    """Tells the numbering which numbers self-managed units have used."""
    found = SelfIssuedCertificate.objects.filter(
        number__in=list(numbers), state__in=[Standing.ACCEPTED, Standing.VOID]
    )
    return dict.fromkeys(found.values_list("number", flat=True), USED_HERE)
