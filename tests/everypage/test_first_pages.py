"""Everybody's first page in a city where every deadline was shortened twice (N18)."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.support.deadlines import triggers_at_rest
from zhicheng.notifications.deadlines import KINDS
from zhicheng.notifications.models import TaskDeadline
from zhicheng.organizations.models import Account
from zhicheng.web.tasks import TaskGroup, tasks_of

pytestmark = pytest.mark.usefixtures("demo")


def pages() -> dict[str, tuple[list[TaskGroup], int]]:
    """The groups of every account, and how many statements they took."""
    found = {}
    for account in Account.objects.filter(is_active=True).select_related("organization"):
        with CaptureQueriesContext(connection) as asked:
            groups = sorted(tasks_of(account), key=lambda group: (group.title, group.url))
        found[account.username] = (groups, len(asked))
    return found


def told(groups: list[TaskGroup]) -> list[object]:
    return [
        (group.title, group.count, group.oldest, {(line.label, line.url) for line in group.lines})
        for group in groups
    ]


def test_the_same_waits_and_is_found_in_as_many_statements() -> None:
    before, today = pages(), timezone.localdate()
    with transaction.atomic():
        with triggers_at_rest():
            TaskDeadline.objects.all().delete()
            TaskDeadline.objects.bulk_create(
                TaskDeadline(kind=kind, valid_from=today - timedelta(days=first), days=days)
                for kind in KINDS
                for first, days in ((900, 250), (20, 200), (1, 60))
            )
        after = pages()
        transaction.set_rollback(True)
    kinds = {group.kind for groups, _asked in before.values() for group in groups}
    assert len(kinds & set(KINDS)) > 25
    for name, (groups, asked) in before.items():
        others, again = after[name]
        assert told(others) == told(groups), name
        assert again == asked, name
