"""Review records, a unit's own certificates, an employer who verifies (N15, N16)."""

from collections.abc import Sequence
from datetime import date

from zhicheng.approvals.records import end_record, record_review
from zhicheng.certificates.models import Certificate
from zhicheng.demo.approvals import listed
from zhicheng.demo.city import City
from zhicheng.demo.clock import Course
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
    office, year = city.accounts["office.officer"], city.days.year
    university = city.enterprises["巴渝理工大学"]
    industry, education = city.departments["市经济信息委"], city.departments["市教委"]
    record_review(
        actor=office,
        mode="self_managed",
        unit_id=university.pk,
        department_id=city.office.pk,
        number=f"渝职改备〔{year - 2}〕7号",
        series=["高等学校教师"],
        valid_from=date(year - 2, 1, 1),
        valid_to=date(year + 2, 12, 31),
    )
    record_review(
        actor=office,
        mode="self_managed",
        unit_id=university.pk,
        department_id=city.office.pk,
        number=f"渝职改备〔{year - 6}〕3号",
        series=["高等学校教师"],
        scope="试点三年，期满后重新备案",
        valid_from=date(year - 6, 9, 1),
        valid_to=date(year - 3, 8, 31),
    )
    record_review(
        actor=office,
        mode="authorized",
        unit_id=city.enterprises["长江重工"].pk,
        department_id=industry.pk,
        number=f"渝经信授〔{year - 1}〕2号",
        series=["工程技术人员"],
        levels=["intermediate", "assistant"],
        valid_from=date(year - 1, 1, 1),
        valid_to=date(year + 1, 12, 31),
    )
    record_review(
        actor=office,
        mode="joint",
        unit_id=city.units["歌乐山职业技术学校"].pk,
        department_id=education.pk,
        number=f"渝教联评〔{year}〕1号",
        series=["中等职业学校教师"],
        scope="与两江职教中心、缙云职业学校联合组成评委会",
        valid_from=date(year, 1, 1),
        valid_to=date(year, 12, 31),
    )
    revoked = record_review(
        actor=office,
        mode="authorized",
        unit_id=city.enterprises["渝州电建"].pk,
        department_id=industry.pk,
        number=f"渝经信授〔{year - 3}〕5号",
        series=["工程技术人员"],
        valid_from=date(year - 3, 1, 1),
        valid_to=date(year + 1, 12, 31),
    )
    end_record(
        actor=office,
        record_id=revoked.pk,
        kind="revoked",
        ended_on=date(year - 1, 7, 1),
        reason=f"评审材料抽查不合格，渝经信函〔{year - 1}〕41号",
    )


def tell_self_issued(city: City) -> Course:
    """The university's own certificates: answered, one corrected, one void, a report waiting."""
    clerk, office = city.accounts["university.clerk"], city.accounts["office.officer"]
    year, ago = city.days.year, city.days.ago
    own = [item for item in listed(year) if item.mode == "自主评审"]
    yield ago(48, 9, 10)
    first = file_report(
        actor=clerk,
        content=_book(clerk.organization.name, own[:24]),
        name=f"{year}年度副教授证书.xlsx",
    )
    assert first.report is not None, first.findings[:1]
    yield ago(44, 10)
    accept_report(actor=office, report_id=first.report.pk)
    yield ago(29, 15)
    correction = _row(3, own[3], specialty="材料科学与工程", reason="专业名称与公布文件不一致")
    corrected = file_report(
        actor=clerk,
        content=template_book(unit=clerk.organization.name, rows=[correction]),
        name="更正.xlsx",
    )
    assert corrected.report is not None, corrected.findings[:1]
    yield ago(27, 11)
    accept_report(actor=office, report_id=corrected.report.pk)
    yield ago(18, 10)
    void = SelfIssuedCertificate.objects.get(number=_number(own[7], 7), state="accepted")
    end_certificate(
        actor=clerk, certificate_id=void.pk, void=True, reason="本人调离前放弃聘任，校人事处决定"
    )
    yield ago(11, 16)
    returned = file_report(
        actor=clerk, content=_book(clerk.organization.name, own[40:52], 40), name="讲师证书.xlsx"
    )
    assert returned.report is not None
    yield ago(9, 9, 50)
    return_report(actor=office, report_id=returned.report.pk, reason="缺 5 月补评人员，请一并报送")
    yield ago(7, 14)
    file_report(
        actor=clerk, content=_book(clerk.organization.name, own[40:60], 40), name="讲师证书2.xlsx"
    )


def _book(unit: str, people: Sequence[Listed], first: int = 0) -> bytes:
    rows = [_row(place, item) for place, item in enumerate(people, start=first)]
    return template_book(unit=unit, rows=rows)


def _number(item: Listed, place: int) -> str:
    return f"巴理工职{item.issued_on.year}-{place + 1:04d}"


def _row(place: int, item: Listed, *, specialty: str = "", reason: str = "") -> list[str]:
    cells = {
        "number": _number(item, place),
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


def tell_employer(city: City) -> Course:
    """An employer verified applicants, one of whom has what a self-managed unit issued."""
    yield city.days.ago(8, 10, 30)
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
        source_name=f"{city.days.year}年校园招聘录用人员.xlsx",
    )
