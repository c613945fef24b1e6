"""The commands of operators: what is wrong is said in a sentence, with what to run."""

import sqlite3
from pathlib import Path

import pytest
import typer

from app.cli import errors_as_sentences
from app.release.database import migrate
from tests.conftest import Two, run
from tests.servers import free_port

ENDINGS = ("analysis.sqlite", "datapackage.zip", "events.sssom.tsv", "jsonl", "kgx.tar.gz", "sqlite")


def test_a_database_that_is_not_ready_stops_the_start(empty: str) -> None:
    """The sentences of every such state are in tests/release/test_database.py."""
    migrate(empty)
    done = run("app", "serve", "--port", str(free_port()), database=empty)
    assert done.returncode == 1
    assert done.stderr == "No release is loaded. Run `python -m seed load`.\n"


def test_releases_are_listed_and_exported(two: Two, tmp_path: Path) -> None:
    database, first, second = two
    listed = run("app", "release", "list", database=database)
    assert [line.split()[:2] for line in listed.stdout.splitlines()] == [["*", second], [first, "14"]]
    exported = run("app", "release", "export", first, "--to", str(tmp_path / "out"), database=database)
    assert exported.returncode == 0, exported.stderr
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["SHA256SUMS", *(f"immunofacts-{first}.{ending}" for ending in ENDINGS)]
    data = run("app", "export", "--to", str(tmp_path / "data"), database=database)
    assert data.returncode == 0, data.stderr
    names = sorted(path.name for path in (tmp_path / "data").iterdir())
    assert names == [
        "data", "datapackage.json", f"immunofacts-{second}.analysis.sqlite", f"immunofacts-{second}.events.sssom.tsv",
        f"immunofacts-{second}.kgx.tar.gz",
    ]  # fmt: skip
    older = run("app", "export", "--to", str(tmp_path / "data"), "--release", first, database=database)
    assert older.returncode == 0, older.stderr
    unknown = run("app", "export", "--to", str(tmp_path), "--release", "1999.01.01", database=database)
    assert (unknown.returncode, unknown.stderr) == (1, "There is no release '1999.01.01'.\n")
    again = run("app", "release", "activate", second, database=database)
    assert again.stdout == f"Release {second} is current already.\n"
    unknown = run("app", "release", "activate", "1999.01.01", database=database)
    assert unknown.returncode == 1
    assert "There is no release '1999.01.01'" in unknown.stderr
    assert "Traceback" not in unknown.stderr


@pytest.mark.parametrize(
    "command", [("migrate",), ("serve", "--port", "0"), ("release", "list"), ("release", "activate", "2026.11.21")]
)
def test_an_address_that_cannot_be_read_is_refused_without_its_password(command: tuple[str, ...]) -> None:
    done = run("app", *command, database="postgresql+psycopg://u:secret@h:x/y")
    assert done.returncode == 1
    assert "DATABASE_URL" in done.stderr
    assert "secret" not in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_that_is_gone_while_it_is_written_is_said_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As where a process goes on whose server was killed: the next one removes its folder."""
    with pytest.raises(typer.Exit), errors_as_sentences():
        sqlite3.connect(tmp_path / "gone" / "release.sqlite")
    assert capsys.readouterr().err == "A file cannot be written: unable to open database file.\n"
