"""The list of cohorts, and the filters on cohorts that adverse events take too."""

from app.models.cohort import Cohort, CohortForm, CohortRef
from app.queries.facts import LEVEL, SOURCE
from app.queries.filters import Bound, Flag, List, Tagged


def cohort_of(fact: object) -> CohortForm | CohortRef:
    """The cohort of an adverse event; a cohort itself."""
    return fact if isinstance(fact, CohortForm) else fact.cohort  # type: ignore[attr-defined]  # the other form with these filters is AdverseEventForm


COHORT_FILTERS = (
    Tagged(
        "therapy",
        "Therapy given in the cohort. Comparator arms are found by `reported_for` or `trial`.",
        lambda fact: [therapy.id for therapy in cohort_of(fact).therapies],
        example="nivolumab",
        names="therapies",
    ),
    Tagged(
        "class",
        "Class of a therapy given in the cohort, with every class below it.",
        lambda fact: [therapy.class_.id for therapy in cohort_of(fact).therapies],
        example="pd-1-inhibitor",
        names="classes",
    ),
    Tagged(
        "reported_for",
        "Therapy whose source reports the cohort; comparator arms are included.",
        lambda fact: [fact.therapy.id],
        example="pembrolizumab",
        names="therapies",
    ),
    Tagged(
        "condition",
        "Condition of the cohort, with every condition below it.",
        lambda fact: [condition.id] if (condition := cohort_of(fact).condition) else [],
        example="melanoma",
        names="conditions",
    ),
    Tagged("trial", "Trial, by its name.", lambda fact: [cohort_of(fact).trial], example="KEYNOTE-006"),
    Flag("monotherapy", "The therapy was given alone.", lambda fact: cohort_of(fact).monotherapy),
    Flag("comparator", "Control arm without the therapy.", lambda fact: cohort_of(fact).comparator),
    Flag("pooled", "Pooled from several trials or arms.", lambda fact: cohort_of(fact).pooled),
    SOURCE,
    LEVEL,
)

COHORTS = List(
    name="cohorts",
    noun="cohort",
    table=Cohort,
    form=CohortForm,
    filters=(
        *COHORT_FILTERS,
        Bound("patients_from", "At least this many patients.", Cohort.patients, int, "100", minimum=1),
        Bound("patients_to", "At most this many patients.", Cohort.patients, int, "1000", lower=False, minimum=1),
    ),
    sorts={"patients": Cohort.patients, "therapy": Cohort.position},
    text=lambda fact: (fact.therapy.name, fact.label, fact.trial, fact.nct_id, fact.population),
)
