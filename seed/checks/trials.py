"""Checks of trials: a trial is one record, and what a source says of one of its arms is said in one file."""

import re
from collections import defaultdict
from itertools import combinations

from app.nouns.cohort import CohortRecord
from app.nouns.differences import NUMBERED
from app.nouns.folding import fold
from seed.checks.references import Found
from seed.files import Facts

_FILE = "trials.json"
_CODE = re.compile(r"[A-Z]{1,3}[- ]?\d{1,2}$")
"""Names such as `CD-1`, which several labels give to trials of their own."""
_WORDS = {"reported_endpoint", "role", "note", "criteria", "assessor", "analysed", "key", "locator", "curated_on"}
"""Fields of an outcome in which two readings of one figure may differ."""


def trials_once(facts: Facts) -> Found:
    """No NCT number is in two records, no name in two of one therapy or condition, and no arm in two trials.

    `Study 1` and `CD-1` are names of many trials. So is an acronym that others use for another disease and therapy.
    """
    numbers: dict[str, list[str]] = defaultdict(list)
    names: dict[str, set[str]] = defaultdict(set)
    about: dict[str | None, set[str]] = defaultdict(set)
    arms = _arms(facts)
    for trial in facts.records("trials"):
        about[trial.id] |= set(trial.conditions)
        for number in trial.nct_ids:
            numbers[number].append(trial.id)
        for name in (trial.name, *trial.synonyms):
            if not NUMBERED.search(name) and not _CODE.match(name):
                names[fold(name)].add(trial.id)
    for arm, cohort in arms.items():
        about[cohort.trial_id] |= {*cohort.therapies, *filter(None, [cohort.condition])}
        other = arms.get(cohort.same_as or "")
        if other and other.trial_id != cohort.trial_id:
            yield f"therapies/{arm.partition('.')[0]}.json", f"cohorts {cohort.key}", f"{cohort.same_as} has another."
    for number, ids in numbers.items():
        for other_id in ids[1:]:
            yield _FILE, other_id, f"{number} is in {ids[0]} too."
    for alike in names.values():
        for first, second in combinations(sorted(alike), 2):
            if about[first] & about[second]:
                yield _FILE, second, f"{first} has one of its names."


def outcomes_once(facts: Facts) -> Found:
    """What a source states of an arm is in one file, also where `same_as` says that the arm is in several."""
    arms = _arms(facts)
    found: dict[tuple[str, ...], str] = {}
    for file in facts.therapies:
        for record in file.facts("outcomes"):
            own = [f"{file.therapy.id}.{key}" for key in (record.cohort, record.against) if key]
            same = [(name in arms and arms[name].same_as) or name for name in own]
            figure = record.model_dump_json(exclude={"cohort", "against", *_WORDS})
            other = found.setdefault((*same, figure), file.file)
            if other != file.file:
                yield file.file, f"outcomes {record.natural_key()}", f"{other} has it, from the same source."


def _arms(facts: Facts) -> dict[str, CohortRecord]:
    return {f"{file.therapy.id}.{cohort.key}": cohort for file in facts.therapies for cohort in file.facts("cohorts")}
