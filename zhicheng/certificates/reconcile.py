"""``zhicheng reconcile``: proves invariants 1, 2, 3, 6 and 7 over the whole database."""

import json
from collections.abc import Callable

from zhicheng.blanks.ledger import from_range
from zhicheng.blanks.models import CustodyState
from zhicheng.blanks.reconcile import SHOWN, Report, check_ledger, one_moment, rows
from zhicheng.blanks.reconcile_records import check_records
from zhicheng.blanks.rules import difference
from zhicheng.photos.reconcile import miscounted
from zhicheng.values.serials import count, format_serial, parse_ranges

# Where the blank of a certificate has to lie, by the certificate's state.
_EXPECTED = "CASE c.state WHEN 'issued' THEN 'on_certificate' ELSE 'filling' END"


Check = Callable[[Report], None]
_further: list[Check] = []


def proves_further(check: Check) -> Check:
    """Registers a proof of a folder that stands below; call it from an app's ``ready``."""
    if check not in _further:
        _further.append(check)
    return check


def reconcile() -> Report:
    """Every proof in one report; ``faults`` names the serials and certificates concerned."""
    report = Report()
    with one_moment():
        check_ledger(report)
        check_records(report)
        _certificates_lie_on_their_blanks(report)
        _blanks_carry_certificates(report)
        _fillings(report)
        _print_pages(report)
        _never_more_than_rows(report)
        _counted_by_their_registers(report)
        _people_counted_by_their_registers(report)
        _exchanges_one_for_one(report)
        _replacements_as_given(report)
        _equal_their_rows(report)
        for check in _further:
            check(report)
    return report


def _certificates_lie_on_their_blanks(report: Report) -> None:
    """Invariant 3: the blank of each certificate is with its register's unit, in its state."""
    for number, serial, state in rows(
        f"""
        SELECT c.number, c.blank_serial, u.state FROM certificates_certificate c
        LEFT JOIN blanks_holding h ON h.serials @> c.blank_serial
        LEFT JOIN blanks_custody u ON u.id = h.custody_id
        WHERE c.blank_serial IS NOT NULL AND (
            u.id IS NULL OR u.state <> {_EXPECTED} OR u.grade <> c.grade
            OR u.register_id IS DISTINCT FROM c.register_id
            OR u.reissue IS DISTINCT FROM c.reissue)
        ORDER BY c.id LIMIT 1001
        """
    ):
        report.fault(
            3,
            "certificate.blank_astray",
            f"证书 {number} 所用空白证书 {format_serial(serial)} 的保管状态为 {state or '无'}",
            certificate=number,
            serial=format_serial(serial),
        )


def _blanks_carry_certificates(report: Report) -> None:
    """Invariant 3: blanks in filling and on certificates are exactly the certificates'."""
    for state, serials, used in rows(
        f"""
        SELECT u.state, h.serials,
               range_agg(int8range(c.blank_serial, c.blank_serial, '[]'))
                   FILTER (WHERE c.id IS NOT NULL)
        FROM blanks_holding h JOIN blanks_custody u ON u.id = h.custody_id
        -- Bounds that the index on blank_serial answers, however many certificates there are.
        LEFT JOIN certificates_certificate c ON c.blank_serial >= lower(h.serials)
             AND c.blank_serial < upper(h.serials) AND u.state = {_EXPECTED}
        WHERE u.state IN ('filling', 'on_certificate')
        GROUP BY h.id, u.state HAVING range_size(h.serials) <> count(c.id) LIMIT 1001
        """
    ):
        bare = difference([from_range(serials)], [from_range(item) for item in used or ()])
        for item in bare:
            report.fault(
                3,
                "blank.without_certificate",
                f"空白证书 {item} 状态为{CustodyState(state).label}，但没有对应的证书",
                serials=str(item),
            )


def _fillings(report: Report) -> None:
    """Invariant 3: a serial served one certificate, and the present one is the last written."""
    for number, serial in rows(
        """
        SELECT c.number, c.blank_serial FROM certificates_certificate c
        LEFT JOIN certificates_filling f
            ON f.certificate_id = c.id AND f.serial = c.blank_serial
        WHERE c.blank_serial IS NOT NULL AND f.id IS NULL LIMIT 1001
        """
    ):
        report.fault(
            3,
            "certificate.filling_missing",
            f"证书 {number} 没有用空白证书 {format_serial(serial)} 填制的记录",
            certificate=number,
            serial=format_serial(serial),
        )
    for serial, number in rows(
        """
        SELECT serial, count(*) FROM certificates_filling GROUP BY 1
        HAVING count(*) > 1 LIMIT 1001
        """
    ):
        report.fault(
            3,
            "blank.carries_several",
            f"空白证书 {format_serial(serial)} 填制过 {number} 次",
            serial=format_serial(serial),
        )


def _print_pages(report: Report) -> None:
    """Invariant 3: a page is for a blank of its certificate, one that waits for the present one."""
    for number, serial in rows(
        """
        SELECT c.number, p.serial FROM certificates_printpage p
        JOIN certificates_certificate c ON c.id = p.certificate_id
        LEFT JOIN certificates_filling f
            ON f.certificate_id = p.certificate_id AND f.serial = p.serial
        WHERE f.id IS NULL
           OR p.state = 'waiting' AND c.blank_serial IS DISTINCT FROM p.serial LIMIT 1001
        """
    ):
        report.fault(
            3,
            "print_page.blank_differs",
            f"证书 {number} 的打印页所记空白证书 {format_serial(serial)} 与填制记录不一致",
            certificate=number,
            serial=format_serial(serial),
        )


def _never_more_than_rows(report: Report) -> None:
    """Invariant 6: live blanks ≤ accepted rows + spares; certificates ≤ accepted rows.

    Live are those that lie on a certificate or can come to: whatever was spoiled, lost, returned
    or moved on is not, so exchanges, replacements and transfers can't add to them.
    """
    for number, grade, blanks, allowed, certificates, people in rows(
        """
        WITH accepted AS (
            SELECT register_id, grade, count(*) AS n FROM registers_registerrow
            WHERE accepted GROUP BY 1, 2
        ), live AS (
            SELECT c.register_id, c.grade, sum(range_size(h.serials)) AS n
            FROM blanks_holding h JOIN blanks_custody c ON c.id = h.custody_id
            WHERE c.state IN ('reserved', 'in_transit', 'unit', 'spare', 'filling',
                              'on_certificate') GROUP BY 1, 2
        ), allotted AS (
            SELECT register_id, grade, spares FROM blanks_allotment WHERE state <> 'withdrawn'
        ), written AS (
            SELECT register_id, grade, count(*) AS n FROM certificates_certificate
            WHERE register_id IS NOT NULL GROUP BY 1, 2
        )
        SELECT g.number, k.grade, coalesce(v.n, 0)::bigint,
               (coalesce(a.n, 0) + coalesce(t.spares, 0))::bigint,
               coalesce(w.n, 0)::bigint, coalesce(a.n, 0)::bigint
        FROM (SELECT register_id, grade FROM live
              UNION SELECT register_id, grade FROM written) k
        JOIN registers_register g ON g.id = k.register_id
        LEFT JOIN accepted a USING (register_id, grade)
        LEFT JOIN live v USING (register_id, grade)
        LEFT JOIN allotted t USING (register_id, grade)
        LEFT JOIN written w USING (register_id, grade)
        WHERE coalesce(v.n, 0) > coalesce(a.n, 0) + coalesce(t.spares, 0)
           OR coalesce(w.n, 0) > coalesce(a.n, 0)
        LIMIT 1001
        """
    ):
        report.fault(
            6,
            "register.too_many_blanks",
            f"登记表 {number}（{grade}）领用空白证书 {blanks} 本，最多 {allowed} 本；"
            f"证书 {certificates} 本，人数 {people}",
            register=number,
            grade=grade,
        )


def _replacements_as_given(report: Report) -> None:
    """Invariant 6: a replacement counts the blanks that it names (there are few of them)."""
    for number, grade, stated, given in rows(
        """
        SELECT g.number, r.grade, r.count, r.given::text FROM blanks_replacement r
        JOIN registers_register g ON g.id = r.register_id
        """
    ):
        named = count(parse_ranges(",".join(json.loads(given))))
        if named != stated:
            report.fault(
                6,
                "replacement.not_as_given",
                f"登记表 {number}（{grade}）补发记录为 {stated} 本，所列编号 {named} 本",
                register=number,
                grade=grade,
            )


def _counted_by_their_registers(report: Report) -> None:
    """Invariant 6: what a register says of its certificates is what there is."""
    for number, said, counted in rows(
        """
        SELECT r.number, r.made_count, coalesce(c.n, 0) FROM registers_register r
        LEFT JOIN (SELECT register_id, count(*) AS n FROM certificates_certificate
                   GROUP BY register_id) c ON c.register_id = r.id
        WHERE r.made_count <> coalesce(c.n, 0) ORDER BY r.id LIMIT 1001
        """
    ):
        report.fault(
            6,
            "register.certificates_miscounted",
            f"登记表 {number} 记有 {said} 本证书，实有 {counted} 本",
            register=number,
        )
    for number, department in rows(
        """
        SELECT r.number, o.name
        FROM (SELECT DISTINCT register_id, approving_department_id FROM certificates_certificate
              WHERE register_id IS NOT NULL) AS c
        FULL JOIN certificates_registerapprover a
            ON a.register_id = c.register_id AND a.department_id = c.approving_department_id
        JOIN registers_register r ON r.id = coalesce(a.register_id, c.register_id)
        JOIN organizations_organization o
            ON o.id = coalesce(a.department_id, c.approving_department_id)
        WHERE a.id IS NULL OR c.register_id IS NULL ORDER BY r.id, o.id LIMIT 1001
        """
    ):
        report.fault(
            6,
            "register.approvers_differ",
            f"登记表 {number} 所记核准部门与其证书不一致：{department}",
            register=number,
        )
    for number, said, counted in rows(
        """
        SELECT d.number, d.issued_count, coalesce(c.n, 0) FROM approvals_approvaldocument d
        LEFT JOIN (SELECT p.document_id, count(*) AS n FROM certificates_certificate c
                   JOIN approvals_approvedperson p ON p.id = c.approved_person_id
                   WHERE c.medium = 'electronic' AND c.state = 'issued'
                   GROUP BY p.document_id) c ON c.document_id = d.id
        WHERE d.issued_count <> coalesce(c.n, 0) ORDER BY d.id LIMIT 1001
        """
    ):
        report.fault(
            6,
            "document.certificates_miscounted",
            f"核准文件 {number} 记有 {said} 本电子证书，实有 {counted} 本",
            document=number,
        )


def _people_counted_by_their_registers(report: Report) -> None:
    """Invariant 6: what a register says of its people, and of those with a photo, is so."""
    for number, said, counted in rows(
        """
        SELECT r.number, r.row_count, coalesce(w.n, 0) FROM registers_register r
        LEFT JOIN (SELECT register_id, count(*) AS n FROM registers_registerrow
                   GROUP BY register_id) w ON w.register_id = r.id
        WHERE r.row_count <> coalesce(w.n, 0) ORDER BY r.id LIMIT 1001
        """
    ):
        report.fault(
            6,
            "register.people_miscounted",
            f"登记表 {number} 记有 {said} 人，实有 {counted} 人",
            register=number,
        )
    for number, said, counted in miscounted(SHOWN + 1):
        report.fault(
            6,
            "register.photos_miscounted",
            f"登记表 {number} 记有 {said} 人有照片，实有 {counted} 人",
            register=number,
        )


def _exchanges_one_for_one(report: Report) -> None:
    """Invariant 6: as many given as spoiled ones taken back, each spoiled one at most once."""
    for number, grade, given, spoiled in rows(
        """
        SELECT g.number, e.grade, e.count, count(s.id) FROM blanks_exchange e
        JOIN registers_register g ON g.id = e.register_id
        LEFT JOIN blanks_spoilage s ON s.exchange_id = e.id
        GROUP BY e.id, g.number HAVING e.count <> count(s.id) LIMIT 1001
        """
    ):
        report.fault(
            6,
            "exchange.not_one_for_one",
            f"登记表 {number}（{grade}）换取 {given} 本，废旧证书 {spoiled} 本",
            register=number,
            grade=grade,
        )


def _equal_their_rows(report: Report) -> None:
    """Invariant 7: what stands on the certificate equals the accepted row and the approval."""
    for number, position in rows(
        """
        SELECT c.number, r.position FROM certificates_certificate c
        JOIN registers_registerrow r ON r.id = c.row_id
        LEFT JOIN approvals_approvedperson p ON p.id = r.approved_person_id
        LEFT JOIN approvals_approvaldocument d ON d.id = p.document_id
        WHERE NOT r.accepted OR (c.number, c.name, c.sex, c.id_number_index, c.specialty,
              c.qualification, c.grade, c.level, c.approval_date, c.document_number,
              c.approved_person_id)
              IS DISTINCT FROM (r.certificate_number, r.name, r.sex, r.id_number_index,
              r.specialty, r.qualification, r.grade, p.level, r.approval_date, r.document_number,
              r.approved_person_id)
           OR (r.name, r.id_number_index, r.specialty, r.qualification, r.grade, r.approval_date,
               r.document_number)
              IS DISTINCT FROM (p.name, p.id_number_index, p.specialty, p.qualification, p.grade,
               p.approval_date, d.number)
        LIMIT 1001
        """
    ):
        report.fault(
            7,
            "certificate.differs_from_row",
            f"证书 {number} 与登记表第 {position} 行或核准文件不一致",
            certificate=number,
        )
