"""What is compared: the parameters of a comparison, and the names in them resolved."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.api.compare.cautions import join_words
from app.api.errors import bad_parameter
from app.api.filters import resolve_filter
from app.nouns.adverse_event import NOUN as ADVERSE_EVENTS
from app.nouns.cohort import NOUN as COHORTS
from app.nouns.declaration import Noun, attribute
from app.nouns.event import NOUN as EVENTS
from app.nouns.filters import Filter, TermFilter
from app.nouns.therapy import NOUN as THERAPIES
from app.nouns.therapy_class import NOUN as CLASSES
from app.release.opened import OpenRelease
from app.release.query import Params

MAX_EVENTS = 50
"""Events that may be requested by name."""


def _named(name: str, description: str, example: str, noun: Noun, values: str) -> TermFilter:
    return TermFilter(name, description, values, example, names=noun.name)


FILTERS: tuple[Filter, ...] = (
    _named("therapies", "Therapies, by any name; each cohort in which one was given.", "nivolumab,ipilimumab",
           THERAPIES, "therapies.id"),
    _named("therapy", "The same as `therapies`.", "nivolumab", THERAPIES, "therapies.id"),
    _named("classes", "Classes of therapies, with every class below them.", "ctla-4-inhibitor",
           CLASSES, "therapies.class.id"),
    _named("class", "The same as `classes`.", "pd-1-inhibitor", CLASSES, "therapies.class.id"),
    _named("cohorts", "Cohorts, by id.", "nivolumab.checkmate-067-nivolumab", COHORTS, "id"),
    _named("cohort", "The same as `cohorts`.", "nivolumab.checkmate-067-nivolumab", COHORTS, "id"),
    _named("events", "Event terms, by any name, each with every term below it.", "colitis,pneumonitis",
           EVENTS, "term.id"),
    _named("event", "The same as `events`.", "colitis", EVENTS, "term.id"),
    COHORTS.by_name["trial"],
    COHORTS.by_name["condition"],
    COHORTS.by_name["monotherapy"],
    ADVERSE_EVENTS.by_name["organ_system"],
    ADVERSE_EVENTS.by_name["causality"],
    ADVERSE_EVENTS.by_name["kind"],
    ADVERSE_EVENTS.by_name["subset"],
)  # fmt: skip
"""What a comparison takes: subjects, which are combined with OR, and what narrows them; a trial alone is a subject too.
The words of the lists, and their plurals, mean the same."""

SUBJECTS = {
    "therapies": "therapy",
    "therapy": "therapy",
    "classes": "class",
    "class": "class",
    "cohorts": "id",
    "cohort": "id",
}
"""Parameters that say what to compare, and the filter of cohorts that each stands for."""

EVENT_WORDS, THERAPY_WORDS, CLASS_WORDS = ("events", "event"), ("therapies", "therapy"), ("classes", "class")
"""Parameters that mean the same."""


def values_of(params: Params, words: Sequence[str]) -> list[Any]:
    """The values of parameters that mean the same, each once."""
    return list(dict.fromkeys(value for word in words for value in params.get(word, ())))


def requested_subjects(query: Any) -> Params:
    """What a validated query asks to compare, by parameter. Raises `Problem` where it is too much."""
    values = {wanted.name: getattr(query, attribute(wanted.name)) for wanted in FILTERS}
    params = {name: value for name, value in values.items() if value is not None}
    named = [name for name in EVENT_WORDS if name in params]
    if (count := sum(len(params[name]) for name in named)) > MAX_EVENTS:
        raise bad_parameter(named[0], f"`{named[0]}` holds {count} values.", allowed=f"at most {MAX_EVENTS} values")
    if named and "limit" in query.model_fields_set:
        raise bad_parameter("limit", "`limit` is for questions without `events`; here every event asked for is shown.")
    return params


def resolved_subjects(release: OpenRelease, params: Params) -> tuple[Params, list[str]]:
    """The parameters after names were resolved, and what is to be said of names that mean the same.

    Raises `Problem` for what is not known.
    """
    if not any(params.get(name) for name in (*SUBJECTS, "trial")):
        allowed = "one or more of: therapy, class, cohort, trial"
        raise bad_parameter("therapy", "Nothing to compare was asked for.", allowed=allowed)
    filters = {wanted.name: wanted for wanted in FILTERS}

    def resolve(name: str, value: Any) -> Any:
        return resolve_filter(release, filters[name], COHORTS.name, value)

    query: Params = {}
    sentences: list[str] = []
    subjects: list[str] = []
    for name, given in params.items():
        wanted = filters[name]
        value = given
        if isinstance(wanted, TermFilter) and wanted.names:
            value = [*release.names.joined(release.names.space_of(COHORTS.name, wanted), given)]
        query[name] = resolve(name, value)
        if name in SUBJECTS:
            subjects += query[name]
        if (name in SUBJECTS or name in EVENT_WORDS) and len(value) > len(query[name]):
            ids = {word: resolve(name, [word])[0] for word in value}
            sentences += _repeated(ids, value)
    if len(subjects) == 1 and sum(len(params.get(name, ())) for name in SUBJECTS) > 1:
        sentences.append(
            f"Everything asked for is {subjects[0]}: a comparison with itself, shown once. What differs is the trial."
        )
    return query, sentences


def _repeated(ids: Mapping[str, str], words: Sequence[str]) -> Iterator[str]:
    """One sentence for each record that was requested more than once."""
    for record_id, times in Counter(ids[word] for word in words).items():
        if times > 1:
            called = [word for word, found in ids.items() if found == record_id]
            how = f"is {called[0]!r} given {times} times" if len(called) == 1 else f"is meant by {join_words(called)}"
            yield f"{record_id} {how}; it is shown once."
