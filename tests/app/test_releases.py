"""Releases: pinned, compared, gone back to, removed, and taken home as files."""

import csv
import datetime as dt
import hashlib
import io
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from seed.bundles import Bundle, UnsoundBundleError, bundles, publish
from seed.contents import Contents
from seed.files import read
from seed.render import Rendering
from tests import databases
from tests.conftest import run
from tests.seed.base import sound, write

MECHANISM = "examplumab.PDCD1.inhibitor"


@pytest.fixture
def two(loaded: str, tmp_path: Path) -> tuple[str, str, str]:
    """A database with two releases, the first of them current on 2 March 2026; and the version of each."""
    databases.execute(loaded, "UPDATE activation SET activated_at = '2026-03-02 10:00:00'")
    files = sound()
    one = files["therapies/examplumab.json"]
    one["mechanisms"][0]["description"] = "Blocks PD-1."
    one["warnings"] = []
    one["indications"].append({**one["indications"][0], "agency": "EMA", "text": "Melanoma, in Europe."})
    one["therapy"]["products"].append({**one["therapy"]["products"][0], "agency": "EMA"})
    done = run("seed", "load", "--facts", str(write(files, tmp_path / "changed")), database=loaded)
    assert done.returncode == 0, done.stderr
    first, second = (row[0] for row in databases.rows(loaded, "SELECT version FROM release ORDER BY id"))
    return loaded, first, second


def waited(url: str, version: str) -> float:
    """Seconds until a server answers from a release."""
    began = time.monotonic()
    while httpx.get(f"{url}/therapies").headers["X-Release"] != version:
        assert time.monotonic() - began < 10, "The release was not seen."
        time.sleep(0.05)
    return time.monotonic() - began


def test_a_diff_says_what_came_went_and_changed(two: tuple[str, str, str], start: Callable[..., str]) -> None:
    database, first, second = two
    url = start(database)
    diff = httpx.get(f"{url}/releases/{first}/diff/{second}").json()
    assert (diff["from"]["version"], diff["to"]["version"]) == (first, second)
    assert diff["counts"]["mechanisms"] == {"added": 0, "removed": 0, "changed": 1}
    assert diff["counts"]["warnings"] == {"added": 0, "removed": 1, "changed": 0}
    assert diff["counts"]["indications"] == {"added": 1, "removed": 0, "changed": 0}
    changed = next(item for item in diff["items"] if item["kind"] == "mechanisms")
    assert changed["fields"] == [{"field": "description", "before": "Blocks.", "after": "Blocks PD-1."}]
    for item in diff["items"]:
        assert httpx.get(url + item["url"]).json()["id"] == item["id"]
    back = httpx.get(f"{url}/releases/{second}/diff/{first}").json()
    assert back["counts"]["warnings"]["added"] == 1
    assert httpx.get(f"{url}/releases/{first}/diff/{first}").json()["total"] == 0


def test_a_diff_is_paged_filtered_and_a_table(two: tuple[str, str, str], start: Callable[..., str]) -> None:
    database, first, second = two
    url, path = start(database), f"/releases/{first}/diff/{second}"
    whole = httpx.get(f"{url}{path}").json()["items"]
    paged, following = [], f"{path}?limit=1"
    while following:
        page = httpx.get(url + following).json()
        paged += page["items"]
        following = page["next"]
    assert paged == whole
    only = httpx.get(f"{url}{path}?kind=warnings,mechanisms&change=removed").json()
    assert [(item["kind"], item["change"]) for item in only["items"]] == [("warnings", "removed")]
    answer = httpx.get(f"{url}{path}", headers={"Accept": "text/csv"})
    table = list(csv.DictReader(io.StringIO(answer.text)))
    assert {row["id"] for row in table} == {item["id"] for item in whole}
    row = next(row for row in table if row["kind"] == "mechanisms")
    assert (row["field"], row["before"], row["after"]) == ("description", "Blocks.", "Blocks PD-1.")
    for wrong, culprit in (("cursor=99", "cursor"), ("kind=therapy", "kind"), ("limit=0", "limit"), ("x=1", "x")):
        problem = httpx.get(f"{url}{path}?{wrong}")
        assert problem.status_code == 422
        assert problem.json()["errors"][0]["parameter"] == culprit
    assert httpx.get(f"{url}/releases/{first}/diff/1999.01.01").status_code == 404
    assert httpx.get(f"{url}{path}", headers={"Accept": "image/png"}).status_code == 406


def test_the_history_of_a_fact_names_the_releases_it_changed_in(
    two: tuple[str, str, str], start: Callable[..., str]
) -> None:
    database, first, second = two
    url = start(database)
    items = httpx.get(f"{url}/facts/{MECHANISM}/history").json()["items"]
    assert [(item["release"]["version"], item["change"]) for item in items] == [(second, "changed"), (first, "added")]
    assert items[0]["fields"][0]["after"] == "Blocks PD-1."
    gone = httpx.get(f"{url}/facts/examplumab.boxed.rash/history").json()["items"]
    assert [item["change"] for item in gone] == ["removed", "added"]
    assert all(httpx.get(url + item["url"]).status_code == 200 for item in gone)
    assert httpx.get(f"{url}/facts/nothing-of-the-kind/history").status_code == 404


def test_every_read_can_be_pinned_to_a_release_or_a_day(two: tuple[str, str, str], start: Callable[..., str]) -> None:
    database, first, second = two
    url = start(database)
    paths = ["/mechanisms", f"/mechanisms/{MECHANISM}", "/therapies/examplumab", "/therapies/examplumab/warnings"]
    paths += ["/suggest?q=exam", "/resolve?name=Examplara", "/search?q=blocks", "/mechanisms?format=csv"]
    paths += ["/adverse-events/compare?therapies=examplumab", "/adverse-events/matrix?therapies=examplumab"]
    for path in paths:
        mark = "&" if "?" in path else "?"
        pinned = httpx.get(f"{url}{path}{mark}release={first}")
        then = httpx.get(f"{url}{path}{mark}as_of=2026-03-02")
        assert pinned.status_code == then.status_code == 200, path
        assert pinned.headers["X-Release"] == then.headers["X-Release"] == first, path
        assert pinned.content == then.content, path
        assert httpx.get(url + path).headers["X-Release"] == second, path
        assert "immutable" not in then.headers.get("Cache-Control", ""), path
    today = dt.datetime.now(dt.UTC).date()
    assert httpx.get(f"{url}/therapies?as_of={today}").headers["X-Release"] == second
    wrong = ["as_of=2026-03-01", "as_of=2999-01-01", "as_of=yesterday", f"as_of={today}&release={first}"]
    for question in wrong:
        problem = httpx.get(f"{url}/therapies?{question}")
        assert problem.status_code == 422, question
        assert problem.json()["errors"][0]["parameter"] == "as_of"


def test_going_back_is_one_command_and_is_seen_within_two_seconds(
    two: tuple[str, str, str], start: Callable[..., str]
) -> None:
    database, first, second = two
    url = start(database)
    waited(url, second)
    done = run("app", "release", "activate", first, database=database)
    assert done.returncode == 0, done.stderr
    assert waited(url, first) < 2
    assert httpx.get(f"{url}/mechanisms/{MECHANISM}").json()["description"] == "Blocks."
    listed = run("app", "release", "list", database=database).stdout.splitlines()
    assert [line.split()[:2] for line in listed] == [[second, listed[0].split()[1]], ["*", first]]
    assert [item["current"] for item in httpx.get(f"{url}/releases").json()["items"]] == [False, True]
    assert "current already" in run("app", "release", "activate", first, database=database).stdout
    unknown = run("app", "release", "activate", "1999.01.01", database=database)
    assert unknown.returncode == 1
    assert "Traceback" not in unknown.stderr


def test_a_removed_release_is_gone_and_its_version_is_not_given_again(
    two: tuple[str, str, str], start: Callable[..., str], tmp_path: Path
) -> None:
    database, first, second = two
    refused = run("app", "release", "remove", second, database=database)
    assert refused.returncode == 1
    assert "is current" in refused.stderr
    assert run("app", "release", "remove", first, database=database).returncode == 0
    url = start(database)
    problem = httpx.get(f"{url}/therapies?release={first}")
    assert problem.status_code == 422
    assert "was removed" in problem.json()["detail"]
    assert "was removed" in httpx.get(f"{url}/therapies?as_of=2026-03-02").json()["detail"]
    assert httpx.get(f"{url}/releases/{first}").status_code == 404
    assert [item["version"] for item in httpx.get(f"{url}/releases").json()["items"]] == [second]
    assert httpx.get(f"{url}/search?q=blocks").json()["total"] > 0
    again = run("seed", "load", "--facts", str(write(sound(), tmp_path / "again")), database=database)
    assert again.returncode == 0, again.stderr
    versions = [row[0] for row in databases.rows(database, "SELECT version FROM release ORDER BY id")]
    assert len(set(versions)) == 3
    if database.startswith("sqlite"):
        databases.execute(database, "INSERT INTO search_fts(search_fts) VALUES ('integrity-check')")


def test_a_whole_release_is_one_download_that_can_be_served_and_restored(
    two: tuple[str, str, str], start: Callable[..., str], new_database: Callable[..., str], tmp_path: Path
) -> None:
    database, first, second = two
    url = start(database)
    paths = {}
    for format_ in ("sqlite", "jsonl", "sha256"):
        answer = httpx.get(f"{url}/releases/{first}/download?format={format_}", timeout=60)
        assert answer.status_code == 200
        name = answer.headers["Content-Disposition"].split('"')[1]
        paths[format_] = tmp_path / name
        paths[format_].write_bytes(answer.content)
    for line in paths["sha256"].read_text().splitlines():
        digest, name = line.split()
        assert hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() == digest
    served = start(f"sqlite:///{paths['sqlite']}")
    question = f"/therapies?facets=class&q=blocks&release={first}"
    assert httpx.get(served + question).content == httpx.get(url + question).content
    other = new_database()
    assert run("app", "migrate", database=other).returncode == 0
    restored = run("seed", "load", "--release", str(paths["jsonl"]), database=other)
    assert restored.returncode == 0, restored.stderr
    third = start(other)
    assert httpx.get(third + question).content == httpx.get(url + question).content
    assert httpx.get(f"{url}/releases/1999.01.01/download").status_code == 404
    assert httpx.get(f"{url}/releases/{second}/download?format=zip").status_code == 422


def test_every_bundle_holds_what_it_says() -> None:
    found = bundles()
    assert found
    for bundle in found:
        assert bundle.contents().counts == bundle.counts


def test_a_changed_bundle_is_refused(loaded: str, tmp_path: Path) -> None:
    facts, _ = read(write(sound(), tmp_path / "facts"))
    now = dt.datetime(2026, 3, 2, 10, tzinfo=dt.UTC)
    bundle, new = publish(Contents.of_forms(Rendering(facts).forms), now, tmp_path)
    assert (bundle.version, new) == ("2026.03.02", True)
    assert publish(Contents.of_forms(Rendering(facts).forms), now, tmp_path) == (bundle, False)
    wrong = Bundle(bundle.path, bundle.version, bundle.released_on, bundle.activated_at, "0" * 64, bundle.counts)
    with pytest.raises(UnsoundBundleError):
        wrong.contents()
    path = tmp_path / "wrong.jsonl"
    path.write_text('{"release": {"version": "2026.03.03"}}\n')
    for option in (str(path), "2001.01.01"):
        done = run("seed", "load", "--release", option, database=loaded)
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        assert done.stderr.strip()


def test_the_same_facts_have_the_published_version_in_every_database(database: str) -> None:
    version, digest = databases.rows(database, "SELECT version, digest FROM release ORDER BY id DESC LIMIT 1")[0]
    published = {bundle.digest: bundle.version for bundle in bundles()}
    assert published.get(digest, version) == version
    assert digest in published or version not in published.values()
