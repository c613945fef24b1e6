"""Full text: what is found, as computed over all texts, one by one."""

import pytest
from pyroaring import BitMap

from app.nouns.declaration import Noun, title_of
from app.nouns.registry import noun as noun_of
from app.nouns.registry import nouns
from app.release.fulltext import MAX_WORDS, TextIndex, is_searchable, phrases, words
from app.release.opened import OpenRelease
from tests.release import brute_force
from tests.release.brute_force import BruteForce
from tests.release.questions import Questions


def of(*texts: str) -> TextIndex:
    """The index of some texts."""
    return TextIndex.build([words(text) for text in texts])


@pytest.mark.parametrize("noun", nouns(), ids=lambda noun: noun.name)
def test_a_question_finds_what_its_words_say(release: OpenRelease, base: BruteForce, noun: Noun) -> None:
    index, questions, some = release.lists[noun.name].text, Questions(base, noun, seed=7), 0
    assert index.words == sorted(index.words)
    for _ in range(60 if index.starts[-1] < 100_000 else 25):
        question = questions.text()
        expected = [
            position
            for position, record in enumerate(base.documents[noun.name])
            if brute_force.holds(base.text(noun, record), question)
        ]
        assert list(index.matches(question)) == expected, question
        some += bool(expected)
    assert some > 8


def test_titles_are_searched_apart(release: OpenRelease, base: BruteForce) -> None:
    for noun in nouns():
        for question in ("melanoma", "pembro", "colitis", "car-t", '"pd 1"'):
            expected = [
                position
                for position, record in enumerate(base.documents[noun.name])
                if brute_force.holds(brute_force.joined([title_of(noun, record)]), question)
            ]
            assert list(release.lists[noun.name].titles.matches(question)) == expected, (noun.name, question)


def test_what_is_stored_is_what_is_searched(release: OpenRelease, base: BruteForce) -> None:
    noun = noun_of("classes")
    again = TextIndex.build([base.text(noun, record).split() for record in base.documents["classes"]])
    assert again == release.lists[noun.name].text


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("skin", {0, 2}),
        ("sk", {0, 2}),
        ("SKIN cancer", {0, 2}),
        ("cancer skin", {0, 2}),
        ('"skin cancer"', {0}),
        ('"skin can"', set()),
        ("skin-can", {0}),
        ("cancer-of", {2}),
        ("pd-1", {1}),
        ("pd1", {3}),
        ("pd", {1, 3}),
        ('"pd"', {1}),
        ("tnfα", {1}),
        ("TNF-alpha", set()),
        ("naïve", {3}),
        ("naive", {3}),
        ("zzz", set()),
        ("skin zzz", set()),
        ("of of the", {2}),
        ('"of the skin"', {2}),
        ("the-the", {2}),
    ],
)
def test_words_beginnings_and_phrases(question: str, found: set[int]) -> None:
    index = of("Skin cancer.", "PD-1, TNFα", "Cancer of of the the: of the skin", "PD1-naïve")
    assert set(index.matches(question)) == found


def test_the_syntax_of_search_engines_is_plain_text() -> None:
    index = of("a NOT b", "near misses", "col umn")
    for question, found in {
        "a*": {0},
        "NEAR(misses": {1},
        "-b": {0},
        "col:umn": {2},
        '"unbalanced near': set(),
        '"near misses': {1},
        "a AND b": set(),
    }.items():
        assert set(index.matches(question)) == found, question


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("PD-L1 (TPS ≥ 50 %)", ["pd", "l1", "tps", "50"]),
        ("Crohn's", ["crohn", "s"]),
        ("Sjögren", ["sjogren"]),
        ("straße", ["strasse"]),
        ("IFNβ", ["ifnbeta"]),
        ("snake_case", ["snake", "case"]),
        ("ﬁbrosis", ["fibrosis"]),
        ("１２", ["12"]),
        ("—", []),
        ("", []),
    ],
)
def test_words_are_folded(text: str, found: list[str]) -> None:
    assert words(text) == found


def test_phrases_are_told_from_words() -> None:
    assert phrases('pd-1 "non small" x') == [(["pd", "1"], True), (["non", "small"], False), (["x"], True)]
    assert phrases('"" - " "') == []


def test_a_question_has_words_and_not_too_many() -> None:
    assert is_searchable("a")
    assert is_searchable("a " * MAX_WORDS)
    assert not is_searchable("a " * (MAX_WORDS + 1))
    assert not is_searchable('-- "" ++')


def test_no_text_is_an_index_too() -> None:
    assert of().matches("a") == of("", "").matches('"a b"') == BitMap()
