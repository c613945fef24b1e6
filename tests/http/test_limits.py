"""Bodies, hosts and rates beyond the limits."""

import json
import threading
from collections.abc import Callable

import pytest
from limits import parse
from limits.storage import MemoryStorage

from app.http.cache import OutermostLayer
from app.http.limits import MAX_BODY
from app.http.rate_limit import RateLimit, client_key
from tests.http.application import calls
from tests.http.asgi import ask

CHUNKED = ("Transfer-Encoding", "chunked")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("header", [("Content-Length", "1"), ("Content-Length", "99999999999"), CHUNKED])
def test_a_body_on_get_is_refused(service: Callable[..., OutermostLayer], method: str, header: tuple[str, str]) -> None:
    app = service()
    ask(app, "/page")
    answer = ask(app, "/page", header, method=method, body=b"x")
    assert answer.status == 400
    assert calls == ["http://test/page"]


@pytest.mark.parametrize("length", ["0", "000"])
def test_no_body_may_be_announced(service: Callable[..., OutermostLayer], length: str) -> None:
    assert ask(service(), "/page", ("Content-Length", length)).status == 200


@pytest.mark.parametrize(("size", "status"), [(0, 200), (1, 200), (MAX_BODY, 200), (MAX_BODY + 1, 413)])
@pytest.mark.parametrize("chunked", [True, False])
def test_bodies_are_read_up_to_a_limit(
    service: Callable[..., OutermostLayer], size: int, status: int, chunked: bool
) -> None:
    content = b"x" * size
    header = CHUNKED if chunked else ("Content-Length", str(size))
    parts = [content[: size // 2], content[size // 2 :]] if chunked else content
    answer = ask(service(), "/echo", header, method="POST", body=parts)
    assert answer.status == status
    if status == 200:
        assert json.loads(answer.body)["body"] == content.decode()
    else:
        assert json.loads(answer.body)["type"] == "urn:immunofacts:problem:too-long"


def test_a_body_that_is_too_long_is_not_waited_for(service: Callable[..., OutermostLayer]) -> None:
    header = ("Content-Length", str(MAX_BODY + 1))
    assert ask(service(), "/echo", header, method="POST", body=[]).status == 413
    refused = ask(service(), "/echo", header, ("Expect", "100-continue"), method="POST", body=[])
    assert refused.header("Connection") == "close"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("facts.example", 200),
        ("FACTS.example:8000", 200),
        ("eu.facts.example", 200),
        ("[::1]", 200),
        ("[::1]:8000", 200),
        ("[::1]evil", 400),
        ("[::1].facts.example.evil", 400),
        ("[::1", 400),
        ("facts.example.evil.example", 400),
        ("evilfacts.example", 400),
        ("www.facts.example", 200),
        ("example", 400),
        ("127.0.0.1", 400),
        ("", 400),
    ],
)
def test_only_allowed_hosts_are_answered(service: Callable[..., OutermostLayer], host: str, status: int) -> None:
    app = service(allowed_hosts=["facts.example", "*.facts.example", "[::1]"])
    answer = ask(app, "/page", host=host)
    assert answer.status == status
    if "[::1]e" not in host and "[::1]." not in host and host != "[::1":
        assert ask(app, "/ready", host=host).status == 200  # probes know addresses only


def test_nobody_is_sent_to_www(service: Callable[..., OutermostLayer]) -> None:
    assert ask(service(allowed_hosts=["www.facts.example"]), "/page", host="facts.example").status == 400


def test_a_cached_answer_too_is_for_allowed_hosts_only(service: Callable[..., OutermostLayer]) -> None:
    app = service(allowed_hosts=["facts.example"])
    ask(app, "/page", host="facts.example")
    assert ask(app, "/page", host="evil.example").status == 400


def test_a_client_that_asks_too_often_is_told_when_to_ask_again(service: Callable[..., OutermostLayer]) -> None:
    app = service(rate_limit="3/day")
    for left in (2, 1, 0):
        answer = ask(app, "/page")
        assert answer.header("RateLimit-Policy") == '"default";q=3;w=86400'
        assert (answer.header("RateLimit") or "").startswith(f'"default";r={left};t=')
    refused = ask(app, "/page", ("Origin", "https://a.example"))
    assert refused.status == 429
    assert 1 <= int(refused.header("Retry-After") or 0) <= 86_400
    assert refused.header("Access-Control-Allow-Origin") == "*"
    assert ask(app, "/page", client=("192.0.2.2", 1)).status == 200
    for path in ("/live", "/ready", "/metrics"):
        assert ask(app, path).header("RateLimit") is None


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """The time, as a test sets it; without the thread of `limits` that forgets old windows by the real one."""
    now = {"now": 1_000_000.0}
    monkeypatch.setattr("time.time", lambda: now["now"])
    monkeypatch.setattr(threading.Timer, "start", lambda _: None)
    return now


def test_retry_after_is_when_the_next_request_is_answered(clock: dict[str, float]) -> None:
    """Walk through windows: whoever waits as long as told is answered, and one second less is too early."""
    limit = RateLimit(lambda *_: None, parse("4/minute"))  # type: ignore[arg-type]  # it is not called
    clock["now"] = 1_000_000.0 - 1_000_000.0 % 60 + 5
    limiter = limit._limiter
    assert isinstance(limiter.storage, MemoryStorage)
    for _ in range(12):
        while limiter.hit(limit._limit, "client"):
            clock["now"] += 0.01
        window = limiter.get_window_stats(limit._limit, "client")
        assert window.remaining == 0
        wait = window.reset_time - clock["now"]
        assert 0 < wait <= 60
        clock["now"] += wait * 0.9
        assert not limiter.hit(limit._limit, "client")
        clock["now"] += wait * 0.1 + 0.01
        assert limiter.hit(limit._limit, "client")


def test_an_ipv6_client_has_its_network() -> None:
    network = {client_key({"client": (host, 1)}) for host in ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9")}
    assert network == {"2001:db8:1:2::/64"}
    assert client_key({"client": ("::ffff:192.0.2.1", 1)}) == client_key({"client": ("192.0.2.1", 1)}) == "192.0.2.1"
    assert client_key({"client": ("made up", 1)}) == client_key({"client": None}) == "unknown"
