"""Whether what is counted is what there is, proved without counting everything anew.

``refreshing.differences`` counts everything anew: it writes all facts and sums, which it then takes
back, and nothing else can be counted meanwhile. So that is for the command line.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import connection, transaction

from zhicheng.proofs.models import Subject
from zhicheng.proofs.queries import latest
from zhicheng.proofs.slices import Kept, Report, compare
from zhicheng.statistics import papers, sources
from zhicheng.statistics.groupings import groupings, number
from zhicheng.statistics.refreshing import count_in_this_moment, refresh

AT_ONCE = 1_000_000  # of each kind in a night


def _facts(label: str, table: str, columns: Sequence[str], statement: str, begin: str) -> Kept:
    return Kept(
        f"statistics.{table}",
        label,
        begin.split()[0],
        columns,
        f"SELECT {', '.join(columns)} FROM statistics_{table}",
        statement.format(**sources.EVERYTHING),
    )


def _steps(label: str, paper: papers.Paper) -> Kept:
    # The paper comes first: slices are of these.
    columns = ("object_id", *(name for name in papers.COLUMNS if name != "object_id"))
    names = ", ".join(columns)
    every = f"({paper.facts(everything=True)}) AS e ({', '.join(papers.COLUMNS)})"
    return Kept(
        f"statistics.steps.{paper.kind}",
        label,
        paper.table,
        columns,
        f"SELECT {names} FROM statistics_stepfact f WHERE {paper.mine()}",
        f"SELECT {names} FROM {every}",
    )


_PAPERS = {"g": "登记表的办理天数", "a": "配发的办理天数", "e": "补办换发申请的办理天数"}
_KINDS = (
    _facts(
        "评审通过人员",
        "personfact",
        sources.PERSON_COLUMNS,
        sources.PERSON_FACTS,
        sources.EVERYTHING["people"],
    ),
    _facts(
        "证书",
        "certificatefact",
        sources.CERTIFICATE_COLUMNS,
        sources.CERTIFICATE_FACTS,
        sources.EVERYTHING["certificates"],
    ),
    _facts(
        "自主发放证书",
        "selfissuedfact",
        sources.SELF_ISSUED_COLUMNS,
        sources.SELF_ISSUED_FACTS,
        sources.EVERYTHING["own"],
    ),
    *(_steps(_PAPERS[paper.kind], paper) for paper in papers.PAPERS),
)


def check_next() -> Report:
    """The next part of the facts, and the sums of all.

    Proves of ``AT_ONCE`` people, certificates and papers each (a city that has no more: of all)
    that what is kept of each case is what a new count would make of it; the next run goes on
    behind them. And that every grouping's sums come to as many events, and each step's durations to
    as many cases, as all facts tell. Not that a grouping's sums are rightly divided: that the full
    check proves. What isn't counted yet is counted before each slice, within its moment, so the
    counting of each minute waits for a slice at most.
    """
    last = latest(Subject.STATISTICS)
    begin = last.report.get("next") if last else None
    report = Report()
    refresh()  # so that little is left to count in the moment of a slice
    for kept in _KINDS:
        compare(report, kept, begin=begin, most=AT_ONCE, at_rest=_counted)
    _sums(report)
    return report


@contextmanager
def _counted() -> Iterator[None]:
    """A moment of which everything is counted."""
    with transaction.atomic():
        count_in_this_moment()
        yield


def _sums(report: Report) -> None:
    events = " UNION ALL ".join(
        f"SELECT measure FROM ({kind}) AS f"
        for kind in (
            sources.events_of_people(),
            sources.events_of_certificates(),
            sources.events_of_self_issued(),
        )
    )
    days = f"{sources.durations()} UNION ALL {papers.durations()}"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH told AS (SELECT measure, count(*) AS n FROM ({events}) AS e GROUP BY measure)
            SELECT count(*) FROM (
                SELECT g.grouping, told.measure, told.n FROM told
                    CROSS JOIN unnest(%s::int[]) AS g (grouping)) AS wanted
            FULL JOIN (
                SELECT grouping, measure, sum(n) AS n FROM statistics_rollup
                GROUP BY grouping, measure) AS there USING (grouping, measure)
            WHERE wanted.n IS DISTINCT FROM there.n
            """,
            [[number(grouping) for grouping in groupings()]],
        )
        (sums,) = cursor.fetchone()
        cursor.execute(
            f"""
            SELECT count(*) FROM (
                SELECT step, count(*) AS n FROM ({days}) AS d GROUP BY step) AS wanted
            FULL JOIN (
                SELECT step, sum(n) AS n FROM statistics_duration GROUP BY step) AS there
                USING (step)
            WHERE wanted.n IS DISTINCT FROM there.n
            """
        )
        (steps,) = cursor.fetchone()
    if sums:
        report.fault("statistics.rollup", f"汇总数：{sums} 项与逐件的数目不符")
    if steps:
        report.fault("statistics.duration", f"办理天数：{steps} 项与逐件的数目不符")
