"""The timeline of approvals: how many actions of agencies there were in each year, by class, therapy or use."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from app.pictures.frame import FULL_NAME, MARGIN, Caption, Document, Plot, Sources, picture, question
from app.pictures.svg import BLUE, FAINT, INK, ORANGE, WIDTH, escaped, group, line, number, shortened, words

MOST_ROWS, MOST_YEARS, MOST_SOURCES = 70, 34, 6
LABELS = 236
LEFT, RIGHT, TOP = MARGIN + LABELS, WIDTH - MARGIN - 6, 26
ROW, SECOND = 22, 16
"""Height of a row, and of what it has below for actions that ended something."""
GRANTED = frozenset({"approved", "converted", "expanded"})
"""Actions that gave or widened a use; the others narrowed, ended or refused one."""


@dataclass(frozen=True)
class Step:
    """An action: the row it is in, its year, and whether it granted something."""

    row: str
    year: int | None
    granted: bool


@dataclass(frozen=True)
class Timeline:
    """Actions by row and year."""

    rows: Sequence[str]
    granted: Mapping[str, Counter[int]]
    ended: Mapping[str, Counter[int]]
    first: int
    """The first year; earlier ones are counted in it."""
    last: int
    earlier: bool
    """Whether there are earlier ones."""

    def x(self, year: int) -> float:
        """Where a year is."""
        return LEFT + (RIGHT - LEFT) * (year - self.first + 0.5) / (self.last - self.first + 1)

    def named(self, year: int) -> str:
        """What the column of a year is called."""
        return f"≤ {year}" if self.earlier and year == self.first else str(year)


def _use(item: Mapping[str, Any]) -> str:
    """What was acted on: the condition of an indication, or a product."""
    if item["indication"]:
        return str(item["indication"]["condition"]["name"])
    product = item.get("product") or {}
    return str(product.get("brand") or "the product")


LEVELS: tuple[tuple[str, Callable[[Mapping[str, Any]], str]], ...] = (
    ("class", lambda item: str(item["therapy"]["class"]["name"])),
    ("therapy", lambda item: str(item["therapy"]["name"])),
    ("condition or product", _use),
)
"""What the rows are: the first of these of which there is more than one."""


def plot(document: Document, address: str = "") -> Plot:
    """The timeline of all records of an answer of `/approvals`; `address` is where the service is."""
    items = document["items"]
    level, row = next((each for each in LEVELS if len({each[1](item) for item in items}) > 1), LEVELS[-1])
    steps = [Step(row(item), int(item["on"][:4]) if item["on"] else None, item["action"] in GRANTED) for item in items]
    cited = Counter((item["evidence"]["source"]["id"], item["evidence"]["source"]["title"]) for item in items)
    sources = Sources()
    for (source_id, title), _ in cited.most_common():
        sources.cite({"source": {"id": source_id, "title": title}})
    undated = sum(step.year is None for step in steps)
    notes = [f"{undated:,} of {len(steps):,} actions have no date, and so no place here."] if undated else []

    def chosen(most: int) -> tuple[Caption, Timeline]:
        shown = _timeline(steps, most)
        rows = {step.row for step in steps if step.year is not None}
        actions = sum(sum(counter.values()) for way in (shown.granted, shown.ended) for counter in way.values())
        left_out = len(rows) - len(shown.rows)
        text = (
            f"Left out for want of room: {left_out:,} of {len(rows):,} rows, those with the fewest actions "
            f"({len(steps) - undated - actions:,} in all). `format=csv` has all."
        )
        caption = Caption(
            kind="timeline",
            title=f"Approvals by {level} and year",
            measured="Number of actions of agencies in a year. Dot: granted (approved, converted, expanded); diamond: "
            "narrowed, withdrawn, discontinued or refused. A small mark is one action.",
            query=question(document),
            notes=notes,
            sources=sources.named,
            most_sources=MOST_SOURCES,
            release=document["release"],
            permalink=address + document["permalink"],
            left_out=text if left_out else "",
        )

        return caption, shown

    return Plot(len({step.row for step in steps}), MOST_ROWS, chosen, _drawn, partial(_view, level))


def _timeline(steps: Sequence[Step], most: int) -> Timeline:
    """The rows with most actions, those that begin first first."""
    dated = [step for step in steps if step.year is not None]
    counts = Counter(step.row for step in dated)
    kept = set(sorted(counts, key=lambda row: (-counts[row], row))[:most])
    years = [step.year for step in dated if step.row in kept and step.year is not None]
    last = max(years, default=0)
    first = max(min(years, default=0), last - MOST_YEARS + 1)
    ways: dict[bool, dict[str, Counter[int]]] = {True: defaultdict(Counter), False: defaultdict(Counter)}
    for step in dated:
        if step.row in kept and step.year is not None:
            ways[step.granted][step.row][max(step.year, first)] += 1
    begin = {row: min([*ways[True][row], *ways[False][row]]) for row in kept}
    rows = sorted(kept, key=lambda row: (begin[row], row))
    return Timeline(rows, ways[True], ways[False], first, last, min(years, default=0) < first)


def _drawn(caption: Caption, shown: Timeline) -> str:
    if not shown.rows:
        return picture(caption, 40, [words(MARGIN, 26, "Nothing with a date was found under these filters.")])
    y, rows = float(TOP), []
    for row in shown.rows:
        rows.append(_row(shown, row, y))
        y += ROW + (SECOND if shown.ended[row] else 0)
    grid = group(_grid(shown, y), ' aria-hidden="true"')
    listed = group(rows, f' role="list" aria-label="{escaped(caption.title)}"')
    return picture(caption, y + 22, [grid, listed])


def _grid(shown: Timeline, bottom: float) -> Iterator[str]:
    """A line for each year that is named, above and below; as many as have room."""
    span = shown.last - shown.first + 1
    every = next(step for step in (1, 2, 5, 10) if step * (RIGHT - LEFT) / span >= 44 or step == 10)
    for year in range(shown.first, shown.last + 1):
        named = year % every == 0 or span <= every
        if named or (year == shown.first and shown.earlier and (year + 1) % every):
            x = shown.x(year)
            yield line(x, TOP - 8, x, bottom)
            for y in (12, bottom + 14):
                more = ' text-anchor="middle" font-size="11"'
                yield words(x, y, shown.named(year), more, "faint", FAINT)


def _row(shown: Timeline, row: str, y: float) -> str:
    """A row: its name, and its marks; what is read out has every year."""
    said = [row[:FULL_NAME]]
    for word, counts in (("granted", shown.granted[row]), ("ended or refused", shown.ended[row])):
        if counts:
            said.append(f"{word}: " + ", ".join(f"{shown.named(year)} {counts[year]}" for year in sorted(counts)))
    label = f'<text class="ink" fill="{INK}" x="{MARGIN}" y="15">{escaped(shortened(row, LABELS - 14))}</text>'
    dots = [_dot(shown.x(year), count) for year, count in sorted(shown.granted[row].items())]
    diamonds = [_diamond(shown.x(year), count) for year, count in sorted(shown.ended[row].items())]
    marks = [group(dots, f' class="one" fill="{BLUE}"')] if dots else []
    marks += [group(diamonds, f' class="two" fill="{ORANGE}"')] if diamonds else []
    inside = [_inside(shown.x(year), 14, count) for year, count in sorted(shown.granted[row].items()) if count > 1]
    inside += [_inside(shown.x(year), ROW + 10, count) for year, count in sorted(shown.ended[row].items()) if count > 1]
    figures = group(inside, ' class="on" fill="#fff" text-anchor="middle" font-size="9" aria-hidden="true"')
    title = f"<title>{escaped('. '.join(said))}</title>"
    return group([title, label, *marks, figures], f' role="listitem" transform="translate(0,{number(y)})"')


def _radius(count: int) -> float:
    return 3.5 if count == 1 else min(10.0, 6.5 + count**0.5 / 2)


def _dot(x: float, count: int) -> str:
    return f'<circle cx="{number(x)}" cy="11" r="{number(_radius(count))}"/>'


def _diamond(x: float, count: int) -> str:
    size = number(4.5 if count == 1 else 9)
    shape = f"M{number(x)} {number(ROW + 7)}m0-{size}l{size} {size}l-{size} {size}l-{size}-{size}z"
    return f'<path d="{shape}"/>'


def _inside(x: float, y: float, count: int) -> str:
    return f'<text x="{number(x)}" y="{y}">{count}</text>'


def _view(level: str, shown: Timeline) -> dict[str, Any]:
    values = [
        {"row": row[:FULL_NAME], "year": year, "actions": count, "way": way}
        for row in shown.rows
        for way, counts in (("granted", shown.granted[row]), ("ended or refused", shown.ended[row]))
        for year, count in sorted(counts.items())
    ]
    first = f", {shown.first} with all before" if shown.earlier else ""
    ways = {"domain": ["granted", "ended or refused"]}
    return {
        "data": {"values": values},
        "width": 720,
        "height": {"step": 20},
        "mark": {"type": "point", "filled": True, "opacity": 0.85},
        "encoding": {
            "x": {
                "field": "year", "type": "quantitative", "title": f"Year of the action{first}",
                "axis": {"format": "d", "tickMinStep": 1}, "scale": {"zero": False, "nice": False, "padding": 12},
            },
            "y": {
                "field": "row", "type": "nominal", "sort": [row[:FULL_NAME] for row in shown.rows],
                "title": level, "axis": {"labelLimit": 300, "grid": True},
            },
            "size": {
                "field": "actions", "type": "quantitative", "title": "Number of actions",
                "scale": {"zero": True, "range": [0, 320]},
            },
            "color": {
                "field": "way", "type": "nominal", "title": None,
                "scale": ways | {"range": [BLUE, ORANGE]},
            },
            "shape": {
                "field": "way", "type": "nominal", "title": None,
                "scale": ways | {"range": ["circle", "diamond"]},
            },
            "tooltip": [{"field": name} for name in ("row", "year", "actions", "way")],
        },
    }  # fmt: skip
