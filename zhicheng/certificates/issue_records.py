"""Writes who took which certificate, inside the issuing transaction; nobody else writes it."""

from collections.abc import Sequence

from django.db import connection

from zhicheng.audit.recording import Recorder
from zhicheng.certificates.models import IssueAgent
from zhicheng.certificates.owners import Owner
from zhicheng.organizations.permissions import Action
from zhicheng.values.refusal import Refusal

TABLE = "certificates.issuerecord"


def agent_of(whose: Owner, agent_id: int) -> IssueAgent:
    """The agent on record, who takes certificates of this unit; raises Refusal for others."""
    found = IssueAgent.objects.filter(pk=agent_id, unit=whose.unit).first()
    if found is None:
        raise Refusal(
            "certificate.agent_unknown",
            "没有这位代领人的登记。",
            clause="N8",
            found="不是本单位登记的代领人",
            expected="先登记代领人并上传授权材料",
        )
    return found


def write_records(
    record: Recorder,
    whose: Owner,
    certificate_ids: Sequence[int],
    *,
    agent_id: int | None,
    id_checked: bool,
) -> None:
    """One record for each certificate just issued, and their digests into the chain."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO certificates_issuerecord (
                certificate_id, recipient, relation, agent_id, id_checked, issued_at, issued_by_id)
            SELECT id, recipient, recipient_relation, %s, %s, issued_at, issued_by_id
            FROM certificates_certificate WHERE id = ANY(%s) ORDER BY id
            RETURNING id, issue_record_digest(certificates_issuerecord.*)
            """,
            [agent_id, id_checked, list(certificate_ids)],
        )
        written = sorted(cursor.fetchall())
    record(
        subject=whose.subject,
        data={"count": len(written), "agent": agent_id, "id_checked": id_checked},
        rows=TABLE,
        ids=[key for key, _digest in written],
        digests=[digest for _key, digest in written],
        tag=Action.ISSUE_RECORD_WRITE,
    )
