"""The list of adverse events."""

from app.models.adverse_event import AdverseEvent, AdverseEventForm
from app.queries.cohorts import COHORT_FILTERS
from app.queries.filters import Bound, Flag, List, Tagged
from app.vocabulary import Causality, EventKind, FrequencyBand, OrganSystem

ADVERSE_EVENTS = List(
    name="adverse-events",
    noun="adverse event",
    table=AdverseEvent,
    form=AdverseEventForm,
    filters=(
        *COHORT_FILTERS,
        Tagged(
            "event",
            "Event term, by id, name or a spelling of the labels, with every term below it.",
            lambda fact: [fact.term.id],
            example="colitis",
            names="events",
        ),
        Tagged(
            "organ_system",
            "System organ class, named as in CTCAE.",
            lambda fact: [fact.term.organ_system],
            example="gastrointestinal",
            vocabulary=OrganSystem,
        ),
        Tagged(
            "cohort",
            "Cohort, by id.",
            lambda fact: [fact.cohort.id],
            example="pembrolizumab.keynote-006-pembrolizumab",
            names="cohorts",
        ),
        Tagged(
            "kind",
            "How the event was found.",
            lambda fact: [fact.kind],
            example="clinical",
            vocabulary=EventKind,
        ),
        Tagged(
            "causality",
            "Causality that the source states.",
            lambda fact: [fact.causality],
            example="immune_mediated",
            vocabulary=Causality,
        ),
        Tagged(
            "frequency_band",
            "Frequency band, where only a band is published.",
            lambda fact: [fact.frequency_band],
            example="common",
            vocabulary=FrequencyBand,
        ),
        Flag("immune_related", "The term is an immune-related one.", lambda fact: fact.term.immune_related),
        Flag(
            "differs",
            "Another source prints other figures for the same event in the same arm; `differs_from` names its facts.",
            lambda fact: bool(fact.differs_from),
        ),
        Flag("serious", "Counts serious events only.", lambda fact: fact.serious),
        Bound(
            "any_percent_from", "Any grade in at least this percent.", AdverseEvent.any_percent, float, "10",
            minimum=0, maximum=100,
        ),
        Bound(
            "any_percent_to", "Any grade in at most this percent.", AdverseEvent.any_percent, float, "50",
            lower=False, minimum=0, maximum=100,
        ),
        Bound(
            "severe_percent_from", "From grade 3 up in at least this percent.", AdverseEvent.severe_percent, float, "5",
            minimum=0, maximum=100,
        ),
        Bound(
            "severe_percent_to", "From grade 3 up in at most this percent.", AdverseEvent.severe_percent, float, "20",
            lower=False, minimum=0, maximum=100,
        ),
    ),
    sorts={
        "any_percent": AdverseEvent.any_percent,
        "severe_percent": AdverseEvent.severe_percent,
        "patients_at_risk": AdverseEvent.patients_at_risk,
        "therapy": AdverseEvent.position,
    },
    text=lambda fact: (fact.therapy.name, fact.term.name, fact.reported_term, fact.cohort.label, fact.cohort.trial),
)  # fmt: skip
