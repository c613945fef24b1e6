"""The client in TypeScript, as its package has it, and those that other generators make of the OpenAPI document."""

import json
import shutil
from pathlib import Path

import httpx
import pytest

from tests.api.browsing import chromium
from tests.clients.conftest import DOCUMENT, Busy, Run, examples

pytestmark = pytest.mark.only_on_sqlite("What the document says does not depend on the engine.")

HERE = Path(__file__).parent
PROGRAMS = ("with_immunofacts_client", "with_openapi_fetch", "with_orval")


@pytest.fixture(scope="module")
def programs(folder: Path, run: Run, url: str) -> Path:
    """A folder with the package, generated clients and the programs."""
    for path in (*HERE.glob("*.ts"), *HERE.glob("*.mjs"), HERE / "tsconfig.json"):
        shutil.copy(path, folder)
    shutil.copy(DOCUMENT, folder)
    (folder / "package.json").write_text('{"type": "module"}', "utf-8")
    [example] = examples("clients/typescript", "ts", url)
    (folder / "example.ts").write_text(example, "utf-8")
    run("openapi-typescript", "openapi.json", "--output", "openapi-typescript/schema.ts")
    run("orval", "--config", "orval.config.mjs", API_URL=url)
    return folder


def test_natural_programs_type_check_strictly(programs: Path, run: Run) -> None:
    """And what takes a key that is not there does not: see misspelled.ts."""
    assert (programs / "tsconfig.json").read_text(encoding="utf-8").count('"strict": true') == 1
    assert run("tsc", "--project", ".") == ""


def test_programs_are_answered_as_their_types_say(programs: Path, run: Run, url: str, client: httpx.Client) -> None:
    written = {}
    for name in PROGRAMS:
        program = programs / f"{name}.mjs"
        run("esbuild", f"{name}.ts", "--bundle", "--format=esm", "--platform=node", f"--outfile={program}")
        written[name] = run("node", str(program), url)
    assert len(set(written.values())) == 1, written
    lines = written[PROGRAMS[0]].splitlines()
    therapies = client.get("/therapies?class=pd-1-inhibitor,ctla-4-inhibitor&condition=melanoma&boxed_warning=false")
    assert [line.split()[0] for line in lines[: therapies.json()["total"]]] == [
        item["id"] for item in therapies.json()["items"]
    ]
    assert lines[-1] == "pembrolizumab,PDCD1"


@pytest.mark.usefixtures("programs")
def test_the_example_runs(run: Run, client: httpx.Client) -> None:
    lines = run("node", "example.ts").splitlines()
    warnings = client.get("/warnings?event=CRS&level=boxed&limit=500").json()
    for one in warnings["items"]:
        assert f"{one['therapy']['name']} {one['evidence']['source']['title']} {one['evidence']['locator']}" in lines
    products = client.get("/therapies/pembrolizumab").json()["products"]
    assert f"pembrolizumab {len(products)} {warnings['release']}" in lines


@pytest.mark.usefixtures("programs")
def test_pages_releases_and_errors(run: Run, url: str, client: httpx.Client) -> None:
    found = json.loads(run("node", "pages_and_releases.ts", url))
    page = client.get("/warnings?event=CRS&limit=500").json()
    version = page["release"]
    assert found["ids"] == [one["id"] for one in page["items"]]
    assert found["sizes"] == [page["total"]]
    assert len(found["searches"]) == page["total"] // 7 + 2
    assert "release" not in found["searches"][0]
    assert f"release={version}" in found["searches"][1]
    assert found["read"] == f"{url}/therapies/pembrolizumab?release={version}"
    assert found["resolved"] == "pembrolizumab"
    assert found["errors"] == [[422, "condition"], [422, "release"], None]


def test_it_waits_as_long_as_the_server_says(programs: Path, run: Run, busy: Busy) -> None:
    program = f"""
        import {{ createClient, listWarnings }} from "immunofacts-client";
        const client = createClient({{ baseUrl: "{busy.url}" }});
        console.log((await listWarnings({{ client, query: {{ event: ["CRS"] }} }})).data.total > 20);
    """
    (programs / "busy.mjs").write_text(program, "utf-8")
    assert run("node", "busy.mjs") == "true\n"
    assert len(busy.asked) == 2
    assert busy.asked[1] - busy.asked[0] >= 1


def test_a_browser_loads_only_what_is_used(programs: Path, run: Run, url: str) -> None:
    program = f"""
        import {{ createClient, getTherapy }} from "immunofacts-client";
        const client = createClient({{ baseUrl: "{url}", release: "latest" }});
        const {{ data }} = await getTherapy({{ client, path: {{ id: "pembrolizumab" }} }});
        document.title = data.name;
    """
    (programs / "page.mjs").write_text(program, "utf-8")
    run("esbuild", "page.mjs", "--bundle", "--minify", "--format=esm", "--outfile=bundle.js")
    script = (programs / "bundle.js").read_text("utf-8")
    assert len(script) < 40_000
    assert "/adverse-events/compare" not in script
    with chromium() as browser:
        page = browser.new_page()
        page.set_content(f"<script type=module>{script}</script>")
        page.wait_for_function("document.title", timeout=10_000)
        assert page.title() == "pembrolizumab"


@pytest.mark.usefixtures("programs")
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
