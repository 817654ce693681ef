"""Proves invariant 3 for electronic certificates: each in force lies on exactly one signed file."""

from zhicheng.blanks.reconcile import Report, rows


def check_electronic(report: Report) -> None:
    """Certificates against files, both ways, and each against what is kept and approved."""
    _one_file_each(report)
    _equal_their_people(report)


def _one_file_each(report: Report) -> None:
    for number, state, files in rows(
        """
        SELECT c.number, c.state, count(f.id) FROM certificates_certificate c
        LEFT JOIN electronic_electronicfile f ON f.certificate_id = c.id
        WHERE c.medium = 'electronic' OR f.id IS NOT NULL
        GROUP BY c.id
        HAVING count(f.id) <> CASE WHEN c.medium = 'electronic' AND c.state = 'issued'
                                   THEN 1 ELSE 0 END
        ORDER BY c.id LIMIT 1001
        """
    ):
        report.fault(
            3,
            "electronic.not_one_file",
            f"电子证书 {number}（{state}）有 {files} 个签名文件",
            certificate=number,
        )
    for number, digest in rows(
        """
        SELECT c.number, f.signed_sha256 FROM electronic_electronicfile f
        JOIN certificates_certificate c ON c.id = f.certificate_id
        JOIN files_storedfile s ON s.id = f.file_id
        WHERE s.kept_sha256 <> f.signed_sha256 OR s.content_type <> 'application/pdf'
        ORDER BY c.id LIMIT 1001
        """
    ):
        report.fault(
            3,
            "electronic.another_file",
            f"电子证书 {number} 保存的文件与签名时的摘要 {digest[:16]} 不符",
            certificate=number,
        )


def _equal_their_people(report: Report) -> None:
    for (number,) in rows(
        """
        SELECT c.number FROM certificates_certificate c
        LEFT JOIN approvals_approvedperson p ON p.id = c.approved_person_id
        LEFT JOIN approvals_approvaldocument d ON d.id = p.document_id
        WHERE c.origin = 'online' AND (
            d.channel IS DISTINCT FROM 'online' OR d.review_mode = 'self_managed'
            OR (c.name, c.sex, c.id_number_index, c.specialty, c.qualification, c.grade, c.level,
                c.approval_date, c.document_number)
               IS DISTINCT FROM (p.name, p.sex, p.id_number_index, p.specialty, p.qualification,
                p.grade, p.level, p.approval_date, d.number))
        ORDER BY c.id LIMIT 1001
        """
    ):
        report.fault(
            7,
            "electronic.differs_from_approval",
            f"电子证书 {number} 与核准文件不一致",
            certificate=number,
        )
