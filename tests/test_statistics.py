"""Intervals against an independent implementation (statsmodels) and published examples."""

import itertools
import math
from typing import Any

import pytest

from app.statistics import risk_difference, risk_ratio, wilson

SIZES = (1, 2, 10, 33, 250, 1994)
COUNTS = [
    (n, at_risk)
    for at_risk in SIZES
    for n in sorted({0, 1, at_risk // 7, at_risk // 2, at_risk - 1, at_risk} - {-1})
    if n <= at_risk
]
PAIRS = list(itertools.product(COUNTS, COUNTS))


@pytest.fixture(scope="module")
def statsmodels() -> Any:
    """The independent implementation; importing it takes seconds, so that only these tests do."""
    from statsmodels.stats import proportion

    return proportion


def test_wilson_intervals_are_those_of_statsmodels(statsmodels: Any) -> None:
    for n, at_risk in COUNTS:
        assert wilson(n / at_risk, at_risk) == pytest.approx(
            statsmodels.proportion_confint(n, at_risk, method="wilson"), abs=1e-12
        )


def test_intervals_of_differences_are_those_of_statsmodels(statsmodels: Any) -> None:
    for (n, at_risk), (m, reference) in PAIRS:
        found = risk_difference(n, at_risk, m, reference)
        expected = statsmodels.confint_proportions_2indep(n, at_risk, m, reference, method="newcomb", compare="diff")
        assert found[1:] == pytest.approx(expected, abs=1e-12), (n, at_risk, m, reference)
        assert found.value == pytest.approx(n / at_risk - m / reference)
        assert -1 <= found.low <= found.value <= found.high <= 1


def test_intervals_of_ratios_are_those_of_statsmodels(statsmodels: Any) -> None:
    for (n, at_risk), (m, reference) in PAIRS:
        found = risk_ratio(n, at_risk, m, reference)
        if n and m and not (n == at_risk and m == reference):
            expected = statsmodels.confint_proportions_2indep(n, at_risk, m, reference, method="log", compare="ratio")
            assert found.interval == pytest.approx(expected, rel=1e-9), (n, at_risk, m, reference)
            assert found.value == pytest.approx(n / at_risk / (m / reference))
        else:
            assert found.interval is None
            assert found.value == (None if m == 0 else pytest.approx(n * reference / (at_risk * m)))


@pytest.mark.parametrize(
    ("counts", "interval"),
    [((56, 70, 48, 80), (0.0524, 0.3339)), ((9, 10, 3, 10), (0.1705, 0.8090))],
    ids=["a", "b"],
)
def test_newcombes_own_examples_come_out(counts: tuple[int, int, int, int], interval: tuple[float, float]) -> None:
    # Newcombe RG. Stat Med 1998;17:873-890, table II, method 10.
    assert risk_difference(*counts)[1:] == pytest.approx(interval, abs=5e-5)


@pytest.mark.parametrize(
    ("n", "at_risk", "interval"), [(81, 263, (0.2553, 0.3662)), (15, 148, (0.0624, 0.1605))], ids=["a", "b"]
)
def test_wilson_examples_of_newcombe_come_out(n: int, at_risk: int, interval: tuple[float, float]) -> None:
    # Newcombe RG. Two-sided confidence intervals for the single proportion. Stat Med 1998;17:857-872, method 3.
    assert wilson(n / at_risk, at_risk) == pytest.approx(interval, abs=5e-5)


def test_a_documented_example_of_the_risk_ratio_comes_out() -> None:
    # The worked example of scipy.stats.contingency.relative_risk, method of Katz.
    found = risk_ratio(10, 75, 12, 225)
    assert found.value == pytest.approx(2.5)
    assert found.interval == pytest.approx((1.1261564003469628, 5.549850800541033))


def test_turning_arms_round_turns_the_figures_round() -> None:
    there, back = risk_difference(29, 313, 38, 311), risk_difference(38, 311, 29, 313)
    assert there == pytest.approx((-back.value, -back.high, -back.low))
    ratio, turned = risk_ratio(29, 313, 38, 311), risk_ratio(38, 311, 29, 313)
    assert ratio.interval is not None
    assert turned.interval is not None
    assert ratio.interval == pytest.approx((1 / turned.interval[1], 1 / turned.interval[0]))
    assert math.isclose(ratio.value or 0, 1 / (turned.value or 1))


@pytest.mark.parametrize("counts", [(1, 0, 1, 2), (3, 2, 1, 2), (-1, 2, 1, 2), (1, 2, 3, 2), (1, 2, 0, 0)])
def test_what_is_no_proportion_is_refused(counts: tuple[int, int, int, int]) -> None:
    for function in (risk_difference, risk_ratio):
        with pytest.raises(ValueError, match="no proportion"):
            function(*counts)
