"""核查案卷: what was unusual, what was looked into, how it ended, for signatures (N18)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from zhicheng.documents.engine import Engine, default_engine
from zhicheng.documents.fonts import require_printable
from zhicheng.documents.wording import chinese_date

# Numbers and times get their width in millimetres of the small print, and are broken between
# their words where there are too many; texts share the rest of the line by how long they are.
PER_CHARACTER, INSETS = 1.6, 3.0
MOST = 90  # millimetres for numbers and times
NARROWEST, WIDEST = 4, 14  # shares of a text, in characters
UNBROKEN = ("number", "date", "time", "code")


@dataclass(frozen=True)
class EvidenceTable:
    """Objects of one kind; ``kinds`` are the columns', as lists have them.

    ``alike`` is what all rows have in common, said once instead of in every row; ``note`` is
    empty where there is nothing more to say.
    """

    title: str
    headings: Sequence[str]
    kinds: Sequence[str]
    rows: Sequence[Sequence[str]]
    alike: Sequence[tuple[str, str]] = ()
    note: str = ""

    @property
    def widths(self) -> list[tuple[float, float]]:
        """Of each column its millimetres, or nothing and its share of the rest."""
        whole = self._widths(lambda cell: [cell])
        return whole if sum(wide for wide, _share in whole) <= MOST else self._widths(str.split)

    def _widths(self, words: Callable[[str], list[str]]) -> list[tuple[float, float]]:
        return [
            self._width(place, heading, kind, words)
            for place, (heading, kind) in enumerate(zip(self.headings, self.kinds, strict=True))
        ]

    def _width(
        self, place: int, heading: str, kind: str, words: Callable[[str], list[str]]
    ) -> tuple[float, float]:
        cells = [row[place] for row in self.rows]
        if kind in UNBROKEN:
            longest = max((len(word) for cell in cells for word in words(cell)), default=0)
            return max(longest, 2 * min(len(heading), 4)) * PER_CHARACTER + INSETS, 0
        longest = max((len(cell) for cell in [*cells, heading]), default=0)
        return 0, min(max(longest, NARROWEST), WIDEST)


@dataclass(frozen=True)
class FiledAnomaly:
    """One anomaly with its evidence; ``about`` are unit, account or person, as far as known."""

    kind: str
    told: str
    about: Sequence[tuple[str, str]]
    figures: Sequence[tuple[str, str]]
    tables: Sequence[EvidenceTable]


@dataclass(frozen=True)
class FiledStep:
    """A line of the record; ``files`` are the numbers of its documents in the list of these."""

    at: str
    label: str
    who: str
    text: str
    files: Sequence[int] = ()


@dataclass(frozen=True)
class FiledDocument:
    """A document of the record, as it was handed in."""

    name: str
    size: str
    sha256: str
    at: str


@dataclass(frozen=True)
class InquiryFile:
    """An inquiry as it stands; ``outcome`` and ``conclusion`` are empty while it is open."""

    number: str
    subject: str
    office: str
    opened: str
    opened_by: str
    outcome: str
    conclusion: str
    closed: str
    closed_by: str
    printed_by: str
    referred: bool
    anomalies: Sequence[FiledAnomaly]
    steps: Sequence[FiledStep]
    documents: Sequence[FiledDocument]


def render(record: InquiryFile, *, created: date, engine: Engine | None = None) -> bytes:
    """The file as PDF/A, A4 portrait. Raises Refusal for a character that no font has."""
    engine = engine or default_engine()
    require_printable(list(_texts(record)))
    data = {
        "number": record.number,
        "subject": record.subject,
        "office": record.office,
        "opened": record.opened,
        "opened_by": record.opened_by,
        "outcome": record.outcome or "核查中",
        "conclusion": record.conclusion or "尚未结案。",
        "closed": record.closed or "—",
        "closed_by": record.closed_by,
        "printed_by": record.printed_by,
        "referred": record.referred,
        "day": chinese_date(created),
        "anomalies": [
            {
                "kind": item.kind,
                "told": item.told,
                "facts": [list(pair) for pair in (*item.about, *item.figures)],
                "tables": [
                    {
                        "title": table.title,
                        "headings": list(table.headings),
                        "widths": [list(width) for width in table.widths],
                        "numeric": [kind == "number" for kind in table.kinds],
                        "rows": [list(row) for row in table.rows],
                        "alike": [list(pair) for pair in table.alike],
                        "note": table.note,
                    }
                    for table in item.tables
                ],
            }
            for item in record.anomalies
        ],
        "steps": [
            {
                "at": step.at,
                "label": step.label,
                "who": step.who,
                "text": step.text,
                "files": list(step.files),
            }
            for step in record.steps
        ],
        "documents": [vars(item) for item in record.documents],
    }
    return engine.render("inquiry_file", data, title=f"核查案卷 {record.number}", created=created)


def _texts(record: InquiryFile) -> Iterator[tuple[str, str]]:
    """Everything that somebody wrote or was called, for the fonts."""
    yield "核查事项", record.subject
    yield "核查结论", record.conclusion
    yield "人员", f"{record.opened_by}{record.closed_by}{record.printed_by}"
    for item in record.anomalies:
        yield "线索", item.told + "".join(value for _label, value in (*item.about, *item.figures))
        for table in item.tables:
            for row in table.rows:
                yield table.title, "".join(row)
            yield table.title, "".join(value for _label, value in table.alike)
    for step in record.steps:
        yield "经过", f"{step.who}{step.text}"
    for document in record.documents:
        yield "佐证材料", document.name
