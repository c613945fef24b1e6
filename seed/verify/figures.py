"""The figures of a text, and whether the rates of a fact are among them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.nouns.measures import Rate

_UNITS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_UNITS += ["thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_WORDS = {word: number for number, word in enumerate(_UNITS)} | {"none": 0, "neither": 0, "single": 1}
_WORDS |= {word: 10 * number for number, word in enumerate(_TENS, 2)}
_FIGURE = re.compile(
    r"(?P<below>(?:<|＜|\bless than)\s*)?(?<![\w.])"
    r"(?:(?P<number>\d{1,3}(?:,\d{3})+(?!\d)|\d+(?:\.\d+)?|\.\d+)"
    rf"|(?P<word>(?:{'|'.join(_TENS)})[ -](?:{'|'.join(_UNITS[1:10])})\b|(?:{'|'.join(_WORDS)})\b))"
    r"\s*(?P<percent>%|percent\b)?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Figure:
    """A printed number: `<1%` is below 1, a percent."""

    value: float
    below: bool
    percent: bool


def figures(text: str) -> list[Figure]:
    """The figures of a text, in order; small numbers may be words."""
    return [Figure(_value(found), bool(found["below"]), bool(found["percent"])) for found in _FIGURE.finditer(text)]


def _value(found: re.Match[str]) -> float:
    if found["word"]:
        return float(sum(_WORDS[word] for word in re.split("[ -]", found["word"].lower())))
    return float(found["number"].replace(",", ""))


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
    """Whether each figure of a rate is there, one for each; a lone `0` is both no patient and no percent.

    `signs`: a percent must carry its sign, as it does in sentences.
    """
    left = list(found)
    wanted = _wanted(rate)
    if rate.patients == 0 and not rate.percent and rate.percent_below is None:
        wanted = wanted[:1]
    for value, below, percent in wanted:
        fitting = [
            figure
            for figure in left
            if figure.value == value
            and figure.below == below
            and (value == 0 or (percent and not signs) or figure.percent == percent)
        ]
        if not fitting:
            return False
        left.remove(max(fitting, key=lambda figure: figure.percent == percent))
    return True


def holds_all(rates: Iterable[Rate], found: Sequence[Figure], signs: bool = False) -> bool:
    """Whether every rate is among the figures; one figure may serve two rates (grade 3 and grade 3 or 4 alike)."""
    return all(holds(rate, found, signs) for rate in rates)
