"""The client in Python, as its wheel has it: every operation of a server, pages, releases, tables, errors, retries."""

import asyncio
import contextlib
import datetime
import inspect
import io
import json
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

import httpx
import pytest
from packaging.requirements import Requirement

from tests.api.documented import documented, operations
from tests.clients.conftest import Busy, examples
from tests.conftest import ROOT

pytestmark = pytest.mark.only_on_sqlite("What the document says does not depend on the engine.")

QUERIES = {
    "compare_adverse_events": {"therapies": ["nivolumab"]},
    "matrix_adverse_events": {"therapies": ["nivolumab"], "comparators": True},
    "compare_outcomes": {"trial": ["keynote-006"]},
    "matrix_outcomes": {"trial": ["keynote-006"]},
    "suggest": {"q": "keyt"},
    "search": {"q": "colitis"},
    "resolve": {"name": ["Keytruda", "nivolumab + ipilimumab"]},
    "export_rates": {"therapy": "pembrolizumab"},
    "export_adverse_events": {"therapy": "pembrolizumab"},
    "export_outcomes": {"therapy": "pembrolizumab"},
}
"""What operations are asked that require something, answer more when asked, or would answer megabytes."""
BODIES = {"resolve_many": {"names": ["Keytruda", "PD-1"]}}


@pytest.fixture(scope="module")
def installed(packages: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the wheel installs."""
    folder = tmp_path_factory.mktemp("installed")
    [wheel] = packages.glob("immunofacts_client-*.whl")
    zipfile.ZipFile(wheel).extractall(folder)
    return folder


@pytest.fixture
def package(installed: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The package."""
    monkeypatch.syspath_prepend(str(installed))
    return import_module("immunofacts_client")


@pytest.fixture
def facts(package: Any, url: str) -> Iterator[Any]:
    """A client of the whole fact base."""
    with package.Client(url) as facts:
        yield facts


def relayed(client: httpx.Client, change: Any) -> httpx.MockTransport:
    """A way to the server on which answers are changed."""

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=change(client.get(request.url.raw_path.decode()).json()))

    return httpx.MockTransport(answer)


def positional(path: str, operation: dict[str, Any], client: httpx.Client) -> list[str]:
    """The parts of a path."""
    if "/releases" in path:
        return [client.get("/service-info").json()["release"]] * path.count("{")
    noun = path.removeprefix("/exports").split("/")[1]
    if not any(parameter["in"] == "path" for parameter in operation["parameters"]):
        return []
    known = {"therapies": "pembrolizumab", "facts": "pembrolizumab"}
    return [known.get(noun) or client.get(f"/{noun}?limit=1").json()["items"][0]["id"]]


def test_each_operation_returns_all_that_is_answered(client: httpx.Client, facts: Any, package: Any) -> None:
    answers: list[httpx.Response] = []
    facts.http.event_hooks = {"response": [answers.append]}
    called = 0
    for path, operation in operations(documented(client)):
        name = operation["operationId"]
        if name == "download_release":  # would be all of it in one file
            with pytest.raises(package.ApiError, match="404"):
                facts.download_release("2001.01.01", format_="jsonl")
            continue
        query = dict(QUERIES.get(name) or QUERIES.get(name.removeprefix("export_"), {}))
        if name in BODIES:
            query["body"] = package.models.ResolveBody.from_dict(BODIES[name])
        found = getattr(facts, name)(*positional(path, operation, client), **query)
        content = operation["responses"]["200"]["content"]
        if "application/json" not in content:
            assert found == answers[-1].content, name
        else:
            model = content["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]
            assert type(found) is getattr(package.models, model)
            whole = json.loads(answers[-1].content.replace(b'Z"', b'+00:00"'))  # one of two ways to write a time
            assert found.to_dict() == whole, name
        called += 1
    assert called > 90


def test_pages_and_items_are_those_of_the_list(client: httpx.Client, url: str, facts: Any, package: Any) -> None:
    ids = [one["id"] for one in client.get("/warnings?event=CRS&limit=500").json()["items"]]
    assert len(ids) > 20
    assert [one.id for one in facts.items(facts.list_warnings, event="CRS", limit=7)] == ids
    pages = list(facts.pages(facts.list_warnings, event=["CRS"], limit=7))
    assert [len(page.items) for page in pages[:-1]] == [7] * (len(ids) // 7)
    assert {page.total for page in pages} == {len(ids)}

    async def by_async() -> list[str]:
        async with package.AsyncClient(url) as facts:
            assert await facts.pin() == facts.release
            assert (await facts.answer(facts.get_therapy, "keytruda")).release == facts.release
            assert len(await facts.to_pandas(facts.list_warnings, event="CRS")) == len(ids)
            return [one.id async for one in facts.items(facts.list_warnings, event="CRS", limit=7)]

    assert asyncio.run(by_async()) == ids


def test_one_release_is_asked_of_everything_that_has_releases(facts: Any, package: Any) -> None:
    asked: list[httpx.URL] = []
    facts.http.event_hooks = {"request": [lambda request: asked.append(request.url)]}
    facts.list_mechanisms()
    version = facts.pin()
    facts.list_mechanisms()
    today = datetime.datetime.now(datetime.UTC).date()
    facts.list_mechanisms(as_of=today)
    facts.list_mechanisms(release="latest")
    facts.get_service_info()
    assert [dict(one.params) for one in asked] == [
        {},
        {},
        {"release": version},
        {"as_of": today.isoformat()},
        {"release": "latest"},
        {},
    ]
    assert facts.answer(facts.get_therapy, "pembrolizumab").release == version
    facts.release = "2001.01.01"
    with pytest.raises(package.ApiError) as unknown:
        facts.list_mechanisms()
    assert unknown.value.problem.errors[0].parameter == "release"


def test_a_table_is_the_whole_result(client: httpx.Client, facts: Any) -> None:
    total = client.get("/adverse-events/rates?therapy=pembrolizumab&limit=1").json()["total"]
    frame = facts.to_pandas(facts.list_rates, therapy="pembrolizumab")
    assert len(frame) == total > 500
    assert frame["percent"].dtype == float
    assert frame.attrs["release"] == client.get("/service-info").json()["release"]
    assert len(facts.to_pandas(facts.export_rates, therapy="pembrolizumab")) == total


def test_an_error_says_what_the_problem_document_says(facts: Any, package: Any) -> None:
    with pytest.raises(package.ApiError) as refused:
        facts.list_therapies(condition="melanomma")
    assert (refused.value.status, refused.value.problem.errors[0].suggestions[0]) == (422, "melanoma")
    assert "Nearest: melanoma" in str(refused.value)
    assert refused.value.request_id
    with pytest.raises(package.ApiError, match="There is no therapy 'pembrolizumap'") as missing:
        facts.get_therapy("pembrolizumap")
    assert missing.value.status == 404


def test_a_method_shows_what_it_takes_and_answers(facts: Any, package: Any) -> None:
    shown = inspect.signature(facts.list_warnings)
    assert {"event", "level", "release"} <= set(shown.parameters)
    assert shown.return_annotation is package.models.WarningPage
    assert "Event warned of" in facts.list_warnings.__doc__
    assert not facts.list_warnings(event="CRS").facets
    assert facts.list_warnings(event="CRS").facets is package.UNSET


def test_it_waits_as_long_as_the_server_says(busy: Busy, package: Any) -> None:
    with package.Client(busy.url) as facts:
        assert facts.list_warnings(event="CRS").total > 20
    assert len(busy.asked) == 2
    assert busy.asked[1] - busy.asked[0] >= 1


@pytest.mark.parametrize(
    ("status", "retry_after", "asked"),
    [(503, "2", 4), (429, "2", 4), (502, None, 4), (503, "3600", 1), (500, None, 1), (404, None, 1)],
)
def test_only_what_may_pass_is_asked_again(
    status: int, retry_after: str | None, asked: int, package: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    headers = {"Retry-After": retry_after} if retry_after else {}
    seen: list[httpx.Request] = []

    def refuse(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(status, headers=headers, text="by a proxy")

    facts = package.Client("http://facts.example", http=httpx.Client(transport=httpx.MockTransport(refuse)))
    with pytest.raises(package.ApiError) as failed:
        facts.list_warnings()
    assert (failed.value.problem, failed.value.status) == (None, status)
    assert failed.value.retry_after == (float(retry_after) if retry_after else None)
    assert len(seen) == asked
    if retry_after and asked > 1:
        assert waited == [2.0] * 3


def test_the_asynchronous_client_waits_too(package: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    answers = [httpx.Response(503, headers={"Retry-After": "7"}), httpx.Response(200, text="# numbers")]

    async def wait(seconds: float) -> None:
        waited.append(seconds)

    async def ask() -> bytes:
        http = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: answers.pop(0)))
        async with package.AsyncClient("http://facts.example", http=http) as facts:
            return bytes(await facts.get_metrics())

    monkeypatch.setattr(asyncio, "sleep", wait)
    assert (asyncio.run(ask()), waited) == (b"# numbers", [7.0])


def test_a_connection_that_fails_is_tried_again(package: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: None)
    seen: list[httpx.Request] = []

    def fail(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        raise httpx.ConnectError("refused", request=request)

    facts = package.Client("http://facts.example", attempts=3, http=httpx.Client(transport=httpx.MockTransport(fail)))
    with pytest.raises(httpx.ConnectError):
        facts.list_warnings()
    assert len(seen) == 3


@pytest.mark.parametrize(("name", "given"), [("list_therapies", ()), ("get_therapy", ("pembrolizumab",))])
def test_what_a_newer_service_adds_is_kept(client: httpx.Client, package: Any, name: str, given: Any) -> None:
    def grown(value: Any) -> Any:
        if isinstance(value, list):
            return [grown(one) for one in value]
        if not isinstance(value, dict):
            return "a-newer-word" if value in {"FDA", "regulatory_label", "approved", "authorised"} else value
        added = {} if set(value) & {"pd-1-inhibitor"} else {"a_newer_field": {"any": ["thing"]}}
        return {key: grown(part) for key, part in value.items()} | added

    http = httpx.Client(transport=relayed(client, grown))
    facts = package.Client(str(client.base_url), http=http)
    answer = getattr(facts, name)(*given)
    assert answer["a_newer_field"] == {"any": ["thing"]}
    path = "/therapies" if name == "list_therapies" else "/therapies/pembrolizumab"
    whole = grown(client.get(path).json())
    assert "a-newer-word" in json.dumps(whole)
    assert answer.to_dict() == whole


def test_the_examples_run_and_type_check_strictly(url: str, package: Any, installed: Path, tmp_path: Path) -> None:
    programs = [*examples(".", "python", url), *examples("clients/python", "python", url)]
    assert len(programs) == 3
    shown = []
    for number, program in enumerate(programs):
        (tmp_path / f"example_{number}.py").write_text(program, "utf-8")
        written, names = io.StringIO(), dict[str, Any]()
        with contextlib.redirect_stdout(written):
            exec(compile(program, f"example_{number}", "exec"), names)  # noqa: S102  # our own README
        if "facts" in names:
            names["facts"].close()  # where a notebook would end
        shown.append(written.getvalue() + str(names.get("names")))
    assert "nivolumab" in shown[0]
    assert "Nearest: melanoma" in shown[1]
    assert "2014-09-04 approved" in shown[2]
    assert package.__file__.startswith(str(installed))
    misspelled = "from immunofacts_client import Client\nClient('').list_therapies().items[0].klass\n"
    (tmp_path / "misspelled.py").write_text(misspelled, "utf-8")
    config = ROOT / "clients" / "python" / "pyproject.toml"
    cache = ROOT / ".venv-clients" / ".mypy_cache"
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", config, "--cache-dir", cache, "."],
        cwd=tmp_path,
        env=os.environ | {"MYPYPATH": str(installed)},
        capture_output=True,
        text=True,
        check=False,
    )
    [error, _] = checked.stdout.splitlines()
    assert error == 'misspelled.py:2: error: "TherapySummary" has no attribute "klass"  [attr-defined]'


def test_the_wheel_says_what_it_needs(package: Any) -> None:
    found = metadata.metadata("immunofacts-client")
    for requirement in map(Requirement, found.get_all("Requires-Dist") or []):
        assert metadata.version(requirement.name) in requirement.specifier
    versions = {
        found["Version"],
        metadata.version("immunofacts"),
        json.loads((ROOT / "clients" / "typescript" / "package.json").read_text("utf-8"))["version"],
    }
    assert len(versions) == 1
    assert Path(package.__file__).with_name("py.typed").exists()
