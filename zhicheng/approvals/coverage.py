"""Whether what a list says was reviewed is covered by a record of the review mode (N15, N16).

Self-managed review exists only by its record, so a result outside it is an error (N16). The
notice gives unified certificates to whoever was reviewed by authorisation or jointly *if the
approving department announced it* (N15): the announcement is on file here, an authorisation may
lie in another office's cabinet. So a missing record is a warning. Only when the list names the
unit that reviewed, and its records say otherwise, two statements contradict each other, and a
person has to find out which is wrong: an error.
"""

from collections.abc import Iterable, Mapping, Sequence

from zhicheng.approvals.models import ApprovalDocument, ApprovedPerson, ReviewRecord
from zhicheng.approvals.queries import records_concerning
from zhicheng.approvals.rules import DocumentFacts, ListResult
from zhicheng.approvals.scope_rules import (
    GAPS,
    Gap,
    RecordFacts,
    Result,
    gap_of,
    series_of,
    uncovered,
)
from zhicheng.approvals.vocabulary import (
    CHANNEL_LABELS,
    COMMITTEE,
    MODE_LABELS,
    SELF_MANAGED,
)
from zhicheng.organizations.models import Organization
from zhicheng.reference.catalog import load_catalog
from zhicheng.values.finding import ERROR, WARNING, Finding


def uncovered_results(
    result: ListResult, organizations: Mapping[str, Organization]
) -> list[Finding]:
    """One finding for each document and gap; ``organizations`` are those that the list names."""
    asked = _results(result)
    modes = {document.review_mode for document in result.documents.values()} - {COMMITTEE, ""}
    if not modes:
        return []
    known = [
        record.facts()
        for record in records_concerning({each.pk for each in organizations.values()})
    ]
    findings: list[Finding] = []
    for document in result.documents.values():
        department = organizations.get(document.department)
        if department is None or document.review_mode not in modes:
            continue
        of_mode = [record for record in known if record.mode == document.review_mode]
        said: set[Gap] = set()
        for facts, (row, index) in asked.get(document.number, {}).items():
            found = _gap(document, department, organizations, of_mode, facts)
            if found is not None and found not in said:
                said.add(found)
                findings.append(
                    _finding(document, department, organizations, found, facts, (row, index))
                )
    return findings


def _results(result: ListResult) -> dict[str, dict[Result, tuple[int, int]]]:
    """What each document reviewed, each once, with the first row that says so."""
    catalog = load_catalog()
    series: dict[tuple[str, str, str], frozenset[str]] = {}
    asked: dict[str, dict[Result, tuple[int, int]]] = {}
    for person in result.people:
        title = (person.qualification, person.level, person.series)
        if title not in series:
            series[title] = series_of(catalog, *title)
        facts = Result(person.approval_date, person.level, person.qualification, series[title])
        asked.setdefault(person.document, {}).setdefault(facts, (person.row, person.index))
    return asked


def _gap(
    document: DocumentFacts,
    department: Organization,
    organizations: Mapping[str, Organization],
    records: Iterable[RecordFacts],
    facts: Result,
) -> Gap | None:
    if document.review_mode == SELF_MANAGED:
        return uncovered([each for each in records if each.unit == department.pk], facts)
    announced = [each for each in records if each.department == department.pk]
    unit = organizations.get(document.review_unit)
    if document.review_unit:
        announced = [each for each in announced if unit is not None and each.unit == unit.pk]
    return uncovered(announced, facts)


def _finding(
    document: DocumentFacts,
    department: Organization,
    organizations: Mapping[str, Organization],
    gap: Gap,
    facts: Result,
    place: tuple[int, int],
) -> Finding:
    mode = MODE_LABELS[document.review_mode]
    unit = organizations.get(document.review_unit)
    if document.review_mode == SELF_MANAGED:
        clause, severity, column = "N16", ERROR, "核准部门"
        if gap <= Gap.NOT_IN_FORCE:
            code, reason = (
                "self_review.not_on_record",
                f"{department.name}在批准时间没有有效的自主评审备案",
            )
        else:
            code, reason = (
                "self_review.out_of_scope",
                f"{department.name}的自主评审备案：{GAPS[gap]}",
            )
    else:
        clause, column = "N15", "评审单位" if document.review_unit else "核准部门"
        contradicts = unit is not None and gap is not Gap.NO_RECORD
        severity = ERROR if contradicts else WARNING
        code = "review_record.contradicts" if contradicts else "review_record.missing"
        who = unit.name if unit is not None else f"{department.name}发文公布的{mode}"
        reason = f"{who}：{GAPS[gap]}"
        if document.review_unit and unit is None:
            reason = f"没有登记名为“{document.review_unit}”的评审单位，不能核对{mode}备案"
        if not contradicts:
            reason += "。已由核准部门统一发文公布的，仍发放统一证书；请核实授权后补登备案"
    value = document.review_unit if column == "评审单位" else document.department
    return Finding(
        row=place[0],
        column=column,
        code=code,
        severity=severity,
        value=value,
        suggestion="",
        message=f"{reason}（{facts.day.isoformat()} {facts.qualification}）。",
        clause=clause,
        index=place[1],
    )


def listed_in_other_channel(result: ListResult, keys: Sequence[bytes]) -> list[Finding]:
    """Whoever another document lists for the same title by the other channel (N17).

    The way of issue follows the channel, so both together would be two certificates for one
    result. A warning: which document is meant, no list says.
    """
    channels = {number: document.channel for number, document in result.documents.items()}
    elsewhere: dict[tuple[bytes, str, str], list[tuple[str, str]]] = {}
    rows = (
        ApprovedPerson.objects.filter(id_number_index__in=list(keys))
        .exclude(document__number__in=list(channels))
        .exclude(document__review_mode=SELF_MANAGED)
        .order_by("pk")
        .values_list(
            "id_number_index",
            "qualification",
            "specialty",
            "document__number",
            "document__channel",
        )
    )
    for key, qualification, specialty, number, channel in rows:
        title = (bytes(key), qualification, specialty)
        elsewhere.setdefault(title, []).append((number, channel))
    findings = []
    for person, key in zip(result.people, keys, strict=True):
        own = channels[person.document]
        for number, channel in elsewhere.get((key, person.qualification, person.specialty), ()):
            if channel != own:
                message = (
                    f"{person.name}的同一资格已列入{number}（{CHANNEL_LABELS[channel]}），申报渠道不同；"
                    "证书只按一种渠道发放，请核实。"
                )
                findings.append(
                    Finding(
                        row=person.row,
                        column="申报渠道",
                        code="person.other_channel",
                        severity=WARNING,
                        value=CHANNEL_LABELS[own],
                        suggestion="",
                        message=message,
                        clause="N17",
                        index=person.index,
                    )
                )
    return findings


def records_covering(document: ApprovalDocument) -> tuple[list[ReviewRecord], int]:
    """The records that cover something of a document on file, and how many results none covers."""
    if document.review_mode == COMMITTEE:
        return [], 0
    known = [
        record
        for record in records_concerning({document.approving_department_id})
        if record.mode == document.review_mode
    ]
    if document.review_mode == SELF_MANAGED:
        known = [each for each in known if each.unit_id == document.approving_department_id]
    elif document.review_unit_id is not None:
        known = [each for each in known if each.unit_id == document.review_unit_id]
    catalog = load_catalog()
    used: dict[int, ReviewRecord] = {}
    missing = 0
    rows = document.people.order_by().values_list(
        "approval_date", "level", "qualification", "series"
    )
    for day, level, qualification, series in rows.distinct():
        facts = Result(day, level, qualification, series_of(catalog, qualification, level, series))
        covering = [each for each in known if gap_of(each.facts(), facts) is None]
        used |= {each.pk: each for each in covering}
        missing += not covering
    return list(used.values()), missing
