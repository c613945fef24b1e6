"""JSON-LD of schema.org, held to the types of its vocabulary: each key where it belongs, with a value that it takes."""

import json
import shutil
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.clients.conftest import NODE_MODULES, Run
from tests.clients.test_typescript import HERE

pytestmark = pytest.mark.only_on_sqlite("What the documents say does not depend on the engine.")

TYPES = {
    "therapies": "Drug",
    "classes": "DrugClass",
    "conditions": "MedicalCondition",
    "trials": "MedicalTrial",
    "targets": "BioChemEntity",
    "sources": "CreativeWork",
}
SOME = 25
"""Records of each list."""


@pytest.fixture
def programs(packages: Path, tmp_path: Path) -> Path:  # noqa: ARG001  # with them, the modules are there
    """A folder in which TypeScript knows schema.org."""
    (tmp_path / "node_modules").symlink_to(NODE_MODULES)
    shutil.copy(HERE / "tsconfig.json", tmp_path)
    return tmp_path


def written(programs: Path, name: str, type_: str, node: dict[str, Any]) -> None:
    """Write a node as a constant of a type."""
    node = {key: value for key, value in node.items() if key not in {"@context", "@reverse"}}
    lines = [f'import type {{ {type_} }} from "schema-dts";', f"export const node: {type_} = {json.dumps(node)};"]
    (programs / f"{name}.ts").write_text("\n".join(lines), encoding="utf-8")


def test_every_record_is_of_its_type(client: httpx.Client, programs: Path, run: Run) -> None:
    count = 0
    for name, type_ in TYPES.items():
        items = client.get(f"/{name}", params={"limit": 500, "fields": "id"}).json()["items"]
        for item in items[:: len(items) // SOME]:
            node = client.get(f"/{name}/{item['id']}", params={"format": "jsonld"}).json()
            written(programs, f"{name}-{count}", type_, node)
            for other in node.get("@reverse", {}).get("drug", []):
                written(programs, f"condition-{count}", "MedicalCondition", other | {"drug": {"@id": node["@id"]}})
            count += 1
    listed = client.get("/trials", params={"format": "jsonld", "class": "pd-1-inhibitor"}).json()
    written(programs, "list", "ItemList", listed)
    assert count >= SOME * len(TYPES)
    assert run("tsc", "--project", str(programs)) == ""


def test_what_is_not_of_its_type_is_told(client: httpx.Client, programs: Path, run: Run) -> None:
    trial = client.get("/trials/keynote-006", params={"format": "jsonld"}).json()
    written(programs, "wrong", "MedicalTrial", trial | {"drugClass": "x"})
    with pytest.raises(AssertionError, match="drugClass"):
        run("tsc", "--project", str(programs))
