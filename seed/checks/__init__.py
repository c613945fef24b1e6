"""The checks: what must be true of the fact base before it may be loaded. Each is a row: code, sentence, function.

All findings are collected. One that is right as it is has an entry with its reason in `exceptions.json`; an entry that
no finding needs any more is a finding itself.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from seed.checks import (
    conditions,
    histories,
    indications,
    outcomes,
    products,
    rates,
    references,
    sources,
    standing,
    trials,
    wording,
)
from seed.checks.references import Found
from seed.files import EXCEPTIONS, Facts
from seed.findings import Finding, Report, TooManyFindingsError
from seed.parsing import parse, records


class _Exception(BaseModel):
    """A finding that is right as it is, and why."""

    model_config = ConfigDict(extra="forbid")

    code: str
    file: str
    record: str
    reason: str = ""


@dataclass(frozen=True)
class Check:
    """One thing that must be true."""

    code: str
    sentence: str
    fix: str
    function: Callable[[Facts], Found]


def findings_of(facts: Facts, folder: Path) -> list[Finding]:
    """Run every check, and weigh the findings against the exceptions of the folder."""
    report = Report()
    needed = set()
    try:
        excused = _excused(folder, report)
        for check in CHECKS:
            for file, record, message in check.function(facts):
                if (check.code, file, record) in excused:
                    needed.add((check.code, file, record))
                else:
                    report.add(check.code, file, record, message, check.fix)
        fix = "remove the entry."
        for entry in sorted(excused - needed):
            report.add("stale-exception", EXCEPTIONS, " ".join(entry), "No finding needs it any more.", fix)
    except TooManyFindingsError:
        pass
    return list(report)


def _excused(folder: Path, report: Report) -> set[tuple[str, str, str]]:
    path = folder / EXCEPTIONS
    if not path.is_symlink() and not path.exists():
        return set()
    content = parse(path, EXCEPTIONS, list, report)
    entries = records(content or [], _Exception, EXCEPTIONS, "exceptions", report)
    return {(entry.code, entry.file, entry.record) for entry in entries if entry.reason}


CHECKS = (
    Check("duplicate-id", "Ids and natural keys are unique.", "rename one, or add a `key`.", references.duplicate_ids),
    Check("duplicate-name", "A name leads to one record.", "keep it where it belongs.", references.duplicate_names),
    Check(
        "unknown-reference",
        "What is referred to exists.",
        "correct the id, or add the record.",
        references.unknown_references,
    ),
    Check("cycle", "Trees have no cycles.", "remove one of the parents.", references.cycles),
    Check(
        "area",
        "A condition is in the area of a parent.",
        "correct the area or the parents.",
        references.areas_of_conditions,
    ),
    Check(
        "excluded-parent",
        "A condition is below none that excludes it.",
        "correct its parents.",
        conditions.excluded_by_parents,
    ),
    Check(
        "gene",
        "A protein target is an HGNC symbol.",
        "add its `hgnc:` id, or correct the kind.",
        references.targets_of_genes,
    ),
    Check(
        "source-in-full",
        "A source can be found again.",
        "read the missing part in the source.",
        sources.sources_in_full,
    ),
    Check(
        "label-copy",
        "A label that others copied is said to be a copy.",
        "set `kind` and `level` to `label_copy`, or cite the regulator's.",
        sources.copies_as_such,
    ),
    Check(
        "newer-revision",
        "A source is superseded where a newer revision of it is here.",
        "set `standing` and `superseded_by`; cite the newer one where it says the same.",
        sources.superseded_as_such,
    ),
    Check(
        "author-kind",
        "Authors are people or organisations, as is said.",
        "set `author_kind`.",
        sources.kinds_of_authors,
    ),
    Check("undated", "A fact says when it was read.", "add the day of reading.", sources.days_of_reading),
    Check("unused-source", "Every source is cited.", "remove the source.", sources.unused_sources),
    Check(
        "shared-brand",
        "A brand is one therapy's, an id one product's.",
        "find which therapy the register means.",
        products.shared_brands,
    ),
    Check(
        "shared-row",
        "A row that several products share is said to be shared, and discontinues none.",
        "say `shared by` in the locator; give the status of the licence.",
        products.shared_rows,
    ),
    Check("date-order", "Dates are in order.", "read the dates in the sources again.", standing.dates_in_order),
    Check(
        "indication-product",
        "An indication has its products, named to the letter.",
        "correct agency or brand, or add the product.",
        products.uses_of_products,
    ),
    Check(
        "on-the-market",
        "An indication is active while a product is on the market.",
        "add what ended it, or correct the product.",
        products.uses_on_the_market,
    ),
    Check(
        "provisional",
        "An accelerated or conditional approval was seen to be one in the last two years.",
        "open a newer document; add it to `seen`, or the conversion to `approvals`.",
        products.provisional_uses_are_seen,
    ),
    Check(
        "successor",
        "An indication does not stand beside its successor.",
        "make them one, with the widening as an action.",
        products.superseded_uses,
    ),
    Check(
        "first-approval",
        "No product without a day may be older than the first approval.",
        "read the day in its register.",
        products.first_approvals_known,
    ),
    Check(
        "standing", "A therapy has a standing.", "add a product or `stated_status`.", standing.therapies_with_standing
    ),
    Check(
        "registry",
        "An identifier's register is known.",
        "correct the prefix, or add it there.",
        standing.known_registries,
    ),
    Check(
        "contradiction",
        "A file does not contradict itself.",
        "correct what is wrong of the two.",
        standing.contradictions,
    ),
    Check(
        "history-order",
        "A history begins with an approval.",
        "read the dates in the sources again.",
        histories.histories_in_order,
    ),
    Check(
        "no-history",
        "An indication has its history.",
        "add its action to `approvals`; leave out `on` where no source says when.",
        histories.histories_there,
    ),
    Check(
        "line",
        "A line of therapy that a text states is a field too.",
        "fill `line`, or say in the text what else holds.",
        indications.lines_filled,
    ),
    Check("age", "An age that a text states is a field too.", "fill `age_groups`.", indications.ages_filled),
    Check(
        "age-group",
        "Age groups agree with the lowest age and with the condition.",
        "read in the label to which condition the age belongs.",
        indications.ages_agree,
    ),
    Check("cutoff", "Cut-offs have one spelling.", "write `≥1%`, `IHC 3+`, `ng/mL`.", indications.cutoffs_alike),
    Check(
        "approval-type",
        "A kind of approval that a text states is in the history.",
        "add `approval_type` to the action.",
        indications.types_filled,
    ),
    Check("no-rate", "An adverse event has its rates.", "read the row in the source again.", rates.rates_there),
    Check("n-over-N", "n is at most N.", "read the row and its N in the source again.", rates.counts_within),
    Check(
        "percent", "n/N agrees with the percent.", "read the row and its N again; else excuse it.", rates.percents_agree
    ),
    Check(
        "severe-over-any", "Severe is at most any grade.", "read the row in the source again.", rates.severe_within_any
    ),
    Check("arm-size", "An arm has one N.", "read both; say `population` where they differ.", rates.arms_agree),
    Check("one-arm", "An arm is one cohort.", "write `same_as`, or say how they differ.", rates.arms_once),
    Check("serious", "A count of serious events is marked so.", "set `serious`.", wording.serious_as_such),
    Check(
        "fatal",
        "Deaths from one kind of event are of that event.",
        "file it under the event, with grade 5.",
        wording.fatal_events_of_any_kind,
    ),
    Check("pooled", "A cohort of several trials is pooled.", "set `pooled`.", wording.pooled_as_such),
    Check(
        "part", "A part of an event says which part.", "write `subset`, by what and in words.", wording.parts_as_such
    ),
    Check("low-grades", "Grades 1 to 4 are not all grades.", "write grades `1-4`.", wording.low_grades_as_such),
    Check(
        "outcome-figure",
        "An outcome has a figure, in the field for it.",
        "read the figure in the source, or move it to its field.",
        outcomes.figures_there,
    ),
    Check(
        "outcome-arms",
        "What is between arms names both, of one trial.",
        "set or remove `against`, or correct `trial_id` of the cohorts.",
        outcomes.between_arms,
    ),
    Check(
        "outcome-counts",
        "n/N of an outcome agrees with its percent.",
        "read n, N and percent again; set `adjusted` where the source says that it is an estimate.",
        outcomes.counts_agree,
    ),
    Check(
        "outcome-interval",
        "The figure of an outcome lies within its interval.",
        "read the interval again.",
        outcomes.intervals_hold,
    ),
    Check(
        "outcome-once",
        "What a source states of an arm is in one file.",
        "keep it in the file of the arm that the others name in `same_as`.",
        trials.outcomes_once,
    ),
    Check(
        "trial-once",
        "A trial is one record.",
        "merge them: names into `synonyms`, numbers into `nct_ids`, `trial_id` of the cohorts.",
        trials.trials_once,
    ),
)


def described() -> list[tuple[str, str]]:
    """Code and sentence of every check, for the documentation."""
    return [(check.code, check.sentence) for check in CHECKS]
