"""The pages as they are answered: whole, small, safe, and no other than what the API says."""

import hashlib
import re
from collections.abc import Callable
from urllib.parse import parse_qsl, urldefrag, urljoin, urlsplit

import httpx
import pytest
from lxml import html

from app.api.comparisons import COMPARE
from app.nouns.registry import nouns
from app.pages.compare import EXAMPLES, OUTCOME_EXAMPLES
from app.pages.draw import HERE, asset_url
from app.pages.lists import MAX_OF_ALL
from app.pages.records import COUNTED_BY
from app.pages.start import QUESTIONS
from app.pages.therapy import heading_of_line
from app.pages.visit import query_of
from app.pages.words import said
from tests.conftest import ROOT
from tests.pages.addresses import PAGES, PROBLEMS

MOST_BYTES = 60_000
LISTS = {f"/{noun.name}" for noun in nouns()}
VENDORED = {"htmx-2.0.11.min.js": "d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717"}
"""Libraries of others, with the SHA-256 of the file as its package has it."""
WEB_ONLY = ("https://", "http://")


def read(answer: httpx.Response) -> html.HtmlElement:
    """An answer as HTML."""
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    return html.document_fromstring(answer.text or "<p></p>")


def links(page: html.HtmlElement) -> list[str]:
    """Where a page leads within this service, and what it loads."""
    found = page.xpath("//a/@href | //link/@href | //script/@src | //img/@src | //form/@action | //*/@hx-get")
    return [link for link in map(str, found) if not link.startswith((*WEB_ONLY, "#"))]


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES.keys())
def test_a_page_is_whole_and_small(visitor: httpx.Client, path: str) -> None:
    answer = visitor.get(f"/browse{path}")
    assert answer.status_code == 200, answer.text[-2000:]
    assert len(answer.content) <= MOST_BYTES
    page = read(answer)
    [footer] = page.xpath("//footer")
    text = " ".join(footer.text_content().split())
    release = visitor.get("/service-info").json()["release"]
    assert "not medical advice" in text
    assert f"Release {release}." in text
    [permalink] = footer.xpath(".//a[starts-with(text(), 'Permalink')]/@href")
    pinned = visitor.get(urljoin(f"/browse{path}", permalink))
    assert "immutable" in pinned.headers["Cache-Control"] or path == "/releases"
    assert len(page.xpath("//h1")) == 1
    assert page.xpath("//html/@lang") == ["en"]


@pytest.fixture(scope="module")
def written_files() -> set[str]:
    """The formats of files that were asked for."""
    return set()


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES.keys())
def test_the_requests_behind_a_page_are_answered_in_every_format_named(
    visitor: httpx.Client, written_files: set[str], path: str
) -> None:
    page = read(visitor.get(f"/browse{path}"))
    requests = page.xpath("//*[@class='requests']//a")
    named = {link.text for link in requests}
    assert named >= {"JSON", "CSV", "BibTeX"} or path.split("?")[0] not in LISTS
    assert named >= {"JSON", "CSV", "SVG"} or not page.xpath("//img[@class='picture']")
    assert requests or path == "/adverse-events/compare"
    for link in requests:
        if link.text in {"Parquet", "Excel"}:  # a process of its own writes each: one is enough
            if link.text in written_files:
                continue
            written_files.add(link.text)
        answer = visitor.head(link.get("href"))
        assert answer.status_code == 200, link.get("href")
        assert "html" not in answer.headers["Content-Type"]
        assert answer.headers["Content-Type"].startswith("application/json") or link.text != "JSON"


def test_a_page_runs_nothing_inline_and_nothing_of_others(visitor: httpx.Client) -> None:
    for path in [*PAGES.values(), *(path for path, _ in PROBLEMS.values())]:
        answer = visitor.get(f"/browse{path}")
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        page = read(answer)
        assert page.xpath("//@style | //style | //script[not(@src)]") == [], path
        assert not re.search(r"<[a-z]+[^>]*\son\w+=", answer.text), path
        loaded = page.xpath("//link/@href | //script/@src | //img/@src")
        assert [address for address in loaded if "//" in address] == [], path


def test_a_list_shows_what_the_api_answers(visitor: httpx.Client) -> None:
    query = "class=pd-1-inhibitor&condition=melanoma&sort=-first_approval"
    page = read(visitor.get(f"/browse/therapies?{query}"))
    answered = visitor.get(f"/therapies?{query}&facets=agency").json()
    shown = [link.rpartition("/")[2] for link in page.xpath("//tbody/tr/td[1]/a/@href")]
    assert shown == [item["id"] for item in answered["items"]]
    assert page.xpath("string(//h1/small)") == str(answered["total"])
    agency = {
        item.xpath("string(a)"): int(item.xpath("string(small)"))
        for item in page.xpath("//aside//li")
        if item.xpath("a/@id")[0].startswith("agency:")
    }
    assert agency == {value["id"]: value["count"] for value in answered["facets"]["agency"]}


def test_facets_choose_chips_remove_and_pages_follow(visitor: httpx.Client) -> None:
    first = read(visitor.get("/browse/therapies"))
    [link] = first.xpath("//a[@id='class:car-t' or @id='class:adoptive-cell-therapy']/@href")[:1]
    chosen = read(visitor.get(urljoin("/browse/therapies", link)))
    total = int(chosen.xpath("string(//h1/small)"))
    assert 0 < total < int(first.xpath("string(//h1/small)"))
    [chip] = chosen.xpath("//ul[@class='chips']/li/a")
    assert "Adoptive cell therapy" in chip.text_content() or "CAR-T" in chip.text_content()
    back = read(visitor.get(urljoin("/browse/therapies", chip.get("href"))))
    assert back.xpath("string(//h1/small)") == first.xpath("string(//h1/small)")
    [onward] = first.xpath("//a[@rel='next']/@href")
    second = read(visitor.get(urljoin("/browse/therapies", onward)))
    rows = "//tbody/tr/td[1]/a/@href"
    assert second.xpath(rows)
    assert not set(first.xpath(rows)) & set(second.xpath(rows))


def test_all_values_of_a_filter_are_a_click_away(visitor: httpx.Client) -> None:
    [more] = read(visitor.get("/browse/therapies?agency=EMA")).xpath("//details[summary='Condition']//p/a/@href")
    page = read(visitor.get(urljoin("/browse/therapies", more)))
    shown = [str(found).removeprefix("condition:") for found in page.xpath("//aside//li/a/@id")]
    counted = visitor.get("/therapies?agency=EMA&facets=condition&limit=1").json()["facets"]["condition"]
    assert {value["id"] for value in counted[:MAX_OF_ALL]} <= set(shown)
    assert page.xpath("string(//h1/small)") == read(visitor.get("/browse/therapies?agency=EMA")).xpath(
        "string(//h1/small)"
    )
    assert visitor.get("/browse/therapies?all=colour").status_code == 422


def test_indications_stand_by_agency_and_line(visitor: httpx.Client) -> None:
    page = read(visitor.get("/browse/therapies/nivolumab"))
    items = visitor.get("/indications?therapy=nivolumab&limit=500").json()["items"]
    known = {item["id"]: item for item in items}
    agencies = page.xpath("//section[@aria-labelledby='indications']/h3")
    assert [head.text.strip() for head in agencies] == ["FDA", "EMA"]
    groups = page.xpath("//section[@aria-labelledby='indications']/h4")
    for head in groups:
        [listed] = head.xpath("following-sibling::ul[1]")
        [agency] = head.xpath("preceding-sibling::h3[1]")
        facts = [
            known[link.rpartition("/")[2]] for link in listed.xpath("li/a[contains(@href, '/indications/')]/@href")
        ]
        assert {fact["agency"] for fact in facts} == {agency.text.strip()}
        assert {heading_of_line(fact["line"]) for fact in facts} == {head.text}
    pairs = {(item["agency"], item["line"]) for item in items}
    assert len(groups) == len(pairs)
    assert "approved 2018-08-16 (accelerated) → withdrawn 2020-12-29" in page.text_content()


def test_a_waterfall_leads_from_what_was_asked_for_to_what_is_shown(visitor: httpx.Client) -> None:
    found = visitor.get("/adverse-events/matrix?class=car-t&limit=12").json()
    asked = {item["id"] for item in visitor.get("/therapies?class=car-t&fields=id&limit=500").json()["items"]}
    given = [{therapy["id"] for therapy in cohort["therapies"]} for cohort in found["cohorts"]]
    shown = {(therapy, row) for row, column, *_ in found["cells"] for therapy in given[column] & asked}
    page = read(visitor.get("/browse/adverse-events/matrix?class=car-t"))
    counts = [
        int(text.replace("−", "-")) for text in page.xpath("//table[contains(@class, 'waterfall')]//td[1]/text()")
    ]
    assert counts[0] == len(asked) * len(found["events"])
    assert counts[-1] == len(shown) == sum(counts[:-1])
    assert len(counts) > 3
    in_none = read(visitor.get("/browse/adverse-events/compare?trial=CHECKMATE-067&event=colitis&severity=severe"))
    assert in_none.xpath("//table[contains(@class, 'waterfall')]//td[1]/text()") == ["3", "−3", "0"]


@pytest.mark.parametrize("name", ["compare-too-much", "compare-outcomes-too-much"])
def test_too_much_to_compare_is_narrowed_by_a_click(visitor: httpx.Client, name: str) -> None:
    path = PAGES[name]
    page = read(visitor.get(f"/browse{path}"))
    ways = page.xpath("//section[@aria-labelledby='narrower']//table")
    assert len(ways) >= 3
    for way in ways:
        [first] = way.xpath(".//tr[1]//a/@href")
        assert read(visitor.get(urljoin(f"/browse{path}", first))).xpath("//main//tbody/tr"), first
    if arms := page.xpath("//input[@name='cohort']/@value"):
        chosen = visitor.get(f"/browse/adverse-events/compare?cohort={arms[0]}&cohort={arms[1]}")
        assert read(chosen).xpath("//main//tbody/tr")


def test_every_record_has_a_page(visitor: httpx.Client) -> None:
    for noun in nouns():
        found = visitor.get(f"/{noun.name}?limit=500&fields=id").json()["items"]
        for record in found[:: max(1, len(found) // 12)]:
            answer = visitor.get(f"/browse/{noun.name}/{record['id']}")
            assert answer.status_code == 200, record["id"]
            assert len(answer.content) <= MOST_BYTES, record["id"]
        assert visitor.get(f"/browse/{noun.name}").status_code == 200


@pytest.mark.parametrize(("path", "status"), PROBLEMS.values(), ids=PROBLEMS.keys())
def test_what_is_wrong_is_said_on_a_page(visitor: httpx.Client, path: str, status: int) -> None:
    answer = visitor.get(f"/browse{path}")
    assert answer.status_code == status
    assert answer.headers["Cache-Control"] == "no-store"
    page = read(answer)
    assert "not medical advice" in page.text_content()
    if "pembrolizumap" in path:
        [meant] = page.xpath("//main//li[1]/a/@href")
        assert visitor.get(meant).status_code == 200
    if status == 422:
        assert {"class", "pd-1-inhibitor"} & set(page.xpath("//main//li/a/text()"))
        meant = page.xpath("//main//li/a/@href")[0]
        assert visitor.get(urljoin(f"/browse{path}", meant)).status_code == 200


def test_what_belongs_to_the_api_is_refused_by_name(visitor: httpx.Client) -> None:
    for query in ("format=csv", "fields=id", "facets=class", "include=products"):
        assert visitor.get(f"/browse/therapies?{query}").status_code == 422
    for path in ("/browse?x=1", "/browse/therapies/ipilimumab?x=1", "/browse/classes/car-t?limit=1"):
        assert visitor.get(path).status_code == 422


def test_what_visitors_write_is_shown_and_never_run(visitor: httpx.Client) -> None:
    hostile = "<script>alert(1)</script>"
    for path in ("/browse/search", "/browse/therapies", "/browse/adverse-events/compare"):
        for name in ("q", "therapy", hostile):
            assert hostile not in visitor.get(path, params={name: hostile}).text
    assert hostile not in visitor.get(f"/browse/therapies/{hostile}").text


def test_a_name_leads_to_its_record_and_keeps_the_release(visitor: httpx.Client) -> None:
    answer = visitor.get("/browse/therapies/keytruda?release=latest")
    assert answer.status_code == 307
    assert answer.headers["Location"] == "/browse/therapies/pembrolizumab?release=latest"
    assert visitor.get("/browse/therapies/").status_code == 200
    assert visitor.get("/browse/Drugs?sort=name").headers["Location"] == "/browse/therapies?sort=name"
    assert visitor.get("/browse/drug/Keytruda").headers["Location"] == "/browse/therapies/Keytruda"


def test_pages_are_kept_and_pinned_as_answers_of_the_api(visitor: httpx.Client) -> None:
    answer = visitor.get("/browse/therapies/ipilimumab")
    assert answer.headers["Cache-Control"] == "public, max-age=5, must-revalidate"
    assert answer.headers["X-Release"] == visitor.get("/therapies?limit=1").headers["X-Release"]
    again = visitor.get("/browse/therapies/ipilimumab", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert visitor.head("/browse/therapies/ipilimumab").headers["ETag"] == answer.headers["ETag"]
    assert visitor.get("/browse/releases").headers["Cache-Control"] == "no-store"
    assert visitor.post("/browse/therapies").status_code == 405


def test_an_older_release_is_read_and_kept_in_every_link(visitor: httpx.Client) -> None:
    older = visitor.get("/releases").json()["items"][-1]["version"]
    for path in ("", "/therapies", "/therapies/pembrolizumab", "/conditions/melanoma", "/classes/car-t", "/approvals",
                 "/targets/PDCD1", "/sources/label.keytruda.2023-12-15", "/outcomes", "/trials",
                 "/adverse-events/matrix?class=car-t", "/search?q=colitis"):  # fmt: skip
        mark = "&" if "?" in path else "?"
        answer = visitor.get(f"/browse{path}{mark}release={older}")
        assert answer.status_code == 200, path
        assert answer.headers["X-Release"] == older
        inside = [link for link in read(answer).xpath("//a/@href") if link.startswith(("/browse", "?"))]
        assert [link for link in inside if f"release={older}" not in link] == [], path
    assert visitor.get("/browse?release=1999.01.01").status_code == 422


def test_browsers_are_led_to_the_pages_and_programs_to_the_documentation(visitor: httpx.Client) -> None:
    browser = visitor.get("/", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    program = visitor.get("/")
    assert (browser.status_code, browser.headers["Location"]) == (307, "/browse")
    assert (program.status_code, program.headers["Location"]) == (307, "/docs")
    assert "Accept" in browser.headers["Vary"]
    assert "Accept" in program.headers["Vary"]


def test_files_are_kept_for_good_under_an_address_of_their_content(visitor: httpx.Client) -> None:
    for name in ("style.css", "icon.svg", *VENDORED):
        answer = visitor.get(asset_url(name))
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.content == (HERE / "assets" / name).read_bytes()
    assert visitor.get("/browse/assets/nothing.css").status_code == 404
    assert visitor.get("/browse/assets/..%2Fdraw.py").status_code == 404


def test_what_others_wrote_is_as_they_published_it_and_its_licence_is_named() -> None:
    for name, digest in VENDORED.items():
        assert hashlib.sha256((HERE / "assets" / name).read_bytes()).hexdigest() == digest
        assert name in (ROOT / "LICENSE").read_text(encoding="utf-8")
    others = {path.name for path in (HERE / "assets").iterdir()} - {"style.css", "icon.svg"}
    assert others == VENDORED.keys()


def test_what_is_true_or_false_is_said_in_words() -> None:
    assert said({"pooled": True, "serious": False}) == "pooled: yes; serious: no"


def examples() -> list[str]:
    """The questions of the start, and the examples of the comparison."""
    questions = [f"{path}?{query_of(params)}" for _, path, params in QUESTIONS]
    compared = [f"{COMPARE}?{query_of(params)}" for _, params in EXAMPLES]
    return [*questions, *compared, *(f"/outcomes/compare?{query_of(params)}" for _, params in OUTCOME_EXAMPLES)]


def test_questions_and_examples_are_answered(visitor: httpx.Client) -> None:
    for address in examples():
        assert read(visitor.get(f"/browse{address}")).xpath("//main//tbody/tr"), address
        assert visitor.get(address).json()["items"], address


def test_the_lists_that_count_a_record_have_a_filter_for_it() -> None:
    known = {noun.name: noun for noun in nouns()}
    for name, counted in COUNTED_BY.items():
        assert [other for other in counted if known[name].kind not in known[other].by_name] == [], name


def kind_of(address: str) -> tuple[str, ...]:
    """What links of one kind have in common: path, names of parameters and format; for the API, ids do not matter.

    Of files that a process of its own writes, one is enough here: that each list has them is shown elsewhere.
    """
    parts = urlsplit(address)
    query = dict(parse_qsl(parts.query))
    if query.get("format") in {"parquet", "xlsx"}:
        return (query["format"],)
    params = sorted(name if name != "format" else f"format={value}" for name, value in query.items())
    if "/browse" in parts.path:
        return (parts.path, *params)
    _, _, listed, *of_record = parts.path.split("/")
    return (listed, *of_record[1:], str(len(of_record)), *params)


def crawled(client: httpx.Client, prefix: str) -> dict[str, int]:
    """A page and an answer of each kind that pages lead to, from the start on, with its status."""
    seen: dict[str, int] = {}
    kinds = set[tuple[str, ...]]()
    waiting = [f"{prefix}/browse", f"{prefix}/browse/releases"]
    while waiting:
        address = waiting.pop()
        if kind_of(address) in kinds:
            continue
        kinds.add(kind_of(address))
        assert address.startswith(f"{prefix}/"), f"{address} leads past the proxy"
        page = address.startswith(f"{prefix}/browse") and "/assets/" not in address
        answer = client.request("GET" if page else "HEAD", address.removeprefix(prefix))
        seen[address] = answer.status_code
        if page and answer.status_code == 200:
            for link in links(read(answer)):
                onward = urldefrag(urljoin(address, link)).url
                if not onward.startswith(f"{prefix}/browse") or urlsplit(onward).query.count("=") <= 1:
                    waiting.append(onward)  # combinations of filters have no end
    return seen


def test_every_link_of_every_page_leads_on_behind_a_proxy_too(
    small_twice: str, serve_module: Callable[..., str]
) -> None:
    prefix = "/facts"
    with httpx.Client(base_url=serve_module(small_twice, ROOT_PATH=prefix), timeout=30) as client:
        seen = crawled(client, prefix)
    of_the_facts = tuple(urlsplit(address).query for address in examples())  # not of this small fact base
    wrong = {
        address: status
        for address, status in seen.items()
        if status not in {200, 307} and not urlsplit(address).query.startswith(of_the_facts)
    }
    assert wrong == {}
    assert len([address for address in seen if "/browse" in address]) > 50
