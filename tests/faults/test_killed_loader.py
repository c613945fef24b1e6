"""A loader is killed at any moment: the database opens, the old release answers, and the next load succeeds."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import httpx

from tests.conftest import ROOT, run
from tests.databases import ENGINE, SQLITE, rows
from tests.faults.serving import serving, wait_for
from tests.seed.base import many, write

KILLS, STEPS, COLD = (40, 5, 2) if ENGINE == SQLITE else (15, 4, 2)
"""How often a warm loader is killed, in how many different steps at least, and how often a cold one."""
THERAPIES = 40
TABLES = ("therapy", "cohort", "adverse_event", "indication", "mechanism", "warning", "product", "statement")
LISTS = ("therapies", "cohorts", "adverse-events", "indications", "mechanisms", "warnings", "statements")


def is_sound(url: str, thorough: bool) -> None:
    """The database is whole, and so is every release that it says is there."""
    if ENGINE == SQLITE:
        check = "integrity_check" if thorough else "quick_check"
        assert rows(url, f"PRAGMA {check}") == [("ok",)]
        assert rows(url, "PRAGMA foreign_key_check") == []
    else:  # the server ends a session that lost its client, and then only its lock
        wait_for(lambda: rows(url, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == [(0,)], 60)
    parts = [f"SELECT '{table}', release_id, count(*) FROM {table} GROUP BY release_id" for table in TABLES]  # noqa: S608  # names above
    parts += [
        "SELECT list, release_id, count(*) FROM document GROUP BY list, release_id",
        "SELECT 'index of ' || list, release_id, 1 FROM list_index",
    ]
    releases = ["SELECT 'release', id, 1 FROM release", "SELECT 'activation', release_id, 1 FROM activation"]
    found = {(table, release): count for table, release, count in rows(url, " UNION ALL ".join(releases + parts))}
    for release in {release for _, release in found}:
        there = {name for name, other in found if other == release}
        assert there >= {"release", "activation", *TABLES, *LISTS, *(f"index of {name}" for name in LISTS)}
        for name in (*TABLES, *LISTS):
            one = release == 1 or name in {"statement", "statements"}
            assert found[name, release] == (1 if one else THERAPIES), name


def answers(client: httpx.Client, url: str) -> None:
    """The current release answers, whole."""
    current = rows(url, "SELECT version, id FROM release ORDER BY id DESC LIMIT 1")[0]
    for path in ("/therapies", "/adverse-events"):
        answer = client.get(f"{path}?limit=1&release={current[0]}")
        assert answer.status_code == 200, answer.text
        assert answer.json()["total"] == (1 if current[1] == 1 else THERAPIES)
    assert client.get("/ready").status_code == 200


def test_a_loader_killed_at_any_moment_leaves_the_old_release(loaded: str, tmp_path: Path) -> None:
    folder = write(many(THERAPIES), tmp_path / "many")
    moments = random.Random(7)  # noqa: S311  # moments to kill at, not secrets
    killed: Counter[str] = Counter()
    command = [sys.executable, "-m", "tests.faults.loader", loaded, str(folder)]
    with (
        serving(loaded, tmp_path / "log") as (_, url),
        httpx.Client(base_url=url, timeout=30) as client,
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as loader,
    ):
        assert loader.stdin is not None
        assert loader.stdout is not None
        said = iter(loader.stdout)
        assert next(said) == "warm\n"
        took = 0.3  # seconds, kept to what a load needs for its writing
        while killed.total() < KILLS:
            loader.stdin.write("go\n")
            loader.stdin.flush()
            step = "start"
            process = int(next(said).split()[1])
            if killed.total() % 5:  # mostly while it writes, else at any moment
                step = next(line for line in said if line.startswith("step") and "rendering" not in line).split()[1]
            time.sleep(moments.uniform(0, took))
            with suppress(ProcessLookupError):  # it came to its end before
                os.kill(process, signal.SIGKILL)
            for line in said:
                kind, _, value = line.strip().partition(" ")
                if kind == "end":
                    break
                step = value
            if value == "0":
                took *= 0.8
            else:
                took *= 1.1
                assert value == str(-signal.SIGKILL), value
                killed[step] += 1
            is_sound(loaded, thorough=killed.total() % 10 == 0)
            answers(client, loaded)
        loader.stdin.close()
    print(dict(killed))
    assert len(killed) >= STEPS, killed
    is_sound(loaded, thorough=True)
    done = run("seed", "load", "--facts", str(folder), database=loaded)
    assert done.returncode == 0, done.stderr
    assert " loaded: " in done.stdout


def test_a_command_killed_at_any_moment_leaves_the_old_release(loaded: str, tmp_path: Path) -> None:
    folder = write(many(THERAPIES), tmp_path / "many")
    command = [sys.executable, "-m", "seed", "load", "--facts", str(folder)]
    moments = random.Random(11)  # noqa: S311  # moments to kill at, not secrets
    for _ in range(COLD):
        process = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"DATABASE_URL": loaded})
        time.sleep(moments.uniform(0.2, 1.8))
        process.kill()
        process.wait()
        is_sound(loaded, thorough=True)
    done = run("seed", "load", "--facts", str(folder), database=loaded)
    assert done.returncode == 0, done.stderr
