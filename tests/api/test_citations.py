"""Citations of every source, read back by parsers that did not write them: bibtexparser, rispy, citeproc-py, pybtex."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import bibtexparser
import httpx
import pytest
import rispy
from bibtexparser.bparser import BibTexParser
from citeproc.source.json import CiteProcJSON
from pybtex.database import parse_string

from app.api.formats import Format
from app.api.formats.citations import _listed, _without_date, citation_items, cited_sources, joined, written
from app.nouns.registry import noun as noun_of
from app.release.database import NotReadyError
from app.vocabulary import AuthorKind
from tests.api.conftest import said
from tests.api.opened import Opened, opened

SPECIAL = "\\{}~%&$#_^<>\"'\u2013\u2265\u03b1\u00e9"
"""What BibTeX, and who reads it, may take for something else."""
ADDRESS = "https://facts.example/api/releases/2026.01.02"
UNTEX = {r"\textbackslash{}": "\\", r"\textbraceleft{}": "{", r"\textbraceright{}": "}", r"\textasciitilde{}": "~"}


async def batched(*batches: list[str]) -> AsyncIterator[list[str]]:
    for batch in batches:
        yield batch


def cited(*records: dict[str, Any]) -> list[str]:
    return asyncio.run(cited_sources(batched([json.dumps(record) for record in records])))


def evidence(source_id: str) -> dict[str, Any]:
    return {"source": {"id": source_id, "title": "T"}, "locator": "1"}


def test_sources_are_cited_in_the_order_of_their_first_appearance() -> None:
    therapy = {
        "id": "t",
        "products": [{"evidence": evidence("b")}, {"evidence": evidence("a")}],
        "warnings": [{"event": {"id": "x"}, "evidence": evidence("c")}],
        "evidence": evidence("own"),
    }
    assert cited(therapy, {"evidence": evidence("c")}, {"evidence": evidence("z")}) == ["own", "b", "a", "c", "z"]
    assert cited({"id": "s", "standing": "current"}, {"id": "term"}) == ["s"]
    assert cited() == []


@pytest.fixture(scope="module")
def base(database: str) -> Iterator[Opened]:
    with opened(database) as found:
        yield found


@pytest.fixture(scope="module")
def items(base: Opened) -> list[dict[str, Any]]:
    """The items of all sources, and of the release."""
    return items_of(base, all_sources(base))


@pytest.fixture(scope="module")
def sources(documents: dict[str, list[dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    """All sources by id."""
    return {source["id"]: source for source in documents["sources"]}


def all_sources(base: Opened) -> list[str]:
    sources = noun_of("sources")
    positions = list(range(base.release.lists[sources.name].size))
    return list(base.run(cited_sources(base.store.batches(base.release, sources, positions))))


def items_of(base: Opened, ids: list[str]) -> list[dict[str, Any]]:
    return [item for batch in batches_of(base, ids) for item in batch]


def batches_of(base: Opened, ids: list[str]) -> list[list[dict[str, Any]]]:
    async def collected() -> list[list[dict[str, Any]]]:
        return [batch async for batch in citation_items(base.store, base.release, ids, ADDRESS)]

    found: list[list[dict[str, Any]]] = base.run(collected())
    return found


@pytest.mark.parametrize("format_", [Format.CSL_JSON, Format.RIS, Format.BIBTEX])
def test_batches_are_the_document_that_all_at_once_would_be(base: Opened, format_: Format) -> None:
    batches = batches_of(base, all_sources(base))
    assert len(batches) > 2
    whole = written(format_, [item for batch in batches for item in batch])
    assert joined(format_, [written(format_, batch) for batch in batches]) == whole


def test_sources_keep_the_order_in_which_they_are_cited(base: Opened) -> None:
    ids = all_sources(base)[::-1]
    assert [item["id"] for item in items_of(base, ids)] == [*ids, f"immunofacts-{base.release.version}"]
    with pytest.raises(NotReadyError):
        items_of(base, [ids[0], "no-such-source"])


def test_the_release_is_cited_with_its_address(base: Opened, items: list[dict[str, Any]]) -> None:
    assert (items[-1]["URL"], items[-1]["version"]) == (ADDRESS, base.release.version)
    for format_ in (Format.BIBTEX, Format.RIS, Format.CSL_JSON):
        assert ADDRESS in written(format_, items).decode()


def names_of(item: dict[str, Any]) -> list[str]:
    """The authors of an item, family name first; organisations whole."""
    return [
        author.get("literal") or ", ".join(author[part] for part in ("family", "given") if part in author)
        for author in item.get("author", [])
    ]


def test_people_have_family_and_given_names_and_organisations_are_whole(
    items: list[dict[str, Any]], sources: dict[str, dict[str, Any]]
) -> None:
    people = organisations = 0
    for item in items[:-1]:
        source = sources[item["id"]]
        for author in item.get("author", []):
            if source["author_kind"] == AuthorKind.PEOPLE and author != {"literal": "others"}:
                assert author["family"]
                assert author.get("given") or len(source["authors"][0].split()) <= 3
                assert not re.search(r"\bet al\b|,", author["family"])
                people += 1
            elif source["author_kind"] == AuthorKind.ORGANISATIONS:
                assert author["literal"] in source["authors"]
                organisations += 1
    assert people > 60
    assert organisations > 300


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Feltes TF", {"family": "Feltes", "given": "T. F."}),
        ("Valteau-Couanet D", {"family": "Valteau-Couanet", "given": "D."}),
        ("Stephane De Wit", {"family": "De Wit", "given": "Stephane"}),
        ("Tze-Chiang Meng", {"family": "Meng", "given": "Tze-Chiang"}),
        ("James F. Howard Jr.", {"family": "Howard", "given": "James F.", "suffix": "Jr."}),
        ("Ludwig van der Berg", {"family": "van der Berg", "given": "Ludwig"}),
        ("Singer", {"family": "Singer"}),
    ],
)
def test_a_name_has_its_parts(name: str, expected: dict[str, str]) -> None:
    from app.api.formats.authors import csl_names

    source = {"kind": "review", "authors": [name], "author_kind": "people"}
    assert csl_names(source) == [expected]
    assert csl_names(source | {"authors": [f"{name} et al."]}) == [expected, {"literal": "others"}]
    assert csl_names(source | {"author_kind": "organisations"}) == [{"literal": name}]
    assert csl_names({"kind": "label", "authors": [name]}) == [{"literal": name}]  # of an older release


def plain(text: str) -> str:
    """What TeX would show."""
    for written_, meant in UNTEX.items():
        text = text.replace(written_, meant)
    return re.sub(r"\\([&%$#_])", r"\1", text).replace("''", '"')


@pytest.fixture(scope="module")
def some(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each tenth item, and those that say what no item before them says: parsers of BibTeX take long."""
    keys, found = set[object](), list[dict[str, Any]]()
    for place, item in enumerate(items):
        own = {*said(item), item["type"], *(mark for mark in SPECIAL if mark in item["title"])}
        if place % 10 == 0 or not own <= keys:
            found.append(item)
        keys |= own
    return found


def test_bibtex_is_read_by_others(some: list[dict[str, Any]]) -> None:
    items = some
    text = written(Format.BIBTEX, items).decode()
    read = bibtexparser.loads(text, parser=BibTexParser(common_strings=False, interpolate_strings=False))
    assert [entry["ID"] for entry in read.entries] == [item["id"] for item in items]
    also = parse_string(text, "bibtex").entries
    for item, entry in zip(items, read.entries, strict=True):
        assert entry["title"].startswith("{")  # no style changes its case
        assert entry["title"].endswith("}")
        assert plain(entry["title"][1:-1]) == item["title"]
        assert (entry.get("doi"), entry.get("url")) == (item.get("DOI"), item.get("URL"))
        names = [plain(name) for name in re.split(r" and (?![^{]*\})", entry.get("author", "")) if name]
        assert [name.strip("{}") for name in names] == names_of(item)
        persons = also[item["id"]].persons.get("author", [])
        assert len(persons) == len(item.get("author", []))
        for person, author in zip(persons, item.get("author", []), strict=True):
            if "family" in author:
                assert " ".join(person.prelast_names + person.last_names) == author["family"]
                assert " ".join(person.first_names + person.middle_names) == author.get("given", "")
        issued = item.get("issued", {}).get("date-parts", [[]])[0]
        assert [int(entry[key]) for key in ("year", "month", "day") if key in entry] == issued


def test_ris_is_read_by_others(items: list[dict[str, Any]]) -> None:
    read = rispy.loads(written(Format.RIS, items).decode())
    assert [reference["id"] for reference in read] == [item["id"] for item in items]
    for item, reference in zip(items, read, strict=True):
        assert reference["title"] == item["title"]
        assert ";".join(reference.get("urls", [])) == item.get("URL", "")  # rispy cuts them there
        people = [author for author in item.get("author", []) if author != {"literal": "others"}]
        for name, author in zip(reference.get("authors", []), people, strict=True):
            parts = name.split(", ")  # what follows a comma is read as a given name
            assert parts[0] == author.get("family", author.get("literal", "").replace(",", ""))
            assert len(parts) == 1 + ("given" in author) + ("suffix" in author)


def test_csl_json_is_read_by_others(items: list[dict[str, Any]]) -> None:
    assert json.loads(written(Format.CSL_JSON, items)) == items
    read = CiteProcJSON(items)
    assert len(read) == len(items)


def test_each_date_is_said_once(items: list[dict[str, Any]], some: list[dict[str, Any]]) -> None:
    entries = {entry["ID"]: entry for entry in bibtexparser.loads(written(Format.BIBTEX, some).decode()).entries}
    for item in items:
        issued = item.get("issued", {}).get("date-parts", [[]])[0]
        if len(issued) == 3:
            day = "-".join(f"{part:02}" for part in issued)
            assert day not in item.get("note", ""), item["id"]
            entry = entries.get(item["id"], {})
            shown = " ".join(value for key, value in entry.items() if key not in {"ID", "title", "url", "urldate"})
            assert day not in shown, item["id"]


@pytest.mark.parametrize(
    ("revision", "date", "left"),
    [
        ("last updated 2025-01-06", "2025-01-06", ""),
        ("last updated 2025-01-06", None, "last updated 2025-01-06"),
        ("last updated 2025-01-06", "2024-01-06", "last updated 2025-01-06"),
        ("revised 10/2024", "2024-10", ""),
        ("updated June 26, 2024", "2024-06-26", ""),
        ("revision year 2025", "2025", ""),
        ("as served by openFDA on 2026-01-08", "2026-01-08", "as served by openFDA"),
        ("no revision date printed", "2026-01-08", "no revision date printed"),
        ("source European Medicines Agency, revision year 2022", "2022", "source European Medicines Agency"),
        ("version 2020.12", "2020", "version 2020.12"),
    ],
)
def test_a_revision_is_named_without_the_date_of_its_source(revision: str, date: str | None, left: str) -> None:
    assert _without_date(revision, date) == left


@pytest.mark.parametrize(
    ("citation", "date", "expected"),
    [
        ("2020;43(5):409-425", "2020-04-02", ("43", "5", "409-425")),
        ("2020;43(5):409-425", "2021", (None, None, None)),
        ("85 (5): 6", "2021", ("85", "5", "6")),
        ("5 Suppl 1:S440-3", "1992", ("5", "Suppl 1", "S440-3")),
        ("6 (2007) 469-475", "2007", ("6", None, "469-475")),
        ("2014:7 101-109", "2014-04-29", ("7", None, "101-109")),
        ("2025 Jul;85(7):957-963", "2025", ("85", "7", "957-963")),
        ("Volume 2012, Article ID 302093", "2012", (None, None, None)),
    ],
)
def test_volume_issue_and_pages_are_read(citation: str, date: str, expected: tuple[str | None, ...]) -> None:
    assert tuple(_listed(citation, date).get(key) for key in ("volume", "issue", "page")) == expected


def test_what_means_something_to_tex_is_escaped() -> None:
    item = {"id": "a b", "type": "report", "title": r'50 % of {A} & B_1 \ C} "q"', "URL": "https://x.org/a_b?c=%20&d"}
    text = written(Format.BIBTEX, [item]).decode()
    assert text.startswith("@techreport{a-b,\n")
    [entry] = bibtexparser.loads(text).entries
    assert plain(entry["title"][1:-1]) == item["title"]
    assert entry["url"] == item["URL"]


@pytest.mark.parametrize("format_", ["bibtex", "ris", "csl-json"])
def test_the_address_of_the_release_is_that_of_the_request(client: httpx.Client, url: str, format_: str) -> None:
    version = client.get("/service-info").json()["release"]
    for host in ("one.example", "two.example", "one.example", url.removeprefix("http://")):
        answer = client.get(f"/targets?format={format_}", headers={"Host": host})
        assert f"http://{host}/releases/{version}" in answer.text.replace("\\/", "/")
        assert answer.headers["ETag"]
    assert client.get(f"/releases/{version}").status_code == 200


def sources_of(answer: Any) -> set[str]:
    """The sources of all evidence within an answer."""
    if isinstance(answer, list):
        return {found for part in answer for found in sources_of(part)}
    if not isinstance(answer, dict):
        return set()
    own = {answer["evidence"]["source"]["id"]} if isinstance(answer.get("evidence"), dict) else set()
    return own.union(*map(sources_of, answer.values()))


def ids_of(client: httpx.Client, path: str) -> set[str]:
    return {entry["id"] for entry in client.get(f"{path}&format=csl-json").json()[:-1]}


@pytest.mark.parametrize(
    "path",
    ["/indications?condition=melanoma&agency=EMA", "/warnings?event=CRS&level=boxed", "/mechanisms?target=PD-1",
     "/approvals?therapy=nivolumab", "/statements?topic=limitation", "/cohorts?therapy=ipilimumab"],
)  # fmt: skip
def test_a_list_of_facts_cites_what_it_shows(client: httpx.Client, path: str) -> None:
    page = client.get(f"{path}&limit=500").json()
    assert page["next"] is None
    assert ids_of(client, path) == sources_of(page["items"])


@pytest.mark.parametrize(
    ("query", "met"),
    [
        ("class=pd-1-inhibitor", lambda _: True),
        ("class=pd-1-inhibitor&condition=melanoma", lambda fact: fact["condition"]["id"] == "melanoma"),
        (
            "target=PD-1&condition=melanoma&agency=EMA",
            lambda fact: fact["condition"]["id"] == "melanoma" and fact["agency"] == "EMA",
        ),
    ],
)
def test_a_list_of_therapies_cites_what_it_shows_and_what_met_its_filters(
    client: httpx.Client, query: str, met: Callable[[Any], bool]
) -> None:
    used: set[str] = set()
    for item in client.get(f"/therapies?{query}&limit=500").json()["items"]:
        record = client.get(f"/therapies/{item['id']}").json()
        filtered = "condition" in query
        parts = [
            {"evidence": record["evidence"]},
            *record["products"],
            *(mechanism for mechanism in record["mechanisms"] if mechanism["target"]),
            *(fact for fact in record["indications"] if met(fact) and (fact["status"] == "active" or not filtered)),
            *(warning for warning in record["warnings"] if warning["level"] == "boxed"),
        ]
        used |= sources_of(parts)
    assert ids_of(client, f"/therapies?{query}") == used
