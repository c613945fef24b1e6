"""How values are written for people to read."""

from collections.abc import Callable, Iterable
from typing import Any

LABELS = {
    "any_percent": "any grade",
    "severe_percent": "severe (grade 3 and up)",
    "patients_at_risk": "N",
    "nct_id": "ClinicalTrials.gov",
    "pmid": "PubMed",
    "doi": "DOI",
    "rems": "REMS",
    "true": "yes",
    "false": "no",
    "unknown": "not known",
    "HC": "Health Canada",
    "q": "words",
}
"""What is called otherwise than its key says."""
FORMATS = {
    "csv": "CSV",
    "jsonl": "JSON Lines",
    "parquet": "Parquet",
    "xlsx": "Excel",
    "bibtex": "BibTeX",
    "ris": "RIS",
    "csl-json": "CSL-JSON",
    "jsonld": "JSON-LD",
    "svg": "SVG",
    "vega-lite": "Vega-Lite",
}
"""Formats as they are called."""


def words(value: Any) -> str:
    """A key or a word of a vocabulary as words: `second_or_later` is second or later."""
    text = str(value)
    if text in LABELS or isinstance(value, bool):
        return plain(value)
    return text.replace("_", " ").replace("-", " ").replace(".", ", ")


def plain(value: Any) -> str:
    """A word of a vocabulary without its underscores, or yes and no; names keep their dashes."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return LABELS.get(text, text.replace("_", " "))


def number(value: Any) -> str:
    """A whole number, its thousands apart."""
    return f"{value:,}" if isinstance(value, int) else str(value)


def heading(value: Any) -> str:
    """The same as `words`, with a capital."""
    text = words(value)
    return text[:1].upper() + text[1:]


def cut(value: Any, length: int) -> str:
    """A text, cut at a word where it is longer."""
    text = str(value)
    return text if len(text) <= length else text[:length].rsplit(" ", 1)[0] + " …"


def percent(rate: Any) -> str:
    """A rate as its source prints it: a percent, or less or more than one."""
    for key, sign in (("percent", ""), ("percent_below", "< "), ("percent_above", "> ")):
        if rate and rate.get(key) is not None:
            return f"{sign}{rate[key]} %"
    return ""


def interval(bounds: Any) -> str:
    """The bounds of an interval."""
    return f"{bounds[0]} to {bounds[1]}" if bounds else ""


def figure(outcome: Any) -> str:
    """The figure of an outcome as its source prints it, with its unit, or n and N."""
    shown = percent(outcome.get("share")) or percent(outcome)
    if not shown and outcome.get("value") is not None:
        shown = " ".join(filter(None, [str(outcome["value"]), outcome.get("unit")]))
    n, of = outcome.get("patients"), outcome.get("denominator")
    counted = f"{n} of {of}" if n is not None and of else f"of {of}" if of else ""
    shown = shown or plain(outcome.get("value_status") or "") or f"p {outcome.get('p_value') or 'not stated'}"
    return f"{shown} ({counted})" if shown and counted else shown or counted


def printed(bounds: Any) -> str:
    """An interval as printed: words where an end is no figure, and its level."""
    if not bounds:
        return ""
    low, high = (
        bounds[end] if bounds[end] is not None else plain(bounds[f"{end}_status"] or "?") for end in ("low", "high")
    )
    return f"{bounds['level']} % interval: {low} to {high}" if bounds.get("level") else f"{low} to {high}"


def history(indication: Any) -> str:
    """What an agency did about an indication, oldest first; how it stands, where no action is known."""
    return " → ".join(map(_step, indication.get("history") or ())) or plain(indication["status"])


def _step(step: Any) -> str:
    kind = step.get("approval_type")
    said = f"{plain(step['action'])} {step['on'] or 'on a day not stated'}"
    return f"{said} ({plain(kind)})" if kind and kind != "regular" else said


def listed(values: Iterable[Any]) -> str:
    """Words of a vocabulary with commas."""
    return ", ".join(plain(value) for value in values)


def said(value: Any) -> str:
    """Any value of a record in short: of other records what they are called."""
    if isinstance(value, dict):
        called = next((value[key] for key in ("name", "title", "label", "id") if value.get(key)), None)
        parts = (f"{plain(key)}: {said(part)}" for key, part in value.items() if part not in (None, [], {}))
        return str(called) if called else "; ".join(parts)
    if isinstance(value, list):
        return ", ".join(map(said, value)) or "none"
    return plain(value)


def format_name(value: str) -> str:
    """A format as it is called."""
    return FORMATS.get(value, value)


FILTERS: dict[str, Callable[..., str]] = {
    function.__name__: function for function in (words, plain, number, heading, cut, interval, history, listed, said)
}
