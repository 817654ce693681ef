"""The yearly report: put together from the same tables as the pages, always in Chinese."""

from collections.abc import Sequence
from hashlib import sha256

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.views.decorators.http import require_GET

from zhicheng.audit.recording import recorded
from zhicheng.documents.yearly_report import ReportTable, YearlyReport, render
from zhicheng.organizations.guard import require
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.statistics import processes, queries, report_words
from zhicheng.statistics.areas import Area, area_of
from zhicheng.statistics.comparing import Comparison, Pair, compare
from zhicheng.statistics.definitions import DIMENSIONS, MEASURES, Dimension, Measure
from zhicheng.statistics.models import Step
from zhicheng.statistics.notes import hidden_words, note_on
from zhicheng.statistics.overview import Overview
from zhicheng.statistics.step_times import StepTime
from zhicheng.statistics.tables import Cell, Question, Table, area_words, build
from zhicheng.statistics.workbook import HIDDEN
from zhicheng.values.refusal import Refusal
from zhicheng.web.pages import account_of, page

# With last year's number and the change: all groups with a picture, or the largest alone.
_WHOLE = (
    (Measure.PASSED, Dimension.LEVEL, "评审通过人员的级别"),
    (Measure.PASSED, Dimension.SERIES, "评审通过人员的系列"),
    (Measure.PASSED, Dimension.AGE, "评审通过人员的年龄段"),
)
_ONE = (
    (Dimension.MODE, "评审方式"),
    (Dimension.CHANNEL, "申报渠道"),
)
_LARGEST = (
    (Measure.PASSED, Dimension.DEPARTMENT, "各核准部门评审通过人次"),
    (Measure.ISSUED, Dimension.ISSUER, "各发放单位首次核发证书"),
    (Measure.ISSUED, Dimension.UNIT, "各填报单位首次核发证书"),
    (Measure.PASSED, Dimension.QUALIFICATION, "评审通过的资格名称"),
)
UNFINISHED = "上年为全年数，本年尚未结束，不计算增减。"
LONGEST = 45
LARGEST = 15
RATES = (
    "天数为日历日，前一个数为中位（一半在几天内办完），后一个数为九成（十分之九在几天内办完）；"
    "待受理为登记表提交（主管部门签章）到受理，办理为受理到证书发放；退回率指该年提交或退回的登记表中"
    "被退回的，作废率指使用的空白证书，补换率指核发的补办、换发证书占年末有效证书的比例。"
)


@require_GET
@page(Action.STATISTICS_REPORT)
def report(request: HttpRequest) -> HttpResponse:
    """The report of a year as PDF."""
    account = account_of(request)
    area = area_of(account)
    require(account, Action.STATISTICS_REPORT, area)
    years = queries.years()
    text = request.GET.get("year", "")
    year = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else 0
    if year not in years:
        raise Refusal(
            "statistics.no_such_year",
            "这一年没有可统计的数据。",
            clause="N19",
            found=text[:10],
            expected="、".join(str(item) for item in years) or "先导入核准文件",
            mend="请另选年度。",
        )
    with translation.override("zh-hans"):
        content = render(compose(account, area, year, years), created=timezone.localdate())
    with recorded(account, Action.STATISTICS_REPORT) as record:
        record(data={"year": year, "area": area.code, "sha256": sha256(content).hexdigest()})
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="statistics-{year}.pdf"'
    return answer


def compose(account: Account, area: Area, year: int, years: list[int]) -> YearlyReport:
    """Everything that it says; at most so many lines a table."""
    overview = Overview(area, year, years)
    as_of = queries.moment().as_of
    day = timezone.localdate(as_of) if as_of else timezone.localdate()
    going_on = report_words.unfinished(year, day)
    standing = "（数据截至时）" if going_on else "（年末）"
    work = processes.units(area, year)

    def beside(measure: Measure, dimension: Dimension, title: str, most: int) -> ReportTable:
        found = compare(area, measure, dimension, year - 1, year)
        return _beside(title, found, most=most, going_on=going_on)

    tables = [_by_year(overview), *(beside(*asked, LONGEST) for asked in _WHOLE)]
    for dimension, title in _ONE:
        table = build(area, Question(Measure.PASSED, dimension, None, year), linked=False)
        tables.append(_one(title, table))
    tables.append(_two("级别与性别", overview.levels))
    if overview.regions is not None:
        tables.append(_one("各区县评审通过人次", overview.regions))
    tables += [
        beside(measure, dimension, title, LARGEST)
        for measure, dimension, title in _LARGEST
        if dimension in area.dimensions
    ]
    tables.append(_work(area, work))
    # Of what the report shows, and no more.
    used = [item for item, definition in MEASURES.items()
            if definition in [line.definition for line in overview.headlines]]  # fmt: skip
    definitions = [
        (str(MEASURES[item].label), f"{MEASURES[item].text}取自：{MEASURES[item].table}。")
        for item in used
    ]
    definitions += [
        (str(DIMENSIONS[item].label), str(DIMENSIONS[item].text))
        for item in (Dimension.SERIES, Dimension.AGE, Dimension.REGION, Dimension.ISSUER)
    ]
    return YearlyReport(
        office=account.organization.name,
        area=area_words(area).replace("：", " "),
        year=year,
        as_of=f"{timezone.localtime(as_of):%Y年%m月%d日 %H:%M}" if as_of else "—",
        made_at=f"{timezone.localtime():%Y年%m月%d日 %H:%M}",
        made_by=f"{account.organization.called} {account.display_name}",
        day=timezone.localdate(),
        period=report_words.period(year, day),
        opening=report_words.opening(overview, _more(area, year), work[0] if work else None, day),
        figures_note=UNFINISHED if going_on else "",
        figures=[
            (
                f"{item.definition.label}（{item.definition.unit}）"
                + (standing if item.definition.standing else ""),
                ("约 " if item.about and item.n else "") + _text(item.n),
                ("约 " if item.about and item.before else "") + _text(item.before),
                "—" if going_on else _percent(item.change),
            )
            for item in overview.headlines
        ],
        tables=[table for table in tables if table.rows],
        definitions=definitions,
        notes=() if area.exact else (f"{HIDDEN} {hidden_words()}",),
    )


def _more(area: Area, year: int) -> dict[Measure, int]:
    """What replacements, renewals and voided ones are made up of; for the office alone."""
    if not area.exact:
        return {}
    return {
        measure: queries.counts(measure, [], {Dimension.YEAR: year}).get((), 0)
        for measure in (Measure.REPLACEMENT, Measure.RENEWAL, Measure.REVOKED)
    }


def _percent(n: float | None) -> str:
    return "—" if n is None else f"{n:+.1f}%"


def _text(n: int | float | None) -> str:
    return HIDDEN if n is None else str(n)


def _by_year(overview: Overview) -> ReportTable:
    rows = [
        [str(line["year"]), *(_text(line[name]) for name in ("PASSED", "ISSUED", "REISSUED"))]
        for line in overview.by_year
    ]
    return ReportTable(
        "历年情况",
        ["年度", "评审通过人次", "首次核发证书", "补办换发证书"],
        rows,
        [(str(line["year"]), line["PASSED"] or 0) for line in overview.by_year],
        note="图为评审通过人次。",
    )


def _one(title: str, table: Table) -> ReportTable:
    lines = table.lines[:LONGEST]
    # Bars of some of the groups alone would look like all there is.
    drawn = [(line.label, line.cells[0].n or 0) for line in lines] if not table.hidden else []
    rows = [[line.label, _text(line.cells[0].n)] for line in lines]
    if table.totals is not None:
        rows.append(["合计", _text(table.totals[0].n)])
    return ReportTable(
        title,
        [str(DIMENSIONS[table.question.rows].label), "人次"],
        rows,
        drawn,
        note=note_on(table) or _cut(len(table.lines), "合计包括全部。"),
        summed=table.totals is not None,
    )


def _beside(title: str, found: Comparison, *, most: int, going_on: bool) -> ReportTable:
    """A figure with last year's; what isn't listed stands together in one line where it may.

    A year that goes on has no change against a whole one. Where all groups are listed the year has
    its picture, unless a number of it is hidden: bars of some alone would look like all there is.
    """
    lines = [line for line in found.lines if not line.total]
    exact = found.area.exact
    shown, rest = lines[:most], lines[most:]
    if not exact:
        shown, rest = lines[:LONGEST], []
    pictured = most == LONGEST and all(line.b.n is not None for line in lines)
    rows = [[line.label, *_years(line, going_on=going_on)] for line in shown]
    if rest:
        others = Pair(
            f"其余 {len(rest)} 项",
            Cell(sum(line.a.n or 0 for line in rest)),
            Cell(sum(line.b.n or 0 for line in rest)),
        )
        rows.append([others.label, *_years(others, going_on=going_on)])
    rows += [["合计", *_years(line, going_on=going_on)] for line in found.lines if line.total]
    return ReportTable(
        title,
        [
            str(DIMENSIONS[found.rows].label),
            f"{found.last} 年",
            f"{found.first} 年",
            "增减",
            "增减（%）",
        ],
        rows,
        [(line.label, line.b.n or 0) for line in lines] if pictured else [],
        note=(UNFINISHED if going_on else "")
        + (found.note or ("" if exact else _cut(len(lines), "合计包括全部。"))),
        summed=any(line.total for line in found.lines),
    )


def _years(line: Pair, *, going_on: bool) -> list[str]:
    numbers = [_text(line.b.n), _text(line.a.n)]
    if going_on or line.change is None:
        return [*numbers, "—", "—"]
    return [*numbers, f"{line.change:+d}" if line.change else "0", _percent(line.percent)]


def _cut(count: int, more: str = "") -> str:
    """What a table of so many lines says when not all of them are printed."""
    if count <= LONGEST:
        return ""
    return (
        f"表中只列前 {LONGEST} 项，另有 {count - LONGEST} 项没有列出{'，' if more else '。'}{more}"
    )


def _two(title: str, table: Table) -> ReportTable:
    rows: list[Sequence[str]] = [
        [line.label, *(_text(cell.n) for cell in line.cells), _text(line.total.n)]
        for line in table.lines
        if line.total
    ]
    if table.totals is not None and table.total and not table.empty:
        rows.append(["合计", *(_text(cell.n) for cell in (*table.totals, table.total))])
    heads = [str(DIMENSIONS[table.question.rows].label), *(label for _code, label in table.heads)]
    return ReportTable(
        title, [*heads, "合计"], rows, note=note_on(table), summed=table.total is not None
    )


def _work(area: Area, found: list[processes.Unit]) -> ReportTable:
    def told(n: int | float | None) -> str:
        return "—" if n is None else f"{n:.1f}" if isinstance(n, float) else str(n)

    def days(step: StepTime) -> str:
        return "—" if step.median is None else f"{step.median}／{step.ninth}"

    # All together stands above the units and is none of them.
    first = 1 if found and not found[0].code else 0
    rows = [
        [
            unit.name or "全部单位",
            _text(unit.issued),
            days(unit.steps[Step.ACCEPT]),
            days(unit.steps[Step.WHOLE]),
            told(unit.return_rate),
            told(unit.spoilage_rate),
            told(unit.reissue_rate),
        ]
        for unit in found[: LONGEST + first]
    ]
    notes = [
        RATES,
        "" if area.exact else processes.shown_words(),
        _cut(len(found) - first, "全部单位包括它们。" if first else ""),
    ]
    return ReportTable(
        "办理情况",
        [
            "发放单位",
            "核发",
            "待受理天数",
            "办理天数",
            "退回率%",
            "作废率%",
            "补换率%",
        ],
        rows,
        note="".join(notes),
    )
