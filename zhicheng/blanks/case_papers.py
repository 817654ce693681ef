"""The papers of cases and counts, from the ledger's data (N18)."""

from django.utils import timezone
from django.utils.translation import gettext as _

from zhicheng.blanks.case_rules import common
from zhicheng.blanks.models import BlankCase, Stocktake, StocktakeState
from zhicheng.blanks.queries import cases, stocktakes
from zhicheng.blanks.rules import describe, difference
from zhicheng.documents import case_report, stocktake_protocol
from zhicheng.organizations.models import Organization
from zhicheng.values.serials import count, parse_ranges
from zhicheng.web.language import in_chinese


def _moment(moment: object) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}" if moment else ""  # type: ignore[arg-type]


@in_chinese
def report_of(case: BlankCase) -> bytes:
    """案卷报告 as PDF."""
    return case_report.render(
        case_report.CaseReport(
            number=case.number,
            kind=case.get_kind_display(),
            office=Organization.objects.municipal_office().name,
            holder=case.holder.name,
            grade=case.get_grade_display(),
            serials=case.serials,
            count=case.count,
            register=case.register.number if case.register else "",
            note=case.note,
            opened=_moment(case.opened_at),
            opened_by=case.opened_by.display_name if case.opened_by else "",
            outcome=case.get_outcome_display(),
            conclusion=case.conclusion,
            closed=_moment(case.closed_at),
            closed_by=case.closed_by.display_name if case.closed_by else "",
            steps=[
                case_report.ReportStep(_moment(step.at), step.label, step.who, step.text)
                for step in cases.timeline(case)
            ],
        ),
        created=timezone.localdate(),
    )


def scope_of(stocktake: Stocktake) -> str:
    """What is counted, in words."""
    grade = stocktake.get_grade_display() if stocktake.grade else _("全部等级")
    state = stocktake.get_scope_display() if stocktake.scope else _("全部状态")
    return _("%(grade)s，%(state)s") % {"grade": grade, "state": state}


@in_chinese
def protocol_of(stocktake: Stocktake) -> bytes:
    """盘点表 as PDF; before the end it is a sheet to count with."""
    found = stocktakes.progress(stocktake)
    missing = parse_ranges(",".join(stocktake.missing))
    moved = parse_ranges(",".join(stocktake.moved))
    finished = stocktake.state in (StocktakeState.FINISHED, StocktakeState.CONFIRMED)
    counters = stocktake.counts.filter(withdrawn_at=None).order_by()
    names = counters.values_list("counted_by__display_name", flat=True).distinct()
    day = timezone.localdate(stocktake.confirmed_at or stocktake.finished_at or timezone.now())
    return stocktake_protocol.render(
        stocktake_protocol.Protocol(
            number=stocktake.number,
            custodian=stocktake.organization.name,
            scope=scope_of(stocktake),
            started=_moment(stocktake.started_at),
            finished=_moment(stocktake.finished_at) or "盘点中",
            expected=stocktake.expected_count,
            counted=stocktake.counted_count if finished else count(found.counted),
            lines=[
                stocktake_protocol.ProtocolLine(
                    line.grade_label,
                    line.state_label,
                    line.total,
                    describe(line.expected),
                    line.done,
                    count(difference(common(line.expected, moved), line.counted)),
                    count(common(line.expected, missing)),
                )
                for line in found.lines
            ],
            missing=stocktake.missing,
            missing_count=stocktake.missing_count,
            surplus=stocktake.surplus,
            surplus_count=stocktake.surplus_count,
            moved=stocktake.moved,
            seen=stocktakes.seen_while_counting(stocktake),
            cases=list(stocktake.cases.order_by("id").values_list("number", flat=True)),
            counters=sorted(names),
            finished_by=stocktake.finished_by.display_name if stocktake.finished_by else "",
            confirmed_by=stocktake.confirmed_by.display_name if stocktake.confirmed_by else "",
        ),
        created=day,
    )
