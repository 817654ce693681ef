"""Collects the interface's texts into zhicheng/locale/en without GNU gettext.

    .venv/bin/python scripts/messages.py

New texts are added untranslated, texts that are gone are removed; then translate what is empty.
``tests/web/test_translations.py`` fails until the English is complete.
"""

import ast
import itertools
import re
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
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
# Methods whose Chinese is sought in a text, never shown.
SEEKING = {"startswith", "endswith", "split", "rsplit", "strip", "partition", "removesuffix"}
HAN = re.compile("[\u3400-\u9fff]")
LEFT = tomllib.loads(Path(__file__).with_name("not_translated.toml").read_text(encoding="utf-8"))
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
    """What pure rules and actions say: constants, and f-strings with ``{0}`` for their values.

    Every Chinese text outside docstrings counts, however it gets to a page, but for the modules
    and texts of ``not_translated.toml`` and what ``django.po`` holds already. In those modules
    (not in ``demo`` and ``documents``) what is given to a refusal counts all the same.
    """
    found: set[str] = set()
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if name.split("/")[0] not in ("demo", "documents"):
            found |= set(_refused(tree))
    return found | (said() - {text for message in collect() for text in message if text})


def said() -> set[str]:
    """Every Chinese text of the modules that show theirs."""
    found: set[str] = set()
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        if any(fnmatch(name, pattern) for pattern in LEFT["modules"]):
            continue
        left = set(LEFT["texts"].get(name, ()))
        found |= set(chinese(path.read_text(encoding="utf-8"))) - left
    return found


def _refused(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        if getattr(node.func, "id", getattr(node.func, "attr", "")) not in REFUSING:
            continue
        words = [k.value for k in node.keywords if k.arg in SAYING]
        for argument in (*node.args[1:2], *words):
            text = _template(argument)
            if HAN.search(text):
                yield text


def chinese(source: str) -> Iterator[str]:
    """Every text with Chinese in it, but for docstrings and what is only compared or sought."""
    yield from _chinese(ast.parse(source))


def _chinese(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return  # a docstring
    if isinstance(node, ast.Compare):
        yield from _inside(*(part for part in (node.left, *node.comparators) if not _plain(part)))
        return
    if isinstance(node, ast.Call) and _seeks(node.func):
        yield from _inside(node.func, *(each for each in node.args if not _plain(each)))
        return
    text = _template(node) if isinstance(node, ast.expr) else ""
    if HAN.search(text):
        yield text
    yield from _inside(*_values(node))


def _inside(*nodes: ast.AST) -> Iterator[str]:
    for node in nodes:
        yield from _chinese(node)


def _values(node: ast.AST) -> Iterator[ast.AST]:
    """What is inside, without the pieces of a text that was taken as a whole."""
    if not _is_text(node):
        yield from ast.iter_child_nodes(node)
        return
    for part in _parts(node):
        if not isinstance(part, ast.Constant):
            yield part.value if isinstance(part, ast.FormattedValue) else part


def _plain(node: ast.AST) -> bool:
    """A constant, or a row of constants."""
    items = node.elts if isinstance(node, ast.Tuple | ast.List | ast.Set) else [node]
    return all(isinstance(item, ast.Constant) for item in items)


def _seeks(function: ast.expr) -> bool:
    owner = getattr(function, "value", None)
    return getattr(function, "attr", "") in SEEKING or getattr(owner, "id", "") == "re"


def _is_text(node: ast.AST) -> bool:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _is_text(node.left) or _is_text(node.right)
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def _parts(node: ast.AST) -> Iterator[ast.AST]:
    """The pieces of a text: constants, places for values, and what is added to it."""
    if isinstance(node, ast.JoinedStr):
        yield from node.values
    elif isinstance(node, ast.BinOp) and _is_text(node):
        yield from _parts(node.left)
        yield from _parts(node.right)
    else:
        yield node


def _template(node: ast.expr) -> str:
    if not _is_text(node):
        return ""
    places = itertools.count()
    return "".join(
        str(part.value) if isinstance(part, ast.Constant) else f"{{{next(places)}}}"
        for part in _parts(node)
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
