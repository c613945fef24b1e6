"""Tables of a label: from their markup to rows of cells with columns, lines and footnotes.

openFDA serves tables as structured-product-labeling markup: `<footnote>` and `<footnoteRef>` inside cells, `<sup>`
marks that point to `<tfoot>`, `<paragraph>` for lines, and spanning cells.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from lxml import etree

Element = etree._Element

BLOCKS = {"paragraph", "item", "list", "br", "p", "div", "li"}
"""Elements that begin a line of their own."""

EXPONENT = re.compile(r"(?:/\s?|\b)(?:m|mm|cm|10)$")
"""Text before a superscript that is an exponent, not a footnote mark: `mg/m`, `/mm`, `10`."""

MARK = re.compile(r"[a-z]{1,2}|\d{1,2}|[*†‡§¶#⸙◊Δ]+", re.IGNORECASE)

PLAIN_MARKS = "*†‡§¶#"
"""Marks that also stand in plain text, without a superscript."""


class UnreadableTableError(ValueError):
    """The markup is no table that can be read."""


@dataclass(frozen=True)
class Cell:
    """A cell: its lines, the grid columns it covers, and its footnotes (as text, and as marks to look up)."""

    lines: tuple[str, ...]
    start: int
    end: int
    notes: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    carried: bool = False
    """The cell belongs to an earlier row, and reaches into this one."""

    @property
    def text(self) -> str:
        """All lines as one."""
        return " ".join(self.lines)


@dataclass(frozen=True)
class Row:
    """A row of the grid, with the section of the table that it stands in: thead, tbody."""

    cells: tuple[Cell, ...]
    section: str

    @property
    def term(self) -> Cell:
        """The first cell: no row is without one."""
        return self.cells[0]

    @property
    def values(self) -> tuple[Cell, ...]:
        """The cells after the first."""
        return self.cells[1:]


@dataclass(frozen=True)
class Table:
    """A table of a label."""

    caption: str
    number: str | None
    """As the caption numbers it: `4`."""
    caption_notes: tuple[str, ...]
    rows: tuple[Row, ...]
    foot: dict[str, str] = field(default_factory=dict)
    """Footnotes by their mark."""
    foot_text: str = ""
    """The whole foot."""
    start_of_text: str = ""
    """How the rows begin, as running text: finds the place of a table without caption in its section."""

    def footnotes(self, cell: Cell) -> list[str]:
        """Footnotes that a cell carries or points to."""
        return [*cell.notes, *(self.foot[mark] for mark in cell.marks if mark in self.foot)]

    def unresolved(self, cell: Cell) -> list[str]:
        """Marks of a cell that no footnote explains."""
        return [mark for mark in cell.marks if mark not in self.foot]


def squeezed(text: str) -> str:
    """Text with single spaces, plain hyphens and no trade-mark signs."""
    text = text.replace("\u2011", "-").replace("\u2010", "-").replace("\u00ad", "").replace("\u200b", "")
    return re.sub(r"\s+", " ", re.sub("[®™]", "", text)).strip()


@dataclass
class _Text:
    """Lines, notes and marks, as they are gathered from an element."""

    lines: list[str] = field(default_factory=lambda: [""])
    notes: list[str] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)

    def write(self, text: str | None) -> None:
        self.lines[-1] += text or ""

    def read(self, element: Element, footnotes: dict[str, str]) -> None:
        """Gather an element's content (not its tail)."""
        self.write(element.text)
        for child in element:
            if isinstance(child.tag, str):
                self._child(child, footnotes)
            self.write(child.tail)

    def _child(self, child: Element, footnotes: dict[str, str]) -> None:
        tag = _tag(child)
        if tag == "footnote":
            self.notes.append(squeezed(_words(child)))
        elif tag == "footnoteref":
            note = footnotes.get(child.get("IDREF") or child.get("idref") or "")
            if note:
                self.notes.append(note)
        elif tag == "sup" or "sup" in (child.get("styleCode") or "").lower().split():
            text = squeezed(_words(child))
            if EXPONENT.search(self.lines[-1]) and text.isdigit():
                self.write(_words(child))
            else:
                self.marks.extend(_marks(text))
        elif tag in BLOCKS:
            self.lines.append("")
            self.read(child, footnotes)
            self.lines.append("")
        else:
            self.read(child, footnotes)

    def finished(self) -> tuple[str, ...]:
        """The lines that hold text; plain marks at the end of a line are moved to the marks."""
        lines = []
        for line in map(squeezed, self.lines):
            bare = line.rstrip(PLAIN_MARKS).rstrip()
            if bare and bare != line:
                self.marks.extend(_marks(line[len(bare) :].strip()))
                line = bare
            if line:
                lines.append(line)
        return tuple(lines)


def _marks(text: str) -> list[str]:
    marks = re.split(r"[\s,;]+", text.strip("(){} "))
    return [mark.lower() for mark in marks if MARK.fullmatch(mark)]


def _words(element: Element) -> str:
    return "".join(map(str, element.itertext()))


def _tag(element: Element) -> str:
    return etree.QName(element).localname.lower() if isinstance(element.tag, str) else ""


def _all(element: Element, *tags: str) -> Iterator[Element]:
    return (child for child in element.iter() if _tag(child) in tags)


def read_table(markup: str) -> Table:
    """Read one table. Raises UnreadableTableError where its markup is broken or its spans do not fit."""
    try:
        root = etree.fromstring(markup, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        raise UnreadableTableError(f"the markup is broken: {error.msg}") from error
    if _tag(root) != "table" or len(list(_all(root, "table"))) > 1:
        raise UnreadableTableError("not a single table")
    footnotes = {note.get("ID") or note.get("id") or "": squeezed(_words(note)) for note in _all(root, "footnote")}
    title = _Text()
    for caption in _all(root, "caption"):
        title.read(caption, footnotes)
    caption_text = re.sub(r"^(Table \d+)(?=[A-Z])", r"\1 ", " ".join(title.finished()))
    number = re.match(r"Table (\d+)", caption_text)
    foot = [row for section in _all(root, "tfoot") for row in _all(section, "tr")]
    rows = tuple(_rows(root, footnotes))
    if not rows:
        raise UnreadableTableError("it has no rows")
    start = squeezed(" ".join(cell.text for row in rows[:3] for cell in row.cells if not cell.carried))
    return Table(
        caption=caption_text,
        number=number[1] if number else None,
        caption_notes=tuple(title.notes),
        rows=rows,
        foot=dict(_feet(foot)),
        foot_text=squeezed(" ".join(_words(row) for row in foot)),
        start_of_text=start,
    )


def _rows(root: Element, footnotes: dict[str, str]) -> Iterator[Row]:
    sections = [child for child in root if _tag(child) in ("thead", "tbody")] or [root]
    for section in sections:
        name = _tag(section) if section is not root else "tbody"
        carried: dict[int, tuple[int, Cell]] = {}
        for line in (child for child in section if _tag(child) == "tr"):
            cells = tuple(_cells(line, carried, footnotes))
            if cells:
                yield Row(cells, name)


def _cells(line: Element, carried: dict[int, tuple[int, Cell]], footnotes: dict[str, str]) -> Iterator[Cell]:
    """The cells of a row, those that reach into it from above among them. `carried`: by first column, rows left."""
    column = 0
    own = [child for child in line if _tag(child) in ("td", "th")]
    while own or column in carried:
        if column in carried:
            left, cell = carried.pop(column)
            if left > 1:
                carried[column] = (left - 1, cell)
            yield Cell(cell.lines, cell.start, cell.end, cell.notes, cell.marks, carried=True)
            column = cell.end
            continue
        element = own.pop(0)
        text = _Text()
        text.read(element, footnotes)
        width, height = _span(element, "colspan"), _span(element, "rowspan")
        if any(column < start < column + width for start in carried):
            raise UnreadableTableError("its spanning cells overlap")
        lines = text.finished()
        cell = Cell(lines, column, column + width, tuple(text.notes), tuple(text.marks))
        if height > 1:
            carried[column] = (height - 1, cell)
        yield cell
        column += width


def _span(element: Element, name: str) -> int:
    value = element.get(name) or "1"
    return max(int(value), 1) if value.isdigit() else 1


def _feet(rows: Iterable[Element]) -> Iterator[tuple[str, str]]:
    """Footnotes of the foot by mark: each begins with a superscript, or with a plain mark."""
    mark, words = "", ""
    for row in rows:
        for kind, text in _foot_pieces(row):
            if kind == "mark":
                if mark and words.strip():
                    yield mark, squeezed(words)
                mark, words = text, ""
            else:
                words += text
        if mark and words.strip():
            yield mark, squeezed(words)
        mark, words = "", ""


def _foot_pieces(element: Element) -> Iterator[tuple[str, str]]:
    yield from _plain_pieces(element.text)
    for child in element:
        if _tag(child) == "sup" or "sup" in (child.get("styleCode") or "").lower().split():
            marks = _marks(squeezed(_words(child)))
            if len(marks) == 1:
                yield "mark", marks[0]
        elif _tag(child) in BLOCKS:
            yield "text", " "
            yield from _foot_pieces(child)
            yield "text", " "
        elif _tag(child):
            yield from _foot_pieces(child)
        yield from _plain_pieces(child.tail)


def _plain_pieces(text: str | None) -> Iterator[tuple[str, str]]:
    found = re.match(rf"\s*([{re.escape(PLAIN_MARKS)}]+)\s*(.*)", text or "", re.DOTALL)
    if found:
        yield "mark", found[1]
        yield "text", found[2]
    elif text:
        yield "text", text
