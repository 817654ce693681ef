"""How an application ends without a new certificate, cleanly (N10-N12).

The old certificate counts as before. A blank in the unit's hands comes back to the office; one
that was filled in becomes a spoiled one, and the certificate on it is withdrawn.
"""

from collections.abc import Mapping
from typing import Any

from django.db import connection
from django.utils import timezone

from zhicheng.blanks import ledger
from zhicheng.blanks.models import Custody, CustodyState, Holding, Reason, Spoilage, SpoilReason
from zhicheng.certificates.models import Certificate, CertificateState
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.reissues.lifecycle import REISSUE
from zhicheng.reissues.models import Reissue, ReissueState
from zhicheng.values.serials import format_serial, ranges_of
from zhicheng.values.text import hide_id_numbers

CERTIFICATES = "certificates.certificate"


def live_blank(reissue: Reissue, *states: CustodyState) -> tuple[Custody, int] | None:
    """The blank that lies with the application now, and its account; None where there is none."""
    holding = (
        Holding.objects.filter(custody__reissue=reissue.pk, custody__state__in=states)
        .select_related("custody")
        .first()
    )
    return (holding.custody, ledger.from_range(holding.serials).first) if holding else None


def end(
    reissue: Reissue,
    *,
    action: Action,
    outcome: str,
    reason: str,
    account: Account | None,
    record: Any,
    told: Mapping[str, Any],
) -> None:
    """Ends a locked application within the caller's ``recorded`` block, and records it."""
    target = REISSUE.target(action, reissue.state)
    if reissue.state in (ReissueState.COLLECTED, ReissueState.MAKING):
        # An empty blank has to come back; one that was spoiled or lost before hasn't.
        unfilled = live_blank(reissue, CustodyState.UNIT)
        target = ReissueState.CLOSING.value if unfilled else ReissueState.ENDED.value
    ids: list[int] = []
    digests: list[bytes] = []
    data = {"outcome": outcome, **told}
    if reissue.state == ReissueState.MAKING:
        made, spoiled = _withdraw_certificate(reissue, account)
        ids, digests = [made[0]], [made[1]]
        data["spoiled"] = spoiled
    Spoilage.objects.filter(reissue=reissue.pk, needs_blank=True, exchange=None).update(
        needs_blank=False
    )
    if reissue.lost_at is not None and reissue.certificate_id is not None:
        lifted = set_lost(reissue.certificate_id, None)
        ids, digests = [*ids, lifted[0]], [*digests, lifted[1]]
    now = timezone.now()
    reissue.state, reissue.waiting_since = target, now
    reissue.outcome, reissue.outcome_reason = outcome, hide_id_numbers(reason.strip())[:300]
    reissue.lost_at = None
    if target != ReissueState.CLOSING:
        reissue.ended_at = now
    reissue.save()
    record(
        subject=reissue,
        data=data,
        rows=CERTIFICATES if ids else "",
        ids=ids,
        digests=digests,
    )


def set_lost(certificate_id: int, at: Any) -> tuple[int, bytes]:
    """Writes that a certificate in force is reported lost, or no more; gives id and digest."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE certificates_certificate SET lost_at = %s WHERE id = %s"
            " RETURNING id, certificate_digest(certificates_certificate.*)",
            [at, certificate_id],
        )
        (row,) = cursor.fetchall()
    return row[0], bytes(row[1])


def _withdraw_certificate(
    reissue: Reissue, account: Account | None
) -> tuple[tuple[int, bytes], str]:
    """The certificate never comes into the world; the blank under it is a spoiled one."""
    certificate = Certificate.objects.select_for_update(no_key=True).get(reissue=reissue.pk)
    lying = live_blank(reissue, CustodyState.FILLING)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE certificates_certificate
            SET state = %s, blank_serial = NULL,
                official_seal_at = NULL, official_seal_by_id = NULL, official_seal_unit_id = NULL,
                embossed_at = NULL, embossed_by_id = NULL, embossed_unit_id = NULL
            WHERE id = %s RETURNING id, certificate_digest(certificates_certificate.*)
            """,
            [CertificateState.WITHDRAWN, certificate.pk],
        )
        (row,) = cursor.fetchall()
    if lying is not None:
        source, named = lying
        target = ledger.custody(
            reissue.unit_id, CustodyState.SPOILED, reissue.grade, reissue=reissue.pk
        )
        ledger.lock([source, target])
        ledger.move(
            ranges_of([named]),
            source=source,
            target=target,
            reason=Reason.SPOILAGE,
            actor=account,  # type: ignore[arg-type]
        )
        Spoilage.objects.create(
            serial=named,
            grade=reissue.grade,
            reissue=reissue.pk,
            certificate_number=certificate.number,
            reason=SpoilReason.WITHDRAWN,
            needs_blank=False,
            spoiled_by=account,
        )
    return (row[0], bytes(row[1])), format_serial(lying[1]) if lying else ""
