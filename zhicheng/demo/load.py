"""Loads the made-up city into an empty database, once."""

from pathlib import Path

from zhicheng.demo.city import build
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
    Story(build(accounts_file)).tell()
    grow_all()
    publish_head()
    tell_notifications()
    refresh()
    return True
