"""The picture of outcomes compared: for each endpoint and trial, its arms, and what is stated between them."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from app.pictures import forest
from app.pictures.forest import Axis, Group, Row, named_within
from app.pictures.frame import Caption, Document, Plot, Sources, listed, question

AXES = (
    Axis("Patients, %"),
    Axis("Ratio of the arms, log scale", log=True),
    Axis("Median, months"),
    Axis("Efficacy or reduction, %"),
    Axis("Difference, percentage points"),
)
MOST_AXES = 3
"""Axes that find room side by side: what is on others is in words."""
_BY_MEASURE = {
    **dict.fromkeys(("proportion", "with_event", "probability_at_time"), 0),
    **dict.fromkeys(("hazard_ratio", "relative_risk", "odds_ratio", "rate_ratio", "geometric_mean_ratio"), 1),
    **dict.fromkeys(("vaccine_efficacy", "relative_reduction"), 3),
}
_BY_UNIT = {("median", "months"): 2, ("difference", "percentage points"): 4}
"""The axis of a figure, by its measure, or by that and its unit; others are in words."""
_UNITS = {"percent": "%", "percentage points": "pp", "months": "mo", None: ""}


def plot(document: Document, address: str = "") -> Plot:
    """The forest plot of an answer of `/outcomes/compare`; `address` is where the service is."""
    sources = Sources()
    groups = [
        Group(_heading(item, trial), list(_rows(trial, sources)))
        for item in document["items"]
        for trial in item["trials"]
    ]
    used = Counter(row.axis for each in groups for row in each.rows if row.axis is not None)
    drawn = {axis for axis, _ in used.most_common(MOST_AXES)}
    groups = [
        replace(each, rows=[row if row.axis in drawn else replace(row, axis=None) for row in each.rows])
        for each in groups
    ]
    names = [item["endpoint"]["name"] for item in document["items"]]
    cautions = [text for item in document["items"] for text in item["cautions"]]
    caption = Caption(
        kind="forest plot",
        title=f"Outcomes: {listed(names) or 'none'}",
        measured="Figures and intervals as the source prints them; * is computed (of shares of patients: n, percent, "
        "Wilson 95 % interval). Arms: dots, comparators open. Between arms: diamonds. Figures without an axis here are "
        "in words (mo: months, NR: not reached, NE: not estimable).",
        query=question(document),
        notes=[*document["cautions"], *cautions],
        sources=sources.named,
        release=document["release"],
        permalink=address + document["permalink"],
    )
    return forest.plot(caption, AXES, groups, whole=True)


def _heading(item: Mapping[str, Any], trial: Mapping[str, Any]) -> str:
    """The endpoint and the trial."""
    name = item["endpoint"]["name"]
    where = trial["trial"]["name"] if trial["trial"] else "no single trial"
    return f"{name[:1].upper()}{name[1:]}: {where}"


def _rows(trial: Mapping[str, Any], sources: Sources) -> Iterator[Row]:
    """The arms, those with the same measure and time together; then what is between them."""
    name = trial["trial"]["name"] if trial["trial"] else ""
    kinds = list(dict.fromkeys(_kind(outcome) for outcome in trial["arms"]))
    arms = {outcome["cohort"]["id"] for outcome in trial["arms"]}
    for outcome in sorted(trial["arms"], key=lambda outcome: kinds.index(_kind(outcome))):
        yield _row(outcome, f"{_kind(outcome)}, {named_within(outcome['cohort']['label'], name)}", sources)
    for outcome in trial["between_arms"]:
        pair = outcome["cohort"], outcome["against"]
        arms_named = " vs ".join(named_within(cohort["label"], name) for cohort in pair)
        row = _row(outcome, f"{_kind(outcome)}, {arms_named}", sources)
        both = tuple(cohort["id"] for cohort in pair)
        yield replace(row, key="", reference=False, contrast=True, between=both if arms.issuperset(both) else ())


def _kind(outcome: Mapping[str, Any]) -> str:
    """What the figure is, and at which time."""
    time = outcome["time"]
    at = "" if not time else time["text"] or f"{time['value']:g} {time['unit']}"
    if outcome["measure"] == "probability_at_time" and at:
        return f"at {at}"
    name = {"hazard_ratio": "HR", "with_event": "with the event"}.get(outcome["measure"])
    name = name or outcome["measure"].replace("_", " ")
    return f"{name} ({at})" if at else name


def _row(outcome: Mapping[str, Any], label: str, sources: Sources) -> Row:
    share, evidence = outcome["share"] or {}, outcome["evidence"]
    measure, unit = outcome["measure"], outcome["unit"]
    patients = share.get("patients", outcome["patients"])
    mark = "*" * ("patients" in share.get("computed", ()))
    of = outcome["denominator"]
    said = [evidence["source"]["title"], evidence["locator"], outcome["reported_endpoint"]]
    said += [outcome["population"]] if outcome["population"] else []
    value = share.get("percent") if outcome["value"] is None else outcome["value"]
    value = outcome["percent"] if value is None else value
    return Row(
        key=outcome["cohort"]["id"],
        label=label + (f" [{outcome['population']}]" if outcome["population"] else ""),
        counts=f"{patients}{mark}/{of or '?'}" if patients is not None else f"N {of}" if of else "",
        figures=_figures(outcome, value),
        source=sources.cite(evidence),
        said=", ".join(said),
        axis=_BY_MEASURE.get(measure, _BY_UNIT.get((measure, unit))),
        value=value,
        interval=_interval(outcome),
        below=outcome["percent_below"],
        reference=bool(outcome["cohort"].get("comparator")),
    )


def _interval(outcome: Mapping[str, Any]) -> tuple[float | None, float | None] | None:
    """The interval as printed, else as computed."""
    printed, share = outcome["interval"], outcome["share"] or {}
    if printed:
        return printed["low"], printed["high"]
    return (share["ci95"][0], share["ci95"][1]) if share.get("ci95") else None


def _figures(outcome: Mapping[str, Any], value: float | None) -> str:
    """The figure with its unit and interval, or the word or test that is printed instead."""
    share = outcome["share"] or {}
    is_percent = _BY_MEASURE.get(outcome["measure"]) == 0
    unit = "%" if is_percent else _UNITS.get(outcome["unit"], outcome["unit"])
    if value is None:
        return _without_figure(outcome)
    text = f"{value:g}{'*' * ('percent' in share.get('computed', ()))}"
    printed = outcome["interval"]
    ends: list[str] = []
    if printed:
        ends = [_end(printed, end) for end in ("low", "high")]
    elif share.get("ci95"):
        ends = [f"{end:.1f}" for end in share["ci95"]]
    level = f"{printed['level']:g} % CI " if printed and printed["level"] != 95 else ""
    interval = f" ({level}{' to '.join(ends)}){'' if printed else '*'}" if ends else ""
    return f"{text} {unit}".rstrip() + interval


def _end(printed: Mapping[str, Any], end: str) -> str:
    """An end of an interval, or the word that stands there."""
    if printed[end] is not None:
        return f"{printed[end]:g}"
    return {"not_reached": "NR", "not_estimable": "NE"}.get(printed[f"{end}_status"], "?")


def _without_figure(outcome: Mapping[str, Any]) -> str:
    words = [
        f"< {outcome['percent_below']:g} %" if outcome["percent_below"] is not None else None,
        f"> {outcome['percent_above']:g} %" if outcome["percent_above"] is not None else None,
        str(outcome["value_status"] or "").replace("_", " "),
        f"p {outcome['p_value']}" if outcome["p_value"] else None,
    ]
    return next(filter(None, words), "no figure")
