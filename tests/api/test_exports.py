"""Exports and citations over HTTP: the whole result, equal to its pages, read by independent parsers."""

import csv
import io
import json

import bibtexparser
import httpx
import pytest
import rispy

from app.api.formats.csv_format import cell, columns
from app.nouns.declaration import Noun
from app.nouns.registry import nouns
from tests.api.test_lists import walk

EXPORTS = ("/therapies?class=pd-1-inhibitor", "/indications?therapy=pembrolizumab", "/sources?kind=label")


@pytest.mark.parametrize("noun", nouns(), ids=lambda noun: noun.name)
def test_an_export_equals_its_pages_row_for_row(client: httpx.Client, noun: Noun) -> None:
    narrowed = "?therapy=pembrolizumab,ipilimumab&" if noun.name == "adverse-events" else "?"
    items = walk(client, f"/{noun.name}{narrowed}limit=500")
    lines = client.get(f"/{noun.name}{narrowed}format=jsonl")
    assert [json.loads(line) for line in lines.text.splitlines()] == items
    table = client.get(f"/{noun.name}{narrowed}format=csv")
    rows = list(csv.DictReader(io.StringIO(table.text, newline="")))
    assert [row["id"] for row in rows] == [item["id"] for item in items]
    assert list(rows[0]) == [name for name, _ in columns(noun.listed)]
    for row, item in zip(rows[:20], items, strict=False):
        for name, shown in row.items():
            value = item
            for key in name.split("."):
                value = value and value.get(key)
            assert shown == str(cell(value)), name


def test_an_export_says_release_query_and_licence(client: httpx.Client) -> None:
    answer = client.get("/therapies?target=PD-1&sort=-first_approval&format=csv")
    release = client.get("/service-info").json()["release"]
    assert answer.headers["X-Release"] == release
    assert json.loads(answer.headers["X-Query"]) == {"target": ["PDCD1"], "sort": ["-first_approval"]}
    assert 'rel="license"' in answer.headers["Link"]
    assert release in answer.headers["Content-Disposition"]


def test_accept_chooses_the_format(client: httpx.Client) -> None:
    for accept, kind in (
        ("text/csv", "text/csv"),
        ("application/x-ndjson;q=0.5, text/csv;q=0.9", "text/csv"),
        ("*/*", "application/json"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "application/json"),
        ("application/x-bibtex", "application/x-bibtex"),
    ):
        answer = client.get("/therapies?class=car-t", headers={"Accept": accept})
        assert answer.headers["Content-Type"].startswith(kind), accept
        assert "Accept" in answer.headers["Vary"]
    assert client.get("/therapies", headers={"Accept": "image/png"}).status_code == 406


@pytest.mark.parametrize("path", [*EXPORTS, "/therapies/ipilimumab?"])
def test_citations_are_read_by_independent_parsers(client: httpx.Client, path: str) -> None:
    join = "" if path.endswith("?") else "&"
    entries = client.get(f"{path}{join}format=csl-json").json()
    assert len(entries) > 1
    assert entries[-1]["type"] == "dataset"
    assert all(entry["id"] and entry["title"] and entry["type"] for entry in entries)
    parsed = bibtexparser.loads(client.get(f"{path}{join}format=bibtex").text)
    assert len(parsed.entries) == len(entries)
    assert {entry["ID"] for entry in parsed.entries} == {entry["id"] for entry in entries}
    references = rispy.loads(client.get(f"{path}{join}format=ris").text)
    assert [reference["id"] for reference in references] == [entry["id"] for entry in entries]


def test_a_result_cites_exactly_what_it_used(client: httpx.Client) -> None:
    used = {item["evidence"]["source"]["id"] for item in walk(client, "/adverse-events?event=colitis&limit=500")}
    entries = client.get("/adverse-events?event=colitis&format=csl-json").json()
    assert {entry["id"] for entry in entries[:-1]} == used


@pytest.mark.parametrize(
    ("path", "culprit"),
    [
        ("/therapies?format=xlsx", "format"),
        ("/therapies?format=csv&limit=3", "limit"),
        ("/therapies?format=bibtex&fields=id", "fields"),
        ("/therapies/pembrolizumab?format=csv", "format"),
        ("/therapies?fields=colour", "fields"),
        ("/therapies?include=colour", "include"),
        ("/sources?include=therapy", "include"),
        ("/therapies?id=pembrolizumab,nothing", "id"),
    ],
)
def test_a_shape_that_does_not_exist_is_refused(client: httpx.Client, path: str, culprit: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["parameter"] == culprit


def test_fields_and_include_shape_the_records(client: httpx.Client) -> None:
    body = client.get("/therapies?id=nivolumab,pembrolizumab&fields=name&include=indications,mechanisms").json()
    assert [sorted(item) for item in body["items"]] == [["id", "indications", "mechanisms", "name"]] * 2
    for item in body["items"]:
        nested = client.get(f"/therapies/{item['id']}/indications?limit=500").json()["items"]
        assert item["indications"] == nested
    fact = client.get("/indications?therapy=pembrolizumab&limit=1&include=source,therapy").json()["items"][0]
    assert fact["source"] == client.get(f"/sources/{fact['source']['id']}").json()
    assert fact["therapy"] == client.get("/therapies?id=pembrolizumab").json()["items"][0]
    record = client.get("/therapies/pembrolizumab?fields=name,coverage").json()
    assert sorted(record) == ["coverage", "id", "name"]
