"""What a register is checked against: documents and the people they list, as plain facts.

The checks don't know where the facts come from: the database (``queries``) or a list file
(``reading``). People are known by an opaque key, the blind index or the ID number itself.
"""

from collections.abc import Hashable, Iterable, Sequence, Set
from datetime import date
from typing import NamedTuple, Protocol

from zhicheng.approvals.vocabulary import ONLINE, SELF_MANAGED


class ListedDocument(NamedTuple):
    """An approval document's number, review mode and channel (words of ``vocabulary``)."""

    number: str
    review_mode: str
    channel: str

    @property
    def is_self_managed(self) -> bool:
        """Announced by a self-managed unit: no unified certificates (N16)."""
        return self.review_mode == SELF_MANAGED

    @property
    def is_online(self) -> bool:
        """Certificates come from the online system (N17)."""
        return self.channel == ONLINE


class ListedPerson(NamedTuple):
    """A person of a document; ``ref`` identifies the entry, ``key`` the person."""

    ref: int
    key: Hashable
    document: str
    name: str
    sex: str
    id_masked: str
    work_unit: str
    qualification: str
    specialty: str
    approval_date: date | None
    level: str
    grade: str


class Approvals(Protocol):
    """The questions that the checks ask."""

    def document(self, number: str) -> ListedDocument | None:
        """The document of this number."""
        ...

    def listed(self, number: str, key: Hashable) -> Sequence[ListedPerson]:
        """The person's entries in the document."""
        ...

    def named(self, number: str, name: str) -> Sequence[ListedPerson]:
        """Everybody of this name in the document."""
        ...

    def entries_of(self, key: Hashable) -> Sequence[ListedPerson]:
        """The person's entries in all documents."""
        ...

    def of_units(self, numbers: Set[str], units: Set[str]) -> Iterable[ListedPerson]:
        """Everybody whom these documents list for these work units."""
        ...


class ApprovalBook:
    """Facts held in memory: what the tests and the database's reader fill."""

    def __init__(self, documents: Iterable[ListedDocument], people: Iterable[ListedPerson]) -> None:
        self._documents = {document.number: document for document in documents}
        self._people = list(people)
        self._listed: dict[tuple[str, Hashable], list[ListedPerson]] = {}
        self._named: dict[tuple[str, str], list[ListedPerson]] = {}
        self._entries: dict[Hashable, list[ListedPerson]] = {}
        for person in self._people:
            self._listed.setdefault((person.document, person.key), []).append(person)
            self._named.setdefault((person.document, person.name), []).append(person)
            self._entries.setdefault(person.key, []).append(person)

    def document(self, number: str) -> ListedDocument | None:
        """The document of this number."""
        return self._documents.get(number)

    def listed(self, number: str, key: Hashable) -> Sequence[ListedPerson]:
        """The person's entries in the document."""
        return self._listed.get((number, key), ())

    def named(self, number: str, name: str) -> Sequence[ListedPerson]:
        """Everybody of this name in the document."""
        return self._named.get((number, name), ())

    def entries_of(self, key: Hashable) -> Sequence[ListedPerson]:
        """The person's entries in all documents."""
        return self._entries.get(key, ())

    def of_units(self, numbers: Set[str], units: Set[str]) -> Iterable[ListedPerson]:
        """Everybody whom these documents list for these work units."""
        for person in self._people:
            if person.document in numbers and person.work_unit in units:
                yield person
