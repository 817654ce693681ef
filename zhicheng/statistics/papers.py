"""The steps of papers: registers, allotments and applications for a reissue, in days (N18, N19).

A paper's step counts in the year in which it was done, for the unit that issues.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from zhicheng.statistics.models import Step
from zhicheng.statistics.sources import day_of

COLUMNS = ("step", "object_id", "issuer_id", "year", "days")


@dataclass(frozen=True)
class Paper:
    """A kind of paper: its table, the unit it counts for, each step's first and last moment.

    ``kind`` is how ``Pending`` names it.
    """

    kind: str
    table: str
    joined: str
    issuer: str
    steps: Mapping[Step, tuple[str, str]]

    def counted(self) -> str:
        """The temporary table of those that are counted anew."""
        return f"counted_{self.kind}"

    def mine(self) -> str:
        """Which facts are of this kind."""
        return f"f.step IN ({', '.join(str(step.value) for step in self.steps)})"

    def facts(self, *, everything: bool) -> str:
        """A line for each step that each paper has behind it."""
        source = f"{self.table} t"
        if not everything:
            source = f"{self.counted()} k JOIN {self.table} t ON t.id = k.id"
        steps = ", ".join(
            f"({step.value}, {first}, {last})" for step, (first, last) in self.steps.items()
        )
        return (
            f"SELECT s.step, t.id, {self.issuer}, EXTRACT(year FROM {day_of('s.last')})::int,"
            f" {day_of('s.last')} - {day_of('s.first')} FROM {source} {self.joined}"
            f" CROSS JOIN LATERAL (VALUES {steps}) s (step, first, last)"
            " WHERE s.last >= s.first"
        )


PAPERS = (
    # An endorsement or a return begins anew with each submission: the last one counts.
    Paper(
        "g",
        "registers_register",
        "",
        "t.issuing_unit_id",
        {
            Step.ENDORSE: ("t.submitted_at", "t.endorsed_at"),
            Step.ACCEPT: ("coalesce(t.endorsed_at, t.submitted_at)", "t.accepted_at"),
        },
    ),
    Paper(
        "a",
        "blanks_allotment",
        "JOIN registers_register r ON r.id = t.register_id AND t.state <> 'withdrawn'",
        "r.issuing_unit_id",
        {
            Step.ALLOT: ("r.accepted_at", "t.allotted_at"),
            Step.HAND_OVER: ("t.allotted_at", "t.handed_over_at"),
            Step.RECEIVE: ("t.handed_over_at", "t.received_at"),
        },
    ),
    Paper(
        "e",
        "reissues_reissue",
        "",
        "t.unit_id",
        {
            Step.REISSUE_ACCEPT: ("t.submitted_at", "t.accepted_at"),
            Step.REISSUE_GRANT: ("t.accepted_at", "t.granted_at"),
            Step.REISSUE_ISSUE: ("t.granted_at", "t.done_at"),
            Step.REISSUE_WHOLE: ("t.submitted_at", "t.done_at"),
        },
    ),
)


def of_changes(taken: Mapping[str, set[int]]) -> Iterator[tuple[Paper, list[int]]]:
    """The papers of each kind among these changed things, {kind: ids}."""
    for paper in PAPERS:
        if taken.get(paper.kind):
            yield paper, sorted(taken[paper.kind])


def durations(where: str = "true") -> str:
    """The days of each step."""
    return f"SELECT f.step, f.issuer_id, f.year, f.days FROM statistics_stepfact f WHERE {where}"
