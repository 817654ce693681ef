"""Every few minutes what happened goes into the log; every hour its head is signed."""

from procrastinate.contrib.django import app

from zhicheng.transparency import growing


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="log", lock="log")
def grow_log(timestamp: int) -> None:
    """``timestamp`` is the moment it stands for."""
    growing.grow_all()


@app.periodic(cron="2 * * * *")
@app.task(queueing_lock="log-head", lock="log")
def publish_log_head(timestamp: int) -> None:
    """A new signed head, also when nothing was added: it says that the log still is the same."""
    growing.grow_all()
    growing.publish_head()
