"""A release for data scientists: the SQLite file for analysis and the Data Package, read by what people use."""

import json
import re
import sqlite3
import subprocess
import sys
import time
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
import pyarrow.parquet as pq
import pytest

from app.nouns.registry import nouns
from app.tabular.references import UNDECLARED_REFERENCES
from app.tabular.relational import Table as Relation
from app.tabular.relational import tables_of
from tests.servers import free_port

MOST_BYTES = 15_000_000


@pytest.fixture(scope="module")
def analysis(data_files: Path) -> Path:
    [found] = data_files.glob("*.analysis.sqlite")
    return found


@pytest.fixture
def connection(analysis: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"file:{analysis}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        yield connection


@pytest.fixture(scope="module")
def relations(texts: dict[str, list[str]]) -> list[Relation]:
    return tables_of(texts)


def names(connection: sqlite3.Connection, kind: str) -> list[str]:
    return [row["name"] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = ?", [kind])]


def test_every_list_is_a_table_with_all_its_records(
    connection: sqlite3.Connection, documents: dict[str, list[dict[str, Any]]]
) -> None:
    for noun in nouns():
        table = noun.name.replace("-", "_")
        ids = {row["id"] for row in connection.execute(f'SELECT id FROM "{table}"')}  # noqa: S608  # ours
        assert ids == {record["id"] for record in documents[noun.name]}


def test_whatever_is_an_id_of_another_table_refers_to_it(relations: list[Relation]) -> None:
    ids = {table.name: {row[0] for row in table.rows} for table in relations if table.owner is None}
    undeclared = []
    for table in relations:
        for place, column in enumerate(table.columns):
            values = {row[place] for row in table.rows if isinstance(row[place], str)}
            if column.name in table.links:
                assert values <= ids[table.links[column.name]], (table.name, column.name)
            elif len(values) > 1 and column.name != "id":
                undeclared += [(table.name, column.name, name) for name, known in ids.items() if values <= known]
    assert undeclared == []


def test_each_exception_is_a_key_that_there_is() -> None:
    for (name, path), target in UNDECLARED_REFERENCES.items():
        noun = next(noun for noun in nouns() if noun.name == name)
        assert path.partition(".")[0] in noun.public.model_fields
        assert target in {noun.name for noun in nouns()}


def test_keys_are_single_and_sound(connection: sqlite3.Connection, relations: list[Relation]) -> None:
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    for table in relations:
        listed = connection.execute(f'PRAGMA foreign_key_list("{table.name}")').fetchall()
        assert len(listed) == len(table.links) == len({row["id"] for row in listed}), table.name
        assert {row["table"] for row in listed} == set(table.links.values())


def test_it_holds_no_blobs_and_is_small(connection: sqlite3.Connection, analysis: Path) -> None:
    assert analysis.stat().st_size <= MOST_BYTES
    for table in names(connection, "table"):
        for column in [row["name"] for row in connection.execute(f'PRAGMA table_info("{table}")')]:
            query = f'SELECT count(*) FROM "{table}" WHERE typeof("{column}") = \'blob\''  # noqa: S608  # ours
            assert connection.execute(query).fetchone()[0] == 0


def test_views_have_the_names_of_what_is_referred_to(connection: sqlite3.Connection, relations: list[Relation]) -> None:
    assert set(names(connection, "view")) == {f"{table.name}_named" for table in relations}
    for table in relations:
        query = f'SELECT count(*), (SELECT count(*) FROM "{table.name}") FROM "{table.name}_named"'  # noqa: S608  # ours
        shown, there = connection.execute(query).fetchone()
        assert shown == there == len(table.rows)
    query = """
        SELECT therapy_name, term_name, cohort_label, evidence_source_title, evidence_level, percent, ci95_low
        FROM adverse_event_rates_named
        WHERE adverse_event_id = 'pembrolizumab.keynote-006-pembrolizumab.fatigue' AND grades = 'any'
    """
    row = dict(connection.execute(query).fetchone())
    assert (row["therapy_name"], row["term_name"], row["percent"]) == ("pembrolizumab", "Fatigue", 28)
    assert row["evidence_level"] == "regulatory_label"
    assert row["cohort_label"].startswith("KEYNOTE-006")


def test_the_rates_are_those_of_the_api(connection: sqlite3.Connection, client: httpx.Client) -> None:
    lines = client.get("/adverse-events/rates?therapy=nivolumab&format=jsonl", timeout=60).text.splitlines()
    query = "SELECT * FROM adverse_event_rates_named WHERE adverse_event_id = ? AND grades = ?"
    for rate in [json.loads(line) for line in lines[:300]]:
        row = connection.execute(query, [rate["adverse_event"], rate["grades"]]).fetchone()
        ends = rate["ci95"] or [None, None]
        found = (row["patients"], row["percent"], row["percent_below"], row["ci95_low"], row["ci95_high"])
        assert found == (rate["patients"], rate["percent"], rate["percent_below"], *ends)
        assert (json.loads(row["computed"]), row["cohort_id"]) == (rate["computed"], rate["cohort"]["id"])


def test_every_column_is_described(connection: sqlite3.Connection) -> None:
    described = {(row["table"], row["column"]) for row in connection.execute('SELECT * FROM "columns"')}
    there = {
        (table, row["name"])
        for table in names(connection, "table")
        if table not in {"about", "columns"}
        for row in connection.execute(f'PRAGMA table_info("{table}")')
    }
    assert described == there
    about = dict(connection.execute('SELECT name, value FROM "about"').fetchall())
    assert about["licence"] == "CC0-1.0"
    assert "not medical advice" in about["description"]


def test_datasette_shows_every_foreign_key_as_a_link(
    connection: sqlite3.Connection, analysis: Path, relations: list[Relation], tmp_path: Path
) -> None:
    file = tmp_path / "facts.db"
    file.write_bytes(analysis.read_bytes())
    port = free_port()
    command = [str(Path(sys.executable).with_name("datasette")), "-p", str(port), str(file)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as datasette:
            _answering(datasette)
            for table in relations:
                page = datasette.get(f"/facts/{table.name}?_size=1").text
                for link in connection.execute(f'PRAGMA foreign_key_list("{table.name}")').fetchall():
                    first = connection.execute(f'SELECT "{link["from"]}" FROM "{table.name}" LIMIT 1').fetchone()  # noqa: S608  # ours
                    cell = re.search(rf'<td class="col-{re.escape(link["from"])} [^>]*>(.*?)</td>', page, re.DOTALL)
                    if first[0] is not None:
                        assert cell is not None, (table.name, link["from"])
                        assert f'<a href="/facts/{link["table"]}/' in cell[1], (table.name, link["from"])
    finally:
        process.terminate()
        process.wait(10)


def _answering(client: httpx.Client) -> None:
    end = time.monotonic() + 60
    while True:
        try:
            client.get("/-/versions.json")
        except httpx.ConnectError:
            assert time.monotonic() < end
            time.sleep(0.1)
        else:
            return


def test_the_package_is_valid(data_files: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what frictionless imports
        from frictionless import Package

        report = Package(str(data_files / "datapackage.json")).validate()
    assert report.valid, report.flatten(["name", "type", "message"])[:5]
    package = json.loads((data_files / "datapackage.json").read_text(encoding="utf-8"))
    assert package["licenses"][0]["name"] == "CC0-1.0"
    assert len(package["sources"]) > 1000
    assert all(
        field["description"] for one in package["resources"] if "schema" in one for field in one["schema"]["fields"]
    )


def test_csv_and_parquet_of_the_package_say_the_same(data_files: Path, relations: list[Relation]) -> None:
    for table in relations:
        read = pq.read_table(data_files / "data" / f"{table.name}.parquet")
        assert read.column_names == [column.name for column in table.columns]
        assert all((field.metadata or {}).get(b"description") for field in read.schema)
        frame = pd.read_csv(data_files / "data" / f"{table.name}.csv", dtype=str, keep_default_na=False)
        assert len(frame) == read.num_rows == len(table.rows)
        for place, column in enumerate(table.columns):
            for cell, value in zip(frame[column.name], (row[place] for row in table.rows), strict=True):
                if isinstance(value, list | dict):
                    assert json.loads(cell) == value, column.name
                else:
                    plain = str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)
                    assert cell == plain.replace("\r\n", "\n"), column.name


def test_both_are_among_the_downloads(client: httpx.Client, tmp_path: Path) -> None:
    sums = client.get("/releases/latest/download?format=sha256", timeout=300).text
    assert [line.rpartition(".")[2] for line in sums.splitlines()] == ["jsonl", "sqlite", "sqlite", "zip", "tsv", "gz"]
    path = tmp_path / "package.zip"
    answer = client.get("/releases/latest/download?format=datapackage", timeout=300)
    assert answer.headers["Content-Type"] == "application/zip"
    path.write_bytes(answer.content)
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert {"datapackage.json", "data/therapies.csv", "data/adverse_event_rates.parquet"} <= set(archive.namelist())
    answer = client.get("/releases/latest/download?format=analysis", timeout=300)
    assert answer.content.startswith(b"SQLite format 3")
    assert answer.headers["Content-Disposition"].endswith('.analysis.sqlite"')
