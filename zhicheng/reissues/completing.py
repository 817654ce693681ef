"""The old certificate becomes void in the transaction that issues the new one (N12)."""

from collections.abc import Sequence

from django.db import connection
from django.utils import timezone

from zhicheng.audit.recording import recorded
from zhicheng.certificates.models import Certificate, VoidReason
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.reissues.actions import locked
from zhicheng.reissues.ending import CERTIFICATES
from zhicheng.reissues.lifecycle import REISSUE
from zhicheng.reissues.models import Kind

REASONS = {Kind.REPLACEMENT: VoidReason.REPLACED, Kind.RENEWAL: VoidReason.RENEWED}


def complete(actor: Account, certificate_ids: Sequence[int]) -> None:
    """Called by the issue, before it writes: the predecessors end, the applications are done."""
    made = Certificate.objects.filter(pk__in=list(certificate_ids)).values_list(
        "reissue", "replaces"
    )
    now = timezone.now()
    for reissue_id, replaced in sorted(made):
        assert reissue_id is not None
        with recorded(actor, Action.REISSUE_COMPLETE) as record:
            reissue = locked(reissue_id)
            reissue.state = REISSUE.target(Action.CERTIFICATE_ISSUE, reissue.state)
            reissue.done_at = reissue.waiting_since = now
            voided: list[tuple[int, bytes]] = []
            if replaced is not None:
                with connection.cursor() as cursor:
                    cursor.execute(
                        "UPDATE certificates_certificate SET voided_at = %s, void_reason = %s"
                        " WHERE id = %s"
                        " RETURNING id, certificate_digest(certificates_certificate.*)",
                        [now, REASONS[Kind(reissue.kind)], replaced],
                    )
                    voided = cursor.fetchall()
            reissue.save()
            record(
                subject=reissue,
                data={"old": reissue.old_number, "new": reissue.new_number},
                rows=CERTIFICATES if voided else "",
                ids=[row[0] for row in voided],
                digests=[bytes(row[1]) for row in voided],
            )
