"""Forest plots: a row for each estimate, with its interval, on an axis with zero or, for ratios, a logarithmic one."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from app.pictures.frame import FULL_NAME, MARGIN, Caption, Plot, picture
from app.pictures.scales import Scale, linear, logarithmic
from app.pictures.svg import (
    BLUE,
    BOLD,
    FAINT,
    GREEN,
    GROUND,
    INK,
    ORANGE,
    WIDTH,
    escaped,
    group,
    line,
    number,
    shortened,
    words,
    wrapped,
)

MOST_ROWS = 150
LABEL, COUNTS, FIGURES, SOURCE, AXES = MARGIN, 366, 378, 556, 596
"""Where the columns begin, in pixels; that of counts ends there."""
LABELS = 286
"""How wide labels are."""
TOP, ROW, HEAD, GAP = 34, 20, 28, 34
"""Heights of what stands above the rows, of a row and of a heading; and what is between two axes."""

COLOURS = {"arm": BLUE, "comparator": GREEN, "contrast": ORANGE}
"""Of a specification, by kind of row."""


@dataclass(frozen=True)
class Axis:
    """An axis."""

    title: str
    """With the unit."""
    log: bool = False

    @property
    def reference(self) -> float:
        """Where there is no difference."""
        return 1.0 if self.log else 0.0


@dataclass(frozen=True)
class Row:
    """An estimate."""

    key: str
    """What other rows name it by."""
    label: str
    counts: str
    """n and N, as text."""
    figures: str
    """The estimate and its interval, as text."""
    source: str
    said: str
    """Where it was read, or how it was computed."""
    axis: int | None = 0
    """None: it is in words alone."""
    value: float | None = None
    interval: tuple[float | None, float | None] | None = None
    """Where an end is None, it is not known, and the line goes on."""
    below: float | None = None
    """The source prints that it is below this."""
    reference: bool = False
    """A comparator: drawn open."""
    contrast: bool = False
    """It compares arms: drawn as a diamond."""
    between: tuple[str, ...] = ()
    """Rows that it compares, where these are in the group: it is drawn where they are."""


@dataclass(frozen=True)
class Group:
    """Rows below one heading."""

    title: str
    rows: Sequence[Row]


def named_within(label: str, trial: str) -> str:
    """What an arm is called among those of its trial."""
    shorter = label[len(trial) :].lstrip(" :,") if label.casefold().startswith(trial.casefold()) else ""
    return shorter or label


def shares(sizes: Sequence[int], room: int) -> list[int]:
    """How many of each group find room, so that none is left out for the sake of another."""
    found = [0] * len(sizes)
    while room > 0 and (open_ := [place for place, size in enumerate(sizes) if found[place] < size]):
        each = max(1, room // len(open_))
        for place in open_[:room]:
            more = min(each, sizes[place] - found[place])
            found[place] += more
            room -= more
    return found


def filled(sizes: Sequence[int], room: int) -> list[int]:
    """How many of each group find room where whole groups are kept, the first ones; of a single one, a part."""
    found = []
    for place, size in enumerate(sizes):
        fits = size <= room or place == 0
        found.append(min(size, room) if fits else 0)
        room = room - found[-1] if fits else 0
    return found


def chosen(groups: Sequence[Group], room: int, *, whole: bool) -> tuple[list[Group], int]:
    """The groups with as many rows as there is room for, and how many rows are left out."""
    estimates = [[row for row in each.rows if not row.between] for each in groups]
    found, total = [], sum(len(each.rows) for each in groups)
    sizes = [len(rows) for rows in estimates]
    for each, rows, share in zip(groups, estimates, (filled if whole else shares)(sizes, room), strict=True):
        kept = rows[:share]
        keys = {row.key for row in kept}
        kept += [row for row in each.rows if row.between and keys.issuperset(row.between)]
        if kept:
            found.append(replace(each, rows=kept))
    return found, total - sum(len(each.rows) for each in found)


def _captioned(caption: Caption, left_out: int, groups: Sequence[Group]) -> Caption:
    """The caption with what is left out, and the sources of what is shown alone."""
    marks = {mark for each in groups for row in each.rows for mark in re.findall(r"\[\d+\]", row.source)}
    caption = replace(caption, sources=[source for source in caption.sources if source.split(" ")[0] in marks])
    if not left_out:
        return caption
    total = left_out + sum(len(each.rows) for each in groups)
    text = f"Left out for want of room: {left_out:,} of {total:,} rows. `format=csv` has all of them."
    return replace(caption, left_out=text)


def plot(caption: Caption, axes: Sequence[Axis], groups: Sequence[Group], *, whole: bool = False) -> Plot:
    """The plot of groups of estimates; with `whole`, groups that do not find room are left out as a whole."""

    def fitting(room: int) -> tuple[Caption, list[Group]]:
        shown, left_out = chosen(groups, room, whole=whole)
        return _captioned(caption, left_out, shown), shown

    def view(shown: Sequence[Group]) -> dict[str, Any]:
        """A view for each axis, a facet for each group."""
        views = [*(_view(axis, place, shown) for place, axis in enumerate(axes)), _view(None, None, shown)]
        return {"vconcat": [view for view in views if view]}

    estimates = sum(not row.between for each in groups for row in each.rows)
    return Plot(estimates, MOST_ROWS, fitting, partial(_drawn, axes), view)


def _drawn(axes: Sequence[Axis], caption: Caption, groups: Sequence[Group]) -> str:
    if not groups:
        return picture(caption, 40, [words(MARGIN, 26, "Nothing was found under these filters.")])
    scales, y = _scales(axes, groups), float(TOP)
    shapes = list[str]()
    for each in groups:
        shapes.append(words(LABEL, y + 19, shortened(each.title, AXES - 2 * LABEL, 12 * BOLD), ' font-weight="600"'))
        y += HEAD
        rows = [_row(row, y + ROW * place, scales, axes) for place, row in enumerate(each.rows)]
        y += ROW * len(rows)
        shapes.append(group(rows, f' role="list" aria-label="{escaped(each.title[:FULL_NAME])}"'))
    grid = [part for place, scale in scales.items() for part in _grid(scale, axes[place], y)]
    return picture(caption, y + 22, [group(grid, ' aria-hidden="true"'), *shapes])


def _scales(axes: Sequence[Axis], groups: Sequence[Group]) -> dict[int, Scale]:
    """The scales of those axes that rows are on, side by side."""
    used = sorted({row.axis for each in groups for row in each.rows if row.axis is not None})
    width = (WIDTH - MARGIN - AXES - GAP * (len(used) - 1)) / max(1, len(used))
    found = {}
    for place, number_ in enumerate(used):
        axis, left = axes[number_], AXES + place * (width + GAP)
        rows = [row for each in groups for row in each.rows if row.axis == number_]
        figures = [figure for row in rows for figure in (row.value, row.below, *(row.interval or ()))]
        values = [figure for figure in figures if figure is not None and (figure > 0 or not axis.log)]
        found[number_] = (
            logarithmic(values, left, left + width)
            if axis.log
            else linear(values, left, left + width, ticks=5 if len(used) == 1 else 3)
        )
    return found


def _grid(scale: Scale, axis: Axis, bottom: float) -> Iterator[str]:
    """The title of an axis, lines at the ticks, and what they say."""
    for place, text in enumerate(wrapped(axis.title, scale.right - scale.left + GAP / 2, 2, 11)):
        yield words(scale.left, 12 + 13 * place, text, ' font-size="11"', "faint", FAINT)
    every = max(1, -(-len(scale.ticks) // max(2, int((scale.right - scale.left) // 26))))
    for place, tick in enumerate(scale.ticks):
        x = scale(tick)
        heavy = tick == axis.reference
        yield line(x, TOP, x, bottom, *(("axis", FAINT) if heavy else ()))
        if place % every == 0 or heavy:
            text = f"{tick:g}".replace("-", "−")
            yield words(x, bottom + 14, text, ' text-anchor="middle" font-size="11"', "faint", FAINT)


def _row(row: Row, y: float, scales: Mapping[int, Scale], axes: Sequence[Axis]) -> str:
    """A row: its words, and its mark."""
    said = f"{row.label[:FULL_NAME]}. {row.said[:FULL_NAME]}"
    indent = 14 if row.contrast else 0
    parts = [
        f"<title>{escaped(said)}</title>",
        _text(LABEL + indent, shortened(row.label, (LABELS if row.counts else FIGURES - LABEL - 8) - indent)),
        _text(COUNTS, row.counts, ' text-anchor="end"') if row.counts else "",
        _text(FIGURES, shortened(row.figures, SOURCE - FIGURES - 4)),
        _text(SOURCE, shortened(row.source, AXES - SOURCE - 4, 11), ' font-size="11"'),
        *(_mark(row, scales[row.axis], axes[row.axis]) if row.axis is not None else ()),
    ]
    return group(parts, f' role="listitem" transform="translate(0,{number(y)})" class="ink" fill="{INK}"')


def _text(x: float, text: str, more: str = "") -> str:
    return f'<text x="{number(x)}" y="14"{more}>{escaped(text)}</text>'


def _mark(row: Row, scale: Scale, axis: Axis) -> Iterator[str]:
    """The estimate and its interval; where the source prints `<x`, a dashed line up to x."""
    kind, colour = ("two", ORANGE) if row.contrast else ("one", BLUE)
    if row.below is not None and row.value is None:
        yield _path(kind, colour, scale(max(axis.reference, scale.least)), scale(row.below), ' stroke-dasharray="3 3"')
    low, high = row.interval or (None, None)
    if low is not None or high is not None:
        left, right = scale.left if low is None else scale(low), scale.right if high is None else scale(high)
        yield _path(kind, colour, left, right, ' stroke-width="2"')
        for end, at, way in ((low, left, -1), (high, right, 1)):
            if end is None or not scale.holds(end):  # the interval goes on
                yield f'<path class="{kind}" fill="{colour}" d="M{number(at)} 6l{5 * way} 4l{-5 * way} 4z"/>'
    if row.value is None:
        return
    x = number(scale(row.value))
    if row.contrast:
        yield f'<path class="{kind}" fill="{colour}" d="M{x} 4l6 6l-6 6l-6-6z"/>'
    elif row.reference:
        yield f'<circle class="{kind} open" fill="{GROUND}" stroke="{colour}" stroke-width="2" cx="{x}" cy="10" r="4"/>'
    else:
        yield f'<circle class="{kind}" fill="{colour}" cx="{x}" cy="10" r="5"/>'


def _path(kind: str, colour: str, left: float, right: float, more: str) -> str:
    return f'<path class="{kind}" stroke="{colour}"{more} d="M{number(left)} 10H{number(right)}"/>'


def _view(axis: Axis | None, place: int | None, groups: Sequence[Group]) -> dict[str, Any] | None:
    """The rows on one axis, or those in words alone; None where there are none."""
    values = [datum for each in groups for datum in _data(each, place)]
    if not values:
        return None
    shown = ("label", "counts", "figures", "source", "said")
    layer = _marks(axis) if axis else [{"mark": {"type": "text", "align": "left"}, "encoding": _IN_WORDS}]
    return {
        "data": {"values": values},
        "facet": {
            "row": {
                "field": "group",
                "type": "nominal",
                "sort": None,
                "title": None,
                "header": {"labelAngle": 0, "labelAlign": "left", "labelOrient": "top", "labelFontWeight": "bold"},
            }
        },
        "spec": {
            "width": 420,
            "height": {"step": 18},
            "layer": layer,
            "encoding": {
                "y": {"field": "label", "type": "nominal", "sort": None, "title": None, "axis": {"labelLimit": 320}},
                "color": {
                    "field": "kind",
                    "type": "nominal",
                    "title": None,
                    "scale": {"domain": list(COLOURS), "range": list(COLOURS.values())},
                },
                "tooltip": [{"field": name, "type": "nominal"} for name in shown],
            },
        },
        "resolve": {"scale": {"y": "independent"}},
    }


_IN_WORDS = {"x": {"value": 0}, "text": {"field": "figures", "type": "nominal"}}


def _marks(axis: Axis) -> list[dict[str, Any]]:
    """The intervals and the estimates on an axis."""
    measured = {"type": "quantitative", "scale": {"type": "log"} if axis.log else {"zero": True}, "title": axis.title}
    interval = {"x": {"field": "low"} | measured, "x2": {"field": "high"}}
    return [
        {"mark": {"type": "rule", "strokeWidth": 2}, "encoding": interval},
        {"mark": {"type": "point", "filled": True, "size": 60}, "encoding": {"x": {"field": "value"} | measured}},
    ]


def _data(each: Group, place: int | None) -> Iterator[dict[str, Any]]:
    """The rows of a group on one axis; a label that occurs again has its number."""
    seen: Counter[str] = Counter()
    for row in each.rows:
        if row.axis == place:
            seen[row.label] += 1
            again = f" ({seen[row.label]})" if seen[row.label] > 1 else ""
            low, high = row.interval or (None, None)
            kind = "contrast" if row.contrast else "comparator" if row.reference else "arm"
            yield {
                "group": each.title,
                "label": row.label[:FULL_NAME] + again + (f" ({row.counts})" if row.counts else ""),
                "kind": kind,
                "value": row.value,
                "low": low,
                "high": high,
                "below": row.below,
                "counts": row.counts,
                "figures": row.figures,
                "source": row.source,
                "said": row.said[:FULL_NAME],
            }
