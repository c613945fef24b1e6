"""What a user sees of the lists: every list, every filter, every page."""

import itertools
from urllib.parse import quote

import httpx
import pytest

from app.nouns.declaration import Noun
from app.nouns.filters import Filter
from app.nouns.registry import fact_nouns, nouns
from app.nouns.registry import noun as noun_of
from tests.release.brute_force import BruteForce
from tests.release.questions import Questions

FILTERS = [(noun, wanted) for noun in nouns() for wanted in noun.by_name.values()]


def walk(client: httpx.Client, path: str, pages: int = 1000) -> list[dict]:
    """All items of a list, page after page; or those of its first pages."""
    items, following = [], path
    while following and pages:
        pages -= 1
        answer = client.get(following)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        items += body["items"]
        following = body["next"]
        if following:
            assert f'<{following}>; rel="next"' in answer.headers["Link"]
    return items


@pytest.mark.parametrize("noun", nouns(), ids=lambda noun: noun.name)
def test_pages_of_a_list_are_the_whole_list(client: httpx.Client, noun: Noun) -> None:
    total = client.get(f"/{noun.name}?limit=1").json()["total"]
    ids = [item["id"] for item in walk(client, f"/{noun.name}?limit=500")]
    assert len(ids) == len(set(ids)) == total > 0


@pytest.mark.parametrize("noun", nouns(), ids=lambda noun: noun.name)
def test_pages_of_every_sort_are_cut_from_one_order(client: httpx.Client, noun: Noun) -> None:
    """The order itself is held to the documents in tests/release."""
    for key, turned in itertools.product(noun.sorts, ("", "-")):
        sorted_ = f"/{noun.name}?sort={turned}{key}"
        whole = [item["id"] for item in walk(client, f"{sorted_}&limit=500", pages=1)]
        paged = [item["id"] for item in walk(client, f"{sorted_}&limit=97", pages=5)]
        assert paged == whole[: len(paged)]
        assert len(paged) == min(len(whole), 5 * 97)


def test_first_approvals_are_sorted_with_unknown_ones_last(client: httpx.Client) -> None:
    for sort, reverse in (("first_approval", False), ("-first_approval", True)):
        found = [item["first_approval"] for item in walk(client, f"/therapies?limit=50&sort={sort}")]
        dates = [f"{approval['on']}-01-01"[:10] for approval in found if approval]  # the first day that it can mean
        assert dates == sorted(dates, reverse=reverse)
        assert found == [*[item for item in found if item], *[None] * (len(found) - len(dates))]


@pytest.mark.parametrize(("noun", "wanted"), FILTERS, ids=lambda part: part.name)
def test_every_filter_narrows_and_its_example_is_answered(client: httpx.Client, noun: Noun, wanted: Filter) -> None:
    whole = client.get(f"/{noun.name}?limit=1").json()["total"]
    body = client.get(f"/{noun.name}", params={wanted.name: wanted.example, "limit": 1}).json()
    assert "items" in body, body
    assert body["total"] <= whole
    if wanted.name in noun.facets:
        facet = client.get(f"/{noun.name}", params={"facets": wanted.name, "limit": 1}).json()["facets"][wanted.name]
        for value in facet[:3]:
            found = client.get(f"/{noun.name}", params={wanted.name: value["id"], "limit": 1}).json()
            assert found["total"] == value["count"], value


@pytest.mark.parametrize("noun", fact_nouns(), ids=lambda noun: noun.name)
def test_the_lists_of_a_therapy_are_those_of_its_filter(client: httpx.Client, noun: Noun) -> None:
    nested = client.get(f"/therapies/pembrolizumab/{noun.name}?limit=5").json()
    flat = client.get(f"/{noun.name}?therapy=pembrolizumab&limit=5").json()
    assert nested["items"] == flat["items"]
    assert nested["total"] == flat["total"] > 0
    counts = client.get("/therapies/pembrolizumab").json()["counts"]
    assert counts[noun.name.replace("-", "_")] == nested["total"]


@pytest.mark.parametrize("noun", nouns(), ids=lambda noun: noun.name)
def test_a_record_is_found_by_its_id(client: httpx.Client, noun: Noun) -> None:
    for item in client.get(f"/{noun.name}?limit=3").json()["items"]:
        record = client.get(f"/{noun.name}/{quote(item['id'])}")
        assert record.status_code == 200
        assert record.json()["id"] == item["id"]


def test_pd_1_inhibitors_for_melanoma_are_found_by_common_names(client: httpx.Client) -> None:
    body = client.get("/therapies", params={"class": "anti-PD-1", "condition": "Melanoma", "agency": "fda"}).json()
    assert {"pembrolizumab", "nivolumab"} <= {item["id"] for item in body["items"]}
    assert body["query"]["class"] == ["pd-1-inhibitor"]
    assert body["query"]["condition"] == ["melanoma"]
    by_target = client.get("/therapies", params={"target": "PD-1", "condition": "melanoma"}).json()
    assert by_target["query"]["target"] == ["PDCD1"]
    assert {"pembrolizumab", "nivolumab"} <= {item["id"] for item in by_target["items"]}


def test_filters_on_indications_meet_in_one_indication(client: httpx.Client) -> None:
    for item in client.get("/therapies?agency=EMA&condition=melanoma&limit=100").json()["items"]:
        found = client.get(f"/indications?therapy={item['id']}&agency=EMA&condition=melanoma&status=active").json()
        assert found["total"] > 0, item["id"]


def test_trees_are_followed_downwards(client: httpx.Client) -> None:
    lymphoma = {item["id"] for item in walk(client, "/therapies?condition=lymphoma&limit=500")}
    large = {item["id"] for item in walk(client, "/therapies?condition=diffuse-large-b-cell-lymphoma&limit=500")}
    assert large
    assert large < lymphoma
    cells = {item["class"]["id"] for item in walk(client, "/therapies?class=adoptive-cell-therapy&limit=500")}
    assert "car-t" in cells


def test_several_values_are_or_and_several_filters_are_and(client: httpx.Client) -> None:
    def total(query: str) -> int:
        return int(client.get(f"/therapies?{query}&limit=1").json()["total"])

    one, two = total("class=pd-1-inhibitor"), total("class=pd-l1-inhibitor")
    assert total("class=pd-1-inhibitor,pd-l1-inhibitor") == one + two
    assert total("class=pd-1-inhibitor&class=pd-l1-inhibitor") == one + two
    assert total("class=pd-1-inhibitor&target=PD-L1") == 0


def test_facets_count_alternatives_without_their_own_filter(client: httpx.Client) -> None:
    alone = client.get("/therapies?facets=class&limit=1").json()["facets"]["class"]
    filtered = client.get("/therapies?class=car-t&facets=class,condition&limit=1").json()
    assert filtered["facets"]["class"] == alone
    for value in filtered["facets"]["condition"][:5]:
        found = client.get("/therapies", params={"class": "car-t", "condition": value["id"], "limit": 1}).json()
        assert found["total"] == value["count"]


def test_full_text_finds_names_brands_beginnings_and_phrases(client: httpx.Client) -> None:
    for question in ("keytruda", "Pembroliz", "KEYTRUDA melanoma", '"PD-1" keytruda'):
        ids = [item["id"] for item in client.get("/therapies", params={"q": question}).json()["items"]]
        assert "pembrolizumab" in ids, question
    assert client.get("/therapies", params={"q": '"melanoma keytruda"'}).json()["total"] == 0


@pytest.mark.parametrize("question", ['"', "NEAR(a b)", "a* OR b", "-melanoma", '"unbalanced', "(", "col:umn", "a AND"])
def test_the_syntax_of_search_engines_is_plain_text(client: httpx.Client, question: str) -> None:
    assert client.get("/therapies", params={"q": question}).status_code in {200, 422}


def test_a_brand_a_code_and_a_synonym_redirect_to_the_record(client: httpx.Client) -> None:
    for path, canonical in (
        ("/therapies/Keytruda", "/therapies/pembrolizumab"),
        ("/therapies/MK-3475?release=", None),
        ("/targets/PD-1", "/targets/PDCD1"),
        ("/therapies/keytruda/adverse-events?limit=3", "/therapies/pembrolizumab/adverse-events?limit=3"),
    ):
        if canonical:
            answer = client.get(path)
            assert answer.status_code == 307
            assert answer.headers["Location"] == canonical


def test_every_fact_carries_its_evidence(client: httpx.Client) -> None:
    sources = {item["id"] for item in walk(client, "/sources?limit=500")}
    for noun in fact_nouns():
        for item in client.get(f"/{noun.name}?limit=500").json()["items"]:
            assert item["evidence"]["locator"]
            assert item["evidence"]["source"]["id"] in sources


def test_a_pinned_release_and_a_permalink_answer_the_same(client: httpx.Client) -> None:
    body = client.get("/therapies?class=car-t&limit=2").json()
    again = client.get(body["permalink"])
    assert again.json()["items"] == body["items"]
    assert again.headers["X-Release"] == body["release"]
    assert client.get("/therapies?release=1999.01.01").status_code == 422


def test_an_empty_answer_says_what_is_known(client: httpx.Client) -> None:
    blank = next(
        item
        for item in walk(client, "/therapies?limit=500&include=coverage")
        if item["coverage"]["adverse_events"] == "not curated"
    )
    body = client.get(f"/adverse-events?therapy={blank['id']}").json()
    assert body["total"] == 0
    assert body["absence"] == [{"therapy": {"id": blank["id"], "name": blank["name"]}, "coverage": "not curated"}]
    there = client.get("/adverse-events?therapy=pembrolizumab&any_percent_from=99.9&event=colitis").json()
    assert [item["coverage"] for item in there["absence"]] == ["curated"]
    assert "absence" not in client.get("/adverse-events?therapy=pembrolizumab").json()


def test_the_columns_of_tables_are_documented(client: httpx.Client) -> None:
    """By a rule: keys of the record, as its schema names them."""
    schemas = client.get("/openapi.json").json()["components"]["schemas"]

    def keys(schema: dict) -> dict:
        """The properties of a schema, and of what it extends."""
        schema = next((part for part in schema.get("anyOf", ()) if "$ref" in part), schema)
        schema = schemas[schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema
        return schema.get("properties", {}) | {
            key: part for base in schema.get("allOf", ()) for key, part in keys(base).items()
        }

    for noun in nouns():
        one = client.get(f"/{noun.name}?limit=1").json()["items"][0]["id"]
        header = client.get(f"/{noun.name}", params={"format": "csv", "id": one}).text.split("\r\n", 1)[0]
        *names, last = header.split(",")
        assert last == "release"
        for name in names:
            known = {"": schemas[noun.listed.__name__]}
            for key in name.split("."):
                known = keys(next(iter(known.values()))) if len(known) == 1 else known
                key = key if key in known else key.removesuffix("_low").removesuffix("_high")
                known = {key: known[key]}


def test_what_two_sources_print_differently_stands_side_by_side(client: httpx.Client) -> None:
    body = client.get("/adverse-events?differs=true&limit=500").json()
    assert body["total"] > 0
    for item in body["items"][:20]:
        for other_id in item["differs_from"]:
            other = client.get(f"/adverse-events/{other_id}").json()
            assert item["id"] in other["differs_from"]
            assert other["evidence"]["source"]["id"] != item["evidence"]["source"]["id"]
            assert other["cohort"]["trial"].casefold() == item["cohort"]["trial"].casefold()
            assert other["rates"] != item["rates"]


@pytest.mark.parametrize("name", ["therapies", "adverse-events"])
def test_random_questions_are_answered_as_all_documents_say(client: httpx.Client, base: BruteForce, name: str) -> None:
    """Total, order, pages and facets, against what is computed over all documents; tests/release asks far more."""
    noun, narrowed = noun_of(name), 0
    questions = Questions(base, noun, seed=20)
    for number in range(25 if name == "therapies" else 8):
        params, sort = questions.filters(), questions.sort()
        facets = noun.facets[number % len(noun.facets) :][:2]
        found = base.sort(noun, base.find(noun, params), sort)
        limit = max(questions.number(50), len(found) // 3, 1)
        asked = {"limit": min(limit, 500), "facets": facets, **({"sort": sort} if sort else {}), **params}
        body = client.get(f"/{name}", params=asked).json()
        assert body["total"] == len(found), asked
        assert body["query"].keys() == asked.keys() - {"facets"}
        for facet in facets:
            counted = {value["id"]: value["count"] for value in body["facets"][facet]}
            assert counted == base.facet(noun, params, facet), asked
        items = [*body["items"], *(walk(client, body["next"], pages=2) if body["next"] else [])]
        assert [item["id"] for item in items] == [item["id"] for item in found[: len(items)]], asked
        narrowed += 0 < len(found) < len(base.documents[name])
    assert narrowed > 3
