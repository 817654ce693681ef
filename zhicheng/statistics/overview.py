"""The overview's figures: few questions, each answered from the kept sums."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from zhicheng.statistics import pictures, queries
from zhicheng.statistics.areas import Area
from zhicheng.statistics.definitions import MEASURES, Definition, Dimension, Measure
from zhicheng.statistics.notes import charted_words, fine_print
from zhicheng.statistics.suppression import alone, is_small
from zhicheng.statistics.tables import CHARTED, Question, Table, build

YEARS = 12


@dataclass(frozen=True)
class Headline:
    """A figure of the year and of the year before; ``about`` when it is rounded."""

    definition: Definition
    n: int | None
    before: int | None
    about: bool = False
    link: str = ""

    @property
    def change(self) -> float | None:
        """Per cent against the year before."""
        if self.n is None or not self.before:
            return None
        return round(100 * (self.n - self.before) / self.before, 1)


class Overview:
    """Of an area and a year."""

    def __init__(self, area: Area, year: int, years: list[int]) -> None:
        self.area, self.year, self.years = area, year, years
        self.counted = self._counted()
        self.by_year: list[dict[str, Any]] = [
            {"year": item, **self._of(item), "links": self._links(item)}
            for item in years
            if year - YEARS < item <= year
        ]
        self.levels = build(area, Question(Measure.PASSED, Dimension.LEVEL, Dimension.SEX, year))
        self.pyramid = self._pyramid() if not self.levels.hidden and self.levels.lines else None
        self.ages = build(area, Question(Measure.PASSED, Dimension.AGE, None, year))
        self.series = build(area, Question(Measure.PASSED, Dimension.SERIES, None, year))
        self.modes = build(area, Question(Measure.PASSED, Dimension.MODE, None, year))
        self.channels = build(area, Question(Measure.PASSED, Dimension.CHANNEL, None, year))
        self.regions: Table | None = None
        self.tiles: list[pictures.Tile] = []
        self.off_map = 0
        if area.dimension is None:
            self.regions = build(area, Question(Measure.PASSED, Dimension.REGION, None, year))
            cells = {line.label: line.cells[0] for line in self.regions.lines}
            self.tiles = pictures.tiles(
                {name: cell.n or 0 for name, cell in cells.items()},
                {name: cell.link for name, cell in cells.items()},
            )
            self.off_map = sum(
                cell.n or 0 for name, cell in cells.items() if name not in pictures.PLACES
            )

    @property
    def fine_print(self) -> str:
        """What is said of the figures that aren't exact."""
        tables = [self.levels, self.ages, self.series, self.modes, self.channels]
        hidden = any(table.hidden for table in tables)
        hidden = hidden or any(None in line.values() for line in self.by_year)
        return fine_print(rounded=not self.area.exact, hidden=hidden)

    @property
    def series_drawn(self) -> str:
        """That the picture of the series leaves some out."""
        return charted_words(CHARTED, len(self.series.lines))

    @property
    def headlines(self) -> list[Headline]:
        """The tiles on top."""
        now, before = self._of(self.year), self._of(self.year - 1)
        links = self._links(self.year)

        def told(measure: Measure) -> Headline:
            about = measure is Measure.IN_FORCE and not self.area.exact
            link = links.get(measure.name, "")
            n, earlier = now[measure.name], before[measure.name]
            return Headline(MEASURES[measure], n, earlier, about, link)

        always = (Measure.PASSED, Measure.ISSUED, Measure.REISSUED, Measure.IN_FORCE)
        # Where there are none of them they need no room.
        rare = [
            measure
            for measure in (Measure.HISTORIC, Measure.SELF_ISSUED)
            if self.area.exact and (now[measure.name] or before[measure.name])
        ]
        more = (Measure.VOIDED, Measure.LOST, *rare) if self.area.exact else ()
        return [told(measure) for measure in (*always, *more)]

    def _counted(self) -> dict[Measure, dict[tuple[int, ...], int]]:
        """{figure: {(year,): number}} of every year."""
        measures = [Measure.PASSED, Measure.ISSUED, Measure.REISSUED, Measure.IN_FORCE]
        if self.area.exact:
            measures += [Measure.VOIDED, Measure.LOST, Measure.HISTORIC, Measure.SELF_ISSUED]
        return {
            measure: queries.counts(measure, [Dimension.YEAR], self.area.where)
            for measure in measures
        }

    def _of(self, year: int) -> dict[str, int | None]:
        """{figure: number} of one year, as it may be shown."""
        found: dict[str, int | None] = {}
        for measure, numbers in self.counted.items():
            n = numbers.get((year,), 0)
            found[measure.name] = n if self.area.exact else _outside(measure, n)
        return found

    def _links(self, year: int) -> dict[str, str]:
        """{figure: its people of a year}, where numbers lead to people and there are some."""
        if not self.area.exact:
            return {}
        return {
            measure.name: urlencode({"m": MEASURES[measure].key, "year": year})
            for measure, numbers in self.counted.items()
            if numbers.get((year,))
        }

    def _pyramid(self) -> pictures.Pyramid:
        places = {code: place for place, (code, _label) in enumerate(self.levels.heads)}
        return pictures.pyramid(
            [
                (
                    line.label,
                    *((line.cells[places[sex]].n or 0) if sex in places else 0 for sex in (1, 2)),
                )  # type: ignore[misc]
                for line in self.levels.lines
            ]
        )


def _outside(measure: Measure, n: int) -> int | None:
    """Small ones hidden; what would tell of ends by subtraction rounded."""
    if measure is Measure.IN_FORCE:
        return alone(n)
    return None if is_small(n) else n
