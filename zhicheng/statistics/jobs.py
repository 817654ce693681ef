"""Every minute what changed is counted."""

from procrastinate.contrib.django import app

from zhicheng.statistics import refreshing


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="statistics", lock="statistics")
def count_changes(timestamp: int) -> None:
    """``timestamp`` is the moment it stands for."""
    refreshing.refresh()
