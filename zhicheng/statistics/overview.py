"""The overview's figures: few questions, each answered from the kept sums."""

from dataclasses import dataclass

from zhicheng.statistics import pictures, queries
from zhicheng.statistics.areas import Area
from zhicheng.statistics.definitions import MEASURES, Definition, Dimension, Measure
from zhicheng.statistics.suppression import is_small, rounded
from zhicheng.statistics.tables import Question, Table, build


@dataclass(frozen=True)
class Headline:
    """A figure of the year and of the year before; ``about`` when it is rounded."""

    definition: Definition
    n: int | None
    before: int | None
    about: bool = False

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
        self.by_year = self._by_year()
        self.levels = build(area, Question(Measure.PASSED, Dimension.LEVEL, Dimension.SEX, year))
        self.pyramid = self._pyramid() if not self.levels.hidden else []
        self.ages = build(area, Question(Measure.PASSED, Dimension.AGE, None, year))
        self.series = build(area, Question(Measure.PASSED, Dimension.SERIES, None, year))
        self.modes = build(area, Question(Measure.PASSED, Dimension.MODE, None, year))
        self.channels = build(area, Question(Measure.PASSED, Dimension.CHANNEL, None, year))
        self.regions: Table | None = None
        self.tiles: list[pictures.Tile] = []
        if area.dimension is None:
            self.regions = build(area, Question(Measure.PASSED, Dimension.REGION, None, year))
            numbers = {line.label: line.cells[0].n or 0 for line in self.regions.lines}
            self.tiles = pictures.tiles(numbers)

    @property
    def pyramid_height(self) -> int:
        """How high the picture is."""
        return pictures.pyramid_height(self.pyramid)

    @property
    def headlines(self) -> list[Headline]:
        """The tiles on top."""
        by_year = {line["year"]: line for line in self.by_year}
        now, before = by_year.get(self.year, {}), by_year.get(self.year - 1, {})

        def told(measure: Measure) -> Headline:
            about = measure is Measure.IN_FORCE and not self.area.exact
            return Headline(
                MEASURES[measure], now.get(measure.name, 0), before.get(measure.name, 0), about
            )

        always = (Measure.PASSED, Measure.ISSUED, Measure.REISSUED, Measure.IN_FORCE)
        # Where there are none of them they need no room.
        rare = [
            measure
            for measure in (Measure.HISTORIC, Measure.SELF_ISSUED)
            if now.get(measure.name) or before.get(measure.name)
        ]
        more = (Measure.VOIDED, Measure.LOST, *rare) if self.area.exact else ()
        return [told(measure) for measure in (*always, *more)]

    def _by_year(self) -> list[dict[str, int | None]]:
        """{year, figure: number} of the last twelve years up to this one, earliest first."""
        measures = [Measure.PASSED, Measure.ISSUED, Measure.REISSUED, Measure.IN_FORCE]
        if self.area.exact:
            measures += [Measure.VOIDED, Measure.LOST, Measure.HISTORIC, Measure.SELF_ISSUED]
        counted = {
            measure: queries.counts(measure, [Dimension.YEAR], self.area.where)
            for measure in measures
        }
        found: list[dict[str, int | None]] = []
        for year in [year for year in self.years if year <= max(self.year, self.years[-1])][-12:]:
            line: dict[str, int | None] = {"year": year}
            for measure, numbers in counted.items():
                n = numbers.get((year,), 0)
                line[measure.name] = n if self.area.exact else _outside(measure, n)
            found.append(line)
        return found

    def _pyramid(self) -> list[pictures.Bar]:
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
        return None if is_small(n) else rounded(n)
    return None if is_small(n) else n
