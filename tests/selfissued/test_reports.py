"""N16: certificates that self-managed units issue themselves: reported, answered, told apart."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.support.city import announce, id_number
from tests.support.filing import Filing
from zhicheng.approvals.models import ReviewRecord
from zhicheng.approvals.records import end_record
from zhicheng.audit.models import AuditEvent
from zhicheng.blanks.models import Movement
from zhicheng.certificates.models import Certificate
from zhicheng.registers.numbering.used import used_by_others
from zhicheng.selfissued import actions
from zhicheng.selfissued.actions import Filed
from zhicheng.selfissued.models import Report, SelfIssuedCertificate
from zhicheng.selfissued.reading import KEYS
from zhicheng.selfissued.template_book import template_book
from zhicheng.values.refusal import Conflict, NotPermitted, Refusal
from zhicheng.verification.actions import LegacyLine, import_legacy
from zhicheng.verification.conflicts import open_conflicts
from zhicheng.verification.queries import find
from zhicheng.verification.rules import Source, Standing


def person(order: int) -> str:
    return "李" + str(order).translate(str.maketrans("0123456789", "零一二三四五六七八九"))


def row(order: int, **cells: str) -> list[str]:
    whole = id_number(order)
    told = {
        "number": f"CJ2026-{order:04d}",
        "name": person(order),
        "sex": "男" if int(whole[16]) % 2 else "女",
        "id_number": whole,
        "work_unit": "",
        "series": "工程技术人员",
        "level": "中级",
        "qualification": "工程师",
        "specialty": "机械设计",
        "approval_date": "2026-03-18",
        "document_number": "长重职〔2026〕2号",
        "issued_on": "2026-04-01",
        "correction_reason": "",
        **cells,
    }
    return [told[key] for key in KEYS]


def file(filing: Filing, *rows: list[str], who: str = "enterprise") -> Filed:
    account = filing.city.who(who, "clerk")
    content = template_book(unit=account.organization.name, rows=rows)
    return actions.file_report(actor=account, content=content, name="证书.xlsx")


def accept(filing: Filing, filed: Filed) -> Report:
    assert filed.report is not None, [str(found) for found in filed.findings]
    return actions.accept_report(
        actor=filing.city.who("office", "officer"), report_id=filed.report.pk
    )


def faults(filed: Filed) -> list[tuple[int | None, str, str]]:
    assert filed.report is None
    return [(f.row, f.column, f.code) for f in filed.findings if f.severity == "error"]


def test_n16_an_accepted_certificate_answers_as_the_units_own(filing: Filing) -> None:
    movements = Movement.objects.count()
    filed = file(filing, row(1), row(2))
    assert find(person(1), id_number(1), "") == []
    accept(filing, filed)
    for asked in ((id_number(1), ""), ("", "CJ2026-0001")):
        (answer,) = find(person(1), *asked)
        assert (answer.source, answer.standing) == (Source.SELF_ISSUED, Standing.VALID)
        assert (answer.issuing_unit, answer.approving_department) == ("长江重工", "")
        assert answer.issued_on == date(2026, 4, 1)
    assert find(person(1), id_number(2), "") == []
    # No blank, no certificate of ours.
    assert (Movement.objects.count(), Certificate.objects.count()) == (movements, 0)
    assert used_by_others(["CJ2026-0001"], register_id=None)


def test_n16_a_unit_without_record_reports_nothing(filing: Filing) -> None:
    with pytest.raises(Refusal) as refused:
        file(filing, row(1), who="hospital")
    assert (refused.value.rule, refused.value.clause) == ("self_issued.not_on_record", "N16")


def test_n16_only_what_the_record_covers_on_that_day(filing: Filing) -> None:
    filed = file(filing, row(1, approval_date="2025-12-31"))
    assert faults(filed) == [(3, "批准时间", "self_review.not_on_record")]
    assert {found.clause for found in filed.findings if found.severity == "error"} == {"N16"}


def test_every_fault_is_named_by_row_and_column_and_nothing_is_taken(filing: Filing) -> None:
    wrong = id_number(3)[:-1] + ("0" if id_number(3)[-1] != "0" else "1")
    filed = file(
        filing,
        row(1),
        row(2, number=""),
        row(3, id_number=wrong),
        row(4, number="CJ2026-0001"),
        row(5, level="高级"),
        row(6, number=id_number(6)),
    )
    assert sorted(faults(filed), key=str) == [
        (4, "证书编号", "required"),
        (5, "身份证号码", "id_number.checksum"),
        (6, "证书编号", "certificate_number.duplicate"),
        (7, "级别", "level.contradicts_name"),
        (8, "证书编号", "certificate_number.malformed"),
    ]
    assert not Report.objects.exists()
    text = str(filed.findings)
    assert wrong not in text and id_number(6) not in text


def test_numbers_and_documents_of_unified_certificates_are_refused(filing: Filing) -> None:
    import_legacy(
        actor=filing.city.who("office", "officer"),
        origin="旧台账",
        lines=[
            LegacyLine(
                "CJ2026-0001", "甲", id_number(77), "机械", "工程师", date(2010, 1, 1), "旧1号"
            )
        ],
    )
    (listed, *_rest) = announce(filing.city, 1)
    filed = file(filing, row(1), row(2, document_number=listed.document.number))
    assert faults(filed) == [
        (3, "证书编号", "certificate_number.taken"),
        (4, "批准文号", "approval.unified"),
    ]


def test_a_number_taken_after_the_report_stops_the_acceptance(filing: Filing) -> None:
    filed = file(filing, row(1))
    import_legacy(
        actor=filing.city.who("office", "officer"),
        origin="旧台账",
        lines=[
            LegacyLine(
                "CJ2026-0001", "甲", id_number(77), "机械", "工程师", date(2010, 1, 1), "旧1号"
            )
        ],
    )
    with pytest.raises(Conflict) as refused:
        accept(filing, filed)
    assert "CJ2026-0001" in refused.value.found
    assert find(person(1), id_number(1), "") == []


def test_a_record_that_ended_before_the_committee_met_stops_the_acceptance(filing: Filing) -> None:
    filed = file(filing, row(1))
    end_record(
        actor=filing.city.who("office", "officer"),
        record_id=ReviewRecord.objects.get().pk,
        kind="revoked",
        ended_on=date(2026, 3, 1),
        reason="撤销",
    )
    with pytest.raises(Conflict):
        accept(filing, filed)


def test_one_title_waits_in_one_report_only(filing: Filing) -> None:
    first = file(filing, row(1))
    assert faults(file(filing, row(1, number="CJ2026-0009"))) == [
        (3, "姓名", "person.already_certified")
    ]
    accept(filing, first)


@pytest.mark.parametrize("void", [True, False])
def test_what_the_unit_ended_meanwhile_is_corrected_no_more(filing: Filing, void: bool) -> None:
    accept(filing, file(filing, row(1)))
    correction = file(filing, row(1, specialty="电气", correction_reason="专业写错"))
    actions.end_certificate(
        actor=filing.city.who("enterprise", "clerk"),
        certificate_id=SelfIssuedCertificate.objects.get(state="accepted").pk,
        void=void,
        reason="学历不实",
    )
    with pytest.raises(Conflict) as refused:
        accept(filing, correction)
    assert refused.value.rule == "self_issued.overtaken"
    assert "CJ2026-0001" in refused.value.found
    assert SelfIssuedCertificate.objects.filter(state="accepted").count() == 0


def test_a_correction_needs_a_reason_and_supersedes_when_accepted(filing: Filing) -> None:
    accept(filing, file(filing, row(1)))
    assert faults(file(filing, row(1, name="李公"))) == [(3, "更正原因", "required")]
    assert faults(file(filing, row(2, correction_reason="错字"))) == [
        (3, "证书编号", "correction.unknown")
    ]
    # The same title under another number isn't a second certificate.
    assert faults(file(filing, row(1, number="CJ2026-0009"))) == [
        (3, "姓名", "person.already_certified")
    ]
    filed = file(filing, row(1, specialty="电气", correction_reason="专业写错"))
    assert find(person(1), id_number(1), "")[0].specialty == "机械设计"
    accept(filing, filed)
    (answer,) = find(person(1), id_number(1), "")
    assert answer.specialty == "电气"
    states = SelfIssuedCertificate.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["superseded", "accepted"]


def test_returned_and_withdrawn_reports_say_why_and_answer_nothing(filing: Filing) -> None:
    officer, clerk = filing.city.who("office", "officer"), filing.city.who("enterprise", "clerk")
    one, two = file(filing, row(1)).report, file(filing, row(2)).report
    assert one is not None and two is not None
    with pytest.raises(Refusal):
        actions.return_report(actor=officer, report_id=one.pk, reason=" ")
    actions.return_report(actor=officer, report_id=one.pk, reason="缺公布文件")
    actions.withdraw_report(actor=clerk, report_id=two.pk, reason="重复")
    with pytest.raises(Refusal) as refused:
        actions.accept_report(actor=officer, report_id=one.pk)
    assert refused.value.rule == "lifecycle.wrong_state"
    assert find(person(1), id_number(1), "") == find(person(2), id_number(2), "") == []
    # The number is free again.
    accept(filing, file(filing, row(1)))


@pytest.mark.parametrize(("void", "standing"), [(True, Standing.VOID), (False, None)])
def test_the_unit_voids_a_certificate_or_takes_a_wrong_report_back(
    filing: Filing, void: bool, standing: Standing | None
) -> None:
    accept(filing, file(filing, row(1)))
    found = SelfIssuedCertificate.objects.get()
    clerk = filing.city.who("enterprise", "clerk")
    with pytest.raises(NotPermitted):
        actions.end_certificate(
            actor=filing.city.who("hospital", "clerk"),
            certificate_id=found.pk,
            void=void,
            reason="撤",
        )
    actions.end_certificate(actor=clerk, certificate_id=found.pk, void=void, reason="学历不实")
    answers = find(person(1), id_number(1), "")
    assert [answer.standing for answer in answers] == ([standing] if standing else [])
    event = AuditEvent.objects.order_by("-sequence")[0]
    assert event.tag == "unit:self_issued:withdraw" and event.data["reason"] == "学历不实"
    with pytest.raises(Conflict):
        actions.end_certificate(actor=clerk, certificate_id=found.pk, void=void, reason="再")


def test_one_number_in_two_units_is_two_certificates(filing: Filing) -> None:
    city = filing.city
    filing.self_review(city.industry, "自主备2")
    accept(filing, file(filing, row(1)))
    accept(filing, file(filing, row(2, number="CJ2026-0001", name=person(1)), who="industry"))
    found = find(person(1), "", "CJ2026-0001")
    assert {record.issuing_unit for record in found} == {"长江重工", "市经济信息委"}
    assert not open_conflicts().exists()


def test_only_its_own_unit_and_the_office_act(filing: Filing) -> None:
    report = file(filing, row(1)).report
    assert report is not None
    for who, act, told in (
        ("enterprise", actions.accept_report, {}),
        ("health", actions.return_report, {"reason": "x"}),
        ("office", actions.withdraw_report, {"reason": "x"}),
    ):
        with pytest.raises(NotPermitted):
            act(actor=filing.city.who(who, "officer"), report_id=report.pk, **told)


def test_statements_do_not_grow_with_the_rows(filing: Filing) -> None:
    def counted(rows: list[list[str]]) -> int:
        with CaptureQueriesContext(connection) as caught:
            accept(filing, file(filing, *rows))
        return len(caught)

    counted([row(1)])
    few = counted([row(order) for order in range(10, 13)])
    many = counted([row(order) for order in range(100, 160)])
    assert many == few


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE {t} SET name = '别人'", "self_issued_certificate_never_changes"),
        ("DELETE FROM {t}", "self_issued_certificate_never_changes"),
        ("UPDATE {t} SET state = 'filed'", "self_issued_certificate_goes_step_by_step"),
        (
            "UPDATE {t} SET state = 'void', ended_at = now()",
            "void_self_issued_certificate_says_why",
        ),
        (
            "UPDATE selfissued_report SET state = 'filed', decided_at = NULL",
            "self_issued_report_is_only_ever_decided",
        ),
        ("DELETE FROM selfissued_report", "self_issued_report_is_only_ever_decided"),
        (
            "INSERT INTO {t} SELECT {copy} FROM {t}",
            "self_issued_certificate_is_covered_by_a_record",
        ),
    ],
)
def test_the_database_keeps_them_by_itself(filing: Filing, statement: str, constraint: str) -> None:
    accept(filing, file(filing, row(1)))
    changed: dict[str, Any] = {
        "id": "id + 1000",
        "state": "'filed'",
        "number": "'X1'",
        "approval_date": "DATE '2020-01-01'",
    }
    columns = [field.column for field in SelfIssuedCertificate._meta.concrete_fields]
    copy = ", ".join(changed.get(name, name) for name in columns)
    names = ", ".join(columns)
    text = statement.replace("INSERT INTO {t}", f"INSERT INTO {{t}} ({names})")
    text = text.format(t="selfissued_selfissuedcertificate", copy=copy)
    with pytest.raises(IntegrityError) as broken, transaction.atomic():
        connection.cursor().execute(text)
    assert broken.value.__cause__.diag.constraint_name == constraint  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("SET state = 'accepted'", "self_issued_report_says_when_decided"),
        ("SET state = 'returned', decided_at = now()", "returned_self_issued_report_says_why"),
        ("SET people_count = 9", "self_issued_report_is_only_ever_decided"),
    ],
)
def test_the_database_keeps_waiting_reports_too(
    filing: Filing, statement: str, constraint: str
) -> None:
    file(filing, row(1))
    with pytest.raises(IntegrityError) as broken, transaction.atomic():
        connection.cursor().execute(f"UPDATE selfissued_report {statement}")
    assert broken.value.__cause__.diag.constraint_name == constraint  # type: ignore[union-attr]
