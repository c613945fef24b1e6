"""Parquet and Excel files of every list, read by what people use, against the JSON of the same records."""

import datetime as dt
import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import httpx
import openpyxl
import pandas as pd
import polars as pl
import pyarrow.parquet as pq
import pytest

from app.nouns.registry import nouns
from tests.conftest import ROOT

LISTS = [*(noun.name for noun in nouns()), "adverse-events/rates"]


class Listed(NamedTuple):
    """A list as JSON, and the address of its files."""

    address: str
    records: list[dict[str, Any]]
    release: str

    def of(self, column: str) -> list[Any]:
        """The values of a column, as the JSON of the records has them."""
        if column == "release":
            return [self.release] * len(self.records)
        name, _, end = column.rpartition("_")
        found = [at(record, column) for record in self.records]
        if end in {"low", "high"} and not any(value is not None for value in found):
            pairs = [at(record, name) for record in self.records]
            return [pair and pair[end == "high"] for pair in pairs]
        return found


def at(record: Any, path: str) -> Any:
    """What stands at a dotted path."""
    for key in path.split("."):
        record = record.get(key) if isinstance(record, dict) else None
    return record


def list_of(client: httpx.Client, narrowed: Callable[[str], str], name: str) -> Listed:
    """A list, narrowed so that it is soon read."""
    query = f"/{name}?{narrowed(name)}"
    records = [json.loads(line) for line in client.get(f"{query}&format=jsonl").text.splitlines()]
    release = client.get("/service-info").json()["release"]
    return Listed(f"{str(client.base_url).rstrip('/')}{query}", records, release)


@pytest.fixture(scope="module", params=LISTS)
def expected(request: pytest.FixtureRequest, client: httpx.Client, narrowed: Callable[[str], str]) -> Listed:
    """Each list. All tests of one run before those of the next: a server keeps its file so long, and writes it once."""
    return list_of(client, narrowed, request.param)


def as_json(value: Any) -> Any:
    """A value that was read, as JSON has it."""
    if isinstance(value, dt.datetime | pd.Timestamp):
        return value.isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    return [as_json(item) for item in value] if isinstance(value, list) else value


def complete(value: Any, like: Any) -> Any:
    """A value of JSON with the keys that another has too: null, where it leaves them out."""
    if isinstance(value, dict) and isinstance(like, dict):
        assert value.keys() <= like.keys()
        return {key: complete(value.get(key), item) for key, item in like.items()}
    if isinstance(value, list) and isinstance(like, list) and len(value) == len(like):
        return [complete(one, other) for one, other in zip(value, like, strict=True)]
    return value


def same(read: Any, value: Any) -> bool:
    found = as_json(read)
    wanted = complete(value, found)
    return found == wanted and (type(found) is type(wanted) or {type(found), type(wanted)} == {int, float})


def test_parquet_has_every_value_with_its_type_and_every_column_its_description(expected: Listed) -> None:
    content = httpx.get(f"{expected.address}&format=parquet", timeout=60).content
    table = pq.read_table(io.BytesIO(content))
    assert table.num_rows == len(expected.records) > 0
    header = httpx.get(f"{expected.address}&format=csv", timeout=60).text.split("\r\n", 1)[0]
    assert table.column_names == header.split(",")
    assert [field.name for field in table.schema if not (field.metadata or {}).get(b"description")] == []
    for column in table.column_names:
        pairs = zip(table[column].to_pylist(), expected.of(column), strict=True)
        assert [(read, value) for read, value in pairs if not same(read, value)][:1] == [], column
    about = {key.decode(): value.decode() for key, value in table.schema.metadata.items()}
    assert about["release"] == expected.release
    assert about["licence"] == "CC0-1.0"
    assert about["permalink"].endswith(f"release={expected.release}")


def test_excel_has_typed_cells_described_on_a_second_sheet(expected: Listed) -> None:
    content = httpx.get(f"{expected.address}&format=xlsx", timeout=120).content
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    assert len(book.sheetnames) == 3
    rows = book.worksheets[0].iter_rows(values_only=True)
    names = [str(cell) for cell in next(rows)]
    cells = list(rows)
    assert len(cells) == len(expected.records)
    for number, column in enumerate(names):
        for row, value in zip(cells, expected.of(column), strict=True):
            cell = row[number]
            if isinstance(value, list) and all(isinstance(item, str) for item in value):
                assert (cell or "") == "; ".join(value), column
            elif isinstance(value, list):
                ids = [(item["id"] or item["name"]) if {"id", "name"} <= item.keys() else None for item in value]
                assert cell is not None or not value, column
                assert cell == "; ".join(ids) if all(ids) else value == json.loads(str(cell)), column
            elif isinstance(cell, dt.datetime):
                assert cell.date().isoformat() == value, column
            else:
                assert cell == value or (cell is None and value == ""), (column, cell, value)
                assert isinstance(cell, bool) == isinstance(value, bool), column
    described = list(book.worksheets[1].iter_rows(min_row=2, values_only=True))
    assert [row[0] for row in described] == names
    assert all(row[2] for row in described)
    about = dict(book.worksheets[2].iter_rows(values_only=True))
    assert about["release"] == expected.release


def test_data_frames_read_parquet_by_its_address(expected: Listed) -> None:
    address = f"{expected.address}&format=parquet"
    ids = [record["id"] for record in expected.records]
    assert pd.read_parquet(address)["id"].tolist() == ids
    assert pl.read_parquet(address)["id"].to_list() == ids
    assert pl.scan_parquet(address).select(pl.len()).collect().item() == len(ids)


def test_duckdb_reads_parquet(client: httpx.Client, narrowed: Callable[[str], str], tmp_path: Path) -> None:
    expected = list_of(client, narrowed, "adverse-events/rates")
    address = f"{expected.address}&format=parquet"
    with duckdb.connect() as connection:
        try:
            connection.execute("LOAD httpfs")
        except duckdb.Error:  # its extension is loaded from DuckDB's own site, once
            file = tmp_path / "rates.parquet"
            file.write_bytes(httpx.get(address, timeout=60).content)
            address = str(file)
        found = connection.execute(f"SELECT count(*), sum(percent) FROM read_parquet('{address}')").fetchone()  # noqa: S608  # ours
    percents = [record["percent"] for record in expected.records if record["percent"] is not None]
    assert found is not None
    assert found[0] == len(expected.records)
    assert found[1] == pytest.approx(sum(percents))


@pytest.mark.parametrize("format_", ["parquet", "xlsx"])
def test_a_file_has_a_length_and_parts_and_is_known_by_its_etag(
    client: httpx.Client, uncached: str, format_: str
) -> None:
    path = f"/targets?q=pd&format={format_}"
    whole = client.get(path, timeout=60)
    etag, length = whole.headers["ETag"], len(whole.content)
    assert not etag.startswith("W/")
    assert httpx.get(uncached + path, timeout=60).content == whole.content  # another replica, the same bytes
    assert httpx.get(uncached + path).headers["ETag"] == etag
    head = client.head(path)
    assert (head.content, int(head.headers["Content-Length"]), head.headers["ETag"]) == (b"", length, etag)
    assert client.get(path, headers={"If-None-Match": etag}).status_code == 304
    part = client.get(path, headers={"Range": f"bytes={length - 8}-"})
    assert (part.status_code, part.content) == (206, whole.content[-8:])
    assert part.headers["Content-Range"] == f"bytes {length - 8}-{length - 1}/{length}"
    several = client.get(path, headers={"Range": "bytes=0-3,5-6"})
    assert (several.status_code, several.content) == (200, whole.content)
    assert client.get(path, headers={"Range": f"bytes={length}-"}).status_code == 416
    assert whole.headers["Content-Disposition"].endswith(f'.{format_}"')
    assert "Content-Encoding" not in client.get(path, headers={"Accept-Encoding": "zstd, gzip"}).headers


def test_files_that_are_being_written_are_not_removed_to_make_room(
    serve_module: Callable[..., str], database: str, tmp_path: Path
) -> None:
    kept = tmp_path / "tables"
    kept.mkdir()
    for number in range(30):
        (kept / f"{number}.parquet").touch()
        os.utime(kept / f"{number}.parquet", (1000, 1000))
    (kept / "of-a-killed-process").mkdir()
    os.utime(kept / "of-a-killed-process", (0, 0))
    server = serve_module(database, DOWNLOADS=str(tmp_path))
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(httpx.get, f"{server}/warnings?format=xlsx", timeout=60)
        while not any(path.is_dir() and any(path.iterdir()) for path in kept.iterdir()):
            assert not answer.done(), answer.result().text
        assert httpx.get(f"{server}/targets?q=pd&format=parquet", timeout=60).status_code == 200
        files = []
        while not answer.done():
            files += [path for path in kept.iterdir() if path.is_file() and path.suffix not in {".parquet", ".xlsx"}]
        assert answer.result().status_code == 200, answer.result().text
    assert files == []  # what libraries write meanwhile, some of it of 1980, stands elsewhere
    assert len(list(kept.iterdir())) == 20
    assert not any(path.is_dir() for path in kept.iterdir())


def test_a_workbook_holds_no_formula(client: httpx.Client) -> None:
    content = client.get("/indications?format=xlsx", timeout=60).content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheets = [archive.read(name) for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
    assert len(sheets) == 3
    assert not any(b"<f>" in sheet or b"<hyperlink" in sheet for sheet in sheets)


def test_an_empty_result_has_its_columns(client: httpx.Client) -> None:
    query = "/warnings?therapy=pembrolizumab&event=melanoma-recurrence"
    if client.get(query).status_code != 200:
        query = "/warnings?q=nothingcalledthat"
    table = pq.read_table(io.BytesIO(client.get(f"{query}&format=parquet").content))
    assert table.num_rows == 0
    assert "evidence.source.id" in table.column_names
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"{query}&format=xlsx").content), read_only=True)
    assert len(list(book.worksheets[0].iter_rows())) == 1


def test_a_server_has_none_of_the_libraries_that_write_files() -> None:
    code = """if True:
        import sys
        from app.config import Settings
        from app.main import create_app
        create_app(Settings())
        print(sorted({"pyarrow", "xlsxwriter", "numpy", "pandas"} & sys.modules.keys()))
    """
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_file_that_cannot_be_written_is_told(serve_module: Callable[..., str], database: str, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    answer = httpx.get(serve_module(database, DOWNLOADS=str(blocked)) + "/targets?format=parquet")
    assert answer.status_code == 503
    assert answer.headers["Content-Type"] == "application/problem+json"
