from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


def _load(**_signal: Any) -> None:
    from zhicheng.reference.loading import load_reference

    load_reference()


class ReferenceConfig(AppConfig):
    name = "zhicheng.reference"
    label = "reference"
    verbose_name = "参考数据"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Every migrated database has the reference data, an office's as well as a test's.
        post_migrate.connect(_load, sender=self)
