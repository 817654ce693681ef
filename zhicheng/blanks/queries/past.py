"""What an organisation held at any moment, now or past, in time that doesn't grow with the stock.

Two sources, both written by the ledger's trigger: each movement has what both accounts held after
it, so a balance is looked up; which serials those were, the pieces of history of that moment say.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from zhicheng.blanks.models import REGISTER_STATES, CustodyState
from zhicheng.blanks.queries.stock import GRADES
from zhicheng.reference.models import Grade
from zhicheng.values.serials import SerialRange

# Accounts that may have no register: few and busy, so their pieces are found account by account.
POOLED = tuple(
    state
    for state in CustodyState
    if state not in REGISTER_STATES and state is not CustodyState.PRINTER
)
# Named one by one, so that the index of accounts finds them beside the many reserved ones.
LOOKED_UP = [
    state.value
    for state in CustodyState
    if state not in (CustodyState.PRINTER, CustodyState.RESERVED)
]
Counts = dict[tuple[str, str], int]

_LAST = """
    SELECT last.number FROM (
        (SELECT m.source_after AS number, m.moved_at FROM blanks_movement m
         WHERE m.source_id = c.id AND m.moved_at <= {moment} ORDER BY m.moved_at DESC LIMIT 1)
        UNION ALL
        (SELECT m.target_after, m.moved_at FROM blanks_movement m
         WHERE m.target_id = c.id AND m.moved_at <= {moment} ORDER BY m.moved_at DESC LIMIT 1)
    ) AS last ORDER BY last.moved_at DESC LIMIT 1
"""


def _rows(sql: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


def counts_now(organization_id: int) -> Counts:
    """How many blanks the organisation holds now, by grade and state."""
    return {
        (grade, state): int(number)
        for grade, state, number in _rows(
            """
            SELECT grade, state, sum(balance)::bigint FROM blanks_custody
            WHERE organization_id = %(organization)s AND state <> 'printer' AND balance > 0
            GROUP BY 1, 2
            """,
            {"organization": organization_id},
        )
    }


def counts_at(organization_id: int, moment: datetime) -> Counts:
    """How many blanks the organisation held at that moment, by grade and state.

    An account that hasn't changed since holds what it holds now; of the others the last movement
    until then says it. The office's accounts of what is reserved are one for every register there
    ever was, and nearly all empty: of those the pieces of history of that moment are counted.
    """
    return {
        (grade, state): int(number)
        for grade, state, number in _rows(
            f"""
            SELECT c.grade, c.state, sum(l.number)::bigint FROM blanks_custody c
            CROSS JOIN LATERAL (
                SELECT c.balance AS number WHERE c.changed_at <= %(moment)s
                UNION ALL
                SELECT before.number FROM ({_LAST.format(moment="%(moment)s")}) AS before
                WHERE c.changed_at > %(moment)s
            ) AS l
            WHERE c.organization_id = %(organization)s AND c.state = ANY(%(looked_up)s)
            GROUP BY 1, 2 HAVING sum(l.number) > 0
            UNION ALL
            SELECT c.grade, c.state, sum(p.number)::bigint FROM (
                SELECT h.custody_id, sum(range_size(h.serials)) AS number
                FROM blanks_holdinghistory h
                WHERE h.register_id IS NOT NULL AND h.period @> %(moment)s
                  AND int8range(h.organization_id, h.organization_id, '[]')
                      && int8range(%(organization)s, %(organization)s, '[]')
                  AND EXISTS (SELECT 1 FROM blanks_custody r
                              WHERE r.organization_id = %(organization)s AND r.state = 'reserved')
                GROUP BY 1
            ) AS p
            -- By key, account after account: they are few, whatever the planner expects.
            CROSS JOIN LATERAL (
                SELECT a.grade, a.state FROM blanks_custody a
                WHERE a.id = p.custody_id AND a.state = 'reserved' OFFSET 0
            ) AS c
            GROUP BY 1, 2
            """,
            {"organization": organization_id, "moment": moment, "looked_up": LOOKED_UP},
        )
    }


@dataclass(frozen=True)
class Shelf:
    """The serials of one grade and state, for one register where there is one."""

    grade: str
    state: str
    register_id: int | None
    register: str
    count: int
    serials: tuple[SerialRange, ...]
    pieces: int

    @property
    def grade_label(self) -> str:
        """高级, 中级 or 初级."""
        return str(Grade(self.grade).label)

    @property
    def state_label(self) -> str:
        """What the state is called."""
        return str(CustodyState(self.state).label)

    @property
    def more(self) -> int:
        """How many ranges aren't listed."""
        return self.pieces - len(self.serials)


_THEN = """
            SELECT h.custody_id, h.serials FROM blanks_holdinghistory h
            WHERE h.register_id IS NOT NULL AND h.period @> %(moment)s
              AND int8range(h.organization_id, h.organization_id, '[]')
                  && int8range(%(organization)s, %(organization)s, '[]')
            UNION ALL
            SELECT h.custody_id, h.serials FROM blanks_custody c
            JOIN blanks_holdinghistory h ON int8range(h.custody_id, h.custody_id, '[]')
                && int8range(c.id, c.id, '[]') AND h.register_id IS NULL
            WHERE c.organization_id = %(organization)s AND c.state = ANY(%(pooled)s)
              AND c.register_id IS NULL AND h.period @> %(moment)s
"""
_NOW = """
            SELECT h.custody_id, h.serials FROM blanks_holding h
            JOIN blanks_custody c ON c.id = h.custody_id
            WHERE c.organization_id = %(organization)s AND c.state <> 'printer' AND c.balance > 0
"""


def shelves(organization_id: int, moment: datetime | None = None, shown: int = 50) -> list[Shelf]:
    """The serials that the organisation holds now, or held at that moment.

    By grade, state and register; at most ``shown`` ranges each, ``Shelf.pieces`` says how many
    there are.
    """
    found = _rows(
        f"""
        WITH pieces AS ({_NOW if moment is None else _THEN}), whole AS (
            SELECT custody_id, range_agg(serials) AS serials,
                   sum(range_size(serials))::bigint AS number
            FROM pieces GROUP BY 1
        )
        SELECT c.grade, c.state, r.id, coalesce(r.number, ''), w.number,
               ARRAY(SELECT s FROM unnest(w.serials) AS s LIMIT %(shown)s),
               (SELECT count(*) FROM unnest(w.serials) AS s)
        FROM whole w CROSS JOIN LATERAL (
            SELECT a.grade, a.state, a.register_id FROM blanks_custody a
            WHERE a.id = w.custody_id OFFSET 0
        ) AS c
        LEFT JOIN LATERAL (
            SELECT g.id, g.number FROM registers_register g WHERE g.id = c.register_id OFFSET 0
        ) AS r ON true
        """,
        {
            "organization": organization_id,
            "moment": moment,
            "pooled": [state.value for state in POOLED],
            "shown": shown,
        },
    )
    order = {state.value: number for number, state in enumerate(CustodyState)}
    lines = [
        Shelf(
            grade,
            state,
            register_id,
            register,
            number,
            tuple(SerialRange(item.lower, item.upper - 1) for item in ranges),
            pieces,
        )
        for grade, state, register_id, register, number, ranges, pieces in found
    ]
    lines.sort(key=lambda s: (GRADES.index(Grade(s.grade)), order[s.state], s.register))
    return lines


def first_movement() -> datetime | None:
    """When the municipal store was first filled."""
    found = _rows(
        """
        SELECT min(l.at) FROM blanks_custody c CROSS JOIN LATERAL (
            SELECT m.moved_at AS at FROM blanks_movement m
            WHERE m.target_id = c.id ORDER BY m.moved_at LIMIT 1
        ) AS l WHERE c.state = 'store'
        """,
        {},
    )
    return found[0][0] if found else None


def store_at(moments: Sequence[datetime]) -> dict[str, list[int]]:
    """Per grade, what the municipal store held at each of the moments."""
    held: dict[str, list[int]] = {grade.value: [0] * len(moments) for grade in GRADES}
    for grade, position, number in _rows(
        f"""
        SELECT c.grade, t.position, l.number FROM blanks_custody c
        CROSS JOIN unnest(%(moments)s::timestamptz[]) WITH ORDINALITY AS t (moment, position)
        CROSS JOIN LATERAL ({_LAST.format(moment="t.moment")}) AS l
        WHERE c.state = 'store'
        """,
        {"moments": list(moments)},
    ):
        held[grade][position - 1] += int(number)
    return held
