"""Adverse events side by side, over HTTP: what is compared, what is not, and what is said of it."""

from typing import Any

import httpx
import pytest

from app.api.comparisons import COMPARE, EXAMPLES, MATRIX
from tests.api.documented import documented


def get(client: httpx.Client, path: str, **params: Any) -> dict[str, Any]:
    answer = client.get(path, params=params)
    assert answer.status_code == 200, answer.text
    assert answer.headers["X-Release"] == answer.json()["release"]
    return dict(answer.json())


def refused(client: httpx.Client, path: str, **params: Any) -> dict[str, Any]:
    answer = client.get(path, params=params)
    assert answer.status_code == 422, answer.text[:300]
    assert answer.headers["Content-Type"] == "application/problem+json"
    return dict(answer.json()["errors"][0])


@pytest.fixture(scope="module")
def melanoma(client: httpx.Client) -> dict[str, Any]:
    """Nivolumab and ipilimumab against melanoma."""
    return get(client, COMPARE, therapies="nivolumab,ipilimumab", condition="melanoma", limit=30)


def test_rows_are_the_facts_as_the_list_answers_them(client: httpx.Client, melanoma: dict[str, Any]) -> None:
    rows = [row for item in melanoma["items"] for row in item["rows"]]
    assert len(rows) > 20
    for item in melanoma["items"]:
        row = item["rows"][0]
        fact = client.get(f"/adverse-events/{row['fact']}").json()
        assert fact["cohort"]["id"] == row["cohort"]
        assert {key: row[key] for key in fact["any_grade"]} == fact["any_grade"]
        assert row["evidence"] == fact["evidence"]
        assert item["event"] == fact["term"]
        assert (item["kind"], item["causality"], item["serious"]) == (
            fact["kind"], fact["causality"], fact["serious"]
        )  # fmt: skip
    assert {row["cohort"] for row in rows} == {cohort["id"] for cohort in melanoma["cohorts"]}


def test_an_item_never_mixes_ways_of_counting(melanoma: dict[str, Any]) -> None:
    keys = [(item["event"]["id"], item["kind"], item["causality"], item["serious"]) for item in melanoma["items"]]
    assert len(keys) == len(set(keys))


def test_contrasts_are_of_one_trial_one_source_and_as_statsmodels_has_them(melanoma: dict[str, Any]) -> None:
    from statsmodels.stats.proportion import confint_proportions_2indep  # imported here: it takes seconds

    cohorts = {cohort["id"]: cohort for cohort in melanoma["cohorts"]}
    found = [(item, contrast) for item in melanoma["items"] for contrast in item["contrasts"]]
    assert len(found) > 10
    for item, contrast in found:
        arm, reference = contrast["arm"], contrast["reference"]
        rows = {row["fact"]: row for row in item["rows"]}
        one, other = cohorts[arm["cohort"]], cohorts[reference["cohort"]]
        assert one["trial"] == other["trial"] == contrast["trial"]
        assert one["id"] != other["id"]
        assert one["reported_for"] == other["reported_for"]
        assert not one["pooled"]
        assert not other["pooled"]
        assert not one["comparator"]
        evidence = [rows[side["fact"]]["evidence"] for side in (arm, reference)]
        assert evidence[0]["source"] == evidence[1]["source"]
        counts = [arm["patients"], arm["patients_at_risk"], reference["patients"], reference["patients_at_risk"]]
        points = [100 * end for end in confint_proportions_2indep(*counts, method="newcomb", compare="diff")]
        assert contrast["risk_difference"]["ci95"] == pytest.approx(points, abs=0.006)
        if arm["patients"] and reference["patients"]:
            ratio = confint_proportions_2indep(*counts, method="log", compare="ratio")
            assert contrast["risk_ratio"]["ci95"] == pytest.approx(ratio, rel=1e-3)
        for side in (arm, reference):
            row = rows[side["fact"]]
            if row["patients"] is None:
                assert side["computed"] == ["patients"]
                assert abs(100 * side["patients"] / side["patients_at_risk"] - row["percent"]) <= 0.5
            else:
                assert side["patients"] == row["patients"]


def test_arms_of_different_trials_stand_side_by_side_with_a_caution(client: httpx.Client) -> None:
    body = get(
        client,
        COMPARE,
        cohorts="nivolumab.checkmate-025-nivolumab,pembrolizumab.keynote-006-pembrolizumab",
        comparators="false",
    )
    assert len(body["cohorts"]) == 2
    assert not any(item["contrasts"] for item in body["items"])
    assert any("no difference is computed" in caution for caution in body["cautions"])


def test_trials_of_the_same_name_in_different_sources_are_different_trials(client: httpx.Client) -> None:
    body = get(client, COMPARE, therapies="efgartigimod alfa,rozanolixizumab", limit=50)
    trials = {cohort["trial"] for cohort in body["cohorts"]}
    assert "Study 1" in trials
    owners = {cohort["id"]: cohort["reported_for"]["id"] for cohort in body["cohorts"]}
    pairs = [contrast for item in body["items"] for contrast in item["contrasts"]]
    assert pairs
    for contrast in pairs:
        assert owners[contrast["arm"]["cohort"]] == owners[contrast["reference"]["cohort"]]


def test_the_same_arm_in_two_labels_is_shown_once_and_never_contrasted(client: httpx.Client) -> None:
    both = "nivolumab.checkmate-067-nivolumab,ipilimumab.checkmate-067-nivolumab"
    body = get(client, COMPARE, cohorts=both, comparators="false", limit=30)
    assert {cohort["id"] for cohort in body["cohorts"]} == {both.split(",")[0]}
    assert not any(item["contrasts"] for item in body["items"])


def test_arms_that_overlap_are_not_contrasted_even_where_their_part_is_not_shown(client: httpx.Client) -> None:
    nested = "ipilimumab.mdx010-20-ipilimumab-3-all,ipilimumab.study-mdx010-20-ipilimumab"
    body = get(client, COMPARE, cohorts=nested, comparators="false")
    assert not any(item["contrasts"] for item in body["items"])
    assert any("combines arms" in caution for caution in body["cautions"])


def test_pooled_cohorts_say_that_they_overlap(client: httpx.Client) -> None:
    body = get(client, COMPARE, therapies="nivolumab", limit=50)
    pooled = {cohort["id"] for cohort in body["cohorts"] if cohort["pooled"]}
    assert pooled
    told = " ".join(caution for caution in body["cautions"] if "ooled" in caution)
    assert all(cohort in told for cohort in pooled)
    for item in body["items"]:
        for contrast in item["contrasts"]:
            assert not pooled & {contrast["arm"]["cohort"], contrast["reference"]["cohort"]}


def test_comparators_are_brought_along_and_can_be_left_out(client: httpx.Client) -> None:
    alone = {"cohorts": "nivolumab.checkmate-067-nivolumab", "events": "rash"}
    body = get(client, COMPARE, **alone)
    assert {cohort["id"]: cohort["asked"] for cohort in body["cohorts"]} == {
        "nivolumab.checkmate-067-nivolumab": True,
        "nivolumab.checkmate-067-ipilimumab": False,
    }
    contrast = body["items"][0]["contrasts"][0]
    assert contrast["reference"]["cohort"] == "nivolumab.checkmate-067-ipilimumab"
    assert len(get(client, COMPARE, **alone, comparators="false")["cohorts"]) == 1


def test_severe_groups_of_grades_are_named_and_never_mixed_in_a_contrast(client: httpx.Client) -> None:
    body = get(client, COMPARE, classes="checkpoint inhibitor", condition="lung cancer", severity="severe", limit=30)
    mixed = 0
    for item in body["items"]:
        grades = {row["fact"]: row["grades"] for row in item["rows"]}
        assert "any" not in grades.values()
        told = any("groups of grades" in caution for caution in item["cautions"])
        assert told == (len(set(grades.values())) > 1)
        mixed += told
        for contrast in item["contrasts"]:
            assert grades[contrast["arm"]["fact"]] == grades[contrast["reference"]["fact"]]
    assert mixed


def test_names_lead_to_records_and_identical_things_are_told(client: httpx.Client) -> None:
    body = get(client, COMPARE, therapies="Keytruda,pembrolizumab", events="Colitis")
    assert body["query"]["therapies"] == ["pembrolizumab"]
    assert any("meant by Keytruda and pembrolizumab" in caution for caution in body["cautions"])
    assert any("comparison with itself" in caution for caution in body["cautions"])
    twice = get(client, COMPARE, therapies="pembrolizumab,pembrolizumab", events="colitis")
    assert any("given 2 times" in caution for caution in twice["cautions"])
    assert twice["items"] == body["items"]
    pair = get(client, COMPARE, therapies="opdivo,yervoy,nivolumab", events="colitis")
    assert pair["query"]["therapies"] == ["nivolumab", "ipilimumab"]
    assert not any("itself" in caution for caution in pair["cautions"])


def test_absence_tells_not_curated_from_not_reported(client: httpx.Client) -> None:
    uncurated = [
        item["id"]
        for item in client.get("/therapies?limit=500&class=immune-checkpoint-inhibitor").json()["items"]
        if not item["counts"]["adverse_events"]
        and client.get(f"/therapies/{item['id']}").json()["coverage"]["adverse_events"] == "not curated"
    ]
    assert uncurated
    asked = {"therapies": f"nivolumab,{uncurated[0]}", "events": "cytokine-release-syndrome,colitis"}
    absent = get(client, COMPARE, **asked)["absent"]
    status = {(item["therapy"]["id"], event["id"]): item["status"] for item in absent for event in item["events"]}
    assert status[uncurated[0], "colitis"] == "not curated"
    assert status["nivolumab", "cytokine-release-syndrome"] == "not reported in the sources read"
    assert ("nivolumab", "colitis") not in status
    narrowed = get(client, COMPARE, **asked, causality="treatment_related")["absent"]
    status = {(item["therapy"]["id"], event["id"]): item["status"] for item in narrowed for event in item["events"]}
    assert status["nivolumab", "colitis"].startswith("reported, but not under these filters")


def test_an_event_brings_the_terms_below_it_each_apart(client: httpx.Client) -> None:
    parent = next(item for item in client.get("/events?limit=500").json()["items"] if item["children"])
    below = {parent["id"], *(child["id"] for child in client.get(f"/events/{parent['id']}").json()["children"])}
    for space in ("pd-1-inhibitor", "anti-tnf"):
        body = get(client, COMPARE, classes=space, events=parent["id"], comparators="false")
        assert {item["event"]["id"] for item in body["items"]} <= below


def test_filters_narrow_the_cohorts_and_the_facts(client: httpx.Client) -> None:
    body = get(client, COMPARE, therapies="nivolumab", monotherapy="true", comparators="false", condition="lung-cancer")
    assert body["cohorts"]
    assert all(cohort["monotherapy"] for cohort in body["cohorts"])
    only = get(client, COMPARE, therapies="pembrolizumab", causality="immune-mediated", kind="clinical")
    assert {(item["causality"], item["kind"]) for item in only["items"]} == {("immune_mediated", "clinical")}


def test_several_subjects_are_or(client: httpx.Client) -> None:
    def cohorts(**params: str) -> set[str]:
        body = get(client, COMPARE, events="rash,diarrhea", comparators="false", **params)
        return {cohort["id"] for cohort in body["cohorts"]}

    one, two = cohorts(therapies="avelumab"), cohorts(classes="lag-3-inhibitor")
    assert cohorts(therapies="avelumab", classes="lag-3-inhibitor") == one | two
    assert cohorts(**{"class": "lag-3-inhibitor"}) == two


def test_a_permalink_and_a_repetition_answer_the_same(client: httpx.Client) -> None:
    for path, asked in ((COMPARE, {"therapies": "avelumab"}), (MATRIX, {"therapies": "avelumab,atezolizumab"})):
        body = get(client, path, **asked)
        assert get(client, path, **asked) == body
        again = client.get(body["permalink"]).json()
        assert again == body
        assert body["release"] in body["permalink"]


def test_the_cells_of_a_matrix_are_the_facts(client: httpx.Client) -> None:
    body = get(client, MATRIX, **{"class": "pd-1-inhibitor"})
    assert len(body["cells"]) > 100
    assert body["columns"] == ["event", "cohort", "percent", "patients", "patients_at_risk", "computed", "fact"]
    places = [tuple(cell[:2]) for cell in body["cells"]]
    assert places == sorted(set(places))
    assert {place[0] for place in places} == set(range(len(body["events"])))
    assert {place[1] for place in places} == set(range(len(body["cohorts"])))
    for cell in body["cells"][:: len(body["cells"]) // 8]:
        event, cohort, percent, patients, at_risk, computed, fact_id = cell
        fact = client.get(f"/adverse-events/{fact_id}").json()
        assert fact["term"]["id"] == body["events"][event]["id"]
        assert fact["cohort"]["id"] == body["cohorts"][cohort]["id"]
        assert (fact["any_grade"]["percent"], fact["any_grade"]["patients"]) == (percent, patients)
        assert fact["patients_at_risk"] == at_risk
        assert set(computed) == set(fact["any_grade"]["computed"]) - {"ci95"}
        assert (fact["causality"], fact["kind"], fact["serious"]) == ("all_cause", "clinical", False)


def test_a_matrix_has_one_causality_one_kind_and_a_bounded_size(client: httpx.Client) -> None:
    only = get(client, MATRIX, therapies="pembrolizumab", causality="immune_mediated")
    assert only["query"]["causality"] == ["immune_mediated"]
    assert len(get(client, MATRIX, therapies="pembrolizumab", limit=5)["events"]) == 5
    assert refused(client, MATRIX, therapies="nivolumab", kind="clinical,laboratory")["parameter"] == "kind"
    assert refused(client, MATRIX, therapies="nivolumab", limit=101)["parameter"] == "limit"
    assert refused(client, MATRIX, classes="immunosuppressive-biologic,cancer")["parameter"] == "classes"


@pytest.mark.parametrize("path", [COMPARE, MATRIX])
def test_bad_questions_name_their_culprit(client: httpx.Client, path: str) -> None:
    assert refused(client, path)["parameter"] == "therapy"
    assert refused(client, path, events="colitis")["parameter"] == "therapy"
    assert refused(client, path, therapies="")["parameter"] == "therapies"
    unknown = refused(client, path, therapies="nivolumab,pembrolizumap")
    assert (unknown["parameter"], unknown["suggestions"][0]) == ("therapies", "pembrolizumab")
    assert refused(client, path, classes="pd-9-inhibitor")["parameter"] == "classes"
    assert refused(client, path, cohorts="nivolumab.checkmate-000")["parameter"] == "cohorts"
    assert "colitis" in refused(client, path, therapies="nivolumab", events="colitus")["suggestions"]
    assert refused(client, path, therapies="nivolumab", severity="fatal")["parameter"] == "severity"
    assert refused(client, path, therapies="nivolumab", drug="ipilimumab")["parameter"] == "drug"
    assert refused(client, path, therapies="nivolumab", condition="melanomma")["suggestions"][0] == "melanoma"
    assert refused(client, path, therapies="nivolumab", events="rash", limit=3)["parameter"] == "limit"
    assert refused(client, path, therapies="nivolumab", limit=0)["parameter"] == "limit"
    assert refused(client, path, therapies="nivolumab", release="1999.01.01")["parameter"] == "release"


@pytest.mark.parametrize("path", [COMPARE, MATRIX])
def test_too_much_is_refused_clearly(client: httpx.Client, path: str) -> None:
    many = refused(client, path, classes="immunosuppressive-biologic,immune-checkpoint-inhibitor")
    assert many["parameter"] == "classes"
    assert "at most 200 cohorts" in many["allowed"]
    assert refused(client, path, therapies=",".join(["nivolumab"] * 300))["parameter"] == "therapies"
    events = [item["id"] for item in client.get("/events?limit=60").json()["items"]]
    assert "at most 50" in refused(client, path, therapies="nivolumab", events=",".join(events))["allowed"]
    assert client.get(path, params={"therapies": ",".join(["a"] * 10_000)}).status_code == 414
    assert client.get(f"{path}?therapies={','.join(['a'] * 5_000)}").status_code == 422


@pytest.mark.parametrize("path", [COMPARE, MATRIX])
def test_answers_and_examples_keep_to_their_schema(client: httpx.Client, path: str) -> None:
    from jsonschema_rs import validator_for

    document = documented(client)
    operation = document["paths"][path]["get"]
    content = operation["responses"]["200"]["content"]
    assert list(content) == ["application/json"]
    check = validator_for({**content["application/json"]["schema"], "components": document["components"]})
    check.validate(content["application/json"]["example"])
    assert client.get(path, params=EXAMPLES[path]).json() == content["application/json"]["example"]
    check.validate(get(client, path, therapies="nivolumab,ipilimumab"))
    assert operation["summary"]
    assert operation["description"]
    assert all(parameter.get("description") for parameter in operation["parameters"])
