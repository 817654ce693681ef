"""The worker's part: alarms every five minutes, forgetting every hour and every night."""

from procrastinate.contrib.django import app

from zhicheng.organizations.guard import CONSOLE
from zhicheng.verification import enumeration, forgetting
from zhicheng.verification.reports.actions import forget_old


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="enumeration", lock="enumeration")
def notice_enumeration(timestamp: int) -> None:
    """``timestamp`` is the moment it stands for."""
    enumeration.raise_alarms(actor=CONSOLE)


@app.periodic(cron="17 * * * *")
@app.task(queueing_lock="asking counts", lock="asking counts")
def forget_counts(timestamp: int) -> None:
    """Every hour: what the limits counted, and challenges that ran out."""
    forgetting.forget_counts()


@app.periodic(cron="23 3 * * *")
@app.task(queueing_lock="lookups", lock="lookups")
def forget_lookups(timestamp: int) -> None:
    """Every night: months beyond the setting go, months to come get their place."""
    forgetting.prepare_months()
    forgetting.forget_lookups(actor=CONSOLE)


@app.periodic(cron="41 3 * * *")
@app.task(queueing_lock="old reports", lock="old reports")
def forget_reports(timestamp: int) -> None:
    """Every night: reports that nobody could check for a year."""
    while forget_old(actor=CONSOLE):
        pass
