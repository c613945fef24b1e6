"""What operators see: log lines, numbers, request ids."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.conftest import ROOT, free_port, waiting


def numbers(url: str) -> dict[str, dict[tuple[tuple[str, str], ...], float]]:
    """The samples of `/metrics`, by name and labels."""
    found: dict[str, dict[tuple[tuple[str, str], ...], float]] = {}
    for family in text_string_to_metric_families(httpx.get(f"{url}/metrics").text):
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sorted(sample.labels.items()))] = sample.value
    return found


@pytest.mark.parametrize("workers", ["1", "2"])
def test_requests_are_counted_by_route_and_never_by_path(
    database: str, start: Callable[..., str], workers: str
) -> None:
    url = start(database, WORKERS=workers)
    for path in ("/therapies?limit=1", "/therapies?limit=1", "/therapies/pembrolizumab", "/no/such/path/4711"):
        with httpx.Client() as client:
            client.get(url + path)
    found = numbers(url)
    counted = Counter[str]()
    for labels, value in found["immunofacts_requests_total"].items():
        counted[dict(labels)["route"]] += int(value)
    assert counted["/therapies"] == 2
    assert counted["/therapies/{id}"] == 1
    assert counted["unmatched"] == 1
    assert "4711" not in str(found)
    assert {"hit", "miss", "none"} >= {dict(labels)["cache"] for labels in found["immunofacts_requests_total"]}
    assert found["immunofacts_request_seconds_count"][("route", "/therapies"),] == 2
    release = httpx.get(f"{url}/service-info").json()["release"]
    assert [dict(labels)["version"] for labels in found["immunofacts_release_info"]] == [release]
    assert found["immunofacts_ready"][()] == 1


def test_every_request_is_one_line_of_json(database: str, tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "log"
    environment = os.environ | {"DATABASE_URL": database, "PORT": str(port), "LOG_LEVEL": "info"}
    with log.open("wb") as output:
        process = subprocess.Popen([sys.executable, "-m", "app", "serve"], cwd=ROOT, env=environment, stdout=output)
        url = waiting(process, port)
        first = httpx.get(f"{url}/therapies?limit=1", headers={"X-Request-ID": "my-own-1"})
        second = httpx.get(f"{url}/therapies?limit=1", headers={"X-Request-ID": "not one word"})
        httpx.get(f"{url}/therapies?q=%0d%0a%22forged%22%3A1")
        process.terminate()
        assert process.wait(10) in {0, -signal.SIGTERM}
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    asked = [line for line in lines if line["event"] == "request" and line["path"] == "/therapies"]
    assert [line["cache"] for line in asked] == ["miss", "hit", "miss"]
    assert first.headers["X-Request-ID"] == asked[0]["request_id"] == "my-own-1"
    assert second.headers["X-Request-ID"] == asked[1]["request_id"] != "not one word"
    for line in asked:
        assert line["ms"] > 0
        assert line["route"] == "/therapies"
    assert asked[0]["release"] == asked[1]["release"] == first.headers["X-Release"]
    assert all("level" in line and "timestamp" in line for line in lines)


def test_what_went_wrong_is_logged_where_nothing_else_is(database: str, tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "log"
    environment = os.environ | {"DATABASE_URL": database, "PORT": str(port), "LOG_LEVEL": "warning"}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "app", "serve"],
            cwd=ROOT,
            env=environment | {"DEADLINE_SECONDS": "0.001"},
            stdout=output,
        )
        url = waiting(process, port)
        asked = [httpx.get(f"{url}/adverse-events?facets=event,therapy,source&q=a&limit={n}") for n in range(1, 6)]
        process.terminate()
        process.wait(10)
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    wrong = [answer.status_code for answer in asked if answer.status_code >= 500]
    assert wrong
    assert [line["status"] for line in lines if line["event"] == "request"] == wrong
    assert {line["level"] for line in lines} == {"warning"}


def test_the_readme_lists_every_metric(url: str) -> None:
    httpx.get(f"{url}/therapies")
    names = {name.removesuffix("_bucket").removesuffix("_sum").removesuffix("_count") for name in numbers(url)}
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in names:
        if name.startswith("immunofacts_"):
            assert f"`{name}`" in readme, name


def test_a_question_that_takes_too_long_is_ended(database: str, start: Callable[..., str]) -> None:
    url = start(database, DEADLINE_SECONDS="0.001")
    answers = [httpx.get(f"{url}/adverse-events?facets=event,therapy,source&q=a&limit={n}") for n in range(1, 6)]
    late = [answer for answer in answers if answer.status_code == 503]
    assert late, [answer.status_code for answer in answers]
    for answer in late:
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.headers["Retry-After"]
        assert answer.json()["type"].endswith(":deadline")
    assert httpx.get(f"{url}/live").status_code == 200
