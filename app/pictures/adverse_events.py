"""The picture of adverse events compared: arms with percent, interval and N, and differences within one trial."""

from collections.abc import Iterator, Mapping
from typing import Any

from app.pictures import forest
from app.pictures.forest import Axis, Group, Row, named_within
from app.pictures.frame import Caption, Document, Plot, Sources, listed, question
from app.pictures.svg import signed

AXES = (Axis("Patients with the event, %"), Axis("Difference within a trial, percentage points (pp)"))


def plot(document: Document, address: str = "") -> Plot:
    """The forest plot of an answer of `/adverse-events/compare`; `address` is where the service is."""
    cohorts = {cohort["id"]: cohort for cohort in document["cohorts"]}
    sources = Sources()
    groups = [Group(_heading(item), list(_rows(item, cohorts, sources))) for item in document["items"]]
    names = list(dict.fromkeys(item["event"]["name"] for item in document["items"]))
    grade = "severe (grade 3 and up)" if document["query"].get("severity") == "severe" else "any grade"
    caption = Caption(
        kind="forest plot",
        title=f"Adverse events, {grade}: {listed(names) or 'none'}",
        measured="Percent of patients (n/N), with computed 95 % intervals (arms: Wilson; differences: Newcombe). "
        "* is computed from what is printed; a comparator is drawn open, a difference as a diamond.",
        query=question(document),
        notes=document["cautions"],
        sources=sources.named,
        release=document["release"],
        permalink=address + document["permalink"],
    )
    return forest.plot(caption, AXES, groups)


def _heading(item: Mapping[str, Any]) -> str:
    """The event, and how it was counted, where that is not the usual way."""
    how = [item["kind"]] if item["kind"] != "clinical" else []
    how += [item["causality"].replace("_", "-")] if item["causality"] != "all_cause" else []
    how += ["serious"] if item["serious"] else []
    how += [item["subset"]["text"]] if item["subset"] else []
    return f"{item['event']['name']} ({', '.join(how)})" if how else str(item["event"]["name"])


def _rows(item: Mapping[str, Any], cohorts: Mapping[str, Any], sources: Sources) -> Iterator[Row]:
    for row in item["rows"]:
        yield _arm(row, cohorts[row["cohort"]], sources)
    for contrast in item["contrasts"]:
        yield _contrast(contrast, cohorts)


def _arm(row: Mapping[str, Any], cohort: Mapping[str, Any], sources: Sources) -> Row:
    counted, at_risk, computed = row["patients"], row["patients_at_risk"], row["computed"]
    of = f"{at_risk}" if at_risk is not None else "?"
    evidence = row["evidence"]
    said = [evidence["source"]["title"], evidence["locator"]]
    said += [f"reported as {row['reported_term']}"] if row["reported_term"] else []
    return Row(
        key=row["cohort"],
        label=cohort["label"],
        counts=f"{counted}{'*' * ('patients' in computed)}/{of}" if counted is not None else f"N {of}",
        figures=_figures(row),
        source="".join(map(sources.cite, (evidence, *(other["evidence"] for other in row["agreeing"])))),
        said=", ".join(said),
        value=row["percent"],
        interval=tuple(row["ci95"]) if row["ci95"] else None,
        below=row["percent_below"],
        reference=cohort["comparator"],
    )


def _figures(row: Mapping[str, Any]) -> str:
    if row["percent"] is None:
        if row["percent_below"] is not None:
            return f"< {row['percent_below']:g} %"
        return f"{row['frequency_band'].replace('_', ' ')}, no figure" if row["frequency_band"] else "no figure"
    mark = "*" * ("percent" in row["computed"])
    interval = " ({:.1f} to {:.1f})".format(*row["ci95"]) if row["ci95"] else ""
    return f"{row['percent']:g}{mark} %{interval}"


def _contrast(contrast: Mapping[str, Any], cohorts: Mapping[str, Any]) -> Row:
    arm, reference = contrast["arm"]["cohort"], contrast["reference"]["cohort"]
    difference, ratio = contrast["risk_difference"], contrast["risk_ratio"]
    named = [named_within(cohorts[key]["label"], contrast["trial"]) for key in (arm, reference)]
    said = f"Computed within {contrast['trial']}"
    if ratio["value"] is not None and ratio["ci95"]:
        said += "; risk ratio {:.2f} ({:.2f} to {:.2f})".format(ratio["value"], *ratio["ci95"])
    return Row(
        key="",
        label=" − ".join(named),
        counts="",
        figures="{} pp ({} to {})".format(*map(signed, (difference["points"], *difference["ci95"]))),
        source="",
        said=f"{said}. {contrast['note'] or ''}",
        axis=1,
        value=difference["points"],
        interval=(difference["ci95"][0], difference["ci95"][1]),
        contrast=True,
        between=(arm, reference),
    )
