"""docs/adding.md does what it says: a filter, a field and a noun, each in a copy of the project, as it is written."""

import csv
import io
import json
import re
import shlex
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.documented import documented as documented_at
from tests.conftest import ROOT
from tests.databases import rows
from tests.project import Copy
from tests.seed.base import EVIDENCE, sound

ADDING = (ROOT / "docs" / "adding.md").read_text(encoding="utf-8")
INSERT = re.compile(r"<!-- insert into (\S+) after the line `(.+)` -->\n```python\n(.*?)```", re.DOTALL)
FILE = re.compile(r"<!-- file (\S+) -->\n```python\n(.*?)```", re.DOTALL)
COMMANDS = re.compile(r"```console\n(.*?)```", re.DOTALL)


def section(title: str) -> str:
    """A section of the page."""
    return ADDING.split(f"\n## {title}\n")[1].split("\n## ")[0]


def apply(copy: Copy, text: str) -> None:
    """Do with the code of a copy what a section shows, and hold that it is clean."""
    inserted, written = INSERT.findall(text), FILE.findall(text)
    assert inserted or written
    for file, line, code in inserted:
        copy.insert(file, line, code)
    for file, code in written:
        assert not (copy.folder / file).exists()
        (copy.folder / file).write_text(code, encoding="utf-8")
    for file in {file for file, *_ in (*inserted, *written)}:
        copy.run("ruff", "format", "--check", "--diff", file)
        copy.run("ruff", "check", file)


def migrate(copy: Copy, message: str | None = None) -> str:
    """Run the commands that the page shows for a migration; answer the one that was written."""
    [commands] = COMMANDS.findall(section("A field"))
    before = {path.name for path in (copy.folder / "migrations" / "versions").glob("*.py")}
    for command in commands.splitlines():
        words = shlex.split(command)
        if message is not None and "-m" in words:
            words[words.index("-m") + 1] = message
        copy.run(*words)
    [written] = {path.name for path in (copy.folder / "migrations" / "versions").glob("*.py")} - before
    assert written.startswith(f"{int(max(before)[:4]) + 1:04d}_")
    return (copy.folder / "migrations" / "versions" / written).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """A copy of the project with one release, which is published too."""
    copy = Copy(tmp_path_factory.mktemp("prepared"))
    for bundle in (copy.folder / "seed" / "releases").iterdir():
        bundle.unlink()
    copy.write_facts(facts())
    copy.run("python", "-m", "seed", "load", "--migrate")
    copy.run("python", "-m", "seed", "publish")
    return copy


def facts() -> dict[str, Any]:
    """The small fact base with the format of a molecule."""
    files = sound()
    files["therapies/examplumab.json"]["therapy"]["format"] = "Whole antibody"
    return files


@pytest.fixture
def copy(prepared: Copy, tmp_path: Path) -> Copy:
    """A copy of that copy."""
    shutil.copy(prepared.database.removeprefix("sqlite:///"), tmp_path / "copy.db")
    return Copy(tmp_path, origin=prepared.folder)


@contextmanager
def serving(copy: Copy) -> Iterator[httpx.Client]:
    """A client of a server that runs the code of a copy."""
    with (
        copy.served() as url,
        httpx.Client(base_url=url, timeout=60) as client,
    ):
        yield client


def parameters(client: httpx.Client, path: str) -> dict[str, Any]:
    """The documented parameters of a path, by name."""
    operation = documented_at(client)["paths"][path]["get"]
    return {item["name"]: item for item in operation["parameters"]}


def versions(client: httpx.Client) -> list[str]:
    """The versions of all releases, newest first."""
    return [item["version"] for item in client.get("/releases").json()["items"]]


def test_a_filter_is_one_entry_and_is_found_without_reloading(copy: Copy) -> None:
    stored = rows(copy.database, "SELECT list, fingerprint FROM list_index ORDER BY list")
    apply(copy, section("A filter"))
    with serving(copy) as client:
        found = client.get("/therapies?molecule=whole-antibody&facets=molecule").json()
        assert [item["id"] for item in found["items"]] == ["examplumab"]
        assert found["query"]["molecule"] == ["Whole antibody"]
        assert found["facets"]["molecule"] == [{"id": "Whole antibody", "name": "Whole antibody", "count": 1}]
        wrong = client.get("/therapies?molecule=whole+antibodi")
        assert wrong.status_code == 422
        assert wrong.json()["errors"][0]["suggestions"] == ["Whole antibody"]
        documented = parameters(client, "/therapies")
        assert "Format of the molecule." in documented["molecule"]["description"]
        assert "molecule" in documented["facets"]["schema"]["items"]["enum"]
    assert rows(copy.database, "SELECT list, fingerprint FROM list_index ORDER BY list") == stored
    copy.run("python", "-m", "seed", "load")
    assert rows(copy.database, "SELECT list, fingerprint FROM list_index ORDER BY list") != stored


def test_what_every_list_takes_is_refused_as_the_name_of_a_filter(copy: Copy) -> None:
    file, line, code = INSERT.findall(section("A filter"))[0]
    copy.insert(file, line, code.replace('"molecule"', '"format"'))
    said = copy.run("python", "-m", "seed", "load", fails=True)
    assert "The filter 'format' of therapies has the name of a parameter that every list takes" in said


def test_a_field_is_one_line_a_migration_and_the_facts(copy: Copy) -> None:
    [(first,)] = rows(copy.database, "SELECT version FROM release")
    [(before,)] = rows(copy.database, "SELECT document FROM document WHERE id = 'examplumab.boxed.rash'")
    apply(copy, section("A field"))
    written = migrate(copy)
    assert 'sa.Column("section"' in written
    files = facts()
    files["therapies/examplumab.json"]["warnings"][0]["section"] = "5.1"
    copy.write_facts(files)
    copy.run("python", "-m", "seed", "fmt")
    record = (copy.folder / "seed" / "facts" / "therapies" / "examplumab.json").read_text(encoding="utf-8")
    assert '"section": "5.1"' in record
    copy.run("python", "-m", "seed", "load")
    assert rows(copy.database, "SELECT section FROM warning ORDER BY release_id") == [(None,), ("5.1",)]
    with serving(copy) as client:
        assert client.get("/warnings").json()["items"][0]["section"] == "5.1"
        assert client.get("/warnings?fields=section").json()["items"] == [
            {"id": "examplumab.boxed.rash", "section": "5.1"}
        ]
        [row] = csv.DictReader(io.StringIO(client.get("/warnings?format=csv").text))
        assert row["section"] == "'5.1"
        schema = client.get("/openapi.json").json()["components"]["schemas"]["LabelWarning"]
        assert schema["properties"]["section"]["description"] == "Section of the label, such as 5.1."
        # The older release answers as it did, to the byte; in tables the field is empty.
        assert client.get(f"/warnings/examplumab.boxed.rash?release={first}").text == before
        [row] = csv.DictReader(io.StringIO(client.get(f"/warnings?format=csv&release={first}").text))
        assert row["section"] == ""
        diff = client.get(f"/releases/{first}/diff/{versions(client)[0]}").json()
        [changed] = [item for item in diff["items"] if item["kind"] == "warnings"]
        assert changed["fields"] == [{"field": "section", "before": None, "after": "5.1"}]


def bundles_verify(copy: Copy) -> None:
    """What was published before is sound by the code of the copy, and can be restored."""
    read = "from seed.bundles import bundles; print([bundle.read().digest == bundle.digest for bundle in bundles()])"
    assert copy.run("python", "-c", read) == "[True]\n"
    [digest] = {digest for (digest,) in rows(copy.database, "SELECT digest FROM release WHERE id = 1")}
    other = f"sqlite:///{copy.folder / 'restored.db'}"
    copy.run("python", "-m", "seed", "load", "--migrate", "--past", DATABASE_URL=other)
    assert (digest,) in rows(other, "SELECT digest FROM release")


def test_a_noun_is_one_file_and_a_migration(copy: Copy) -> None:
    apply(copy, section("A noun"))
    assert 'op.create_table(\n        "dose"' in migrate(copy, "doses")
    files = facts()
    files["therapies/examplumab.json"]["doses"] = [
        {"route": "intravenous", "milligrams": 400, "every_days": 42, "text": "400 mg every 6 weeks.", "key": "high"},
        {"route": "intravenous", "milligrams": 200, "text": "200 mg.", "condition": "melanoma", "key": "low"},
        {"route": "subcutaneous", "text": "As an injection.", "key": "injection"},
    ]
    for dose in files["therapies/examplumab.json"]["doses"]:
        dose |= EVIDENCE
    copy.write_facts(files)
    copy.run("python", "-m", "seed", "fmt")
    assert '"doses": [' in (copy.folder / "seed/facts/therapies/examplumab.json").read_text(encoding="utf-8")
    [before] = rows(copy.database, "SELECT digest, counts FROM release")
    said = copy.run("python", "-m", "seed", "load")
    assert " has a new index." in said
    columns = "id, position, milligrams, condition_id, therapy_id, source_id, locator"
    of_evidence = ("examplumab", *EVIDENCE.values())
    assert rows(copy.database, f"SELECT {columns} FROM dose ORDER BY position") == [  # noqa: S608  # the names above
        ("examplumab.high", 0, 400.0, None, *of_evidence),
        ("examplumab.injection", 1, None, None, *of_evidence),
        ("examplumab.low", 2, 200.0, "melanoma", *of_evidence),
    ]
    assert rows(copy.database, "SELECT release_id FROM list_index WHERE list = 'doses'") == [(2,)]
    assert rows(copy.database, "SELECT digest, counts FROM release WHERE id = 1") == [before]
    assert "doses" not in json.loads(before[1])
    copy.run("python", "-m", "seed", "coverage")
    assert "| doses | 3 |" in (copy.folder / "seed" / "COVERAGE.md").read_text(encoding="utf-8")
    with serving(copy) as client:
        new, first = versions(client)
        lists_and_records(client)
        exports(client)
        counted_searched_and_compared(client, first, new)
        older_releases_have_none(client, first)
        documented(client)
    bundles_verify(copy)
    files["therapies/examplumab.json"]["doses"][0]["condition"] = "asthma"
    copy.write_facts(files)
    said = copy.run("python", "-m", "seed", "check", fails=True)
    assert "doses high: [unknown-reference] There is no 'asthma' among the conditions." in said


def lists_and_records(client: httpx.Client) -> None:
    """Lists, records, nested lists, filters, facets, sorts, full text and pages."""
    page = client.get("/doses?sort=-milligrams&facets=route,class").json()
    assert [item["id"] for item in page["items"]] == ["examplumab.high", "examplumab.low", "examplumab.injection"]
    assert {value["id"]: value["count"] for value in page["facets"]["route"]} == {"intravenous": 2, "subcutaneous": 1}
    [of_class] = page["facets"]["class"]
    assert (of_class["id"], of_class["name"], of_class["count"]) == ("pd-1-inhibitor", "PD-1 inhibitor", 3)
    record = client.get("/doses/examplumab.low").json()
    assert record["condition"] == {"id": "melanoma", "name": "Melanoma"}
    assert record["evidence"]["source"]["id"] == EVIDENCE["source"]
    assert client.get("/therapies/examplumab/doses").json()["total"] == 3
    assert client.get("/therapies/Examplara/doses").status_code == 307
    for query, total in {
        "milligrams_from=200": 2,
        "route=SUBCUTANEOUS": 1,
        "q=weeks": 1,
        "q=melanoma": 1,
        "therapy=Examplara": 3,
    }.items():
        assert client.get(f"/doses?{query}").json()["total"] == total, query
    assert client.get("/doses?limit=2").json()["next"]
    assert client.get("/doses?milligrams_from=-1").status_code == 422
    assert "source" in client.get("/doses?include=source").json()["items"][0]
    for path, link in {
        "/browse/doses": "/browse/doses/examplumab.low",
        "/browse/therapies/examplumab": "/browse/doses?therapy=examplumab",
    }.items():
        html = client.get(path, headers={"Accept": "text/html"}).text
        for shown in ("Doses", "400 mg every 6 weeks.", "intravenous", ">Melanoma<", f'href="{link}"'):
            assert shown in html, (path, shown)


def exports(client: httpx.Client) -> None:
    """Tables and citations."""
    table = list(csv.DictReader(io.StringIO(client.get("/doses?format=csv").text)))
    assert {row["id"]: row["milligrams"] for row in table}["examplumab.high"] == "400"
    assert client.get("/doses?format=jsonl").text.count("\n") == 3
    assert "EXAMPLARA" in client.get("/doses?format=bibtex").text


def counted_searched_and_compared(client: httpx.Client, first: str, new: str) -> None:
    """The therapy, the search, the differences, the history and the service know the noun."""
    therapy = client.get("/therapies/examplumab").json()
    assert therapy["counts"]["doses"] == 3
    assert therapy["coverage"]["doses"] == "curated"
    assert [dose["id"] for dose in therapy["doses"]] == ["examplumab.high", "examplumab.injection", "examplumab.low"]
    found = client.get("/search?q=weeks&type=dose").json()
    assert [(hit["type"], hit["id"], hit["name"]) for hit in found["items"]] == [
        ("dose", "examplumab.high", "examplumab")
    ]
    diff = client.get(f"/releases/{first}/diff/{new}").json()
    assert diff["counts"]["doses"] == {"added": 3, "removed": 0, "changed": 0}
    assert diff["counts"]["mechanisms"] == {"added": 0, "removed": 0, "changed": 0}
    history = client.get("/facts/examplumab.low/history").json()["items"]
    assert [(item["release"]["version"], item["change"]) for item in history] == [(new, "added")]
    assert client.get("/service-info").json()["counts"]["doses"] == 3
    lines = client.get(f"/releases/{new}/download?format=jsonl").text.splitlines()
    assert sum(json.loads(line).get("list") == "doses" for line in lines) == 3


def older_releases_have_none(client: httpx.Client, first: str) -> None:
    """An older release answers an empty list, and everything else as it did."""
    empty = client.get(f"/doses?release={first}&facets=route&q=weeks&sort=milligrams").json()
    assert (empty["items"], empty["total"], empty["facets"]) == ([], 0, {"route": []})
    nested = client.get(f"/therapies/examplumab/doses?release={first}").json()
    assert nested["total"] == 0
    assert nested["absence"][0]["coverage"] == "not curated"
    assert client.get(f"/doses/examplumab.low?release={first}").status_code == 404
    assert client.get(f"/doses?format=csv&release={first}").text.count("\n") == 1
    assert client.get(f"/search?q=weeks&release={first}").json()["total"] == 0
    old = client.get(f"/therapies/examplumab?release={first}").json()
    assert "doses" not in old
    assert client.get(f"/releases/{first}/download?format=sqlite").status_code == 200


def documented(client: httpx.Client) -> None:
    """The OpenAPI document has the noun, and its examples are answered."""
    document = client.get("/openapi.json").json()
    assert {"/doses", "/doses/{id}", "/therapies/{id}/doses"} <= document["paths"].keys()
    operation = document["paths"]["/doses"]["get"]
    assert operation["summary"] == "Find doses"
    example = operation["responses"]["200"]["content"]["application/json"]["example"]
    assert example["items"][0] == client.get(example["permalink"]).json()["items"][0]
    assert {"route", "milligrams_from", "therapy", "level"} <= parameters(client, "/doses").keys()
    assert "Dose" in document["components"]["schemas"]
