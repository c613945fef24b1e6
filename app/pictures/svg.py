"""SVG as text: shapes and words that need no font, no script and no file beside them.

Colours are those of Okabe and Ito, which colour-blind people tell apart. Each shape has its colour as an attribute; the
style sheet only turns light into dark, so that a program without style sheets draws the same.
"""

import base64
import hashlib
from collections.abc import Iterable

WIDTH = 960
"""Width of every picture, in pixels."""
SIZE = 12
"""Usual size of letters, in pixels."""
BOLD = 1.16
"""How much wider bold letters are."""
INK, FAINT, GROUND, GRID = "#1a1a1a", "#555", "#fff", "#ddd"
BLUE, ORANGE, GREEN = "#0072b2", "#c44e00", "#009e73"

STYLE = (
    ".picture{max-width:100%;height:auto}"
    "@media (prefers-color-scheme:dark){"
    ".picture .ground{fill:#14181d}.picture .ink{fill:#e8e8e8}.picture .faint{fill:#b4b8bd}"
    ".picture .grid{stroke:#3a4149}.picture .axis{stroke:#b4b8bd}"
    ".picture .one{fill:#56b4e9;stroke:#56b4e9}.picture .two{fill:#f0a030;stroke:#f0a030}"
    ".picture .open{fill:#14181d}.picture .on{fill:#10151a}}"
)
"""What a picture looks like in the dark."""
STYLE_HASH = f"'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'"
"""What a Content-Security-Policy names to allow the style sheet (`style-src`), and no other."""

_FORBIDDEN = dict.fromkeys((*range(32), *range(127, 160), 0xFFFE, 0xFFFF), " ")
"""Characters that XML does not take, and line breaks."""
_ESCAPED = {ord(char): entity for char, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"))}
_NARROW, _SLENDER, _BROAD = frozenset("il.,:;'|!jI"), frozenset("ftr()[]/- "), frozenset("mwMW@%")


def escaped(text: object) -> str:
    """Text as content or attribute of an element: nothing in it is markup."""
    return str(text).translate(_FORBIDDEN).translate(_ESCAPED)


def text_width(text: str, size: float = SIZE) -> float:
    """About how wide a text is at most, in pixels: which font draws it is not known here; DejaVu is a wide one."""
    return size * sum(map(_em, text))


def _em(char: str) -> float:
    if char in _NARROW:
        return 0.35
    if char in _SLENDER:
        return 0.4
    if char in _BROAD:
        return 0.96
    if ord(char) >= 0x1100:  # where the wide scripts begin; dashes and the like are none
        return 0.66 if 0x2000 <= ord(char) < 0x2100 else 1.0
    return 0.7 if char.isupper() else 0.62


def shortened(text: str, width: float, size: float = SIZE) -> str:
    """The text, or its beginning and an ellipsis where it is wider."""
    if text_width(text, size) <= width:
        return text
    left = width - text_width("…", size)
    for number, char in enumerate(text):
        left -= size * _em(char)
        if left < 0:
            return text[:number].rstrip() + "…"
    return text


def wrapped(text: str, width: float, lines: int, size: float = SIZE) -> list[str]:
    """The text in at most so many lines; the last one ends with an ellipsis where that is not all of it."""
    found: list[str] = []
    rest = text
    while rest and len(found) < lines:
        if len(found) == lines - 1 or text_width(rest, size) <= width:
            return [*found, shortened(rest, width, size)]
        piece = shortened(rest, width, size).removesuffix("…")
        at_space = piece.rfind(" ") if rest[len(piece) : len(piece) + 1] != " " else len(piece)
        cut = at_space if at_space > len(piece) // 2 else len(piece)
        found.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return found


def words(x: float, y: float, text: str, more: str = "", kind: str = "ink", fill: str = INK) -> str:
    """A text at a place; `more` are further attributes."""
    return f'<text class="{kind}" fill="{fill}" x="{number(x)}" y="{number(y)}"{more}>{escaped(text)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, kind: str = "grid", stroke: str = GRID) -> str:
    """A line."""
    return f'<path class="{kind}" stroke="{stroke}" d="M{number(x1)} {number(y1)}L{number(x2)} {number(y2)}"/>'


def group(shapes: Iterable[str], attributes: str = "") -> str:
    """Shapes as one element."""
    return f"<g{attributes}>{''.join(shapes)}</g>"


def number(value: float) -> str:
    """A coordinate, to a tenth of a pixel."""
    return f"{value:.1f}".removesuffix(".0")


def signed(value: float) -> str:
    """A figure to a tenth, with its sign."""
    return f"{value:+.1f}".replace("-", "−")
