"""What operators see: ids, log lines, metrics."""

import json
import os
import re
import signal
import threading
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from app.http.cache import OutermostLayer
from app.http.logs import RequestLog
from app.http.telemetry import metrics
from tests.http.asgi import ask
from tests.http.conftest import Running

LONG = {"path": "\x01" * 250, "query": '"' * 1000, "route": "/x" * 30, "client": "x" * 45, "request_id": "x" * 64}


def lines(server: Running) -> list[dict[str, Any]]:
    """What a server logged until it was stopped."""
    server.process.terminate()
    server.process.wait(10)
    return [json.loads(line) for line in server.log.read_text().splitlines()]


def samples(text: str) -> dict[str, dict[tuple[tuple[str, str], ...], float]]:
    """Metrics by name and labels."""
    found: dict[str, dict[tuple[tuple[str, str], ...], float]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sorted(sample.labels.items()))] = sample.value
    return found


@pytest.mark.parametrize("workers", ["1", "2"])
def test_requests_are_counted_by_route_and_never_by_path(start: Callable[..., Running], workers: str) -> None:
    url = start(WORKERS=workers).url
    for path in ("/page", "/page", "/page?x=secret", "/nothing/secret", "/nothing/secrets", "/fault"):
        httpx.get(url + path)  # a connection each, so that both workers are asked
    found = samples(httpx.get(f"{url}/metrics").text)
    counted: dict[str, float] = {}
    for labels, value in found["immunofacts_requests_total"].items():
        counted[dict(labels)["route"]] = counted.get(dict(labels)["route"], 0) + value
    assert counted["/page"] == 3
    assert counted["unmatched"] >= 2
    assert "secret" not in str(found)  # a word, as digits may stand in any value
    assert found["immunofacts_request_seconds_count"][("route", "/page"),] == 3
    assert found["immunofacts_faults_total"][()] == 1
    assert found["immunofacts_ready"][()] == 1
    assert found["immunofacts_release_info"] == {(("digest", "abcdef"), ("version", "2026.01.02")): 1.0}


def test_without_a_release_the_metrics_say_not_ready() -> None:
    found = samples(metrics(None).decode())
    assert found["immunofacts_ready"][()] == 0
    assert "immunofacts_release_info" not in found


def test_every_request_is_one_line_of_json(start: Callable[..., Running]) -> None:
    server = start()
    first = httpx.get(f"{server.url}/page?q=%0d%0a%22forged%22", headers={"X-Request-ID": "my-own-1"})
    second = httpx.get(f"{server.url}/page?q=%0d%0a%22forged%22", headers={"X-Request-ID": "not one word"})
    httpx.get(f"{server.url}/fault")
    logged = lines(server)
    pages = [line for line in logged if line["event"] == "request" and line["route"] == "/page"]
    assert [line["cache"] for line in pages] == ["miss", "hit"]
    assert first.headers["X-Request-ID"] == pages[0]["request_id"] == "my-own-1"
    assert second.headers["X-Request-ID"] == pages[1]["request_id"] != "not one word"
    for line in pages:
        assert line["release"] == "2026.01.02"
        assert line["status"] == 200
        assert line["ms"] > 0
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+\+00:00", line["timestamp"])
    assert all({"level", "event", "timestamp"} <= set(line) for line in logged)
    faults = [line for line in logged if line["event"] == "fault"]
    assert len(faults) == 1
    assert "a fault of the application" in faults[0]["exception"]
    assert faults[0]["path"] == "/fault"


@pytest.mark.parametrize(("level", "logged"), [("info", [200, 500]), ("warning", [500]), ("error", [])])
def test_the_level_says_which_requests_are_logged(start: Callable[..., Running], level: str, logged: list[int]) -> None:
    server = start(LOG_LEVEL=level)
    for path in ("/page", "/fault"):
        httpx.get(server.url + path)
    requests = [line for line in lines(server) if line["event"] == "request" and line["path"] != "/live"]
    assert [line["status"] for line in requests] == logged


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_no_line_is_lost_when_the_server_ends(start: Callable[..., Running], end: signal.Signals) -> None:
    server = start()
    with httpx.Client(base_url=server.url) as client:
        for number in range(200):
            client.get(f"/page?number={number % 20}")
    server.process.send_signal(end)
    server.process.wait(10)
    assert len([line for line in lines(server) if line["event"] == "request" and line["path"] == "/page"]) == 200


def test_lines_fit_into_one_write_to_a_pipe_and_do_not_mix() -> None:
    reading, writing = os.pipe()
    log = RequestLog()
    log._file = writing

    def write() -> None:
        for _ in range(50):
            log.write(LONG)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    with os.fdopen(reading, "rb") as file:
        found = [file.readline() for _ in range(200)]
    for thread in threads:
        thread.join()
    os.close(writing)
    assert all(json.loads(line)["path"] == LONG["path"] for line in found)
    assert max(map(len, found)) <= 4096


def test_a_line_is_never_too_long_for_one_write(
    service: Callable[..., OutermostLayer], capfd: pytest.CaptureFixture[str]
) -> None:
    ask(service(), "/" + "%01" * 3000 + "?" + '"' * 3000, ("X-Request-ID", "x" * 64), client=("x" * 45, 1))
    line = capfd.readouterr().out
    assert json.loads(line)["path"] == "/" + "\x01" * 249
    assert len(line.encode()) <= 4096


def test_a_log_that_nobody_reads_fails_no_request(service: Callable[..., OutermostLayer]) -> None:
    app = service()
    reading, writing = os.pipe()
    os.close(reading)
    app._telemetry._log._file = writing
    assert ask(app, "/page").status == 200
    os.close(writing)


def test_a_fault_of_a_layer_is_answered_as_one(service: Callable[..., OutermostLayer]) -> None:
    app = service()
    app._telemetry._app._app = None  # type: ignore[attr-defined]  # whatever it is, it cannot be called
    answer = ask(app, "/page")
    assert answer.status == 500
    assert json.loads(answer.body)["type"] == "urn:immunofacts:problem:fault"
    assert answer.header("X-Content-Type-Options") == "nosniff"
    assert answer.header("X-Request-ID")
