"""Collects the interface's texts into zhicheng/locale/en without GNU gettext.

    .venv/bin/python scripts/messages.py

New texts are added untranslated, texts that are gone are removed; then translate what is empty.
``tests/web/test_translations.py`` fails until the English is complete.
"""

import ast
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import polib
from django.utils.translation.template import templatize

PACKAGE = Path(__file__).resolve().parent.parent / "zhicheng"
CATALOGUE = PACKAGE / "locale" / "en" / "LC_MESSAGES" / "django.po"
# ``shown`` (values.text) marks what pure rules say and pages translate.
REFUSALS = CATALOGUE.with_name("refusals.po")
REFUSING = {"Refusal", "NotPermitted", "Conflict"}
SAYING = {"message", "found", "expected", "mend"}
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
        yield from _of_labels(node)
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


def _of_labels(node: ast.AST) -> Iterator[Message]:
    """The words of a table like ``ACTION_LABELS``: pages show them through ``say``."""
    targets = getattr(node, "targets", None) or [getattr(node, "target", None)]
    value = getattr(node, "value", None)
    if isinstance(value, ast.Dict) and getattr(targets[0], "id", "").endswith("_LABELS"):
        for item in value.values:
            if isinstance(item, ast.Constant) and isinstance(item.value, str):
                yield item.value, None


def refusals() -> set[str]:
    """What rules refuse with: constants, and f-strings with ``{0}`` for their values."""
    found = set()
    for path in sorted(PACKAGE.rglob("*.py")):
        if "demo" in path.parts or "documents" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = isinstance(node, ast.Call) and getattr(
                node.func, "id", getattr(node.func, "attr", "")
            )
            if not isinstance(node, ast.Call) or name not in REFUSING:
                continue
            words = [k.value for k in node.keywords if k.arg in SAYING]
            for argument in (*node.args[1:2], *words):
                text = _template(argument)
                if text and re.search("[\u3400-\u9fff]", text):
                    found.add(text)
    return found


def _template(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if not isinstance(node, ast.JoinedStr):
        return ""
    places = itertools.count()
    return "".join(
        str(part.value) if isinstance(part, ast.Constant) else f"{{{next(places)}}}"
        for part in node.values
    )


def collect_refusals() -> None:
    """Brings refusals.po up to date and says how much of it is English."""
    catalogue = polib.pofile(str(REFUSALS))
    known = {entry.msgid: entry for entry in catalogue}
    wanted = refusals()
    for text in set(known) - wanted:
        catalogue.remove(known[text])
    for text in sorted(wanted - set(known)):
        catalogue.append(polib.POEntry(msgid=text, msgstr=""))
    catalogue.save()
    print(
        f"refusals: {len(catalogue)} texts, {len(catalogue.untranslated_entries())} in Chinese only"
    )


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
    collect_refusals()
    empty = [entry.msgid for entry in catalogue if not entry.translated()]
    print(f"{len(catalogue)} texts, {len(empty)} to be translated")
    for text in empty:
        print("  ", text)


if __name__ == "__main__":
    main()
