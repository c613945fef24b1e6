"""The nouns of the fact base: one file each, from shared base to seed record, table and API form."""

# All of them: the metadata that tables are listed from is then complete, whoever asks.
from app.models import (
    adverse_event,
    base,
    cohort,
    index,
    indication,
    mechanism,
    release,
    source,
    statement,
    terms,
    therapy,
    warning,
)

__all__ = [
    "adverse_event",
    "base",
    "cohort",
    "index",
    "indication",
    "mechanism",
    "release",
    "source",
    "statement",
    "terms",
    "therapy",
    "warning",
]
