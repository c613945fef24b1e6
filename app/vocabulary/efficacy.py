"""Vocabularies of efficacy: trials, endpoints and outcomes."""

from app.vocabulary.base import Vocabulary


class EndpointKind(Vocabulary):
    """What kind of thing an endpoint measures."""

    TIME_TO_EVENT = "time_to_event", "Time to an event, such as death or progression."
    RESPONSE = "response", "Whether a patient meets criteria, such as a response or a remission."
    SCORE = "score", "A score or a measurement, and its change."
    EVENT_RATE = "event_rate", "Events in a time, such as relapses or exacerbations a year."
    DISEASE_CASES = "disease_cases", "Cases of a disease that is to be prevented."
    IMMUNOGENICITY = "immunogenicity", "Antibodies or other immune responses to a vaccine or a treatment."


class Better(Vocabulary):
    """Which way an endpoint is better for patients."""

    HIGHER = "higher", "More, or longer, is better."
    LOWER = "lower", "Less is better."


class Measure(Vocabulary):
    """What a figure of an outcome is."""

    PROPORTION = "proportion", "Share of patients who met the endpoint."
    WITH_EVENT = "with_event", "Patients who had the event that the endpoint counts: deaths, relapses, cases."
    PROBABILITY_AT_TIME = "probability_at_time", "Estimated share of patients without the event at a time."
    MEDIAN = "median", "Median, such as a survival time."
    MEAN = "mean", "Mean."
    MEAN_CHANGE = "mean_change", "Mean change from the beginning."
    MEDIAN_CHANGE = "median_change", "Median change from the beginning."
    PERCENT_CHANGE = "percent_change", "Mean change from the beginning, in percent of it."
    EVENT_RATE = "event_rate", "Events for each patient in a time."
    COUNT = "count", "Number of events, where a patient can have several."
    GEOMETRIC_MEAN = "geometric_mean", "Geometric mean, such as of titres."
    HAZARD_RATIO = "hazard_ratio", "Hazard ratio, arm over the other."
    RELATIVE_RISK = "relative_risk", "Ratio of risks, arm over the other."
    ODDS_RATIO = "odds_ratio", "Ratio of odds, arm over the other."
    RATE_RATIO = "rate_ratio", "Ratio of rates of events, arm over the other."
    DIFFERENCE = "difference", "Arm less the other: of percents, medians or means, in the unit of these."
    RELATIVE_REDUCTION = "relative_reduction", "Reduction against the other arm, in percent."
    VACCINE_EFFICACY = "vaccine_efficacy", "Reduction of cases against the other arm, in percent."
    GEOMETRIC_MEAN_RATIO = "geometric_mean_ratio", "Ratio of geometric means, arm over the other."
    TEST = "test", "Only the result of a statistical test is printed."

    @property
    def compares(self) -> bool:
        """Whether it is between two arms."""
        return self in _BETWEEN_ARMS

    @property
    def counts_patients(self) -> bool:
        """Whether it is a share of patients: n of N."""
        return self in {Measure.PROPORTION, Measure.WITH_EVENT}


_BETWEEN_ARMS = frozenset(Measure) - frozenset(list(Measure)[: list(Measure).index(Measure.HAZARD_RATIO)])


class ValueStatus(Vocabulary):
    """Why a source prints a word instead of a figure."""

    NOT_REACHED = "not_reached", "Not reached."
    NOT_ESTIMABLE = "not_estimable", "Not estimable, or not evaluable."


class TimeUnit(Vocabulary):
    """Unit of a time."""

    HOURS = "hours", "Hours."
    DAYS = "days", "Days."
    WEEKS = "weeks", "Weeks."
    MONTHS = "months", "Months."
    YEARS = "years", "Years."


class Assessor(Vocabulary):
    """Who judged an endpoint."""

    INDEPENDENT = "independent", "Independent review, blinded or central, or a committee."
    INVESTIGATOR = "investigator", "Investigators."
    PATIENT = "patient", "Patients themselves."


class Analysed(Vocabulary):
    """Which patients an outcome is of."""

    INTENTION_TO_TREAT = "intention_to_treat", "All who were randomised or enrolled."
    MODIFIED_INTENTION_TO_TREAT = "modified_intention_to_treat", "All who were randomised, with exceptions."
    TREATED = "treated", "All who were treated."
    EVALUABLE = "evaluable", "Those in whom the endpoint could be judged."
    PER_PROTOCOL = "per_protocol", "Those who kept to the protocol."
    RESPONDERS = "responders", "Those who had responded."
    SUBGROUP = "subgroup", "A part of the patients: by biomarker, age, region or disease."


class Analysis(Vocabulary):
    """Which analysis of a trial an outcome is of."""

    INTERIM = "interim", "An interim analysis."
    PRIMARY = "primary", "The primary analysis."
    FINAL = "final", "The final analysis."
    UPDATE = "update", "A later, descriptive analysis."


class EndpointRole(Vocabulary):
    """Place of an endpoint in a trial."""

    PRIMARY = "primary", "Primary or co-primary endpoint."
    SECONDARY = "secondary", "Secondary endpoint, key or other."
    EXPLORATORY = "exploratory", "Exploratory endpoint, or analysis after the fact."


class Phase(Vocabulary):
    """Phase of a trial."""

    P1 = "1", "Phase 1."
    P1_2 = "1/2", "Phase 1/2."
    P2 = "2", "Phase 2."
    P2_3 = "2/3", "Phase 2/3."
    P3 = "3", "Phase 3."
    P4 = "4", "Phase 4."


class Blinding(Vocabulary):
    """Who does not know the treatment in a trial."""

    OPEN_LABEL = "open_label", "Everybody knows."
    SINGLE_BLIND = "single_blind", "Patients, or assessors, do not know."
    DOUBLE_BLIND = "double_blind", "Neither patients nor investigators know."
