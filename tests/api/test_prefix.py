"""Behind a proxy that strips a prefix: every link that any operation answers leads back through the proxy."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import httpx
import pytest

from app.nouns.registry import nouns

PREFIX = "/facts/v1"
ROOTS = sorted(
    {noun.name for noun in nouns()}
    | {"docs", "redoc", "assets", "openapi.json", "openapi-3.0.json", "releases", "facts"}
)
LINK = re.compile(rf"(?:https?://[^/\s\"]+)?(?:/[\w.-]+)*?/(?:{'|'.join(map(re.escape, ROOTS))})(?:[/?#].*)?")


class Proxy(NamedTuple):
    """A client behind a proxy, which asks for what the client asks without the prefix."""

    client: httpx.Client
    headers: dict[str, str]

    def get(self, address: str, method: str = "GET", **headers: str) -> httpx.Response:
        """What the proxy passes back."""
        path = re.sub(r"^https?://[^/]+", "", address)
        assert path.startswith(f"{PREFIX}/"), f"{address} leads past the proxy"
        return self.client.request(method, path.removeprefix(PREFIX), headers=self.headers | headers)


@pytest.fixture(scope="module")
def serving(
    small_twice: str, serve_module: Callable[..., str], tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., str]:
    """Start servers that share the files they write: those are the same under every prefix."""
    return partial(serve_module, small_twice, DOWNLOADS=str(tmp_path_factory.mktemp("downloads")))


@pytest.fixture(scope="module")
def trusting(serving: Callable[..., str]) -> str:
    """Address of a server that believes its proxy."""
    return serving(TRUSTED_PROXIES="127.0.0.1")


@pytest.fixture(scope="module", params=["setting", "header", "two proxies"])
def proxy(request: pytest.FixtureRequest, trusting: str, serving: Callable[..., str]) -> Iterator[Proxy]:
    """A proxy whose prefix is a setting, or is told by the proxy."""
    by_setting = request.param == "setting"
    url = serving(ROOT_PATH=PREFIX) if by_setting else trusting
    prefix = PREFIX if request.param == "header" else "/facts, /v1/"
    with httpx.Client(base_url=url, timeout=30) as client:
        yield Proxy(client, {} if by_setting else {"X-Forwarded-Prefix": prefix})


def links(part: Any) -> Iterator[str]:
    """Whatever in an answer is a link to a path of the service."""
    if isinstance(part, dict):
        for key, value in part.items():
            if key not in {"examples", "example", "paths", "detail"}:
                yield from links(value)
    elif isinstance(part, list):
        for value in part:
            yield from links(value)
    elif isinstance(part, str) and LINK.fullmatch(part):
        yield part


def links_of(answer: httpx.Response) -> list[str]:
    """The links in the headers and the body of an answer."""
    found = [*re.findall(r"<([^>]*)>", answer.headers.get("Link", "")), answer.headers.get("Location", "")]
    found = [link for link in found if link and "creativecommons.org" not in link]
    kind = answer.headers.get("Content-Type", "")
    if kind.startswith("application/json"):
        found += links(answer.json())
    elif kind.startswith("text/html"):
        found += re.findall(r"""(?:src|href|url)\s*[=:]\s*["']([^"']+)["']""", answer.text)
    elif kind.startswith("text/csv"):
        found += [cell for cell in re.split(r"[,\r\n]", answer.text) if LINK.fullmatch(cell)]
    return [link for link in found if not link.startswith("data:")]


def addresses(proxy: Proxy) -> list[str]:
    """An address for each operation that is documented, with records that there are."""
    document = proxy.get(f"{PREFIX}/openapi.json").json()
    versions = [item["version"] for item in proxy.get(f"{PREFIX}/releases").json()["items"]]
    found = []
    for path, operations in document["paths"].items():
        if "get" not in operations or path == "/metrics":
            continue
        noun = path.removeprefix("/exports").split("/")[1]
        names = {"a": versions[1], "b": versions[0], "id": "examplumab.PDCD1.inhibitor"}
        if noun == "releases":
            names["id"] = versions[0]
        elif noun != "facts" and "{id}" in path:
            items = proxy.get(f"{PREFIX}/{noun}?limit=1").json()["items"]
            names["id"] = items[0]["id"] if items else ""
        if "{id}" in path and not names["id"]:
            continue
        shared = document["components"]["parameters"]
        given = [shared.get(item.get("$ref", "").split("/")[-1], item) for item in operations["get"]["parameters"]]
        asked = [item for item in given if item["in"] == "query"]
        query = {item["name"]: "examplumab" for item in asked if item.get("required") or item["name"] == "therapies"}
        query |= {item["name"]: "1" for item in asked if item["name"] == "limit"}
        if path.endswith(("/outcomes/compare", "/outcomes/matrix")):
            query["therapy"] = "examplumab"
        query["q"] = "blocks" if path == "/search" else query.get("q", "")
        query = {name: value for name, value in query.items() if value}
        found.append(f"{PREFIX}{path.format(**names)}?{httpx.QueryParams(query)}".rstrip("?"))
    return found


def test_every_link_of_every_operation_leads_back_through_the_proxy(proxy: Proxy) -> None:
    asked = addresses(proxy)
    asked += [f"{PREFIX}/", f"{PREFIX}/docs", f"{PREFIX}/redoc", f"{PREFIX}/therapies/Examplara"]
    asked += [
        f"{PREFIX}/therapies/Examplara/warnings?limit=1",
        f"{PREFIX}/targets?format=csv",
        f"{PREFIX}/no/such/path",
    ]
    asked += [next(f"{address.partition('?')[0]}?format=csv" for address in asked if "/diff/" in address)]
    seen = 0
    for address in asked:
        for _ in range(2):  # the second answer may come from the cache
            answer = proxy.get(address)
            assert answer.status_code in ({404} if "no/such" in address else {200, 307}), address
            for link in links_of(answer):
                seen += 1
                assert proxy.get(link).status_code in {200, 307}, f"{address}: {link}"
    assert seen > 60


def test_a_list_is_walked_through_the_proxy(proxy: Proxy) -> None:
    found, following = [], f"{PREFIX}/indications?limit=1"
    while following:
        page = proxy.get(following).json()
        found += [item["id"] for item in page["items"]]
        following = page["next"]
    assert len(found) == page["total"] > 1


def test_the_document_names_the_prefix_as_its_server(proxy: Proxy) -> None:
    document = proxy.get(f"{PREFIX}/openapi.json")
    assert document.json()["servers"] == [{"url": PREFIX}]
    assert document.headers["ETag"]
    assert document.headers["Content-Encoding"] in {"gzip", "zstd"}
    assert (
        proxy.get(
            f"{PREFIX}/openapi.json", If_None_Match="x", **{"If-None-Match": document.headers["ETag"]}
        ).status_code
        == 304
    )
    for path in ("/live", "/ready"):
        assert proxy.get(PREFIX + path).status_code == 200


def test_cached_answers_of_two_prefixes_are_not_mixed(trusting: str) -> None:
    for _ in range(2):
        for prefix in ("", "/one", "/two", "/one/two", "/targets"):
            answer = httpx.get(f"{trusting}/targets?limit=1", headers={"X-Forwarded-Prefix": prefix})
            assert answer.json()["permalink"].startswith(f"{prefix}/targets?limit=1&release=")
            assert "X-Forwarded-Prefix" in answer.headers["Vary"]
            assert httpx.get(f"{trusting}/openapi.json", headers={"X-Forwarded-Prefix": prefix}, timeout=30).json()[
                "servers"
            ] == [{"url": prefix or "/"}]


@pytest.mark.parametrize(
    "value", ["//evil.example", "https://evil.example", "/../x", "/a//b", "/a b", '/a"', "/a/..", "a", "/", "/é"]
)
def test_what_is_no_path_is_no_prefix(trusting: str, value: str) -> None:
    answer = httpx.get(f"{trusting}/therapies/Examplara", headers=[(b"X-Forwarded-Prefix", value.encode())])
    assert answer.headers["Location"] == "/therapies/examplumab"


def test_a_stranger_chooses_no_prefix(small_twice: str, serve_module: Callable[..., str]) -> None:
    for settings in ({}, {"TRUSTED_PROXIES": "192.0.2.1"}):
        url = serve_module(small_twice, **settings)
        answer = httpx.get(f"{url}/therapies/Examplara", headers={"X-Forwarded-Prefix": "/evil"})
        assert answer.headers["Location"] == "/therapies/examplumab"
