"""Names: what a word leads to, what is near it, and what it may become."""

import json
import re
from itertools import cycle

import pytest
from rapidfuzz.distance import OSA

from app.nouns.filters import TermFilter
from app.nouns.folding import fold, fold_loosely
from app.nouns.registry import named_nouns, nouns
from app.nouns.registry import noun as noun_of
from app.release.indexing import build
from app.release.names import AmbiguousNameError, Names, UnknownNameError
from app.release.opened import OpenRelease
from seed.bundles import named
from tests.release.brute_force import BruteForce
from tests.release.spellings import written, written_loosely
from tests.seed.base import published_documents

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
    """However it is commonly written, and never to a record that is not called so."""
    carrying: dict[str, set[str]] = {}
    for record_id, _, name in declared(base, space):
        carrying.setdefault(fold(name), set()).add(record_id)
    count = 0
    for record_id, how, name in declared(base, space):
        if how == "identifier" or not fold(name):
            continue
        for text in written(name):
            found = {match.id for match in names.matches(space, text)}
            # To the letter, an id is never in doubt: `EGFR` is no name of another, whatever folds to the same.
            assert found == carrying[fold(name)] or (len(found) == 1 and found <= carrying[fold(name)]), (name, text)
            count += 1
        assert (
            record_id in {match.id for match in names.matches(space, name)} or names.matches(space, name)[0].how == "id"
        )
    assert count > 1000


@pytest.mark.parametrize("space", SPACES)
def test_what_is_written_loosely_is_found_where_nothing_else_is_called_so(
    names: Names, base: BruteForce, space: str
) -> None:
    called: dict[str, set[str]] = {}
    for record_id, _, name in declared(base, space):
        called.setdefault(fold(name), set()).add(record_id)
    for record_id, how, name in declared(base, space):
        for text in written_loosely(name) if how not in {"id", "identifier"} and len(fold_loosely(name)) > 2 else ():
            found = {match.id for match in names.matches(space, text)}
            assert found == called[fold(text)] if fold(text) in called else record_id in found, (name, text)


def test_a_name_and_another_in_brackets_is_what_both_mean(names: Names, base: BruteForce) -> None:
    brands = {record["id"]: record["brand_names"] for record in base.documents["therapies"]}
    of = {fold(brand): {key for key, found in brands.items() if fold(brand) in map(fold, found)}
          for listed in brands.values() for brand in listed}  # fmt: skip
    plain = [record for record in base.documents["therapies"] if not set("()[]") & set(record["name"])]
    for record in plain:
        for brand in record["brand_names"]:
            if not set("()[]") & set(brand):
                for text in (
                    f"{brand} ({record['name']})",
                    f"{record['name']} [{brand}]",
                    f"{brand}® ({record['name']})",
                ):
                    assert names.resolve("therapies", text) == record["id"], text
        other = next(one for one in plain if one["brand_names"] and one["id"] != record["id"])
        brand = other["brand_names"][0]
        if record["id"] not in of[fold(brand)]:
            with pytest.raises(AmbiguousNameError) as error:
                names.resolve("therapies", f"{record['name']} ({brand})")
            assert set(error.value.ids) == {record["id"], *of[fold(brand)]}


def test_every_identifier_is_found_in_any_form(names: Names, base: BruteForce) -> None:
    prefixes = {"hgnc": ["HGNC:HGNC"], "rxnorm": ["rxcui", "RXCUI"], "chembl": ["chembl.compound"], "MONDO": ["mondo"],
                "NCIT": ["ncit", "NCIt"], "DOID": ["doid"], "mesh": ["MESH"], "unii": ["UNII"],
                "NCBIGene": ["ncbigene", "NCBIGENE"]}  # fmt: skip
    obo = {"MONDO", "DOID", "NCIT"}
    seen = set()
    for space in SPACES:
        of: dict[str, set[str]] = {}
        for record_id, how, name in declared(base, space):
            if how == "identifier" and ":" in name:
                of.setdefault(name, set()).add(record_id)
        for curie, ids in of.items():
            prefix, local = curie.split(":", 1)
            seen.add(prefix)
            forms = [f"{written}:{local}" for written in (prefix, prefix.upper(), *prefixes.get(prefix, ()))]
            forms += [f"https://identifiers.org/{prefix}:{local}", f"http://identifiers.org/{prefix}/{local}",
                      f"https://bioregistry.io/{prefix}:{local}", curie]  # fmt: skip
            forms += [f"http://purl.obolibrary.org/obo/{prefix.upper()}_{local}"] if prefix in obo else []
            for form in forms:
                assert {match.id for match in names.matches(space, form)} == ids, form
    assert {"hgnc", "MONDO", "rxnorm", "chembl", "unii", "NCIT", "clinicaltrials"} <= seen
    for form in ("NCT01866319", "nct01866319", "https://clinicaltrials.gov/study/NCT01866319",
                 "http://www.clinicaltrials.gov/ct2/show/NCT01866319"):  # fmt: skip
        assert names.resolve("trials", form) == "keynote-006", form


def test_a_source_is_found_by_its_doi_and_pubmed_id(names: Names, base: BruteForce) -> None:
    for key, forms in (
        ("doi", ("https://doi.org/{}", "http://dx.doi.org/{}", "doi:{}", "DOI:{}", "{}")),
        ("pmid", ("pmid:{}", "PMID: {}", "https://pubmed.ncbi.nlm.nih.gov/{}/")),
    ):
        of: dict[str, set[str]] = {}
        for source in base.documents["sources"]:
            of.setdefault(source[key], set()).add(source["id"])
        of.pop(None, None)  # type: ignore[call-overload]  # sources without one
        assert of
        for value, ids in of.items():
            for form in forms:
                assert {match.id for match in names.matches("sources", form.format(value))} == ids
                assert names.resolve(f"sources.{key}", form.format(value)) == value


def test_shorthand_stands_for_each(names: Names) -> None:
    for written_so in ("PD-(L)1 inhibitor", "PD-1/L1 inhibitors", "PD(L)1 inhibitor", "PD-1 and PD-L1 inhibitors"):
        assert names.resolve_each("classes", written_so) == ["pd-1-inhibitor", "pd-l1-inhibitor"]
    for written_so in ("PD-(L)1", "PD-1/PD-L1", "PD-1/L1", "PD-1 or PD-L1"):
        assert names.resolve_each("targets", written_so) == ["PDCD1", "CD274"]
    assert names.resolve_each("targets", "IL-17A/F") == ["IL17A", "IL17F"]
    assert names.resolve_each("targets", "IL-4/13") == ["IL4", "IL13"]
    assert names.resolve_each("conditions", "lung or breast cancer") == ["lung-cancer", "breast-cancer"]
    for medicines in ("Opdivo + Yervoy", "nivolumab or ipilimumab"):
        with pytest.raises(UnknownNameError):
            names.resolve_each("therapies", medicines)


def test_a_number_is_never_made_of_two(names: Names, base: BruteForce) -> None:
    """`IL-1/2` is not IL-12: each name with a number of several digits, cut at each place of it, by a mark in turn."""
    cut, marks = 0, cycle("/- ,.")
    for space in SPACES:
        for record_id, _, name in declared(base, space):
            if digits := re.search(r"\d{2,}", name):
                for place in range(digits.start() + 1, digits.end()):
                    text = f"{name[:place]}{next(marks)}{name[place:]}"
                    found = {match.id for match in names.matches(space, text)}
                    assert record_id not in found or fold(text) in {
                        fold(other) for one, _, other in declared(base, space) if one == record_id
                    }, text
                    cut += 1
    assert cut > 1000


def test_a_name_with_a_comma_is_tried_whole(names: Names, base: BruteForce) -> None:
    seen = 0
    for space in SPACES:
        for record_id, how, name in declared(base, space):
            if "," in name and how != "identifier":
                pieces = [piece.strip() for piece in name.split(",") if piece.strip()]
                found = [*names.joined(space, [*pieces, "no such name"])]
                assert found[-1] == "no such name", name
                assert len(found) == 2, name
                assert record_id in {match.id for match in names.matches(space, found[0])}
                seen += 1
    assert seen > 50
    assert [*names.joined("targets", ["IL-12", "IL-23"])] == ["IL-12", "IL-23"]
    assert [*names.joined("therapies", ["nivolumab", "ipilimumab"])] == ["nivolumab", "ipilimumab"]


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
    assert names.resolve("targets", "gammas") == "CD"


def test_an_unknown_name_has_the_nearest(names: Names) -> None:
    for space, misspelled, nearest in (
        ("conditions", "melanomma", "melanoma"),
        ("therapies", "pembrolizumap", "pembrolizumab"),
        ("events", "colitus", "colitis"),
        ("trials", "KEYNOTE-OO6", "keynote-006"),
        ("indications.trial", "KEYNOTE-OO6", "KEYNOTE-006"),
    ):
        with pytest.raises(UnknownNameError):
            names.resolve(space, misspelled)
        assert nearest in names.nearest(space, misspelled)
    assert names.nearest("therapies", "qqqqqqqqqqqqqqqqqqqq") == []
    assert names.nearest("no-such-space", "x") == []


def test_free_values_are_found_in_any_spelling(names: Names, release: OpenRelease) -> None:
    trials = release.lists["indications"].postings["trial"]
    assert "KEYNOTE-006" in trials
    for spelled in ("KEYNOTE-006", "keynote 006", "Keynote006"):
        assert names.resolve("indications.trial", spelled) == "KEYNOTE-006"
        assert names.resolve("trials", spelled) == "keynote-006"


def test_whatever_was_typed_is_completed(names: Names, base: BruteForce) -> None:
    every = {(space, record_id, fold(name)) for space in SPACES for record_id, _, name in declared(base, space)}
    for typed in ("keyt", "PD-1", "a", "melan", "Crohn", "zzzz", "il-", "diarrho", "leukae"):
        found = list(names.named.beginning_with(typed))
        beginning = {row for row in every if row[2].startswith(fold(typed))}
        assert {(entry.space, entry.id, entry.folded) for entry in found} >= beginning
        for entry in found:
            assert any(key.startswith(fold(typed.strip("-"))) for key in (entry.folded, *entry.also))
        whole = [fold(typed) in {entry.folded, *entry.also} for entry in found]
        assert whole == sorted(whole, reverse=True), "What is typed whole comes first."


def test_a_number_goes_on_as_another_one_last(names: Names) -> None:
    for typed in ("IL-1", "CD3", "PD-1", "HER2"):
        longer = [entry.folded.removeprefix(fold(typed))[:1].isdigit() for entry in names.named.beginning_with(typed)
                  if entry.folded.startswith(fold(typed))]  # fmt: skip
        assert longer == sorted(longer)


@pytest.mark.parametrize("misspelled", ["pembrolizumap", "Keytrda", "nivolumba", "melanmoa", "colitsi", "ipilimumb"])
def test_names_nearly_written_are_all_found(names: Names, base: BruteForce, misspelled: str) -> None:
    folded = fold(misspelled)
    errors = 1 if len(folded) < 8 else 2
    expected = {
        (space, record_id)
        for space in SPACES
        for record_id, _, name in declared(base, space)
        if fold(name) and OSA.distance(folded, fold(name)) <= errors
    }
    assert {(entry.space, entry.id) for entry in names.nearly(misspelled, SPACES)} == expected
    assert expected


def test_too_short_a_name_is_near_to_nothing(names: Names) -> None:
    assert list(names.nearly("il2", SPACES)) == []
    assert list(names.named.beginning_nearly_with("pd")) == []


def test_typing_errors_are_forgiven_at_the_beginning_too(names: Names) -> None:
    for typed, first in (("Keytrda", "pembrolizumab"), ("melnoma", "melanoma"), ("npembro", "pembrolizumab")):
        found = [entry.id for entry in names.named.beginning_nearly_with(typed)]
        assert first in found, typed


def test_a_release_that_lists_no_biomarkers_finds_them_in_the_words_of_its_documents() -> None:
    documents = published_documents(named("2026.11.28"))
    assert "biomarkers" not in documents
    lists = build({name: documents[name] for name in ("therapies", "indications")})
    names, wanted = Names(lists), noun_of("indications").by_name["biomarker"]
    assert isinstance(wanted, TermFilter)
    assert names.resolve(names.space_of("indications", wanted), "pd-l1") == "PD-L1"
    found = [
        any(item["name"] == "PD-L1" for item in json.loads(text)["biomarkers"]) for text in documents["indications"]
    ]
    assert list(lists["indications"].postings["biomarker"]["PD-L1"]) == [
        place for place, is_so in enumerate(found) if is_so
    ]
    assert sum(found) > 40
