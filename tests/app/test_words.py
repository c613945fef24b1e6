"""The words at hand find what the engine of the database finds."""

import random
from collections.abc import Iterator

import pytest

from app.database import Database
from app.queries.catalogue import LISTS
from app.queries.filters import List
from app.queries.matching import holding
from app.queries.words import FEW, words_of
from app.reader import Reader


@pytest.fixture
def reader(database: str) -> Iterator[Reader]:
    """The whole fact base, as the server reads it."""
    opened = Database(database, trust_seconds=60)
    with opened.read() as found:
        yield found
    opened.engine.dispose()


@pytest.mark.parametrize("spec", LISTS, ids=lambda spec: spec.name)
def test_words_at_hand_find_what_the_engine_finds(reader: Reader, spec: List) -> None:
    chance = random.Random(6)  # noqa: S311  # the same questions in every run
    assert 0 < reader.counts[spec.name] <= FEW, "this list is not answered from the words at hand"
    words = words_of(reader, spec.name)
    assert words.words == sorted(words.words)
    found = []
    for _ in range(60):
        picked = chance.choices(words.words, k=chance.choice([1, 1, 2, 3]))
        parts = [word[: chance.choice([1, 3, 4, 99])] if chance.random() < 0.5 else f'"{word}"' for word in picked]
        question = " ".join(parts)
        held = words.holding(question)
        assert held == holding(reader, question, spec.name).get(spec.name, 0), question
        found.append(held)
    assert any(found)
    assert words.holding("zzzzzz") == 0


@pytest.mark.parametrize("question", ['"non small"', "pd-1", "melanoma anti-pd"])
def test_words_that_adjoin_are_left_to_the_engine(reader: Reader, question: str) -> None:
    assert words_of(reader, "indications").holding(question) is None
