"""Compiles the translations (.po) into what Django reads (.mo), without GNU gettext."""

import os
from pathlib import Path

import polib

LOCALE = Path(__file__).resolve().parent / "locale"


def compile_messages(folder: Path = LOCALE) -> list[Path]:
    """Compile every .po that is newer than its .mo; gives the .mo files that were written."""
    written = []
    for source in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        # Put in place in one step: another process may be reading the old one.
        draft = target.with_name(f".{target.name}.{os.getpid()}")
        polib.pofile(str(source), encoding="utf-8").save_as_mofile(str(draft))
        draft.replace(target)
        written.append(target)
    return written


if __name__ == "__main__":
    compile_messages()
