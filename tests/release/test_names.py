"""Names: what a word leads to, what is near it, and what it may become."""

import itertools
import json

import pytest
from rapidfuzz.distance import OSA

from app.nouns.folding import fold
from app.nouns.registry import named_nouns, nouns
from app.nouns.registry import noun as noun_of
from app.release.index import build
from app.release.names import RANK, AmbiguousNameError, Names, UnknownNameError
from app.release.opened import OpenRelease
from tests.release.brute_force import BruteForce

SPACES = [noun.name for noun in named_nouns().values()]


@pytest.fixture(scope="module")
def names(release: OpenRelease) -> Names:
    return release.names


def declared(base: BruteForce, space: str) -> list[tuple[str, str, str]]:
    """Id, how and name of everything that the records of a list are called, read from their documents."""
    noun = noun_of(space)
    assert noun.names is not None
    return [(record["id"], how, name) for record in base.documents[space] for how, name in noun.names(record) if name]


@pytest.mark.parametrize("space", SPACES)
def test_every_name_leads_to_those_that_carry_it(names: Names, base: BruteForce, space: str) -> None:
    carrying: dict[str, set[str]] = {}
    for record_id, _, name in declared(base, space):
        carrying.setdefault(fold(name), set()).add(record_id)
    for record_id, how, name in declared(base, space):
        for written in (name, name.upper(), f" {name} "):
            found = names.matches(space, written)
            if how == "id" and written == name:  # to the letter: never in doubt
                assert [match.id for match in found] == [record_id]
            elif fold(name):
                assert {match.id for match in found} == carrying[fold(name)] or found[0].how == "id", written
        assert (
            record_id in {match.id for match in names.matches(space, name)} or names.matches(space, name)[0].how == "id"
        )


def small(*targets: dict[str, object]) -> Names:
    """The names of a few targets."""
    documents = [json.dumps({"kind": "protein", "xrefs": [], "parents": [], "synonyms": [], **one}) for one in targets]
    indexes = build({"targets": documents})
    return Names({noun.name: indexes[noun.name] for noun in nouns()})


def test_the_best_way_of_matching_wins_and_equals_are_ambiguous() -> None:
    names = small(
        {"id": "AB", "name": "Alpha", "synonyms": ["Gamma", "Delta"]},
        {"id": "CD", "name": "Gamma", "synonyms": ["Delta", "a-b"]},
        {"id": "EF", "name": "A.B", "xrefs": ["hgnc:1"]},
    )
    assert names.resolve("targets", "gamma") == "CD"  # a name before a synonym
    assert names.resolve("targets", "AB") == "AB"  # an id to the letter before whatever folds to the same
    assert names.resolve("targets", "a b") == "AB"
    assert names.resolve("targets", "HGNC:1") == "EF"
    with pytest.raises(AmbiguousNameError) as error:
        names.resolve("targets", "delta")
    assert error.value.ids == ["AB", "CD"]
    assert [match.how for match in names.matches("targets", "ab")] == ["id", "name", "synonym"]


def test_an_unknown_name_has_the_nearest(names: Names) -> None:
    for space, written, nearest in (
        ("conditions", "melanomma", "melanoma"),
        ("therapies", "pembrolizumap", "pembrolizumab"),
        ("events", "colitus", "colitis"),
        ("adverse-events.trial", "KEYNOTE-OO6", "KEYNOTE-006"),
    ):
        with pytest.raises(UnknownNameError) as error:
            names.resolve(space, written)
        assert nearest in error.value.nearest
    assert names.nearest("therapies", "qqqqqqqqqqqqqqqqqqqq") == []
    assert names.nearest("no-such-space", "x") == []


def test_free_values_are_found_in_any_spelling(names: Names, release: OpenRelease) -> None:
    trials = release.lists["adverse-events"].postings["trial"]
    assert "KEYNOTE-006" in trials
    for written in ("KEYNOTE-006", "keynote 006", "Keynote006"):
        assert names.resolve("adverse-events.trial", written) == "KEYNOTE-006"


def test_whatever_was_typed_is_completed(names: Names, base: BruteForce) -> None:
    every = {(space, record_id, fold(name)) for space in SPACES for record_id, _, name in declared(base, space)}
    for typed in ("keyt", "PD-1", "a", "melan", "Crohn", "zzzz", "il-"):
        found = list(names.beginning_with(typed))
        beginning = {row for row in every if row[2].startswith(fold(typed))}
        assert {(entry.space, entry.id, entry.folded) for entry in found} == beginning
        whole = [entry.folded == fold(typed) for entry in found]
        assert whole == sorted(whole, reverse=True), "What is typed whole comes first."
        for _, group in itertools.groupby(found, key=lambda entry: entry.folded == fold(typed)):
            ranks = [RANK[entry.how] for entry in group]
            assert ranks == sorted(ranks)


@pytest.mark.parametrize("written", ["pembrolizumap", "Keytrda", "nivolumba", "melanmoa", "colitsi", "ipilimumb"])
def test_names_nearly_written_are_all_found(names: Names, base: BruteForce, written: str) -> None:
    folded = fold(written)
    errors = 1 if len(folded) < 8 else 2
    expected = {
        (space, record_id)
        for space in SPACES
        for record_id, _, name in declared(base, space)
        if fold(name) and OSA.distance(folded, fold(name)) <= errors
    }
    assert {(entry.space, entry.id) for entry in names.nearly(written, SPACES)} == expected
    assert expected


def test_too_short_a_name_is_near_to_nothing(names: Names) -> None:
    assert list(names.nearly("il2", SPACES)) == []
    assert list(names.beginning_nearly_with("pd", SPACES, 5)) == []


def test_typing_errors_are_forgiven_at_the_beginning_too(names: Names) -> None:
    for typed, first in (("Keytrda", "pembrolizumab"), ("melnoma", "melanoma"), ("npembro", "pembrolizumab")):
        found = [entry.id for entry in names.beginning_nearly_with(typed, SPACES, 10)]
        assert first in found, typed
    only = {entry.space for entry in names.beginning_nearly_with("melnoma", ["events"], 10)}
    assert only <= {"events"}
