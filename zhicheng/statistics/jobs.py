"""Every minute what changed is counted; every night it is proved that it was."""

from procrastinate.contrib.django import app

from zhicheng.proofs.actions import prove
from zhicheng.proofs.models import Subject
from zhicheng.statistics import refreshing
from zhicheng.statistics.checking import check_next


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="statistics", lock="statistics")
def count_changes(timestamp: int) -> None:
    """``timestamp`` is the moment it stands for."""
    refreshing.refresh()


@app.periodic(cron="37 3 * * *")
@app.task(queueing_lock="statistics check", lock="statistics check")
def check_statistics(timestamp: int) -> None:
    """A part of what ``zhicheng statistics check`` proves, each night; ``timestamp`` as above."""
    prove(Subject.STATISTICS, check_next)
