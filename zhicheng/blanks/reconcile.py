"""Proves invariants 1 and 2 of the ledger: printed = held, balances = what movements add up to,
and history = the journal.

Every fault names its serials. ``zhicheng.certificates.reconcile`` adds what certificates ask for.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db import connection, transaction

from zhicheng.blanks.ledger import from_range
from zhicheng.blanks.models import CustodyState
from zhicheng.reference.models import Grade
from zhicheng.values.faults import Faults
from zhicheng.values.serials import ranges_of

# Every exception is named, up to so many; each query looks for one more, so that it is told.
SHOWN = 1000


@dataclass
class Report(Faults):
    """What ``reconcile`` found: passed when ``faults`` is empty; ``stock`` counts per grade."""

    stock: dict[str, dict[str, int]] = field(default_factory=dict)
    more: bool = False  # whether there were more faults than are named

    def fault(self, invariant: int, kind: str, message: str, **where: object) -> None:
        """Notes an exception; beyond ``SHOWN`` only that there are more."""
        self.more = self.more or len(self.faults) >= SHOWN
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
    _balances_on_lines(report)
    _history_is_the_journal(report)
    _history_leads_here(report)
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
    # Sorted by their first serial, ranges overlap somewhere only if two neighbours do.
    for first, second in rows(
        """
        SELECT before, serials FROM (
            SELECT serials, lag(serials) OVER (ORDER BY serials) AS before FROM blanks_holding
        ) AS sorted WHERE before && serials LIMIT 1001
        """
    ):
        report.fault(
            1,
            "blank.two_custodians",
            f"空白证书 {from_range(first)} 与 {from_range(second)} 重叠",
            serials=str(from_range(first)),
        )


_ACCOUNT = """
    JOIN blanks_custody c ON c.id = found.custody
    JOIN organizations_organization o ON o.id = c.organization_id
    LEFT JOIN registers_register r ON r.id = c.register_id
"""
_NAME = "o.name, c.state, c.grade, r.number"


def _account(name: str, state: str, grade: str, register: str | None) -> str:
    """An account in words: whose, which state, which grade, for which register."""
    words = f"{name} {CustodyState(state).label}（{Grade(grade).label}）"
    return f"{words} 登记表 {register}" if register else words


def _balances_add_up(report: Report) -> None:
    """What an account holds is what went in less what went out, and is what it says it holds."""
    for account in rows(
        f"""
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
        ), found AS (
            SELECT k.id AS custody, coalesce(m.n, 0) AS moved, coalesce(h.n, 0) AS held, k.balance
            FROM blanks_custody k LEFT JOIN moved m ON m.custody = k.id
            LEFT JOIN held h ON h.custody = k.id
        )
        SELECT {_NAME}, c.id, found.moved::bigint, found.held::bigint, found.balance
        FROM found {_ACCOUNT}
        WHERE found.moved <> found.held OR found.balance <> found.held ORDER BY c.id LIMIT 1001
        """
    ):
        custody_id, moved, held, balance = account[4:]
        report.fault(
            2,
            "balance.differs",
            f"{_account(*account[:4])}：按流转记录应有 {moved} 本，现存 {held} 本，"
            f"账面 {balance} 本",
            custody=custody_id,
        )


def _history_is_the_journal(report: Report) -> None:
    """Each piece of history begins and ends with a movement of just these serials, and no other.

    Pieces that begin (or end) in one account at one moment don't overlap (exclusion constraint),
    so equal bounds and equal numbers are equal serials.
    """
    for event, lines, pieces in (
        (
            "转入",
            """
            SELECT target_id AS custody, moved_at AS at, serials FROM blanks_movement
            UNION ALL SELECT custody_id, recorded_at, serials FROM blanks_printrun
            """,
            "SELECT custody_id AS custody, lower(period) AS at, serials FROM blanks_holdinghistory",
        ),
        (
            "转出",
            "SELECT source_id AS custody, moved_at AS at, serials FROM blanks_movement",
            """
            SELECT custody_id AS custody, upper(period) AS at, serials FROM blanks_holdinghistory
            WHERE NOT upper_inf(period)
            """,
        ),
    ):
        for account in rows(
            f"""
            WITH lines AS ({lines}), pieces AS ({pieces}), told AS (
                SELECT custody, at, sum(range_size(serials)) AS number,
                       int8range(min(lower(serials)), max(upper(serials))) AS serials
                FROM pieces GROUP BY custody, at
            ), found AS (
                SELECT coalesce(l.custody, t.custody) AS custody, coalesce(l.at, t.at) AS at,
                       coalesce(l.serials, t.serials) AS serials
                FROM lines l FULL JOIN told t ON t.custody = l.custody AND t.at = l.at
                WHERE l.serials IS DISTINCT FROM t.serials
                   OR range_size(l.serials) IS DISTINCT FROM t.number
                LIMIT 1001
            )
            SELECT {_NAME}, c.id, found.serials, found.at FROM found {_ACCOUNT} ORDER BY found.at
            """
        ):
            custody_id, serials, at = account[4:]
            report.fault(
                2,
                "history.differs",
                f"空白证书 {from_range(serials)} 于 {at:%Y-%m-%d %H:%M:%S} {event}"
                f"{_account(*account[:4])}：历史保管与流转记录不一致",
                serials=str(from_range(serials)),
                custody=custody_id,
            )


def _history_leads_here(report: Report) -> None:
    """What history says each account holds now is what it holds."""
    for account in rows(
        f"""
        WITH told AS (
            SELECT custody_id AS custody, range_agg(serials) AS serials
            FROM blanks_holdinghistory WHERE upper_inf(period) GROUP BY 1
        ), held AS (
            SELECT custody_id AS custody, range_agg(serials) AS serials
            FROM blanks_holding GROUP BY 1
        ), found AS (
            SELECT coalesce(t.custody, h.custody) AS custody,
                   coalesce(h.serials, '{{}}') - coalesce(t.serials, '{{}}') AS astray
            FROM told t FULL JOIN held h ON h.custody = t.custody
            WHERE t.serials IS DISTINCT FROM h.serials LIMIT 1001
        )
        SELECT {_NAME}, c.id, found.astray FROM found {_ACCOUNT} ORDER BY c.id
        """
    ):
        custody_id, astray = account[4:]
        for item in astray:
            report.fault(
                2,
                "holding.astray",
                f"空白证书 {from_range(item)} 现存于 {_account(*account[:4])}，与最后一次流转不符",
                serials=str(from_range(item)),
                custody=custody_id,
            )


def _balances_on_lines(report: Report) -> None:
    """The balances that stand on the movements are what had moved until then."""
    for account in rows(
        f"""
        WITH lines AS (
            SELECT source_id AS custody, moved_at AS at, -range_size(serials) AS change,
                   source_after AS written, serials FROM blanks_movement
            UNION ALL
            SELECT target_id, moved_at, range_size(serials), target_after, serials
            FROM blanks_movement
            UNION ALL
            SELECT custody_id, recorded_at, range_size(serials), NULL, serials FROM blanks_printrun
        ), found AS (
            SELECT custody, at, serials, written,
                   sum(change) OVER (PARTITION BY custody ORDER BY at) AS counted
            FROM lines
        )
        SELECT {_NAME}, c.id, found.serials, found.written, found.counted::bigint
        FROM found {_ACCOUNT} WHERE found.written <> found.counted ORDER BY found.at LIMIT 1001
        """
    ):
        custody_id, serials, written, counted = account[4:]
        report.fault(
            2,
            "movement.balance_differs",
            f"空白证书 {from_range(serials)} 流转后 {_account(*account[:4])} 记为 {written} 本，"
            f"按流转记录应为 {counted} 本",
            serials=str(from_range(serials)),
            custody=custody_id,
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
            FROM blanks_blankcase b, unnest(serial_ranges(b.serials)) AS r
            WHERE b.outcome = '' AND b.kind IN ('loss', 'stock_shortage', 'receipt_difference')
        ), settled AS (
            SELECT t.case_id, range_agg(r) AS s
            FROM blanks_settlement t, unnest(serial_ranges(t.serials)) AS r GROUP BY 1
        ), missed AS (
            SELECT coalesce(range_agg(r), '{}') AS s FROM blanks_blankcase b
            LEFT JOIN settled t ON t.case_id = b.id,
            unnest(serial_ranges(b.serials) - coalesce(t.s, '{}')) AS r
            WHERE b.outcome = '' AND b.kind IN ('loss', 'stock_shortage', 'receipt_difference')
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


@contextmanager
def one_moment() -> Iterator[None]:
    """All proofs look at one state of the books, whatever is moved meanwhile; nothing is written.

    Inside somebody else's transaction (a test's) it is theirs.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            if len(connection.savepoint_ids) == 0:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute("SET LOCAL work_mem = '128MB'")
        yield


def name_serials(serials: Sequence[int]) -> list[str]:
    """Serials as ranges, the first twenty of them: for messages."""
    return [str(item) for item in ranges_of(serials)][:20]
