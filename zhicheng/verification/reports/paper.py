"""A report on paper, made anew from what is stored: the same bytes until it is renewed."""

from django.utils import timezone

from zhicheng.documents import verification_report
from zhicheng.verification.reports.queries import Report, record_of
from zhicheng.verification.rules import Standing
from zhicheng.verification.showing import display, told
from zhicheng.web.language import in_chinese


@in_chinese
def of(report: Report, address: str) -> bytes:
    """The PDF; ``address`` is the product's, as it stands on papers."""
    item = display(record_of(report.said))
    record, base = item.record, address.rstrip("/")
    return verification_report.render(
        verification_report.VerificationReport(
            office=report.said["office"],
            code=report.grouped_code,
            link=f"{base}/r/{report.code}",
            address=f"{base}/report/",
            made_at=timezone.localtime(report.made_at),
            begins_on=report.begins_on,
            ends_on=report.ends_on,
            renewals=report.renewals,
            name=record.name,
            sex=record.sex,
            id_number_masked=record.id_number_masked,
            qualification=record.qualification,
            grade=item.grade,
            specialty=record.specialty,
            number=record.number,
            approval_date=record.approval_date,
            document_number=record.document_number,
            approving_department=record.approving_department,
            issuing_unit=record.issuing_unit,
            issued_on=record.issued_on,
            source=item.source,
            # Reports are made of certificates in force alone.
            standing=told(Standing.VALID).word,
        ),
        created=report.renewed_on,
    )
