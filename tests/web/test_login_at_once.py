"""Passwords that are tried at once: no more are judged than may be wrong (N18)."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.conf import settings as configured
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection, connections, transaction
from django.test import Client
from pytest_django.fixtures import Settings

from tests.support.city import City, found_city
from zhicheng.audit.models import AuditEvent
from zhicheng.organizations import one_try
from zhicheng.organizations.one_try import one_at_a_time

LIMIT = configured.AXES_FAILURE_LIMIT
judged: list[str] = []


class Slow(MD5PasswordHasher):
    """As slow as a real one: whoever is judged at once overlaps for certain."""

    algorithm = "slow"

    def verify(self, password: str, encoded: str) -> bool:
        judged.append(password)
        time.sleep(0.3)
        return super().verify(password, encoded)


@pytest.fixture
def city(transactional_db: None, settings: Settings) -> City:
    settings.AXES_ENABLED = True
    settings.PASSWORD_HASHERS = [f"{__name__}.Slow"]
    judged.clear()
    return found_city()


def _at_once(name: str, passwords: list[str], addresses: list[str]) -> list[int]:
    """What each try is answered, all from the same moment on."""
    together = Barrier(len(passwords))

    def run(password: str, address: str) -> int:
        try:
            together.wait()
            answer = Client(REMOTE_ADDR=address).post(
                "/login/", {"username": name, "password": password}
            )
            return answer.status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(passwords)) as pool:
        return list(pool.map(run, passwords, addresses))


def test_n18_of_many_wrong_passwords_at_once_no_more_are_judged_than_one_after_another(
    city: City,
) -> None:
    clerk = city.who("health", "clerk")
    clerk.set_password("correct-horse-9")
    clerk.save()
    many = LIMIT + 4
    wrong = [f"wrong-{number}" for number in range(many)]
    answers = _at_once(clerk.username, wrong, ["10.0.0.1"] * many)
    assert len(judged) == LIMIT
    assert sorted(answers) == [200] * (LIMIT - 1) + [429] * (many - LIMIT + 1)
    assert AuditEvent.objects.filter(tag="any:session:locked").exists()
    # Not even the right one is judged from there now; elsewhere it opens.
    client = Client(REMOTE_ADDR="10.0.0.1")
    tried = {"username": clerk.username, "password": "correct-horse-9"}
    assert client.post("/login/", tried).status_code == 429
    assert Client(REMOTE_ADDR="10.0.0.2").post("/login/", tried).status_code == 302


def test_tries_from_other_addresses_and_at_other_names_wait_for_nobody(city: City) -> None:
    """While one try is judged, somebody else's isn't held up."""
    with one_at_a_time("somebody", "10.0.0.1"):
        clerk = city.who("health", "clerk")
        assert _at_once(clerk.username, ["wrong"], ["10.0.0.1"]) == [200]
        assert _at_once("somebody", ["wrong"], ["10.0.0.2"]) == [200]


def test_whoever_waits_too_long_is_told_so_and_was_not_judged(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No wrong guess is laid to their charge, and the form is there to try again."""
    monkeypatch.setattr(one_try, "LONGEST_WAIT", 0.1)
    clerk = city.who("health", "clerk")

    def tried() -> str:
        try:
            client = Client(REMOTE_ADDR="10.0.0.1")
            given = {"username": clerk.username, "password": "wrong"}
            return client.post("/login/", given).content.decode()
        finally:
            connections.close_all()

    with one_at_a_time(clerk.username, "10.0.0.1"), ThreadPoolExecutor(1) as pool:
        shown = pool.submit(tried).result()
    assert "还有别的登录正在核对" in shown and 'name="password"' in shown
    assert judged == [] and not AuditEvent.objects.filter(tag="any:session:failed").exists()


def test_the_lock_ends_with_the_try_whatever_comes_of_it(city: City) -> None:
    with pytest.raises(ZeroDivisionError), one_at_a_time("somebody", "10.0.0.1"):
        raise ZeroDivisionError
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
        )
        assert cursor.fetchone() == (0,)
