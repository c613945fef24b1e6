"""Comparisons and matrices over the whole fact base: as computed from its documents, one by one."""

import json
from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from app.api.compare import comparison, matrix
from app.api.compare.selection import MAX_COHORTS, Selection, compare
from app.api.compare.subjects import FILTERS, MAX_EVENTS, SUBJECTS, requested_subjects
from app.api.errors import Problem
from app.api.params import attribute
from app.nouns.filters import TermFilter
from app.nouns.registry import noun as noun_of
from app.nouns.tree import Tree
from app.vocabulary import Causality, EventKind, Part
from tests.api.opened import Opened, opened

Records = list[dict[str, Any]]


@pytest.fixture(scope="module")
def base(database: str) -> Iterator[Opened]:
    with opened(database) as found:
        yield found


@pytest.fixture(scope="module")
def facts(base: Opened) -> Records:
    return records(base, "adverse-events")


@pytest.fixture(scope="module")
def tree(base: Opened) -> Tree:
    return Tree({event["id"]: [parent["id"] for parent in event["parents"]] for event in records(base, "events")})


def records(base: Opened, name: str) -> Records:
    positions = list(range(base.release.lists[name].size))
    documents = base.run(base.store.documents(base.release, noun_of(name), positions, whole=True))
    return list(map(json.loads, documents))


def selected(
    base: Opened, severity: str = "any", limit: int = 10, *, comparators: bool = True, **params: Any
) -> Selection:
    params = {name.rstrip("_"): value for name, value in params.items()}
    work = partial(
        compare, release=base.release, params=params, severity=severity, limit=limit, comparators=comparators
    )
    found: Selection = base.run(base.store.compute(work))
    return found


def compared(base: Opened, **asked: Any) -> dict[str, Any]:
    return comparison.page(selected(base, **asked), base.release.version, "/").model_dump(mode="json", by_alias=True)


def refused(base: Opened, **asked: Any) -> Any:
    with pytest.raises(Problem) as caught:
        selected(base, **asked)
    return caught.value.params[0]


@pytest.mark.parametrize("severity", ["any", "severe"])
@pytest.mark.parametrize(
    "asked",
    [
        {"therapies": ["nivolumab", "ipilimumab"], "condition": ["melanoma"]},
        {"class_": ["anti-tnf"], "kind": [EventKind.CLINICAL], "comparators": False},
        {"classes": ["car-t"], "causality": [Causality.ALL_CAUSE], "comparators": False, "limit": 3},
        {"cohorts": ["nivolumab.checkmate-067-nivolumab"], "comparators": False},
        {"therapies": ["efgartigimod alfa"], "limit": 50},
    ],
)
def test_the_usual_events_are_those_that_most_cohorts_report(
    base: Opened, facts: Records, asked: dict[str, Any], severity: str
) -> None:
    found = selected(base, severity, **asked)
    reporting: dict[str, set[str]] = defaultdict(set)
    for fact in facts:
        rate = fact["severe" if severity == "severe" else "any_grade"]
        counted = all(fact[name] in asked[name] for name in ("kind", "causality") if name in asked)
        if fact["cohort"]["id"] in found.cohorts and counted and rate and rate["percent"] is not None:
            reporting[fact["term"]["id"]].add(fact["cohort"]["id"])
    least = min(2, len(found.cohorts))
    usual = sorted((-len(cohorts), event) for event, cohorts in reporting.items() if len(cohorts) >= least)
    shown = [event for _, event in usual][: asked.get("limit", 10)]
    assert shown or severity == "severe"  # few of their sources tell the severe apart
    assert list(dict.fromkeys(item.fact["term"]["id"] for item in found.counted)) == shown
    assert f"shown are the {len(shown)} " in found.cautions[0]
    assert f"of {len(usual)} that" in found.cautions[0]


def test_events_requested_bring_the_terms_below_them_in_their_order(base: Opened, facts: Records, tree: Tree) -> None:
    counted = [
        fact
        for fact in facts
        if "pembrolizumab" in {one["id"] for one in fact["cohort"]["therapies"]} and fact["subset"] is None
    ]
    parents = {above for fact in counted for above in tree.upwards(fact["term"]["id"]) - {fact["term"]["id"]}}
    events = [*sorted(parents)[:4], "colitis", "rash"]
    found = selected(base, therapies=["pembrolizumab"], events=events, comparators=False)
    expected: dict[str, None] = {}
    for event in events:
        for fact in counted:
            if event in tree.upwards(fact["term"]["id"]) and (fact["any_grade"] or fact["frequency_band"]):
                expected.setdefault(fact["id"])
    assert [item.fact["id"] for item in found.counted] == list(expected)
    assert found.query == {
        "therapies": ["pembrolizumab"], "events": events, "severity": "any", "comparators": False, "subset": ["whole"],
    }  # fmt: skip


def test_rows_are_the_facts_and_are_never_mixed(base: Opened, facts: Records) -> None:
    body = compared(base, therapies=["nivolumab", "ipilimumab"], condition=["melanoma"], limit=30)
    by_id = {fact["id"]: fact for fact in facts}
    rows = [(item, row) for item in body["items"] for row in item["rows"]]
    assert len(rows) > 20
    for item, row in rows:
        fact = by_id[row["fact"]]
        assert {key: row[key] for key in fact["any_grade"]} == fact["any_grade"]
        assert (row["cohort"], row["evidence"], row["note"]) == (fact["cohort"]["id"], fact["evidence"], fact["note"])
        assert (item["event"], item["kind"], item["causality"], item["serious"]) == (
            fact["term"], fact["kind"], fact["causality"], fact["serious"]
        )  # fmt: skip
    keys = [(item["event"]["id"], item["kind"], item["causality"], item["serious"]) for item in body["items"]]
    assert len(keys) == len(set(keys))
    assert [cohort["id"] for cohort in body["cohorts"]] == [
        cohort["id"] for cohort in records(base, "cohorts") if cohort["id"] in {row["cohort"] for _, row in rows}
    ]


def test_contrasts_are_of_one_trial_and_one_source(base: Opened) -> None:
    body = compared(base, therapies=["nivolumab", "ipilimumab"], condition=["melanoma"], limit=30)
    cohorts = {cohort["id"]: cohort for cohort in body["cohorts"]}
    found = [(item, contrast) for item in body["items"] for contrast in item["contrasts"]]
    assert len(found) > 10
    for item, contrast in found:
        rows = [
            next(row for row in item["rows"] if row["fact"] == contrast[side]["fact"]) for side in ("arm", "reference")
        ]
        one, other = (cohorts[row["cohort"]] for row in rows)
        assert one["trial"] == other["trial"] == contrast["trial"]
        assert one["reported_for"] == other["reported_for"]
        assert not one["pooled"]
        assert not other["pooled"]
        assert not one["comparator"]
        assert rows[0]["evidence"]["source"] == rows[1]["evidence"]["source"]


def test_comparators_are_brought_along_and_can_be_left_out(base: Opened) -> None:
    alone = {"cohorts": ["nivolumab.checkmate-067-nivolumab"], "events": ["rash"]}
    body = compared(base, **alone)
    assert {cohort["id"]: cohort["asked"] for cohort in body["cohorts"]} == {
        "nivolumab.checkmate-067-nivolumab": True,
        "nivolumab.checkmate-067-ipilimumab": False,
    }
    assert body["items"][0]["contrasts"][0]["reference"]["cohort"] == "nivolumab.checkmate-067-ipilimumab"
    assert len(compared(base, **alone, comparators=False)["cohorts"]) == 1


def test_arms_that_overlap_are_not_contrasted_even_where_their_part_is_not_shown(base: Opened) -> None:
    nested = ["ipilimumab.mdx010-20-ipilimumab-3-all", "ipilimumab.study-mdx010-20-ipilimumab"]
    body = compared(base, cohorts=nested, comparators=False)
    assert not any(item["contrasts"] for item in body["items"])
    assert any("combines arms" in caution for caution in body["cautions"])


def test_subjects_are_combined_with_or_and_the_rest_narrows(base: Opened) -> None:
    alone = partial(selected, base, comparators=False)
    one, two = alone(therapies=["avelumab"]).cohorts, alone(classes=["lag-3-inhibitor"]).cohorts
    both = alone(therapies=["avelumab"], class_=["lag-3-inhibitor"], cohorts=["nivolumab.checkmate-025-nivolumab"])
    assert both.cohorts.keys() == one.keys() | two.keys() | {"nivolumab.checkmate-025-nivolumab"}
    narrowed = alone(therapies=["nivolumab"], monotherapy=True, condition=["lung-cancer"]).cohorts.values()
    assert narrowed
    assert all(cohort["monotherapy"] for cohort in narrowed)


def test_names_lead_to_records_and_what_is_requested_twice_is_told(base: Opened) -> None:
    found = selected(base, therapies=["Keytruda", "pembrolizumab"], events=["Colitis"])
    assert (found.query["therapies"], found.query["events"]) == (["pembrolizumab"], ["colitis"])
    assert "pembrolizumab is meant by Keytruda and pembrolizumab; it is shown once." in found.cautions
    assert any("comparison with itself" in caution for caution in found.cautions)
    twice = selected(base, therapies=["nivolumab", "nivolumab"], events=["colitis"])
    assert "nivolumab is 'nivolumab' given 2 times; it is shown once." in twice.cautions


def test_absence_tells_not_curated_from_not_reported(base: Opened) -> None:
    uncurated = next(
        one["id"] for one in records(base, "therapies") if one["coverage"]["adverse_events"] == "not curated"
    )
    asked = {"therapies": ["nivolumab", uncurated], "events": ["cytokine-release-syndrome", "colitis"]}

    def status(**more: Any) -> dict[tuple[str, str], str]:
        absent = compared(base, **asked, **more)["absent"]
        return {(item["therapy"]["id"], event["id"]): item["status"] for item in absent for event in item["events"]}

    found = status()
    assert found[uncurated, "colitis"] == "not curated"
    assert found["nivolumab", "cytokine-release-syndrome"] == "not reported in the sources read"
    assert ("nivolumab", "colitis") not in found
    narrowed = status(causality=[Causality.TREATMENT_RELATED])
    assert narrowed["nivolumab", "colitis"].startswith("reported, but not under these filters")
    usual = compared(base, therapies=["nivolumab", uncurated])["absent"]
    assert {"therapy": {"id": uncurated, "name": uncurated}, "status": "not curated", "events": []} in [
        item | {"therapy": item["therapy"] | {"name": uncurated}} for item in usual
    ]


def test_the_cells_of_a_matrix_are_the_facts(base: Opened, facts: Records) -> None:
    params = matrix.counted_one_way({"class_": ["pd-1-inhibitor"]})
    found = selected(base, limit=50, comparators=False, **params)
    page = matrix.page(found, base.release.version, "/")
    by_id = {fact["id"]: fact for fact in facts}
    assert len(page.cells) > 100
    places = [cell[:2] for cell in page.cells]
    assert places == sorted(set(places))
    assert {row for row, _ in places} == set(range(len(page.events)))
    assert {column for _, column in places} == set(range(len(page.cohorts)))
    for row, column, percent, patients, at_risk, computed, fact_id in page.cells:
        fact = by_id[fact_id]
        rate = fact["any_grade"] or {"percent": None, "patients": None, "computed": []}
        assert (fact["term"]["id"], fact["cohort"]["id"]) == (page.events[row].id, page.cohorts[column].id)
        assert (rate["percent"], rate["patients"], fact["patients_at_risk"]) == (percent, patients, at_risk)
        assert set(computed) == set(rate["computed"]) - {"ci95"}
        assert (fact["causality"], fact["kind"], fact["serious"]) == ("all_cause", "clinical", False)


def test_a_matrix_counts_in_one_way() -> None:
    assert matrix.counted_one_way({"kind": [EventKind.LABORATORY]}) == {
        "causality": [Causality.ALL_CAUSE],
        "kind": [EventKind.LABORATORY],
        "subset": [Part.WHOLE],
    }
    with pytest.raises(Problem) as caught:
        matrix.counted_one_way({"kind": [EventKind.LABORATORY, EventKind.CLINICAL]})
    assert caught.value.params[0].parameter == "kind"


def test_what_cannot_be_answered_names_its_parameter(base: Opened) -> None:
    assert refused(base).parameter == "therapy"
    assert refused(base, events=["colitis"]).detail == "Nothing to compare was asked for."
    unknown = refused(base, therapies=["nivolumab", "pembrolizumap"])
    assert (unknown.parameter, unknown.suggestions[0]) == ("therapies", "pembrolizumab")
    assert unknown.allowed == "an id or a known name of /therapies"
    assert refused(base, cohorts=["nivolumab.checkmate-000"]).parameter == "cohorts"
    assert "colitis" in refused(base, therapies=["nivolumab"], events=["colitus"]).suggestions


def test_more_cohorts_than_can_be_read_are_refused(base: Opened) -> None:
    many = refused(base, classes=["immunosuppressive-biologic", "immune-checkpoint-inhibitor"])
    assert (many.parameter, many.detail) == ("classes", f"More than {MAX_COHORTS} cohorts match.")
    trials = [cohort for cohort in records(base, "cohorts") if cohort["trial"] and not cohort["comparator"]]
    ids = [cohort["id"] for cohort in trials[:MAX_COHORTS]]
    assert len(selected(base, cohorts=ids, events=["rash"], comparators=False).cohorts) == MAX_COHORTS
    assert refused(base, cohorts=ids, events=["rash"]).parameter == "cohorts"  # their comparators are too many


class Query:
    """A validated query."""

    def __init__(self, **given: Any) -> None:
        self.model_fields_set = set(given)
        for wanted in FILTERS:
            setattr(self, attribute(wanted.name), given.get(attribute(wanted.name)))


def test_a_query_is_taken_as_far_as_it_is_given() -> None:
    asked = {"class_": ["car-t"], "monotherapy": False, "events": ["rash"]}
    assert requested_subjects(Query(**asked)) == {"class": ["car-t"], "events": ["rash"], "monotherapy": False}
    for given in ({"events": ["rash"] * (MAX_EVENTS + 1)}, {"events": ["rash"], "limit": 3}):
        with pytest.raises(Problem) as caught:
            requested_subjects(Query(**given))
        assert caught.value.params[0].parameter == ("limit" if "limit" in given else "events")


def test_parameters_are_declared_as_filters_are() -> None:
    names = [wanted.name for wanted in FILTERS]
    assert names[: len(SUBJECTS)] == list(SUBJECTS)
    assert len(names) == len(set(names))
    for wanted in FILTERS:
        free = wanted.name == "trial"
        assert free or not isinstance(wanted, TermFilter) or bool(wanted.names) != bool(wanted.vocabulary)
