"""The demo city and small trials: embedded database, keys made once; all of it under ``var/``."""

import json
import os

from zhicheng import embedded
from zhicheng.settings import keys
from zhicheng.settings.base import *  # noqa: F403
from zhicheng.settings.base import database_from_url

# The command line has named the folder and made sure of it; other programs find it by themselves.
HOME = embedded.home(create="ZHICHENG_HOME" in os.environ)
ZHICHENG_KEYS = keys.read_or_make(HOME / "keys.json")
SECRET_KEY = json.loads((HOME / "keys.json").read_text(encoding="ascii"))["secret"]
# Starts the server where it doesn't run yet: every command finds its database by itself.
DATABASES = {"default": database_from_url(os.environ.get("DATABASE_URL") or embedded.acquire(HOME))}
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
ALLOWED_HOSTS += [host for host in os.environ.get("ZHICHENG_HOSTS", "").split(",") if host]
MEDIA_ROOT = HOME / "files"
# Served straight from the package: nothing to collect before the first start.
WHITENOISE_USE_FINDERS = True
# Electronic certificates of the demo are signed by a test authority, unless something else is set.
ZHICHENG_SEAL_TEST_CA = os.environ.get("ZHICHENG_SEAL_TEST_CA", "1")
