#!/usr/bin/env python3
"""Writes the Python client from the OpenAPI description.

    .venv/bin/python scripts/make_client.py

Models become TypedDicts, enumerations Literals, operations methods of ``Client``; how calls travel
is written by hand (transport.py). ``tests/api/test_client.py`` holds what is committed against
what this writes.
"""

import json
import keyword
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "clients" / "python" / "zhicheng_client"
HEAD = '"""{what}: written by scripts/make_client.py, not by hand."""\n\n'
PRIMITIVE = {
    "string": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "null": "None",
}
BINARY_ANSWER = "Stream"


def described() -> dict[str, Any]:
    """The description that the server gives."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhicheng.settings.test")
    sys.path.insert(0, str(ROOT))
    import django

    django.setup()
    from zhicheng.api.description import description

    return json.loads(json.dumps(description()))


def annotation(schema: dict[str, Any]) -> str:
    """The Python type of a schema."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    for several in ("anyOf", "oneOf"):
        if several in schema:
            kinds = list(dict.fromkeys(annotation(item) for item in schema[several]))
            return " | ".join(kinds)
    if "allOf" in schema:
        return annotation(schema["allOf"][0])
    if "enum" in schema:
        return f"Literal[{', '.join(repr(value) for value in schema['enum'])}]"
    if "const" in schema:
        return f"Literal[{schema['const']!r}]"
    kind = schema.get("type")
    if kind == "array":
        return f"list[{annotation(schema.get('items', {}))}]"
    if kind == "object" or kind is None:
        return "dict[str, Any]"
    return PRIMITIVE[kind]


def models(description: dict[str, Any]) -> str:
    """models.py."""
    parts = [HEAD.format(what="What goes over the wire")]
    parts.append("from __future__ import annotations\n\n")
    parts.append("from typing import Any, Literal, NotRequired, TypedDict\n")
    names = []
    for name, schema in sorted(description["components"]["schemas"].items()):
        names.append(name)
        if "enum" in schema:
            parts.append(f"\n{name} = {annotation(schema)}\n")
            continue
        required = set(schema.get("required", []))
        parts.append(f"\n\nclass {name}(TypedDict):\n")
        summary = " ".join(schema.get("description", name).split())
        parts.append(docstring(summary, 4))
        for field, details in schema.get("properties", {}).items():
            kind = annotation(details)
            kind = kind if field in required else f"NotRequired[{kind}]"
            note = details.get("description", "")
            line = f"    {field}: {kind}"
            parts.append(f"{line}  # {note}\n" if note and len(line + note) < 90 else f"{line}\n")
    listed = "".join(f'    "{name}",\n' for name in names)
    text = "".join([*parts, f"\n\n__all__ = [\n{listed}]\n"])
    return text if text.count("Any") > 1 else text.replace("import Any, ", "import ", 1)


def docstring(text: str, indent: int) -> str:
    """A docstring within a hundred columns."""
    space = " " * indent
    if len(text) <= 90 - indent:
        return f'{space}"""{text}"""\n\n'
    first, *rest = textwrap.wrap(text, 92 - indent)
    lines = "".join(f"{space}{line}\n" for line in rest)
    return f'{space}"""{first}\n{lines}{space}"""\n\n'


def operation(path: str, method: str, told: dict[str, Any]) -> str:
    """One method of the client."""
    name = told["operationId"]
    arguments, queries, target = [], [], path
    keyword_only = []
    for parameter in told["parameters"]:
        if parameter["in"] == "header":
            continue
        given = parameter["name"]
        local = f"{given}_" if keyword.iskeyword(given) or given == "format" else given
        kind = re.sub(r"\b([A-Z]\w+)\b", r"models.\1", annotation(parameter["schema"]))
        kind = kind.replace("models.Literal", "Literal").replace("models.None", "None")
        kind = kind.replace("models.Any", "Any")
        if parameter["in"] == "path":
            arguments.append(f"{local}: {kind}")
            target = target.replace(f"{{{given}}}", f"{{quoted({local})}}")
            continue
        default = parameter["schema"].get("default")
        kind = kind if default is not None or "None" in kind else f"{kind} | None"
        keyword_only.append(f"{local}: {kind} = {default!r}")
        queries.append(f'"{given}": {local}')
    body = told.get("requestBody")
    sent = "None"
    if body is not None:
        (media, details), *_others = body["content"].items()
        if media == "application/json":
            arguments.append(f"body: models.{annotation(details['schema'])}")
        else:
            arguments.append("body: bytes")
        sent = "body"
        keyword_only.append("idempotency_key: str | None = None")
    done = next(code for code in told["responses"] if code.startswith("2"))
    content = told["responses"][done].get("content", {})
    answer = content.get("application/json", {}).get("schema")
    kind = answer_type(answer) if answer else BINARY_ANSWER
    star = ["*", *keyword_only] if keyword_only else []
    signature = ", ".join(["self", *arguments, *star]).replace("*, ", "*, ")
    lines = [f"    def {name}({signature}) -> {kind}:\n"]
    if len(lines[0]) > 100:
        inner = "".join(f"        {part},\n" for part in ["self", *arguments, *star])
        lines = [f"    def {name}(\n{inner}    ) -> {kind}:\n"]
    lines.append(docstring(told["summary"] + "。", 8).rstrip("\n") + "\n")
    shown = f'f"{target}"' if "{" in target else f'"{target}"'
    call = [f'"{method.upper()}"', shown]
    if queries:
        call.append(f"query={{{', '.join(queries)}}}")
    if sent != "None":
        call += ["body=body", "idempotency_key=idempotency_key"]
    if answer is None:
        lines.append(f"        return self.stream({', '.join(call)})\n")
    else:
        lines.append(f"        answer: {kind} = self.call({', '.join(call)})\n")
        lines.append("        return answer\n")
    return "\n" + "".join(lines)


def answer_type(schema: dict[str, Any]) -> str:
    """The type of an answer, its names from the module of the models."""
    kind = annotation(schema)
    if kind.startswith("list["):
        return f"list[models.{kind[5:-1]}]"
    return f"models.{kind}"


def operations(description: dict[str, Any]) -> str:
    """operations.py."""
    parts = [HEAD.format(what="The interface's operations")]
    parts.append("from typing import Any, Literal\n\n")
    parts.append("from zhicheng_client import models\n")
    parts.append("from zhicheng_client.transport import Stream, Transport, quoted\n\n\n")
    parts.append("class Client(Transport):\n")
    parts.append(f'    """{description["info"]["title"]} {description["info"]["version"]}."""\n')
    for path, methods in description["paths"].items():
        for method, told in methods.items():
            parts.append(operation(path, method, told))
    text = "".join(parts)
    return text if "Any" in text.split("\n\n", 2)[2] else text.replace("Any, Literal", "Literal", 1)


def written() -> dict[Path, str]:
    """Every file that this writes, formatted."""
    description = described()
    return {
        PACKAGE.parent / "openapi.json": json.dumps(description, ensure_ascii=False, indent=1)
        + "\n",
        PACKAGE / "models.py": formatted(models(description)),
        PACKAGE / "operations.py": formatted(operations(description)),
    }


def formatted(text: str) -> str:
    """As ruff would have it."""
    command = [sys.executable, "-m", "ruff", "format", "--stdin-filename", "x.py", "-"]
    told = subprocess.run(  # noqa: S603 - our own program
        command, input=text, capture_output=True, text=True, check=True, cwd=ROOT
    )
    return told.stdout


def main() -> None:
    """Write them."""
    for path, text in written().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
