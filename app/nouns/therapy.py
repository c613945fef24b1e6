"""Therapies: the medicine under its INN, its products and identifiers, and what is known of it."""

from collections.abc import Iterator
from typing import Any

from app.nouns.dates import bounds, day_of
from app.nouns.declaration import Join, Noun, Reference
from app.nouns.filters import AsOfFilter, FlagFilter, TermFilter
from app.nouns.first_approvals import FIRST_APPROVAL_FILTERS, FIRST_APPROVAL_SORTS
from app.nouns.indication import NOUN as INDICATIONS
from app.nouns.paths import Document, at, values_at
from app.nouns.product import (
    PRODUCT_FILTERS,
    product_rows,
)
from app.nouns.therapy_forms import (
    EMBEDDED,
    KINDS,
    FactKind,
    Therapy,
    TherapyRecord,
    TherapySummary,
    TherapyTable,
    compute,
    finish,
)
from app.vocabulary import Agency, Coverage, TherapyStatus


def _sources(therapy: Document) -> list[str]:
    parts = [therapy, *(part for key in ("products", *EMBEDDED) for part in therapy.get(key, ()) if key != "cohorts")]
    return [part["evidence"]["source"]["id"] for part in parts]


def _shown(therapy: Document) -> dict[str, list[Any]]:
    """What the list form says rests on: what the therapy is, its products, targets, indications and boxed warnings."""
    return {
        "evidence": [{"evidence": therapy["evidence"]}],
        "products": therapy["products"],
        "mechanisms": [mechanism for mechanism in therapy["mechanisms"] if mechanism["target"]],
        "indications": therapy["indications"],
        "warnings": [warning for warning in therapy["warnings"] if warning["level"] == "boxed"],
    }


def _own_sources(therapy: Document) -> list[str]:
    return [part["evidence"]["source"]["id"] for part in (therapy, *therapy["products"])]


def _names(therapy: Document) -> Iterator[tuple[str, str | None]]:
    yield "id", therapy["id"]
    yield "name", therapy["name"]
    yield from (("brand", brand) for brand in therapy["brand_names"])
    yield from (("synonym", synonym) for synonym in therapy["synonyms"])
    yield from (("synonym", product["proper_name"]) for product in therapy["products"])
    yield from (("code", code) for code in therapy["codes"])
    yield from (("identifier", known["id"]) for known in therapy["identifiers"])
    yield from (("identifier", product["application"]) for product in therapy["products"])


def _first_approved(therapy: Document) -> list[str | None]:
    """When it was first approved, as far as that is known; older releases knew days only."""
    return values_at(therapy, "first_approval.on") or values_at(therapy, "first_approval.date")


NOUN = Noun(
    name="therapies",
    singular="therapy",
    order=10,
    record=TherapyRecord,
    table=TherapyTable,
    public=Therapy,
    summary=TherapySummary,
    shown=_shown,
    references=(Reference("class_", "classes"), Reference("classes", "classes"), Reference("components", "therapies")),
    record_only=("more_classes", "none_reported", "stated_status"),
    compute=compute,
    finish=finish,
    sort_key=lambda form: (form.name.casefold(), form.id),
    columns=lambda form: {"first_approval": form.first_approval.date if form.first_approval else None},
    parts=product_rows,
    standards=("jsonld", "fhir"),
    list_summary="Find therapies",
    list_description=(
        "Therapies by class, target, condition, agency and more. Filters on indications (`condition`, `area`, "
        "`setting`, `line`, `biomarker` …) must be met by one and the same active indication, together with `agency`."
    ),
    record_summary="Get one therapy",
    record_description=(
        "A therapy with its products, identifiers, mechanisms, indications, warnings, cohorts and coverage. Its "
        "adverse events are at `/therapies/{id}/adverse-events`. A brand, synonym or code redirects here."
    ),
    common=("class", "target", "condition", "agency", "line", "biomarker", "status", "therapy"),
    filters=(
        TermFilter(
            "class",
            "Any of its classes, with every class below it: `adoptive-cell-therapy` finds CAR-T.",
            at("class.id", "classes.id"),
            example="pd-1-inhibitor",
            names="classes",
            several=True,
        ),
        TermFilter(
            "target",
            "Target of one of its mechanisms, by symbol or common name: `PD-1` finds `PDCD1`.",
            "targets.id",
            example="PD-1",
            names="targets",
            several=True,
        ),
        TermFilter(
            "agency",
            "Agency that licensed one of its products. Together with a filter on indications (`condition`, `line` …) "
            "it must be the agency of that same indication.",
            "products.agency",
            example="FDA",
            vocabulary=Agency,
            several=True,
        ),
        TermFilter(
            "status", "Standing over all its products.", "status", example="approved", vocabulary=TherapyStatus
        ),
        AsOfFilter(
            "as_of_date",
            "How it stood on this day: `status`, and the filters on indications, are then met by what held on it, and "
            "therapies of which that is not known are left out. Without it, by what holds today.",
            "standings",
            {"status": "status"},
            example="2020-06-30",
        ),
        TermFilter(
            "former_condition",
            "Condition whose indications were all withdrawn.",
            "former_conditions.id",
            example="small-cell-lung-cancer",
            names="conditions",
        ),
        TermFilter("route", "Route of administration.", "routes", example="intravenous", several=True),
        TermFilter(
            "source",
            "Source that the therapy, one of its products or one of its facts cites.",
            _sources,
            example="purple-book.2025-03-14",
            names="sources",
        ),
        TermFilter(
            "own_source",
            "Source that the therapy itself, or one of its products, cites; not its facts.",
            _own_sources,
            example="purple-book.2025-03-14",
            names="sources",
        ),
        TermFilter(
            "warning",
            "Event that a boxed warning, warning or contraindication names.",
            "warnings.event.id",
            example="cytokine-release-syndrome",
            names="events",
            several=True,
        ),
        TermFilter(
            "therapy",
            "Therapy, by id, INN, brand, synonym or code.",
            "id",
            example="pembrolizumab",
            names="therapies",
        ),
        TermFilter(
            "not_curated",
            "Kind of fact that is not curated, as `coverage` of the therapy says.",
            lambda therapy: [kind for kind in KINDS if therapy["coverage"].get(kind) in {None, Coverage.NOT_CURATED}],
            example="adverse_events",
            vocabulary=FactKind,
        ),
        FlagFilter("boxed_warning", "Carries a boxed warning.", "boxed_warning"),
        *PRODUCT_FILTERS,
        *FIRST_APPROVAL_FILTERS,
        *bounds(
            ("first_approved_from", "first_approved_to"),
            ("First approved on this day or later.", "First approved on this day or earlier."),
            ("2015-01-01", "2024-12-31"),
            _first_approved,
        ),
    ),
    join=Join(
        INDICATIONS,
        foreign_key="therapy.id",
        filters=(
            "condition", "area", "setting", "line", "intent", "biomarker", "biomarker_state", "partner", "age_group",
            "monotherapy", "approval_type", "approved_from", "approved_to",
        ),
        base_filters={"status": ["active"]},
        shared_filters=("agency", "as_of_date"),
        several=("condition", "line"),
    ),
    sorts={"first_approval": day_of(_first_approved), **FIRST_APPROVAL_SORTS, "name": None},
    text=lambda therapy: (
        therapy["name"],
        *therapy["synonyms"],
        *therapy["codes"],
        *therapy["brand_names"],
        *dict.fromkeys(values_at(therapy, "class.name") + values_at(therapy, "classes.name")),
        *(target["name"] for target in therapy["targets"]),
        *(target["id"] for target in therapy["targets"]),
        *(mechanism["description"] for mechanism in therapy["mechanisms"]),
        *(indication["condition"]["name"] for indication in therapy["indications"]),
        *(indication["text"] for indication in therapy["indications"]),
    ),
    names=_names,
    resolved_order=1,
)  # fmt: skip
