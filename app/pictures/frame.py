"""What stands around every picture: its title, what was measured, what is left out, sources, release and permalink."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from app.pictures.svg import BOLD, FAINT, GROUND, INK, STYLE, WIDTH, escaped, number, words, wrapped

Document = Mapping[str, Any]
"""An answer of the API, as JSON is read."""
Made = TypeVar("Made", str, dict[str, Any])
"""A picture, or a specification."""
MAX_BYTES = 60_000
"""Of a picture, and of a specification."""
MARGIN = 16
MAX_SOURCES = 40
"""Sources that are named; the others are counted."""
MAX_NOTES = 5
NAMED_IN_TITLE = 4
"""Sources that the title of a specification names; its `usermeta` has the others."""
FULL_NAME = 200
"""Letters of a name that are read out, where less of it is drawn."""
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"


@dataclass(frozen=True)
class Caption:
    """What is said of a picture, around it."""

    kind: str
    """Kind of picture, as screen readers say it: forest plot."""
    title: str
    measured: str
    """What is drawn, in which unit, by which axis."""
    query: str
    """The question, after names were resolved."""
    notes: Sequence[str]
    sources: Sequence[str]
    """As they are named, by number."""
    release: str
    permalink: str
    left_out: str = ""
    """What did not find room."""
    most_sources: int = MAX_SOURCES

    @property
    def described(self) -> str:
        """The description for those who do not see it."""
        parts = (self.measured, self.left_out, f"Release {self.release}.")
        return " ".join(part for part in parts if part)

    @property
    def said_of_sources(self) -> list[str]:
        """The sources that find room, and how many more there are."""
        more = len(self.sources) - self.most_sources
        rest = [f"and {more:,} more source{'s' * (more > 1)}, which the answer as JSON names"] if more > 0 else []
        return [*self.sources[: self.most_sources], *rest]


@dataclass
class Sources:
    """Sources in the order in which they are first cited, by number."""

    numbers: dict[str, int] = field(default_factory=dict)

    def cite(self, evidence: Mapping[str, Any]) -> str:
        """The mark of a source in a picture: [1]."""
        source = evidence["source"]
        name = f"{source['title']} ({source['id']})"
        return f"[{self.numbers.setdefault(name, len(self.numbers) + 1)}]"

    @property
    def named(self) -> list[str]:
        """Each with its number."""
        return [f"[{number}] {name}" for name, number in self.numbers.items()]


def listed(names: Sequence[str], most: int = 4) -> str:
    """Names in a row; of many, the first and how many more there are."""
    shown = names if len(names) <= most else [*names[: most - 1], f"{len(names) - most + 1} more"]
    return ", ".join(shown) if len(names) <= most else f"{', '.join(shown[:-1])} and {shown[-1]}"


def question(document: Document) -> str:
    """The question that a document answers, in one line; what was not asked for is left out."""
    given = {key: value for key, value in document["query"].items() if key not in {"limit", "comparators"}}
    return " · ".join(f"{key} {_written(value)}" for key, value in given.items())


def _written(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def picture(caption: Caption, height: float, body: Iterable[str]) -> str:
    """A whole picture: `body` is drawn below the title, and takes so many pixels."""
    top, above = _above(caption)
    below, bottom = _below(caption, top + height + 8)
    mark = hashlib.sha256(f"{caption.kind}{caption.permalink}".encode()).hexdigest()[:8]
    size = f'width="{WIDTH}" height="{number(bottom)}" viewBox="0 0 {WIDTH} {number(bottom)}"'
    return "".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" class="picture" {size} lang="en" font-size="12" ',
            'font-family="system-ui,sans-serif" role="graphics-document" ',
            f'aria-roledescription="{escaped(caption.kind)}" aria-labelledby="t{mark}" aria-describedby="d{mark}">',
            f'<title id="t{mark}">{escaped(caption.title)}</title>',
            f'<desc id="d{mark}">{escaped(caption.described)}</desc>',
            f"<metadata>{escaped(caption.permalink)}</metadata><style>{STYLE}</style>",
            f'<rect class="ground" fill="{GROUND}" width="{WIDTH}" height="{number(bottom)}"/>',
            *above,
            f'<g transform="translate(0,{number(top)})">',
            *body,
            "</g>",
            *below,
            "</svg>",
        ]
    )


def _above(caption: Caption) -> tuple[float, list[str]]:
    """Where the body begins, and what stands above it."""
    room = WIDTH - 2 * MARGIN
    y, found = 28.0, []
    for text in wrapped(caption.title, room, 2, 18 * BOLD):
        found.append(words(MARGIN, y, text, ' font-size="18" font-weight="600"'))
        y += 22
    for text in (*wrapped(caption.measured, room, 2), *wrapped(caption.query, room, 2)):
        found.append(words(MARGIN, y, text, kind="faint", fill=FAINT))
        y += 16
    return y, found


def _below(caption: Caption, y: float) -> tuple[list[str], float]:
    """What stands below the body, and where it ends."""
    room = WIDTH - 2 * MARGIN
    found = []
    notes = [caption.left_out, *caption.notes[:MAX_NOTES]]
    last = f"ImmunoFacts, release {caption.release}; for research, not medical advice. {caption.permalink}"
    texts = [(text, 2, INK) for text in notes if text] + [(text, 1, FAINT) for text in caption.said_of_sources]
    for text, lines, fill in [*texts, (last, 4, FAINT)]:
        for piece in wrapped(text, room, lines, 11):
            y += 15
            kind = "ink" if fill == INK else "faint"
            found.append(words(MARGIN, y, piece, ' font-size="11"', kind, fill))
        y += 2
    return found, y + 12


def fitted(rows: int, most: int, make: Callable[[int], Made]) -> Made:
    """What `make` makes of as many of the rows as `MAX_BYTES` have room for, `most` at most."""
    shown = min(rows, most)
    while True:
        made = make(shown)
        text = made if isinstance(made, str) else written(made)
        size = len(text.encode())
        if size <= MAX_BYTES or shown <= 1:
            return made
        shown = max(1, min(shown - 1, shown * MAX_BYTES // size))


class Plot(NamedTuple):
    """What is drawn, or specified, of as many rows as have room."""

    rows: int
    most: int
    chosen: Callable[[int], tuple[Caption, Any]]
    """What is shown of so many rows, and what is said of it."""
    drawn: Callable[[Caption, Any], str]
    view: Callable[[Any], Mapping[str, Any]]

    def svg(self) -> str:
        """The picture."""
        return fitted(self.rows, self.most, lambda room: self.drawn(*self.chosen(room)))

    def vega_lite(self) -> dict[str, Any]:
        """The same as a Vega-Lite specification."""

        def specified(room: int) -> dict[str, Any]:
            caption, shown = self.chosen(room)
            return specification(caption, self.view(shown))

        return fitted(self.rows, self.most, specified)


def written(specification: Mapping[str, Any]) -> str:
    """A specification as JSON."""
    return json.dumps(specification, ensure_ascii=False, separators=(",", ":"))


def specification(caption: Caption, view: Mapping[str, Any]) -> dict[str, Any]:
    """A Vega-Lite specification of a view, with what is said of it."""
    sources = caption.said_of_sources
    said = [caption.measured, caption.query, caption.left_out, *sources[:NAMED_IN_TITLE]]
    said += [f"… and {len(sources) - NAMED_IN_TITLE} more"] if len(sources) > NAMED_IN_TITLE else []
    subtitle = [text for text in (*said, f"ImmunoFacts, release {caption.release}.") if text]
    return {
        "$schema": SCHEMA,
        "title": {"text": caption.title, "subtitle": [text[:300] for text in subtitle], "anchor": "start"},
        "description": caption.described,
        "usermeta": {
            "release": caption.release,
            "permalink": caption.permalink,
            "sources": sources,
            "notes": list(caption.notes[:MAX_NOTES]),
        },
        **view,
    }
