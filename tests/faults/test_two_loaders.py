"""Two loads at once: one wins, the other says so and changes nothing."""

import os
import subprocess
import sys
from pathlib import Path

from sqlalchemy import create_engine

from app.release.lock import release_lock
from tests.conftest import ROOT, run
from tests.databases import rows
from tests.seed.base import many, write

SENTENCE = "Another load of this database is running."


def test_a_load_during_a_load_says_so(loaded: str, tmp_path: Path) -> None:
    folder = write(many(3), tmp_path / "other")
    engine = create_engine(loaded)
    with release_lock(engine):
        done = run("seed", "load", "--facts", str(folder), database=loaded)
        assert done.returncode == 1
        assert SENTENCE in done.stderr
        assert "Traceback" not in done.stderr
        assert len(rows(loaded, "SELECT id FROM release")) == 1
    again = run("seed", "load", "--facts", str(folder), database=loaded)
    assert again.returncode == 0, again.stderr
    assert len(rows(loaded, "SELECT id FROM release")) == 2
    engine.dispose()


def test_of_two_loaders_that_start_together_one_wins(loaded: str, tmp_path: Path) -> None:
    said, codes = [], []
    both = [
        subprocess.Popen(
            [sys.executable, "-m", "seed", "load", "--facts", str(write(many(150, text), tmp_path / name))],
            cwd=ROOT,
            env=os.environ | {"DATABASE_URL": loaded},
            stderr=subprocess.PIPE,
            text=True,
        )
        for name, text in (("one", "Blocks one."), ("two", "Blocks two."))
    ]
    for process in both:
        said.append(process.communicate(timeout=120)[1])
        codes.append(process.returncode)
    # On a machine that is busy, the one may be over before the other begins: then both are releases, in turn.
    assert 0 in codes, said
    for code, words in zip(codes, said, strict=True):
        assert (code, SENTENCE in words) in {(0, False), (1, True)}, words
        assert "Traceback" not in words
    loads = rows(loaded, "SELECT release_id, count(DISTINCT description), count(*) FROM mechanism GROUP BY release_id")
    assert sorted(row[1:] for row in loads) == [(1, 1)] + [(1, 150)] * codes.count(0)
