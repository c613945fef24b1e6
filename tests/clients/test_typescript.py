"""Programs in TypeScript, as one writes them, against clients that three generators make of the OpenAPI document."""

import shutil
from pathlib import Path

import httpx
import pytest

from tests.clients.conftest import Run

pytestmark = pytest.mark.only_on_sqlite("What the document says does not depend on the engine.")

HERE = Path(__file__).parent
PROGRAMS = ("with_openapi_fetch", "with_hey_api", "with_orval")


@pytest.fixture(scope="module")
def clients(environment: Path, folder: Path, run: Run, url: str) -> Path:
    """A folder with the generated clients and the programs."""
    for path in (*HERE.glob("*.ts"), *HERE.glob("*.mjs"), HERE / "tsconfig.json", HERE / "package.json"):
        shutil.copy(path, folder)
    (folder / "node_modules").symlink_to(environment / "node_modules")
    run("openapi-typescript", "openapi.json", "--output", "openapi-typescript/schema.ts")
    run("openapi-ts", "--input", "openapi.json", "--output", "hey-api")
    run("orval", "--config", "orval.config.mjs", API_URL=url)
    return folder


def test_natural_programs_type_check_strictly(clients: Path, run: Run) -> None:
    """And what takes a key that is not there does not: see misspelled.ts."""
    assert (clients / "tsconfig.json").read_text(encoding="utf-8").count('"strict": true') == 1
    assert run("tsc", "--project", ".") == ""


def test_programs_are_answered_as_their_types_say(clients: Path, run: Run, url: str, client: httpx.Client) -> None:
    written = {}
    for name in PROGRAMS:
        program = clients / f"{name}.mjs"
        run("esbuild", f"{name}.ts", "--bundle", "--format=esm", "--platform=node", f"--outfile={program}")
        written[name] = run("node", str(program), url)
    assert len(set(written.values())) == 1, written
    lines = written[PROGRAMS[0]].splitlines()
    therapies = client.get("/therapies?class=pd-1-inhibitor,ctla-4-inhibitor&condition=melanoma&boxed_warning=false")
    assert [line.split()[0] for line in lines[: therapies.json()["total"]]] == [
        item["id"] for item in therapies.json()["items"]
    ]
    assert lines[-1] == "pembrolizumab,PDCD1"


def test_the_document_is_valid_to_redocly(run: Run) -> None:
    said = run(
        "redocly",
        "lint",
        "openapi.json",
        "--format=json",
        REDOCLY_TELEMETRY="off",
        REDOCLY_SUPPRESS_UPDATE_NOTICE="true",
    )
    assert '"errors": 0' in said
    assert '"warnings": 0' in said
