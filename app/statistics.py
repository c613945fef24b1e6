"""Intervals and derived figures. Everything here is computed, and marked so wherever it is answered."""

import math
from decimal import Decimal

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


def decimals(figure: float) -> int:
    """Decimal places of a figure as printed: 2 has none, 2.0 has one."""
    exponent = Decimal(repr(figure)).as_tuple().exponent
    return -exponent if isinstance(exponent, int) and exponent < 0 else 0


def counts_that_fit(percent: float, patients_at_risk: int) -> range:
    """Every n whose share of N, rounded to the decimals printed, can be the percent printed."""
    half = Decimal(5).scaleb(-decimals(percent) - 1)
    printed, scale = Decimal(repr(percent)), Decimal(patients_at_risk) / 100
    low = max(0, math.ceil((printed - half) * scale))
    high = min(patients_at_risk, math.floor((printed + half) * scale))
    return range(low, high + 1)
