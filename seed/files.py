"""The fact files, read into records.

A file is a JSON list of records (vocabularies, sources, statements), or a therapy file: the therapy and its facts.
Which lists and sections there are follows from the nouns.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from app.nouns.declaration import Noun
from app.nouns.registry import fact_nouns, noun, nouns
from seed import mappings
from seed.findings import Finding, Report, TooManyFindingsError
from seed.parsing import is_day, parse, record, records

FACTS = Path(__file__).parent / "facts"
EXCEPTIONS = "exceptions.json"
THERAPIES = "therapies"


@cache
def sections() -> dict[str, Noun]:
    """Sections of a therapy file, in their order, and the noun of each."""
    return {each.section.key: each for each in fact_nouns() if each.section}


@cache
def list_nouns() -> dict[str, Noun]:
    """Lists with files of their own: `<name>.json`, or a folder `<name>/` of such files."""
    return {each.name: each for each in nouns() if each.section is None and each.name != THERAPIES}


def key_of(record: Any) -> str:
    """The id of a record; of a fact, its id within the therapy."""
    return str(record.natural_key() if hasattr(type(record), "natural_key") else record.id)


@dataclass
class TherapyFile:
    """A therapy with all its facts, as one file holds them."""

    file: str
    curated_on: dt.date
    therapy: Any
    sections: dict[str, list[Any]] = field(default_factory=dict)

    def facts(self, section: str) -> list[Any]:
        """The records of a section, such as `adverse_events`."""
        return self.sections.get(section, [])

    @cached_property
    def keyed(self) -> dict[str, list[tuple[str, Any]]]:
        """By section: natural key and record of every fact."""
        return {section: [(key_of(fact), fact) for fact in facts] for section, facts in self.sections.items()}

    @cached_property
    def all_facts(self) -> list[tuple[str, str, Any]]:
        """Section, natural key and record of every fact."""
        return [(section, key, fact) for section, facts in self.keyed.items() for key, fact in facts]


@dataclass
class Facts:
    """The whole fact base, as the files hold it."""

    lists: dict[str, list[Any]] = field(default_factory=dict)
    therapies: list[TherapyFile] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    """The files that it was read from."""

    def records(self, name: str) -> list[Any]:
        """The records of a list that has files of its own."""
        return self.lists.get(name, [])

    def placed(self, section: str) -> Iterator[tuple[str, str, Any]]:
        """The facts of a section of all therapies: file, place as findings name it, and record."""
        for file in self.therapies:
            for key, fact in file.keyed.get(section, ()):
                yield file.file, f"{section} {key}", fact

    def count(self) -> int:
        """Records of all files."""
        facts = sum(len(section) for file in self.therapies for section in file.sections.values())
        return sum(map(len, self.lists.values())) + len(self.therapies) + facts


def read(folder: Path = FACTS) -> tuple[Facts, list[Finding]]:
    """Read every fact file below a folder. What cannot be read is a finding, and is left out of the facts."""
    facts, report = Facts({name: [] for name in list_nouns()}), Report()
    try:
        for name, path in fact_files(folder, report):
            file = path.relative_to(folder).as_posix()
            facts.files.append(file)
            if name == THERAPIES:
                content = parse(path, file, dict, report)
                facts.therapies += filter(None, [_therapy(content, file, report) if content is not None else None])
            else:
                content = parse(path, file, list, report)
                facts.lists[name] += records(content or [], list_nouns()[name].record, file, name, report)
        if mappings.attach(facts.records(mappings.LIST), folder, report):
            facts.files.append(mappings.FILE)
    except TooManyFindingsError:
        pass
    return facts, list(report)


def fact_files(folder: Path, report: Report) -> Iterator[tuple[str, Path]]:
    """The files that hold records, each with its list. Whatever else is there is a finding."""
    if not (folder / THERAPIES).is_dir():
        fix = "name the folder that holds therapies/ and the vocabulary files."
        report.add("no-facts", str(folder), "-", f"There is no {THERAPIES}/ folder here.", fix)
        return
    known = {f"{name}.json": name for name in list_nouns()}
    there = {path.name: path for path in _entries(folder, folder, report)}
    for path in there.values():
        if path.name not in {*known, *list_nouns(), THERAPIES, EXCEPTIONS, mappings.FILE}:
            lists = ", ".join([*known, f"{THERAPIES}/"])
            _unknown(
                path, folder, f"move or remove it; facts are read from {lists} and folders of their names.", report
            )
    for name in [*list_nouns(), THERAPIES]:
        if name != THERAPIES and f"{name}.json" in there:
            yield name, there[f"{name}.json"]
        for path in _entries(there[name], folder, report) if name in there else ():
            if path.suffix == ".json":
                yield name, path
            else:
                _unknown(path, folder, "move or remove it; files of facts end in .json.", report)


def _entries(path: Path, folder: Path, report: Report) -> list[Path]:
    """What a folder holds, without hidden files and names that cannot be written."""
    try:
        found = sorted(path.iterdir())
    except OSError as error:
        file = path.relative_to(folder).as_posix()
        report.add("unreadable-file", file, "-", f"The folder cannot be read: {error.strerror}.", "make it a folder.")
        return []
    kept = []
    for entry in found:
        if not entry.name.isprintable():
            _unknown(entry, folder, "give it a name of visible characters, in UTF-8.", report)
        elif not entry.name.startswith(".") or entry.suffix == ".json":
            kept.append(entry)
    return kept


def _unknown(path: Path, folder: Path, fix: str, report: Report) -> None:
    report.add("unknown-file", path.relative_to(folder).as_posix(), "-", "Nothing reads this file.", fix)


def _therapy(content: dict[str, Any], file: str, report: Report) -> TherapyFile | None:
    for key in content.keys() - {"therapy", "curated_on", *sections()}:
        fix = f"use one of: therapy, curated_on, {', '.join(sections())}."
        report.add("unknown-field", file, key, f"`{key}` is no section of a therapy file.", fix)
    found = {
        key: records(content.get(key, []), section.record, file, key, report) for key, section in sections().items()
    }
    therapy = record(content.get("therapy"), noun(THERAPIES).record, file, "therapy", report)
    day = _past_day(content.get("curated_on"))
    if day is None:
        fix = "write the day on which the facts were read, such as 2026-11-21."
        report.add("bad-value", file, "curated_on", "No day of the past.", fix)
    return TherapyFile(file, day, therapy, found) if day and therapy else None


def _past_day(value: Any) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(value) if is_day(value) else None
    except ValueError:
        return None
    return day if day and day <= dt.datetime.now(dt.UTC).date() else None
