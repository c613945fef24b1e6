"""Every operation, asked by a machine that reads the OpenAPI document and does not believe it.

`make test` asks some thousand questions; `make fuzz` asks until FUZZ_CASES were asked, with a new seed each round.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.nouns.registry import nouns
from tests.api.documented import documented, operations
from tests.conftest import ROOT

pytestmark = pytest.mark.only_on_sqlite(
    "The same questions were asked of SQLite; test_engines.py holds both to the same answers."
)

CONFIG = ROOT / "tests" / "api" / "schemathesis.toml"
SEED = 20261121
CORNERS = ["list_mechanisms", "get_target", "resolve_many", "suggest", "get_release"]
"""Operations whose every parameter is tried at its limits in `make test`: one of each kind; `make fuzz` tries all."""
LISTS = {"/facts": "/mechanisms", "/rates": "/adverse-events"}
"""Where ids are those of another list."""
SLOW = ("parquet", "xlsx")
"""Formats that a process of its own writes; test_typed_files.py asks for them."""
PICTURED = {f"/exports/{noun.name}" for noun in nouns() if noun.picture}
"""Exports of which some formats have no order."""


def fuzz(document: str, where: Path, *options: str, seed: int = SEED) -> int:
    """Run schemathesis, and answer how many cases it tried. Fails with what it found."""
    command = [str(Path(sys.executable).with_name("schemathesis")), f"--config-file={CONFIG}", "run", document]
    command += ["--seed", str(seed), "--continue-on-failure", "--no-color", "--warnings", "off"]
    command += [
        "--suppress-health-check",
        "all",
        "--generation-database",
        "none",
        "--request-timeout",
        "120",
        *options,
    ]  # files are written once
    done = subprocess.run(command, cwd=where, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr
    found = re.search(r"(\d+) generated, (\d+) passed", done.stdout)
    assert found, done.stdout
    assert found[1] == found[2]
    return int(found[1])


def test_no_operation_breaks_its_promise(few: httpx.Client, tmp_path: Path) -> None:
    """Wherever an answer is not of a documented status, type and schema, or takes what it says it does not."""
    phases = ["--phases", "examples,fuzzing,stateful", "--max-examples", "3"]
    document, *at = whole_records(few, tmp_path)
    assert fuzz(document, tmp_path, *at, *phases) > 250


def test_no_operation_breaks_its_promise_at_the_limits(few: httpx.Client, tmp_path: Path) -> None:
    chosen = [part for name in CORNERS for part in ("--include-operation-id", name)]
    document, *at = whole_records(few, tmp_path)
    assert fuzz(document, tmp_path, *at, "--phases", "coverage", *chosen) > 400


@pytest.mark.usefixtures("release_files")
def test_what_keeps_to_the_document_and_names_what_is_there_is_answered(
    url: str, client: httpx.Client, tmp_path: Path
) -> None:
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(informed(client)), encoding="utf-8")
    options = ["--url", url, "--mode", "positive", "--checks", "all", "--phases", "examples,fuzzing"]
    assert fuzz(str(path), tmp_path, *options, "--max-examples", "3") > 200


def informed(client: httpx.Client) -> dict[str, Any]:
    """The document with the names that the release knows, and without what only another answer can give."""
    document = documented(client)
    release = client.get("/service-info").json()["release"]
    every = [(path, operation) for path, methods in document["paths"].items() for operation in methods.values()]
    for path, operation in every:
        for parameter in list(operation.get("parameters", [])):
            name, schema = parameter["name"], parameter["schema"]
            if (
                name in {"cursor", "fields", "as_of", "bom"}
                or (name == "limit" and path.removeprefix("/exports").startswith("/adverse-events/"))
                or (name == "sort" and path in PICTURED)
            ):
                operation["parameters"].remove(
                    parameter
                )  # follows a page; shapes the record; excludes other formats, `events`
            elif name in {"release", "a", "b"}:
                schema["enum"] = [release]
            elif name == "id":
                of_path = (
                    path.removeprefix("/exports").split("/{id}")[0]
                    if parameter["in"] == "path"
                    else "/" + path.rsplit("/", 1)[1]
                )
                known = [release] if of_path == "/releases" else _ids(client, LISTS.get(of_path, of_path))
                schema.get("items", schema)["enum"] = known
            elif name == "therapies":
                parameter["required"] = True  # there must be something to compare; a schema cannot say of three: one
                schema["items"]["enum"] = ["nivolumab", "Yervoy", "pembrolizumab"]
            elif name == "therapy" and path.endswith(("/outcomes/compare", "/outcomes/matrix")):
                parameter["required"] = True
                schema["items"]["enum"] = ["dostarlimab", "Stelara", "eculizumab"]
            elif name == "measure" and path.endswith("/outcomes/matrix"):
                schema["maxItems"] = 1
            elif name == "format" and set(SLOW) < set(schema.get("enum", ())):
                schema["enum"] = [value for value in schema["enum"] if value not in SLOW]
            elif name == "sort":
                schema["maxItems"] = 1  # a key may be given once, up or down, which a schema cannot say
            elif name == "q":
                schema["enum"] = ["colitis", "pembro", '"cytokine release" syndrome', "PD-1"]
            elif examples := schema.get("items", {}).get("examples"):
                schema["items"]["enum"] = [value for example in examples for value in example.split(",")]
    return document


def whole_records(client: httpx.Client, where: Path) -> list[str]:
    """The document without `fields`, under which records have fewer keys than their schema requires, as it says."""
    document = documented(client)
    for _, operation in operations(document):
        operation["parameters"] = [part for part in operation["parameters"] if part["name"] != "fields"]
    path = where / "whole.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return [str(path), "--url", str(client.base_url)]


def _ids(client: httpx.Client, path: str) -> list[str]:
    return [item["id"] for item in client.get(path).json()["items"]]


@pytest.mark.skipif("FUZZ_CASES" not in os.environ, reason="`make fuzz` asks at length")
def test_at_length(client: httpx.Client, tmp_path: Path) -> None:
    wanted, asked, seed = int(os.environ["FUZZ_CASES"]), 0, SEED
    document, *at = whole_records(client, tmp_path)
    while asked < wanted:
        seed += 1
        phases = "coverage,fuzzing,stateful" if seed == SEED + 1 else "fuzzing,stateful"  # the corners stay the same
        asked += fuzz(document, tmp_path, *at, "--phases", phases, "--max-examples", "100", seed=seed)
        print(f"{asked} cases after seed {seed}: all passed.", flush=True)
