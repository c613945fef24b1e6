"""What a reader of a comparison must be told, in plain sentences."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from app.api.compare.contrasts import CountedFact, Obstacles, trial_of


def of_comparison(counted: Sequence[CountedFact], obstacles: Obstacles) -> Iterator[str]:
    """What holds for all of a comparison."""
    cohorts = {item.cohort["id"]: item.cohort for item in counted}
    trials = {cohort["nct_id"] or trial_of(cohort) or cohort["id"] for cohort in cohorts.values()}
    if len(trials) > 1:
        yield (
            "Cohorts of different trials stand side by side: they differ in patients, follow-up and ways of counting, "
            "so no difference is computed between them."
        )
    if not counted:
        yield "Nothing was found under these filters; `absent` says for each therapy what is known."
    yield from _overlaps(cohorts.values())
    yield from _duplicate_arms(cohorts.values())
    reasons: dict[tuple[str, str], set[str]] = defaultdict(set)
    for (one, other), reason in obstacles.items():
        if one in cohorts and other in cohorts and reason != "both are comparators":
            reasons[cohorts[one]["trial"], cohorts[one]["therapy"]["name"]].add(reason)
    for (trial, therapy), why in sorted(reasons.items()):
        yield f"Some arms of {trial} (source on {therapy}) are not contrasted: {'; '.join(sorted(why))}."


def _overlaps(cohorts: Iterable[dict[str, Any]]) -> Iterator[str]:
    """What pooled cohorts may share with others."""
    cohorts = list(cohorts)
    shown = {cohort["trial"] for cohort in cohorts if cohort["trial"]}
    unclear = []
    for cohort in cohorts:
        if both := [trial for trial in cohort["pooled_from"] if cohort["pooled"] and trial in shown]:
            yield f"{cohort['id']} is pooled and holds patients of {join_words(both)}, shown too; nothing is added up."
        elif cohort["pooled"]:
            unclear.append(cohort["id"])
    if unclear:
        yield f"Pooled, and may hold patients of other cohorts: {join_words(unclear)}; nothing is added up."


def _duplicate_arms(cohorts: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Arms of a trial that the sources of two therapies report."""
    arms: dict[tuple[Any, ...], list[str]] = defaultdict(list)
    for cohort in cohorts:
        if cohort["nct_id"] and not cohort["pooled"]:
            therapies = frozenset(therapy["id"] for therapy in cohort["therapies"])
            agents = frozenset(agent.casefold() for agent in cohort["other_agents"])
            arms[cohort["nct_id"], therapies, agents, cohort["patients"]].append(cohort["id"])
    pairs = [ids for ids in arms.values() if len({cohort_id.split(".")[0] for cohort_id in ids}) > 1]
    if pairs:
        same = "; ".join(join_words(ids) for ids in pairs)
        yield f"The same patients, reported by two sources and never contrasted or added up: {same}."


def of_event(group: Sequence[CountedFact]) -> Iterator[str]:
    """What holds for one event."""
    grades = sorted({item.rate["grades"] for item in group if item.rate and "grades" in item.rate})
    if len(grades) > 1:
        yield f"The sources state different groups of grades ({join_words(grades)}), which are not the same."
    if any(item.fact["denominator"] or item.fact["denominator_range"] for item in group):
        yield "Some rates have a denominator of their own, such as the patients tested, not the N of their cohort."
    if any(item.rate is None for item in group):
        yield "Some sources state only a frequency band, no figure."
    if any(item.rate and item.rate["percent_below"] is not None for item in group):
        yield "Some sources print only an upper bound (`<x`), which is neither zero nor x."
    counted: dict[str, list[str]] = defaultdict(list)
    for item in group:
        counted[item.cohort["id"]].append(item.fact["evidence"]["source"]["id"])
    if differing := [cohort for cohort, sources in counted.items() if len(set(sources)) > 1]:
        yield f"Different figures of different sources in {join_words(differing)}; each row names its source."
    if several := [cohort for cohort, sources in counted.items() if len(set(sources)) < len(sources)]:
        yield f"Counted under more than one reported term in {join_words(several)}; these are never added up."


def join_words(words: Iterable[str]) -> str:
    """Words as a sentence lists them."""
    *most, last = list(words)
    return f"{', '.join(most)} and {last}" if most else last
