"""The registry: it finds every noun, and refuses at start, in a sentence, what is not soundly declared."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from app.nouns import registry
from app.nouns.base import Record
from app.nouns.declaration import FlagFilter, Noun, RangeFilter, Reference, Sublist, TermFilter
from app.nouns.registry import RESERVED, DeclarationError, check, fact_nouns, named_nouns, noun, nouns
from app.vocabulary import WarningLevel
from tests.project import Copy

WARNINGS, THERAPIES = noun("warnings"), noun("therapies")


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
    "a sort of no field": (
        replace(WARNINGS, sorts={"grade": "grade"}),
        "The sort 'grade' of warnings reads 'grade', but LabelWarning has no such field.",
    ),
    "evidence without a filter by source": (
        replace(WARNINGS, filters=tuple(each for each in WARNINGS.filters if each.name != "source")),
        "LabelWarning has `evidence`, but warnings have no filter `source`: add `SOURCE` of app/nouns/fact_filters.py, "
        "by which a source lists them.",
    ),
    "a form without an id": (
        replace(WARNINGS, public=NoId, filters=(), sorts={}),
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
        replace(WARNINGS, public=NoEvidence, filters=()),
        "NoEvidence has no `therapy` or no `evidence`: build it on `Fact`.",
    ),
}


@pytest.mark.parametrize(("unsound", "sentence"), UNSOUND.values(), ids=UNSOUND.keys())
def test_an_unsound_declaration_is_refused_in_a_sentence(unsound: Noun, sentence: str) -> None:
    with pytest.raises(DeclarationError) as error:
        check([unsound if unsound.name == sound.name else sound for sound in nouns()])
    assert str(error.value) == sentence


def test_two_nouns_of_one_name_are_refused() -> None:
    with pytest.raises(DeclarationError, match=r"^Two nouns are called 'warnings'\.$"):
        check([*nouns(), replace(WARNINGS, singular="caution")])


def test_every_noun_of_the_package_is_found() -> None:
    check(nouns())
    folder = Path(registry.__file__).parent
    declaring = [path.stem for path in folder.glob("*.py") if "\nNOUN = Noun(" in path.read_text(encoding="utf-8")]
    assert len(declaring) == len(nouns()) > 10
    assert [each.order for each in nouns()] == sorted({each.order for each in nouns()})


def test_facts_stand_in_the_order_of_a_file() -> None:
    orders = [each.section.order for each in fact_nouns() if each.section]
    assert orders == sorted(set(orders))
    assert {"mechanisms", "adverse-events"} <= {each.name for each in fact_nouns()}
    assert not {"therapies", "sources", "statements"} & {each.name for each in fact_nouns()}


def test_names_are_shown_in_an_order_of_their_own() -> None:
    assert list(named_nouns()) == ["therapy", "target", "condition", "class", "event", "endpoint", "trial"]


@pytest.mark.only_on_sqlite("The code is copied, not the database.")
def test_every_command_ends_with_the_sentence(tmp_path: Path, loaded: str) -> None:
    """Whatever is started with an unsound declaration says it, and nothing else."""
    copy = Copy(tmp_path, loaded)
    copy.insert(
        "app/nouns/therapy.py", "    filters=(", '        TermFilter("format", "Format.", "format", example="x"),'
    )
    sentence = "The filter 'format' of therapies has the name of a parameter that every list takes; call it otherwise."
    for command in ("app serve", "app migrate", "app release list", "seed check", "seed load --migrate"):
        assert copy.run("python", "-m", *command.split(), fails=True) == f"{sentence}\n", command
