"""Bad requests: each is refused with a problem document that names the culprit."""

import socket
from urllib.parse import urlsplit

import httpx
import pytest

BAD = {
    "unknown parameter": ("/therapies?clas=car-t", 422, "clas"),
    "unknown parameter of a record": ("/therapies/pembrolizumab?limit=3", 422, "limit"),
    "unknown parameter of the service": ("/live?x=1", 422, "x"),
    "unknown name": ("/therapies?target=PD-9", 422, "target"),
    "unknown value of a vocabulary": ("/therapies?status=aproved", 422, "status"),
    "unknown free value": ("/adverse-events?trial=KEYNOTE-OO6", 422, "trial"),
    "empty value": ("/therapies?class=", 422, "class"),
    "wrong type": ("/therapies?limit=many", 422, "limit"),
    "limit 0": ("/therapies?limit=0", 422, "limit"),
    "limit 501": ("/therapies?limit=501", 422, "limit"),
    "wrong date": ("/therapies?first_approved_from=2020-13-01", 422, "first_approved_from"),
    "percent over 100": ("/adverse-events?any_percent_from=101", 422, "any_percent_from"),
    "not a number": ("/adverse-events?any_percent_from=nan", 422, "any_percent_from"),
    "wrong flag": ("/therapies?boxed_warning=perhaps", 422, "boxed_warning"),
    "unknown sort": ("/therapies?sort=colour", 422, "sort"),
    "unknown facet": ("/therapies?facets=colour", 422, "facets"),
    "broken cursor": ("/therapies?cursor=abc", 422, "cursor"),
    "one value given twice": ("/therapies?limit=1&limit=2", 422, "limit"),
    "not UTF-8": ("/therapies?q=%ff%fe", 422, "query"),
    "null character": ("/therapies?q=a%00b", 422, "q"),
    "too many parameters": ("/therapies?" + "&".join(["class=car-t"] * 600), 422, "query"),
    "too many values": ("/therapies?class=" + ",".join(["car-t"] * 300), 422, "class"),
    "too long": ("/therapies?q=" + "a" * 20_000, 414, None),
    "long word": ("/therapies?q=" + "a" * 400, 422, "q"),
    "no word": ("/therapies?q=%2B%2B", 422, "q"),
    "unknown release": ("/therapies?release=2001.01.01", 422, "release"),
    "unknown id": ("/therapies/pembrolizumap", 404, "id"),
    "unknown id of a nested list": ("/therapies/nothing-of-the-kind/indications", 404, "id"),
    "unknown path": ("/nowhere", 404, None),
    "path outside": ("/..%2f..%2fetc/passwd", 404, None),
    "id that is not UTF-8": ("/therapies/%ff", 404, None),
}


@pytest.mark.parametrize(("path", "status", "culprit"), BAD.values(), ids=BAD.keys())
def test_a_bad_request_names_its_culprit(client: httpx.Client, path: str, status: int, culprit: str | None) -> None:
    answer = client.get(path)
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["detail"]
    if culprit:
        assert culprit in [error["parameter"] for error in problem["errors"]]


@pytest.mark.parametrize(
    ("path", "suggestion"),
    [
        ("/therapies?clas=car-t", "class"),
        ("/therapies?status=aproved", "approved"),
        ("/therapies?condition=melanomma", "melanoma"),
        ("/therapies/pembrolizumap", "pembrolizumab"),
        ("/adverse-events?event=colitus", "colitis"),
    ],
)
def test_the_nearest_is_suggested(client: httpx.Client, path: str, suggestion: str) -> None:
    assert suggestion in client.get(path).json()["errors"][0]["suggestions"]


def test_a_cursor_of_another_query_is_refused(client: httpx.Client) -> None:
    following = client.get("/therapies?limit=2").json()["next"]
    cursor = dict(pair.split("=", 1) for pair in urlsplit(following).query.split("&"))["cursor"]
    for path in (f"/therapies?limit=2&class=car-t&cursor={cursor}", f"/indications?limit=2&cursor={cursor}"):
        answer = client.get(path)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["parameter"] == "cursor"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_other_methods_are_refused(client: httpx.Client, method: str) -> None:
    answer = client.request(method, "/therapies")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_head_answers_as_get_without_the_body(client: httpx.Client) -> None:
    for path in ("/therapies?limit=3", "/therapies/pembrolizumab", "/therapies?limit=0"):
        head, get = client.head(path), client.get(path)
        assert head.status_code == get.status_code
        assert head.headers["Content-Length"] == get.headers["Content-Length"]
        assert head.content == b""


def test_raw_bytes_in_the_request_line_are_no_fault_of_the_server(url: str) -> None:
    where = urlsplit(url)
    for line in (b"GET /therapies?q=\xff\xfe HTTP/1.1", b"GET /therapies/\xc3\x28 HTTP/1.1", b"GET /%00 HTTP/1.1"):
        with socket.create_connection((where.hostname, where.port), timeout=5) as connection:
            connection.sendall(line + b"\r\nHost: x\r\nConnection: close\r\n\r\n")
            first = connection.recv(200).split(b"\r\n")[0]
        assert b" 4" in first, (line, first)


def test_every_origin_may_read(client: httpx.Client) -> None:
    answer = client.get("/therapies?limit=1", headers={"Origin": "https://app.example"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "X-Release" in answer.headers["Access-Control-Expose-Headers"]
