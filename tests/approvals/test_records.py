"""N15, N16: what authorised, joint and self-managed review is covered by, and when it isn't."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from tests.support.filing import Filing
from zhicheng.approvals.actions import ImportReport, import_list
from zhicheng.approvals.coverage import records_covering
from zhicheng.approvals.models import ApprovalDocument, ReviewRecord
from zhicheng.approvals.records import end_record, record_review
from zhicheng.approvals.scope_rules import Gap, RecordFacts, Result, gap_of, last_day, uncovered
from zhicheng.audit.models import AuditEvent
from zhicheng.demo.workbooks import Listed, approval_list
from zhicheng.organizations.models import Organization
from zhicheng.values.refusal import Conflict, NotPermitted, Refusal

DAY = date(2026, 3, 18)
FACTS = RecordFacts(1, "备1", "joint", 1, 2, date(2026, 1, 1), date(2026, 12, 31))
RESULT = Result(DAY, "intermediate", "工程师", frozenset({"工程技术人员"}))


def put(filing: Filing, mode: str, unit: Organization, **given: Any) -> ReviewRecord:
    told = {
        "number": f"备{ReviewRecord.objects.count() + 1}",
        "valid_from": date(2026, 1, 1),
        "valid_to": date(2026, 12, 31),
        "department_id": None if mode == "self_managed" else filing.city.health.pk,
        **given,
    }
    return record_review(
        actor=filing.city.who("office", "officer"), mode=mode, unit_id=unit.pk, **told
    )


def imported(filing: Filing, *, review_unit: str = "", **listed: Any) -> ImportReport:
    person = filing.papers.list_person(**listed)
    assert isinstance(person, Listed)
    content = approval_list([replace(person, review_unit=review_unit)])
    return import_list(actor=filing.city.who("office", "clerk"), content=content, name="名单.xlsx")


def told(report: ImportReport) -> list[tuple[str, str, str]]:
    return [(found.code, found.severity, found.clause) for found in report.findings]


@given(
    before=st.integers(-400, 400),
    length=st.integers(0, 400),
    series=st.frozensets(st.sampled_from(["工程技术人员", "卫生技术人员"])),
    levels=st.frozensets(st.sampled_from(["intermediate", "assistant"])),
    titles=st.frozensets(st.sampled_from(["工程师", "医师"])),
)
def test_n15_a_record_covers_exactly_its_days_and_its_scope(
    before: int, length: int, series: frozenset, levels: frozenset, titles: frozenset
) -> None:
    first = DAY - timedelta(days=before)
    record = replace(
        FACTS,
        first=first,
        last=first + timedelta(days=length),
        series=series,
        levels=levels,
        qualifications=titles,
    )
    covers = (
        0 <= before <= length
        and (not series or "工程技术人员" in series)
        and (not levels or "intermediate" in levels)
        and (not titles or "工程师" in titles)
    )
    assert (gap_of(record, RESULT) is None) == covers
    assert (uncovered([record], RESULT) is None) == covers


def test_the_nearest_record_says_what_is_missing() -> None:
    expired = replace(FACTS, last=date(2026, 2, 1))
    narrow = replace(FACTS, levels=frozenset({"assistant"}))
    assert uncovered([], RESULT) is Gap.NO_RECORD
    assert uncovered([expired], RESULT) is Gap.NOT_IN_FORCE
    assert uncovered([expired, narrow], RESULT) is Gap.LEVEL
    assert uncovered([expired, narrow, FACTS], RESULT) is None
    assert last_day(date(2026, 12, 31), date(2026, 3, 18)) == date(2026, 3, 17)


@pytest.mark.parametrize(("mode", "word"), [("authorized", "授权评审"), ("joint", "联合评审")])
def test_n15_what_the_department_announced_is_taken_and_a_missing_record_is_said(
    filing: Filing, mode: str, word: str
) -> None:
    report = imported(filing, mode=word, number=1)
    assert report.taken
    assert told(report) == [("review_record.missing", "warning", "N15")]
    document = ApprovalDocument.objects.get()
    assert records_covering(document) == ([], 1)
    kept = put(filing, mode, filing.city.hospital, series=["卫生技术人员"])
    assert records_covering(document) == ([kept], 0)
    assert told(imported(filing, mode=word, number=2)) == []


def test_n15_a_named_unit_whose_record_says_otherwise_is_an_error(filing: Filing) -> None:
    hospital = filing.city.hospital
    known = put(filing, "authorized", hospital, levels=["assistant"])
    report = imported(filing, mode="授权评审", number=1, review_unit=hospital.name)
    assert not report.taken
    assert told(report) == [("review_record.contradicts", "error", "N15")]
    assert not ApprovalDocument.objects.exists()
    end_record(
        actor=filing.city.who("office", "officer"),
        record_id=known.pk,
        kind="ended",
        ended_on=date(2026, 1, 1),
        reason="范围有误",
    )
    put(filing, "authorized", hospital)
    report = imported(filing, mode="授权评审", number=1, review_unit=hospital.name)
    assert (report.taken, told(report)) == (True, [])
    assert ApprovalDocument.objects.get().review_unit == hospital


def test_n15_another_departments_authorisation_covers_nothing(filing: Filing) -> None:
    put(filing, "authorized", filing.city.hospital, department_id=filing.city.industry.pk)
    assert told(imported(filing, mode="授权评审")) == [("review_record.missing", "warning", "N15")]


def test_n15_a_reviewing_unit_that_nobody_knows_is_said(filing: Filing) -> None:
    put(filing, "authorized", filing.city.hospital)
    report = imported(filing, mode="授权评审", review_unit="某某学会")
    assert told(report) == [("review_record.missing", "warning", "N15")]
    assert "某某学会" in report.findings[0].message
    assert report.taken
    assert ApprovalDocument.objects.get().review_unit is None


def test_n16_self_managed_review_ends_with_its_record_and_stays_in_its_scope(
    filing: Filing,
) -> None:
    unit, officer = filing.city.enterprise, filing.city.who("office", "officer")
    kept = put(filing, "self_managed", unit, levels=["assistant"])
    own = {"mode": "自主评审", "department": unit.name}
    assert told(imported(filing, number=1, **own)) == [("self_review.out_of_scope", "error", "N16")]
    end_record(
        actor=officer, record_id=kept.pk, kind="revoked", ended_on=date(2026, 2, 1), reason="撤销"
    )
    kept = put(filing, "self_managed", unit)
    assert told(imported(filing, number=2, **own)) == []
    end_record(actor=officer, record_id=kept.pk, kind="ended", ended_on=DAY, reason="期满前终止")
    assert told(imported(filing, number=3, **own)) == [
        ("self_review.not_on_record", "error", "N16")
    ]


def test_a_record_ends_once_with_a_reason_within_its_days_and_is_audited(filing: Filing) -> None:
    kept = put(filing, "joint", filing.city.hospital)
    officer = filing.city.who("office", "officer")

    def end(**given: Any) -> ReviewRecord:
        told = {"kind": "ended", "ended_on": DAY, "reason": "评委会届满", **given}
        return end_record(actor=told.pop("actor", officer), record_id=kept.pk, **told)

    for wrong in ({"reason": " "}, {"kind": "other"}, {"ended_on": date(2027, 1, 1)}):
        with pytest.raises(Refusal) as refused:
            end(**wrong)
        assert refused.value.clause == "N15"
    with pytest.raises(NotPermitted):
        end(actor=filing.city.who("health", "officer"))
    assert end().state_on(DAY) == "ended"
    assert kept.state_on(DAY - timedelta(days=1)) == "valid"
    with pytest.raises(Conflict):
        end()
    tags = AuditEvent.objects.filter(subject_type="approvals.reviewrecord").values_list("tag")
    assert [tag for (tag,) in tags.order_by("sequence")] == [
        "office:review_record:add",
        "office:review_record:end",
    ]


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE approvals_reviewrecord SET valid_to = '2030-01-01'", "only_ever_ended"),
        ("DELETE FROM approvals_reviewrecord", "only_ever_ended"),
        (
            "UPDATE approvals_reviewrecord SET ended_on = '2026-05-01'",
            "ended_review_record_says_why",
        ),
        (
            (
                "UPDATE approvals_reviewrecord SET ended_on = '2028-05-01', ended_at = now(),"
                " end_kind = 'ended', end_reason = 'x'"
            ),
            "review_record_ends_within_its_days",
        ),
        (
            (
                "INSERT INTO approvals_reviewrecord (mode, unit_id, number, series, levels,"
                " qualifications, scope, valid_from, valid_to, recorded_at, end_kind, end_reason)"
                " SELECT mode, unit_id, 'x', series, levels, qualifications, scope, valid_from,"
                " valid_to, recorded_at, '', '' FROM approvals_reviewrecord"
            ),
            "authorised_review_names_its_department",
        ),
    ],
)
def test_the_database_keeps_records_by_itself(
    filing: Filing, statement: str, constraint: str
) -> None:
    put(filing, "joint", filing.city.hospital)
    with pytest.raises(IntegrityError) as broken, transaction.atomic():
        connection.cursor().execute(statement)
    assert constraint in broken.value.__cause__.diag.constraint_name


def test_n17_the_same_title_by_both_channels_is_said(filing: Filing) -> None:
    person = filing.papers.list_person(number=1).person
    filing.announce()
    report = imported(filing, number=2, channel="线上", person=person)
    assert report.taken
    assert told(report) == [("person.other_channel", "warning", "N17")]
    assert "线下" in report.findings[0].message
