"""Proves invariant 7 for electronic certificates of old records, and that no row got lost."""

from zhicheng.blanks.reconcile import Report, rows


def check_historic(report: Report) -> None:
    """Each certificate against its old record, each import against its rows."""
    for (number,) in rows(
        """
        SELECT c.number FROM certificates_certificate c
        LEFT JOIN verification_legacyrecord r ON r.id = c.legacy
        LEFT JOIN historic_registration g ON g.record_id = r.id AND g.certificate_id = c.id
        WHERE c.origin = 'historic' AND (g.id IS NULL OR
            (c.number, c.name, c.sex, c.id_kind, c.id_number_index, c.id_number_masked,
             c.work_unit, c.specialty, c.qualification, c.grade, c.level, c.approval_date,
             c.document_number)
            IS DISTINCT FROM
            (r.certificate_number, r.name, r.sex, r.id_kind, r.id_number_index,
             r.id_number_masked, r.work_unit, r.specialty, r.qualification, r.grade, r.level,
             r.approval_date, r.document_number))
        ORDER BY c.id LIMIT 1001
        """
    ):
        report.fault(
            7,
            "historic.differs_from_record",
            f"历史证书 {number} 的电子证书与历史记录不一致",
            certificate=number,
        )
    for number, taken, there in rows(
        """
        SELECT g.number, g.taken_count, count(r.id) FROM historic_ledger g
        LEFT JOIN verification_legacyrecord r ON r.ledger = g.id
        WHERE g.state = 'imported' GROUP BY g.id HAVING count(r.id) <> g.taken_count
        ORDER BY g.id LIMIT 1001
        """
    ):
        report.fault(
            7,
            "historic.ledger_lost_rows",
            f"台账 {number} 导入 {taken} 行，库中有 {there} 行",
        )
