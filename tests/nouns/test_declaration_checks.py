"""Declarations that are not sound are refused at start, each in a sentence."""

import datetime as dt
import re
from dataclasses import replace
from typing import Any

import pytest
from pydantic import BaseModel
from sqlmodel import SQLModel

from app.api.params import list_params
from app.config import Settings
from app.main import create_api
from app.nouns.base import Record, RecordTable, release_foreign_key, table_of
from app.nouns.declaration import FlagFilter, Noun, RangeFilter, Reference, Section, Sublist, TermFilter
from app.nouns.declaration_checks import OTHER_PATHS, RESERVED, DeclarationError, check
from app.nouns.registry import noun, nouns
from app.nouns.warning import LabelWarning
from app.release.store import Store
from app.vocabulary import Agency, WarningLevel

WARNINGS, THERAPIES, COHORTS = noun("warnings"), noun("therapies"), noun("cohorts")


class NoId(BaseModel):
    """A form without an id."""

    name: str


class NoEvidence(BaseModel):
    """A form that is no fact."""

    id: str
    level: str
    text: str
    rems: bool
    event: str
    therapy: str


class Keyless(Record):
    """A record without a natural key."""

    event: str


class Eventless(RecordTable):
    """A table of warnings that do not say of what they warn."""

    therapy_id: str
    source_id: str
    locator: str


class Enumerated(Eventless, table=True):
    """A table whose words are an enumeration of the database."""

    __tablename__ = "named_warning"
    event_id: str
    level: WarningLevel


class Astray(Eventless, table=True):
    """A table that refers to a list, and not to its table."""

    __tablename__ = "stray_warning"
    __table_args__ = (release_foreign_key("event_id", "events"),)
    event_id: str


for _unmigrated in (Enumerated, Astray):
    SQLModel.metadata.remove(table_of(_unmigrated))


class Released(LabelWarning):
    """A form with a field that tables have of their own."""

    release: str


def section_of(name: str) -> Section:
    """The section of a noun."""
    section = noun(name).section
    assert section is not None
    return section


def with_filters(*more: Any) -> Noun:
    """Warnings with more filters."""
    return replace(WARNINGS, filters=(*WARNINGS.filters, *more))


def term(name: str, values: Any = "level", **more: Any) -> TermFilter:
    """A filter of warnings."""
    return TermFilter(name, "Something.", values, example="x", **more)


def joining(**changes: Any) -> Noun:
    """Therapies with another join."""
    assert THERAPIES.join is not None
    return replace(THERAPIES, join=replace(THERAPIES.join, **changes))


UNSOUND: dict[str, tuple[Noun, str]] = {
    f"a filter called {name}": (
        with_filters(term(name)),
        f"The filter {name!r} of warnings has the name of a parameter that every list takes; call it otherwise.",
    )
    for name in sorted(RESERVED)
} | {
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
    "a filter of no filter of therapies": (
        with_filters(term("severity", of_therapies="severity")),
        "The filter 'severity' of warnings is of 'severity', which is no filter of therapies.",
    ),
    "a filter of therapies where there are no facts": (
        replace(THERAPIES, filters=(*THERAPIES.filters, term("molecule", "format", of_therapies="class"))),
        "The filter 'molecule' of therapies is `of_therapies`, but therapies are no facts of therapies.",
    ),
    "a sublist of no list": (
        replace(WARNINGS, sublists=(Sublist("phases", "event"),)),
        "The sublist 'phases' of warnings is of no list.",
    ),
    "a sublist by an unknown filter": (
        replace(WARNINGS, sublists=(Sublist("therapies", "event"),)),
        "The sublist 'therapies' of warnings takes the filter 'event', which therapies does not have.",
    ),
    "a join on an unknown filter": (
        joining(filters=("condition", "phase")),
        "The join of therapies names the filter 'phase', which indications does not have.",
    ),
    "a join that always applies an unknown filter": (
        joining(base_filters={"standing": ["active"]}),
        "The join of therapies names the filter 'standing', which indications does not have.",
    ),
    "a join that shares a filter that the list does not have": (
        joining(shared_filters=("intent",)),
        "The join of therapies shares the filter 'intent', which therapies does not have.",
    ),
    "a join by a key that is not there": (
        joining(foreign_key="therapy.key"),
        "The join of therapies reads 'therapy.key', but TherapyRef has no field 'key'.",
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
    "a list of a name that is no path": (
        replace(WARNINGS, name="label_warnings"),
        "'label_warnings' is no name of a list: write small letters, words joined by `-`.",
    ),
    "a filter of a name that is no parameter": (
        with_filters(term("my level")),
        "The filter 'my level' of warnings is no name of a parameter: write small letters, words joined by `_`.",
    ),
    "a table without what is referred to": (
        replace(WARNINGS, table=Eventless),
        "Eventless has no column 'event_id', which warnings need.",
    ),
    "the place of another list": (
        replace(WARNINGS, order=THERAPIES.order),
        "therapies and warnings have the same `order`: 10. Taken are 10, 20, …",
    ),
    "the place of another section": (
        replace(WARNINGS, section=replace(section_of("warnings"), order=section_of("outcomes").order)),
        "warnings and outcomes have the same `order` of their section: 8. Taken are 1, 2, 4, …",
    ),
    "the key of another section": (
        replace(WARNINGS, section=replace(section_of("warnings"), key="outcomes")),
        "warnings and outcomes have the same key of their section: outcomes. Taken are adverse_events, approvals, …",
    ),
    "the place of another among what is resolved": (
        replace(THERAPIES, resolved_order=noun("trials").resolved_order),
        f"therapies and trials have the same `resolved_order`: {noun('trials').resolved_order}. Taken are …",
    ),
    "a table with words as Python names them": (
        replace(WARNINGS, table=Enumerated),
        "The column 'level' of Enumerated would hold the names that Python has of words: add `sa_type=String`.",
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
    "evidence without a filter by source": (
        replace(WARNINGS, filters=tuple(each for each in WARNINGS.filters if each.name != "source")),
        "LabelWarning has `evidence`, but warnings have no filter `source`: add `SOURCE` of app/nouns/fact_filters.py, "
        "by which a source lists them.",
    ),
    "a fact without a filter by therapy": (
        replace(WARNINGS, filters=tuple(each for each in WARNINGS.filters if each.name != "therapy")),
        "warnings have no filter `therapy`, by which a therapy lists them: add `THERAPY` of app/nouns/fact_filters.py.",
    ),
    "no order": (
        replace(WARNINGS, sorts={}),
        "warnings have no `sorts`: name one, such as {'name': None}, their own order.",
    ),
    "nothing to be counted": (
        replace(
            WARNINGS,
            filters=(RangeFilter("of", "x", lambda _: [1], int, "1"),),
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
        "The filter 'of' of cohorts reads 'patients', which is int: it takes days.",
    ),
    "an example that is no number": (
        replace(COHORTS, filters=(*COHORTS.filters, RangeFilter("of", "x", "patients", int, "many"))),
        "The filter 'of' of cohorts has the example 'many', which is no int.",
    ),
    "a section that is no key": (
        replace(WARNINGS, section=replace(section_of("warnings"), key="label-warnings")),
        "The section 'label-warnings' is no key of a file: write small letters, words joined by `_`.",
    ),
    "a kind of coverage of another list": (
        replace(WARNINGS, section=replace(section_of("warnings"), coverage={"mechanisms": lambda _: True})),
        "mechanisms of mechanisms and mechanisms of warnings have the same kind of coverage: mechanisms. …",
    ),
    "the sort of a sublist": (
        replace(WARNINGS, sublists=(Sublist("cohorts", "therapy", sort=("-size",)),)),
        "The sublist 'cohorts' of warnings is sorted by '-size', by which cohorts cannot be.",
    ),
    "a field that every table has": (
        replace(WARNINGS, public=Released),
        "A field of warnings is called 'release', as a column of every table is.",
    ),
    "a table that refers to none": (
        replace(WARNINGS, table=Astray),
        "Astray refers to the table 'events', which is not there.",
    ),
    "an order of names without names": (
        replace(WARNINGS, resolved_order=99),
        "warnings have a `resolved_order` and no `names` by which they are found.",
    ),
    "a form without an id": (
        replace(WARNINGS, public=NoId),
        "NoId has no `id`.",
    ),
    "a reference to no list": (
        replace(WARNINGS, references=(Reference("event", "severities"),)),
        "The reference 'event' of warnings leads to 'severities', which is no list.",
    ),
    "a reference of no field of the record": (
        replace(WARNINGS, references=(Reference("severity", "events"),)),
        "The reference 'severity' of warnings is no field of WarningRecord.",
    ),
    "a reference of no field of the form": (
        replace(WARNINGS, references=(Reference("event", "events", key="term"),)),
        "The reference 'event' of warnings is no field 'term' of LabelWarning.",
    ),
    "a fact without a natural key": (
        replace(WARNINGS, record=Keyless),
        "Keyless has no `natural_key()`: ids are made of it.",
    ),
    "a fact without evidence": (
        replace(WARNINGS, public=NoEvidence),
        "NoEvidence has no `therapy` or no `evidence`: build it on `Fact`.",
    ),
}


@pytest.mark.parametrize(("unsound", "sentence"), UNSOUND.values(), ids=UNSOUND.keys())
def test_an_unsound_declaration_is_refused_in_a_sentence(unsound: Noun, sentence: str) -> None:
    with pytest.raises(DeclarationError) as error:
        check([unsound if unsound.singular == sound.singular else sound for sound in nouns()])
    beginning, is_cut, _ = sentence.partition("…")
    assert str(error.value) == sentence if not is_cut else str(error.value).startswith(beginning)


def test_two_nouns_of_one_name_are_refused() -> None:
    with pytest.raises(DeclarationError, match=r"^Two nouns are called 'warnings'\.$"):
        check([*nouns(), replace(WARNINGS, singular="caution")])


def test_two_nouns_of_one_kind_are_refused() -> None:
    with pytest.raises(DeclarationError, match=r"^mechanisms and warnings have the same `singular`: mechanism\. Taken"):
        check([*(each for each in nouns() if each is not WARNINGS), replace(WARNINGS, singular="mechanism")])


def test_every_other_path_is_taken() -> None:
    settings = Settings()
    routes = create_api(settings, Store(settings.database_url)).routes
    firsts = {str(getattr(route, "path", "")).split("/")[1] for route in routes}
    words = {first for first in firsts if re.fullmatch("[a-z-]+", first)}
    assert words - {each.name for each in nouns()} == OTHER_PATHS
    with pytest.raises(DeclarationError, match="'live' has a path that is taken"):
        check([replace(each, name="live") if each is WARNINGS else each for each in nouns()])


def test_every_parameter_of_a_list_is_reserved() -> None:
    for each in nouns():
        params = {field.alias or name for name, field in list_params(each).model_fields.items()}
        assert params - each.by_name.keys() <= RESERVED
        assert RESERVED - params <= {"as_of", "include"}
