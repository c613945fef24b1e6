"""The list of therapies."""

import datetime as dt

from app.models.therapy import Therapy, TherapyForm, TherapySummary
from app.queries.filters import Bound, Flag, List, Tagged, Through
from app.queries.indications import INDICATIONS
from app.vocabulary import Agency, TherapyStatus

THERAPIES = List(
    name="therapies",
    noun="therapy",
    table=Therapy,
    form=TherapyForm,
    summary=TherapySummary,
    document=Therapy.summary,
    filters=(
        Tagged(
            "class",
            "Class, with every class below it: `adoptive-cell-therapy` finds CAR-T.",
            lambda therapy: [therapy.class_.id],
            example="pd-1-inhibitor",
            names="classes",
        ),
        Tagged(
            "target",
            "Target of one of its mechanisms, by symbol or common name: `PD-1` finds `PDCD1`.",
            lambda therapy: [target.id for target in therapy.targets],
            example="PD-1",
            names="targets",
        ),
        Tagged(
            "agency",
            "Agency that licensed one of its products. Together with a filter on indications (`condition`, `line` …) "
            "it must be the agency of that same indication.",
            lambda therapy: [product.agency for product in therapy.products],
            example="FDA",
            vocabulary=Agency,
        ),
        Tagged(
            "status",
            "Standing over all its products.",
            lambda therapy: [therapy.status],
            example="approved",
            vocabulary=TherapyStatus,
        ),
        Tagged(
            "former_condition",
            "Condition whose indications were all withdrawn.",
            lambda therapy: [condition.id for condition in therapy.former_conditions],
            example="small-cell-lung-cancer",
            names="conditions",
        ),
        Tagged("route", "Route of administration.", lambda therapy: therapy.routes, example="intravenous"),
        Tagged(
            "source",
            "Source that the therapy, one of its products or one of its facts cites.",
            lambda therapy: [
                therapy.evidence.source.id,
                *(
                    part.evidence.source.id
                    for part in (*therapy.products, *therapy.mechanisms, *therapy.indications, *therapy.warnings)
                ),
            ],
            example="purple-book.2025-03-14",
            names="sources",
        ),
        Tagged(
            "warning",
            "Event that a boxed warning, warning or contraindication names.",
            lambda therapy: [warning.event.id for warning in therapy.warnings],
            example="cytokine-release-syndrome",
            names="events",
        ),
        Flag("boxed_warning", "Carries a boxed warning.", lambda therapy: therapy.boxed_warning),
        Flag(
            "biosimilars",
            "Has biosimilar products.",
            lambda therapy: any(product.biosimilar for product in therapy.products),
        ),
        Bound(
            "first_approved_from",
            "First approved on this day or later.",
            Therapy.first_approval,
            dt.date,
            "2015-01-01",
        ),
        Bound(
            "first_approved_to",
            "First approved on this day or earlier.",
            Therapy.first_approval,
            dt.date,
            "2024-12-31",
            lower=False,
        ),
    ),
    through=Through(
        INDICATIONS,
        filters=(
            "condition", "area", "setting", "line", "intent", "biomarker", "age_group", "monotherapy", "approval_type",
            "approved_from", "approved_to",
        ),
        owner=INDICATIONS.table.therapy_id,  # type: ignore[attr-defined]  # a column of the table of indications
        always={"status": ["active"]},
        joining=("agency",),
    ),
    sorts={"first_approval": Therapy.first_approval, "name": Therapy.position},
    text=lambda therapy: (
        therapy.name,
        *therapy.synonyms,
        *therapy.codes,
        *therapy.brand_names,
        therapy.class_.name,
        *(target.name for target in therapy.targets),
        *(target.id for target in therapy.targets),
        *(mechanism.description for mechanism in therapy.mechanisms),
        *(indication.condition.name for indication in therapy.indications),
        *(indication.text for indication in therapy.indications),
    ),
)  # fmt: skip
