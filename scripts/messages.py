"""Collects the interface's texts into zhicheng/locale/en without GNU gettext.

    .venv/bin/python scripts/messages.py

New texts are added untranslated, texts that are gone are removed; then translate what is empty.
``tests/web/test_translations.py`` fails until the English is complete.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import polib
from django.utils.translation.template import templatize

PACKAGE = Path(__file__).resolve().parent.parent / "zhicheng"
CATALOGUE = PACKAGE / "locale" / "en" / "LC_MESSAGES" / "django.po"
# ``shown`` (values.text) marks what pure rules say and pages translate.
NAMES = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "shown"}
Message = tuple[str, str | None]


def collect() -> set[Message]:
    """(text, plural or None) of every text that the product shows through gettext."""
    found: set[Message] = set()
    for path in sorted(PACKAGE.rglob("*.py")):
        found |= set(_of_python(path.read_text(encoding="utf-8")))
    for path in sorted(PACKAGE.rglob("templates/**/*.html")):
        source = templatize(path.read_text(encoding="utf-8"), origin=str(path))
        # templatize writes calls into text that is no Python: each is read on its own.
        for call in re.findall(r"""\bn?gettext\((?:u?'(?:[^'\\]|\\.)*'|[^()'])*\)""", source):
            found |= set(_of_python(call.replace(",count", ",0")))
        for quoted in re.findall(r"""\b_\(("(?:[^"\\]|\\.)*")\)""", source):
            found.add((ast.literal_eval(quoted), None))
    return found


def _of_python(source: str) -> Iterator[Message]:
    tree = ast.parse(source)
    # Whatever a module calls them: ``gettext_lazy as _l`` counts, too.
    names = NAMES | {
        alias.asname
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
        if alias.name in NAMES and alias.asname
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        texts = [
            argument.value
            for argument in node.args
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
        ]
        if name in names and texts:
            yield texts[0], texts[1] if name.startswith("ngettext") else None


def main() -> None:
    """Brings the catalogue up to date and says what is still to be translated."""
    catalogue = polib.pofile(str(CATALOGUE))
    wanted = collect()
    known = {(entry.msgid, entry.msgid_plural or None): entry for entry in catalogue}
    for key in set(known) - wanted:
        catalogue.remove(known[key])
    for text, plural in sorted(wanted - set(known)):
        entry = polib.POEntry(msgid=text, msgstr="")
        if plural is not None:
            entry.msgid_plural, entry.msgstr_plural = plural, {0: "", 1: ""}
        catalogue.append(entry)
    catalogue.save()
    empty = [entry.msgid for entry in catalogue if not entry.translated()]
    print(f"{len(catalogue)} texts, {len(empty)} to be translated")
    for text in empty:
        print("  ", text)


if __name__ == "__main__":
    main()
