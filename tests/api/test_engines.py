"""PostgreSQL answers what SQLite answers, byte for byte, over the whole OpenAPI document.

What answers are made of, documents and indexes, is compared as it is stored; so each way of asking is tried, not each
word.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import pytest
from sqlalchemy import Table, select

from app.api.formats import Format, formats_of
from app.nouns.registry import noun as noun_of
from app.nouns.registry import nouns
from tests import databases
from tests.api.documented import documented
from tests.databases import DOCUMENT, INDEX, rows
from tests.servers import served

pytestmark = [
    pytest.mark.on_every_engine,
    pytest.mark.skipif(databases.ENGINE == databases.SQLITE, reason="both are compared in the run on PostgreSQL"),
]

WORDS = {
    "/suggest": ("keyt", "melnoma", "crs", "Pd", "β"),
    "/search": ("colitis", "pd-1 melan", '"non small cell"', "NEAR(a", "Ipilimumab OR x", "CAR‑T", "'; --"),
}
LISTED = ("melanoma pembro", "pd-1", '"adverse reactions"', "TNFα")
NAMES = ("Opdivo + Yervoy", "PD-1", "keytrudaa", "L01FF02", "nobody's name", "")
ITSELF = {"/service-info", "/releases", "/releases/{id}", "/openapi.json"}
"""What says when and where it was loaded: that is taken out before the two are compared."""
OWN = {"/metrics", "/releases/{id}/download"}
"""What each server has for itself; test_telemetry.py and test_releases.py look at them."""
MADE_OF_FILES = {"/croissant.json"}
"""What follows from the downloads, which test_releases.py reads on each engine."""
ONE_HOST = {"Host": "facts.example"}
"""Links and citations name the host that was asked: so it is one."""
WHOLE = "approvals"
"""The list that is read whole, in every format: pictures are among its formats."""
ENGINES = (databases.SQLITE, databases.POSTGRESQL)
Parameter = dict[str, Any]
Asked = list[tuple[str, str]]


@pytest.fixture(scope="module")
def clients(facts_on: Callable[[str], str], url: str) -> Iterator[list[httpx.Client]]:
    """A client of each engine."""
    with (
        served(facts_on("sqlite")) as (other, _),
        httpx.Client(base_url=other, headers=ONE_HOST, timeout=60) as ours,
        httpx.Client(base_url=url, headers=ONE_HOST, timeout=60) as theirs,
    ):
        yield [ours, theirs]


@pytest.fixture(scope="module")
def document(clients: list[httpx.Client]) -> dict[str, Any]:
    """The OpenAPI document."""
    return documented(clients[0])


def same(clients: list[httpx.Client], path: str, method: str = "GET", **given: Any) -> httpx.Response:
    """The answer of both engines, which must be one."""
    answers = [client.request(method, path, **given) for client in clients]
    for ours, theirs in zip(*map(_plain, answers), strict=True):
        assert ours == theirs, path
    return answers[0]


def _plain(answer: httpx.Response) -> tuple[int, dict[str, str], bytes]:
    headers = {name: value for name, value in answer.headers.items() if name not in {"date", "x-request-id"}}
    body = answer.content
    if answer.request.url.path in ITSELF or answer.request.url.path.startswith("/releases/"):
        body = re.sub(rb'"activated_at":"[^"]+"', b"", body)
    return answer.status_code, headers, body


def address(path: str, clients: list[httpx.Client], therapy: str = "pembrolizumab") -> str:
    """The path of an operation, with ids that are there."""
    if path.startswith(("/therapies/{id}", "/facts/{id}")):
        return path.replace("{id}", therapy)
    if "/releases/{" in path:
        return re.sub(r"{\w+}", clients[0].get("/service-info").json()["release"], path)
    if "{id}" in path:
        listed = path.removeprefix("/exports").partition("/{id}")[0]
        return path.replace("{id}", clients[0].get(listed).json()["items"][0]["id"])
    return path


def always(path: str, operation: dict[str, Any]) -> Asked:
    """What an operation needs to be asked: its required parameters, or else its documented example."""
    example = operation["responses"]["200"]["content"].get("application/json", {}).get("example", {})
    if path.startswith(("/adverse-events/", "/outcomes/")) and "{id}" not in path:
        query = httpx.URL(example.get("permalink", "")).params
        return [(name, value) for name, value in query.multi_items() if name != "release"]
    required = (item for item in operation.get("parameters", []) if item.get("required") and item["in"] == "query")
    found = [(item["name"], item.get("example") or item["schema"].get("examples", [None])[0]) for item in required]
    return [(name, _text(value)) for name, value in found if value is not None]


def values(path: str, parameter: Parameter, document: dict[str, Any], answer: httpx.Response) -> list[str]:
    """Values to ask a parameter for: its examples, first and last word of its vocabulary, bounds of its numbers."""
    name, schema, first = parameter["name"], _resolved(parameter["schema"], document), answer.json()
    if name == "q":
        return list(WORDS.get(path, LISTED))
    if name == "name":
        return [value for value in NAMES if value]
    if name == "release":
        return [answer.headers["X-Release"]]
    if name == "as_of":
        return [dt.datetime.now(dt.UTC).date().isoformat()]
    if name == "cursor":
        return [dict(httpx.URL(first["next"]).params)["cursor"]] if first.get("next") else ["none"]
    if name == "id":
        return [",".join(item["id"] for item in first["items"][::3]) or "none"]
    ways = [_resolved(way, document) for way in schema.get("anyOf", [schema])]
    given = [*schema.get("examples", []), *schema.get("items", {}).get("examples", [])]
    words = [value for way in ways for value in _words(way, document, bounds=not given)]
    return [*map(_text, given), *words[:: max(len(words) - 1, 1)]]


def _words(schema: dict[str, Any], document: dict[str, Any], *, bounds: bool) -> list[str]:
    """The words of a closed list; both values of a flag; the bounds of a number, where these are to be asked for."""
    if schema["type"] == "boolean":
        return ["true", "false"]
    if schema["type"] == "integer" and bounds:
        return [str(schema[bound]) for bound in ("minimum", "maximum")]
    words = _resolved(schema.get("items", schema), document)
    return words.get("enum") or ([words["const"]] if "const" in words else [])


def _resolved(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        return document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return schema


def _text(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def asked(base: Asked, name: str, value: str) -> str:
    return urlencode([pair for pair in base if pair[0] != name] + [(name, value)])


def test_every_parameter_of_every_operation_is_answered_alike(
    clients: list[httpx.Client], document: dict[str, Any]
) -> None:
    compared, answered = 0, 0
    for path, methods in document["paths"].items():
        if path in OWN | MADE_OF_FILES or path.startswith("/exports/"):  # these are compared as a whole below
            continue
        where, operation = address(path, clients), methods["get"]
        base = always(path, operation)
        first = same(clients, f"{where}?{urlencode(base)}" if base else where)
        assert first.status_code == 200, (where, base, first.text)
        for parameter in operation.get("parameters", []):
            if parameter["in"] == "path":
                continue
            wanted = values(path, parameter, document, first)
            assert wanted, f"Nothing to ask {parameter['name']} of {path} for: the test needs a value."
            if path.startswith("/therapies/{id}/"):
                wanted = wanted[:1]  # the list itself is asked for all of them
            answers = [same(clients, f"{where}?{asked(base, parameter['name'], value)}") for value in wanted]
            compared += len(answers)
            answered += sum(answer.status_code == 200 for answer in answers)
    assert compared > 1200
    assert answered > 0.9 * compared


def test_every_sort_and_facet_is_answered_alike(clients: list[httpx.Client]) -> None:
    for noun in nouns():
        for key in noun.sorts:
            for turn in ("", "-"):
                first = same(clients, f"/{noun.name}?limit=100&sort={turn}{key}").json()
                if first["next"]:
                    onward = urlsplit(first["next"])
                    same(clients, f"{onward.path}?{onward.query}")
        same(clients, f"/{noun.name}?limit=1&facets={','.join(noun.facets)}")


@pytest.mark.parametrize("table", [DOCUMENT, INDEX], ids=str)
def test_every_document_and_index_is_stored_alike(facts_on: Callable[[str], str], table: Table) -> None:
    columns = [column for column in table.c if column.name != "release_id"]
    ours, theirs = ({row[:2]: row for row in rows(facts_on(engine), select(*columns))} for engine in ENGINES)
    assert {name for name, _ in ours} == {noun.name for noun in nouns()}
    assert [key for key in ours | theirs if ours.get(key) != theirs.get(key)] == []


@pytest.mark.parametrize("format_", sorted({*formats_of(noun_of(WHOLE))} - {Format.JSON}))
def test_a_whole_list_is_the_same_in_every_format(clients: list[httpx.Client], format_: Format) -> None:
    whole = same(clients, f"/exports/{WHOLE}?format={format_}")
    assert (whole.status_code, len(whole.content) > 200) == (200, True)


def test_names_are_resolved_alike(clients: list[httpx.Client]) -> None:
    found = same(clients, "/resolve", "POST", json={"names": [name for name in NAMES if name]})
    assert found.status_code == 200, found.text
    assert same(clients, "/resolve", "POST", json={"names": 3}).status_code == 422


def test_what_cannot_be_answered_is_refused_alike(clients: list[httpx.Client]) -> None:
    for path in (
        "/therapies/keytruda",
        "/therapies/nobody",
        "/therapies?class=pd-9",
        "/indications?therapy=bevacizumab,abatacept&condition=melanoma",
        "/therapies?release=1999.01.01",
        "/releases/1999.01.01",
        "/nowhere",
        "/live",
        "/ready",
    ):
        same(clients, path)
