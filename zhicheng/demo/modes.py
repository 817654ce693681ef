"""Review records, a unit's own certificates, an employer who verifies (N15, N16)."""

from collections.abc import Sequence
from datetime import date

from zhicheng.approvals.records import end_record, record_review
from zhicheng.certificates.models import Certificate
from zhicheng.demo.approvals import listed
from zhicheng.demo.city import City
from zhicheng.demo.people import people
from zhicheng.demo.workbooks import Listed
from zhicheng.selfissued.actions import (
    accept_report,
    end_certificate,
    file_report,
    return_report,
)
from zhicheng.selfissued.models import SelfIssuedCertificate
from zhicheng.selfissued.reading import KEYS
from zhicheng.selfissued.template_book import template_book
from zhicheng.verification.batch.answering import verify_batch
from zhicheng.verification.batch.rules import AskedRow
from zhicheng.verification.models import BatchWay


def tell_records(city: City) -> None:
    """Before the year's approval documents are imported, which are checked against them."""
    office = city.accounts["office.officer"]
    university = city.enterprises["巴渝理工大学"]
    industry, education = city.departments["市经济信息委"], city.departments["市教委"]
    record_review(
        actor=office,
        mode="self_managed",
        unit_id=university.pk,
        department_id=city.office.pk,
        number="渝职改备〔2024〕7号",
        series=["高等学校教师"],
        valid_from=date(2024, 1, 1),
        valid_to=date(2028, 12, 31),
    )
    record_review(
        actor=office,
        mode="self_managed",
        unit_id=university.pk,
        department_id=city.office.pk,
        number="渝职改备〔2020〕3号",
        series=["高等学校教师"],
        scope="试点三年，期满后重新备案",
        valid_from=date(2020, 9, 1),
        valid_to=date(2023, 8, 31),
    )
    record_review(
        actor=office,
        mode="authorized",
        unit_id=city.enterprises["长江重工"].pk,
        department_id=industry.pk,
        number="渝经信授〔2025〕2号",
        series=["工程技术人员"],
        levels=["intermediate", "assistant"],
        valid_from=date(2025, 1, 1),
        valid_to=date(2027, 12, 31),
    )
    record_review(
        actor=office,
        mode="joint",
        unit_id=city.units["歌乐山职业技术学校"].pk,
        department_id=education.pk,
        number="渝教联评〔2026〕1号",
        series=["中等职业学校教师"],
        scope="与两江职教中心、缙云职业学校联合组成评委会",
        valid_from=date(2026, 1, 1),
        valid_to=date(2026, 12, 31),
    )
    revoked = record_review(
        actor=office,
        mode="authorized",
        unit_id=city.enterprises["渝州电建"].pk,
        department_id=industry.pk,
        number="渝经信授〔2023〕5号",
        series=["工程技术人员"],
        valid_from=date(2023, 1, 1),
        valid_to=date(2027, 12, 31),
    )
    end_record(
        actor=office,
        record_id=revoked.pk,
        kind="revoked",
        ended_on=date(2025, 7, 1),
        reason="评审材料抽查不合格，渝经信函〔2025〕41号",
    )


def tell_self_issued(city: City) -> None:
    """The university's own certificates: answered, one corrected, one void, a report waiting."""
    clerk, office = city.accounts["university.clerk"], city.accounts["office.officer"]
    own = [item for item in listed() if item.mode == "自主评审"]
    first = file_report(
        actor=clerk,
        content=_book(clerk.organization.name, own[:24]),
        name="2026年度副教授证书.xlsx",
    )
    assert first.report is not None, first.findings[:1]
    accept_report(actor=office, report_id=first.report.pk)
    correction = _row(3, own[3], specialty="材料科学与工程", reason="专业名称与公布文件不一致")
    corrected = file_report(
        actor=clerk,
        content=template_book(unit=clerk.organization.name, rows=[correction]),
        name="更正.xlsx",
    )
    assert corrected.report is not None, corrected.findings[:1]
    accept_report(actor=office, report_id=corrected.report.pk)
    void = SelfIssuedCertificate.objects.get(number=_number(7), state="accepted")
    end_certificate(
        actor=clerk, certificate_id=void.pk, void=True, reason="本人调离前放弃聘任，校人事处决定"
    )
    returned = file_report(
        actor=clerk, content=_book(clerk.organization.name, own[40:52], 40), name="讲师证书.xlsx"
    )
    assert returned.report is not None
    return_report(actor=office, report_id=returned.report.pk, reason="缺 5 月补评人员，请一并报送")
    file_report(
        actor=clerk, content=_book(clerk.organization.name, own[40:60], 40), name="讲师证书2.xlsx"
    )


def _book(unit: str, people: Sequence[Listed], first: int = 0) -> bytes:
    rows = [_row(place, item) for place, item in enumerate(people, start=first)]
    return template_book(unit=unit, rows=rows)


def _number(place: int) -> str:
    return f"巴理工职2026-{place + 1:04d}"


def _row(place: int, item: Listed, *, specialty: str = "", reason: str = "") -> list[str]:
    cells = {
        "number": _number(place),
        "name": item.person.name,
        "sex": item.person.sex,
        "id_number": item.person.id_number,
        "work_unit": "",
        "series": item.series,
        "level": item.level,
        "qualification": item.qualification,
        "specialty": specialty or item.specialty,
        "approval_date": item.approval_date.isoformat(),
        "document_number": item.document_number,
        "issued_on": item.issued_on.isoformat(),
        "correction_reason": reason,
    }
    return [cells[key] for key in KEYS]


def tell_employer(city: City) -> None:
    """An employer verified applicants, one of whom has what a self-managed unit issued."""
    held = Certificate.objects.filter(state="issued").order_by("pk").values_list("name", "number")
    own = SelfIssuedCertificate.objects.filter(state="accepted").order_by("pk")
    asked = [*held[:7], *own.values_list("name", "number")[:1]]
    rows = [AskedRow(place, name, "", number) for place, (name, number) in enumerate(asked, 2)]
    stranger = next(people(9001))
    rows.append(AskedRow(len(rows) + 2, stranger.name, stranger.id_number, ""))
    verify_batch(
        actor=city.accounts["employer.clerk"],
        rows=rows,
        way=BatchWay.UPLOAD,
        purpose="recruiting",
        source_name="2026年校园招聘录用人员.xlsx",
    )
