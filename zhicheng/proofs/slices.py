"""What is kept beside that of which it was made: compared slice by slice, in rounds.

A slice is compared by one statement, so both sides are of one moment whatever is written meanwhile.
It waits for nobody, nobody waits for it, and no old state is held on to for longer than a slice
takes.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from zhicheng.values.faults import Faults

SLICE = 20_000
FIRST, LAST = -(2**63), 2**63 - 1


@dataclass(frozen=True)
class Kept:
    """One kind of it: two queries that give ``columns`` and have to give the same lines.

    The first column is the id in ``source`` of what a line is made of.
    """

    kind: str
    label: str
    source: str
    columns: Sequence[str]
    there: str
    wanted: str

    @property
    def both(self) -> str:
        """``there`` and ``wanted`` of one slice, for the beginning of a statement."""
        names = ", ".join(self.columns)
        key = self.columns[0]
        within = f"WHERE {key} > %(after)s AND {key} <= %(upto)s"
        return (
            f"there AS MATERIALIZED (SELECT * FROM ({self.there}) AS t ({names}) {within}),"
            f" wanted AS MATERIALIZED (SELECT * FROM ({self.wanted}) AS w ({names}) {within})"
        )


@dataclass
class Report(Faults):
    """What was found; ``next`` says after which id of each kind the next run goes on."""

    looked_at: dict[str, int] = field(default_factory=dict)
    next: dict[str, int] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """As for ``--json``."""
        return {
            "passed": self.passed,
            "looked_at": self.looked_at,
            "next": self.next,
            "faults": self.faults,
        }

    def fault(self, kind: str, message: str) -> None:
        """Notes what doesn't hold."""
        self.faults.append({"kind": kind, "message": message})


@dataclass(frozen=True)
class Slice:
    """Ids after the one and up to the other; ``number`` of them are there."""

    after: int
    upto: int
    number: int

    @property
    def bounds(self) -> Mapping[str, int]:
        """For a statement's parameters."""
        return {"after": self.after, "upto": self.upto}


def slices(source: str, after: int = FIRST) -> Iterator[Slice]:
    """All ids after this one; the last slice has no end, so what has no source is in one, too."""
    while after != LAST:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT count(*), max(id) FROM (SELECT id FROM {source} WHERE id > %s"
                " ORDER BY id LIMIT %s) AS next",
                [after, SLICE],
            )
            number, upto = cursor.fetchone()
        if number < SLICE:
            upto = LAST
        yield Slice(after, upto, number)
        after = upto


def compare(
    report: Report,
    kept: Kept,
    *,
    begin: Mapping[str, int] | None = None,
    most: int | None = None,
    at_rest: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> None:
    """How many lines are missing and how many are too many, as one fault of the report.

    ``begin`` is an earlier report's ``next``. Without ``most`` everything is compared; with it
    about so many ids, and the next run goes on behind them, or from the beginning after the last.
    It goes on no further than the first slice with a fault: so one that was found is found again
    until it is mended. Each slice is compared within ``at_rest``.
    """
    first = (begin or {}).get(kept.kind, FIRST)
    missing = surplus = looked_at = 0
    wrong: int | None = None
    ended = FIRST
    for part in slices(kept.source, first):
        with at_rest(), connection.cursor() as cursor:
            cursor.execute(
                f"""
                WITH {kept.both}
                SELECT (SELECT count(*) FROM (TABLE wanted EXCEPT ALL TABLE there) AS missing),
                    (SELECT count(*) FROM (TABLE there EXCEPT ALL TABLE wanted) AS surplus)
                """,
                part.bounds,
            )
            lacks, extra = cursor.fetchone()
        missing, surplus, looked_at = missing + lacks, surplus + extra, looked_at + part.number
        if wrong is None and (lacks or extra):
            wrong = part.after
        if most is not None and looked_at >= most and part.upto != LAST:
            ended = part.upto
            break
    report.looked_at[kept.kind] = looked_at
    # A run that saw everything needs no help to see it again.
    report.next[kept.kind] = ended if wrong is None or first == ended else wrong
    if missing or surplus:
        found = f"{kept.label}：缺 {missing} 条，多 {surplus} 条"
        whole = first == ended == FIRST
        report.fault(kept.kind, found if whole else f"{found}（只核对了一部分）")
