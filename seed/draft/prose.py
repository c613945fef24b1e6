"""Immune-mediated reactions told in section 5.1."""

from seed.draft.arms import Names
from seed.draft.report import Draft
from seed.draft.terms import EventVocabulary


def draft_prose(text: str, names: Names, vocabulary: EventVocabulary, draft: Draft) -> None:
    """Draft nothing yet."""
