"""The shape of records: fewer keys, and parts embedded."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from app.api.shape import STEP, includable, shaped
from app.nouns.declaration import Noun
from app.nouns.paths import public_keys
from app.nouns.registry import fact_nouns, nouns
from app.nouns.registry import noun as noun_of
from tests.api.opened import Opened, opened

Records = list[dict[str, Any]]


@pytest.fixture(scope="module")
def base(database: str) -> Iterator[Opened]:
    with opened(database) as found:
        yield found


def shape(
    base: Opened, noun: Noun, limit: int, fields: list[str] | None = None, include: list[str] | None = None
) -> tuple[Records, Records, Records]:
    """The first records of a list as they are listed, whole, and in a shape."""
    _, release, run = base
    positions = list(range(min(limit, release.lists[noun.name].size)))
    listed = run(base.store.documents(release, noun, positions))
    whole = run(base.store.documents(release, noun, positions, whole=True))
    found = run(shaped(base.store, release, noun, listed, fields, include))
    return tuple(list(map(json.loads, documents)) for documents in (listed, whole, found))  # type: ignore[return-value]


def test_what_can_be_included_follows_from_the_declarations() -> None:
    for noun in nouns():
        expected = ["source", "therapy"] if noun in fact_nouns() else []
        if noun.name in {"statements", "trials"}:
            expected = ["source"]
        if noun.name != "therapies":
            assert includable(noun) == expected
            assert "id" in public_keys(noun.listed)
    therapies = noun_of("therapies")
    sections = {noun.section.key for noun in fact_nouns() if noun.section and noun.section.embedded}
    assert {"products", "coverage", "evidence", *sections} <= set(includable(therapies))
    assert not set(includable(therapies)) & set(public_keys(therapies.listed))
    assert "class" in public_keys(therapies.listed)


def test_without_a_shape_documents_stay_as_they_are(base: Opened) -> None:
    listed, _, found = shape(base, noun_of("therapies"), 3)
    assert found == listed


@pytest.mark.parametrize("name", ["therapies", "indications", "adverse-events", "sources"])
def test_fields_leave_out_all_other_keys(base: Opened, name: str) -> None:
    noun = noun_of(name)
    key = public_keys(noun.listed)[-1]
    listed, _, found = shape(base, noun, 2 * STEP + 1, [key])
    assert found == [{known: record[known] for known in record if known in {"id", key}} for record in listed]


def test_therapies_embed_the_rest_of_the_record(base: Opened) -> None:
    listed, whole, found = shape(base, noun_of("therapies"), STEP + 5, ["name"], ["indications", "mechanisms"])
    for short, record, shaped_ in zip(listed, whole, found, strict=True):
        assert shaped_ == {
            "id": short["id"],
            "name": short["name"],
            "mechanisms": record["mechanisms"],
            "indications": record["indications"],
        }
    listed, whole, found = shape(base, noun_of("therapies"), 3, None, ["coverage"])
    assert found == [short | {"coverage": record["coverage"]} for short, record in zip(listed, whole, strict=True)]


def test_facts_embed_their_source_and_therapy(base: Opened) -> None:
    listed, _, found = shape(base, noun_of("indications"), STEP + 5, None, ["source", "therapy"])
    sources = {record["id"]: record for record in shape(base, noun_of("sources"), 5000)[0]}
    therapies = {record["id"]: record for record in shape(base, noun_of("therapies"), 200)[0]}
    embedded = 0
    for fact, shaped_ in zip(listed, found, strict=True):
        source, therapy = fact["evidence"]["source"]["id"], fact["therapy"]["id"]
        assert list(shaped_) == [*fact, "source"]
        assert shaped_["source"]["id"] == source
        assert shaped_["therapy"]["id"] == therapy
        embedded += source in sources and therapy in therapies
        assert shaped_["source"] == sources.get(source, shaped_["source"])
        assert shaped_["therapy"] == therapies.get(therapy, shaped_["therapy"])
    assert embedded
