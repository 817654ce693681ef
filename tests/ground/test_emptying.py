"""A test's tables are emptied without a deadlock, however late a browser's last request ends."""

import threading

import pytest
from django.core.management.base import CommandError
from django.db import OperationalError, connections, transaction
from psycopg.errors import DeadlockDetected

from tests.support.emptying import others_at_work, when_quiet
from zhicheng.organizations.models import Kind, Organization

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_request_that_still_runs_is_waited_for() -> None:
    began, end = threading.Event(), threading.Event()
    seen: list[int] = []

    def late() -> None:
        try:
            with transaction.atomic():
                Organization.objects.create(
                    name="迟到", short_name="迟到", kind=Kind.MUNICIPAL_OFFICE, has_authority=True
                )
                began.set()
                end.wait(10)
        finally:
            connections.close_all()

    thread = threading.Thread(target=late)
    thread.start()
    assert began.wait(10)
    assert others_at_work() == 1
    threading.Timer(0.3, end.set).start()
    when_quiet(lambda: seen.append(Organization.objects.filter(name="迟到").count()))
    thread.join()
    assert seen == [1]


def test_a_deadlock_is_tried_again_and_another_fault_is_not() -> None:
    def failing(kind: type[Exception]) -> list[int]:
        calls: list[int] = []

        def empty() -> None:
            calls.append(1)
            if len(calls) < 3:
                try:
                    try:
                        raise kind
                    except kind as cause:
                        raise OperationalError from cause
                except OperationalError as cause:
                    raise CommandError from cause

        try:
            when_quiet(empty)
        except CommandError:
            return [*calls, 0]
        return calls

    assert failing(DeadlockDetected) == [1, 1, 1]
    assert failing(ValueError) == [1, 0]
