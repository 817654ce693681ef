"""Chooses the settings and starts Django for the commands that need it."""

import os
from pathlib import Path


def use_settings(*, create: bool = False) -> None:
    """Name the settings: those asked for, production with ``DATABASE_URL``, else the embedded.

    ``create`` makes the data folder here (the demo). Raises EmbeddedError where there is no
    database.
    """
    if os.environ.get("DJANGO_SETTINGS_MODULE"):
        return
    if os.environ.get("DATABASE_URL") and not create:
        os.environ["DJANGO_SETTINGS_MODULE"] = "zhicheng.settings.production"
        return
    from zhicheng import embedded

    folder = embedded.home(create=create)
    if create:
        folder.mkdir(parents=True, exist_ok=True)
    os.environ["ZHICHENG_HOME"] = str(folder.absolute())
    os.environ["DJANGO_SETTINGS_MODULE"] = "zhicheng.settings.demo"


def start_django(*, create: bool = False) -> None:
    """Django, ready for queries; starts the embedded database where it's the one in use."""
    use_settings(create=create)
    import django

    django.setup()


def data_folder() -> Path:
    """The installation's data folder."""
    from django.conf import settings

    return Path(settings.HOME)
