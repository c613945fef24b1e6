"""Printing the fact files canonically: one fact a line, sorted, so that a change of a fact is a change of a line."""

import json
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from seed import mappings
from seed.files import FACTS, THERAPIES, Facts, TherapyFile, key_of, list_nouns, read, sections
from seed.findings import Finding, Report

SPLIT = {"sources": "kind"}
"""Lists that are printed into a folder, one file for each value of a field."""


def format_all(folder: Path = FACTS, write: bool = True) -> tuple[list[str], list[Finding]]:
    """Rewrite the fact files canonically. Answers the files that differed, and what is wrong: then none is touched.

    A file is removed only when its records were all printed into others.
    """
    facts, findings = read(folder)
    if findings:
        return [], findings
    texts, findings = printed(facts)
    if findings:
        return [], findings
    changed = [file for file, text in texts.items() if not _is_same(folder / file, text)]
    moved = [file for file in facts.files if file not in texts]
    if write:
        for file in changed:
            _replace(folder / file, texts[file])
        for file in moved:
            (folder / file).unlink()
    return sorted([*changed, *moved]), []


def printed(facts: Facts) -> tuple[dict[str, str], list[Finding]]:
    """The canonical texts of all files, by file. Records that would overwrite others are findings."""
    texts: dict[str, str] = {}
    report = Report()
    for name in list_nouns():
        for file, records in _files_of_list(name, facts.records(name)).items():
            if records or file in facts.files:
                texts[file] = print_list(records)
    if any(event.mappings for event in facts.records(mappings.LIST)) or mappings.FILE in facts.files:
        texts[mappings.FILE] = mappings.printed(facts.records(mappings.LIST))
    for therapy in facts.therapies:
        file = f"{THERAPIES}/{therapy.therapy.id}.json"
        if file in texts:
            report.add("duplicate-id", therapy.file, therapy.therapy.id, "The id is there twice.", "rename one.")
        texts[file] = print_therapy(therapy)
    count = sum(_count(text) for file, text in texts.items() if file != mappings.FILE)
    if not len(report) and count != facts.count():
        message = f"{facts.count()} records were read, {count} would be written."
        report.add("lost-records", "-", "-", message, "report this as a fault of `seed fmt`.")
    return texts, list(report)


def _count(text: str) -> int:
    """Records in the text of a file."""
    content = json.loads(text)
    if isinstance(content, list):
        return len(content)
    return 1 + sum(len(section) for section in content.values() if isinstance(section, list))


def _files_of_list(name: str, records: list[Any]) -> dict[str, list[Any]]:
    if name not in SPLIT:
        return {f"{name}.json": records}
    found: dict[str, list[Any]] = {}
    for record in records:
        found.setdefault(f"{name}/{getattr(record, SPLIT[name])}.json", []).append(record)
    return found


def _is_same(path: Path, text: str) -> bool:
    return path.exists() and path.read_bytes() == text.encode()


def _replace(path: Path, text: str) -> None:
    """Write a file whole or not at all: where the disk is full, the old one stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    target = path.resolve()
    new = target.with_name(f".{target.name}.new")
    try:
        new.write_bytes(text.encode())
        new.replace(target)
    except OSError:
        with suppress(OSError):
            new.unlink()
        raise


def print_list(records: Iterable[BaseModel]) -> str:
    """The canonical text of a list file: one record a line, sorted by id."""
    return _block(map(_line, sorted(records, key=key_of)), "") + "\n"


def print_therapy(file: TherapyFile) -> str:
    """The canonical text of a therapy file: one fact a line, each section sorted by natural key."""
    entries = []
    for key, value in _content(file.therapy).items():
        by_line = isinstance(value, list) and value and isinstance(value[0], dict)
        text = _block([json.dumps(item, ensure_ascii=False) for item in value], "    ") if by_line else None
        entries.append(f"    {json.dumps(key)}: {text or json.dumps(value, ensure_ascii=False)}")
    therapy = ",\n".join(entries)
    parts = [f'  "therapy": {{\n{therapy}\n  }}', f'  "curated_on": "{file.curated_on.isoformat()}"']
    facts = {key: sorted(file.facts(key), key=key_of) for key in sections()}
    parts += [f'  "{key}": {_block(map(_line, records), "  ")}' for key, records in facts.items() if records]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _line(record: BaseModel) -> str:
    return json.dumps(_content(record), ensure_ascii=False)


def _content(record: BaseModel) -> dict[str, Any]:
    """The record without its defaults: what names it first, where it was read last."""
    content = record.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    own = [
        field.alias or name for name, field in type(record).model_fields.items() if name in type(record).__annotations__
    ]
    evidence = ["source", "locator", "curated_on"]
    rank = {key: number for number, key in enumerate(own)} | {key: 1000 + n for n, key in enumerate(evidence)}
    return dict(sorted(content.items(), key=lambda item: rank.get(item[0], 500)))


def _block(lines: Iterable[str], indent: str) -> str:
    body = ",\n".join(f"{indent}  {line}" for line in lines)
    return f"[\n{body}\n{indent}]" if body else "[]"
