"""A plain dump of the test database, as an operator would make it."""

import subprocess

from django.db import connection

from zhicheng.embedded import binaries


def plain_dump() -> str:
    """The whole database as SQL text, by ``pg_dump`` of the embedded server."""
    settings = connection.settings_dict
    command = [
        str(binaries() / "pg_dump"),
        "--host",
        str(settings["HOST"]),
        "--username",
        str(settings["USER"]),
        "--no-password",
        str(settings["NAME"]),
    ]
    if settings["PORT"]:
        command += ["--port", str(settings["PORT"])]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603
