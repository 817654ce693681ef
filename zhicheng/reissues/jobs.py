"""Every night: drafts that nobody goes on with end."""

from procrastinate.contrib.django import app

from zhicheng.organizations.guard import CONSOLE
from zhicheng.reissues.expiring import expire_drafts


@app.periodic(cron="53 2 * * *")
@app.task(queueing_lock="old drafts", lock="old drafts")
def end_old_drafts(timestamp: int) -> None:
    """``timestamp`` is the night it stands for."""
    expire_drafts(actor=CONSOLE)
