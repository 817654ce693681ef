"""One embedded PostgreSQL for the whole run: zhicheng/settings/test.py starts it, all share it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import TransactionTestCase
from django.utils import translation
from hypothesis import settings as hypothesis_settings
from pytest_django import DjangoDbBlocker

from tests.support.emptying import when_quiet
from tests.support.template_database import migrated_database
from zhicheng.messages import compile_messages

# An example is right or wrong, never late: a busy machine takes ten times as long for one.
# ``make test`` judges the change and tries the same examples every time, so that it fails for
# whoever broke something and for nobody else; ``make test-long`` searches, with new ones each time.
hypothesis_settings.register_profile("the same examples", deadline=None, derandomize=True)
hypothesis_settings.register_profile("new examples", deadline=None, print_blob=True)
hypothesis_settings.load_profile("the same examples")


def pytest_configure(config: pytest.Config) -> None:
    """Translations are compiled by the run itself, so plain ``pytest`` needs no step before it."""
    if _asks_for_long(config):
        hypothesis_settings.load_profile("new examples")
    if not hasattr(config, "workerinput"):
        compile_messages()


@pytest.fixture(scope="session", autouse=True)
def _uploaded_files_go_away() -> Iterator[None]:
    yield
    shutil.rmtree(Path(settings.MEDIA_ROOT), ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None,  # noqa: PT019
    django_db_blocker: DjangoDbBlocker,
) -> None:
    """Every worker's database is a copy of the migrated one."""
    with django_db_blocker.unblock():
        connection.settings_dict["TEST"]["TEMPLATE"] = migrated_database()


@pytest.fixture(scope="session", autouse=True)
def _tables_are_emptied_when_nobody_works_in_them() -> Iterator[None]:
    empty = TransactionTestCase._fixture_teardown
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            TransactionTestCase, "_fixture_teardown", lambda case: when_quiet(lambda: empty(case))
        )
        yield


@pytest.fixture(autouse=True)
def _every_test_begins_in_chinese() -> None:
    """A page that one test asked for in English leaves its thread in English."""
    translation.activate(settings.LANGUAGE_CODE)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long tests out unless ``-m long`` asks for them."""
    if _asks_for_long(config):
        return
    out = [item for item in items if item.get_closest_marker("long")]
    config.hook.pytest_deselected(items=out)
    items[:] = [item for item in items if item not in out]


def _asks_for_long(config: pytest.Config) -> bool:
    return "long" in config.getoption("markexpr")
