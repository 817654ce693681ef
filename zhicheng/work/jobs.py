"""The worker's side: doing what was asked for, and taking up what a dead worker left."""

from datetime import timedelta

from asgiref.sync import sync_to_async
from django.db import OperationalError
from django.utils import timezone
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.manager import JobManager

from zhicheng.work.models import UNFINISHED, Work
from zhicheng.work.running import Busy, run_with_fresh_connections

KEPT = timedelta(days=30)
PRODUCT_KEPT = timedelta(days=1)
HEARTBEAT_SECONDS = 5.0
DEAD_SECONDS = 20.0


@app.task(
    name="zhicheng.work.run",
    retry=RetryStrategy(max_attempts=20, wait=5, retry_exceptions=[Busy, OperationalError]),
)
def run_work(work_id: int) -> None:
    """Does one piece of work."""
    run_with_fresh_connections(work_id)


@app.periodic(cron="* * * * *")
@app.task(name="zhicheng.work.revive", queueing_lock="revive", pass_context=True)
async def revive(context: JobContext, timestamp: int) -> None:
    """Every minute: what a killed worker left half done is started again."""
    await revive_stalled(context.app.job_manager)


async def revive_stalled(manager: JobManager, dead_after: float = DEAD_SECONDS) -> int:
    """Puts the jobs of workers that gave no sign for so many seconds back; gives how many."""
    stalled = list(await manager.get_stalled_jobs(seconds_since_heartbeat=dead_after))
    for job in stalled:
        await manager.retry_job(job)
    return len(stalled)


@app.periodic(cron="7 * * * *")
@app.task(queueing_lock="old products", lock="old products")
async def forget_products(timestamp: int) -> None:
    """Every hour: files that were made more than a day ago; they hold personal data."""
    await sync_to_async(_forget_products)()


def _forget_products() -> None:
    Work.objects.filter(finished_at__lt=timezone.now() - PRODUCT_KEPT).exclude(product=None).update(
        product=None
    )


@app.periodic(cron="37 3 * * *")
@app.task(queueing_lock="old work", lock="old work")
async def forget_old_work(timestamp: int) -> None:
    """Every night: what was finished a month ago; what it did is in the audit chain."""
    await sync_to_async(_forget)()


def _forget() -> None:
    Work.objects.exclude(state__in=UNFINISHED).filter(
        finished_at__lt=timezone.now() - KEPT
    ).delete()
