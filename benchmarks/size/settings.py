"""The tests' fixed keys; everything else as an installation has it."""

import os

from zhicheng.settings.base import database_from_url
from zhicheng.settings.test import *  # noqa: F403

DATABASES = {"default": database_from_url(os.environ["DATABASE_URL"])}
AXES_ENABLED = True
SESSION_COOKIE_AGE = 12 * 3600
