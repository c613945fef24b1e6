"""A client in Python, generated of the OpenAPI document, calls each operation of a server."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.documented import documented, operations
from tests.clients.conftest import Run

pytestmark = pytest.mark.only_on_sqlite("What the document says does not depend on the engine.")

HERE = Path(__file__).parent
QUERIES = {
    "compare_adverse_events": {"therapies": ["nivolumab"]},
    "matrix_adverse_events": {"therapies": ["nivolumab"], "comparators": True},
    "compare_outcomes": {"trial": ["keynote-006"]},
    "matrix_outcomes": {"trial": ["keynote-006"]},
    "suggest": {"q": "keyt"},
    "search": {"q": "colitis"},
    "resolve": {"name": ["Keytruda", "nivolumab + ipilimumab"]},
}
"""What operations are asked that require something, or answer more when asked."""
BODIES = {"resolve_many": {"names": ["Keytruda", "PD-1"]}}


def arguments(path: str, operation: dict[str, Any], client: httpx.Client) -> dict[str, Any]:
    """What an operation is given."""
    release = client.get("/service-info").json()["release"]
    found: dict[str, Any] = {}
    for parameter in operation["parameters"]:
        if parameter["in"] == "path":
            noun = path.removeprefix("/exports").split("/")[1]
            if "/releases" in path:
                found[parameter["name"]] = release
            elif noun in {"therapies", "facts"}:
                found["id"] = "pembrolizumab"
            else:
                found["id"] = client.get(f"/{noun}?limit=1").json()["items"][0]["id"]
    if sum(parameter["name"] == "id" for parameter in operation["parameters"]) > 1:
        found["id_path"] = found.pop("id")  # the generator tells it from the filter of the same name
    return found | QUERIES.get(operation["operationId"].removeprefix("export_"), {})


def test_each_operation_returns_its_model(
    client: httpx.Client, url: str, folder: Path, environment: Path, run: Run
) -> None:
    config = ("--config", str(HERE / "openapi-python-client.yaml"))
    document, output = ("--path", "openapi.json"), ("--output-path", "generated")
    said = run("openapi-python-client", "generate", *document, "--meta", "none", *output, *config)
    assert said == "Generating generated\n"  # no warning of what the generator had to leave out
    shutil.copy(HERE / "every_operation.py", folder)
    asked = [
        {
            "id": operation["operationId"],
            "tag": operation["tags"][0],
            "arguments": arguments(path, operation, client),
            "body": BODIES.get(operation["operationId"]),
            "returns": content["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]
            if "application/json" in (content := operation["responses"]["200"]["content"])
            else "str",
        }
        for path, operation in operations(documented(client))
    ]
    assert len(asked) > 50
    done = subprocess.run(
        [environment / "bin" / "python", "every_operation.py", url],
        input=json.dumps(asked),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == f"{len(asked)} operations returned their models\n", done.stdout + done.stderr
