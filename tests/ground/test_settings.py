"""Settings refuse to start without secrets, and keys are made once and stay."""

import base64
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from zhicheng.settings import keys
from zhicheng.settings.base import database_from_url

GOOD = {
    "DATABASE_URL": "postgresql://u:p%40ss@db.example:5433/zc?sslmode=verify-full",
    "ZHICHENG_SECRET_KEY": "".join(chr(33 + i) for i in range(60)),
    "ZHICHENG_HOSTS": "zc.example, www.zc.example",
    "ZHICHENG_HOME": "/srv/zhicheng",
    "ZHICHENG_KEYS": json.dumps(keys.make()),
}
SHOW = """
import json
from zhicheng.settings import production as s
print(json.dumps({n: getattr(s, n) for n in dir(s) if n.isupper()}, default=str))
"""


def start(**environment: str) -> subprocess.CompletedProcess[str]:
    """Load the production settings in a process that has only this environment."""
    plain = {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.run(
        [sys.executable, "-c", SHOW],
        env=plain | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_starts_with_everything_given() -> None:
    result = start(**GOOD)
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout)
    assert found["DEBUG"] is False
    assert found["ALLOWED_HOSTS"] == ["zc.example", "www.zc.example"]
    assert found["SESSION_COOKIE_SECURE"]
    assert found["CSRF_COOKIE_SECURE"]
    assert found["SECURE_SSL_REDIRECT"]
    assert found["SECURE_HSTS_SECONDS"] >= 31_536_000
    assert found["PASSWORD_HASHERS"] == ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    assert found["DATABASES"]["default"]["PASSWORD"] == "p@ss"
    assert found["DATABASES"]["default"]["OPTIONS"]["sslmode"] == "verify-full"


@pytest.mark.parametrize(
    ("given", "asked"), [({}, "required"), ({"ZHICHENG_SECOND_FACTOR": "offered"}, "offered")]
)
def test_production_asks_the_office_for_a_second_factor_unless_told_otherwise(
    given: dict[str, str], asked: str
) -> None:
    result = start(**GOOD, **given)
    assert json.loads(result.stdout)["ZHICHENG_SECOND_FACTOR"] == asked


@pytest.mark.parametrize("missing", sorted(GOOD))
def test_production_refuses_to_start_without(missing: str) -> None:
    result = start(**{name: value for name, value in GOOD.items() if name != missing})
    assert result.returncode != 0
    assert missing in result.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ZHICHENG_SECRET_KEY", "short", "ZHICHENG_SECRET_KEY"),
        ("ZHICHENG_SECRET_KEY", "a" * 60, "ZHICHENG_SECRET_KEY"),
        ("ZHICHENG_HOSTS", "*", "ZHICHENG_HOSTS"),
        ("ZHICHENG_SMTP_HOST", "smtp.example", "ZHICHENG_PUBLIC_ADDRESS"),
        ("ZHICHENG_SEAL_TEST_CA", "1", "ZHICHENG_SEAL_TEST_CA"),
        ("ZHICHENG_SECOND_FACTOR", "perhaps", "ZHICHENG_SECOND_FACTOR"),
        ("ZHICHENG_WEBHOOK_INTERNAL", "im.city.example,10.0.0.0/33", "10.0.0.0/33"),
        ("ZHICHENG_KEYS", "{}", "encryption"),
        ("ZHICHENG_KEYS", "c2VjcmV0", "not JSON"),
        ("ZHICHENG_KEYS_FILE", "/nowhere/keys.json", "ZHICHENG_KEYS_FILE"),
    ],
)
def test_production_refuses_weak_or_broken(name: str, value: str, said: str) -> None:
    result = start(**(GOOD | {name: value}))
    assert result.returncode != 0
    assert said in result.stderr.splitlines()[-1]


def test_a_broken_keys_text_is_never_quoted() -> None:
    secret = base64.b64encode(b"k" * 31).decode()
    broken = keys.make() | {"index": secret}
    result = start(**(GOOD | {"ZHICHENG_KEYS": json.dumps(broken)}))
    assert result.returncode != 0
    assert secret not in result.stderr


def test_demo_keys_are_made_once_and_only_for_their_owner(tmp_path: Path) -> None:
    path = tmp_path / "var" / "keys.json"
    first = keys.read_or_make(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert keys.read_or_make(path) == first
    assert len(first["secret"]) >= 50
    assert [entry.name for entry in path.parent.iterdir()] == ["keys.json"]


def test_database_address_with_a_socket_folder() -> None:
    found = database_from_url("postgresql://zhicheng@/zhicheng?host=/a%20b/postgres", kept=False)
    assert (found["HOST"], found["NAME"], found["USER"]) == (
        "/a b/postgres",
        "zhicheng",
        "zhicheng",
    )
    assert found["OPTIONS"] == {}


def test_a_database_over_the_network_that_does_not_answer_is_given_up_soon() -> None:
    found = database_from_url("postgresql://zhicheng@db.example/zhicheng?sslmode=verify-full")
    assert found["OPTIONS"] == {
        "connect_timeout": 10,
        "tcp_user_timeout": 30_000,
        "sslmode": "verify-full",
    }
