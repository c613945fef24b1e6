"""Declarations that are not sound, made of those that are, and how they are refused."""

from dataclasses import replace
from typing import Any

import pytest
from pydantic import BaseModel, create_model

from app.nouns.declaration import Noun
from app.nouns.declaration_checks import check
from app.nouns.declaration_errors import DeclarationError
from app.nouns.filters import TermFilter
from app.nouns.registry import noun, nouns
from app.nouns.warning import LabelWarning

WARNINGS, THERAPIES, COHORTS, TRIALS = noun("warnings"), noun("therapies"), noun("cohorts"), noun("trials")


_fields: Any = {name: (field.annotation, field) for name, field in LabelWarning.model_fields.items()}
_fields.pop("evidence")
NoEvidence: type[BaseModel] = create_model("NoEvidence", **_fields)
"""A form with all that warnings answer, and without evidence: it is no fact."""


def with_filters(*more: Any) -> Noun:
    """Warnings with more filters."""
    return replace(WARNINGS, filters=(*WARNINGS.filters, *more))


def term(name: str, values: Any = "level", **more: Any) -> TermFilter:
    """A filter of warnings."""
    return TermFilter(name, "Something.", values, example="x", **more)


def assert_refused(unsound: Noun, sentence: str) -> None:
    """A noun, in the place of that of its name, is refused in a sentence, of which `…` may cut the rest."""
    with pytest.raises(DeclarationError) as error:
        check([unsound if unsound.singular == sound.singular else sound for sound in nouns()])
    beginning, is_cut, _ = sentence.partition("…")
    assert str(error.value) == sentence if not is_cut else str(error.value).startswith(beginning)
