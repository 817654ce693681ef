"""The test suite: fixed keys, cheap passwords, an embedded server that never waits for the disk."""

import base64
import os
import tempfile
from pathlib import Path

from zhicheng import embedded
from zhicheng.settings.base import *  # noqa: F403
from zhicheng.settings.base import PACKAGE, database_from_url

_KEY = base64.b64encode(bytes(range(32))).decode()
ZHICHENG_KEYS = {
    "encryption": {"current": "k1", "keys": {"k1": _KEY}},
    "index": base64.b64encode(bytes(range(32, 64))).decode(),
    "audit": {"current": "a1", "keys": {"a1": base64.b64encode(bytes(range(64, 96))).decode()}},
}
SECRET_KEY = "only-for-tests-" + "0123456789" * 5

_url = os.environ.get("DATABASE_URL")
if not _url and os.environ.get("PYTEST_VERSION"):
    # One server for all workers of a run, and for runs at the same time. Only within pytest: the
    # type checker reads these settings too and needs no database.
    _url = embedded.acquire(PACKAGE.parent / "var" / "test", disposable=True)
# A served city of a test keeps its connections, as an installation does; a test's own don't.
_kept = "ZHICHENG_THREADS" in os.environ
DATABASES = {"default": database_from_url(_url or "postgresql:///zhicheng", kept=_kept)}

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AXES_ENABLED = False
HOME: Path = PACKAGE.parent / "var" / "test"
MEDIA_ROOT = tempfile.gettempdir() + f"/zhicheng-test-files-{os.getpid()}"
WHITENOISE_USE_FINDERS = True
ZHICHENG_SEAL_TEST_CA = "1"
# Tests ask in vain as often as they like; those of the limits set their own.
ZHICHENG_MISSES_PER_HOUR = 0
ZHICHENG_QUESTIONS_ABOUT_ONE_PER_HOUR = 0
ZHICHENG_QUESTIONS_ABOUT_ONE_BY_ADDRESS_PER_HOUR = 0
ZHICHENG_HOLDER_QUESTIONS_PER_HOUR = 0
ZHICHENG_ANSWER_BEAT_MS = int(os.environ.get("ZHICHENG_ANSWER_BEAT_MS", "0"))
