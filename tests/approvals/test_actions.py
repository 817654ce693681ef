"""Approval documents on file: all of a list or nothing, each by whom it may be."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.support.filing import Filing
from zhicheng.approvals import queries
from zhicheng.approvals.actions import ImportReport, attach_scan, import_list
from zhicheng.approvals.models import ApprovalDocument, ApprovedPerson
from zhicheng.approvals.records import record_review
from zhicheng.audit.models import AuditEvent
from zhicheng.demo.workbooks import approval_list
from zhicheng.protection import blind_index, reveal
from zhicheng.values.refusal import NotPermitted, Refusal


def office(filing: Filing, content: bytes) -> ImportReport:
    return import_list(actor=filing.city.who("office", "clerk"), content=content, name="名单.xlsx")


def test_an_import_takes_documents_and_people_and_says_so(filing: Filing) -> None:
    filing.lines(3)
    document = ApprovalDocument.objects.get()
    assert (document.number, document.people_count) == ("渝卫职改〔2026〕1号", 3)
    assert document.approving_department == filing.city.health
    assert document.issued_on == date(2026, 4, 2)
    person = document.people.first()
    listed = filing.papers.listed[0]
    assert person is not None
    assert reveal(bytes(person.id_number_cipher)) == listed.person.id_number
    assert bytes(person.id_number_index) == blind_index(listed.person.id_number)
    event = AuditEvent.objects.get()
    assert (event.tag, event.subject_id) == ("office:approval:import", document.pk)
    assert (event.data["number"], event.data["people"]) == (document.number, 3)
    assert len(event.row_ids) == 3


def test_one_faulty_row_and_nothing_is_taken(filing: Filing) -> None:
    papers = filing.papers
    for _ in range(3):
        papers.list_person()
    papers.list_person(qualification="首席医疗师", level="")
    report = office(filing, approval_list(papers.listed))
    assert (report.taken, report.errors) == (False, 1)
    assert "第5行 资格名称" in report.as_text()
    assert not ApprovalDocument.objects.exists()
    assert not AuditEvent.objects.exists()


def test_a_second_import_adds_people_and_refuses_those_listed(filing: Filing) -> None:
    filing.lines(2)
    filing.lines(1)
    assert ApprovalDocument.objects.get().people_count == 3
    report = office(filing, approval_list(filing.papers.listed))
    assert not report.taken
    assert {finding.code for finding in report.findings} == {"person.duplicate"}
    assert ApprovedPerson.objects.count() == 3


def test_what_is_on_file_of_a_document_stays(filing: Filing) -> None:
    filing.lines(1)
    filing.papers.list_person(channel="线上")
    report = office(filing, approval_list(filing.papers.listed[1:]))
    assert [finding.code for finding in report.findings] == ["document.inconsistent"]


def test_unknown_and_powerless_departments_are_named(filing: Filing) -> None:
    filing.papers.list_person(number=1, department="某某局")
    filing.papers.list_person(number=2, department="万州区职改办")
    report = office(filing, approval_list(filing.papers.listed))
    assert [(finding.row, finding.code) for finding in report.findings] == [
        (2, "department.unknown"),
        (3, "department.not_approving"),
    ]


def test_n16_self_managed_review_needs_a_valid_record(filing: Filing) -> None:
    unit = filing.city.enterprise
    filing.papers.list_person(mode="自主评审", department=unit.name)
    content = approval_list(filing.papers.listed)
    record_review(
        mode="self_managed",
        actor=filing.city.who("office", "officer"),
        unit_id=unit.pk,
        number="自主备1",
        scope="",
        valid_from=date(2025, 1, 1),
        valid_to=date(2026, 3, 17),  # the day before the committee met
    )
    report = office(filing, content)
    assert [(f.code, f.clause) for f in report.findings] == [("self_review.not_on_record", "N16")]
    filing.self_review(unit, "自主备2")
    assert office(filing, content).taken


def test_n15_every_mode_of_the_approving_department_is_taken_alike(filing: Filing) -> None:
    for number, mode in enumerate(("委员会评审", "授权评审", "联合评审"), start=1):
        filing.papers.list_person(number=number, mode=mode)
    filing.announce()
    modes = ApprovalDocument.objects.order_by("number").values_list("review_mode", flat=True)
    assert list(modes) == ["committee", "authorized", "joint"]


def test_records_of_self_managed_review_end_after_they_begin(filing: Filing) -> None:
    with pytest.raises(Refusal) as refused:
        record_review(
            mode="self_managed",
            actor=filing.city.who("office", "officer"),
            unit_id=filing.city.enterprise.pk,
            number="自主备1",
            scope="",
            valid_from=date(2026, 1, 2),
            valid_to=date(2026, 1, 1),
        )
    assert refused.value.clause == "N16"


@pytest.mark.parametrize(("unit", "role"), [("health", "clerk"), ("office", "auditor")])
def test_nobody_else_imports(filing: Filing, unit: str, role: str) -> None:
    with pytest.raises(NotPermitted):
        import_list(actor=filing.city.who(unit, role), content=b"", name="x")


def test_scans_are_kept_encrypted_with_their_digest(filing: Filing) -> None:
    filing.lines(1)
    document = ApprovalDocument.objects.get()
    clerk = filing.city.who("office", "clerk")
    scan = b"%PDF-1.7 scan of the document"
    attach_scan(actor=clerk, document_id=document.pk, content=scan, name="扫描.pdf")
    document.refresh_from_db()
    assert queries.scan_of(document) == scan
    assert scan not in bytes(document.scan)
    assert document.scan_type == "application/pdf"
    with pytest.raises(Refusal) as refused:
        attach_scan(actor=clerk, document_id=document.pk, content=b"MZ\x90", name="x.exe")
    assert refused.value.rule == "scan.unusable"


def test_who_sees_which_documents(filing: Filing) -> None:
    filing.lines(1)
    city = filing.city
    seen = {
        who: queries.visible(city.accounts[who]).count()
        for who in (
            ("office", "clerk"),
            ("office", "auditor"),
            ("office", "administrator"),
            ("health", "officer"),
            ("industry", "officer"),
            ("enterprise", "clerk"),
        )
    }
    assert list(seen.values()) == [1, 1, 0, 1, 0, 0]


def test_the_number_of_statements_does_not_grow_with_the_list(filing: Filing) -> None:
    counts = []
    filing.lines(1)
    for size in (3, 60):
        start = len(filing.papers.listed)
        for _ in range(size):
            filing.papers.list_person(number=size)
        content = approval_list(filing.papers.listed[start:])
        with CaptureQueriesContext(
            connection,
        ) as queries_made:
            assert office(filing, content).taken
        counts.append(len(queries_made))
    assert counts[0] == counts[1]
