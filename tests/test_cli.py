"""The commands of operators: what is wrong is said in a sentence, with what to run."""

from pathlib import Path

import pytest

from app.release.database import migrate
from tests.conftest import Two, free_port, run
from tests.databases import ENGINE, execute, file_of


@pytest.mark.parametrize("state", ["missing", "empty", "garbage", "older", "newer", "without release"])
def test_a_database_that_is_not_ready_stops_the_start(empty: str, state: str) -> None:
    database = empty
    if state == "missing":
        database += "-of-which-there-is-none"
    elif state in {"older", "newer", "without release"}:
        migrate(database)
    elif ENGINE == "sqlite":
        file_of(database).write_bytes({"empty": b"", "garbage": b"no database at all" * 1000}[state])
    elif state == "garbage":
        pytest.skip("Only a file can be garbage.")
    if state in {"older", "newer"}:
        execute(database, f"UPDATE alembic_version SET version_num = '{'0000' if state == 'older' else '9999'}'")  # noqa: S608  # our own
    done = run("app", "serve", "--port", str(free_port()), database=database)
    assert done.returncode == 1
    assert ("code is older" if state == "newer" else "python -m seed load") in done.stderr
    assert "Traceback" not in done.stderr


def test_releases_are_listed_and_exported(two: Two, tmp_path: Path) -> None:
    database, first, second = two
    listed = run("app", "release", "list", database=database)
    assert [line.split()[:2] for line in listed.stdout.splitlines()] == [["*", second], [first, "13"]]
    exported = run("app", "release", "export", first, "--to", str(tmp_path / "out"), database=database)
    assert exported.returncode == 0, exported.stderr
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["SHA256SUMS", f"immunofacts-{first}.jsonl", f"immunofacts-{first}.sqlite"]
    unknown = run("app", "release", "export", "1999.01.01", database=database)
    assert unknown.returncode == 1
    assert "There is no release '1999.01.01'" in unknown.stderr
    assert "Traceback" not in unknown.stderr


@pytest.mark.parametrize("url", ["mysql://x/y", "postgresql+psycopg://u:secret@h:x/y"])
def test_an_address_that_cannot_be_read_is_refused_without_its_password(url: str) -> None:
    done = run("app", "migrate", database=url)
    assert done.returncode == 1
    assert "DATABASE_URL" in done.stderr
    assert "secret" not in done.stderr
    assert "Traceback" not in done.stderr
