"""Mappings of events are SSSOM, as its own library holds: those of the fact files, and those of a release."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from app.nouns.mapping import VOCABULARIES
from seed.files import FACTS
from seed.mappings import FILE

LEAST = 0.9
"""Share of adverse-event rows whose event has a CURIE."""


@pytest.fixture(scope="module")
def released(data_files: Path) -> Path:
    [found] = data_files.glob("*.events.sssom.tsv")
    return found


def read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, sep="\t", comment="#", dtype=str)


def test_files_of_the_facts_and_of_a_release_are_sssom(
    validators: Callable[..., Any], released: Path, tmp_path: Path
) -> None:
    """And the validator refuses what is wrong."""
    wrong = [tmp_path / "prefix.sssom.tsv", tmp_path / "justification.sssom.tsv"]
    wrong[0].write_text(released.read_text().replace("\tHP:", "\tNOWHERE:"))
    wrong[1].write_text(released.read_text().replace("semapv:LexicalMatching", "guessed"))
    codes = validators("validate_sssom.py", FACTS / FILE, released, *wrong)
    assert codes[:2] == [0, 0]
    assert all(codes[2:])
    assert len(codes) == 4


def test_a_release_says_all_that_the_facts_say(released: Path) -> None:
    facts, served = read(FACTS / FILE), read(released)
    pd.testing.assert_frame_equal(facts, served)
    assert "#mapping_set_version: " in released.read_text()


def test_each_mapping_names_label_justification_version_and_licence() -> None:
    facts = read(FACTS / FILE)
    for column in ("subject_label", "object_label", "mapping_justification", "confidence", "other"):
        assert facts[column].notna().all(), column
    assert facts["other"].str.contains("object_source_license: https://").all()
    assert set(facts["object_id"].str.partition(":")[0]) == set(VOCABULARIES)
    assert not facts["object_id"].str.lower().str.startswith("meddra").any()
    assert facts["object_source_version"].notna().mean() > 0.99
    assert not facts.duplicated(["subject_id", "object_id"]).any()


def test_what_is_exact_is_exact_for_one_event() -> None:
    facts = read(FACTS / FILE)
    exact = facts[facts["predicate_id"] == "skos:exactMatch"]
    assert exact["object_id"].is_unique
    one = exact.assign(vocabulary=exact["object_id"].str.partition(":")[0])
    assert not one.duplicated(["subject_id", "vocabulary"]).any()


def test_alternatives_have_no_exact_match_unless_a_vocabulary_has_them() -> None:
    facts = read(FACTS / FILE)
    exact = facts[facts["predicate_id"] == "skos:exactMatch"]
    several = exact[exact["subject_label"].str.contains(r" or ", regex=True)]
    assert set(several["object_label"]) <= {"Nausea and vomiting"}


def test_nearly_every_adverse_event_has_a_curie(documents: dict[str, list[dict[str, Any]]]) -> None:
    counted = Counter(row["term"]["curie_match"] for row in documents["adverse-events"])
    total = counted.total()
    assert (counted["exact"] + counted["broader"]) / total >= LEAST
    assert counted["exact"] / total >= LEAST
    known = {event["id"]: event for event in documents["events"]}
    for row in documents["adverse-events"]:
        term, event = row["term"], known[row["term"]["id"]]
        assert (term["curie"] in event["xrefs"]) == (term["curie_match"] == "exact")
        assert {mapping["object_id"] for mapping in event["mappings"]} >= set(filter(None, [term["curie"]]))
