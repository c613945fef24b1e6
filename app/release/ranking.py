"""The best records for a question, of several lists at once."""

from collections.abc import Iterator, Sequence
from itertools import islice

from pyroaring import BitMap

from app.nouns.declaration import Noun
from app.nouns.registry import noun as noun_of
from app.release.index import ListIndex
from app.release.names import NameMatch
from app.release.opened import OpenRelease
from app.release.query import matching
from app.release.question import Question


def best_hits(
    release: OpenRelease, question: Question, searched: Sequence[Noun], limit: int
) -> tuple[list[tuple[Noun, int]], dict[str, int]]:
    """The best records of some lists, each by noun and position, and how many each kind has.

    Rank: the kinds that the question says it wants; in them, and in the rest, records that hold the words which need
    not occur; then those of the very name, those whose title holds the question in whole words, those in beginnings of
    words, those that are linked to what has the name, and those whose text holds it. Equals stand in the order of the
    lists given. It depends on the text alone.
    """
    totals: dict[str, int] = {}
    ranked: list[tuple[bool, bool, int, int, int]] = []
    for number, noun in enumerate(searched):
        index, unwanted = release.lists[noun.name], bool(question.kinds) and noun.kind not in question.kinds
        named = BitMap(index.positions[match.id] for match in question.named if match.space == noun.name)
        found = question.found(index.text) | named
        totals[noun.kind] = len(found)
        if not found:
            continue
        with_optional, seen = question.with_optional(index), BitMap()
        linked = linked_records(release, noun, question.named) & found
        for tier, records in enumerate(_tiers(index, question, named, linked, found)):
            fresh = records - seen
            seen |= fresh
            for lacking, part in ((False, fresh & with_optional), (True, fresh - with_optional)):
                ranked += [(unwanted, lacking, tier, number, position) for position in islice(part, limit)]
    best = sorted(ranked)[:limit]
    return [(searched[number], position) for *_, number, position in best], totals


def linked_records(release: OpenRelease, noun: Noun, named: Sequence[NameMatch]) -> BitMap:
    """The records of a list that are linked to some others: therapies to a target, indications to a condition."""
    found = BitMap()
    for match in named:
        name = noun_of(match.space).singular
        if name in noun.by_name:
            found |= matching(release, noun, {name: [match.id]})
    return found


def _tiers(index: ListIndex, question: Question, named: BitMap, linked: BitMap, found: BitMap) -> Iterator[BitMap]:
    """Records of a list, the best first; each may hold records of those before."""
    yield named
    yield question.found(index.titles, whole=True)
    yield question.found(index.titles)
    yield linked
    yield question.found(index.text, whole=True)
    yield found
