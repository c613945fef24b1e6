"""Loading: a new release beside the old ones, and the same twice is nothing."""

from pathlib import Path

import pytest

from app.release.releases import order
from seed.files import FACTS
from seed.formatting import format_all
from tests.conftest import run
from tests.databases import rows
from tests.seed.base import sound, write


@pytest.fixture
def facts(tmp_path: Path) -> str:
    """Folder of the small fact base, which `loaded` was made from."""
    return str(write(sound(), tmp_path / "facts"))


def test_the_same_twice_is_one_release(loaded: str, facts: str) -> None:
    again = run("seed", "load", "--facts", facts, database=loaded)
    assert "is current already" in again.stdout
    assert len(rows(loaded, "SELECT id FROM release")) == 1


def test_a_change_is_a_new_release_beside_the_old(loaded: str, facts: str, tmp_path: Path) -> None:
    files = sound()
    files["therapies/examplumab.json"]["mechanisms"][0]["description"] = "Blocks PD-1."
    done = run("seed", "load", "--facts", str(write(files, tmp_path / "changed")), database=loaded)
    assert " loaded: " in done.stdout
    versions = [version for (version,) in rows(loaded, "SELECT version FROM release ORDER BY id")]
    assert len(versions) == 2
    assert order(versions[1]) > order(versions[0])
    descriptions = rows(loaded, "SELECT description FROM mechanism ORDER BY release_id")
    assert descriptions == [("Blocks.",), ("Blocks PD-1.",)]
    back = run("seed", "load", "--facts", facts, database=loaded)
    assert back.returncode == 0


def test_the_order_and_layout_of_the_files_make_no_release(loaded: str, facts: str, tmp_path: Path) -> None:
    format_all(tmp_path / "facts")
    done = run("seed", "load", "--facts", facts, database=loaded)
    assert "is current already" in done.stdout
    assert len(rows(loaded, "SELECT id FROM release")) == 1


def test_a_load_without_schema_says_what_to_run(empty: str) -> None:
    done = run("seed", "load", database=empty)
    assert done.returncode == 1
    assert "immunofacts migrate" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_fact_files_are_canonical() -> None:
    changed, findings = format_all(FACTS, write=False)
    assert findings == []
    assert changed == [], "Run `python -m seed fmt`."
