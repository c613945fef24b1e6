"""Labels to check against: openFDA records and plain texts, with their sections and the tables that stand in them."""

import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.nouns.base import slugged
from app.nouns.source import SourceRecord
from seed.draft.tables import Table, UnreadableTableError, read_table, squeezed

CHAPTERS = {
    "1": "indications_and_usage",
    "2": "dosage_and_administration",
    "4": "contraindications",
    "5": "warnings_and_cautions",
    "6": "adverse_reactions",
    "8": "use_in_specific_populations",
    "12": "clinical_pharmacology",
    "14": "clinical_studies",
}
"""Field of openFDA by chapter of a label."""

WHOLE = "whole"
"""The section of a plain text without headings."""


@dataclass(frozen=True)
class PlacedTable:
    """A table, its number as the label gives it, and its section; the number is None where there is none."""

    table: Table
    number: str | None
    section: str
    position: int
    """Its place among the tables of the label."""


@dataclass(frozen=True)
class LabelDocument:
    """A label at one revision."""

    origin: str
    sections: Mapping[str, str]
    tables: tuple[PlacedTable, ...] = ()
    flat: bool = False
    """A plain text: its tables have run into it."""

    def section(self, chapter: str | None) -> str | None:
        """The text of a chapter; of all chapters where none is named; None where the document does not hold it."""
        if chapter is None:
            return " ".join(self.sections.values())
        return self.sections.get(CHAPTERS.get(chapter, ""), self.sections.get(WHOLE))


@dataclass
class Shelf:
    """The labels at hand, by the source that each is."""

    by_set: dict[tuple[str, dt.date], LabelDocument] = field(default_factory=dict)
    by_id: dict[str, LabelDocument] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    """What could not be read."""

    def find(self, source: SourceRecord) -> LabelDocument | None:
        """The label that a source is, at its very revision."""
        if source.set_id and source.date and (source.set_id, source.date) in self.by_set:
            return self.by_set[source.set_id, source.date]
        return self.by_id.get(source.id)

    def put(self, record: Any, origin: str) -> None:
        """Add an openFDA record. Raises `ValueError` where it is no label."""
        set_id, date = revision_of(record)
        self.by_set.setdefault((set_id, date), read_record(record, origin))


def read_folder(folder: Path) -> Shelf:
    """Every label of a folder: `*.json` as openFDA answers, and `*.txt`."""
    shelf = Shelf()
    for path in sorted(folder.glob("*.json")):
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            records = content["results"] if isinstance(content, dict) and "results" in content else [content]
            for record in records:
                shelf.put(record, path.name)
        except (OSError, ValueError, TypeError) as error:
            shelf.problems.append(f"{path.name} holds no label: {error}.")
    for path in sorted(folder.glob("*.txt")):
        try:
            name, document = read_text(path)
        except (OSError, ValueError) as error:
            shelf.problems.append(f"{path.name} holds no label: {error}.")
        else:
            shelf.by_id.setdefault(name, document)
    return shelf


def revision_of(record: Any) -> tuple[str, dt.date]:
    """Set id and effective date of an openFDA record. Raises `ValueError` where it is no label."""
    if not isinstance(record, Mapping) or not isinstance(record.get("set_id"), str):
        raise ValueError("it has no `set_id`")
    effective = str(record.get("effective_time", ""))
    if not re.fullmatch(r"\d{8}", effective):
        raise ValueError("its `effective_time` is no date")
    return record["set_id"], dt.datetime.strptime(effective, "%Y%m%d").replace(tzinfo=dt.UTC).date()


def read_record(record: Mapping[str, Any], origin: str) -> LabelDocument:
    """An openFDA record, read."""
    texts = {
        key: squeezed(" ".join(map(str, value)))
        for key, value in record.items()
        if isinstance(value, list) and not key.endswith("_table")
    }
    sections = {key: text for key, text in texts.items() if key in CHAPTERS.values() or key == "boxed_warning"}
    tables = [
        placed
        for key, value in record.items()
        if key.endswith("_table") and key.removesuffix("_table") in sections and isinstance(value, list)
        for placed in _tables(value, key.removesuffix("_table"), texts)
    ]
    return LabelDocument(origin, sections, tuple(PlacedTable(*placed, number) for number, placed in enumerate(tables)))


def _tables(markups: list[Any], section: str, texts: Mapping[str, str]) -> Iterator[tuple[Table, str | None, str]]:
    text, last = texts.get(section, ""), 0
    for markup in markups:
        try:
            table = read_table(str(markup))
        except UnreadableTableError:
            continue  # the text of its section still holds it
        beginnings = filter(None, (table.caption[:40], table.start_of_text[:60], table.start_of_text[:30]))
        start = next((at for beginning in beginnings if (at := text.find(beginning, last)) >= 0), -1)
        number = table.number
        if start >= 0:
            last = start
            captions = [found[1] for found in re.finditer(r"Table (\d+)\s?[:.]", text[:start])]
            number = number or (captions[-1] if captions else None)
        yield table, number, section


_HEADER = re.compile(r"#\s*product:\s*([^|(\n]+?)\s*[|(].*?\b(\d{4}-\d{2}-\d{2})\b")
_HEADING = re.compile(r"^==+ *(.+?) *==+ *$", re.MULTILINE)


def read_text(path: Path) -> tuple[str, LabelDocument]:
    """A plain text and the id of its source: the file's name, or brand and date of a line `# product: BRAND | … DATE`.

    Lines such as `== ADVERSE REACTIONS ==` head its sections.
    """
    text = path.read_text(encoding="utf-8")
    header = _HEADER.match(text)
    name = f"label.{slugged(header[1])}.{header[2]}" if header else path.stem
    pieces = _HEADING.split(text)
    named = zip(pieces[1::2], pieces[2::2], strict=True)
    sections = {slugged(heading).replace("-", "_"): squeezed(body) for heading, body in named}
    return name, LabelDocument(path.name, sections or {WHOLE: squeezed(text)}, flat=True)
