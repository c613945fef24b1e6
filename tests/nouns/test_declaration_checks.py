"""Declarations that are not sound are refused at start, each in a sentence."""

import re
from dataclasses import replace

import pytest
from pydantic import BaseModel
from sqlmodel import SQLModel

from app.config import Settings
from app.main import create_api
from app.nouns.base import Record, RecordTable, release_foreign_key, table_of
from app.nouns.declaration import Noun, Reference, Section
from app.nouns.declaration_checks import OTHER_PATHS, check
from app.nouns.declaration_errors import DeclarationError
from app.nouns.registry import noun, nouns
from app.nouns.warning import LabelWarning, WarningRecord
from app.vocabulary import WarningLevel
from tests.nouns.unsound import THERAPIES, WARNINGS, NoEvidence, assert_refused


class NoId(BaseModel):
    """A form without an id."""

    name: str


class Keyless(Record):
    """A record without a natural key."""

    event: str


class Eventless(RecordTable):
    """A table of warnings that do not say of what they warn."""

    therapy_id: str
    source_id: str
    locator: str


class NoTable(Eventless):
    """A table that is not said to be one."""

    event_id: str


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


class Sourced(LabelWarning):
    """A form with a field that is part of its evidence."""

    source: str


class Scored(LabelWarning):
    """A form with a field that nothing gives."""

    score: int | None = None


class Dropping(WarningRecord):
    """A record with a field that no answer has."""

    unsaid: str | None = None


class Underscored(WarningRecord):
    """A record with a field whose key is no word of Python."""

    from_: str | None = None


class Uncited(BaseModel):
    """A form that does not say where it was read."""

    id: str


class Anonymous(BaseModel):
    """A form in a list that does not say of what it is."""

    id: str


class Stricter(Anonymous):
    """The same, with a field that is never null."""

    rems: bool


class Longer(Anonymous):
    """The same, with a field that the record does not have."""

    society: str


def section_of(name: str) -> Section:
    """The section of a noun."""
    section = noun(name).section
    assert section is not None
    return section


UNSOUND: dict[str, tuple[Noun, str]] = {
    "a list of a name that is no path": (
        replace(WARNINGS, name="label_warnings"),
        "'label_warnings' is no name of a list: write small letters, words joined by `-`.",
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
    "a field that nothing gives": (
        replace(WARNINGS, public=Scored),
        "The field 'score' of Scored is no field of WarningRecord, and warnings have no `compute` that gives it.",
    ),
    "a section called as a word of Python": (
        replace(WARNINGS, section=replace(section_of("warnings"), key="class")),
        "The section 'class' is called as a word of Python is; call it otherwise.",
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
    "evidence without a filter by source": (
        replace(WARNINGS, filters=tuple(each for each in WARNINGS.filters if each.name != "source")),
        "LabelWarning has `evidence`, but warnings have no filter `source`: add `SOURCE` of app/nouns/fact_filters.py, "
        "by which a source lists them.",
    ),
    "a fact without a filter by therapy": (
        replace(WARNINGS, filters=tuple(each for each in WARNINGS.filters if each.name != "therapy")),
        "warnings have no filter `therapy`, by which a therapy lists them: add `THERAPY` of app/nouns/fact_filters.py.",
    ),
    "a section without kinds": (
        replace(WARNINGS, section=replace(section_of("warnings"), coverage={})),
        "The section 'warnings' of warnings has no `coverage`: name the kinds of fact that it holds, such as "
        "{'warnings': lambda _: True}.",
    ),
    "a field that evidence has": (
        replace(WARNINGS, public=Sourced),
        "A field of warnings is called 'source', as a part of its evidence is.",
    ),
    "a field of the record that is not answered": (
        replace(WARNINGS, record=Dropping),
        "The field 'unsaid' of Dropping is no field of LabelWarning: put it in the class that both are built on, or in "
        "`record_only` where `compute` reads it.",
    ),
    "a field of the record alone that is not there": (
        replace(WARNINGS, record_only=("unsaid",)),
        "'unsaid' in `record_only` of warnings is no field of WarningRecord.",
    ),
    "a field of the record alone that is answered": (
        replace(WARNINGS, record_only=("text",)),
        "'text' in `record_only` of warnings is answered: take it out.",
    ),
    "a field that is written as Python has it": (
        replace(WARNINGS, record=Underscored, record_only=("from_",)),
        "The field 'from_' of warnings would be written so: give it an alias, such as `alias='from'`.",
    ),
    "a source that is not answered": (
        replace(noun("trials"), public=Uncited, references=(), filters=(), sorts={}, common=(), sublists=()),
        "TrialRecord says where a record was read, and Uncited has no `evidence`: add it, or build the record on "
        "`Record`.",
    ),
    "one part that is in no tuple": (
        replace(WARNINGS, common="level"),  # type: ignore[arg-type]  # that is what is wrong
        "`common` of warnings is no tuple: write a comma behind what stands alone.",
    ),
    "a summary with another field": (
        replace(WARNINGS, summary=Longer),
        "'society' of Longer is no such field of LabelWarning, which it is of.",
    ),
    "a summary with a field of another type": (
        replace(WARNINGS, summary=Stricter),
        "'rems' of Stricter is no such field of LabelWarning, which it is of.",
    ),
    "a summary that does not say of what it is": (
        replace(WARNINGS, summary=Anonymous),
        "Anonymous has no 'therapy': records of a list have it too.",
    ),
    "what is shown without a summary": (
        replace(WARNINGS, shown=lambda _: {}),
        "`shown` of warnings is of a `summary`, which they do not have.",
    ),
    "an absence of no kind": (
        replace(WARNINGS, section=replace(section_of("warnings"), absence="nothing")),
        "The section 'warnings' of warnings asks for 'nothing', which is no kind of coverage.",
    ),
    "filters that must be there": (
        replace(WARNINGS, section=replace(section_of("warnings"), kinds_asked=lambda filters: filters["level"])),
        "`kinds_asked` of warnings fails: KeyError: 'level'; it is asked without filters too: read them by `.get()`",
    ),
    "filters that ask for no kind": (
        replace(WARNINGS, section=replace(section_of("warnings"), kinds_asked=lambda _: ["cautions"])),
        "The section 'warnings' of warnings asks for 'cautions', which is no kind of coverage.",
    ),
    "a table that is none": (
        replace(WARNINGS, table=NoTable),
        "NoTable is no table: write `table=True` behind what it is built on.",
    ),
    "a form of the name of another": (
        replace(WARNINGS, public=type("Outcome", (LabelWarning,), {"__module__": "app.nouns.warning"})),
        "Two forms are called Outcome, in app/nouns/outcome.py and app/nouns/warning.py: call one otherwise.",
    ),
    "a section that is no key": (
        replace(WARNINGS, section=replace(section_of("warnings"), key="label-warnings")),
        "The section 'label-warnings' is no key of a file: write small letters, words joined by `_`.",
    ),
    "a kind of coverage of another list": (
        replace(WARNINGS, section=replace(section_of("warnings"), coverage={"mechanisms": lambda _: True})),
        "mechanisms of mechanisms and mechanisms of warnings have the same kind of coverage: mechanisms. …",
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
        replace(WARNINGS, record=Keyless, record_only=()),
        "Keyless has no `natural_key()`: ids are made of it.",
    ),
    "a fact without evidence": (
        replace(WARNINGS, public=NoEvidence),
        "NoEvidence has no `therapy` or no `evidence`: build it on `Fact`.",
    ),
}


@pytest.mark.parametrize(("unsound", "sentence"), UNSOUND.values(), ids=UNSOUND.keys())
def test_an_unsound_declaration_is_refused_in_a_sentence(unsound: Noun, sentence: str) -> None:
    assert_refused(unsound, sentence)


def test_two_nouns_of_one_name_are_refused() -> None:
    with pytest.raises(DeclarationError, match=r"^Two nouns are called 'warnings'\.$"):
        check([*nouns(), replace(WARNINGS, singular="caution")])


def test_two_nouns_of_one_kind_are_refused() -> None:
    with pytest.raises(DeclarationError, match=r"^mechanisms and warnings have the same `singular`: mechanism\. Taken"):
        check([*(each for each in nouns() if each is not WARNINGS), replace(WARNINGS, singular="mechanism")])


def test_every_other_path_is_taken() -> None:
    settings = Settings()
    routes = create_api(settings).routes
    firsts = {str(getattr(route, "path", "")).split("/")[1] for route in routes}
    words = {first for first in firsts if re.fullmatch("[a-z-]+", first)}
    assert words - {each.name for each in nouns()} == OTHER_PATHS
    with pytest.raises(DeclarationError, match="'live' has a path that is taken"):
        check([replace(each, name="live") if each is WARNINGS else each for each in nouns()])
