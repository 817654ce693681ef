"""Checks a list workbook of approval documents, row by row; pure (N2, N8, N15-N17)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from zhicheng.approvals import reading
from zhicheng.approvals.reading import COLUMNS, ListRow
from zhicheng.approvals.vocabulary import CHANNELS, MODES
from zhicheng.reference.catalog import GRADE_OF, LEVEL_LABELS, LEVEL_WORDS, Catalog
from zhicheng.spreadsheets.tables import Value
from zhicheng.values import id_number
from zhicheng.values.dates import ReadDate, read_date
from zhicheng.values.document_number import tidy_document_number
from zhicheng.values.finding import ERROR, WARNING, Finding, tidied
from zhicheng.values.judging import (
    Fault,
    judge_date,
    judge_document_number,
    judge_id_number,
    judge_name,
    judge_sex,
)
from zhicheng.values.names import tidy_name
from zhicheng.values.text import Codes, cell_text, hide_id_numbers, strip_spaces, tidy_text

_TITLES = tuple(column.title for column in COLUMNS)
_REQUIRED = tuple(index for index, column in enumerate(COLUMNS) if column.required)
_DATES = (reading.APPROVAL_DATE, reading.ISSUED_ON)
_LONGEST = {  # what the tables hold; names are judged by themselves
    reading.DOCUMENT_NUMBER: 60,
    reading.DEPARTMENT: 120,
    reading.WORK_UNIT: 200,
    reading.QUALIFICATION: 40,
    reading.SPECIALTY: 100,
    reading.SERIES: 40,
    reading.REVIEW_UNIT: 120,
}


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """A document of the list, to be written; ``row`` is the Excel row that names it first.

    ``review_unit`` is who reviewed where that isn't the department itself (N15).
    """

    number: str
    department: str
    review_mode: str
    channel: str
    issued_on: date | None
    row: int
    index: int
    review_unit: str = ""


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """A person of the list, to be written; ``id_number`` in clear, for encryption only."""

    document: str
    name: str
    sex: str
    id_kind: str
    id_number: str
    work_unit: str
    qualification: str
    specialty: str
    series: str
    level: str
    grade: str
    approval_date: date
    row: int
    index: int


@dataclass(slots=True)
class ListResult:
    """Everything that the list says; only usable when ``errors`` is 0."""

    documents: dict[str, DocumentFacts] = field(default_factory=dict)
    people: list[PersonFacts] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def errors(self) -> int:
        """How many findings are errors."""
        return sum(finding.severity == ERROR for finding in self.findings)


def check_list(
    rows: Sequence[ListRow], *, catalog: Catalog, today: date, date_1904: bool = False
) -> ListResult:
    """Tidies and judges every row; documents are gathered from the rows that carry them."""
    result = ListResult()
    seen: dict[tuple[str, str, str, str], int] = {}
    for index, row in enumerate(rows):
        check = _RowCheck(index, row, catalog, today, date_1904)
        person = check.judge()
        document = check.document()
        check.agree(document, result.documents)
        if person is not None:
            check.once(person, seen)
        result.findings += check.findings
        if person is not None and not check.failed:
            result.people.append(person)
    return result


class _RowCheck:
    """One row of the list on its way through the rules."""

    def __init__(
        self, index: int, row: ListRow, catalog: Catalog, today: date, date_1904: bool
    ) -> None:
        self.index = index
        self.row = row
        self.catalog = catalog
        self.today = today
        self.findings: list[Finding] = []
        self.dates: dict[int, ReadDate] = {
            column: read_date(row.cells[column], date_1904=date_1904) for column in _DATES
        }
        self.texts = [self._tidy(column, cell) for column, cell in enumerate(row.cells)]
        self.review_mode = self._word(reading.REVIEW_MODE, MODES, "review_mode.unknown")
        self.channel = self._word(reading.CHANNEL, CHANNELS, "channel.unknown")

    @property
    def failed(self) -> bool:
        """Whether anything of the row is an error."""
        return any(finding.severity == ERROR for finding in self.findings)

    def judge(self) -> PersonFacts | None:
        """The row's person; None when a cell that makes the person can't be used."""
        texts = self.texts
        for column in _REQUIRED:
            if not texts[column]:
                self._fault(column, Fault("required", f"{_TITLES[column]}没有填写"))
        for column, longest in _LONGEST.items():
            if len(texts[column]) > longest:
                reason = f"{_TITLES[column]}超过{longest}个字"
                self._fault(column, Fault("text.too_long", reason))
        if texts[reading.NAME]:
            self._judged(reading.NAME, judge_name(texts[reading.NAME]))
        if texts[reading.DOCUMENT_NUMBER]:
            self._judged(
                reading.DOCUMENT_NUMBER, judge_document_number(texts[reading.DOCUMENT_NUMBER])
            )
        for column in _DATES:
            if texts[column]:
                self._judged(column, judge_date(self.dates[column], self.today))
        kind = self._judge_identity()
        level = self._level()
        approved_on = self.dates[reading.APPROVAL_DATE].value
        if self.failed or approved_on is None:
            return None
        return PersonFacts(
            document=texts[reading.DOCUMENT_NUMBER],
            name=texts[reading.NAME],
            sex=texts[reading.SEX],
            id_kind=kind,
            id_number=texts[reading.ID_NUMBER],
            work_unit=texts[reading.WORK_UNIT],
            qualification=texts[reading.QUALIFICATION],
            specialty=texts[reading.SPECIALTY],
            series=self.catalog.series_named(texts[reading.SERIES]) or texts[reading.SERIES],
            level=level,
            grade=GRADE_OF[level],
            approval_date=approved_on,
            row=self.row.excel_row,
            index=self.index,
        )

    def document(self) -> DocumentFacts:
        """What the row says of its document."""
        return DocumentFacts(
            number=self.texts[reading.DOCUMENT_NUMBER],
            department=self.texts[reading.DEPARTMENT],
            review_mode=self.review_mode,
            channel=self.channel,
            issued_on=self.dates[reading.ISSUED_ON].value,
            row=self.row.excel_row,
            index=self.index,
            review_unit=self.texts[reading.REVIEW_UNIT],
        )

    def agree(self, document: DocumentFacts, documents: dict[str, DocumentFacts]) -> None:
        """All rows of a document say the same of it; the first row's word stands."""
        first = documents.setdefault(document.number, document)
        for column, mine, theirs in (
            (reading.DEPARTMENT, document.department, first.department),
            (reading.REVIEW_MODE, document.review_mode, first.review_mode),
            (reading.CHANNEL, document.channel, first.channel),
            (reading.ISSUED_ON, document.issued_on, first.issued_on),
            (reading.REVIEW_UNIT, document.review_unit, first.review_unit),
        ):
            if mine and theirs and mine != theirs:
                reason = f"同一批准文号的{_TITLES[column]}与第{first.row}行不一致"
                self._fault(column, Fault("document.inconsistent", reason))

    def once(self, person: PersonFacts, seen: dict[tuple[str, str, str, str], int]) -> None:
        """Nobody is listed twice for the same title in one document."""
        key = (person.document, person.id_number, person.qualification, person.specialty)
        first = seen.setdefault(key, self.row.excel_row)
        if first != self.row.excel_row:
            self._fault(
                reading.ID_NUMBER, Fault("person.duplicate", f"与第{first}行是同一人同一资格")
            )

    def _tidy(self, column: int, cell: Value) -> str:
        text = cell_text(cell)
        if column in _DATES:
            read = self.dates[column]
            self._tidied(column, read.codes if read.value else (), text, read.text)
            return read.text
        new, codes = _TIDIERS.get(column, tidy_text)(text)
        if column == reading.ID_NUMBER:
            self._tidied(column, codes, id_number.mask(text), id_number.mask(new))
        else:
            self._tidied(column, codes, hide_id_numbers(text), hide_id_numbers(new))
        return new

    def _tidied(self, column: int, codes: Codes, before: str, after: str) -> None:
        for code in codes:
            self.findings.append(
                tidied(self.index, self.row.excel_row, _TITLES[column], code, before, after)
            )

    def _word(self, column: int, words: Mapping[str, str], code: str) -> str:
        text = self.texts[column]
        word = words.get(text, "")
        if text and not word:
            options = "、".join(dict.fromkeys(words))
            self._fault(column, Fault(code, f"{_TITLES[column]}应为：{options}"))
        return word

    def _judge_identity(self) -> str:
        number, sex = self.texts[reading.ID_NUMBER], self.texts[reading.SEX]
        kind = id_number.kind_of(number)
        comparable = ""
        if number:
            lost = id_number.precision_lost(self.row.cells[reading.ID_NUMBER])
            # Passports and older residence cards have no check digit to be judged by.
            if lost or kind is None or len(number) == 18:
                fault = judge_id_number(number, lost=lost, today=self.today)
                self._judged(reading.ID_NUMBER, fault)
                comparable = "" if fault else number
        if sex:
            self._judged(reading.SEX, judge_sex(sex, comparable))
        return kind or id_number.RESIDENT

    def _level(self) -> str:
        """The level of the title; it must be certain, because it decides who embosses (N8)."""
        name, series = self.texts[reading.QUALIFICATION], self.texts[reading.SERIES]
        word = self.texts[reading.LEVEL]
        if not name:
            return ""
        by_name = {title.level for title in self.catalog.titles_named(name, series)}
        if not by_name and self.catalog.knows(name):
            self._fault(
                reading.SERIES,
                Fault("series.mismatch", f"资格名称“{name}”不属于系列“{series}”"),
                severity=WARNING,
            )
        stated = LEVEL_WORDS.get(word, frozenset())
        if word and not stated:
            options = "、".join(LEVEL_LABELS.values())
            self._fault(reading.LEVEL, Fault("level.unknown", f"级别应为：{options}"))
            return ""
        levels = (by_name & stated or stated) if stated else by_name
        if stated and by_name and not by_name & stated:
            named = "、".join(LEVEL_LABELS[level] for level in sorted(by_name))
            reason = f"资格名称“{name}”是{named}，与所填级别不符"
            self._fault(reading.LEVEL, Fault("level.contradicts_name", reason))
        elif len(levels) > 1:
            options = "、".join(LEVEL_LABELS[level] for level in LEVEL_LABELS if level in levels)
            reason = f"资格名称“{name}”可能是{options}，应在“级别”栏写明"
            self._fault(reading.LEVEL, Fault("level.ambiguous", reason))
        elif not levels:
            reason = f"参考数据中没有资格名称“{name}”，应在“级别”栏写明级别"
            self._fault(reading.QUALIFICATION, Fault("qualification.unknown", reason))
        elif not by_name:
            reason = f"参考数据中没有资格名称“{name}”，按所填级别处理"
            self._fault(
                reading.QUALIFICATION, Fault("qualification.unknown", reason), severity=WARNING
            )
        return next(iter(levels)) if len(levels) == 1 else ""

    def _judged(self, column: int, fault: Fault | None) -> None:
        if fault is not None:
            self._fault(column, fault)

    def _fault(self, column: int, fault: Fault, *, severity: str = ERROR) -> None:
        text = self.texts[column]
        shown = id_number.mask(text) if column == reading.ID_NUMBER else hide_id_numbers(text)
        self.findings.append(
            Finding(
                row=self.row.excel_row,
                column=_TITLES[column],
                code=fault.code,
                severity=severity,
                value=shown[:300],
                suggestion=fault.suggestion[:300],
                message=f"{fault.reason}。",
                clause="N8" if fault.code.startswith("level.") else "N2",
                index=self.index,
            )
        )


_TIDIERS: Mapping[int, Callable[[str], tuple[str, Codes]]] = {
    reading.DOCUMENT_NUMBER: tidy_document_number,
    reading.NAME: tidy_name,
    reading.ID_NUMBER: id_number.tidy,
    reading.SEX: strip_spaces,
    reading.REVIEW_MODE: strip_spaces,
    reading.CHANNEL: strip_spaces,
    reading.LEVEL: strip_spaces,
}
