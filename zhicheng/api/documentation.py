"""The description for machines, and as a page for people, made of the same description."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from zhicheng.api.description import METHODS, ROOT, description
from zhicheng.api.words import marked as _m

GROUPS = (_m("证书"), _m("报送"), _m("核验"), _m("基础数据"))


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """The OpenAPI 3.1 description: nothing in it is secret."""
    answer = JsonResponse(description(), json_dumps_params={"ensure_ascii": False})
    answer["Access-Control-Allow-Origin"] = "*"
    answer["Cache-Control"] = "public, max-age=300"
    return answer


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The same for people."""
    told = description()
    schemas = told["components"]["schemas"]
    operations = [
        _operation(path, method, operation, told)
        for path, methods in told["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    ]
    groups = [
        {"name": _(name), "operations": [item for item in operations if item["group"] == name]}
        for name in GROUPS
    ]
    return render(
        request,
        "api/documentation.html",
        {
            "about": _(told["info"]["description"]),
            "version": told["info"]["version"],
            "root": request.build_absolute_uri(ROOT),
            "groups": groups,
            "problem": _shown(_example({"$ref": "#/components/schemas/ProblemOut"}, schemas)),
            "schemas": [_schema(name, schemas[name]) for name in sorted(schemas)],
        },
    )


def _words(text: str) -> str:
    return _(text) if text else ""


def _operation(
    path: str, method: str, operation: dict[str, Any], told: dict[str, Any]
) -> dict[str, Any]:
    schemas = told["components"]["schemas"]
    answers, example = [], ""
    for status, answer in operation["responses"].items():
        if "$ref" in answer:
            answer = told["components"]["responses"][answer["$ref"].rsplit("/", 1)[-1]]
        schema = answer.get("content", {}).get("application/json", {}).get("schema")
        if schema and status.startswith("2"):
            example = _shown(_example(schema, schemas))
        words = _("办理成功") if status.startswith("2") else _words(answer["description"])
        answers.append({"status": status, "text": words, "schema": _name(schema)})
    return {
        "id": operation["operationId"],
        "group": operation["tags"][0],
        "summary": _(operation["summary"]),
        "text": _words(operation.get("description", "")),
        "method": method.upper(),
        "path": f"{ROOT}{path}",
        "scope": operation.get("x-scope", ""),
        "parameters": [
            {
                "name": parameter["name"],
                "place": parameter["in"],
                "required": parameter["required"],
                "kind": _kind(parameter["schema"]),
                "default": parameter["schema"].get("default", ""),
                "text": _words(parameter.get("description", "")),
            }
            for parameter in operation["parameters"]
        ],
        "body": _body(operation.get("requestBody"), schemas),
        "answers": answers,
        "example": example,
    }


def _body(body: dict[str, Any] | None, schemas: dict[str, Any]) -> dict[str, str] | None:
    if body is None:
        return None
    (media, details), *_others = body["content"].items()
    name = _name(details["schema"])
    example = _shown(_example(details["schema"], schemas)) if name else ""
    return {"media": media, "schema": name, "example": example}


def _schema(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    required = schema.get("required", [])
    return {
        "name": name,
        "values": schema.get("enum", []),
        "fields": [
            {
                "name": field,
                "required": field in required,
                "kind": _kind(details),
                "text": _words(details.get("description", "")),
                "example": (details.get("examples") or [""])[0],
            }
            for field, details in schema.get("properties", {}).items()
        ],
    }


def _name(schema: dict[str, Any] | None) -> str:
    if not schema:
        return ""
    inner = schema.get("items", schema)
    return str(inner.get("$ref", "")).rsplit("/", 1)[-1]


def _kind(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return _name(schema)
    for several in ("anyOf", "allOf"):
        if several in schema:
            return " | ".join(_kind(item) for item in schema[several])
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"])
    if schema.get("type") == "array":
        return f"{_kind(schema.get('items', {}))}[]"
    return str(schema.get("format") or schema.get("type", ""))


def _example(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    """An example made of the fields' own."""
    if "$ref" in schema:
        return _example(schemas[_name(schema)], schemas)
    if "examples" in schema:
        return schema["examples"][0]
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return _example(schema["anyOf"][0], schemas)
    match schema.get("type"):
        case "array":
            return [_example(schema.get("items", {}), schemas)]
        case "object":
            fields = schema.get("properties", {})
            return {name: _example(details, schemas) for name, details in fields.items()}
        case "boolean":
            return False
        case "integer":
            return schema.get("default", 0)
        case _:
            return schema.get("default", "")


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
