"""Every night the whole city is searched for what is unusual."""

from procrastinate.contrib.django import app

from zhicheng.anomalies.actions import look
from zhicheng.organizations.guard import CONSOLE


@app.periodic(cron="17 2 * * *")
@app.task(queueing_lock="anomalies", lock="anomalies")
def look_for_anomalies(timestamp: int) -> None:
    """``timestamp`` is the moment it stands for."""
    look(actor=CONSOLE)
