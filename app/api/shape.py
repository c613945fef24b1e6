"""The shape of records: `fields` leaves keys out, `include` embeds more, so that one request does for twenty."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import orjson

from app.api.errors import bad_parameter
from app.api.records import records_by_id
from app.nouns.declaration import Noun
from app.nouns.paths import public_keys
from app.nouns.registry import fact_nouns
from app.nouns.source import NOUN as SOURCES
from app.nouns.therapy import NOUN as THERAPIES
from app.release.opened import OpenRelease
from app.release.query import matching
from app.release.store import Store

MAX_FACTS = 3000
"""Facts that are embedded at once."""
STEP = 20
"""Records that are shaped between two yields to the event loop: with whole therapies, some milliseconds."""

_REFERRED: dict[str, tuple[Noun, Callable[[dict[str, Any]], str]]] = {
    "source": (SOURCES, lambda record: record["evidence"]["source"]["id"]),
    "therapy": (THERAPIES, lambda record: record["therapy"]["id"]),
}
"""What facts refer to, and where its id stands."""


def includable(noun: Noun) -> list[str]:
    """What `include` takes in a list: the rest of a record whose list form is shorter, else its source and therapy.

    Therapies take the facts too that their single record does not hold.
    """
    if noun.summary:
        short = public_keys(noun.summary)
        rest = [key for key in public_keys(noun.public) if key not in short]
        return [*rest, *facts_apart(noun)]
    found = ["source"] if "evidence" in noun.public.model_fields else []
    return [*found, "therapy"] if noun.section else found


@cache
def facts_apart(noun: Noun) -> dict[str, Noun]:
    """Of therapies: lists of facts that the single record does not hold, by key."""
    if noun is not THERAPIES:
        return {}
    return {each.section.key: each for each in fact_nouns() if each.section and not each.section.embedded}


async def shaped(
    store: Store,
    release: OpenRelease,
    noun: Noun,
    documents: Sequence[bytes],
    fields: Iterable[str] | None,
    include: Iterable[str] | None,
) -> Sequence[bytes]:
    """The documents in the shape requested; `id` is always there."""
    if not fields and not include:
        return documents
    embedded = set(include or ())
    kept = {"id", *fields, *embedded} if fields else None
    if apart := {key: listed for key, listed in facts_apart(noun).items() if key in embedded}:
        _check_facts(release, apart, documents)
    found: list[bytes] = []
    for start in range(0, len(documents), STEP):
        records = [orjson.loads(document) for document in documents[start : start + STEP]]
        await _embed(store, release, noun, records, embedded)
        if kept:
            records = [{key: value for key, value in record.items() if key in kept} for record in records]
        found += map(orjson.dumps, records)
        await asyncio.sleep(0)
    return found


async def _embed(
    store: Store, release: OpenRelease, noun: Noun, records: Sequence[dict[str, Any]], embedded: set[str]
) -> None:
    """Add to records what `include` names."""
    if embedded and noun.summary:
        whole = await records_by_id(store, release, noun, [record["id"] for record in records], whole=True)
        for record in records:
            record.update({key: value for key, value in whole[record["id"]].items() if key in embedded})
        for key in embedded & facts_apart(noun).keys():
            listed = facts_apart(noun)[key]
            for record in records:
                facts = matching(release, listed, {"therapy": [record["id"]]})
                record[key] = list(map(orjson.loads, await store.documents(release, listed, list(facts))))
        return
    for key, (referred, id_of) in _REFERRED.items():
        if key in embedded:
            found = await records_by_id(store, release, referred, {id_of(record) for record in records})
            for record in records:
                record[key] = found[id_of(record)]


def _check_facts(release: OpenRelease, apart: Mapping[str, Noun], documents: Sequence[bytes]) -> None:
    """Raise `Problem` where the facts of some therapies are too many for one answer."""
    ids = [orjson.loads(document)["id"] for document in documents]
    count = sum(len(matching(release, listed, {"therapy": ids})) for listed in apart.values())
    if count > MAX_FACTS:
        allowed = f"at most {MAX_FACTS}: ask for fewer therapies by `limit`"
        raise bad_parameter("include", f"These therapies have {count} {' and '.join(apart)}.", allowed=allowed)
