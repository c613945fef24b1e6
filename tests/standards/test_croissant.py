"""Croissant: mlcroissant takes the dataset without a complaint, and reads its records from the files of the server."""

import csv
import hashlib
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import httpx
import pytest

PROGRAM = """
import json, sys, warnings
warnings.simplefilter("ignore")  # those of others
import mlcroissant

def text(value):
    return value.decode() if isinstance(value, bytes) else str(value)

dataset = mlcroissant.Dataset(jsonld=json.load(open(sys.argv[1])))
issues = dataset.metadata.issues
found = {name: [dict(row) for row in dataset.records(name)] for name in sys.argv[2].split(",")}
print(json.dumps({"errors": sorted(issues.errors), "warnings": sorted(issues.warnings), "rows": found}, default=text))
"""
READ = ("therapies", "therapy-targets", "trials")
"""Of other tables the library takes a minute."""


@pytest.fixture(scope="module")
def dataset(client: httpx.Client) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/croissant.json", timeout=120).json()
    return found


@pytest.fixture(scope="module")
def read(dataset: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What mlcroissant says of the dataset, and the records that it reads: in a process, for it changes warnings."""
    folder = tmp_path_factory.mktemp("croissant")
    path = folder / "croissant.json"
    path.write_text(json.dumps(dataset), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(path), ",".join(READ)],
        env={"HOME": str(folder), "CROISSANT_CACHE": str(folder / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "context" not in done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def package(client: httpx.Client, dataset: dict[str, Any]) -> ZipFile:
    """The archive that the dataset names."""
    archive = dataset["distribution"][0]
    content = client.get(archive["contentUrl"]).content
    assert hashlib.sha256(content).hexdigest() == archive["sha256"]
    assert f"{len(content)} B" == archive["contentSize"]
    return ZipFile(io.BytesIO(content))


def test_it_is_sound(read: dict[str, Any]) -> None:
    assert read["errors"] == []
    for said in read["warnings"]:
        assert "Version doesn't follow MAJOR.MINOR.PATCH" in said, "Versions are days; of one day, numbered (`.2`)."


@pytest.mark.parametrize("name", READ)
def test_records_are_read_as_they_are_in_the_files(read: dict[str, Any], package: ZipFile, name: str) -> None:
    with package.open(f"data/{name.replace('-', '_')}.csv") as file:
        rows = list(csv.DictReader(io.TextIOWrapper(file, encoding="utf-8", newline="")))
    assert len(read["rows"][name]) == len(rows) > 100
    for row, found in zip(rows, read["rows"][name], strict=True):
        for column, value in row.items():
            other = found[f"{name}/{column}"]
            if value == "":
                assert other in (None, "") or str(other) in {"nan", "NaT", "None"}
            elif value in {"true", "false"}:
                assert str(other).lower() == value
            else:
                assert str(other) == value or str(other).startswith(value) or float(other) == float(value)


def test_it_says_what_it_is_and_of_which_release(
    client: httpx.Client, dataset: dict[str, Any], package: ZipFile
) -> None:
    info = client.get("/service-info").json()
    assert (dataset["version"], dataset["datePublished"]) == (info["release"], info["released_on"])
    assert dataset["citeAs"].endswith(info["cite_as"])
    assert dataset["license"] == "https://creativecommons.org/publicdomain/zero/1.0/"
    inside = {file["contentUrl"]: file for file in dataset["distribution"][1:]}
    assert {name for name in package.namelist() if name.endswith(".csv")} == inside.keys()
    for name, file in inside.items():
        assert hashlib.sha256(package.read(name)).hexdigest() == file["sha256"]
    assert len(dataset["recordSet"]) == len(inside)


def test_it_is_answered_of_any_release_and_known_again(client: httpx.Client) -> None:
    answer = client.get("/croissant.json")
    assert answer.headers["Content-Type"] == "application/ld+json"
    assert client.get("/croissant.json", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    pinned = client.get("/croissant.json", params={"release": answer.headers["X-Release"]})
    assert "immutable" in pinned.headers["Cache-Control"]
    assert client.get("/croissant.json", params={"release": "1999.01.01"}).status_code == 422
    assert Path(answer.json()["distribution"][0]["name"]).suffix == ".zip"
