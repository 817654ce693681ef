"""Must show: schemathesis finds no server error and no answer that isn't described (N20)."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.served import Served, environment

pytestmark = pytest.mark.django_db
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "missing_required_header",
    "unsupported_method",
    "ignored_auth",
)


def explore(served: Served, folder: Path, key: str, examples: int, *more: str) -> str:
    """What schemathesis prints over the whole description."""
    command = [Path(sys.executable).with_name("schemathesis"), "run"]
    command += [f"{served.address}/api/v1/openapi.json", "--checks", ",".join(CHECKS)]
    command += ["--header", f"Authorization: Bearer {key}"]
    command += ["--max-examples", str(examples), "--seed", "7", "--no-color"]
    command += ["--request-timeout", "60", "--max-failures", "5", *more]
    done = subprocess.run(  # noqa: S603
        command,
        env=environment(served.url, HYPOTHESIS_STORAGE_DIRECTORY=str(folder)),
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-8000:]
    return done.stdout


def test_n20_no_server_error_and_no_undescribed_answer(served: Served, tmp_path: Path) -> None:
    phases = ("--phases", "examples,fuzzing")  # all of them in the long form
    explore(served, tmp_path, served.key(), 2, *phases)
    # The office files no registers: those operations with the key of a unit that does.
    explore(
        served, tmp_path, served.key("hospital"), 2, "--include-path-regex", "^/registers", *phases
    )


@pytest.mark.long
def test_n20_no_server_error_in_a_long_search(served: Served, tmp_path: Path) -> None:
    examples = int(os.environ.get("ZHICHENG_API_EXAMPLES", "150"))
    for organization in ("office", "hospital"):
        explore(served, tmp_path, served.key(organization), examples)


def test_the_description_is_openapi_3_1_with_examples_everywhere(served: Served) -> None:
    import urllib.request

    with urllib.request.urlopen(f"{served.address}/api/v1/openapi.json") as answer:  # noqa: S310
        told = json.load(answer)
    assert told["openapi"].startswith("3.1")
    assert told["info"]["version"]
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            assert {"401", "403", "422", "429", "500"} <= set(operation["responses"]), (
                path,
                method,
            )
            assert operation["summary"]
    for name, schema in told["components"]["schemas"].items():
        for field, details in schema.get("properties", {}).items():
            shown = {"examples", "enum", "$ref", "items", "anyOf"} & set(details)
            assert shown or details.get("type") == "boolean", (name, field)
