"""Every night: sessions that have ended and log-in failures of long ago are forgotten."""

from datetime import timedelta

from django.core.management import call_command
from django.utils import timezone
from procrastinate.contrib.django import app

ATTEMPTS_KEPT = timedelta(days=180)


@app.periodic(cron="23 3 * * *")
@app.task(queueing_lock="tidying", lock="tidying")
def tidy_sessions(timestamp: int) -> None:
    """``timestamp`` is the night it stands for."""
    from axes.models import AccessAttempt

    call_command("clearsessions")
    AccessAttempt.objects.filter(attempt_time__lt=timezone.now() - ATTEMPTS_KEPT).delete()
