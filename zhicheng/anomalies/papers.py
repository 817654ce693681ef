"""核查案卷 on paper, from the same tables as the pages; always in Chinese (N18)."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext as _

from zhicheng.anomalies import evidence, queries
from zhicheng.anomalies.models import Anomaly, Inquiry, InquiryEntry, InquiryOutcome
from zhicheng.documents import inquiry_file as paper
from zhicheng.organizations.models import Account, Organization
from zhicheng.web.language import in_chinese

SAID_ONCE = 3  # from so many rows on, what all of them have in common isn't repeated


@in_chinese
def file_of(inquiry: Inquiry, *, printed_by: Account) -> bytes:
    """The whole inquiry as PDF. Raises Refusal for a character that no font has."""
    entries = list(queries.entries(inquiry))
    documents = [entry for entry in entries if entry.file is not None]
    numbers = {entry.pk: number for number, entry in enumerate(documents, start=1)}
    related = inquiry.anomalies.select_related("organization", "account").order_by("pk")
    return paper.render(
        paper.InquiryFile(
            number=inquiry.number,
            subject=inquiry.subject,
            office=Organization.objects.municipal_office().name,
            opened=_moment(inquiry.opened_at),
            opened_by=inquiry.opened_by.display_name,
            outcome=inquiry.get_outcome_display(),
            conclusion=inquiry.conclusion,
            closed=_moment(inquiry.closed_at) if inquiry.closed_at else "",
            closed_by=inquiry.closed_by.display_name if inquiry.closed_by else "",
            printed_by=printed_by.display_name,
            referred=inquiry.outcome == InquiryOutcome.REFERRED,
            anomalies=[_anomaly(item) for item in related],
            steps=_steps(inquiry, entries, numbers),
            documents=[_document(entry) for entry in documents],
        ),
        created=timezone.localdate(),
    )


def _moment(value: datetime) -> str:
    return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"


def _steps(
    inquiry: Inquiry, entries: Sequence[InquiryEntry], numbers: dict[int, int]
) -> list[paper.FiledStep]:
    opened = paper.FiledStep(
        _moment(inquiry.opened_at), "立案", inquiry.opened_by.display_name, inquiry.subject
    )
    steps = [
        paper.FiledStep(
            _moment(entry.written_at),
            "核查",
            entry.written_by.display_name,
            entry.text,
            [numbers[entry.pk]] if entry.pk in numbers else [],
        )
        for entry in entries
    ]
    if inquiry.closed_at is None or inquiry.closed_by is None:
        return [opened, *steps]
    ended = paper.FiledStep(
        _moment(inquiry.closed_at),
        "结案",
        inquiry.closed_by.display_name,
        inquiry.get_outcome_display(),
    )
    return [opened, *steps, ended]


def _document(entry: InquiryEntry) -> paper.FiledDocument:
    assert entry.file is not None
    return paper.FiledDocument(
        name=entry.file.name,
        size=filesizeformat(entry.file.size).replace("\xa0", " "),
        sha256=entry.file.sha256,
        at=_moment(entry.written_at),
    )


def _anomaly(anomaly: Anomaly) -> paper.FiledAnomaly:
    account, unit = anomaly.account, anomaly.organization
    about = [
        ("单位", unit.name if unit else ""),
        ("账号", f"{account.display_name}（{account.username}）" if account else ""),
        ("涉及人员", evidence.person_of(anomaly)),
        ("首次发现", _moment(anomaly.first_found_at)),
        ("最近发现", _moment(anomaly.last_found_at)),
    ]
    return paper.FiledAnomaly(
        kind=str(anomaly.get_kind_display()),
        told=anomaly.told,
        about=[pair for pair in about if pair[1]],
        figures=[
            (_(label), _(value) if value else "—")
            for label, value in anomaly.evidence.get("figures", ())
        ],
        tables=[_table(group) for group in evidence.groups(anomaly)],
    )


def _table(group: evidence.Group) -> paper.EvidenceTable:
    columns = [(str(column.title), column.kind) for column in group.columns]
    rows = [
        [_words(column.words(row)) for column in group.columns]
        for row in group.rows.order_by(*group.order)
    ]
    # What a column says in every row is said once; what an object is called stays in its row.
    alike = [
        place
        for place in range(1, len(columns))
        if len(rows) >= SAID_ONCE and len({row[place] for row in rows}) == 1
    ]
    if all(columns[place][1] in paper.UNBROKEN or place in alike for place in range(len(columns))):
        alike = alike[1:]  # a table of numbers alone would be a strip at the edge
    kept = [place for place in range(len(columns)) if place not in alike]
    return paper.EvidenceTable(
        title=str(group.label),
        headings=[columns[place][0] for place in kept],
        kinds=[columns[place][1] for place in kept],
        rows=[[row[place] for place in kept] for row in rows],
        alike=[(columns[place][0], rows[0][place]) for place in alike if rows[0][place] != "—"],
        note=f"依据至多列出 {len(group.ids)} 项，总数见上。" if group.cut else "",
    )


def _words(value: Any) -> str:
    """A cell on paper."""
    match value:
        case None | "":
            return "—"
        case datetime():
            return _moment(value)
        case date():
            return value.isoformat()
        case _:
            return str(value)
