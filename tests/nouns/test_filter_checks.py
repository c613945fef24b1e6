"""Filters and sorts that are not sound are refused at start, each in a sentence."""

import datetime as dt
from dataclasses import replace

import pytest

from app.api.params import list_params
from app.nouns.base import Named, Record
from app.nouns.declaration import Noun
from app.nouns.filter_checks import RESERVED
from app.nouns.filters import AsOfFilter, FlagFilter, RangeFilter, TermFilter
from app.nouns.registry import noun, nouns
from app.nouns.warning import LabelWarning
from app.vocabulary import Agency, WarningLevel
from tests.nouns.unsound import COHORTS, THERAPIES, TRIALS, WARNINGS, NoEvidence, assert_refused, term, with_filters

INDICATIONS = noun("indications")


class Treelike(LabelWarning):
    """A form with parents."""

    parents: list[Named]


UNSOUND: dict[str, tuple[Noun, str]] = {
    f"a filter called {name}": (
        with_filters(term(name)),
        f"The filter {name!r} of warnings has the name of a parameter that every list takes; call it otherwise.",
    )
    for name in sorted(RESERVED)
} | {
    "a filter called as a parameter of comparisons": (
        with_filters(term("comparators")),
        "The filter 'comparators' of warnings has the name of a parameter that comparisons take; call it otherwise.",
    ),
    "a range of texts": (
        with_filters(RangeFilter("text_from", "At least.", "text", str, "a")),  # type: ignore[arg-type]  # what is refused
        "The filter 'text_from' of warnings is of <class 'str'>; a range is of int, float or dt.date.",
    ),
    "a lower bound that is called an upper one": (
        with_filters(RangeFilter("age_to", "At most.", lambda _: (1,), int, "3")),
        "The filter 'age_to' of warnings finds what is at least so much: let its name end in `_from`.",
    ),
    "a vocabulary by its name": (
        with_filters(term("severity", vocabulary="WarningLevel")),
        "The filter 'severity' of warnings is of 'WarningLevel', which is no class of app/vocabulary/.",
    ),
    "a filter twice": (with_filters(term("level")), "The filter 'level' of warnings is declared twice."),
    "a filter that is joined too": (
        replace(THERAPIES, filters=(*THERAPIES.filters, term("condition", "status"))),
        "The filter 'condition' of therapies is declared twice.",
    ),
    "a common filter that is not there": (
        replace(WARNINGS, common=("therapy", "colour")),
        "The filter 'colour' is said to be common among warnings, and is not there.",
    ),
    "names of no list": (
        with_filters(term("severity", names="severities")),
        "The filter 'severity' of warnings takes the names of 'severities', which is no list.",
    ),
    "a filter that is met together with one of another object": (
        with_filters(term("event_name", "event.name", together="level")),
        "The filter 'event_name' of warnings is met together with 'level', which reads no object of its list.",
    ),
    "names and a vocabulary": (
        with_filters(term("severity", names="events", vocabulary=WarningLevel)),
        "The filter 'severity' of warnings has both `names` and a `vocabulary`; it takes one of them.",
    ),
    "a path that begins with no field": (
        with_filters(term("severity", "grade.level")),
        "The filter 'severity' of warnings reads 'grade.level', but LabelWarning has no such field.",
    ),
    "a flag of no field": (
        with_filters(FlagFilter("grave", "Grave.", "is_grave")),
        "The filter 'grave' of warnings reads 'is_grave', but LabelWarning has no such field.",
    ),
    "a range of no field": (
        with_filters(RangeFilter("grade_from", "At least.", "grade", int, "3")),
        "The filter 'grade_from' of warnings reads 'grade', but LabelWarning has no such field.",
    ),
    "a filter of a later key that is not there": (
        with_filters(term("severity", "event.idd")),
        "The filter 'severity' of warnings reads 'event.idd', but Named has no field 'idd'.",
    ),
    "a filter of a key of a value that is no record": (
        with_filters(term("severity", "text.length")),
        "The filter 'severity' of warnings reads 'text.length', but str has no field 'length'.",
    ),
    "a range of a later key that is not there": (
        with_filters(RangeFilter("read_from", "At least.", "evidence.source.date", int, "3")),
        "The filter 'read_from' of warnings reads 'evidence.source.date', but SourceRef has no field 'date'.",
    ),
    "a sort of a later key that is not there": (
        replace(WARNINGS, sorts={"class": "therapy.class_.id"}),
        "The sort 'class' of warnings reads 'therapy.class_.id', but TherapyRef has no field 'class_'.",
    ),
    "several values without a list": (
        with_filters(term("severity", "event.id", several=True)),
        "The filter 'severity' of warnings has `several` values, but there is no list on the way of 'event.id'.",
    ),
    "a filter of the name of one that is made": (
        replace(THERAPIES, filters=(*THERAPIES.filters, term("agency_all", "status"))),
        "The filter 'agency_all' of therapies is declared twice.",
    ),
    "a filter of therapies where there are no facts": (
        replace(THERAPIES, filters=(*THERAPIES.filters, term("molecule", "format", of_therapies="class"))),
        "The filter 'molecule' of therapies is `of_therapies`, but therapies are no facts of therapies.",
    ),
    "a filter of the name of a part of pydantic's models": (
        with_filters(term("model_config")),
        "The filter 'model_config' of warnings is called as a part of every model of pydantic is; call it otherwise.",
    ),
    "names of another list than is read": (
        with_filters(term("what", "event.id", names="conditions")),
        "The filter 'what' of warnings takes the names of 'conditions', but reads those of 'events'.",
    ),
    "what is no regular expression": (
        with_filters(term("what", written="([")),
        "The filter 'what' of warnings is `written` by what is no regular expression: …",
    ),
    "an example beyond the bounds": (
        replace(COHORTS, filters=(*COHORTS.filters, RangeFilter("of", "x", "patients", int, "1", minimum=2))),
        "The filter 'of' of cohorts has the example '1', which is beyond its own bounds.",
    ),
    "a day in words": (
        replace(
            INDICATIONS,
            filters=tuple(
                replace(each, example="June 2021") if isinstance(each, AsOfFilter) else each
                for each in INDICATIONS.filters
            ),
        ),
        "The filter 'as_of_date' of indications has the example 'June 2021', which is no date.",
    ),
    "a range of a text": (
        with_filters(RangeFilter("text_from", "At least.", "text", int, "3")),
        "The filter 'text_from' of warnings reads 'text', which is str: it takes numbers.",
    ),
    "a sort of a text": (
        replace(WARNINGS, sorts={"event": "event.name"}),
        "The sort 'event' of warnings reads 'event.name', which is str: it takes numbers or days.",
    ),
    "a sort of no field": (
        replace(WARNINGS, sorts={"grade": "grade"}),
        "The sort 'grade' of warnings reads 'grade', but LabelWarning has no such field.",
    ),
    "a filter of a name that is no parameter": (
        with_filters(term("my level")),
        "The filter 'my level' of warnings is no name of a parameter: write small letters, words joined by `_`.",
    ),
    "the vocabulary of another field": (
        with_filters(term("severity", vocabulary=Agency)),
        "The filter 'severity' of warnings has the vocabulary Agency, but what it reads is WarningLevel: name that, or "
        "give the field this vocabulary.",
    ),
    "an example that is no word": (
        with_filters(term("severity", vocabulary=WarningLevel)),
        "The filter 'severity' of warnings has the example 'x', which is no word of its vocabulary.",
    ),
    "no order": (
        replace(WARNINGS, sorts={}),
        "warnings have no `sorts`: name one, such as {'name': None}, their own order.",
    ),
    "nothing to be counted": (
        replace(
            WARNINGS,
            filters=(RangeFilter("of_from", "x", lambda _: [1], int, "1"),),
            record=Record,
            public=NoEvidence,
            references=(),
            common=(),
            section=None,
        ),
        "warnings have no filter whose values can be counted: declare one.",
    ),
    "words of a text": (
        with_filters(TermFilter("severity", "x", "text", example="boxed", vocabulary=WarningLevel)),
        "The filter 'severity' of warnings has the vocabulary WarningLevel, but what it reads is str: name that, or "
        "give the field this vocabulary.",
    ),
    "values that are objects": (
        with_filters(term("what", "event")),
        "The filter 'what' of warnings reads 'event', which is Named: name a field of that.",
    ),
    "names read from names": (
        with_filters(term("what", "event.name", names="events")),
        "The filter 'what' of warnings takes the names of 'events', but reads 'event.name': name the field that holds "
        "their id.",
    ),
    "a flag of a text": (
        with_filters(FlagFilter("long", "x", "text")),
        "The filter 'long' of warnings reads 'text', which is str: it takes true or false.",
    ),
    "days of numbers": (
        replace(COHORTS, filters=(*COHORTS.filters, RangeFilter("of", "x", "patients", dt.date, "2020-01-31"))),
        "The filter 'of' of cohorts reads 'patients', which is int: it takes days (of texts, `bounds` of "
        "app/nouns/dates.py).",
    ),
    "an example that is no number": (
        replace(COHORTS, filters=(*COHORTS.filters, RangeFilter("of", "x", "patients", int, "many"))),
        "The filter 'of' of cohorts has the example 'many', which is no int.",
    ),
    "a range of several values": (
        replace(TRIALS, filters=(*TRIALS.filters, RangeFilter("arm_from", "x", "arms.patients", int, "1"))),
        "The filter 'arm_from' of trials reads 'arms.patients', which may be several: let a function say which of them "
        "counts.",
    ),
    "a sort of several values": (
        replace(TRIALS, sorts={"arm": "arms.patients"}),
        "The sort 'arm' of trials reads 'arms.patients', which may be several: let a function say which of them "
        "counts.",
    ),
    "a tree without what is below": (
        replace(WARNINGS, public=Treelike, names=lambda warning: [("id", warning["id"])]),
        "warnings have `parents`, and no filter `below`, by which what is under one is found: add `below(…)` of "
        "app/nouns/term.py.",
    ),
    "a sort of a name that is no parameter": (
        replace(COHORTS, sorts={"-patients": "patients"}),
        "The sort '-patients' of cohorts is no name of a sort: write small letters, words joined by `_`.",
    ),
}


@pytest.mark.parametrize(("unsound", "sentence"), UNSOUND.values(), ids=UNSOUND.keys())
def test_an_unsound_filter_or_sort_is_refused_in_a_sentence(unsound: Noun, sentence: str) -> None:
    assert_refused(unsound, sentence)


def test_every_parameter_of_a_list_is_reserved() -> None:
    for each in nouns():
        params = {field.alias or name for name, field in list_params(each).model_fields.items()}
        assert params - each.by_name.keys() <= RESERVED
        assert RESERVED - params <= {"as_of", "include"}
