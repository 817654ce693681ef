"""The small process that reads one sent file; started by ``sandbox`` only."""

import gc
import importlib
import json
import os
import resource
import sys
import traceback
from typing import Any

from zhicheng.spreadsheets.limits import Limits
from zhicheng.values.refusal import Refusal


def _restrict(limits: Limits) -> None:
    for kind, bound in (
        (resource.RLIMIT_CORE, 0),  # a core file would hold ID numbers
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_DATA, limits.memory_bytes),
        (resource.RLIMIT_AS, limits.address_bytes),
    ):
        _soft, hard = resource.getrlimit(kind)
        if hard != resource.RLIM_INFINITY:
            bound = min(bound, hard)
        resource.setrlimit(kind, (bound, bound))


def _as_json(told: dict[str, Any]) -> bytes:
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


def main(request_text: str) -> int:
    """Answers on standard output; exit 70 when memory ran out, 1 for a defect of our own."""
    from zhicheng.spreadsheets.sandbox import BYTES_FOLLOW, MEMORY_EXIT

    gc.disable()  # lives for seconds and makes no cycles worth looking for
    request: dict[str, Any] = json.loads(request_text)
    limits = Limits(**request["limits"])
    _restrict(limits)
    module, _colon, name = request["task"].partition(":")
    try:
        task = getattr(importlib.import_module(module), name)
        files = [os.fdopen(number, "rb") for number in request["files"]]
        told = task(*files, limits=limits, **request["arguments"])
        answer = BYTES_FOLLOW + told if isinstance(told, bytes) else _as_json({"answer": told})
    except Refusal as refusal:
        answer = _as_json({"refused": {**refusal.__dict__}})
    except MemoryError:
        return MEMORY_EXIT
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # how Rust code gives up on broken input
            return _defect(error)
        from zhicheng.spreadsheets.container import damaged

        answer = _as_json({"refused": {**damaged().__dict__}})
    sys.stdout.buffer.write(answer)
    sys.stdout.buffer.flush()
    return 0


def _defect(error: BaseException) -> int:
    # Frames and the kind of error only: its text may hold what the file said.
    frames = traceback.extract_tb(error.__traceback__)
    places = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
    sys.stderr.write(f"{type(error).__name__} {places}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
