"""What nouns share: folding, trees, identifiers, measures, slugs, and facts that two sources print differently."""

from types import SimpleNamespace
from typing import Any

import pytest

from app.nouns.base import slugged
from app.nouns.differences import mark_differences
from app.nouns.folding import fold
from app.nouns.identifiers import identifier
from app.nouns.measures import Rate, measured
from app.nouns.tree import Tree
from app.vocabulary import Grades


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("PD-1", "pd1"),
        (" Pembrolizumab ", "pembrolizumab"),
        ("TNF-α", "tnfalpha"),
        ("IFN-γ", "ifngamma"),
        ("Sjögren's", "sjogrens"),
        ("straße", "strasse"),
        ("Ｋｅｙｔｒｕｄａ", "keytruda"),
        ("—", ""),
        ("", ""),
        ("BLA 125514/S-012", "bla125514s012"),
    ],
)
def test_names_are_folded(text: str, folded: str) -> None:
    assert fold(text) == folded
    assert fold(folded) == folded


def test_slugs() -> None:
    assert slugged("PD-L1 TPS >= 50 %") == "pd-l1-tps-50"
    assert slugged("--") == ""


def test_a_tree_is_followed_upwards_whatever_its_shape() -> None:
    tree = Tree({"a": ["b", "c"], "b": ["d"], "c": ["d"], "d": [], "loop": ["pool"], "pool": ["loop"]})
    assert tree.upwards("a") == {"a", "b", "c", "d"}
    assert tree.upwards("d") == {"d"}
    assert tree.upwards("loop") == {"loop", "pool"}
    assert tree.upwards("unknown") == {"unknown"}
    assert tree.children["d"] == ["b", "c"]


def test_identifiers_name_their_register_and_page() -> None:
    unii = identifier("unii:DPT0O3T46P")
    assert (unii.registry, unii.url) == ("FDA UNII", "https://precision.fda.gov/uniisearch/srs/unii/DPT0O3T46P")
    assert identifier("cas:1374853-91-4").url is None
    with pytest.raises(KeyError):
        identifier("nowhere:1")


@pytest.mark.parametrize(
    ("rate", "at_risk", "patients", "percent", "computed"),
    [
        (Rate(grades=Grades.ANY, patients=30, percent=15), 200, 30, 15, ["ci95"]),
        (Rate(grades=Grades.ANY, patients=30), 200, 30, 15.0, ["percent", "ci95"]),
        (Rate(grades=Grades.ANY, percent=15.0), 200, 30, 15.0, ["patients", "ci95"]),
        (Rate(grades=Grades.ANY, percent=15), 2000, None, 15, ["ci95"]),  # several n fit
        (Rate(grades=Grades.ANY, percent=15), None, None, 15, []),
        (Rate(grades=Grades.ANY, percent_below=1), 200, None, None, []),
    ],
)
def test_rates_are_completed_by_what_can_be_computed(
    rate: Rate, at_risk: int | None, patients: int | None, percent: float | None, computed: list[str]
) -> None:
    found = measured(rate, at_risk)
    assert (found.patients, found.percent, found.computed) == (patients, percent, computed)
    assert (found.ci95 is None) is ("ci95" not in computed)


def test_whole_percents_stay_whole() -> None:
    for percent, printed in ((2, "2"), (2.0, "2.0")):
        assert str(measured(Rate(grades=Grades.ANY, percent=percent), None).percent) == printed


def fact(id_: str, source: str, percent: float, **cohort: Any) -> Any:
    """An adverse event, as far as it is compared."""
    arm = {
        "id": f"arm-of-{source}",
        "trial": "KEYNOTE-1",
        "therapies": [SimpleNamespace(id="a")],
        "other_agents": [],
        "patients": 100,
    } | cohort
    return SimpleNamespace(
        id=id_,
        cohort=SimpleNamespace(**arm),
        term=SimpleNamespace(id="rash"),
        reported_term="Rash",
        kind="clinical",
        causality="all_cause",
        serious=False,
        subset=None,
        rates=[SimpleNamespace(grades="any", percent=percent, patients=None)],
        evidence=SimpleNamespace(source=SimpleNamespace(id=source)),
        differs_from=[],
    )


@pytest.mark.parametrize(
    ("other", "differs"),
    [
        (fact("y", "two", 16), True),
        (fact("y", "two", 16, trial="keynote 1"), True),
        (fact("y", "two", 15), False),  # the same figure
        (fact("y", "one", 16), False),  # the same source
        (fact("y", "two", 16, trial="KEYNOTE-2"), False),
        (fact("y", "two", 16, patients=101), False),
        (fact("y", "two", 16, other_agents=["x"]), False),
    ],
)
def test_facts_of_one_arm_that_differ_name_each_other(other: Any, differs: bool) -> None:
    one = fact("x", "one", 15)
    other.differs_from = []
    mark_differences([one, other])
    assert (one.differs_from, other.differs_from) == ((["y"], ["x"]) if differs else ([], []))


@pytest.mark.parametrize("unnamed", [{"trial": "Study 1"}, {"trial": None}, {"therapies": []}, {"patients": None}])
def test_arms_that_cannot_be_told_apart_are_not_compared(unnamed: dict[str, Any]) -> None:
    one, other = fact("x", "one", 15, **unnamed), fact("y", "two", 16, **unnamed)
    mark_differences([one, other])
    assert one.differs_from == other.differs_from == []
