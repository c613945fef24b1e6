"""Exports and citations over HTTP: the whole result, equal to its pages, read by independent parsers."""

import csv
import io
import json
import time
from collections.abc import Callable

import bibtexparser
import httpx
import pytest
import rispy

from app.api.formats.csv_format import names_of
from app.nouns.declaration import Noun
from app.nouns.registry import nouns
from app.tabular.forms import keys_of
from tests.api.test_lists import walk

EXPORTS = ("/therapies?class=pd-1-inhibitor", "/indications?therapy=pembrolizumab", "/sources?kind=label")


@pytest.mark.parametrize("noun", nouns(), ids=lambda noun: noun.name)
def test_an_export_equals_its_pages_row_for_row(
    client: httpx.Client, narrowed: Callable[[str], str], noun: Noun
) -> None:
    query = f"/{noun.name}?{narrowed(noun.name)}"
    items = walk(client, f"{query}&limit=97")
    lines = client.get(f"{query}&format=jsonl")
    assert [json.loads(line) for line in lines.text.splitlines()] == items
    table = client.get(f"{query}&format=csv")
    rows = list(csv.DictReader(io.StringIO(table.text, newline="")))
    assert [row["id"] for row in rows] == [item["id"] for item in items]
    assert list(rows[0]) == names_of(keys_of(noun.listed))


def test_an_export_says_release_query_and_licence(client: httpx.Client) -> None:
    answer = client.get("/therapies?target=PD-1&sort=-first_approval&format=csv")
    release = client.get("/service-info").json()["release"]
    assert answer.headers["X-Release"] == release
    assert json.loads(answer.headers["X-Query"]) == {"target": ["PDCD1"], "sort": ["-first_approval"]}
    assert 'rel="license"' in answer.headers["Link"]
    assert release in answer.headers["Content-Disposition"]


@pytest.mark.parametrize("noun", nouns(), ids=lambda noun: noun.name)
@pytest.mark.parametrize("format_", ["csv", "jsonl"])
def test_an_export_is_known_by_its_etag_and_asked_for_in_parts(
    client: httpx.Client, narrowed: Callable[[str], str], noun: Noun, format_: str
) -> None:
    path, plain = f"/{noun.name}?format={format_}&{narrowed(noun.name)}", {"Accept-Encoding": "identity"}
    whole = client.get(path, headers=plain)
    head = client.head(path, headers=plain)
    length, etag = len(whole.content), whole.headers["ETag"]
    assert head.content == b""
    assert (int(head.headers["Content-Length"]), head.headers["ETag"]) == (length, etag)
    assert client.get(path, headers=plain).headers["Content-Length"] == str(length)  # it is known by now
    for coding in ("gzip", "zstd"):
        packed = client.get(path, headers={"Accept-Encoding": coding})
        assert packed.headers["Content-Encoding"] == coding
        assert packed.headers["ETag"] == f"W/{etag}"
        assert packed.content == whole.content
    for known in (etag, f"W/{etag}", f'"x", {etag}', "*"):
        unchanged = client.get(path, headers={"If-None-Match": known})
        assert (unchanged.status_code, unchanged.content) == (304, b"")
        assert unchanged.headers["Cache-Control"] == whole.headers["Cache-Control"]
    places = [(0, 1), (0, 4), (length // 2, length // 2 + 999), (length - 1, length - 1), (0, length + 9), (7, None)]
    for first, last in places:
        asked = plain | {"Range": f"bytes={first}-{'' if last is None else last}", "If-Range": etag}
        part = client.get(path, headers=asked)
        stop = length if last is None else min(length, last + 1)
        assert part.status_code == 206
        assert part.content == whole.content[first:stop]
        assert part.headers["Content-Range"] == f"bytes {first}-{stop - 1}/{length}"
        assert part.headers["ETag"] == etag
    assert client.get(path, headers={"Range": "bytes=-10"}).content == whole.content[-10:]
    for ignored in ({"Range": "bytes=0-1,5-6"}, {"Range": "lines=0-1"}, {"Range": "bytes=5-2"}, {"Range": "bytes=-"},
                    {"Range": "bytes=0-1", "If-Range": '"other"'}):  # fmt: skip
        answer = client.get(path, headers=plain | ignored)
        assert (answer.status_code, answer.content) == (200, whole.content)
    beyond = client.get(path, headers={"Range": f"bytes={length}-"})
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, f"bytes */{length}")
    assert beyond.headers["Content-Type"] == "application/problem+json"


def test_the_parts_of_an_export_make_it(client: httpx.Client) -> None:
    path = "/warnings?level=boxed&sort=-therapy&format=csv&bom=true"
    whole = client.get(path).content
    length = int(client.head(path, headers={"Accept-Encoding": "identity"}).headers["Content-Length"])
    parts = [client.get(path, headers={"Range": f"bytes={at}-{at + 9998}"}).content for at in range(0, length, 9999)]
    assert b"".join(parts) == whole


def test_what_differs_has_another_etag(client: httpx.Client, uncached: str) -> None:
    paths = ["/targets?format=csv", "/targets?format=jsonl", "/targets?format=csv&bom=true", "/events?format=csv",
             "/targets?format=csv&q=pd"]  # fmt: skip
    etags = [client.get(path).headers["ETag"] for path in paths]
    assert len(set(etags)) == len(paths)
    assert [httpx.get(uncached + path).headers["ETag"] for path in paths] == etags  # another replica


def test_a_length_costs_an_export_but_once(client: httpx.Client) -> None:
    path = "/adverse-events?format=csv"
    seconds = []
    for _ in range(3):
        began = time.perf_counter()
        assert client.head(f"{path}&serious=true", headers={"Accept-Encoding": "identity"}).status_code == 200
        seconds.append(time.perf_counter() - began)
    began = time.perf_counter()
    client.get(path, headers={"Accept-Encoding": "identity"})
    assert min(seconds[1:]) * 5 < time.perf_counter() - began


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
        ("/therapies?format=ods", "format"),
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
