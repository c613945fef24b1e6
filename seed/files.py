"""The fact files: reading them into records, and printing records canonically.

A file is a JSON list of records (vocabularies, sources, statements), or a therapy file: the therapy and its facts.
"""

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from app.models.adverse_event import AdverseEventRecord
from app.models.base import Record
from app.models.cohort import CohortRecord
from app.models.indication import IndicationRecord
from app.models.mechanism import MechanismRecord
from app.models.source import SourceRecord
from app.models.statement import StatementRecord
from app.models.terms import ClassRecord, ConditionRecord, EventRecord, TargetRecord
from app.models.therapy import TherapyRecord
from app.models.warning import WarningRecord

FACTS = Path(__file__).parent / "facts"

AnyRecord = TypeVar("AnyRecord", bound=Record)


@dataclass(frozen=True)
class Finding:
    """Something wrong in the fact files: which check, where, what, and how to mend it."""

    code: str
    file: str
    record: str
    message: str
    mend: str

    def __str__(self) -> str:
        return f"{self.file}: {self.record}: [{self.code}] {self.message} Mend: {self.mend}"


@dataclass
class TherapyFile:
    """A therapy with all its facts, as one file holds them."""

    file: str
    curated_on: dt.date
    therapy: TherapyRecord
    mechanisms: list[MechanismRecord] = field(default_factory=list)
    indications: list[IndicationRecord] = field(default_factory=list)
    warnings: list[WarningRecord] = field(default_factory=list)
    cohorts: list[CohortRecord] = field(default_factory=list)
    adverse_events: list[AdverseEventRecord] = field(default_factory=list)

    @cached_property
    def facts(self) -> list[tuple[str, str, Any]]:
        """Kind, natural key and record of every fact."""
        return [(kind, record.natural_key(), record) for kind in FACT_KINDS for record in getattr(self, kind)]


FACT_KINDS: dict[str, type[Record]] = {
    "mechanisms": MechanismRecord,
    "indications": IndicationRecord,
    "warnings": WarningRecord,
    "cohorts": CohortRecord,
    "adverse_events": AdverseEventRecord,
}
"""Sections of a therapy file, in their order, and the record each holds."""


@dataclass
class Facts:
    """The whole fact base, as the files hold it."""

    classes: list[ClassRecord] = field(default_factory=list)
    targets: list[TargetRecord] = field(default_factory=list)
    conditions: list[ConditionRecord] = field(default_factory=list)
    events: list[EventRecord] = field(default_factory=list)
    sources: list[SourceRecord] = field(default_factory=list)
    statements: list[StatementRecord] = field(default_factory=list)
    therapies: list[TherapyFile] = field(default_factory=list)


LISTS: dict[str, type[Record]] = {
    "classes": ClassRecord,
    "targets": TargetRecord,
    "conditions": ConditionRecord,
    "events": EventRecord,
    "statements": StatementRecord,
    "sources": SourceRecord,
}
"""Lists of records: `<name>.json`, or a folder `<name>/` of such files, and the record they hold."""


def read(folder: Path = FACTS) -> tuple[Facts, list[Finding]]:
    """Read every fact file below a folder. What cannot be read is a finding, and is left out of the facts."""
    facts, findings = Facts(), list[Finding]()
    if not (folder / "therapies").is_dir():
        mend = "name the folder that holds therapies/ and the vocabulary files."
        return facts, [Finding("no-facts", str(folder), "-", "There is no therapies/ folder here.", mend)]
    for name, model in LISTS.items():
        for path in [folder / f"{name}.json", *sorted((folder / name).glob("*.json"))]:
            if not path.exists():
                continue
            content = _parse(path, folder, list, findings)
            file = path.relative_to(folder).as_posix()
            getattr(facts, name).extend(_records(content or [], model, file, name, findings))
    for path in sorted((folder / "therapies").glob("*.json")):
        content = _parse(path, folder, dict, findings)
        if content is not None:
            therapy = _therapy(content, path.relative_to(folder).as_posix(), findings)
            if therapy:
                facts.therapies.append(therapy)
    return facts, findings


def _parse(path: Path, folder: Path, shape: type, findings: list[Finding]) -> Any:
    file = path.relative_to(folder).as_posix()
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        findings.append(
            Finding("broken-json", file, f"byte {error.start}", "The file is not UTF-8.", "save it as UTF-8.")
        )
    except RecursionError:
        findings.append(Finding("broken-json", file, "-", "The file is nested too deeply.", "see CONTRIBUTING.md."))
    except ValueError as error:
        where = f"line {error.lineno}" if isinstance(error, json.JSONDecodeError) else "-"
        findings.append(Finding("broken-json", file, where, f"Not JSON: {error}.", "correct the JSON at that place."))
    else:
        if isinstance(content, shape):
            return content
        wanted = "a list of records" if shape is list else "an object with `therapy` and its facts"
        findings.append(Finding("broken-json", file, "-", f"The file is not {wanted}.", "see CONTRIBUTING.md."))
    return None


def _records(
    contents: Any, model: type[AnyRecord], file: str, section: str, findings: list[Finding]
) -> list[AnyRecord]:
    if not isinstance(contents, list):
        findings.append(Finding("bad-record", file, section, "Not a list of records.", "write a JSON list."))
        return []
    try:
        return _adapter(model).validate_python(contents)
    except ValidationError:  # then each by itself, to tell which are wrong, and of what
        pass
    records = []
    for number, content in enumerate(contents):
        record = _record(content, model, file, f"{section}[{number}]", findings)
        if record:
            records.append(record)
    return records


@cache
def _adapter(model: type[AnyRecord]) -> TypeAdapter[list[AnyRecord]]:
    return TypeAdapter(list[model])  # type: ignore[valid-type]  # a model given


def _record(content: Any, model: type[AnyRecord], file: str, place: str, findings: list[Finding]) -> AnyRecord | None:
    try:
        return model.model_validate(content)
    except ValidationError as error:
        known = content if isinstance(content, dict) else {}
        name = " ".join([place, *(str(known[key]) for key in ("id", "cohort", "event", "key") if known.get(key))])
        for problem in error.errors():
            where = ".".join(str(part) for part in problem["loc"]) or "record"
            code, mend = _MENDS.get(
                problem["type"], ("bad-value", "correct the value; CONTRIBUTING.md lists the fields.")
            )
            shown = json.dumps(problem["input"], default=str)[:80]
            findings.append(Finding(code, file, name, f"`{where}`: {problem['msg']} (found {shown}).", mend))
        return None


_MENDS = {
    "extra_forbidden": ("unknown-field", "remove the field or correct its name; CONTRIBUTING.md lists the fields."),
    "missing": ("missing-field", "add the field; a fact without its source and locator is not one."),
    "enum": ("unknown-value", "use one of the values named."),
    "less_than_equal": ("out-of-range", "read the figure in the source again."),
    "greater_than_equal": ("out-of-range", "read the figure in the source again."),
    "string_pattern_mismatch": ("malformed", "write the identifier exactly as its register prints it."),
}


def _therapy(content: dict[str, Any], file: str, findings: list[Finding]) -> TherapyFile | None:
    unknown = [key for key in content if key not in {"therapy", "curated_on", *FACT_KINDS}]
    for key in unknown:
        mend = f"use one of: therapy, curated_on, {', '.join(FACT_KINDS)}."
        findings.append(Finding("unknown-field", file, key, f"`{key}` is no section of a therapy file.", mend))
    sections = {
        name: _records(content.get(name, []), model, file, name, findings) for name, model in FACT_KINDS.items()
    }
    therapy = _record(content.get("therapy"), TherapyRecord, file, "therapy", findings)
    try:
        curated_on = dt.date.fromisoformat(str(content.get("curated_on")))
        if curated_on > dt.datetime.now(dt.UTC).date():
            raise ValueError
    except ValueError:
        mend = "write the day on which the facts were read, such as 2026-11-21."
        findings.append(Finding("bad-value", file, "curated_on", "No date of the past.", mend))
        return None
    return TherapyFile(file, curated_on, therapy, **sections) if therapy else None  # type: ignore[arg-type]  # the sections' types are those of FACT_KINDS, which mypy cannot see through


def _line(record: Record) -> str:
    return json.dumps(_content(record), ensure_ascii=False)


def _content(record: Record) -> dict[str, Any]:
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


def print_list(records: Iterable[Record]) -> str:
    """The canonical text of a list file: one record a line, sorted by id."""
    return _block(sorted(map(_line, records), key=lambda line: _sort_key(json.loads(line))), "") + "\n"


def _sort_key(content: dict[str, Any]) -> str:
    return str(content.get("id") or f"{content.get('source')}.{content.get('key')}")


def print_therapy(file: TherapyFile) -> str:
    """The canonical text of a therapy file: one fact a line, each section sorted by natural key."""
    entries = []
    for key, value in _content(file.therapy).items():
        by_line = isinstance(value, list) and value and isinstance(value[0], dict)
        text = _block([json.dumps(item, ensure_ascii=False) for item in value], "    ") if by_line else None
        entries.append(f"    {json.dumps(key)}: {text or json.dumps(value, ensure_ascii=False)}")
    therapy = ",\n".join(entries)
    sections = [f'  "therapy": {{\n{therapy}\n  }}', f'  "curated_on": "{file.curated_on.isoformat()}"']
    for name in FACT_KINDS:
        records = sorted(getattr(file, name), key=lambda record: record.natural_key())
        if records:
            sections.append(f'  "{name}": {_block(map(_line, records), "  ")}')
    return "{\n" + ",\n".join(sections) + "\n}\n"


def format_all(folder: Path = FACTS, write: bool = True) -> tuple[list[str], list[Finding]]:
    """Rewrite every readable file canonically. Answers the files that differed, and what could not be read.

    Sources are printed into one file a kind, whichever file they stood in.
    """
    facts, findings = read(folder)
    if findings:
        return [], findings
    texts = {f"{name}.json": print_list(getattr(facts, name)) for name in LISTS if name != "sources"}
    for kind in {source.kind for source in facts.sources}:
        texts[f"sources/{kind}.json"] = print_list(source for source in facts.sources if source.kind == kind)
    for therapy in facts.therapies:
        texts[f"therapies/{therapy.therapy.id}.json"] = print_therapy(therapy)
    present = {path.relative_to(folder).as_posix() for path in folder.rglob("*.json")} - {"exceptions.json"}
    stale = present - set(texts)
    changed = [
        file
        for file, text in texts.items()
        if file not in present or (folder / file).read_text(encoding="utf-8") != text
    ]
    if write:
        for file in changed:
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_text(texts[file], encoding="utf-8")
        for file in stale:
            (folder / file).unlink()
    return sorted([*changed, *stale]), []
