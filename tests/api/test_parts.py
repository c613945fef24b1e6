"""Parts of events: they fill no cell and no contrast unless they are asked for, in any cohort."""

from collections import defaultdict
from typing import Any

import httpx

from app.vocabulary import Part

Facts = dict[str, dict[str, Any]]
COMPARE, MATRIX = "/adverse-events/compare", "/adverse-events/matrix"


def by_id(documents: dict[str, list[dict[str, Any]]]) -> Facts:
    return {fact["id"]: fact for fact in documents["adverse-events"]}


def cohorts_with_parts(facts: Facts) -> list[str]:
    return sorted({fact["cohort"]["id"] for fact in facts.values() if fact["subset"]})


def test_no_cell_and_no_row_is_a_part_unless_asked_for(
    client: httpx.Client, documents: dict[str, list[dict[str, Any]]]
) -> None:
    facts = by_id(documents)
    cohorts = cohorts_with_parts(facts)
    assert len(cohorts) > 100
    for start in range(0, len(cohorts), 12):
        named = ",".join(cohorts[start : start + 12])
        for kind in ("clinical", "laboratory"):
            matrix = client.get(MATRIX, params={"cohorts": named, "kind": kind, "limit": 100}).json()
            assert [facts[cell[6]]["subset"] for cell in matrix["cells"]] == [None] * len(matrix["cells"])
        compared = client.get(COMPARE, params={"cohorts": named, "limit": 50}).json()
        for item in compared["items"]:
            assert item["subset"] is None
            shown = [row["fact"] for row in item["rows"]]
            shown += [contrast[arm]["fact"] for contrast in item["contrasts"] for arm in ("arm", "reference")]
            assert not any(facts[fact]["subset"] for fact in shown)


def test_parts_are_shown_when_asked_for_each_beside_its_like(
    client: httpx.Client, documents: dict[str, list[dict[str, Any]]]
) -> None:
    facts = by_id(documents)
    kinds: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for fact in facts.values():
        for kind in (fact["subset"] or {"by": []})["by"]:
            kinds[kind].append(fact)
    assert set(kinds) == set(Part) - {Part.WHOLE}
    for kind, of_kind in kinds.items():
        cohorts = sorted({fact["cohort"]["id"] for fact in of_kind})[:50]
        events = sorted({fact["term"]["id"] for fact in of_kind if fact["cohort"]["id"] in cohorts})
        answer = client.get(
            COMPARE, params={"cohorts": ",".join(cohorts), "events": ",".join(events), "subset": kind}
        ).json()
        rows = 0
        for item in answer["items"]:
            assert kind in item["subset"]["by"]
            assert {facts[row["fact"]]["subset"]["text"] for row in item["rows"]} == {item["subset"]["text"]}
            rows += len(item["rows"])
        assert rows


def test_the_mild_are_not_the_whole_in_a_heat_map(client: httpx.Client) -> None:
    """Lecanemab's microhaemorrhage: the cell is the count of all, whatever their radiographic severity."""
    answer = client.get(MATRIX, params={"therapies": "lecanemab", "events": "aria-h-microhemorrhage"}).json()
    assert all("radiographic" not in cell[6] for cell in answer["cells"])
    assert any("parts of these events" in caution for caution in answer["cautions"])
    asked = client.get(
        MATRIX, params={"therapies": "lecanemab", "events": "aria-h-microhemorrhage", "subset": "mri_grade"}
    ).json()
    assert asked["cells"]
    assert all("radiographic" in cell[6] for cell in asked["cells"])


def test_the_list_is_filtered_and_counted_by_parts(
    client: httpx.Client, documents: dict[str, list[dict[str, Any]]]
) -> None:
    facts = by_id(documents)
    whole = sum(fact["subset"] is None for fact in facts.values())
    assert client.get("/adverse-events", params={"subset": "whole", "limit": 1}).json()["total"] == whole
    severity = client.get("/adverse-events", params={"subset": "severity", "limit": 500}).json()["items"]
    assert severity
    assert all("severity" in item["subset"]["by"] for item in severity)
