"""Proves invariants 1 and 2 of the ledger: printed = held, and balances = what movements add up to.

Every fault names its serials. ``zhicheng.certificates.reconcile`` adds what certificates ask for.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db import connection

from zhicheng.blanks.ledger import from_range
from zhicheng.values.serials import ranges_of

SHOWN = 50


@dataclass
class Report:
    """What ``reconcile`` found: passed when ``faults`` is empty; ``stock`` counts per grade."""

    stock: dict[str, dict[str, int]] = field(default_factory=dict)
    faults: list[dict[str, Any]] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether every proof held."""
        return not self.faults

    def fault(self, invariant: int, kind: str, message: str, **where: object) -> None:
        """Notes an exception, the first fifty of them."""
        if len(self.faults) < SHOWN:
            self.faults.append({"invariant": invariant, "kind": kind, "message": message, **where})

    def as_dict(self) -> dict[str, Any]:
        """For ``--json`` and the page."""
        return {"passed": self.passed, **asdict(self)}


def rows(sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """The rows of a query."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


def check_ledger(report: Report) -> None:
    """Invariants 1 and 2 over the whole database, in a fixed number of statements.

    Also that every lost blank is looked into, and every open loss is of blanks that are lost.
    """
    _count(report)
    _printed_is_held(report)
    _balances_add_up(report)
    _last_movement_leads_here(report)
    _lost_is_looked_into(report)


def _count(report: Report) -> None:
    for grade, state, number in rows(
        """
        SELECT c.grade, c.state, sum(range_size(h.serials))::bigint
        FROM blanks_holding h JOIN blanks_custody c ON c.id = h.custody_id
        GROUP BY 1, 2 ORDER BY 1, 2
        """
    ):
        report.stock.setdefault(grade, {})[state] = number
    for grade, number in rows(
        "SELECT grade, sum(range_size(serials))::bigint FROM blanks_printrun GROUP BY 1"
    ):
        report.stock.setdefault(grade, {})["printed"] = number


def _printed_is_held(report: Report) -> None:
    """For each grade, printed and held are the same serials."""
    for grade, missing, surplus in rows(
        """
        WITH printed AS (
            SELECT grade, range_agg(serials) AS serials FROM blanks_printrun GROUP BY grade
        ), held AS (
            SELECT c.grade, range_agg(h.serials) AS serials
            FROM blanks_holding h JOIN blanks_custody c ON c.id = h.custody_id GROUP BY c.grade
        )
        SELECT coalesce(p.grade, h.grade),
               coalesce(p.serials, '{}') - coalesce(h.serials, '{}'),
               coalesce(h.serials, '{}') - coalesce(p.serials, '{}')
        FROM printed p FULL JOIN held h ON h.grade = p.grade
        """
    ):
        for item in missing:
            report.fault(
                1,
                "blank.without_custodian",
                f"空白证书 {from_range(item)} 已印制，但无人保管",
                grade=grade,
                serials=str(from_range(item)),
            )
        for item in surplus:
            report.fault(
                1,
                "blank.never_printed",
                f"空白证书 {from_range(item)} 有人保管，但没有印制记录",
                grade=grade,
                serials=str(from_range(item)),
            )
    for first, second in rows(
        """
        SELECT a.serials, b.serials FROM blanks_holding a
        JOIN blanks_holding b ON a.id < b.id AND a.serials && b.serials LIMIT 50
        """
    ):
        report.fault(
            1,
            "blank.two_custodians",
            f"空白证书 {from_range(first)} 与 {from_range(second)} 重叠",
            serials=str(from_range(first)),
        )


def _balances_add_up(report: Report) -> None:
    """What an account holds is what went in less what went out."""
    for custody_id, moved, held in rows(
        """
        WITH moved AS (
            SELECT custody, sum(n) AS n FROM (
                SELECT target_id AS custody, range_size(serials) AS n FROM blanks_movement
                UNION ALL
                SELECT source_id, -range_size(serials) FROM blanks_movement
                UNION ALL
                SELECT custody_id, range_size(serials) FROM blanks_printrun
            ) AS lines GROUP BY custody
        ), held AS (
            SELECT custody_id AS custody, sum(range_size(serials)) AS n
            FROM blanks_holding GROUP BY custody_id
        )
        SELECT coalesce(m.custody, h.custody), coalesce(m.n, 0)::bigint, coalesce(h.n, 0)::bigint
        FROM moved m FULL JOIN held h ON h.custody = m.custody
        WHERE coalesce(m.n, 0) <> coalesce(h.n, 0) ORDER BY 1
        """
    ):
        report.fault(
            2,
            "balance.differs",
            f"保管账户 {custody_id} 按流转记录应有 {moved} 本，现存 {held} 本",
            custody=custody_id,
        )


def _last_movement_leads_here(report: Report) -> None:
    """Each holding is where the last movement of its serials took them."""
    for serials, custody_id, target_id in rows(
        """
        SELECT h.serials, h.custody_id, m.target_id FROM blanks_holding h
        LEFT JOIN LATERAL (
            SELECT m.target_id FROM blanks_movement m WHERE m.serials @> lower(h.serials)
            ORDER BY m.id DESC LIMIT 1
        ) m ON true
        JOIN blanks_custody c ON c.id = h.custody_id
        WHERE m.target_id IS DISTINCT FROM h.custody_id AND NOT
              (m.target_id IS NULL AND c.state = 'printer')
        LIMIT 50
        """
    ):
        report.fault(
            2,
            "holding.astray",
            f"空白证书 {from_range(serials)} 现存账户 {custody_id} 与最后一次流转不符",
            serials=str(from_range(serials)),
            custody=custody_id,
            last=target_id,
        )


def _lost_is_looked_into(report: Report) -> None:
    """'Lost' is what open cases look into, 'written off' what closed ones ended."""
    ((without_case, not_lost, not_settled),) = rows(
        """
        WITH held AS (
            SELECT c.state, range_agg(h.serials) AS serials FROM blanks_holding h
            JOIN blanks_custody c ON c.id = h.custody_id
            WHERE c.state IN ('lost', 'written_off') GROUP BY c.state
        ), lost AS (SELECT coalesce((SELECT serials FROM held WHERE state = 'lost'), '{}') AS s),
        ended AS (
            SELECT coalesce((SELECT serials FROM held WHERE state = 'written_off'), '{}') AS s
        ), looked AS (
            SELECT coalesce(range_agg(r), '{}') AS s
            FROM blanks_blankcase b, unnest(serial_ranges(b.serials)) AS r WHERE b.outcome = ''
        ), settled AS (
            SELECT t.case_id, range_agg(r) AS s
            FROM blanks_settlement t, unnest(serial_ranges(t.serials)) AS r GROUP BY 1
        ), missed AS (
            SELECT coalesce(range_agg(r), '{}') AS s FROM blanks_blankcase b
            LEFT JOIN settled t ON t.case_id = b.id,
            unnest(serial_ranges(b.serials) - coalesce(t.s, '{}')) AS r
            WHERE b.outcome = '' AND b.kind IN ('loss', 'stock_shortage')
        ), written AS (
            SELECT coalesce(range_agg(r), '{}') AS s
            FROM blanks_settlement t, unnest(serial_ranges(t.serials)) AS r
            WHERE t.outcome = 'written_off'
        )
        SELECT lost.s - looked.s, missed.s - lost.s, ended.s - written.s
        FROM lost, looked, missed, ended, written
        """
    )
    for found, kind, words in (
        (without_case, "blank.lost_without_case", "遗失待查，但没有调查中的案卷"),
        (not_lost, "case.blank_not_lost", "有调查中的遗失案卷，但保管状态不是遗失待查"),
        (not_settled, "blank.written_off_without_outcome", "确认遗失，但没有案卷的结论"),
    ):
        for item in found:
            report.fault(
                1,
                kind,
                f"空白证书 {from_range(item)} {words}",
                serials=str(from_range(item)),
            )


def name_serials(serials: Sequence[int]) -> list[str]:
    """Serials as ranges, the first twenty of them: for messages."""
    return [str(item) for item in ranges_of(serials)][:20]
