"""Whether the store lasts, and which units spoil more than the others; rules: ``measures``."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isinf

from django.db import connection
from django.utils import timezone

from zhicheng.blanks import measures
from zhicheng.blanks.measures import Judged, Limit, Use
from zhicheng.blanks.models import CustodyState
from zhicheng.blanks.queries.stock import GRADES
from zhicheng.blanks.reordering import limits
from zhicheng.reference.models import Grade


@dataclass(frozen=True)
class Supply:
    """How long the store's blanks of a grade last at the present pace."""

    grade: str
    store: int
    handed_out: int
    pace: float
    limit: Limit

    @property
    def grade_label(self) -> str:
        """高级, 中级 or 初级."""
        return str(Grade(self.grade).label)

    @property
    def weeks(self) -> float | None:
        """For how many weeks it lasts; None when nothing is needed."""
        found = measures.coverage(self.store, self.pace)
        return None if isinf(found) else found

    @property
    def too_low(self) -> bool:
        """Whether to print again."""
        return measures.too_low(self.store, self.pace, self.limit)

    @property
    def short_by(self) -> int:
        """How many blanks are missing to the limit."""
        return measures.short_by(self.store, self.pace, self.limit)


def supply(now: datetime) -> list[Supply]:
    """Per grade: the store, the pace and how long it lasts, in a fixed number of queries.

    What was handed out by mistake and corrected is no use.
    """
    since = now - timedelta(weeks=measures.PACE_WEEKS)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.grade, c.balance, coalesce(out.number, 0)::bigint, first.at
            FROM blanks_custody c
            LEFT JOIN LATERAL (
                SELECT sum(range_size(m.serials)) AS number FROM blanks_movement m
                WHERE m.source_id = c.id AND m.moved_at > %s AND m.moved_at <= %s
                  AND m.reason IN ('allotment', 'exchange')
                  AND NOT EXISTS (SELECT FROM blanks_movement x WHERE x.corrects_id = m.id)
            ) AS out ON true
            LEFT JOIN LATERAL (
                SELECT m.moved_at AS at FROM blanks_movement m WHERE m.target_id = c.id
                ORDER BY m.moved_at LIMIT 1
            ) AS first ON true
            WHERE c.state = %s
            """,
            [since, now, CustodyState.STORE.value],
        )
        found = {grade: rest for grade, *rest in cursor.fetchall()}
    set_limits = limits(timezone.localdate(now))
    lines = []
    for grade in GRADES:
        store, out, first = found.get(grade.value, (0, 0, None))
        weeks = (now - first).total_seconds() / 604_800 if first else float(measures.PACE_WEEKS)
        pace = measures.pace(int(out), weeks)
        lines.append(Supply(grade.value, int(store), int(out), pace, set_limits[grade.value]))
    return lines


def a_year(now: datetime | None = None) -> tuple[datetime, datetime]:
    """The last 365 days."""
    end = now or timezone.now()
    return end - timedelta(days=365), end


def spoilage(since: datetime, until: datetime) -> list[Judged]:
    """Every unit that used blanks in this time, judged against the city; the worst first.

    Used are the blanks that were filled in, and those spoiled before they were. What came damaged
    (named at the receipt) is not the unit's doing, nor what became useless with a reissue's end.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT o.id, o.name, found.used, found.spoiled FROM (
                SELECT s.organization_id AS unit,
                    coalesce(sum(range_size(m.serials)) FILTER (
                        WHERE t.state = 'filling' OR s.state <> 'filling'), 0)::bigint AS used,
                    coalesce(sum(range_size(m.serials)) FILTER (
                        WHERE t.state = 'spoiled'), 0)::bigint AS spoiled
                FROM blanks_movement m
                JOIN blanks_custody s ON s.id = m.source_id
                JOIN blanks_custody t ON t.id = m.target_id
                WHERE m.moved_at > %s AND m.moved_at <= %s
                  AND (m.reason IN ('filling', 'spare') AND t.state = 'filling'
                       OR m.reason = 'spoilage' AND s.state <> 'in_transit'
                       AND NOT EXISTS (SELECT FROM blanks_spoilage x WHERE x.reason = 'withdrawn'
                           AND x.serial >= lower(m.serials) AND x.serial < upper(m.serials)))
                GROUP BY 1
            ) AS found JOIN organizations_organization o ON o.id = found.unit
            ORDER BY o.name
            """,
            [since, until],
        )
        uses = [
            Use(unit_id, unit, max(used, spoiled), spoiled)
            for unit_id, unit, used, spoiled in cursor.fetchall()
        ]
    judged = measures.judge(uses)
    return sorted(judged, key=lambda item: (not item.outlier, -item.use.rate, item.use.unit))
