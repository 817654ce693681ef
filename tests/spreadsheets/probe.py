"""Runs inside the reading process and tells how it is kept."""

import os
import resource
import tempfile
from typing import Any, BinaryIO

from zhicheng.spreadsheets.limits import Limits


def environment(file: BinaryIO, *, limits: Limits) -> dict[str, Any]:
    """What the process can see and do."""
    try:
        with tempfile.TemporaryFile() as target:
            target.write(b"x" * 10)
            target.flush()
        can_write = True
    except OSError:
        can_write = False
    return {
        "environment": dict(os.environ),
        "core": resource.getrlimit(resource.RLIMIT_CORE)[0],
        "can_write": can_write,
    }
