"""The figures of a text, and whether the rates of a fact are among them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.models.adverse_event import Rate

_FIGURE = re.compile(
    r"(?P<below>(?:<|＜|\bless than)\s*)?(?<![\w.])(?P<number>\d{1,3}(?:,\d{3})+(?![\d])|\d+(?:\.\d+)?|\.\d+)\s*(?P<percent>%|percent\b)?"
)


@dataclass(frozen=True)
class Figure:
    """A printed number: `<1%` is below 1, a percent."""

    value: float
    below: bool
    percent: bool


def figures(text: str) -> list[Figure]:
    """The figures of a text, in order."""
    return [
        Figure(float(found["number"].replace(",", "")), bool(found["below"]), bool(found["percent"]))
        for found in _FIGURE.finditer(text)
    ]


def printed(rate: Rate) -> str:
    """A rate as a label would print it."""
    percent = f"<{rate.percent_below}%" if rate.percent_below is not None else None
    percent = f"{rate.percent}%" if rate.percent is not None else percent
    parts = [str(rate.patients)] if rate.patients is not None else []
    parts += [f"({percent})" if parts else percent] if percent else []
    return f"{rate.grades.value}: {' '.join(parts)}"


def _wanted(rate: Rate) -> list[tuple[float, bool, bool]]:
    """The figures of a rate: value, below, whether it is a percent."""
    wanted = []
    if rate.percent is not None:
        wanted.append((float(rate.percent), False, True))
    if rate.percent_below is not None:
        wanted.append((float(rate.percent_below), True, True))
    if rate.patients is not None:
        wanted.append((float(rate.patients), False, False))
    return wanted


def holds(rate: Rate, found: Sequence[Figure], signs: bool = False) -> bool:
    """Whether each figure of a rate is there, one for each. `signs`: a percent must carry its sign."""
    left = list(found)
    for value, below, percent in _wanted(rate):
        fitting = [
            figure
            for figure in left
            if figure.value == value
            and figure.below == below
            and (figure.percent or not (percent and signs))
            and not (figure.percent and not percent)
        ]
        if not fitting:
            return False
        left.remove(fitting[0])
    return True


def holds_all(rates: Iterable[Rate], found: Sequence[Figure], signs: bool = False) -> bool:
    """Whether every rate is among the figures; one figure may serve two rates (grade 3 and grade 3 or 4 alike)."""
    return all(holds(rate, found, signs) for rate in rates)
