"""The tests' fixed keys; everything else as an installation has it, but for the limits.

All questions of a benchmark come from one address, so the limits of an address and of all
together are out of the way; they are counted as ever.
"""

import os

from zhicheng.settings.base import database_from_url
from zhicheng.settings.test import *  # noqa: F403

DATABASES = {"default": database_from_url(os.environ["DATABASE_URL"])}
AXES_ENABLED = True
SESSION_COOKIE_AGE = 12 * 3600
ROOT_URLCONF = "benchmarks.size.urls"

ZHICHENG_QUESTIONS_PER_MINUTE = ZHICHENG_QUESTIONS_PER_HOUR = 1_000_000_000
ZHICHENG_MISSES_PER_HOUR = ZHICHENG_QUESTIONS_ABOUT_ONE_PER_HOUR = 1_000_000_000
ZHICHENG_QUESTIONS_ABOUT_ONE_BY_ADDRESS_PER_HOUR = 1_000_000_000
ZHICHENG_CHALLENGE_ALL_PER_MINUTE = ZHICHENG_CHALLENGE_ALL_MISSES_PER_MINUTE = 1_000_000_000
ZHICHENG_REFUSE_ALL_PER_MINUTE = 1_000_000_000
ZHICHENG_ANSWER_BEAT_MS = int(os.environ.get("BENCH_BEAT_MS", "20"))
