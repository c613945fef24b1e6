"""Full text: what is found, as computed over all texts, one by one."""

import pytest
from pyroaring import BitMap

from app.nouns.declaration import Noun, title_of
from app.nouns.registry import noun as noun_of
from app.nouns.registry import nouns
from app.nouns.spelling import words
from app.release.fulltext import MAX_WORDS, Phrase, TextIndex, is_searchable, phrases
from app.release.opened import OpenRelease
from tests.release import brute_force
from tests.release.brute_force import BruteForce
from tests.release.questions import Questions


def of(*texts: str) -> TextIndex:
    """The index of some texts."""
    return TextIndex.build([text] for text in texts)


@pytest.mark.parametrize("noun", nouns(), ids=lambda noun: noun.name)
def test_a_question_finds_what_its_words_say(release: OpenRelease, base: BruteForce, noun: Noun) -> None:
    index, questions, some = release.lists[noun.name].text, Questions(base, noun, seed=7), 0
    assert index.words == sorted(index.words)
    for _ in range(30 if index.starts[-1] < 100_000 else 12):
        question = questions.text()
        ids = base.asked(noun, question)
        expected = [position for position, record in enumerate(base.documents[noun.name]) if record["id"] in ids]
        assert list(index.matches(question)) == expected, question
        some += bool(expected)
    assert some > 4


def test_titles_are_searched_apart(release: OpenRelease, base: BruteForce) -> None:
    for noun in nouns():
        for question in ("melanoma", "pembro", "colitis", "car-t", '"pd 1"'):
            titles = [brute_force.joined([title_of(noun, record)]) for record in base.documents[noun.name]]
            expected = brute_force.asked(titles, question)
            assert list(release.lists[noun.name].titles.matches(question)) == expected, (noun.name, question)


def test_what_is_stored_is_what_is_searched(release: OpenRelease, base: BruteForce) -> None:
    noun = noun_of("classes")
    texts = ([text for text in noun.text(record) if text] for record in base.documents["classes"])
    again = TextIndex.build(texts)
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
        ("pd-1", {1, 3}),
        ("pd1", {1, 3}),
        ("pd 1", {1, 3}),
        ("pd", {1, 3}),
        ('"pd"', {1, 3}),
        ("tnfα", {1}),
        ("TNF-alpha", {1}),
        ("tnf alfa", {1}),
        ("TNFa", {1}),
        ("tnf", {1}),
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


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("IL-1", {0, 3}),
        ("IL1", {0, 3}),
        ("IL-17", {1, 2}),
        ("il 17", {1, 2}),
        ("IL-17A", {2}),
        ("IL-1β", {3}),
        ("IL-1 beta", {3}),
        ("IL1b", {3}),
        ("1", {0, 3}),
        ("il", {0, 1, 2, 3}),
    ],
)
def test_a_number_is_no_beginning_of_another(question: str, found: set[int]) -> None:
    assert set(of("IL-1 inhibitor", "IL-17 inhibitor", "against IL-17A", "IL-1β (IL1B)").matches(question)) == found


@pytest.mark.parametrize(
    ("question", "found"),
    [
        *((word, {0, 1}) for word in ("leukaemia", "leukemia", "Leukæmia", "leukaem", "leukem")),
        *((word, {2, 3}) for word in ("diarrhoea", "diarrhea", "diarrh", "diarrhoe", "DIARRHŒA")),
        *((word, {4, 5}) for word in ("tumour", "tumor", "tumo")),
        ("tumou", {4}),
        ("GM-CSF", {6, 7}),
        ("GMCSF", {7}),
        ("G-CSF", {9}),
        ("GCSF", {9}),
        ("pdl1", {8}),
        ("PD-L1", {8}),
        ("skint", set()),
    ],
)
def test_british_american_together_or_apart(question: str, found: set[int]) -> None:
    texts = (
        "Leukaemia",
        "Acute leukemia",
        "Diarrhoea",
        "diarrhea",
        "a tumour",
        "tumors",
        "GM-CSF",
        "GMCSF",
        "PD-L1",
        "G-CSF",
    )
    index = of(*texts, "skin tumefaction")
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
        ("PD-L1 (TPS ≥ 50 %)", ["pd", "l", "1", "tps", "50"]),
        ("Crohn's", ["crohn", "s"]),
        ("Sjögren", ["sjogren"]),
        ("straße", ["strasse"]),
        ("IFNβ", ["ifn", "beta"]),
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
    found = [Phrase(["pd", "1"], None), Phrase(["non", "small"], None), Phrase(["x"], "x")]
    assert phrases('pd-1 "non small" x') == found
    assert phrases("Anaem") == [Phrase(["anem"], "anaem")]
    assert phrases('"" - " "') == []


def test_a_question_has_words_and_not_too_many() -> None:
    assert is_searchable("a")
    assert is_searchable("a " * MAX_WORDS)
    assert not is_searchable("a " * (MAX_WORDS + 1))
    assert not is_searchable('-- "" ++')


def test_no_text_is_an_index_too() -> None:
    assert of().matches("a") == of("", "").matches('"a b"') == BitMap()
