"""Paths into public forms: which keys there are, and whether values may be missing, or several."""

from typing import Any

import pytest
from pydantic import BaseModel, Field

from app.nouns.filters import AsOfFilter
from app.nouns.paths import NoSuchKeyError, Place, place, values_at
from app.nouns.registry import nouns
from tests.release.brute_force import BruteForce


class Part(BaseModel):
    """A part of a form."""

    n: int
    class_: str | None = Field(default=None, alias="class")


class Form(BaseModel):
    """A form."""

    id: str
    part: Part
    maybe: Part | None
    parts: list[Part]
    either: list[Part] | None
    words: list[str]
    free: dict[str, Any]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("id", Place(optional=False, several=False, types=(str,))),
        ("part.n", Place(optional=False, several=False, types=(int,))),
        ("part.class", Place(optional=True, several=False, types=(str,))),
        ("maybe.n", Place(optional=True, several=False, types=(int,))),
        ("parts.n", Place(optional=True, several=True, types=(int,))),
        ("either.class", Place(optional=True, several=True, types=(str,))),
        ("words", Place(optional=True, several=True, types=(str,))),
        ("free.whatever.deeper", Place(optional=True, several=False)),
    ],
)
def test_a_form_says_what_values_are_and_whether_they_may_be_missing_or_several(path: str, found: Place) -> None:
    assert place(Form, path) == found


@pytest.mark.parametrize(
    ("path", "form", "key"),
    [("idd", "Form", "idd"), ("part.m", "Part", "m"), ("part.class_", "Part", "class_"), ("id.x", "str", "x")],
)
def test_a_key_that_is_not_there_is_named(path: str, form: str, key: str) -> None:
    with pytest.raises(NoSuchKeyError) as error:
        place(Form, path)
    assert (error.value.form, error.value.key) == (form, key)


def test_what_forms_say_holds_for_every_record(base: BruteForce) -> None:
    for noun in nouns():
        for wanted in noun.filters:
            path = wanted.periods if isinstance(wanted, AsOfFilter) else wanted.values
            if not isinstance(path, str):
                continue
            said = place(noun.public, path)
            for document in base.documents[noun.name]:
                count = len(values_at(document, path))
                assert count or said.optional, (noun.name, path, document["id"])
                assert count < 2 or said.several, (noun.name, path, document["id"])
