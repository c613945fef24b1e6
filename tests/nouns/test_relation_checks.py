"""Relations of one noun to another that are not sound are refused at start, each in a sentence."""

from dataclasses import replace
from typing import Any

import pytest

from app.nouns.declaration import Noun, Reference, Sublist
from app.nouns.registry import noun
from tests.nouns.unsound import THERAPIES, TRIALS, WARNINGS, assert_refused, term, with_filters

CONDITIONS = noun("conditions")


def joining(**changes: Any) -> Noun:
    """Therapies with another join."""
    assert THERAPIES.join is not None
    return replace(THERAPIES, join=replace(THERAPIES.join, **changes))


def with_sublist(sublist: Sublist) -> Noun:
    """Trials with one more sublist."""
    return replace(TRIALS, sublists=(*TRIALS.sublists, sublist))


UNSOUND: dict[str, tuple[Noun, str]] = {
    "a sublist of no list": (
        replace(WARNINGS, sublists=(Sublist("phases", "event"),)),
        "The sublist 'phases' of warnings is of no list.",
    ),
    "a sublist by an unknown filter": (
        replace(WARNINGS, sublists=(Sublist("therapies", "event"),)),
        "The sublist 'therapies' of warnings takes the filter 'event', which therapies does not have.",
    ),
    "the sort of a sublist": (
        replace(WARNINGS, sublists=(Sublist("cohorts", "therapy", sort=("-size",)),)),
        "The sublist 'cohorts' of warnings is sorted by '-size', by which cohorts cannot be.",
    ),
    "sublists of what has no names": (
        replace(WARNINGS, sublists=(Sublist("cohorts", "therapy"),)),
        "warnings have no `names`, which their sublists take: declare them.",
    ),
    "a sublist by a filter of other records": (
        with_sublist(Sublist("warnings", "event")),
        "The sublist 'warnings' of trials finds by 'event' what belongs to a record, but that filter takes no names of "
        "trials.",
    ),
    "a sublist by a filter of no names": (
        with_sublist(Sublist("warnings", "level")),
        "The sublist 'warnings' of trials finds by 'level' what belongs to a record, but that filter takes no names of "
        "trials.",
    ),
    "a sublist twice": (
        with_sublist(Sublist("cohorts", "trial")),
        "The sublist 'cohorts' of trials is declared twice.",
    ),
    "a sublist that is grouped by what is compared": (
        replace(CONDITIONS, sublists=(Sublist("indications", "condition", groups=("approved_from",)),)),
        "The sublist 'indications' of conditions is grouped by 'approved_from', whose values cannot be counted.",
    ),
    "a filter by what has no names": (
        with_filters(term("cause", "id", names="warnings")),
        "warnings have no `names`, which the filter 'cause' of warnings takes: declare them.",
    ),
    "a join on an unknown filter": (
        joining(filters=("condition", "phase")),
        "The join of therapies names the filter 'phase', which indications does not have.",
    ),
    "a join that always applies an unknown filter": (
        joining(base_filters={"standing": ["active"]}),
        "The join of therapies names the filter 'standing', which indications does not have.",
    ),
    "a join that always asks for no word": (
        joining(base_filters={"status": ["actve"]}),
        "The join of therapies always asks for status=actve, which is no word of its vocabulary.",
    ),
    "a join with several values of no filter of it": (
        joining(several=("condtion",)),
        "The join of therapies lets several values of 'condtion' be met, which is none of its filters.",
    ),
    "a join that shares a filter that the list does not have": (
        joining(shared_filters=("intent",)),
        "The join of therapies shares the filter 'intent', which therapies does not have.",
    ),
    "a join by a key that is not there": (
        joining(foreign_key="therapy.key"),
        "The join of therapies reads 'therapy.key', but TherapyRef has no field 'key'.",
    ),
    "a filter of no filter of therapies": (
        with_filters(term("severity", of_therapies="severity")),
        "The filter 'severity' of warnings is of 'severity', which is no filter of therapies.",
    ),
    "a filter of a filter of therapies with other values": (
        with_filters(term("cause", "event.id", names="events", of_therapies="class")),
        "The filter 'cause' of warnings is of 'class', which takes other values.",
    ),
    "a reference within the therapy to what is in no therapy": (
        replace(WARNINGS, references=(Reference("event", "events", local=True),)),
        "The reference 'event' of warnings is `local`: so are those within a therapy file, from one of its facts to "
        "another.",
    ),
}


@pytest.mark.parametrize(("unsound", "sentence"), UNSOUND.values(), ids=UNSOUND.keys())
def test_an_unsound_relation_is_refused_in_a_sentence(unsound: Noun, sentence: str) -> None:
    assert_refused(unsound, sentence)
