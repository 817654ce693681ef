"""Every hour: everything is reconciled, and print files that are a day old are destroyed."""

from datetime import timedelta

from asgiref.sync import sync_to_async
from django.utils import timezone
from procrastinate.contrib.django import app

from zhicheng.certificates.printjobs.preparing import destroy_old_files
from zhicheng.certificates.reconcile import reconcile
from zhicheng.proofs.actions import prove
from zhicheng.proofs.models import Subject

PRINT_FILE_KEPT = timedelta(days=1)


@app.periodic(cron="41 * * * *")
@app.task(queueing_lock="ledger", lock="ledger")
def reconcile_ledger(timestamp: int) -> None:
    """``zhicheng reconcile`` as a background job; ``timestamp`` is the hour it stands for."""
    prove(Subject.LEDGER, reconcile)


@app.periodic(cron="13 * * * *")
@app.task(queueing_lock="old print files", lock="old print files")
async def destroy_print_files(timestamp: int) -> None:
    """Print files hold whole ID numbers: after a day they go, and can be made again."""
    await sync_to_async(destroy_old_files)(timezone.now() - PRINT_FILE_KEPT)
