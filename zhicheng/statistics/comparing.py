"""One figure of two years side by side, as far as the area may see them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from zhicheng.statistics.areas import Area
from zhicheng.statistics.definitions import DIMENSIONS, MEASURES, Dimension, Measure, fixed_labels
from zhicheng.statistics.notes import (
    fine_print,
    hidden_words,
    none_listed_words,
    rounding_words,
    silent_words,
)
from zhicheng.statistics.tables import (
    CHARTED,
    Cell,
    Question,
    area_words,
    build,
    parse,
    title_of,
)
from zhicheng.statistics.workbook import HIDDEN, Sheet, definition_of


@dataclass
class Pair:
    """A line: the number of each year; change and share follow from what is shown of them."""

    label: str
    a: Cell = field(default_factory=lambda: Cell(0))
    b: Cell = field(default_factory=lambda: Cell(0))
    total: bool = False

    @property
    def change(self) -> int | None:
        """How many more; None where one of them is hidden."""
        return None if self.a.n is None or self.b.n is None else self.b.n - self.a.n

    @property
    def percent(self) -> float | None:
        """The change in per cent of the first year."""
        change = self.change
        return None if change is None or not self.a.n else round(100 * change / self.a.n, 1)


@dataclass
class Comparison:
    """What is asked, its two years and the lines of the answer; the sum is the last one.

    ``left_out`` is whether no group has a line, for no number of either year is shown; ``silent``
    are years of which none is shown beside another year's lines.
    """

    area: Area
    measure: Measure
    rows: Dimension
    first: int
    last: int
    lines: list[Pair] = field(default_factory=list)
    left_out: bool = False
    silent: tuple[int, ...] = ()

    @property
    def any_hidden(self) -> bool:
        """Whether a number isn't shown."""
        return any(None in (line.a.n, line.b.n) for line in self.lines)

    @property
    def groups(self) -> int:
        """How many lines there are without the sum."""
        return sum(not line.total for line in self.lines)

    @property
    def fine_print(self) -> str:
        """What is said of the figures that aren't exact."""
        return fine_print(rounded=not self.area.exact, hidden=self.any_hidden)

    @property
    def note(self) -> str:
        """What is said of groups without lines and of years without numbers."""
        return none_listed_words() if self.left_out else silent_words(self.silent)

    def query(self) -> str:
        """As an address says it."""
        return (
            f"m={MEASURES[self.measure].key}&rows={DIMENSIONS[self.rows].key}"
            f"&a={self.first}&b={self.last}"
        )


def asked(given: Mapping[str, str], area: Area, years: list[int]) -> tuple[Measure, Dimension]:
    """The figure and by what, of an address; nothing else of a table's question applies here."""
    question = parse({"m": given.get("m", ""), "rows": given.get("rows", "")}, area, years)
    rows = Dimension.LEVEL if question.rows is Dimension.YEAR else question.rows
    return question.measure, rows


def compare(area: Area, measure: Measure, rows: Dimension, first: int, last: int) -> Comparison:
    """Both years by their own tables, so that each hides what it hides there."""
    tables = {
        key: build(area, Question(measure, rows, None, year))
        for key, year in (("a", first), ("b", last))
    }
    labels = {line.code: line.label for counted in tables.values() for line in counted.lines}
    found = {code: Pair(label) for code, label in labels.items()}
    together = Pair(_("合计"), total=True)
    for key, counted in tables.items():
        cells = {line.code: line.cells[0] for line in counted.lines}
        for code, pair in found.items():
            # Of a year without lines nobody knows whether somebody is in the group.
            setattr(pair, key, cells.get(code) or Cell(None if counted.left_out else 0))
        if counted.totals:
            setattr(together, key, counted.totals[0])
    years = {"a": first, "b": last}
    silent = tuple(years[key] for key, counted in tables.items() if counted.left_out)
    # By what is shown, never by what is hidden.
    ordered = sorted(found.items(), key=lambda item: _rank(rows, *item))
    lines = [line for _code, line in ordered]
    if silent and not lines:
        return Comparison(area, measure, rows, first, last, [together], left_out=True)
    lines = [*lines, together] if lines else []
    return Comparison(area, measure, rows, first, last, lines, silent=silent)


def _rank(rows: Dimension, code: int, line: Pair) -> tuple[object, ...]:
    if fixed_labels(rows) is not None:
        return (code == 0, code)
    return (code == 0, -(line.b.n or 0), line.label, code)


def sheet(found: Comparison) -> Sheet:
    """The comparison as an Excel sheet with both years in its chart."""
    shown = [
        [line.label, *(HIDDEN if n is None else n for n in (line.a.n, line.b.n)), line.change,
         line.percent]
        for line in found.lines
    ]  # fmt: skip
    sums = [row for row, line in zip(shown, found.lines, strict=True) if line.total]
    rows = [row for row, line in zip(shown, found.lines, strict=True) if not line.total]
    years = _("%(first)d 年、%(last)d 年") % {"first": found.first, "last": found.last}
    scope = [area_words(found.area), years]
    more = [(_("分组"), found.note)] if found.note else []
    if found.any_hidden:
        more.append((HIDDEN, hidden_words()))
    elif not found.area.exact:
        more.append((_("取整"), rounding_words()))
    return Sheet(
        name=_("年度对比"),
        title=title_of(Question(found.measure, found.rows)),
        scope=scope,
        heads=[
            str(DIMENSIONS[found.rows].label),
            str(found.first),
            str(found.last),
            _("增减"),
            _("增减（%）"),
        ],
        rows=rows,
        last=sums[0] if sums else None,
        charted=(1, 2),
        charted_rows=range(min(len(rows), CHARTED)),
        definitions=[*definition_of(found.measure, [found.rows]), *more],
    )
