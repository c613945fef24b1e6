"""Intervals and derived figures. Everything here is computed, and marked so wherever it is answered."""

import math
from decimal import Decimal
from typing import NamedTuple

Z95 = 1.959963984540054
"""The 97.5 % quantile of the normal distribution."""


def wilson(proportion: float, patients_at_risk: int) -> tuple[float, float]:
    """Wilson score interval at 95 % for a proportion (0-1) among `patients_at_risk`, as proportions.

    Wilson EB. Probable inference, the law of succession, and statistical inference. J Am Stat Assoc 1927;22:209-212.
    """
    n, p, z2 = patients_at_risk, proportion, Z95 * Z95
    centre = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = Z95 / (1 + z2 / n) * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    return max(0.0, centre - half), min(1.0, centre + half)


class Estimate(NamedTuple):
    """A figure and the ends of its 95 % interval."""

    value: float
    low: float
    high: float


class Ratio(NamedTuple):
    """A ratio and the ends of its 95 % interval; each null where it is not defined."""

    value: float | None
    interval: tuple[float, float] | None


def risk_difference(patients: int, at_risk: int, reference_patients: int, reference_at_risk: int) -> Estimate:
    """Difference of two independent proportions, n/N less n/N of the reference, with Newcombe's interval at 95 %.

    The hybrid score interval without continuity correction, method 10 of the paper: it is built from the two Wilson
    intervals, so it is defined for zero and for full counts too, and never leaves [-1, 1]. The answer is in
    proportions: 0.05 is five percentage points. Raises `ValueError` unless 0 <= n <= N and N >= 1 in both arms.

    Newcombe RG. Interval estimation for the difference between independent proportions: comparison of eleven methods.
    Stat Med 1998;17:873-890.
    """
    _check(patients, at_risk)
    _check(reference_patients, reference_at_risk)
    share, reference = patients / at_risk, reference_patients / reference_at_risk
    low, high = wilson(share, at_risk)
    reference_low, reference_high = wilson(reference, reference_at_risk)
    difference = share - reference
    return Estimate(
        difference,
        max(-1.0, difference - math.hypot(share - low, reference_high - reference)),
        min(1.0, difference + math.hypot(high - share, reference - reference_low)),
    )


def risk_ratio(patients: int, at_risk: int, reference_patients: int, reference_at_risk: int) -> Ratio:
    """Ratio of two independent proportions, n/N over n/N of the reference, with the log interval of Katz at 95 %.

    Nothing is added to zero counts. With none in the reference arm the ratio is not defined, and neither is its
    interval; with none in the other arm alone the ratio is 0, and its interval is not defined. With everyone in both
    arms the formula would give the interval [1, 1], which claims a certainty that is not there: no interval is given.
    Raises `ValueError` unless 0 <= n <= N and N >= 1 in both arms.

    Katz D, Baptista J, Azen SP, Pike MC. Obtaining confidence intervals for the risk ratio in cohort studies.
    Biometrics 1978;34:469-474 (method C). It is wide of its mark in small arms: Fagerland MW, Lydersen S, Laake P.
    Recommended confidence intervals for two independent binomial proportions. Stat Methods Med Res 2015;24:224-254.
    """
    _check(patients, at_risk)
    _check(reference_patients, reference_at_risk)
    if not reference_patients:
        return Ratio(None, None)
    ratio = (patients / at_risk) / (reference_patients / reference_at_risk)
    if not patients:
        return Ratio(ratio, None)
    variance = 1 / patients - 1 / at_risk + 1 / reference_patients - 1 / reference_at_risk
    if variance <= 0:
        return Ratio(ratio, None)
    factor = math.exp(Z95 * math.sqrt(variance))
    return Ratio(ratio, (ratio / factor, ratio * factor))


def _check(patients: int, at_risk: int) -> None:
    if at_risk < 1 or not 0 <= patients <= at_risk:
        raise ValueError(f"{patients} of {at_risk} patients is no proportion")


def decimals(figure: float) -> int:
    """Decimal places of a figure as printed: 2 has none, 2.0 has one."""
    exponent = Decimal(repr(figure)).as_tuple().exponent
    return -exponent if isinstance(exponent, int) and exponent < 0 else 0


def half_unit(figure: float) -> Decimal:
    """By how much a figure can be off that was rounded to the decimals printed: 2 by 0.5, 2.0 by 0.05."""
    return Decimal(5).scaleb(-decimals(figure) - 1)


def counts_that_fit(percent: float, patients_at_risk: int, error: float | None = None) -> range:
    """Every n whose share of N, rounded to the decimals printed, can be the percent printed.

    `error`: by how many percentage points it can be off, where that is known otherwise, as of a sum.
    """
    half = half_unit(percent) if error is None else Decimal(repr(error))
    printed, scale = Decimal(repr(percent)), Decimal(patients_at_risk) / 100
    low = max(0, math.ceil((printed - half) * scale))
    high = min(patients_at_risk, math.floor((printed + half) * scale))
    return range(low, high + 1)
