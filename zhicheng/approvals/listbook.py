"""A list file as the facts that registers are checked against, without a database.

Only what is asked for is tidied: of a city's list of 100,000 people a register touches a few.
"""

from collections.abc import Hashable, Iterable, Sequence, Set
from datetime import date

from zhicheng.approvals import reading
from zhicheng.approvals.book import ListedDocument, ListedPerson
from zhicheng.approvals.reading import ListRow, ListSheet
from zhicheng.approvals.vocabulary import CHANNELS, MODES
from zhicheng.spreadsheets.tables import Value
from zhicheng.values import id_number
from zhicheng.values.dates import read_date
from zhicheng.values.document_number import tidy_document_number
from zhicheng.values.id_number import is_clean
from zhicheng.values.names import tidy_name
from zhicheng.values.text import cell_text, strip_spaces, tidy_text


class ListBook:
    """``Approvals`` over the rows of a list; people are known by the ID number itself.

    ``unclear`` are the document numbers whose review mode or channel can't be read.
    """

    def __init__(self, sheet: ListSheet) -> None:
        self._rows = sheet.rows
        self._date_1904 = sheet.date_1904
        self._documents: dict[str, ListedDocument] = {}
        self._of_document: dict[str, list[int]] = {}
        self._of_key: dict[str, list[int]] = {}
        self._names: dict[str, dict[str, list[int]]] = {}
        self._made: dict[int, ListedPerson] = {}
        self._number_of: dict[object, str] = {}
        self._texts: dict[object, str] = {}
        self._dates: dict[object, date | None] = {}
        self.unclear: list[str] = []
        self._index()

    def _index(self) -> None:
        """Goes through the two columns by which is asked; all others wait until they are."""
        of_key, number_of = self._of_key, self._number_of
        column = reading.ID_NUMBER
        for index, row in enumerate(self._rows):
            cell = row[1][column]
            key = cell if cell.__class__ is str and is_clean(cell) else id_number.tidy(cell)[0]
            if key in of_key:
                of_key[key].append(index)
            else:
                of_key[key] = [index]
            stated = row[1][reading.DOCUMENT_NUMBER]
            number = number_of.get(stated)
            if number is None:
                number = number_of[stated] = tidy_document_number(cell_text(stated))[0]
            indices = self._of_document.get(number)
            if indices is None:
                indices = self._of_document[number] = []
                self._documents[number] = self._read_document(number, row)
            indices.append(index)

    def _read_document(self, number: str, row: ListRow) -> ListedDocument:
        mode = MODES.get(strip_spaces(cell_text(row.cells[reading.REVIEW_MODE]))[0], "")
        channel = CHANNELS.get(strip_spaces(cell_text(row.cells[reading.CHANNEL]))[0], "")
        if not mode or not channel:
            self.unclear.append(number)
        return ListedDocument(number, mode, channel)

    def _text(self, cell: Value) -> str:
        """Tidied free text; the few different texts of a list are each tidied once."""
        text = self._texts.get(cell)
        if text is None:
            text = self._texts[cell] = tidy_text(cell_text(cell))[0]
        return text

    def _person(self, index: int) -> ListedPerson:
        person = self._made.get(index)
        if person is None:
            cells = self._rows[index].cells
            key = id_number.tidy(cells[reading.ID_NUMBER])[0]
            text = self._text
            person = self._made[index] = ListedPerson(
                index,
                key,
                self._number_of[cells[reading.DOCUMENT_NUMBER]],
                tidy_name(cell_text(cells[reading.NAME]))[0],
                text(cells[reading.SEX]),
                id_number.mask(key),
                text(cells[reading.WORK_UNIT]),
                text(cells[reading.QUALIFICATION]),
                text(cells[reading.SPECIALTY]),
                self._date(cells[reading.APPROVAL_DATE]),
                level="",
                grade="",
            )
        return person

    def _date(self, cell: Value) -> date | None:
        kind = (cell.__class__, cell)
        if kind not in self._dates:
            self._dates[kind] = read_date(cell, date_1904=self._date_1904).value
        return self._dates[kind]

    def document(self, number: str) -> ListedDocument | None:
        """The document of this number."""
        return self._documents.get(number)

    def listed(self, number: str, key: Hashable) -> Sequence[ListedPerson]:
        """The person's entries in the document."""
        entries = self.entries_of(key)
        if len(entries) == 1:  # as nearly always
            return entries if entries[0].document == number else ()
        return [person for person in entries if person.document == number]

    def named(self, number: str, name: str) -> Sequence[ListedPerson]:
        """Everybody of this name in the document."""
        names = self._names.get(number)
        if names is None:
            names = self._names[number] = {}
            for index in self._of_document.get(number, ()):
                stated = tidy_name(cell_text(self._rows[index].cells[reading.NAME]))[0]
                names.setdefault(stated, []).append(index)
        return [self._person(index) for index in names.get(name, ())]

    def entries_of(self, key: Hashable) -> Sequence[ListedPerson]:
        """The person's entries in all documents."""
        return [self._person(index) for index in self._of_key.get(str(key), ())]

    def of_units(self, numbers: Set[str], units: Set[str]) -> Iterable[ListedPerson]:
        """Everybody whom these documents list for these work units."""
        for number in sorted(numbers):
            for index in self._of_document.get(number, ()):
                if self._text(self._rows[index].cells[reading.WORK_UNIT]) in units:
                    yield self._person(index)
