"""What ``zhicheng reconcile`` proves of reissues (invariants 3, 4, 6 and 7; N11, N12)."""

from zhicheng.blanks.ledger import from_range
from zhicheng.blanks.reconcile import Report, rows


def check_reissues(report: Report) -> None:
    """All proofs, in a fixed number of statements."""
    _blanks_have_complete_papers(report)
    _never_two_in_force(report)
    _certificates_equal_applications(report)
    _losses_have_applications(report)
    _exchanges_one_for_one(report)
    _revocations_have_their_decision(report)


def _blanks_have_complete_papers(report: Report) -> None:
    """N11: each live blank lies with an application whose papers and opinions are complete."""
    for serials, receipt, state, lacks in rows(
        """
        SELECT h.serials, r.receipt_number, r.state, reissue_lacks(r.*)
        FROM blanks_custody c JOIN blanks_holding h ON h.custody_id = c.id
        LEFT JOIN reissues_reissue r ON r.id = c.reissue
        WHERE c.reissue IS NOT NULL AND c.state IN ('unit', 'filling', 'on_certificate') AND (
            r.id IS NULL OR reissue_lacks(r.*) IS NOT NULL OR c.organization_id <> r.unit_id
            OR c.grade <> r.grade
            OR c.state = 'unit' AND r.state NOT IN ('collected', 'making', 'closing')
            OR c.state = 'filling' AND r.state <> 'making'
            OR c.state = 'on_certificate' AND r.state <> 'done')
        LIMIT 1001
        """
    ):
        report.fault(
            6,
            "reissue.blank_without_papers",
            f"空白证书 {from_range(serials)} 属于补办换发申请 {receipt or '（不存在）'}"
            f"（{state or '无'}），材料不齐或状态不符：{lacks or '状态'}",
            serials=str(from_range(serials)),
            reissue=receipt,
        )
    for receipt, number in rows(
        """
        SELECT r.receipt_number, sum(range_size(h.serials))::bigint
        FROM blanks_custody c JOIN blanks_holding h ON h.custody_id = c.id
        JOIN reissues_reissue r ON r.id = c.reissue
        WHERE c.state IN ('unit', 'filling', 'on_certificate')
        GROUP BY r.id HAVING sum(range_size(h.serials)) > 1 LIMIT 1001
        """
    ):
        report.fault(
            6,
            "reissue.several_blanks",
            f"补办换发申请 {receipt} 占用空白证书 {number} 本，最多 1 本",
            reissue=receipt,
        )


def _never_two_in_force(report: Report) -> None:
    """N12: the old certificate is void exactly when the new one is issued."""
    for number, old in rows(
        """
        SELECT c.number, o.number FROM certificates_certificate c
        JOIN certificates_certificate o ON o.id = c.replaces_id
        WHERE c.state = 'issued' AND o.voided_at IS NULL LIMIT 1001
        """
    ):
        report.fault(
            4,
            "reissue.two_in_force",
            f"证书 {number} 与所替换的 {old} 同时有效",
            certificate=number,
        )
    for receipt, state, certificate in rows(
        """
        SELECT r.receipt_number, r.state, coalesce(c.state, '') FROM reissues_reissue r
        LEFT JOIN certificates_certificate c ON c.reissue = r.id
        WHERE (r.state = 'done') <> coalesce(c.state = 'issued', false)
           OR r.state IN ('closing', 'refused', 'ended') AND c.state <> 'withdrawn'
           OR r.state = 'making' AND (c.id IS NULL OR c.state = 'withdrawn')
        LIMIT 1001
        """
    ):
        report.fault(
            3,
            "reissue.certificate_astray",
            f"补办换发申请 {receipt}（{state}）的证书状态为 {certificate or '无'}",
            reissue=receipt,
        )


def _certificates_equal_applications(report: Report) -> None:
    """Invariant 7: the new certificate says what the application and its corrections say."""
    for number, receipt in rows(
        """
        SELECT c.number, r.receipt_number FROM certificates_certificate c
        JOIN reissues_reissue r ON r.id = c.reissue
        LEFT JOIN LATERAL (
            SELECT jsonb_object_agg(f.field, f.new_text) AS texts FROM reissues_correctedfield f
            WHERE f.reissue_id = r.id AND f.removed_at IS NULL AND f.field <> 'id_number'
        ) k ON true
        LEFT JOIN reissues_correctedfield n ON n.reissue_id = r.id AND n.field = 'id_number'
             AND n.removed_at IS NULL
        WHERE (c.number, c.name, c.sex, c.work_unit, c.specialty, c.qualification, c.grade,
               c.level, c.approval_date, c.document_number, c.id_number_index, c.replaces_id)
              IS DISTINCT FROM
              (r.new_number, coalesce(k.texts->>'name', r.name), coalesce(k.texts->>'sex', r.sex),
               coalesce(k.texts->>'work_unit', r.work_unit),
               coalesce(k.texts->>'specialty', r.specialty),
               coalesce(k.texts->>'qualification', r.qualification), r.grade, r.level,
               coalesce((k.texts->>'approval_date')::date, r.approval_date),
               coalesce(k.texts->>'document_number', r.document_number),
               coalesce(n.new_index, r.id_number_index), r.certificate_id)
        LIMIT 1001
        """
    ):
        report.fault(
            7,
            "reissue.differs_from_application",
            f"证书 {number} 与补办换发申请 {receipt} 不一致",
            certificate=number,
        )


def _losses_have_applications(report: Report) -> None:
    """A certificate in force is reported lost exactly as long as an application says so."""
    for (number,) in rows(
        """
        SELECT c.number FROM certificates_certificate c
        WHERE c.voided_at IS NULL AND (c.lost_at IS NOT NULL) <> EXISTS (
            SELECT 1 FROM reissues_reissue r WHERE r.certificate_id = c.id
              AND r.lost_at IS NOT NULL AND r.state NOT IN ('done', 'closing', 'refused', 'ended'))
        LIMIT 1001
        """
    ):
        report.fault(
            4,
            "reissue.loss_astray",
            f"证书 {number} 的报失与补办申请不一致",
            certificate=number,
        )


def _exchanges_one_for_one(report: Report) -> None:
    """Invariant 6: one new blank for one spoiled one."""
    for receipt, given, spoiled in rows(
        """
        SELECT r.receipt_number, e.count, count(s.id) FROM blanks_exchange e
        JOIN reissues_reissue r ON r.id = e.reissue
        LEFT JOIN blanks_spoilage s ON s.exchange_id = e.id
        GROUP BY e.id, r.receipt_number HAVING e.count <> count(s.id) LIMIT 1001
        """
    ):
        report.fault(
            6,
            "exchange.not_one_for_one",
            f"补办换发申请 {receipt} 换取 {given} 本，废旧证书 {spoiled} 本",
            reissue=receipt,
        )


def _revocations_have_their_decision(report: Report) -> None:
    """N12: a revoked certificate has the decision that revoked it, and the other way round."""
    for (number,) in rows(
        """
        SELECT c.number FROM certificates_certificate c
        FULL JOIN reissues_revocation v ON v.certificate_id = c.id
        WHERE (c.void_reason = 'revoked') <> (v.id IS NOT NULL) LIMIT 1001
        """
    ):
        report.fault(
            4,
            "revocation.without_decision",
            f"证书 {number} 的撤销与撤销决定不一致",
            certificate=number,
        )
