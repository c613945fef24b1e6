"""What operators see of the whole service: log lines, metrics, request ids, and what took too long."""

import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.conftest import ROOT
from tests.servers import served


def numbers(url: str) -> dict[str, dict[tuple[tuple[str, str], ...], float]]:
    """The samples of `/metrics`, by name and labels."""
    found: dict[str, dict[tuple[tuple[str, str], ...], float]] = {}
    for family in text_string_to_metric_families(httpx.get(f"{url}/metrics").text):
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sorted(sample.labels.items()))] = sample.value
    return found


def lines_of(log: Path) -> list[dict[str, Any]]:
    """The lines of a log, each one of JSON."""
    return [json.loads(line) for line in log.read_text().splitlines()]


@pytest.mark.parametrize("workers", ["1", "2"])
def test_requests_are_counted_and_logged_by_route_and_never_by_path(reading: str, tmp_path: Path, workers: str) -> None:
    log = tmp_path / "log"
    paths = ("/therapies?limit=1", "/therapies?limit=1", "/therapies/examplumab", "/no/such/path/secret")
    with served(reading, output=log, WORKERS=workers, LOG_LEVEL="info") as (url, _):
        for path in paths:
            httpx.get(url + path)  # each over its own connection, so that both workers may be asked
        found = numbers(url)
        release = httpx.get(f"{url}/service-info").json()["release"]
    counted = Counter[str]()
    for labels, value in found["immunofacts_requests_total"].items():
        counted[dict(labels)["route"]] += int(value)
    assert (counted["/therapies"], counted["/therapies/{id}"], counted["unmatched"]) == (2, 1, 1)
    assert "secret" not in str(found)
    assert {"hit", "miss", "none"} >= {dict(labels)["cache"] for labels in found["immunofacts_requests_total"]}
    assert found["immunofacts_request_seconds_count"][("route", "/therapies"),] == 2
    assert [dict(labels)["version"] for labels in found["immunofacts_release_info"]] == [release]
    assert found["immunofacts_ready"][()] == 1
    asked = [line for line in lines_of(log) if line["event"] == "request" and line["path"] != "/live"]
    assert [line["path"] for line in asked[:4]] == [path.partition("?")[0] for path in paths]
    assert [line["route"] for line in asked[:4]] == ["/therapies", "/therapies", "/therapies/{id}", "unmatched"]


def test_metrics_of_a_server_that_nobody_asks_tell_its_release(reading: str) -> None:
    with served(reading, RELEASE_CHECK_SECONDS="0.01") as (url, _):
        for _ in range(2):
            found = numbers(url)
            assert (found["immunofacts_ready"][()], len(found["immunofacts_release_info"])) == (1, 1)
            time.sleep(0.1)  # longer than what was seen is trusted


def test_every_request_is_one_line_of_json(reading: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with served(reading, output=log, LOG_LEVEL="info") as (url, _):
        first = httpx.get(f"{url}/therapies?limit=1", headers={"X-Request-ID": "my-own-1"})
        second = httpx.get(f"{url}/therapies?limit=1", headers={"X-Request-ID": "not one word"})
        httpx.get(f"{url}/therapies?q=%0d%0a%22forged%22%3A1")
    lines = lines_of(log)
    asked = [line for line in lines if line["event"] == "request" and line["path"] == "/therapies"]
    assert [line["cache"] for line in asked] == ["miss", "hit", "miss"]
    assert first.headers["X-Request-ID"] == asked[0]["request_id"] == "my-own-1"
    assert second.headers["X-Request-ID"] == asked[1]["request_id"] != "not one word"
    for line in asked:
        assert line["ms"] > 0
        assert line["route"] == "/therapies"
    assert asked[0]["release"] == asked[1]["release"] == first.headers["X-Release"]
    assert all("level" in line and "timestamp" in line for line in lines)


def test_what_takes_too_long_is_ended_and_logged_where_nothing_else_is(database: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with served(database, output=log, DEADLINE_SECONDS="0.02") as (url, _):
        compare = (
            f"{url}/adverse-events/compare?class=immune-checkpoint-inhibitor&comparators=false&therapies=nivolumab"
        )
        answers = [httpx.get(f"{compare}&limit={number}") for number in range(48, 51)]
        began = time.monotonic()
        assert httpx.get(f"{url}/live").status_code == 200
        assert time.monotonic() - began < 5
    for answer in answers:
        assert answer.status_code == 503
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.headers["Retry-After"]
        assert answer.json()["type"].endswith(":deadline")
    lines = lines_of(log)
    assert [line["status"] for line in lines if line["event"] == "request"] == [503] * 3
    assert {line["level"] for line in lines} == {"warning"}


def test_the_readme_lists_every_metric(url: str) -> None:
    httpx.get(f"{url}/therapies")
    names = {name.removesuffix("_bucket").removesuffix("_sum").removesuffix("_count") for name in numbers(url)}
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in names:
        if name.startswith("immunofacts_"):
            assert f"`{name}`" in readme, name
