"""Every kind of answer of the whole service has its headers: cached or not, refused or broken."""

import httpx
import pytest

from app.http.headers import SECURITY_HEADERS
from tests.raw import exchange

ANSWERS = {
    "a page": ("GET", "/therapies?limit=1", 200),
    "a cached page": ("GET", "/therapies?limit=1", 200),
    "a head": ("HEAD", "/therapies?limit=1", 200),
    "an export": ("GET", "/targets?format=csv", 200),
    "the service": ("GET", "/live", 200),
    "the document": ("GET", "/openapi.json", 200),
    "a picture": ("GET", "/approvals?class=car-t&format=svg", 200),
    "a redirect": ("GET", "/therapies/keytruda", 307),
    "the way to the documentation": ("GET", "/", 307),
    "a repeated parameter": ("GET", "/therapies?limit=1&limit=2", 422),
    "a wrong parameter": ("GET", "/therapies?limit=0", 422),
    "an unknown record": ("GET", "/therapies/nothing-of-the-kind", 404),
    "an unknown path": ("GET", "/nothing", 404),
    "another method": ("DELETE", "/therapies", 405),
    "a posted answer": ("POST", "/resolve", 200),
    "an asset": ("GET", "/assets/swagger-ui.css", 200),
    "a page of documentation": ("GET", "/docs", 200),
}


@pytest.mark.parametrize(("method", "path", "status"), ANSWERS.values(), ids=ANSWERS.keys())
def test_every_answer_is_complete(client: httpx.Client, method: str, path: str, status: int) -> None:
    body = {"names": ["Keytruda"]} if method == "POST" else None
    answer = client.request(method, path, json=body, headers={"Origin": "https://app.example"})
    assert answer.status_code == status
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert_complete(answer, own_policy=path == "/docs" or path.endswith("=svg"))


def assert_complete(answer: httpx.Response, *, own_policy: bool = False) -> None:
    """An answer has every security header once, and an id."""
    for name, value in SECURITY_HEADERS.items():
        if not (own_policy and name == "Content-Security-Policy"):
            assert answer.headers.get_list(name) == [value], name
    assert "Strict-Transport-Security" not in answer.headers  # this is not https
    assert "Server" not in answer.headers
    assert answer.headers["Cache-Control"]


def test_an_unchanged_answer_and_a_preflight_are_complete(client: httpx.Client) -> None:
    etag = client.get("/therapies?limit=1").headers["ETag"]
    unchanged = client.get("/therapies?limit=1", headers={"If-None-Match": etag})
    assert unchanged.status_code == 304
    assert_complete(unchanged)
    asked = {"Origin": "https://app.example", "Access-Control-Request-Method": "GET"}
    preflight = client.options("/therapies", headers=asked)
    assert preflight.status_code == 200
    assert_complete(preflight)


def test_what_is_not_http_is_answered_with_a_complete_problem(url: str) -> None:
    head, body = exchange(url, b"GET /therapies HTTP/1.1\r\nContent-Length: -1\r\n\r\n").split(b"\r\n\r\n")
    headers = [tuple(line.split(": ", 1)) for line in head.decode().split("\r\n")[1:]]
    answer = httpx.Response(400, headers=headers, content=body)
    assert b" 400 " in head
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == 400
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert_complete(answer)


def test_every_kind_of_answer_says_how_long_it_may_be_kept(client: httpx.Client) -> None:
    release = client.get("/service-info").json()["release"]
    for path in ("/therapies?limit=1", "/targets?format=csv", "/targets?format=jsonl", "/targets?format=ris",
                 "/therapies/keytruda", "/therapies/keytruda/warnings"):  # fmt: skip
        assert client.get(path).headers["Cache-Control"] == "public, max-age=5, must-revalidate", path
        mark = "&" if "?" in path else "?"
        assert "immutable" in client.get(f"{path}{mark}release={release}").headers["Cache-Control"], path
    for path in ("/", "/docs", "/redoc", "/assets/swagger-ui.css", "/assets/redoc.standalone.js"):
        assert "max-age=" in client.get(path).headers["Cache-Control"], path
    for path in ("/live", "/ready", "/metrics", "/service-info", "/releases", "/nothing", "/therapies?x=1"):
        assert client.get(path).headers["Cache-Control"] == "no-store", path


def test_every_answer_names_its_release(client: httpx.Client) -> None:
    release = client.get("/service-info").json()["release"]
    paths = ["/therapies", "/therapies/pembrolizumab", "/therapies/keytruda", "/therapies?class=pd-9"]
    paths += ["/suggest?q=keyt", "/resolve?name=PD-1", "/search?q=colitis", "/releases", "/ready"]
    paths += ["/therapies?format=csv", "/adverse-events/compare?therapies=ipilimumab&events=colitis"]
    for path in [*paths, "/adverse-events/matrix?class=car-t"]:
        assert client.get(path).headers.get("X-Release") == release, path


def test_no_answer_leads_to_the_host_that_a_client_names(client: httpx.Client) -> None:
    paths = ("/therapies/", "/docs/", "/assets", "//evil.example/", "/therapies/keytruda", "/", "/therapies//x.example")
    for path in paths:
        answer = client.get(path, headers={"Host": "evil.example"})
        assert "//" not in answer.headers.get("Location", "")
        assert answer.status_code in {307, 308, 404}
