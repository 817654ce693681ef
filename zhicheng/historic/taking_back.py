"""An import goes back as a whole, while nothing builds on one of its records (N7, N18)."""

from django.db import connection
from django.utils import timezone

from zhicheng.audit.recording import recorded, retrying
from zhicheng.historic.ledgers import TABLE, locked
from zhicheng.historic.lifecycle import LEDGER
from zhicheng.historic.models import Ledger
from zhicheng.organizations.guard import require
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.values.refusal import Refusal
from zhicheng.values.text import hide_id_numbers


@retrying
def take_back(*, actor: Account, ledger_id: int, reason: str) -> Ledger:
    """Takes an import back as a whole, while nothing builds on one of its records.

    Records that another imported ledger holds too stay, and are that one's from now on.
    """
    with recorded(actor, Action.LEDGER_TAKE_BACK) as record:
        ledger = locked(ledger_id)
        require(actor, Action.LEDGER_TAKE_BACK)
        state = LEDGER.target(Action.LEDGER_TAKE_BACK, ledger.state)
        said = hide_id_numbers(reason.strip())[:300]
        if not said:
            raise Refusal(
                "ledger.reason_missing",
                "撤回导入须写明原因。",
                clause="N18",
                found="原因为空",
                expected="原因",
            )
        _pass_on(ledger)
        _require_nothing_builds_on(ledger)
        gone = _remove(ledger)
        ledger.state, ledger.taken_back_at, ledger.taken_back_by = state, timezone.now(), actor
        ledger.taken_back_reason = said
        ledger.save(update_fields=["state", "taken_back_at", "taken_back_by", "taken_back_reason"])
        record(
            subject=ledger,
            data={"number": ledger.number, "reason": said, "removed": len(gone)},
            rows=TABLE,
            ids=gone,
        )
    return ledger


def _pass_on(ledger: Ledger) -> None:
    """Records that rows of another imported ledger name become that ledger's."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH heir AS (
                SELECT DISTINCT ON (r.id) r.id AS record, l.id AS line, l.ledger_id AS ledger,
                       left(g.title || '（' || g.number || '）', 200) AS origin
                FROM verification_legacyrecord r
                JOIN historic_ledgerline l ON l.record_id = r.id AND l.ledger_id <> %s
                JOIN historic_ledger g ON g.id = l.ledger_id AND g.state = 'imported'
                WHERE r.ledger = %s ORDER BY r.id, l.ledger_id, l.row),
            lines AS (
                UPDATE historic_ledgerline l SET outcome = 'taken' FROM heir
                WHERE l.id = heir.line RETURNING l.ledger_id),
            told AS (
                UPDATE historic_ledger g SET taken_count = g.taken_count + n.n,
                       same_count = g.same_count - n.n
                FROM (SELECT ledger, count(*) AS n FROM heir GROUP BY 1) n WHERE g.id = n.ledger)
            UPDATE verification_legacyrecord r SET ledger = heir.ledger, origin = heir.origin
            FROM heir WHERE r.id = heir.record
            """,
            [ledger.pk, ledger.pk],
        )


BUILT_ON = {
    "electronic": "已生成电子证书",
    "registered": "持证人已登记",
    "reissue": "已申请补办换发",
    "decided": "来源冲突已认定",
}


def _require_nothing_builds_on(ledger: Ledger) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT r.certificate_number, CASE
                WHEN EXISTS (SELECT 1 FROM certificates_certificate c WHERE c.legacy = r.id)
                    THEN 'electronic'
                WHEN EXISTS (SELECT 1 FROM historic_registration g WHERE g.record_id = r.id)
                    THEN 'registered'
                WHEN EXISTS (SELECT 1 FROM reissues_reissue e
                             WHERE e.old_number = r.certificate_number AND e.source = 'legacy')
                    THEN 'reissue'
                ELSE 'decided' END
            FROM verification_legacyrecord r WHERE r.ledger = %s AND (
                EXISTS (SELECT 1 FROM certificates_certificate c WHERE c.legacy = r.id)
                OR EXISTS (SELECT 1 FROM historic_registration g WHERE g.record_id = r.id)
                OR EXISTS (SELECT 1 FROM reissues_reissue e
                           WHERE e.old_number = r.certificate_number AND e.source = 'legacy')
                OR EXISTS (SELECT 1 FROM verification_sourceconflict k
                           JOIN verification_sourcedecision d ON d.conflict_id = k.id
                           WHERE r.id IN (k.first_legacy_id, k.other_legacy_id)))
            ORDER BY r.id LIMIT 5
            """,
            [ledger.pk],
        )
        found = cursor.fetchall()
    if found:
        raise Refusal(
            "ledger.in_use",
            "这次导入的记录已有后续办理，不能整批撤回。",
            clause="N18",
            found="、".join(f"{number}（{BUILT_ON[what]}）" for number, what in found),
            expected="没有后续办理的导入",
            mend="个别记录有误的，在“来源冲突”中认定，或由持证人申请换发更正。",
        )


def _remove(ledger: Ledger) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM verification_sourceconflict k USING verification_legacyrecord r
            WHERE r.ledger = %s AND r.id IN (k.first_legacy_id, k.other_legacy_id)
            """,
            [ledger.pk],
        )
        cursor.execute(
            "UPDATE historic_ledgerline SET record_id = NULL WHERE ledger_id = %s", [ledger.pk]
        )
        # Rows of ledgers that were taken back before, and named these records.
        cursor.execute(
            """
            UPDATE historic_ledgerline l SET record_id = NULL FROM verification_legacyrecord r
            WHERE l.record_id = r.id AND r.ledger = %s
            """,
            [ledger.pk],
        )
        cursor.execute(
            "DELETE FROM verification_legacyrecord WHERE ledger = %s RETURNING id", [ledger.pk]
        )
        return [pk for (pk,) in cursor.fetchall()]
