"""What stands in cells, headings and captions: figures, arms, trials, terms, conditions."""

import pytest

from app.nouns.condition import ConditionRecord
from app.vocabulary import Area
from seed.draft.arms import Names, is_control, read_arm
from seed.draft.conditions import ConditionVocabulary
from seed.draft.drafting import draft_label
from seed.draft.terms import canonical
from seed.draft.trials import trials_in
from seed.draft.values import Shape, agrees, read_value
from tests.seed.draft.invented import THERAPIES, label, vocabulary


@pytest.mark.parametrize(
    ("text", "shape", "number", "below", "patients"),
    [
        ("28", Shape.BARE, 28, False, None),
        ("<1", Shape.BARE, 1, True, None),
        ("47%", Shape.PERCENT, 47, False, None),
        ("22 (58%)", Shape.COUNT_PERCENT, 58, False, 22),
        ("2 ( < 1)", Shape.COUNT_PERCENT, 1, True, 2),
        ("19/101 (19%)", Shape.COUNT_PERCENT, 19, False, 19),
        ("23.1% (428)", Shape.COUNT_PERCENT, 23.1, False, 428),
        ("1,234 (10.5)", Shape.COUNT_PERCENT, 10.5, False, 1234),
        ("–", Shape.NOT_STATED, None, False, None),
        ("N/A", Shape.NOT_STATED, None, False, None),
        ("1 (≤ 1)", Shape.UNREADABLE, None, False, None),
        ("10 to 12", Shape.UNREADABLE, None, False, None),
        ("1295/88", Shape.UNREADABLE, None, False, None),
    ],
)
def test_values(text: str, shape: Shape, number: float | None, below: bool, patients: int | None) -> None:
    reading = read_value(text)
    assert (reading.shape, reading.number, reading.below, reading.patients) == (shape, number, below, patients)


@pytest.mark.parametrize(
    ("text", "whole", "fits"), [("4 (7)", 62, True), ("12 (32)", 41, False), ("50 (5)", 41, False)]
)
def test_n_fits_its_percent_within_one_point(text: str, whole: int, fits: bool) -> None:
    assert agrees(read_value(text), whole) is fits


NAMES = Names(THERAPIES, "examplumab", ("EXAMPRIO", "examplumab"))


@pytest.mark.parametrize(
    ("heading", "therapies", "others", "whole"),
    [
        ("EXAMPRIO 2 mg/kg or 10 mg/kg every 3 weeks", ("examplumab",), (), True),
        ("EXAMPRIO with Carboplatin and Paclitaxel", ("examplumab",), ("Carboplatin", "Paclitaxel"), True),
        ("Exemplimab 75 mg/m2 every 3 weeks", ("exemplimab",), (), True),
        ("Placebo and either carboplatin or cisplatin", (), ("Placebo and either carboplatin or cisplatin",), True),
        ("EXAMPRIO + Novelty", ("examplumab",), (), False),
        ("cHL", (), (), False),
    ],
)
def test_headings_of_arms(heading: str, therapies: tuple[str, ...], others: tuple[str, ...], whole: bool) -> None:
    arm = read_arm(heading, NAMES)
    assert (arm.therapies, arm.others, arm.whole) == (therapies, others, whole)


def test_an_arm_is_a_control_only_where_every_word_is_known() -> None:
    own = read_arm("EXAMPRIO", NAMES)
    assert is_control(read_arm("Docetaxel", NAMES), [own])
    assert is_control(read_arm("Exemplimab", NAMES), [own])
    assert not is_control(read_arm("Novelty", NAMES), [own])
    assert not is_control(read_arm("Docetaxel", NAMES), [])
    assert not is_control(own, [own])


@pytest.mark.parametrize(
    ("caption", "trials"),
    [
        ("Reactions in ≥10% of Patients in INVENTED-006", ["INVENTED-006"]),
        ("Reactions in Patients with NSCLC in FABLE", ["FABLE"]),
        ("Reactions (Study 5: FABLE-1)", ["FABLE-1"]),
        ("Table 5: Study 7: Per Patient Incidence", ["Study 7"]),
        ("Reactions in the FABLE Study", ["FABLE"]),
        ("Reactions (Studies 1 and 4)", ["Study 1", "Study 4"]),
        ("Reactions in Patients with NSCLC", []),
        ("Reactions in Patients Receiving EXAMPRIO", []),
    ],
)
def test_trials_of_captions(caption: str, trials: list[str]) -> None:
    assert trials_in(caption, "EXAMPRIO") == trials


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("Increased AST", "aspartate aminotransferase increased"),
        ("Elevated ALT", "alanine aminotransferase increased"),
        ("Aspartate aminotransferase (AST) increased", "aspartate aminotransferase increased"),
        ("Anaemia", "anemia"),
        ("Diarrhoea*", "diarrhea"),
    ],
)
def test_terms_are_compared_in_one_form(term: str, expected: str) -> None:
    assert canonical(term) == expected


CONDITIONS = ConditionVocabulary.of(
    [
        ConditionRecord(id="lymphoma", name="Lymphoma", area=Area.ONCOLOGY),
        ConditionRecord(
            id="invented-lymphoma", name="Invented lymphoma", synonyms=["IVL"], area=Area.ONCOLOGY, parents=["lymphoma"]
        ),
        ConditionRecord(id="invented-anaemia", name="Invented anaemia", synonyms=["IVA"], area=Area.HAEMATOLOGICAL),
        ConditionRecord(id="other-anaemia", name="Other anaemia", synonyms=["IVA"], area=Area.HAEMATOLOGICAL),
    ]
)


@pytest.mark.parametrize(
    ("text", "conditions"),
    [
        ("Reactions in Patients with Invented Lymphoma", ["invented-lymphoma"]),
        ("Reactions in Patients with IVL, a lymphoma", ["invented-lymphoma"]),
        ("Reactions in Patients with lymphomas", ["lymphoma"]),
        ("Reactions in Patients with invented anemia", ["invented-anaemia"]),
        ("Reactions in Patients with IVA", []),
        ("Reactions in the ivl arm", []),
    ],
)
def test_conditions_of_captions(text: str, conditions: list[str]) -> None:
    assert CONDITIONS.named_in(text) == conditions


def test_a_cohort_has_a_condition_only_where_its_caption_names_one() -> None:
    document = label("plain", "counts")
    tables = document["results"][0]["adverse_reactions_table"]
    tables[0] = tables[0].replace("of Patients Receiving", "of Patients with IVL Receiving")
    drafted = draft_label(document, vocabulary(), THERAPIES, CONDITIONS)
    assert [cohort.condition for cohort in drafted.cohorts[:4]] == ["invented-lymphoma"] * 2 + [None] * 2
    assert "which condition?" in drafted.cohort_hints[2].review


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("Reactions in Patients with Relapsed or Refractory IVL in INVENTED-001", "invented-lymphoma"),
        ("Reactions in Patients with Novel Leukemia or IVL", None),
        ("Reactions in Patients with IVL or Novel Leukemia", None),
        ("Reactions in Patients with Novel Leukemia", None),
    ],
)
def test_a_list_of_conditions_is_not_taken_for_one(text: str, condition: str | None) -> None:
    assert CONDITIONS.only_named_in(text) == condition
