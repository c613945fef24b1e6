"""What a query finds, in which order, and page by page: as computed over all documents, one by one."""

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from pyroaring import BitMap

from app.nouns.declaration import Noun
from app.nouns.filters import AllFilter, AsOfFilter, FlagFilter, RangeFilter
from app.nouns.registry import noun as noun_of
from app.nouns.registry import nouns
from app.release.opened import OpenRelease
from app.release.query import BadCursorError, joined_params, matching, page_of
from tests.release.brute_force import BruteForce
from tests.release.questions import Questions

THERAPIES = noun_of("therapies")


def ids(base: BruteForce, noun: Noun, positions: Any) -> list[str]:
    """The ids of the records at some positions."""
    return [base.documents[noun.name][position]["id"] for position in positions]


def walk(release: OpenRelease, noun: Noun, params: dict[str, Any], sort: list[str], limit: int) -> Iterator[int]:
    """The positions of all that is found, page after page."""
    found, cursor = matching(release, noun, params), None
    while True:
        one = page_of(release, noun, params, found, sort, limit, cursor)
        assert one.total == len(found)
        assert len(one.positions) == limit or one.next_cursor is None
        yield from one.positions
        cursor = one.next_cursor
        if cursor is None:
            return


@pytest.mark.parametrize("noun", nouns(), ids=lambda noun: noun.name)
def test_what_is_found_and_its_order_are_those_of_the_documents(
    release: OpenRelease, base: BruteForce, noun: Noun
) -> None:
    questions, found_some = Questions(base, noun, seed=1), 0
    for _ in range(100 if noun is THERAPIES else 40):
        params, sort = questions.filters(), questions.sort()
        expected = [record["id"] for record in base.sort(noun, base.find(noun, params), sort)]
        limit = max(questions.number(120), len(expected) // 8)
        assert ids(base, noun, walk(release, noun, params, sort, limit)) == expected, (params, sort)
        found_some += 0 < len(expected) < len(base.documents[noun.name])
    assert found_some >= 5


def test_joined_filters_are_met_by_one_record(release: OpenRelease, base: BruteForce) -> None:
    """A shared filter alone is of the list itself; beside a joined one, the same indication must meet it too."""
    join = THERAPIES.join
    assert join is not None
    alone = {"agency": ["EMA"]}
    both = {"agency": ["EMA"], "condition": ["melanoma"]}
    assert joined_params(join, alone) == {"status": ["active"], "agency": ["EMA"]}
    ema, melanoma = (
        {*ids(base, THERAPIES, matching(release, THERAPIES, params))} for params in (alone, {"condition": ["melanoma"]})
    )
    found = {*ids(base, THERAPIES, matching(release, THERAPIES, both))}
    assert found < ema & melanoma  # of those, some have an indication for melanoma by another agency alone
    products = {record["id"] for record in base.find(THERAPIES, alone)}
    assert ema == products


@pytest.mark.parametrize("noun", nouns(), ids=lambda noun: noun.name)
def test_unknown_finds_what_has_no_value(release: OpenRelease, base: BruteForce, noun: Noun) -> None:
    for name, wanted in noun.by_name.items():
        if isinstance(wanted, AsOfFilter):
            continue
        value = "unknown" if isinstance(wanted, (FlagFilter, RangeFilter)) else ["unknown"]
        found = ids(base, noun, matching(release, noun, {name: value}))
        if name in noun.optional:
            assert found == [record["id"] for record in base.find(noun, {name: value})], name
        elif not isinstance(wanted, AllFilter) and not getattr(wanted, "vocabulary", None):
            assert found == [], name
    flags_and_terms = [
        name for name, wanted in noun.by_name.items() if not isinstance(wanted, RangeFilter | AllFilter | AsOfFilter)
    ]
    for name in flags_and_terms:
        if noun.owners[name] is noun and name in noun.optional:
            every = list(release.lists[noun.name].postings[name])
            assert matching(release, noun, {name: every}) == matching(release, noun, {}), name


def test_all_of_several_values_are_met_each_by_itself(release: OpenRelease) -> None:
    """Both agencies licensed an indication for melanoma: it need not be one and the same indication."""
    both = matching(release, THERAPIES, {"condition": ["melanoma"], "agency_all": ["EMA", "FDA"]})
    each = [matching(release, THERAPIES, {"condition": ["melanoma"], "agency": [name]}) for name in ("EMA", "FDA")]
    assert both == each[0] & each[1]
    assert 0 < len(both) < len(matching(release, THERAPIES, {"condition": ["melanoma"], "agency": ["EMA", "FDA"]}))
    arms = noun_of("cohorts")
    together = matching(release, arms, {"therapy_all": ["nivolumab", "ipilimumab"]})
    assert together == matching(release, arms, {"therapy": ["nivolumab"]}) & matching(
        release, arms, {"therapy": ["ipilimumab"]}
    )
    assert together


def test_a_biomarker_and_its_state_are_met_in_one_biomarker_of_one_indication(
    release: OpenRelease, base: BruteForce
) -> None:
    """PD-L1 positive without an EGFR aberration: neither is EGFR positive, nor PD-L1 absent."""

    def asked(noun: Noun, marker: str, *states: str) -> set[str]:
        params = {"biomarker": [marker], "biomarker_state": list(states)}
        return {*ids(base, noun, matching(release, noun, params))}

    indications = noun_of("indications")
    absent, mutated = asked(indications, "egfr", "absent"), asked(indications, "egfr", "mutated")
    assert absent
    assert mutated
    assert not absent & mutated
    for indication in base.documents["indications"]:
        states = {marker["state"] for marker in indication["biomarkers"] if marker["id"] == "egfr"}
        assert ("absent" in states, "mutated" in states) == (indication["id"] in absent, indication["id"] in mutated)
    assert asked(indications, "egfr", "absent", "mutated") == absent | mutated
    assert not asked(indications, "pd-l1", "absent")
    without = {"biomarker_all": ["egfr", "alk"], "biomarker_state": ["absent"]}
    assert matching(release, indications, without)
    low, positive = asked(THERAPIES, "her2", "low"), asked(THERAPIES, "her2", "positive")
    assert "trastuzumab-deruxtecan" in low & positive
    assert "trastuzumab" in positive - low


def test_a_therapy_is_found_by_each_of_its_classes(release: OpenRelease, base: BruteForce) -> None:
    """Nivolumab with relatlimab blocks PD-1 and LAG-3; its facts, and the arms in which it was given, are found too."""
    for name in ("therapies", "indications", "adverse-events", "cohorts"):
        noun = noun_of(name)
        found = {value: matching(release, noun, {"class": [value]}) for value in ("pd-1-inhibitor", "lag-3-inhibitor")}
        own = {*ids(base, noun, found["pd-1-inhibitor"] & found["lag-3-inhibitor"])}
        assert any(one.startswith("nivolumab-and-relatlimab") for one in own), name
    both = {"class_all": ["pd-1-inhibitor", "lag-3-inhibitor"]}
    assert ids(base, THERAPIES, matching(release, THERAPIES, both)) == ["nivolumab-and-relatlimab"]
    for therapy in base.documents["therapies"]:
        assert therapy["classes"][0] == therapy["class"]


def test_a_partner_is_found_among_alternatives(release: OpenRelease, base: BruteForce) -> None:
    """Bevacizumab is given with paclitaxel, and with cisplatin or topotecan."""
    indications = noun_of("indications")
    params = {"therapy": ["bevacizumab"], "condition": ["cervical-cancer"], "partner": ["topotecan"]}
    found = ids(base, indications, matching(release, indications, params))
    assert found == ["bevacizumab.ema.cervical-cancer", "bevacizumab.fda.cervical-cancer"]
    therapies = ids(base, THERAPIES, matching(release, THERAPIES, {"partner": ["topotecan"]}))
    assert "bevacizumab" in therapies
    [record] = [record for record in base.documents["indications"] if record["id"] == found[0]]
    assert record["partners"] == ["paclitaxel", "cisplatin or topotecan"]
    assert [part["any_of"] for part in record["combination"]] == [["paclitaxel"], ["cisplatin", "topotecan"]]


def test_ids_are_positions_and_are_intersected_with_all_else(release: OpenRelease) -> None:
    wanted = [3, 5, 8, 13]
    found = matching(release, THERAPIES, {"id": wanted})
    assert list(found) == wanted
    with_status = matching(release, THERAPIES, {"id": wanted, "status": ["approved"]})
    assert with_status == found & matching(release, THERAPIES, {"status": ["approved"]})


def test_no_filter_finds_everything_and_an_unknown_value_nothing(release: OpenRelease) -> None:
    for noun in nouns():
        assert matching(release, noun, {}) == BitMap(range(release.counts[noun.name]))
    assert matching(release, THERAPIES, {"class": ["no-such-class"]}) == BitMap()
    assert matching(release, THERAPIES, {"condition": ["no-such-condition"]}) == BitMap()
    assert list(walk(release, THERAPIES, {"class": ["no-such-class"]}, ["-name"], 5)) == []


def test_a_cursor_is_of_its_query_alone(release: OpenRelease) -> None:
    params, sort = {"status": ["approved"]}, ["-first_approval"]
    found = matching(release, THERAPIES, params)
    cursor = page_of(release, THERAPIES, params, found, sort, 5, None).next_cursor
    assert cursor is not None
    first = page_of(release, THERAPIES, params, found, sort, 5, cursor)
    assert first == page_of(release, THERAPIES, params, found, sort, 5, cursor)
    others = [
        (THERAPIES, params, ["first_approval"]),
        (THERAPIES, params, []),
        (THERAPIES, {}, sort),
        (THERAPIES, params | {"q": "a"}, sort),
        (noun_of("indications"), params, sort),
    ]
    for noun, other, order in others:
        with pytest.raises(BadCursorError):
            page_of(release, noun, other, found, order, 5, cursor)


def test_a_forged_cursor_is_refused(release: OpenRelease) -> None:
    found = matching(release, THERAPIES, {})
    cursor = page_of(release, THERAPIES, {}, found, [], 5, None).next_cursor
    assert cursor is not None
    fingerprint, rank = base64.urlsafe_b64decode(cursor + "==").decode().split(".")
    ranks = ["", "-1", "1e3", "1.5", "x", " 3", "+3", "03", "1_0", "٣", "9" * 200, f"{rank}.{rank}", str(len(found))]
    forged = [f"{fingerprint}.{other}" for other in ranks] + [fingerprint, rank, f"0{fingerprint[1:]}.{rank}", "{}"]
    written = [base64.urlsafe_b64encode(content.encode()).decode().rstrip("=") for content in forged]
    for wrong in (*written, cursor + "=", f" {cursor}", cursor[:-1], "é", "", "%"):
        with pytest.raises(BadCursorError):
            page_of(release, THERAPIES, {}, found, [], 5, wrong)
    for right in (0, len(found) - 1):
        again = base64.urlsafe_b64encode(f"{fingerprint}.{right}".encode()).decode().rstrip("=")
        assert page_of(release, THERAPIES, {}, found, [], 5, again).positions[0] == right
