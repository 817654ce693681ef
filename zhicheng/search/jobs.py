"""Every hour a part of the search's keys is compared with what they stand for."""

from procrastinate.contrib.django import app

from zhicheng.proofs.actions import prove
from zhicheng.proofs.models import Subject
from zhicheng.search.checking import check_next


@app.periodic(cron="27 * * * *")
@app.task(queueing_lock="search", lock="search")
def check_search(timestamp: int) -> None:
    """``zhicheng search check`` of the next part; ``timestamp`` is the hour it stands for."""
    prove(Subject.SEARCH, check_next)
