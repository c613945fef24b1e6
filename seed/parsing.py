"""Reading one file of JSON, or one list of records in it. Whatever is wrong with it is a finding."""

import datetime as dt
import json
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args

import orjson
from pydantic import BaseModel, FailFast, TypeAdapter, ValidationError

from app.nouns.paths import reader
from seed.findings import Report

AnyRecord = TypeVar("AnyRecord", bound=BaseModel)

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
SHOWN = 80
"""Characters that a finding shows of a wrong value."""
_ESCAPE = re.compile(r'\\[^"\\/]')
"""Of a character that the file does not show."""
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters by their category, of which nothing is seen."""


def parse(path: Path, file: str, shape: type, report: Report) -> Any:
    """The content of a file, if it is JSON of a shape (`list` or `dict`); else None."""
    duplicates: list[tuple[str, str]] = []

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            counted = Counter(key for key, _ in pairs)
            duplicates.extend((key, name_of(found)) for key, count in counted.items() if count > 1)
        return found

    try:
        text = path.read_bytes().decode("utf-8")
        content = json.loads(text, object_pairs_hook=unique, parse_constant=_number, parse_float=_number)
    except UnicodeDecodeError as error:
        report.add("broken-json", file, f"byte {error.start}", "The file is not UTF-8.", "save it as UTF-8.")
    except OSError as error:
        message = f"The file cannot be read: {error.strerror}."
        report.add("unreadable-file", file, "-", message, "put a file there that can be read.")
    except RecursionError:
        report.add("broken-json", file, "-", "The file is nested too deeply.", "see CONTRIBUTING.md.")
    except ValueError as error:
        where = f"line {error.lineno}" if isinstance(error, json.JSONDecodeError) else "-"
        report.add("broken-json", file, where, f"Not JSON: {error}.", "correct the JSON at that place.")
    else:
        if not isinstance(content, shape):
            wanted = "a list of records" if shape is list else "an object with `therapy` and its facts"
            report.add("broken-json", file, "-", f"The file is not {wanted}.", "see CONTRIBUTING.md.")
            return None
        for key, record in duplicates:
            report.add("duplicate-key", file, record, f"`{key}` is there twice.", "keep one of the two, or merge them.")
        if not _is_plain(text):
            _check_values(content, file, report)
        return content
    return None


def _number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:SHOWN]} is no number")
    return number


def _is_plain(text: str) -> bool:
    """Whether a file shows what it holds: then its values need not be looked at one by one."""
    letters = set(text) - {" ", "\n"}
    return all(letter.isprintable() and _is_visible(letter) for letter in letters) and (
        "\\" not in text or not _ESCAPE.search(text)
    )


def _check_values(content: Any, file: str, report: Report) -> None:
    """Find texts of which a reader sees something else, or nothing."""
    for place, value in _texts(content):
        if not value.isprintable():
            found = next(letter for letter in value if not letter.isprintable())
            message = f"The text holds {unicodedata.name(found, 'the character')} (U+{ord(found):04X})."
            fix = "remove it: a text is one line of visible characters and plain spaces."
            report.add("invisible-text", file, place, message, fix)
        elif value and not value.isascii() and not any(map(_is_visible, value)):
            report.add("invisible-text", file, place, "Nothing of the text is seen.", "write the text, or remove it.")


@cache
def _is_visible(letter: str) -> bool:
    return unicodedata.category(letter)[0] not in "CMZ" and letter not in _BLANK


def _texts(content: Any) -> Iterator[tuple[str, str]]:
    """Every text of a JSON value, keys too, with the record it is in."""
    waiting = [("", content)]
    while waiting:
        place, value = waiting.pop()
        if isinstance(value, Mapping):
            own = name_of(value)
            inside = f"{place} {own}".strip() if own != "-" else place
            yield from ((inside, key) for key in value)
            waiting += [(f"{inside} {key}".strip(), item) for key, item in value.items()]
        elif isinstance(value, list):
            waiting += [(f"{place}[{number}]", item) for number, item in enumerate(value)]
        elif isinstance(value, str):
            yield place or "-", value


def name_of(content: Any) -> str:
    """What a record calls itself, before it is validated."""
    known = content if isinstance(content, Mapping) else {}
    return " ".join(str(known[key])[:SHOWN] for key in ("id", "cohort", "event", "key") if known.get(key)) or "-"


def records(contents: Any, model: type[AnyRecord], file: str, section: str, report: Report) -> list[AnyRecord]:
    """The records of a list, each wrong one a finding and left out.

    Validation is strict: a number is no text, and a day is written `2026-11-21`.
    """
    if not isinstance(contents, list):
        report.add("bad-record", file, section, "Not a list of records.", "write a JSON list.")
        return []
    try:
        found = _adapter(model).validate_json(orjson.dumps(contents), strict=True)
    except (ValidationError, orjson.JSONEncodeError):  # then each by itself, to tell which are wrong, and of what
        found = []
        for number, content in enumerate(contents):
            place = f"{section}[{number}]"
            found += filter(None, [record(content, model, file, place, report)])
        return found
    for number, content in enumerate(contents):
        _check_days(content, model, file, f"{section}[{number}]", report)
    return found


@cache
def _adapter(model: type[AnyRecord]) -> TypeAdapter[list[AnyRecord]]:
    return TypeAdapter(Annotated[list[model], FailFast()])  # type: ignore[valid-type,arg-type]  # a model given


def record(content: Any, model: type[AnyRecord], file: str, place: str, report: Report) -> AnyRecord | None:
    """A record, or None where something in it is wrong."""
    name = f"{place} {name_of(content)}".removesuffix(" -")
    try:
        found = model.model_validate_json(orjson.dumps(content), strict=True)
    except orjson.JSONEncodeError as error:
        report.add("bad-value", file, name, f"A value is no JSON: {error}.", "correct the value.")
        return None
    except ValidationError as error:
        for problem in error.errors(include_url=False):
            where = ".".join(str(part) for part in problem["loc"]) or "record"
            code, fix = _FIXES.get(problem["type"], ("bad-value", "correct the value; {} says what it takes."))
            fix = fix.format(f"`{model.__name__}` in {model.__module__.replace('.', '/')}.py")
            report.add(code, file, name, f"`{where}`: {problem['msg']} (found {_shown(problem['input'])}).", fix)
        return None
    return found if _check_days(content, model, file, name, report) else None


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return "an object"
    return "a list" if isinstance(value, list) else json.dumps(value, ensure_ascii=False, default=str)[:SHOWN]


_FIXES = {
    "extra_forbidden": ("unknown-field", "correct the name, or remove the field; {} has the fields."),
    "missing": ("missing-field", "add the field."),
    "enum": ("unknown-value", "use one of the values named."),
    "less_than_equal": ("out-of-range", "read the figure in the source again."),
    "greater_than_equal": ("out-of-range", "read the figure in the source again."),
    "string_pattern_mismatch": (
        "malformed",
        "write ids of ours in small letters, digits and `-`, those of a register as it prints them.",
    ),
}


def _check_days(content: Any, model: type[BaseModel], file: str, place: str, report: Report) -> bool:
    """Whether days are written as days: the number of seconds since 1970, as a text, is read as a day too."""
    wrong = [(path, day) for path, read in _days_of(model) for day in read(content) if not is_day(day)]
    for path, value in wrong:
        report.add("bad-value", file, place, f"`{path}`: {_shown(value)} is no day.", "write the day so: 2026-11-21.")
    return not wrong


def is_day(value: Any) -> bool:
    """Whether a value is written as a day, such as `2026-11-21`."""
    return isinstance(value, str) and DAY.fullmatch(value) is not None


@cache
def _days_of(model: type[BaseModel]) -> list[tuple[str, Callable[[Mapping[str, Any]], Iterable[Any]]]]:
    """The days of a record: dotted paths, and what reads them."""
    return [(path, reader(path)) for path in _day_paths(model)]


def _day_paths(model: type[BaseModel]) -> list[str]:
    """Dotted paths of the days of a record."""
    found = []
    for name, field in model.model_fields.items():
        key = field.alias or name
        parts = list(_parts(field.annotation))
        found += [key] if dt.date in parts else []
        found += [f"{key}.{path}" for part in parts if _is_model(part) for path in _day_paths(part)]
    return found


def _parts(annotation: Any) -> Iterator[Any]:
    yield annotation
    for part in get_args(annotation):
        yield from _parts(part)


def _is_model(part: Any) -> bool:
    return isinstance(part, type) and issubclass(part, BaseModel)
