"""Proves invariants 3, 7 and 8 for electronic certificates and their signed files."""

from zhicheng.blanks.reconcile import Report, rows


def check_electronic(report: Report) -> None:
    """Certificates against files, both ways, and each against what is kept and approved."""
    _one_file_each(report)
    _files_that_were_recorded(report)
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


def _files_that_were_recorded(report: Report) -> None:
    """The audit chain holds a digest over the files of each batch: nobody exchanged one since.

    A certificate that waited for its photo is in two events; its file belongs to the later one.
    """
    for number, event in rows(
        """
        WITH told AS (
            SELECT DISTINCT ON (r.id) r.id, e.sequence, e.data->>'files_sha256' AS together
            FROM audit_auditevent e CROSS JOIN LATERAL unnest(e.row_ids) r (id)
            WHERE e.tag = 'system:electronic_certificate:make' AND e.data ? 'files_sha256'
            ORDER BY r.id, e.sequence DESC),
        wrong AS (
            SELECT t.sequence FROM told t
            JOIN certificates_certificate c ON c.id = t.id
            LEFT JOIN electronic_electronicfile f ON f.certificate_id = t.id
            GROUP BY t.sequence, t.together
            -- A missing file is told above, once, and not of the whole batch.
            HAVING bool_and(f.id IS NOT NULL OR c.state <> 'issued')
               AND t.together IS DISTINCT FROM encode(sha256(convert_to(
                coalesce(string_agg(f.signed_sha256, '' ORDER BY t.id), ''), 'UTF8')), 'hex'))
        SELECT c.number, t.sequence FROM electronic_electronicfile f
        JOIN certificates_certificate c ON c.id = f.certificate_id
        LEFT JOIN told t ON t.id = c.id
        WHERE t.id IS NULL OR t.sequence IN (SELECT sequence FROM wrong)
        ORDER BY c.id LIMIT 1001
        """
    ):
        where = f"审计事件 {event} 所记的" if event else "任何审计事件所记的"
        report.fault(
            8,
            "electronic.not_the_recorded_file",
            f"电子证书 {number} 或同批证书的签名文件不是{where}文件",
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
            OR (c.name, c.sex, c.id_kind, c.id_number_index, c.id_number_masked, c.specialty,
                c.qualification, c.grade, c.level, c.approval_date, c.document_number)
               IS DISTINCT FROM (p.name, p.sex, p.id_kind, p.id_number_index,
                p.id_number_masked, p.specialty, p.qualification, p.grade, p.level,
                p.approval_date, d.number))
        ORDER BY c.id LIMIT 1001
        """
    ):
        report.fault(
            7,
            "electronic.differs_from_approval",
            f"电子证书 {number} 与核准文件不一致",
            certificate=number,
        )
