"""The office revokes a certificate in force: a title obtained by fraud, a certificate made wrongly.

Paper or electronic, of any origin. It is void at once and for good: the query, the code on it, the
signed file, the log and the feed say so. What was wrong with the certificate alone leaves an old
paper certificate as it was: the historic electronic one goes, the old record answers again.
"""

from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.utils import timezone

from zhicheng.audit.recording import recorded, retrying
from zhicheng.certificates.models import Certificate, VoidReason
from zhicheng.files.store import Prepared, store, told
from zhicheng.organizations.guard import require
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.reissues import rules_revocation as rules
from zhicheng.reissues.ending import CERTIFICATES
from zhicheng.reissues.models import OPEN_STATES, Ground, Reissue, Revocation
from zhicheng.reissues.old_certificates import one_at_a_time
from zhicheng.values.document_number import tidy_document_number
from zhicheng.values.text import hide_id_numbers


@dataclass(frozen=True)
class Decision:
    """What the office decided, and the paper that says so."""

    ground: str
    reason: str
    document_number: str
    decided_on: date
    file: Prepared


@retrying
def revoke(*, actor: Account, certificate_id: int, decision: Decision) -> Revocation:
    """Makes the certificate void; raises Refusal for one that isn't in force or is applied for."""
    with recorded(actor, Action.CERTIFICATE_REVOKE) as record:
        number = Certificate.objects.values_list("number", flat=True).get(pk=certificate_id)
        # An application about it waits, or is seen here.
        one_at_a_time(number)
        certificate = Certificate.objects.select_for_update(no_key=True, of=("self",)).get(
            pk=certificate_id
        )
        require(actor, Action.CERTIFICATE_REVOKE, certificate)
        running = Reissue.objects.filter(certificate=certificate, state__in=OPEN_STATES).first()
        rules.require_revocable(
            number,
            str(certificate.get_void_reason_display() or certificate.get_state_display()),
            in_force=certificate.in_force,
            applied_for=running.receipt_number if running else "",
        )
        reason = hide_id_numbers(decision.reason.strip())[:500]
        document = hide_id_numbers(tidy_document_number(decision.document_number)[0])[:80]
        rules.require_decision(
            reason=reason,
            document_number=document,
            decided_on=decision.decided_on,
            approved_on=certificate.approval_date,
            today=timezone.localdate(),
            known_ground=decision.ground in Ground.values,
        )
        now = timezone.now()
        kept = store(decision.file, account_id=actor.pk)
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE certificates_certificate SET voided_at = %s, void_reason = %s"
                " WHERE id = %s RETURNING id, certificate_digest(certificates_certificate.*)",
                [now, VoidReason.REVOKED, certificate.pk],
            )
            (voided,) = cursor.fetchall()
        revocation = Revocation.objects.create(
            certificate=certificate,
            ground=decision.ground,
            reason=reason,
            document_number=document,
            decided_on=decision.decided_on,
            file=kept,
            revoked_at=now,
            revoked_by=actor,
        )
        record(
            subject=certificate,
            data={
                "number": number,
                "ground": decision.ground,
                "reason": reason,
                "document": document,
                "decided_on": decision.decided_on.isoformat(),
                **told(kept),
            },
            rows=CERTIFICATES,
            ids=[voided[0]],
            digests=[bytes(voided[1])],
        )
    return revocation
