"""Loads the made-up city into an empty database, once."""

from pathlib import Path

from django.utils import timezone

from zhicheng.demo.city import build
from zhicheng.demo.clock import Days, past
from zhicheng.demo.notifications import tell_notifications
from zhicheng.demo.story import Story
from zhicheng.organizations.models import Organization
from zhicheng.statistics.refreshing import refresh
from zhicheng.transparency.growing import grow_all, publish_head


def load(accounts_file: Path) -> bool:
    """Founds the city and tells its year; False when there is a city already.

    ``accounts_file`` receives the logins as JSON, readable by its owner alone.
    """
    if Organization.objects.exists():
        return False
    days = Days(timezone.localdate())
    with past(days.on(1, 4, year=days.first_year)) as clock:
        Story(build(accounts_file, days), clock).tell()
    grow_all()
    publish_head()
    tell_notifications()
    refresh()
    return True
