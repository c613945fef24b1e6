"""The heat map of adverse events: events by cohorts, each cell coloured by its percent and with its figure."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.pictures.frame import FULL_NAME, MARGIN, Caption, Document, Plot, Sources, picture, question
from app.pictures.svg import FAINT, INK, WIDTH, escaped, group, number, shortened, words

MOST_ROWS, MOST_COLUMNS = 50, 24
LABELS, HEADER, SLANT = 220, 204, 116
"""Width of the names of events, height of those of cohorts, and how far the slanted ones reach to the right."""
LEFT = MARGIN + LABELS
CELL, WIDEST = 22, 56
"""Height of a cell, and its greatest width."""
SHADES = ("#eef5fb", "#d6e6f4", "#b7d4ea", "#8fc1de", "#62a8d2", "#3d8dc3", "#2171b5", "#115a9c", "#08468b", "#08306b")
"""From none to most: by lightness, which everybody sees, and a printer prints."""
DARK = 5
"""The first shade on which letters are white."""
ENDS = (1, 2, 5, 10, 20, 50, 100)
"""Percents at which the scale may end."""


@dataclass(frozen=True)
class Cell:
    """A cell that is drawn."""

    row: int
    column: int
    percent: float | None
    patients: int | None
    at_risk: int | None
    computed: Sequence[str]
    fact: str


@dataclass(frozen=True)
class Grid:
    """Events and cohorts, and their cells by row and column."""

    rows: Sequence[Mapping[str, Any]]
    columns: Sequence[Mapping[str, Any]]
    cells: Mapping[tuple[int, int], Cell]
    sources: Sources
    marks: Sequence[str]
    """The source of each column, by its number."""

    @property
    def end(self) -> int:
        """The percent at which the scale ends."""
        most = max((cell.percent for cell in self.cells.values() if cell.percent is not None), default=0)
        return next(end for end in ENDS if end >= most or end == ENDS[-1])


def plot(document: Document, address: str = "") -> Plot:
    """The heat map of an answer of `/adverse-events/matrix`; `address` is where the service is."""

    def chosen(rows: int) -> tuple[Caption, Grid]:
        grid = _grid(document, rows)
        return _caption(document, grid, address), grid

    return Plot(len(document["events"]), MOST_ROWS, chosen, _drawn, _view)


def _grid(document: Document, rows: int) -> Grid:
    """The first rows, and of the columns those with most cells in them, in their order."""
    cells = [Cell(*cell) for cell in document["cells"] if cell[0] < rows]
    full = Counter(cell.column for cell in cells)
    columns = sorted(sorted(full, key=lambda column: (-full[column], column))[:MOST_COLUMNS])
    place = {column: number_ for number_, column in enumerate(columns)}
    kept = {
        (cell.row, place[cell.column]): replace(cell, column=place[cell.column])
        for cell in cells
        if cell.column in place
    }
    shown = [document["cohorts"][column] for column in columns]
    sources = Sources()
    marks = [sources.cite(cohort["evidence"]) for cohort in shown]
    return Grid(document["events"][:rows] if kept else [], shown, kept, sources, marks)


def _caption(document: Document, grid: Grid, address: str) -> Caption:
    severe = document["query"].get("severity") == "severe"
    left_out = [
        f"{len(document[key]) - len(shown):,} of {len(document[key]):,} {key}"
        for key, shown in (("events", grid.rows), ("cohorts", grid.columns))
        if len(document[key]) > len(shown)
    ]
    return Caption(
        kind="heat map",
        title=f"Adverse events by cohort, {'severe (grade 3 and up)' if severe else 'any grade'}",
        measured="Percent of the patients of each cohort (N), as the source prints it, else computed from n and N, to "
        "three digits. An empty cell: not reported, which is not zero. ·: reported without a figure.",
        query=question(document),
        notes=document["cautions"],
        sources=grid.sources.named,
        release=document["release"],
        permalink=address + document["permalink"],
        left_out=f"Left out for want of room: {' and '.join(left_out)}. `format=csv` has all." if left_out else "",
    )


def _drawn(caption: Caption, grid: Grid) -> str:
    if not grid.cells:
        return picture(caption, 40, [words(MARGIN, 26, "Nothing was found under these filters.")])
    width = min(WIDEST, (WIDTH - LEFT - SLANT) / len(grid.columns))
    colours = group(_colours(grid, width), ' aria-hidden="true"')
    headings = [_heading(grid, place, LEFT + width * (place + 0.5)) for place in range(len(grid.columns))]
    empty = f'<text role="columnheader" x="{MARGIN}" y="{HEADER - 6}">Event</text>'
    table = [group([empty, *headings], f' role="row" class="ink" fill="{INK}" font-size="11"')]
    table += [_row(grid, row, width) for row in range(len(grid.rows))]
    name = f' role="table" aria-label="{escaped(caption.title)}"'
    bottom = HEADER + CELL * len(grid.rows)
    return picture(caption, bottom + 46, [colours, group(table, name), *_legend(grid, bottom + 14)])


def _shade(percent: float, end: int) -> int:
    return min(len(SHADES) - 1, int(percent / end * len(SHADES)))


def _colours(grid: Grid, width: float) -> Iterator[str]:
    """The coloured ground of the cells: one shape for each shade."""
    places: dict[int, list[str]] = defaultdict(list)
    for cell in grid.cells.values():
        if cell.percent is not None:
            x, y = LEFT + width * cell.column, HEADER + CELL * cell.row
            box = f"M{number(x + 0.5)} {number(y + 0.5)}h{number(width - 1)}v{CELL - 1}h-{number(width - 1)}z"
            places[_shade(cell.percent, grid.end)].append(box)
    for shade, boxes in sorted(places.items()):
        yield f'<path fill="{SHADES[shade]}" d="{"".join(boxes)}"/>'


def _heading(grid: Grid, place: int, x: float) -> str:
    cohort = grid.columns[place]
    count = f"N {cohort['patients']}" if cohort["patients"] is not None else "N ?"
    label = f"{shortened(cohort['label'], 148, 11)} {count} {grid.marks[place]}"
    turned = f' transform="translate({number(x)},{HEADER - 6})rotate(-60)"'
    named = f"<title>{escaped(cohort['label'][:FULL_NAME])}</title>"
    return f'<text role="columnheader"{turned}>{named}{escaped(label)}</text>'


def _row(grid: Grid, row: int, width: float) -> str:
    event = grid.rows[row]
    parts = [f'<text role="rowheader" x="{MARGIN}">{escaped(shortened(event["name"], LABELS - 8))}</text>']
    for column in range(len(grid.columns)):
        cell = grid.cells.get((row, column))
        x = number(LEFT + width * (column + 0.5))
        if cell is None:
            parts.append(f'<text role="cell" x="{x}"/>')
            continue
        shade = _shade(cell.percent, grid.end) if cell.percent is not None else 0
        white = ' fill="#fff"' if shade >= DARK else ""
        black = ' class="on"' if cell.percent is not None and not white else ""
        parts.append(f'<text role="cell" x="{x}"{black}{white}>{_figure(cell)}</text>')
    place = f'transform="translate(0,{HEADER + CELL * row + 15})"'
    heading, cells = parts[0], group(parts[1:], ' text-anchor="middle" font-size="10" role="presentation"')
    return group([heading, cells], f' role="row" class="ink" fill="{INK}" {place}')


def _figure(cell: Cell) -> str:
    return "·" if cell.percent is None else f"{cell.percent:.3g}"


def _legend(grid: Grid, y: float) -> Iterator[str]:
    """The shades, and the percents between them."""
    box = 34
    swatches = [
        f'<rect fill="{shade}" x="{LEFT + box * place}" y="{number(y)}" width="{box}" height="10"/>'
        for place, shade in enumerate(SHADES)
    ]
    yield group(swatches, ' aria-hidden="true"')
    yield words(MARGIN, y + 10, "Percent of patients", kind="faint", fill=FAINT)
    for place in range(0, len(SHADES) + 1, 2):
        text = f"{grid.end * place / len(SHADES):g}{' %' if place == len(SHADES) else ''}"
        more = ' text-anchor="middle" font-size="11"'
        yield words(LEFT + box * place, y + 24, text, more, "faint", FAINT)


def _view(grid: Grid) -> dict[str, Any]:
    seen: Counter[str] = Counter()
    labels = []
    for cohort in grid.columns:
        seen[cohort["label"]] += 1
        again = f" ({seen[cohort['label']]})" if seen[cohort["label"]] > 1 else ""
        count = f" (N {cohort['patients']})" if cohort["patients"] is not None else ""
        labels.append(cohort["label"][:FULL_NAME] + count + again)
    values = [
        {
            "event": grid.rows[row]["name"],
            "cohort": labels[column],
            "percent": cell.percent,
            "patients": cell.patients,
            "patients_at_risk": cell.at_risk,
            "fact": cell.fact,
        }
        for (row, column), cell in sorted(grid.cells.items())
    ]
    shades = {"scheme": "blues", "domain": [0, grid.end]}
    percent = {"field": "percent", "type": "quantitative"}
    white = {"test": f"datum.percent >= {grid.end / 2}", "value": "white"}
    axis = {"labelLimit": 260}
    return {
        "data": {"values": values},
        "height": {"step": 20},
        "width": {"step": 40},
        "encoding": {
            "x": {
                "field": "cohort", "type": "nominal", "sort": labels, "title": None,
                "axis": axis | {"labelAngle": -60, "orient": "top"},
            },
            "y": {
                "field": "event", "type": "nominal", "sort": [event["name"] for event in grid.rows], "title": None,
                "axis": axis,
            },
            "tooltip": [{"field": name} for name in values[0]] if values else [],
        },
        "layer": [
            {"mark": "rect", "encoding": {"color": percent | {"title": "Percent of patients", "scale": shades}}},
            {
                "mark": {"type": "text", "fontSize": 10},
                "encoding": {"text": percent | {"format": ".3"}, "color": {"condition": white, "value": "black"}},
            },
        ],
    }  # fmt: skip
