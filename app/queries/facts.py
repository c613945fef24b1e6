"""Filters that every list of facts of a therapy takes."""

from app.queries.filters import Tagged
from app.vocabulary import Level

THERAPY = Tagged(
    "therapy",
    "Therapy, by id, INN, brand, synonym or code.",
    lambda fact: [fact.therapy.id],
    example="pembrolizumab",
    names="therapies",
)
CLASS = Tagged(
    "class",
    "Class of the therapy, with every class below it.",
    lambda fact: [fact.therapy.class_.id],
    example="pd-1-inhibitor",
    names="classes",
)
SOURCE = Tagged(
    "source",
    "Source that the fact cites, by id.",
    lambda fact: [fact.evidence.source.id],
    example="label.keytruda.2023-12-15",
    names="sources",
)
LEVEL = Tagged(
    "level",
    "Level of evidence of the source.",
    lambda fact: [fact.evidence.level],
    "regulatory_label",
    vocabulary=Level,
)

COMMON = (THERAPY, CLASS, SOURCE, LEVEL)
