"""Releases: pinned, compared, gone back to, removed, and taken home as files."""

import csv
import datetime as dt
import hashlib
import io
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests import databases
from tests.conftest import Two, run, two_of
from tests.databases import remove_list
from tests.seed.base import sound, write
from tests.servers import served

pytestmark = pytest.mark.on_every_engine

MECHANISM = "examplumab.PDCD1.inhibitor"


@pytest.fixture(scope="module")
def kept(shared: Path, small_twice: str) -> Two:
    """A database with two releases, which no test changes."""
    made = databases.once(
        shared, "kept-url", databases.ENGINE, lambda: databases.create(databases.ENGINE, shared, small_twice)
    )
    return two_of(made)


@pytest.fixture(scope="module")
def client_of_two(kept: Two) -> Iterator[httpx.Client]:
    """A client of a server on it."""
    with served(kept.database) as (url, _), httpx.Client(base_url=url, timeout=60) as client:
        yield client


def waited(url: str, version: str) -> float:
    """Seconds until a server answers from a release."""
    began = time.monotonic()
    with httpx.Client(base_url=url) as client:
        while client.get("/therapies").headers["X-Release"] != version:
            assert time.monotonic() - began < 10, "The release was not seen."
            time.sleep(0.05)
    return time.monotonic() - began


def test_names_stand_wherever_a_version_does(kept: Two, client_of_two: httpx.Client) -> None:
    """`latest` is the current release, `previous` the one that was current before it."""
    _, first, second = kept
    for name, version in {"latest": second, "previous": first}.items():
        assert client_of_two.get(f"/releases/{name}").json()["version"] == version
        for path in ("/therapies?", "/mechanisms?limit=1&", f"/mechanisms/{MECHANISM}?", "/search?q=pd-1&"):
            asked, same = (client_of_two.get(f"{path}release={one}") for one in (name, version))
            assert asked.json().get("items") == same.json().get("items")
            assert asked.headers["X-Release"] == version
            assert asked.headers["Cache-Control"] == "public, max-age=5, must-revalidate"
            assert "immutable" in same.headers["Cache-Control"]
        for format_ in ("jsonl", "sha256"):
            asked = client_of_two.get(f"/releases/{name}/download?format={format_}")
            assert asked.content == client_of_two.get(f"/releases/{version}/download?format={format_}").content
            assert asked.headers["Cache-Control"] == "public, max-age=5, must-revalidate"
            assert format_ == "sha256" or version in asked.headers["Content-Disposition"]
    diff = client_of_two.get("/releases/previous/diff/latest?limit=1").json()
    assert diff | {"next": None} == client_of_two.get(f"/releases/{first}/diff/{second}?limit=1").json() | {
        "next": None
    }
    assert diff["next"].startswith(f"/releases/{first}/diff/{second}?")
    assert client_of_two.get(f"/releases/latest/diff/{first}").json()["to"]["version"] == first
    assert client_of_two.get("/therapies?release=newest").json()["errors"][0]["suggestions"] == ["latest"]


def test_before_the_first_release_there_is_none(client: httpx.Client) -> None:
    if len(client.get("/releases").json()["items"]) == 1:
        assert client.get("/releases/previous").status_code == 404
        assert client.get("/therapies?release=previous").json()["errors"][0]["parameter"] == "release"


def test_a_diff_says_what_came_went_and_changed(kept: Two, client_of_two: httpx.Client) -> None:
    _, first, second = kept
    diff = client_of_two.get(f"/releases/{first}/diff/{second}").json()
    assert (diff["from"]["version"], diff["to"]["version"]) == (first, second)
    assert diff["counts"]["mechanisms"] == {"added": 0, "removed": 0, "changed": 1}
    assert diff["counts"]["warnings"] == {"added": 0, "removed": 1, "changed": 0}
    assert diff["counts"]["indications"] == {"added": 1, "removed": 0, "changed": 0}
    changed = next(item for item in diff["items"] if item["kind"] == "mechanisms")
    assert changed["fields"] == [{"field": "description", "before": "Blocks.", "after": "Blocks PD-1."}]
    for item in diff["items"]:
        assert client_of_two.get(item["url"]).json()["id"] == item["id"]
    back = client_of_two.get(f"/releases/{second}/diff/{first}").json()
    assert back["counts"]["warnings"]["added"] == 1
    assert client_of_two.get(f"/releases/{first}/diff/{first}").json()["total"] == 0


def test_a_diff_is_paged_filtered_and_a_table(kept: Two, client_of_two: httpx.Client) -> None:
    _, first, second = kept
    path = f"/releases/{first}/diff/{second}"
    whole = client_of_two.get(path).json()["items"]
    paged, following = [], f"{path}?limit=1"
    while following:
        page = client_of_two.get(following).json()
        paged += page["items"]
        following = page["next"]
    assert paged == whole
    only = client_of_two.get(f"{path}?kind=warnings,mechanisms&change=removed").json()
    assert [(item["kind"], item["change"]) for item in only["items"]] == [("warnings", "removed")]
    answer = client_of_two.get(path, headers={"Accept": "text/csv"})
    table = list(csv.DictReader(io.StringIO(answer.text)))
    assert {row["id"] for row in table} == {item["id"] for item in whole}
    row = next(row for row in table if row["kind"] == "mechanisms")
    assert (row["field"], row["before"], row["after"]) == ("description", "Blocks.", "Blocks PD-1.")
    known = {"Accept": "text/csv", "If-None-Match": answer.headers["ETag"]}
    assert client_of_two.get(path, headers=known).status_code == 304
    assert answer.headers["Content-Encoding"] in {"gzip", "zstd"}
    assert client_of_two.get(f"{path}?format=csv&bom=true").content == b"\xef\xbb\xbf" + answer.content
    assert client_of_two.get(f"{path}?bom=true").status_code == 422
    for wrong, culprit in (("cursor=99", "cursor"), ("kind=therapy", "kind"), ("limit=0", "limit"), ("x=1", "x")):
        problem = client_of_two.get(f"{path}?{wrong}")
        assert problem.status_code == 422
        assert problem.json()["errors"][0]["parameter"] == culprit
    assert client_of_two.get(f"/releases/{first}/diff/1999.01.01").status_code == 404
    assert client_of_two.get(path, headers={"Accept": "image/png"}).status_code == 406
    of_lists_first = client_of_two.get(path, headers={"Accept": "application/x-ndjson, text/csv"})
    assert of_lists_first.headers["content-type"].startswith("text/csv")


def test_the_history_of_a_fact_names_the_releases_it_changed_in(kept: Two, client_of_two: httpx.Client) -> None:
    _, first, second = kept
    items = client_of_two.get(f"/facts/{MECHANISM}/history").json()["items"]
    assert [(item["release"]["version"], item["change"]) for item in items] == [(second, "changed"), (first, "added")]
    assert items[0]["fields"][0]["after"] == "Blocks PD-1."
    gone = client_of_two.get("/facts/examplumab.boxed.rash/history").json()["items"]
    assert [item["change"] for item in gone] == ["removed", "added"]
    assert all(client_of_two.get(item["url"]).status_code == 200 for item in gone)
    assert client_of_two.get("/facts/nothing-of-the-kind/history").status_code == 404


def test_every_read_can_be_pinned_to_a_release_or_a_day(kept: Two, client_of_two: httpx.Client) -> None:
    _, first, second = kept
    paths = ["/mechanisms", f"/mechanisms/{MECHANISM}", "/therapies/examplumab", "/therapies/examplumab/warnings"]
    paths += ["/suggest?q=exam", "/resolve?name=Examplara", "/search?q=blocks", "/mechanisms?format=csv"]
    paths += ["/adverse-events/compare?therapies=examplumab", "/adverse-events/matrix?therapies=examplumab"]
    for path in paths:
        mark = "&" if "?" in path else "?"
        pinned = client_of_two.get(f"{path}{mark}release={first}")
        then = client_of_two.get(f"{path}{mark}as_of=2026-03-02")
        assert pinned.status_code == then.status_code == 200, path
        assert pinned.headers["X-Release"] == then.headers["X-Release"] == first, path
        assert pinned.content == then.content, path
        assert client_of_two.get(path).headers["X-Release"] == second, path
        assert "immutable" not in then.headers.get("Cache-Control", ""), path
    today = dt.datetime.now(dt.UTC).date()
    assert client_of_two.get(f"/therapies?as_of={today}").headers["X-Release"] == second
    wrong = ["as_of=2026-03-01", "as_of=2999-01-01", "as_of=yesterday", f"as_of={today}&release={first}"]
    for question in wrong:
        problem = client_of_two.get(f"/therapies?{question}")
        assert problem.status_code == 422, question
        assert problem.json()["errors"][0]["parameter"] == "as_of"


def test_going_back_is_one_command_and_is_seen_within_two_seconds(two: Two, serve: Callable[..., str]) -> None:
    database, first, second = two
    url = serve(database)
    waited(url, second)
    done = run("app", "release", "activate", first, database=database)
    assert done.returncode == 0, done.stderr
    assert waited(url, first) < 2
    assert httpx.get(f"{url}/mechanisms/{MECHANISM}").json()["description"] == "Blocks."
    assert [item["current"] for item in httpx.get(f"{url}/releases").json()["items"]] == [False, True]


def test_a_removed_release_is_gone_and_its_version_is_not_given_again(
    two: Two, serve: Callable[..., str], tmp_path: Path
) -> None:
    database, first, second = two
    refused = run("app", "release", "remove", second, database=database)
    assert refused.returncode == 1
    assert "is current" in refused.stderr
    url = serve(database)
    pinned = httpx.get(f"{url}/therapies?release={first}")
    assert pinned.status_code == 200
    assert run("app", "release", "remove", first, database=database).returncode == 0
    for table in ("document", "list_index", "therapy", "product", "mechanism", "adverse_event"):
        assert {release for (release,) in databases.rows(database, f"SELECT DISTINCT release_id FROM {table}")} == {2}  # noqa: S608  # our own
    wait_until(lambda: httpx.get(f"{url}/therapies?limit=7&release={first}").status_code == 422)
    problem = httpx.get(f"{url}/therapies?limit=7&release={first}").json()
    assert "was removed" in problem["detail"]
    assert "was removed" in httpx.get(f"{url}/therapies?as_of=2026-03-02").json()["detail"]
    assert httpx.get(f"{url}/releases/{first}").status_code == 404
    assert [item["version"] for item in httpx.get(f"{url}/releases").json()["items"]] == [second]
    assert httpx.get(f"{url}/search?q=blocks").json()["total"] > 0
    again = run("seed", "load", "--facts", str(write(sound(), tmp_path / "again")), database=database)
    assert again.returncode == 0, again.stderr
    versions = [row[0] for row in databases.rows(database, "SELECT version FROM release ORDER BY id")]
    assert len(set(versions)) == 3


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait until something is so, for ten seconds at most."""
    end = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_whole_release_is_one_download_that_can_be_served_and_restored(
    kept: Two, client_of_two: httpx.Client, serve: Callable[..., str], new_database: Callable[..., str], tmp_path: Path
) -> None:
    database, first, second = kept
    paths = {}
    for format_ in ("sqlite", "jsonl", "analysis", "datapackage", "sssom", "kgx", "sha256"):
        answer = client_of_two.get(f"/releases/{first}/download?format={format_}")
        assert answer.status_code == 200
        name = answer.headers["Content-Disposition"].split('"')[1]
        paths[format_] = tmp_path / name
        paths[format_].write_bytes(answer.content)
    for line in paths["sha256"].read_text().splitlines():
        digest, name = line.split()
        assert hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() == digest
    copy = serve(f"sqlite:///{paths['sqlite']}")
    question = f"/therapies?facets=class&q=blocks&release={first}"
    assert httpx.get(copy + question).content == client_of_two.get(question).content
    with closing(sqlite3.connect(paths["sqlite"])) as connection:
        assert connection.execute("SELECT count(*) FROM release").fetchall() == [(1,)]
        assert connection.execute("SELECT therapy_id, agency FROM indication").fetchall() == [("examplumab", "FDA")]
    other = new_database()
    restored = run("seed", "load", "--migrate", "--release", str(paths["jsonl"]), database=other)
    assert restored.returncode == 0, restored.stderr
    query = (
        "SELECT d.list, d.position, d.id, d.summary, d.document FROM document d JOIN release r ON r.id = d.release_id "  # noqa: S608  # our own
        f"WHERE r.version = '{first}' ORDER BY 1, 2"
    )
    assert databases.rows(other, query) == databases.rows(database, query) != []
    for format_, file in paths.items():
        address = f"/releases/{first}/download?format={format_}"
        head = client_of_two.head(address, headers={"Accept-Encoding": "identity"})
        assert (head.content, int(head.headers["Content-Length"])) == (b"", file.stat().st_size)
        assert file.name in head.headers["Content-Disposition"]
        packed = client_of_two.get(address, headers={"Accept-Encoding": "zstd"})
        assert packed.content == file.read_bytes()
        assert (packed.headers.get("Content-Encoding") == "zstd") is (
            file.stat().st_size > 600 and file.suffix not in {".zip", ".gz"}
        )
        etag = packed.headers["ETag"]
        assert head.headers["ETag"] == etag
        for known in (etag, etag.removeprefix("W/"), f'"x", {etag}', "*"):
            unchanged = client_of_two.get(address, headers={"If-None-Match": known})
            assert (unchanged.status_code, unchanged.headers["ETag"]) == (304, etag)
    assert client_of_two.get("/releases/1999.01.01/download").status_code == 404
    assert client_of_two.get(f"/releases/{second}/download?format=zip").status_code == 422


def test_a_list_that_came_after_a_release_is_empty_there(two: Two, serve: Callable[..., str]) -> None:
    """The first release is made one from before there were warnings."""
    database, first, _ = two
    remove_list(database, 1, "warnings")
    url = serve(database)
    page = httpx.get(f"{url}/warnings?release={first}&facets=level&q=rash").json()
    assert (page["items"], page["total"], page["facets"]) == ([], 0, {"level": []})
    nested = httpx.get(f"{url}/therapies/examplumab/warnings?release={first}").json()
    assert nested["total"] == 0
    assert httpx.get(f"{url}/warnings/examplumab.boxed.rash?release={first}").status_code == 404
    assert httpx.get(f"{url}/warnings?format=csv&release={first}").text.count("\n") == 1
    assert httpx.get(f"{url}/search?q=rash&release={first}").status_code == 200
    assert httpx.get(f"{url}/releases").status_code == 200
    [mechanisms] = [httpx.get(f"{url}/mechanisms?release={first}").json()]
    assert mechanisms["total"] == 1


def test_a_record_whose_release_is_being_removed_is_not_redirected_to_itself(
    two: Two, serve: Callable[..., str]
) -> None:
    database, first, _ = two
    url = serve(database)
    address = f"{url}/therapies/examplumab?release={first}"
    assert httpx.get(address).status_code == 200
    remove_list(database, 1, "therapies")
    answer = httpx.get(f"{address}&fields=id")
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:immunofacts:problem:not-ready")
    assert "is being removed" in answer.json()["detail"]


def test_a_field_that_came_later_changes_no_record_without_it(two: Two, serve: Callable[..., str]) -> None:
    """Documents of older releases lack it; in newer ones it is null."""
    database, first, second = two
    differ = """SELECT count(*) FROM document one JOIN document other USING (list, id)
        WHERE list = 'cohorts' AND one.document <> other.document"""
    assert databases.rows(database, differ) == [(0,)]
    databases.execute(
        database,
        """UPDATE document SET document = replace(document, '"schedule"', '"former"')
        WHERE list = 'cohorts' AND release_id = (SELECT min(id) FROM release)""",
    )
    assert databases.rows(database, differ) > [(0,)]
    with httpx.Client(base_url=serve(database)) as client:
        diff = client.get(f"/releases/{first}/diff/{second}").json()
        assert diff["counts"]["cohorts"]["changed"] == 0
        assert all(item["fields"] for item in diff["items"] if item["change"] == "changed")
        cohort = client.get("/cohorts?limit=1").json()["items"][0]["id"]
        history = client.get(f"/facts/{cohort}/history").json()
        assert [item["change"] for item in history["items"]] == ["added"]
