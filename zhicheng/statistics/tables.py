"""A table of figures: which question it answers, its cells and sums, what of it stays hidden."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from zhicheng.statistics import queries
from zhicheng.statistics.areas import Area
from zhicheng.statistics.definitions import (
    BY_KEY,
    DIMENSIONS,
    FACET_BY_KEY,
    MEASURES,
    UNKNOWN,
    Dimension,
    Measure,
    fixed_labels,
)
from zhicheng.statistics.suppression import margin, nothing_shown, protect, rounded

CHARTED = 25


@dataclass(frozen=True)
class Question:
    """What is asked: a figure by one or two dimensions, of one year or all, perhaps narrowed."""

    measure: Measure
    rows: Dimension
    columns: Dimension | None = None
    year: int | None = None
    narrowed: Dimension | None = None
    value: int = 0

    @property
    def by(self) -> list[Dimension]:
        """The dimensions in the order of the codes."""
        return [self.rows] if self.columns is None else [self.rows, self.columns]

    def query(self) -> str:
        """As an address says it."""
        told: dict[str, object] = {
            "m": MEASURES[self.measure].key,
            "rows": DIMENSIONS[self.rows].key,
        }
        if self.columns is not None:
            told["columns"] = DIMENSIONS[self.columns].key
        if self.year is not None:
            told["year"] = self.year
        if self.narrowed is not None:
            told |= {"f": DIMENSIONS[self.narrowed].key, "v": self.value}
        return urlencode(told)


@dataclass
class Cell:
    """A number, or None where it is hidden; ``link`` leads to the people."""

    n: int | None
    link: str = ""


@dataclass
class Line:
    """A row: its words, its cells, its sum; ``charted`` when the picture shows it."""

    code: int
    label: str
    cells: list[Cell]
    total: Cell | None
    charted: bool = True


@dataclass
class Table:
    """The answer. ``totals`` is the last row, ``hidden`` whether anything in it is hidden.

    ``unlisted`` are the dimensions whose groups have no line or column, for none of their numbers
    is shown; ``silent`` the years that show no number of the groups that other years list.
    """

    question: Question
    heads: list[tuple[int, str]]
    lines: list[Line]
    totals: list[Cell] | None
    total: Cell | None
    hidden: bool = False
    withheld: bool = False
    unlisted: tuple[Dimension, ...] = ()
    silent: tuple[int, ...] = ()
    rounded: bool = False
    title: str = ""
    scope: list[str] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Whether there is nobody in it."""
        return not self.lines and not self.unlisted

    @property
    def left_out(self) -> bool:
        """Whether no group is listed, nothing but sums; years are no groups."""
        groups = {item for item in self.question.by if item is not Dimension.YEAR}
        return bool(self.unlisted) and groups <= set(self.unlisted)

    @property
    def sums(self) -> bool:
        """Whether a column of sums stands beside two dimensions' cells."""
        return self.question.columns is not None and (
            self.total is not None or any(line.total for line in self.lines)
        )


def parse(given: Mapping[str, str], area: Area, years: Sequence[int]) -> Question:
    """The question of an address; what it may not ask falls back to what it may."""
    measure = BY_KEY.get(given.get("m", ""), Measure.ISSUED)
    if measure not in area.measures:
        measure = Measure.ISSUED
    rows = FACET_BY_KEY.get(given.get("rows", ""), Dimension.LEVEL)
    if rows not in area.dimensions:
        rows = Dimension.LEVEL
    columns = FACET_BY_KEY.get(given.get("columns", ""))
    if columns == rows or columns not in area.dimensions or not _may_stand_across(columns, area):
        columns = None
    year = _number(given.get("year", ""))
    if year not in years:
        year = None
    if Dimension.YEAR in (rows, columns):
        year = None
    elif not area.exact and year is None:
        # Outside the office no sums over years: they could be subtracted from each other.
        year = years[-1] if years else None
    narrowed = narrowing(given, area, (rows, columns))
    value = _number(given.get("v", ""))
    if narrowed is not None and given.get("of", "") not in ("", DIMENSIONS[narrowed].key):
        value = None  # It was chosen among another dimension's values.
    if value is None:
        narrowed = None
    return Question(measure, rows, columns, year, narrowed, value or 0)


def narrowing(
    given: Mapping[str, str], area: Area, by: Collection[Dimension | None]
) -> Dimension | None:
    """The dimension whose values are offered to narrow to; nothing is narrowed until one is chosen.

    None outside the office, and for what the table is by anyway.
    """
    found = FACET_BY_KEY.get(given.get("f", ""))
    return None if not area.exact or found in (*by, Dimension.YEAR) else found


def _may_stand_across(columns: Dimension | None, area: Area) -> bool:
    return columns is not None and (DIMENSIONS[columns].short or area.exact)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def build(area: Area, question: Question, *, linked: bool = True) -> Table:
    """Counts, sums, hides, and names."""
    where = dict(area.where)
    if question.narrowed is not None:
        where[question.narrowed] = question.value
    if question.year is not None:
        where[Dimension.YEAR] = question.year
    counted = queries.counts(question.measure, question.by, where)
    by_cell = {
        (codes[0], codes[1] if len(codes) > 1 else UNKNOWN): n for codes, n in counted.items()
    }
    rows = _ordered(question.rows, by_cell, 0, by_size=area.exact)
    heads = _heads(question, by_cell, by_size=area.exact)
    columns = [code for code, _label in heads]
    table = _plain(question, by_cell, rows, heads)
    if not area.exact:
        _hide(table, by_cell, [code for code, _label in rows], columns)
        _round(table)
    elif linked:
        _link(table, where)
    table.title = title_of(question)
    table.scope = scope_of(area, question)
    return table


def _heads(
    question: Question, by_cell: Mapping[tuple[int, int], int], *, by_size: bool
) -> list[tuple[int, str]]:
    if question.columns is None:
        return [(UNKNOWN, str(MEASURES[question.measure].label))]
    return _ordered(question.columns, by_cell, 1, by_size=by_size)


def _ordered(
    dimension: Dimension, by_cell: Mapping[tuple[int, int], int], place: int, *, by_size: bool
) -> list[tuple[int, str]]:
    """The codes that occur with their words: fixed lists in their order, others by size or name.

    By size only where every number is shown: else the order would tell what is hidden.
    """
    sums: dict[int, int] = {}
    for cell, n in by_cell.items():
        sums[cell[place]] = sums.get(cell[place], 0) + n
    words = queries.labels(dimension, list(sums))
    if dimension is Dimension.YEAR:
        order = sorted(sums)
    elif fixed_labels(dimension) is not None:
        order = sorted(sums, key=lambda code: (code == UNKNOWN, code))
    elif by_size:
        order = sorted(sums, key=lambda code: (code == UNKNOWN, -sums[code], code))
    else:
        order = sorted(sums, key=lambda code: (code == UNKNOWN, words.get(code, ""), code))
    return [(code, words.get(code, str(code))) for code in order]


def _plain(
    question: Question,
    by_cell: Mapping[tuple[int, int], int],
    rows: Sequence[tuple[int, str]],
    heads: Sequence[tuple[int, str]],
) -> Table:
    columns = [code for code, _label in heads]
    # A standing figure of several years adds up to nothing.
    standing = MEASURES[question.measure].standing
    across = question.columns is not None and not (standing and question.columns is Dimension.YEAR)
    down = not (standing and question.rows is Dimension.YEAR)
    lines = []
    for place, (code, label) in enumerate(rows):
        cells = [Cell(by_cell.get((code, column), 0)) for column in columns]
        total = Cell(sum(cell.n or 0 for cell in cells)) if across else None
        lines.append(Line(code, label, cells, total, charted=place < CHARTED))
    totals = [
        Cell(sum(by_cell.get((code, column), 0) for code, _label in rows)) for column in columns
    ]
    return Table(
        question,
        list(heads),
        lines,
        totals if down else None,
        Cell(sum(by_cell.values())) if across and down else None,
    )


def _hide(
    table: Table,
    by_cell: Mapping[tuple[int, int], int],
    rows: Sequence[int],
    columns: Sequence[int],
) -> None:
    question = table.question
    if question.rows is Dimension.YEAR or question.columns is Dimension.YEAR:
        _hide_by_year(table)
        return
    if question.columns is None:
        values = {row: by_cell.get((row, UNKNOWN), 0) for row in rows}
        hidden, total = margin(values)
        if nothing_shown(values, hidden):
            table.lines, table.hidden, table.unlisted = [], True, (question.rows,)
        for line in table.lines:
            if line.code in hidden:
                line.cells[0].n, table.hidden = None, True
        if total and table.totals:
            table.totals[0].n, table.hidden = None, True
        return
    _hide_inner(table, by_cell, rows, columns)


def _hide_inner(
    table: Table,
    by_cell: Mapping[tuple[int, int], int],
    rows: Sequence[int],
    columns: Sequence[int],
) -> None:
    # One way round, whichever of the two stands down the page: two that hide differently would
    # give away together what each hides.
    turned = table.question.columns is not None and table.question.columns < table.question.rows
    if turned:
        found = protect({(c, r): n for (r, c), n in by_cell.items()}, columns, rows).turned()
    else:
        found = protect(by_cell, rows, columns)
    table.withheld = found.withheld
    for line in table.lines:
        for column, cell in zip(columns, line.cells, strict=True):
            if (line.code, column) in found.cells:
                cell.n, table.hidden = None, True
        if line.code in found.rows and line.total:
            line.total.n, table.hidden = None, True
    for column, cell in zip(columns, table.totals or (), strict=True):
        if column in found.columns:
            cell.n, table.hidden = None, True
    if found.total and table.total:
        table.total.n, table.hidden = None, True
    if found.withheld:
        _leave_out(table, lines=found.rows >= set(rows), columns=found.columns >= set(columns))


def _leave_out(table: Table, *, lines: bool, columns: bool) -> None:
    """Takes the groups out of which no number is shown: that there are so many would tell."""
    left = zip(table.question.by, (lines, columns), strict=True)
    table.unlisted = tuple(dimension for dimension, gone in left if gone)
    if lines:
        table.lines = []
    if columns:
        table.heads, table.totals = [], [] if table.totals is not None else None
        for line in table.lines:
            line.cells = []


def _hide_by_year(table: Table) -> None:
    """Every year for itself, with its sum; no sums over years.

    A group has a line where it has one in the table of some year alone.
    """
    by_row = table.question.rows is Dimension.YEAR
    told: set[int] = set()
    silent: list[int] = []
    for year, cells, total in _years(table, by_row=by_row):
        # By code, as in a table of that year alone: where numbers tie, the same are hidden.
        values = {code: cell.n or 0 for code, cell in cells.items()}
        hidden, total_hidden = margin(values)
        for code in hidden:
            cells[code].n, table.hidden = None, True
        if total and total_hidden:
            total.n, table.hidden = None, True
        if nothing_shown(values, hidden):
            silent.append(year)
        else:
            told |= {code for code, n in values.items() if n}
    table.total = None
    if by_row:
        table.totals = None
    else:
        for line in table.lines:
            line.total = None
    if table.question.columns is None:
        return  # The years stand for themselves.
    if by_row:
        _keep_columns(table, told)
    else:
        table.lines = [line for line in table.lines if line.code in told]
    if told:
        table.silent = tuple(silent)
    elif silent:
        table.unlisted = (table.question.columns if by_row else table.question.rows,)


def _years(table: Table, *, by_row: bool) -> list[tuple[int, dict[int, Cell], Cell | None]]:
    """Every year, its cells by their codes, and its sum."""
    if by_row:
        codes = [code for code, _label in table.heads]
        return [
            (line.code, dict(zip(codes, line.cells, strict=True)), line.total)
            for line in table.lines
        ]
    return [
        (
            year,
            {line.code: line.cells[place] for line in table.lines},
            table.totals[place] if table.totals else None,
        )
        for place, (year, _label) in enumerate(table.heads)
    ]


def _keep_columns(table: Table, told: Collection[int]) -> None:
    kept = [place for place, (code, _label) in enumerate(table.heads) if code in told]
    table.heads = [table.heads[place] for place in kept]
    for line in table.lines:
        line.cells = [line.cells[place] for place in kept]


def _round(table: Table) -> None:
    """Parts to fives, so that neither a change nor tables together tell of a single person.

    The area's own sum of a year stays as it is: it is no group of people.
    """
    by = table.question.by
    if by == [Dimension.YEAR]:
        return
    parts = [cell for line in table.lines for cell in line.cells]
    if table.question.columns is not None:
        if by[0] is not Dimension.YEAR:
            parts += [line.total for line in table.lines if line.total]
        if by[1] is not Dimension.YEAR:
            parts += table.totals or []
    for cell in parts:
        if cell.n is not None:
            cell.n = rounded(cell.n)
    table.rounded = True


def _link(table: Table, where: Mapping[Dimension, int]) -> None:
    question = table.question
    common = {DIMENSIONS[item].key: code for item, code in where.items()}
    common["m"] = MEASURES[question.measure].key  # type: ignore[assignment]
    for line in table.lines:
        mine = {**common, DIMENSIONS[question.rows].key: line.code}
        for (code, _label), cell in zip(table.heads, line.cells, strict=True):
            if cell.n and question.columns is not None:
                cell.link = urlencode({**mine, DIMENSIONS[question.columns].key: code})
            elif cell.n:
                cell.link = urlencode(mine)
        if line.total and line.total.n:
            line.total.link = urlencode(mine)
    for (code, _label), cell in zip(table.heads, table.totals or (), strict=False):
        if cell.n:
            across = {} if question.columns is None else {DIMENSIONS[question.columns].key: code}
            cell.link = urlencode({**common, **across})
    if table.total and table.total.n:
        table.total.link = urlencode(common)


def title_of(question: Question) -> str:
    """What the table is, in words."""
    facet = DIMENSIONS[question.rows].label
    names = str(facet)
    if question.columns is not None:
        names = f"{facet} × {DIMENSIONS[question.columns].label}"
    return _("%(figure)s（按%(names)s）") % {
        "figure": MEASURES[question.measure].label,
        "names": names,
    }


def area_words(area: Area) -> str:
    """The area by its name."""
    if area.dimension is None:
        return _("全市")
    return _("%(facet)s：%(name)s") % {
        "facet": DIMENSIONS[area.dimension].label,
        "name": queries.names_of(area.dimension, [area.code]).get(area.code, ""),
    }


def scope_of(area: Area, question: Question) -> list[str]:
    """Of what the table is, in words: area, year, narrowing."""
    told = [area_words(area)]
    if question.year is not None:
        told.append(_("%(year)d 年") % {"year": question.year})
    elif Dimension.YEAR not in question.by:
        told.append(_("全部年份"))
    if question.narrowed is not None:
        words = queries.labels(question.narrowed, [question.value])
        told.append(f"{DIMENSIONS[question.narrowed].label}：{words.get(question.value, '')}")
    return told
