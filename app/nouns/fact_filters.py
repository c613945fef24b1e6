"""Filters that lists of facts share."""

from app.nouns.filters import TermFilter
from app.nouns.paths import at
from app.vocabulary import Level

THERAPY = TermFilter(
    "therapy",
    "Therapy, by id, INN, brand, synonym or code.",
    "therapy.id",
    example="pembrolizumab",
    names="therapies",
    of_therapies="therapy",
)
CLASS = TermFilter(
    "class",
    "Any class of the therapy, with every class below it.",
    at("therapy.class.id", "therapy.classes.id"),
    example="pd-1-inhibitor",
    names="classes",
    of_therapies="class",
)
SOURCE = TermFilter(
    "source",
    "Source that the fact cites, by id.",
    "evidence.source.id",
    example="label.keytruda.2023-12-15",
    names="sources",
)
LEVEL = TermFilter(
    "level",
    "Level of evidence of the source.",
    "evidence.level",
    example="regulatory_label",
    vocabulary=Level,
)

FACT_FILTERS = (THERAPY, CLASS, SOURCE, LEVEL)
CITING = ("own_source", SOURCE.name)
"""Filters by the source that a record cites itself; `/sources/{id}/facts` takes the first that a list has."""
