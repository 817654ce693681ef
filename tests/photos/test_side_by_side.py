"""Who waits for whom while registers are accepted and photos come, and that all are counted (N8).

What happens meanwhile has a connection of its own that refuses to wait long for any lock.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

import pytest
from django.db import OperationalError, connection, connections, transaction
from psycopg.errors import LockNotAvailable

from tests.photos.test_counted import Walk, kept, people, upload
from tests.support.city import found_city
from tests.support.filing import Filing
from zhicheng.audit.recording import recorded
from zhicheng.organizations.permissions import Action
from zhicheng.registers import actions as register_actions

pytestmark = pytest.mark.django_db(transaction=True)


def meanwhile(job: Callable[[], object]) -> bool:
    """Does it in another transaction and commits; False when it would have had to wait."""

    def run() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '3s'")
            job()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        try:
            pool.submit(run).result()
        except OperationalError as error:
            if isinstance(error.__cause__, LockNotAvailable):
                return False
            raise
    return True


def figures() -> list[int]:
    """What the registers say, which is right, from the first on."""
    return [figure for _pk, figure in sorted(kept().items())]


@contextmanager
def waiting(job: Callable[[], object]) -> Iterator[None]:
    """The job stands behind the open transaction of whoever asks; it has to end after that."""

    def run() -> None:
        try:
            job()
        finally:
            connections.close_all()

    def stands(found: Future[None]) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT EXISTS (SELECT 1 FROM pg_locks"
                " WHERE relation = 'photos_turn'::regclass AND NOT granted)"
            )
            ((stood,),) = cursor.fetchall()
        assert stood or not found.done(), "it didn't wait"
        return stood

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            yield
            future = pool.submit(run)
            while not stands(future):
                pass
        future.result()


@pytest.fixture
def walk() -> Walk:
    """Three people on two registers, each with their own rows in the making."""
    made = Walk(found_city())
    made.row(0, [0, 1, 2])
    made.row(1, [0, 1, 2])
    return made


def test_n8_registers_that_share_nobody_are_accepted_side_by_side() -> None:
    filing = Filing(found_city())
    city, office = filing.city, filing.city.who("office", "officer")
    first, second = (filing.filed(filing.lines(2)) for _ in range(2))
    upload(city, *people(first))
    upload(city, people(second)[0])
    with recorded(office, Action.REGISTER_ACCEPT):
        register_actions.accept(actor=office, register_id=first.pk)
        accept = partial(register_actions.accept, actor=office, register_id=second.pk)
        assert meanwhile(accept)
    assert kept() == {first.pk: 2, second.pk: 1}


def test_n8_registers_that_share_people_without_a_photo_are_accepted_side_by_side(
    walk: Walk,
) -> None:
    with transaction.atomic():
        walk.accept(0, [])
        assert meanwhile(partial(walk.accept, 1, []))
    assert set(kept().values()) == {0}


@pytest.mark.parametrize("photographed", [0, 1])
def test_n8_an_acceptance_waits_for_anothers_that_decides_what_it_counts(
    walk: Walk, photographed: int
) -> None:
    walk.photos(photographed, [0, 2])
    with transaction.atomic():
        walk.accept(0, [])
        assert not meanwhile(partial(walk.accept, 1, []))
        transaction.set_rollback(True)
    with waiting(partial(walk.accept, 1, [])):
        walk.accept(0, [])
    assert figures() == [2, 2, 0]


@pytest.mark.parametrize("written_with_it", [False, True])
def test_n8_a_photo_that_came_after_an_open_acceptance_looked_is_counted(
    walk: Walk, written_with_it: bool
) -> None:
    def accept_other() -> None:
        if written_with_it:
            walk.accepted_row(2, [0])
        else:
            walk.accept(1, [])

    if written_with_it:
        walk.delete(1, [0])
    with transaction.atomic():
        accept_other()
        # Its own register is in the making: it concerns nobody else yet.
        assert meanwhile(partial(walk.photos, 0, [0]))
        assert not meanwhile(partial(walk.accept, 0, []))
    walk.accept(0, [])
    assert sum(kept().values()) == 2


def test_n8_a_row_that_came_after_an_open_acceptance_looked_is_counted(walk: Walk) -> None:
    walk.delete(1, [0, 1, 2])
    walk.photos(0, [0])
    with transaction.atomic():
        walk.accept(0, [])
        assert meanwhile(partial(walk.row, 1, [0]))
        assert not meanwhile(partial(walk.accept, 1, []))
    walk.accept(1, [])
    assert figures() == [1, 1, 0]


def test_n8_acceptances_and_photos_of_accepted_people_wait_for_each_other(walk: Walk) -> None:
    walk.accept(0, [])
    walk.row(2, [0, 1])
    with waiting(partial(walk.photos, 0, [0, 1])):
        walk.accept(1, [])
    assert figures() == [2, 2, 0]
    with waiting(partial(walk.accept, 2, [])):
        walk.remove(0, [1])
    assert figures() == [1, 1, 1]


def test_n8_photos_of_accepted_people_come_side_by_side(walk: Walk) -> None:
    walk.delete(0, [1])
    walk.accept(0, [])
    walk.accepted_row(2, [1])
    with transaction.atomic():
        walk.photos(0, [0])
        assert meanwhile(partial(walk.photos, 2, [1]))
        assert not meanwhile(partial(walk.accept, 1, []))
    assert figures() == [1, 0, 1]
