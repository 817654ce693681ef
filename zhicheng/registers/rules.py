"""Every check of a register's rows against themselves and the approval documents; pure.

Clauses: N2 (only who is listed in an approval document), N6 (register = approval document =
certificate), N16, N17. One fault is named once, at its root: a row whose ID number is wrong is
not also reported as not listed. Nothing is guessed: what the approval document says is offered
as a suggestion for a person to accept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from zhicheng.approvals.book import Approvals, ListedPerson
from zhicheng.reference.catalog import Catalog, load_catalog
from zhicheng.registers.columns import (
    APPROVAL_DATE,
    CERTIFICATE_NUMBER,
    COLUMNS,
    DOCUMENT_NUMBER,
    ID_NUMBER,
    NAME,
    QUALIFICATION,
    SEX,
    SPECIALTY,
    SUPERVISING_DEPARTMENT,
    WORK_UNIT,
)
from zhicheng.registers.matching import Match, match_rows
from zhicheng.registers.missing_rules import missing_people
from zhicheng.registers.numbering.own_numbers import Numbering
from zhicheng.registers.offer_rules import offer, offered_date, only_document, only_entry
from zhicheng.registers.tidying import TidyRow
from zhicheng.values import id_number
from zhicheng.values.finding import ERROR, WARNING, Finding, tidied
from zhicheng.values.judging import (
    Fault,
    judge_date,
    judge_document_number,
    judge_id_number,
    judge_name,
    judge_sex,
)
from zhicheng.values.text import hide_id_numbers

_TITLES = tuple(column.title for column in COLUMNS)


@dataclass(frozen=True, slots=True)
class Taken:
    """What other registers hold already: certificate numbers and approved entries, to where."""

    certificate_numbers: Mapping[str, str] = field(default_factory=dict)
    entries: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """A row after the checks: ``approved`` is the entry that it firmly stands for."""

    row: TidyRow
    approved: ListedPerson | None

    @property
    def grade(self) -> str:
        """senior, intermediate, junior, or empty while no entry is certain."""
        return self.approved.grade if self.approved else ""


@dataclass(slots=True)
class CheckResult:
    """All rows in order and all findings, row by row."""

    rows: list[CheckedRow]
    findings: list[Finding]

    def count(self, severity: str) -> int:
        """How many findings have this severity."""
        return sum(finding.severity == severity for finding in self.findings)

    @property
    def errors(self) -> int:
        """How many findings stop the register."""
        return self.count(ERROR)


def check_rows(
    rows: Sequence[TidyRow],
    *,
    approvals: Approvals,
    today: date,
    taken: Taken | None = None,
    numbering: Numbering | None = None,
    reporting_unit: str = "",
    has_authority: bool | None = None,
    catalog: Catalog | None = None,
) -> CheckResult:
    """Checks all rows of one register.

    ``taken`` is what other accepted registers hold; ``numbering`` the rules of the issuing
    unit's certificate numbers where some are known; ``has_authority`` whether the reporting unit
    manages by itself: it may leave 主管部门 blank (None, unknown, is taken as no).
    """
    check = _Check(
        rows=rows,
        approvals=approvals,
        today=today,
        taken=taken or Taken(),
        numbering=numbering,
        has_authority=has_authority,
        catalog=catalog or load_catalog(),
    )
    return check.run(reporting_unit)


class _Check:
    """One run over a register; ``index`` and ``row`` are the row at hand."""

    index: int
    row: TidyRow

    def __init__(
        self,
        *,
        rows: Sequence[TidyRow],
        approvals: Approvals,
        today: date,
        taken: Taken,
        numbering: Numbering | None,
        has_authority: bool | None,
        catalog: Catalog,
    ) -> None:
        self.rows = rows
        self.approvals = approvals
        self.today = today
        self.taken = taken
        self.numbering = numbering
        self.has_authority = has_authority
        self.catalog = catalog
        self.findings: list[Finding] = []
        self.first_with_number: dict[str, int] = {}

    def run(self, reporting_unit: str) -> CheckResult:
        """All rows in order, then who is missing."""
        id_faults = [id_fault(row, self.approvals, self.today) for row in self.rows]
        good_ids = [
            is_relied_on(row, fault) for fault, row in zip(id_faults, self.rows, strict=True)
        ]
        matches = match_rows(self.rows, good_ids, self.approvals)
        checked = []
        for index, (row, match) in enumerate(zip(self.rows, matches.of_rows, strict=True)):
            self.index, self.row = index, row
            if self._nothing_to_say(match, good_ids[index]):
                checked.append(CheckedRow(row, match.firm))
                continue
            for column, code, before in row.done:
                self._tidied(column, code, before)
            self._own_cells(match, id_faults[index])
            self._certificate_number(match)
            self._approval(match, good_ids[index])
            approved = match.firm if match.twice_of is None else None
            checked.append(CheckedRow(row, approved))
        self.findings += missing_people(
            self.rows,
            matches,
            self.approvals,
            reporting_unit=reporting_unit,
            taken=self.taken.entries,
        )
        return CheckResult(checked, self.findings)

    def _nothing_to_say(self, match: Match, good_id: bool) -> bool:
        """Whether the row agrees in everything, as nearly all do; else every check is asked."""
        row, person, document = self.row, match.firm, match.document
        if row.done or person is None or document is None or not good_id:
            return False
        values = row.values
        number = values[CERTIFICATE_NUMBER]
        agrees = (
            match.twice_of is None
            and not document.is_self_managed
            and not document.is_online
            and person.ref not in self.taken.entries
            and values[NAME] == person.name
            and values[SPECIALTY] == person.specialty
            and values[QUALIFICATION] == person.qualification
            and values[WORK_UNIT] == person.work_unit
            and row.approved_on.value is not None
            and row.approved_on.value == person.approval_date
            and row.approved_on.value <= self.today
            and "" not in values
            and self.catalog.is_present(values[QUALIFICATION])
            and judge_name(values[NAME]) is None
            and judge_sex(values[SEX], values[ID_NUMBER]) is None
            and len(number) < id_number.LENGTH
            and not self._against_rule(number, match)
            and number not in self.taken.certificate_numbers
        )
        return agrees and self.first_with_number.setdefault(number, self.index) == self.index

    # What a cell says by itself.

    def _own_cells(self, match: Match, id_fault: Fault | None) -> None:
        values, person = self.row.values, match.person
        if "" in values:
            self._required(match)
        if values[NAME]:
            self._judged(NAME, judge_name(values[NAME]), person.name if person else "", person)
        if id_fault is not None:
            self._fault(ID_NUMBER, id_fault, person.id_masked if person else "", person=person)
        if values[SEX]:
            relied_on = values[ID_NUMBER] if id_fault is None else ""
            self._judged(SEX, judge_sex(values[SEX], relied_on), "", person)
        if values[APPROVAL_DATE]:
            fault = _other_month(judge_date(self.row.approved_on, self.today), self.row, person)
            self._judged(APPROVAL_DATE, fault, offered_date(person), person)
        if values[DOCUMENT_NUMBER] and match.document is None:
            fault = judge_document_number(values[DOCUMENT_NUMBER])
            self._judged(DOCUMENT_NUMBER, fault, only_document(match), only_entry(match))

    def _required(self, match: Match) -> None:
        person = match.person
        for column, value in enumerate(self.row.values):
            if value or (column == SUPERVISING_DEPARTMENT and self.has_authority):
                continue
            # Who endorses is known from the organisations: a blank here stops nothing (N3).
            severity = WARNING if column == SUPERVISING_DEPARTMENT else ERROR
            offered, source = offer(person, column), person
            if column == DOCUMENT_NUMBER:
                offered, source = only_document(match), only_entry(match)
            self._fault(
                column,
                Fault("required", f"{_TITLES[column]}没有填写"),
                offered,
                clause="A1",
                severity=severity,
                person=source,
            )

    def _certificate_number(self, match: Match) -> None:
        number = self.row.values[CERTIFICATE_NUMBER]
        if not number:
            return
        # A masked one is what is kept of an ID number that was typed here.
        if id_number.is_adults(number, self.today) or id_number.is_masked(number):
            reason = "证书编号栏里填的是身份证号码"
            self._fault(CERTIFICATE_NUMBER, Fault("certificate_number.malformed", reason))
            return
        wrong = self._against_rule(number, match)
        if wrong:
            reason = f"证书编号不符合编号规则：{wrong}"
            self._fault(CERTIFICATE_NUMBER, Fault("certificate_number.malformed", reason))
        first = self.first_with_number.setdefault(number, self.index)
        if first != self.index:
            reason = f"证书编号与第{self.rows[first].excel_row}行重复"
            self._fault(CERTIFICATE_NUMBER, Fault("certificate_number.duplicate", reason))
        elif number in self.taken.certificate_numbers:
            reason = f"证书编号已被{self.taken.certificate_numbers[number]}使用"
            self._fault(CERTIFICATE_NUMBER, Fault("certificate_number.taken", reason))

    def _against_rule(self, number: str, match: Match) -> str:
        """Which part of the number is wrong; grade and year count only where they are certain."""
        if self.numbering is None:
            return ""
        person = match.firm if match.twice_of is None else None
        day = person.approval_date if person else None
        return self.numbering.fault(
            number, grade=person.grade if person else "", approved_in=day.year if day else 0
        )

    # What the approval document says.

    def _approval(self, match: Match, good_id: bool) -> None:
        document = match.document
        if match.twice_of is not None:
            self._duplicate(match)
        if document is None:
            self._unknown_document(match)
            if match.twice_of is None:
                self._unknown_qualification(None)
        elif document.is_self_managed:
            reason = (
                "该文件为自主评审单位自主发文公布，由单位自主印制证书，不领取全市统一的职称证书"
            )
            self._fault(DOCUMENT_NUMBER, Fault("approval.self_issued", reason), clause="N16")
        elif document.is_online:
            reason = "该文件为线上评审，证书由职称申报评审系统生成，不在纸质登记表上领取"
            self._fault(DOCUMENT_NUMBER, Fault("approval.online", reason), clause="N17")
        elif match.twice_of is None:
            if match.firm is None and good_id:
                self._not_listed(match)
            elif match.firm is not None and match.firm.ref in self.taken.entries:
                where = self.taken.entries[match.firm.ref]
                reason = f"该人员的同一资格已在{where}受理，不能重复领取证书"
                self._fault(ID_NUMBER, Fault("person.already_certified", reason), person=match.firm)
            self._compare(match.person)
            self._unknown_qualification(match.person)

    def _duplicate(self, match: Match) -> None:
        first = self.rows[match.twice_of or 0].excel_row
        offered = match.likely
        reason = f"与第{first}行是同一人同一资格"
        if offered is not None:
            reason = f"身份证号码与第{first}行相同，核准文件所列{offered.name}的号码不是它"
        self._fault(
            ID_NUMBER,
            Fault("person.duplicate", reason),
            offered.id_masked if offered else "",
            person=offered,
        )

    def _unknown_document(self, match: Match) -> None:
        number = self.row.values[DOCUMENT_NUMBER]
        if not number or judge_document_number(number) is not None:
            return
        self._fault(
            DOCUMENT_NUMBER,
            Fault("approval.unknown", "没有这一批准文号的核准文件，须先有核准文件方可登记"),
            only_document(match),
            clause="N2",
            person=only_entry(match),
        )

    def _not_listed(self, match: Match) -> None:
        number = self.row.values[DOCUMENT_NUMBER]
        if match.elsewhere:
            others = "、".join(dict.fromkeys(entry.document for entry in match.elsewhere))
            reason = f"核准文件{number}没有列入该人员，列入该人员的是{others}"
            column, offered = DOCUMENT_NUMBER, only_document(match)
            source = only_entry(match)
        elif match.likely is not None:
            reason = f"核准文件{number}没有列入该身份证号码，所列{match.likely.name}的号码不是它"
            column, offered, source = ID_NUMBER, match.likely.id_masked, match.likely
        else:
            reason = f"核准文件{number}没有列入该人员"
            column, offered, source = ID_NUMBER, "", None
        self._fault(
            column,
            Fault("approval.person_not_listed", reason),
            offered,
            clause="N2",
            person=source,
        )

    def _compare(self, person: ListedPerson | None) -> None:
        if person is None:
            return
        values, number = self.row.values, person.document
        if values[NAME] != person.name and values[NAME] and judge_name(values[NAME]) is None:
            self._differs(NAME, "approval.name_differs", person.name, person)
        for column, code, listed in (
            (QUALIFICATION, "approval.qualification_differs", person.qualification),
            (SPECIALTY, "approval.specialty_differs", person.specialty),
        ):
            if values[column] != listed and values[column] and listed:
                self._differs(column, code, listed, person)
        mine, theirs = self.row.approval_date, person.approval_date
        if mine is not None and theirs is not None and mine != theirs and mine <= self.today:
            self._differs(APPROVAL_DATE, "approval.date_differs", theirs.isoformat(), person)
        if values[WORK_UNIT] != person.work_unit and values[WORK_UNIT] and person.work_unit:
            reason = f"工作单位与核准文件{number}所列不同，请核实是否调动或更名"
            self._fault(
                WORK_UNIT,
                Fault("work_unit.differs", reason),
                person.work_unit,
                severity=WARNING,
                person=person,
            )

    def _differs(self, column: int, code: str, listed: str, person: ListedPerson) -> None:
        reason = f"{_TITLES[column]}与核准文件{person.document}不一致"
        self._fault(column, Fault(code, reason), listed, person=person)

    def _unknown_qualification(self, person: ListedPerson | None) -> None:
        name = self.row.values[QUALIFICATION]
        if not name or self.catalog.is_present(name):
            return
        if person is not None:
            if person.qualification != name:
                return  # the disagreement is the root
            reason = f"“{name}”不在现行资格名称之列，核准文件如此，请核实"
            self._fault(QUALIFICATION, Fault("qualification.unknown", reason), severity=WARNING)
        elif not self.catalog.knows(name):
            reason = f"“{name}”不是规范的资格名称"
            self._fault(QUALIFICATION, Fault("qualification.unknown", reason))

    # How it is said.

    def _judged(
        self, column: int, fault: Fault | None, offered: str, person: ListedPerson | None
    ) -> None:
        if fault is not None:
            offered = offered or fault.suggestion
            self._fault(column, fault, offered, person=person if offered else None)

    def _fault(
        self,
        column: int,
        fault: Fault,
        offered: str = "",
        *,
        clause: str = "N6",
        severity: str = ERROR,
        person: ListedPerson | None = None,
    ) -> None:
        self.findings.append(
            Finding(
                row=self.row.excel_row,
                column=_TITLES[column],
                code=fault.code,
                severity=severity,
                value=shown(column, self.row.values[column], self.today),
                suggestion=offered or fault.suggestion,
                message=f"{hide_id_numbers(fault.reason)}。",
                clause=clause,
                index=self.index,
                person=person.ref if person else None,
            )
        )

    def _tidied(self, column: int, code: str, before: str) -> None:
        self.findings.append(
            tidied(
                self.index,
                self.row.excel_row,
                _TITLES[column],
                code,
                shown(column, before, self.today),
                shown(column, self.row.values[column], self.today),
            )
        )


def id_fault(row: TidyRow, approvals: Approvals, today: date) -> Fault | None:
    """What is wrong with the row's ID number by itself; None also where there is none."""
    number = row.values[ID_NUMBER]
    if not number:
        return None
    fault = judge_id_number(number, lost=row.lost, today=today)
    if fault is not None and fault.code == id_number.MALFORMED:
        other = id_number.kind_of(number)
        # A passport or older residence card has no check digit: only a list can vouch.
        if other is not None and approvals.entries_of(row.key):
            return None
    return fault


def is_relied_on(row: TidyRow, fault: Fault | None) -> bool:
    """Whether the row's ID number says who is meant."""
    return fault is None and row.values[ID_NUMBER] != ""


def shown(column: int, text: str, today: date) -> str:
    """A cell as it may be shown and kept: ID numbers masked, in whichever column they stand."""
    if column == ID_NUMBER:
        return id_number.mask(text)
    if column == CERTIFICATE_NUMBER:
        return id_number.mask(text) if id_number.is_adults(text, today) else text
    return hide_id_numbers(text)


def _other_month(fault: Fault | None, row: TidyRow, person: ListedPerson | None) -> Fault | None:
    """A year and month alone that aren't even those of the approval document."""
    month = row.approved_on.month
    listed = person.approval_date if person is not None else None
    if fault is None or month is None or listed is None or month == (listed.year, listed.month):
        return fault
    return Fault(fault.code, f"{fault.reason}，且与核准文件所列不在同一个月")
