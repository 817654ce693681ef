"""Every hour: the audit chain is proved and the outcome kept."""

from procrastinate.contrib.django import app

from zhicheng.audit.verify import verify
from zhicheng.proofs.actions import prove
from zhicheng.proofs.models import Subject


@app.periodic(cron="11 * * * *")
@app.task(queueing_lock="audit", lock="audit")
def verify_audit_chain(timestamp: int) -> None:
    """``zhicheng audit verify`` as a background job; ``timestamp`` is the hour it stands for."""
    prove(Subject.AUDIT, verify)
