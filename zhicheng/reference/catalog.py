"""Reads the reference CSV files without a database: titles with level and grade, districts.

``zhicheng check`` works on any computer from this alone; ``loading`` brings the same data into
the tables.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data"

LEVEL_LABELS: Mapping[str, str] = {
    "senior_full": "正高级",
    "senior_deputy": "副高级",
    "intermediate": "中级",
    "assistant": "助理级",
    "technician": "员级",
}
GRADE_LABELS: Mapping[str, str] = {"senior": "高级", "intermediate": "中级", "junior": "初级"}
GRADE_OF: Mapping[str, str] = {
    "senior_full": "senior",
    "senior_deputy": "senior",
    "intermediate": "intermediate",
    "assistant": "junior",
    "technician": "junior",
}
# What the column 级别 says; some words leave two levels open.
LEVEL_WORDS: Mapping[str, frozenset[str]] = {
    "正高级": frozenset({"senior_full"}),
    "正高": frozenset({"senior_full"}),
    "副高级": frozenset({"senior_deputy"}),
    "副高": frozenset({"senior_deputy"}),
    "高级": frozenset({"senior_full", "senior_deputy"}),
    "中级": frozenset({"intermediate"}),
    "初级": frozenset({"assistant", "technician"}),
    "助理级": frozenset({"assistant"}),
    "助理": frozenset({"assistant"}),
    "员级": frozenset({"technician"}),
}


@dataclass(frozen=True, slots=True)
class Title:
    """A qualification name of a series: ``before_reform`` when only old documents carry it."""

    series: str
    specialty: str
    name: str
    level: str
    before_reform: bool = False
    group: str = ""  # the series' own name before the reform, such as 小学教师

    @property
    def grade(self) -> str:
        """senior, intermediate or junior."""
        return GRADE_OF[self.level]


@dataclass(frozen=True, slots=True)
class District:
    """A district with the days on which it existed, both inclusive; None is open."""

    code: str
    name: str
    kind: str
    valid_from: date | None
    valid_to: date | None


class Catalog:
    """All titles, to be asked by name and series."""

    def __init__(self, titles: Iterable[Title], aliases: Mapping[str, str]) -> None:
        """``aliases`` maps the names of series before the reform to the present ones."""
        self.titles = tuple(titles)
        self._by_name: dict[str, list[Title]] = {}
        for title in self.titles:
            self._by_name.setdefault(title.name, []).append(title)
        self._present = {title.name for title in self.titles if not title.before_reform}
        self._series = {title.series: title.series for title in self.titles} | dict(aliases)

    @property
    def series(self) -> tuple[str, ...]:
        """The names of the present series, in the file's order."""
        return tuple(dict.fromkeys(title.series for title in self.titles))

    def knows(self, name: str) -> bool:
        """Whether it is a qualification name, present or before the reform."""
        return name in self._by_name

    def is_present(self, name: str) -> bool:
        """Whether it is a name that is given today."""
        return name in self._present

    def series_named(self, text: str) -> str:
        """The present series of this or an older name; an empty string for an unknown one."""
        return self._series.get(text, "")

    def titles_named(self, name: str, series: str = "") -> tuple[Title, ...]:
        """The titles of this name, within a present or older series where one is given.

        In a present series, present names win: 高级教师 of 中小学教师 is 副高级, while of the
        older series 小学教师 it was 中级.
        """
        found = self._by_name.get(name, [])
        if series:
            of_group = [title for title in found if title.group == series]
            present = self.series_named(series)
            of_series = [title for title in found if title.series == present]
            found = of_group or [t for t in of_series if not t.before_reform] or of_series
        return tuple(found)


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8-sig", newline="") as file:
        return [
            {key: (text or "").strip() for key, text in row.items()} for row in csv.DictReader(file)
        ]


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


@cache
def load_catalog() -> Catalog:
    """The catalog of the files in ``data/``, read once a process."""
    titles: dict[tuple[str, str, str], Title] = {}
    for row in _rows("title_series.csv"):
        for level in LEVEL_LABELS:
            for name in filter(None, row[level].split(";")):
                title = Title(row["series"], row["specialty"], name, level)
                titles.setdefault((title.series, name, level), title)
    aliases = {}
    for row in _rows("titles_before_reform.csv"):
        aliases[row["group"]] = row["series"]
        for name in filter(None, (row["name"], *row["also"].split(";"))):
            title = Title(
                row["series"],
                row["specialty"],
                name,
                row["level"],
                before_reform=True,
                group=row["group"],
            )
            titles.setdefault((title.series, name, title.level), title)
    return Catalog(titles.values(), aliases)


@cache
def load_districts() -> tuple[District, ...]:
    """The districts of the file in ``data/``."""
    return tuple(
        District(
            row["code"], row["name"], row["kind"], _day(row["valid_from"]), _day(row["valid_to"])
        )
        for row in _rows("chongqing_districts.csv")
    )
