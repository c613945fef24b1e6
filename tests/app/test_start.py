"""Starting, and the service itself."""

from collections.abc import Callable

import httpx
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, inspect

from tests.conftest import ROOT, free_port, run
from tests.databases import ENGINE, execute, file_of, rows


def test_the_schema_is_that_of_the_models(empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", empty)
    config = Config(ROOT / "alembic.ini")
    command.upgrade(config, "head")
    command.check(config)
    command.downgrade(config, "base")
    engine = create_engine(empty)
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    engine.dispose()


def test_the_index_of_an_older_database_is_brought_along(loaded: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", loaded)
    config = Config(ROOT / "alembic.ini")
    query = "SELECT release_id, list, filter, value, records FROM tag ORDER BY 1, 2, 3, 4"
    before = rows(loaded, query)
    command.downgrade(config, "0002")
    [(records,)] = rows(loaded, "SELECT count(*) FROM tag")
    assert records > len(before) > 0
    command.upgrade(config, "head")
    assert rows(loaded, query) == before


@pytest.mark.parametrize("state", ["missing", "empty", "garbage", "older", "without release"])
def test_a_database_that_is_not_ready_stops_the_start(empty: str, state: str) -> None:
    database = empty
    if state == "missing":
        database += "-of-which-there-is-none"
    elif state in {"older", "without release"}:
        assert run("app", "migrate", database=database).returncode == 0
    elif ENGINE == "sqlite":
        file_of(database).write_bytes({"empty": b"", "garbage": b"no database at all" * 1000}[state])
    elif state == "garbage":
        pytest.skip("Only a file can be garbage.")
    if state == "older":
        execute(database, "UPDATE alembic_version SET version_num = '0000'")
    done = run("app", "serve", "--port", str(free_port()), database=database)
    assert done.returncode == 1
    assert "python -m seed load" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_setting_stops_the_start_by_its_name() -> None:
    done = run("app", "serve", PORT="eighty")
    assert done.returncode == 1
    assert "PORT" in done.stderr
    assert "Traceback" not in done.stderr


def test_service_info_names_release_licence_and_that_it_is_no_advice(client: httpx.Client) -> None:
    info = client.get("/service-info").json()
    assert info["release"] == client.get("/therapies?limit=1").json()["release"]
    assert "CC0" in info["licence"]
    assert "not medical advice" in info["disclaimer"]
    assert info["counts"]["therapies"] == client.get("/therapies?limit=1").json()["total"]


def test_live_and_ready(client: httpx.Client) -> None:
    assert client.get("/live").json() == {"status": "live"}
    assert client.get("/ready").json() == {"status": "ready"}


def test_a_release_is_listed(client: httpx.Client) -> None:
    page = client.get("/releases").json()
    current = [item for item in page["items"] if item["current"]]
    assert len(current) == 1
    assert client.get(f"/releases/{current[0]['version']}").json() == current[0]
    assert client.get("/releases/1999.01.01").status_code == 404


def test_origins_are_narrowed_by_setting(database: str, start: Callable[..., str]) -> None:
    url = start(database, CORS_ORIGINS="https://one.example, https://two.example")
    for origin, allowed in (("https://two.example", True), ("https://three.example", False)):
        answer = httpx.get(f"{url}/live", headers={"Origin": origin})
        assert (answer.headers.get("Access-Control-Allow-Origin") == origin) is allowed


def test_every_answer_names_its_release(client: httpx.Client) -> None:
    release = client.get("/service-info").json()["release"]
    paths = [
        "/therapies",
        "/therapies/pembrolizumab",
        "/therapies/keytruda",
        "/therapies?class=pd-9",
        "/suggest?q=keyt",
    ]
    paths += ["/resolve?name=PD-1", "/search?q=colitis", "/releases", "/ready", "/adverse-events/matrix?class=car-t"]
    for path in [*paths, "/therapies?format=csv", "/adverse-events/compare?therapies=ipilimumab&events=colitis"]:
        assert client.get(path).headers.get("X-Release") == release, path
