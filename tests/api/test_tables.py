"""Every column of every list, read from the running server by what people use: csv, pandas, polars and DuckDB.

Each reads whole lists, for what a column is may show late in it. Cells are compared in each tenth row, and in rows that
together have each key with each type of value. What a spreadsheet would make of each cell is simulated, by other means
than those of the code: by parsing it.
"""

import calendar
import csv
import datetime as dt
import io
import json
import math
import re
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pandas as pd
import polars as pl
import pytest

from app.nouns.declaration import Noun
from app.nouns.registry import nouns
from tests.api.conftest import said

MONTHS = ("%b", "%B")
DAYS = [f"{a}{mark}{b}" for a, b in (("%d", "%m"), ("%m", "%d"), ("%m", "%Y"), ("%Y", "%m")) for mark in "-/."]
DAYS += [
    f"{a}{mark}{b}{mark}{c}"
    for a, b, c in (("%d", "%m", "%Y"), ("%m", "%d", "%Y"), ("%Y", "%m", "%d"))
    for mark in "-/."
]
DAYS += [f"{a}{mark}{b}" for month in MONTHS for mark in ("", " ", "-", "/") for a, b in (
    ("%d", month), (month, "%d"), (month, "%Y"), (month, "%y"), ("%Y", month))]  # fmt: skip
DAYS += [form for month in MONTHS for form in (f"%d {month} %Y", f"{month} %d, %Y", f"%d-{month}-%y", f"%d-{month}-%Y")]
TIMES = ["%H:%M", "%H:%M:%S", "%I:%M %p", "%I %p"]
_NAMED = "|".join([*calendar.month_name[1:], *calendar.month_abbr[1:], "AM", "PM"])
_DATED = re.compile(rf"[\d\s:./,-]*({_NAMED})?[\d\s:./,-]*", re.IGNORECASE)
"""Digits and marks, and one name of a month at most: whatever else is written has none of the forms above."""
MISSING = {"", "na", "n/a", "null", "none", "nan", "#n/a", "<na>", "nil"}
LONGEST_CELL = 32_767
"""Characters of a cell of Excel."""


@cache
def retyped(shown: str) -> Any:
    """What a spreadsheet, in one country or another, makes of a cell; None where it stays a text."""
    text = shown.strip()
    if shown[:1] in {"=", "+", "-", "@", "\t", "\r"} and not re.fullmatch(r"-?\d+(\.\d+)?", shown):
        return "a formula"
    if text.lower() in {"true", "false"}:
        return text.lower() == "true"
    number = re.sub(r"(?<=\d)[,\s](?=\d{3})|^[$€£]\s*|\s*[%€]$", "", text)
    if re.fullmatch(r"\((.+)\)", number):
        number = number[1:-1]
    try:
        if not re.search(r"[a-df-z_]", number, re.IGNORECASE):
            return float(number)
    except ValueError:
        pass
    if re.fullmatch(r"(\d+ )?\d+/\d+", text):
        return "a fraction"
    if len(text) > 30 or not re.search(r"\d", text) or not _DATED.fullmatch(text):  # no day, no time
        return None
    for form in (*DAYS, *TIMES):
        try:
            return dt.datetime.strptime(text, form)  # noqa: DTZ007  # as a spreadsheet reads it
        except ValueError:
            continue
    return None


@pytest.mark.parametrize(
    "text",
    ["3-4", "5.10", "5.1", "1/2", "12-Nov", "MAR1", "SEPT 2", "2019-03", "1E5", "007", "TRUE", "50 %", "1,000", "10:30",
     "1:2", "=1+1", "-x", "February 2025", "1 May", "(5)", "€ 5"],
)  # fmt: skip
def test_the_simulation_knows_what_spreadsheets_retype(text: str) -> None:
    from app.api.formats.cells import cell

    assert retyped(text.replace("SEPT", "Sep")) is not None
    written = cell(text)
    assert isinstance(written, str)
    assert written == f"'{text}"
    assert retyped(written) is None


def values(record: Any, column: str) -> Any:
    """The value of a column in the JSON of a record."""
    for key in column.split("."):
        record = record and record.get(key)
    return record


class Table:
    """A list as its CSV file, and as JSON."""

    def __init__(self, client: httpx.Client, noun: Noun) -> None:
        self.text = client.get(f"/{noun.name}?format=csv").text
        self.rows = list(csv.DictReader(io.StringIO(self.text, newline="")))
        self.records = [json.loads(line) for line in client.get(f"/{noun.name}?format=jsonl").text.splitlines()]
        self.release = client.get("/service-info").json()["release"]
        self.columns = list(self.rows[0])
        keys: set[tuple[str, type]] = set()
        self.compared = []
        for place, record in enumerate(self.records):
            found = said(record)
            if place % 10 == 0 or not found <= keys:
                self.compared.append(place)
            keys |= found

    def pick(self, cells: Sequence[Any]) -> list[Any]:
        """Of the cells of a column, those that are compared."""
        return [cells[place] for place in self.compared]

    @cache  # noqa: B019  # a table lives as long as this module's tests
    def of(self, column: str) -> list[Any]:
        """The JSON values of a column."""
        if column == "release":
            return [self.release] * len(self.records)
        pair = re.fullmatch(r"(.+)_(low|high)", column)
        if pair:
            found = [values(record, pair[1]) for record in self.records]
            return [value and value[pair[2] == "high"] for value in found]
        return [values(record, column) for record in self.records]


@pytest.fixture(scope="module", params=nouns(), ids=lambda noun: noun.name)
def table(request: pytest.FixtureRequest, client: httpx.Client) -> Table:
    """Each list."""
    return Table(client, request.param)


def test_every_cell_says_what_the_json_says(table: Table) -> None:
    assert len(table.rows) == len(table.records) > 0
    assert table.columns[-1] == "release"
    for column in table.columns:
        for row, value in zip(table.pick(table.rows), table.pick(table.of(column)), strict=True):
            shown = row[column]
            assert len(shown) <= LONGEST_CELL, column
            if value is None:
                assert shown == "", column
            elif isinstance(value, bool):
                assert shown == str(value).lower(), column
            elif isinstance(value, (int, float)):
                assert shown == str(value), column
            elif isinstance(value, str):
                written = {value, f"'{value}", f"grade {value}", f"{value} grade", f"section {value}", f"phase {value}"}
                assert shown in written, column
            elif value and not isinstance(value[0], str) and not {"id", "name"} <= value[0].keys():
                assert json.loads(shown) == value, column
            else:
                parts = [part if isinstance(part, str) else part["id"] or part["name"] for part in value]
                assert shown.removeprefix("'") == "; ".join(parts), column


def test_no_spreadsheet_retypes_a_text(table: Table) -> None:
    """Of all rows: each text of a column once."""
    for column in table.columns[:-1]:
        values = table.of(column)
        texts = [at for at, value in enumerate(values) if isinstance(value, (str, list))]
        assert all(table.rows[at][column] or not values[at] for at in texts), column
        for shown in {table.rows[at][column] for at in texts}:
            read = retyped(shown)
            same_day = isinstance(read, dt.datetime) and re.fullmatch(r"\d{4}-\d\d-\d\d", shown)
            same_number = isinstance(read, float) and shown == f"{read:.0f}"
            assert read is None or same_day or same_number, (column, shown)
            assert shown.lower() not in MISSING - {""}, column


def assert_read(table: Table, column: str, read: list[Any]) -> None:
    """A program read each cell of a column as what it is."""
    for value, found, row in zip(*map(table.pick, (table.of(column), read, table.rows)), strict=True):
        missing = found is None or found == "" or (isinstance(found, float) and math.isnan(found))
        if value is None or row[column] == "":
            assert missing, (column, found)
        elif isinstance(value, bool):
            assert str(found).lower() == str(value).lower(), column
        elif isinstance(value, (int, float)):
            assert float(found) == value, column
        elif isinstance(found, dt.date):
            assert found.isoformat()[:10] == value, column
        elif isinstance(found, (int, float)):
            assert value == f"{found:.0f}", (
                column,
                value,
                found,
            )  # a number that is written as one, such as a PubMed id
        else:
            assert found == row[column], column


def test_pandas_reads_every_column(table: Table) -> None:
    frame = pd.read_csv(io.StringIO(table.text), low_memory=False)  # or it warns of columns that begin with empty cells
    assert list(frame.columns) == table.columns
    for column in table.columns:
        assert_read(table, column, frame[column].tolist())


def test_polars_reads_every_column(table: Table) -> None:
    frame = pl.read_csv(table.text.encode(), infer_schema_length=None)  # decimals may come late in a column
    assert frame.columns == table.columns
    for column in table.columns:
        assert_read(table, column, frame[column].to_list())


@pytest.mark.parametrize("name", ["therapies", "indications"])
def test_an_address_is_read_as_its_file_is(client: httpx.Client, name: str) -> None:
    address = f"{str(client.base_url).rstrip('/')}/{name}?format=csv"
    file = client.get(f"/{name}?format=csv").content
    frame = pl.read_csv(file, infer_schema_length=None)
    assert pl.read_csv(address, infer_schema_length=None).equals(frame)
    assert pl.scan_csv(address, infer_schema_length=None).collect().equals(frame)
    assert pd.read_csv(address, low_memory=False).equals(pd.read_csv(io.BytesIO(file), low_memory=False))


def test_duckdb_reads_every_column(table: Table, tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    file.write_bytes(table.text.encode())
    with duckdb.connect() as connection:
        found = connection.read_csv(str(file), dtype={"release": "VARCHAR"})  # DuckDB takes 2026.11.29 for a day
        assert found.columns == table.columns
        rows = found.fetchall()
    for number, column in enumerate(table.columns):
        assert_read(table, column, [row[number] for row in rows])


@pytest.mark.parametrize("noun", nouns(), ids=lambda noun: noun.name)
def test_excel_knows_utf_8_by_its_mark(client: httpx.Client, narrowed: Callable[[str], str], noun: Noun) -> None:
    query = f"/{noun.name}?q=a&{narrowed(noun.name)}&format=csv"
    plain, marked = client.get(query), client.get(f"{query}&bom=true")
    assert marked.content == b"\xef\xbb\xbf" + plain.content
    assert marked.content.decode("utf-8-sig") == plain.text
    assert client.get(f"{query}&bom=false").content == plain.content
    for format_ in ("json", "jsonl", "bibtex"):
        problem = client.get(f"/{noun.name}?format={format_}&bom=true")
        assert (problem.status_code, problem.json()["errors"][0]["parameter"]) == (422, "bom")
