"""Scales: from values to pixels, and where an axis has its ticks."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """An axis from a least to a greatest value, between two pixels; on a log scale where it is for ratios."""

    least: float
    greatest: float
    left: float
    right: float
    ticks: Sequence[float]
    log: bool = False

    def __call__(self, value: float) -> float:
        """The pixel of a value; of one beyond the ends, that of the end."""
        value = min(max(value, self.least), self.greatest)
        low, high, at = self.least, self.greatest, value
        if self.log:
            low, high, at = math.log(low), math.log(high), math.log(at)
        return self.left + (self.right - self.left) * (at - low) / (high - low)

    def holds(self, value: float) -> bool:
        """Whether a value is on the axis."""
        return self.least <= value <= self.greatest


def _step(span: float, ticks: int) -> float:
    """A round step by which a span has about so many ticks."""
    power = 10.0 ** math.floor(math.log10(span / ticks))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power * ticks >= span * 0.999)


def linear(values: Sequence[float], left: float, right: float, ticks: int = 5) -> Scale:
    """A linear axis that holds zero and all values."""
    low, high = min(0.0, *values, 0.0), max(0.0, *values, 0.0)
    step = _step((high - low) or 1.0, ticks)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    last = max(last, first + 1)
    marks = [float(f"{step * number:.6g}") for number in range(first, last + 1)]
    return Scale(marks[0], marks[-1], left, right, marks)


_ROUND = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)


def logarithmic(values: Sequence[float], left: float, right: float) -> Scale:
    """A log axis that holds 1 and all values from 0.01 to 100; what is beyond lies at its end."""
    low, high = min([0.5, *values]), max([2.0, *values])
    first = next((mark for mark in reversed(_ROUND) if mark <= low), _ROUND[0])
    last = next((mark for mark in _ROUND if mark >= high), _ROUND[-1])
    return Scale(first, last, left, right, [mark for mark in _ROUND if first <= mark <= last], log=True)
