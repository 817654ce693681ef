"""Every hour: all blanks and certificates are reconciled and the outcome kept."""

from procrastinate.contrib.django import app

from zhicheng.certificates.reconcile import reconcile
from zhicheng.proofs.actions import prove
from zhicheng.proofs.models import Subject


@app.periodic(cron="41 * * * *")
@app.task(queueing_lock="ledger", lock="ledger")
def reconcile_ledger(timestamp: int) -> None:
    """``zhicheng reconcile`` as a background job; ``timestamp`` is the hour it stands for."""
    prove(Subject.LEDGER, reconcile)
