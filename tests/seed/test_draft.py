"""Drafting of labels: every shape of table that is read, and every one that is refused.

The drug, its trials and all figures are invented; the layouts are those of real labels.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from app.nouns.adverse_event import AdverseEventRecord
from app.nouns.condition import ConditionRecord
from app.nouns.event import EventRecord
from app.vocabulary import Area, OrganSystem
from seed.draft.arms import Names, is_control, read_arm
from seed.draft.conditions import ConditionVocabulary
from seed.draft.drafting import draft_label
from seed.draft.labels import NotALabelError
from seed.draft.report import Draft
from seed.draft.tables import UnreadableTableError, read_table
from seed.draft.terms import EventVocabulary, canonical
from seed.draft.trials import trials_in
from seed.draft.values import Shape, agrees, read_value

DATA = Path(__file__).parent.parent / "data" / "draft"
THERAPIES = {"examplumab": "examplumab", "exemplimab": "exemplimab"}


def vocabulary() -> EventVocabulary:
    names = [
        "Fatigue",
        "Colitis",
        "Hypothyroidism",
        "Thyroiditis",
        "Hepatitis",
        "Nephritis",
        "Infection",
        "Cough",
        "Anemia",
    ]
    records = [EventRecord(id=name.lower(), name=name, organ_system=OrganSystem.GENERAL) for name in names]
    records.append(
        EventRecord(
            id="aspartate-aminotransferase-increased",
            name="Aspartate aminotransferase increased",
            organ_system=OrganSystem.INVESTIGATIONS,
        )
    )
    return EventVocabulary.of(records)


def label(*tables: str, field: str = "adverse_reactions_table") -> dict[str, Any]:
    document: dict[str, Any] = json.loads((DATA / "label.json").read_text())
    document["results"][0][field] = [(DATA / f"{name}.xml").read_text() for name in tables]
    return document


def draft(*tables: str) -> Draft:
    document = label(*tables)
    document["results"][0]["warnings_and_cautions"] = []
    return draft_label(document, vocabulary(), THERAPIES)


def facts(drafted: Draft) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Rates by cohort and printed term."""
    return {
        (record.cohort, record.reported_term): [
            rate.model_dump(mode="json", exclude_none=True) for rate in record.rates
        ]
        for record in drafted.adverse_events
    }


def fact(drafted: Draft, cohort: str, term: str) -> AdverseEventRecord:
    return next(r for r in drafted.adverse_events if (r.cohort, r.reported_term) == (cohort, term))


def reasons(drafted: Draft) -> dict[tuple[str, str], str]:
    return {(item.row, item.cell): item.reason for item in drafted.unread}


# -- the label ---------------------------------------------------------------------------------------------------------


def test_the_source_is_the_label_at_its_revision() -> None:
    source = draft_label(label(), vocabulary(), THERAPIES).source
    assert source.id == "label.examprio.2020-02-29"
    assert source.revision == "effective 2020-02-29"
    assert str(source.date) == "2020-02-29"
    assert source.url == f"https://dailymed.nlm.nih.gov/dailymed/drugInfo.cfm?setid={source.set_id}"


def test_the_openfda_block_gives_hints_for_the_therapy() -> None:
    hints = draft_label(label(), vocabulary(), THERAPIES).therapy_hints
    assert hints["name"] == "examplumab"
    assert hints["brand"] == "EXAMPRIO"
    assert hints["application"] == "BLA000000"
    assert hints["identifiers"] == ["unii:0000000000", "rxcui:1"]


def test_indications_are_split_at_their_own_headings_only() -> None:
    parts = draft_label(label(), vocabulary(), THERAPIES).indications_raw
    assert [part["locator"] for part in parts] == ["1", "1.1", "1.2"]
    assert parts[2]["text"].startswith("1.2 Other Invented Disease For children")


def test_a_single_result_is_read_like_a_whole_answer() -> None:
    whole, single = label("plain"), label("plain")["results"][0]
    drafts = [draft_label(document, vocabulary(), THERAPIES).as_json() for document in (whole, single)]
    assert drafts[0] == drafts[1]


@pytest.mark.parametrize("document", [{}, {"results": []}, [], {"results": [{"set_id": "x"}]}])
def test_what_is_no_label_is_refused(document: Any) -> None:
    with pytest.raises(NotALabelError):
        draft_label(document, vocabulary(), THERAPIES)


def test_records_of_a_draft_are_those_of_the_fact_files() -> None:
    drafted = draft("plain", "laboratory", "counts", "phases").as_json()
    for record in drafted["adverse_events"]:
        assert AdverseEventRecord.model_validate(record).cohort in {cohort["key"] for cohort in drafted["cohorts"]}


# -- plain tables ------------------------------------------------------------------------------------------------------


def test_spanning_heads_arms_sizes_and_grades() -> None:
    drafted = draft("plain")
    assert [(c.key, c.patients, c.trial, c.comparator) for c in drafted.cohorts] == [
        ("invented-001-examplumab", 555, "INVENTED-001", False),
        ("invented-001-placebo", 256, "INVENTED-001", True),
    ]
    assert drafted.cohorts[0].therapies == ["examplumab"]
    assert drafted.cohorts[0].schedule == "10 mg/kg every 3 weeks"
    assert facts(drafted)["invented-001-examplumab", "Fatigue"] == [
        {"grades": "any", "percent": 28},
        {"grades": "3-4", "percent": 0.9},
    ]


def test_figures_stay_as_printed() -> None:
    found = facts(draft("plain"))
    assert found["invented-001-placebo", "Fatigue"][1] == {"grades": "3-4", "percent_below": 1}
    assert json.dumps(found["invented-001-examplumab", "Musculoskeletal pain"][1]["percent"]) == "4.0"


def test_a_dash_is_no_rate() -> None:
    drafted = draft("plain")
    assert facts(drafted)["invented-001-placebo", "Musculoskeletal pain"] == [{"grades": "any", "percent": 23}]
    assert reasons(drafted)["Musculoskeletal pain", "Grades 3-4: -"] == "not stated"


def test_footnotes_of_lists_are_restated_and_others_are_left_to_a_person() -> None:
    drafted = draft("plain")
    assert fact(drafted, "invented-001-placebo", "Fatigue").note == "Composite of: fatigue and asthenia."
    assert (
        fact(drafted, "invented-001-placebo", "Musculoskeletal pain").note == "Composite of: back pain and neck pain."
    )
    assert {"where": "6.1, Table 3", "row": "Musculoskeletal pain", "text": "One patient died of it."} in (
        drafted.footnotes_raw
    )


def test_the_locator_names_section_and_table() -> None:
    drafted = draft("plain", "counts")
    assert {record.locator for record in drafted.adverse_events} == {"6.1, Table 3", "6.2, Table 5"}


def test_what_is_unclear_in_a_row_is_left_out_and_reported() -> None:
    drafted = draft("plain")
    found, why = facts(drafted), reasons(drafted)
    assert ("invented-001-examplumab", "Arthralgia") not in found
    assert why["Arthralgia", "18 | 19"] == "a group of grades is larger than all grades"
    assert why["Arthralgia", "about 10"] == "no figure that can be read"
    assert found["invented-001-placebo", "Arthralgia"] == [{"grades": "3-4", "percent": 1.2}]
    assert why["Gastrointestinal disorders", ""] == "counts a whole organ system"
    assert "Study drug interruptions" in why["Severe rash", ""]


def test_terms_that_the_vocabulary_lacks_are_counted() -> None:
    drafted = draft("plain")
    assert drafted.new_terms["arthralgia", "Arthralgia"] == 1
    assert drafted.new_terms["musculoskeletal-pain", "Musculoskeletal pain"] == 2
    assert not any(term == "Fatigue" for _, term in drafted.new_terms)


# -- laboratory tables -------------------------------------------------------------------------------------------------


def test_one_arm_in_two_tables_is_one_cohort() -> None:
    drafted = draft("plain", "laboratory")
    assert len(drafted.cohorts) == 2
    assert len({record.natural_key() for record in drafted.adverse_events}) == len(drafted.adverse_events)


def test_laboratory_rows_have_their_own_denominators() -> None:
    drafted = draft("plain", "laboratory")
    own = fact(drafted, "invented-001-examplumab", "Increased AST")
    assert (own.kind, own.event) == ("laboratory", "aspartate-aminotransferase-increased")
    assert own.denominator_range == [520, 546]
    assert fact(drafted, "invented-001-placebo", "Increased AST").denominator == 237


def test_grades_1_to_4_are_not_all_grades() -> None:
    found = fact(draft("laboratory"), "invented-001-placebo", "Increased AST")
    assert [rate.grades for rate in found.rates] == ["1-4", "3-4"]
    assert not found.note


def test_a_dash_beside_other_severe_grades_counts_no_one() -> None:
    document = label("plain")
    tables = document["results"][0]["adverse_reactions_table"]
    tables[0] = tables[0].replace("All Grades", "Grade 3").replace("Grades 3-4", "Grade 4").replace("3–4", "4")
    drafted = draft_label(document, vocabulary(), THERAPIES)
    found = fact(drafted, "invented-001-placebo", "Musculoskeletal pain")
    assert ([rate.grades for rate in found.rates], found.none_in) == (["3"], ["4"])
    assert not fact(draft("plain"), "invented-001-placebo", "Musculoskeletal pain").none_in, "grades 3-4 is no part"


def test_impossible_denominators_are_left_out() -> None:
    document = label("plain", "laboratory")
    tables = document["results"][0]["adverse_reactions_table"]
    tables[1] = tables[1].replace("520 to 546", "520 to 556")
    drafted = draft_label(document, vocabulary(), THERAPIES)
    assert fact(drafted, "invented-001-examplumab", "Increased AST").denominator_range is None
    assert any(item.reason == "more were tested than the arm has" for item in drafted.unread)


def test_a_column_of_patients_tested_gives_the_denominator() -> None:
    drafted = draft("tested")
    anemia = fact(drafted, "invented-007-examplumab", "Anemia")
    assert anemia.denominator == 161
    assert facts(drafted)["invented-007-examplumab", "Anemia"] == [{"grades": "any", "percent": 98}]
    assert reasons(drafted)["Anemia", "76"] == "the vocabulary has no group for `Grades 2-4`"


# -- counts ------------------------------------------------------------------------------------------------------------


def test_n_and_percent() -> None:
    found = facts(draft("counts"))
    arm, control = "study-2-study-3-one-year-examplumab", "study-2-study-3-docetaxel-or-irinotecan"
    assert found[arm, "Hypertension"] == [{"grades": "any", "patients": 64, "percent": 4}]
    assert found[control, "Hypertension"] == [{"grades": "any", "patients": 35, "percent": 2}]
    assert found[control, "Dizziness"] == [{"grades": "any", "patients": 1, "percent_below": 1}]
    assert found[arm, "Nausea"] == [{"grades": "any", "patients": 0}]
    assert (control, "Nausea") not in found


def test_n_and_percent_with_a_denominator_of_their_own() -> None:
    drafted = draft("counts")
    assert fact(drafted, "study-2-study-3-one-year-examplumab", "Cough").denominator == 1600
    assert fact(drafted, "study-2-study-3-docetaxel-or-irinotecan", "Cough").denominator == 1700


def test_n_that_does_not_fit_its_percent_is_refused() -> None:
    assert reasons(draft("counts"))["Vomiting", "400 (4%)"] == "n and percent do not fit N=1678"


def test_a_bare_number_among_counts_is_refused() -> None:
    assert reasons(draft("counts"))["Vomiting", "12"] == "neither heading nor caption says what the number is"


def test_several_studies_are_a_pool() -> None:
    cohort = draft("counts").cohorts[0]
    assert (cohort.trial, cohort.pooled, cohort.pooled_from) == (None, True, ["Study 2", "Study 3"])


# -- layouts -----------------------------------------------------------------------------------------------------------


def test_heads_out_of_step_are_read_by_their_order() -> None:
    found = facts(draft("skewed"))
    assert found["invented-004-examplumab", "Cough"] == [
        {"grades": "any", "percent": 40},
        {"grades": "3-4", "percent": 0.6},
    ]
    assert found["invented-004-placebo", "Cough"] == [
        {"grades": "any", "percent": 30},
        {"grades": "3-4", "percent": 0.4},
    ]


def test_heads_out_of_step_without_a_plain_order_are_refused() -> None:
    document = label("skewed")
    tables = document["results"][0]["adverse_reactions_table"]
    tables[0] = tables[0].replace('<th colspan="2">All Grades (%)</th>', '<th colspan="2">Grade 5 (%)</th>')
    drafted = draft_label(document, vocabulary(), THERAPIES)
    assert "its headings do not fit the cells below" in reasons(drafted).values()
    assert facts(drafted)["invented-004-placebo", "Cough"] == [{"grades": "3-4", "percent": 0.4}]


def test_lines_in_one_cell_are_split_only_where_all_cells_agree() -> None:
    drafted = draft("lines")
    found = facts(drafted)
    cohort = drafted.cohorts[0].key
    assert drafted.cohorts[0].patients == 150
    assert found[cohort, "Hypothyroidism"][0]["percent"] == 11
    assert found[cohort, "Cough"] == [{"grades": "any", "percent": 14}, {"grades": ">=3", "percent": 0}]
    assert reasons(drafted)["Vomiting Rash", "30 / 14 | 1.3"] == "several lines in one cell"


def test_each_phase_with_an_n_of_its_own_is_a_cohort() -> None:
    drafted = draft("phases")
    sizes = {cohort.label: cohort.patients for cohort in drafted.cohorts}
    assert sizes["EXAMPRIO + Cytarabine: Induction"] == 131
    assert sizes["Cytarabine: Consolidation 1"] == 103
    assert fact(drafted, "invented-006-cytarabine-induction", "Infection").rates[0].grades == ">=3"


def test_the_threshold_of_the_caption_proves_percents() -> None:
    assert facts(draft("threshold"))["invented-009-examplumab", "Cough"][0] == {"grades": "any", "percent": 11}


def test_numbers_of_unknown_unit_are_refused() -> None:
    drafted = draft("unknown")
    assert drafted.adverse_events == []
    assert drafted.skipped[0].reason == "no row of it could be read; see unread"


def test_rates_by_time_of_exposure_are_skipped() -> None:
    drafted = draft("exposure")
    assert drafted.adverse_events == []
    assert drafted.skipped[0].reason == "rates by time of exposure are no percents"


@pytest.mark.parametrize(
    ("markup", "reason"),
    [("<table><tr><td>", "broken"), ("<p/>", "not a single table"), ("<table><caption>x</caption></table>", "no rows")],
)
def test_broken_markup_is_refused(markup: str, reason: str) -> None:
    with pytest.raises(UnreadableTableError, match=reason):
        read_table(markup)


def test_a_broken_table_is_reported_and_the_rest_is_drafted() -> None:
    document = label("plain")
    document["results"][0]["adverse_reactions_table"].insert(0, "<table><tr>")
    drafted = draft_label(document, vocabulary(), THERAPIES)
    assert drafted.tables_read == 1
    assert drafted.unread[0].reason.startswith("the markup is broken")


def test_causality_is_what_the_caption_says() -> None:
    document = label("plain")
    tables = document["results"][0]["adverse_reactions_table"]
    tables[0] = tables[0].replace("Adverse Reactions Occurring", "Treatment-Related Adverse Reactions Occurring")
    records = draft_label(document, vocabulary(), THERAPIES).adverse_events
    assert {record.causality for record in records if record.locator != "5.1"} == {"treatment_related"}


# -- section 5.1 -------------------------------------------------------------------------------------------------------


def test_immune_mediated_sentences() -> None:
    drafted = draft_label(label("plain"), vocabulary(), THERAPIES)
    told = {record.event: record for record in drafted.adverse_events if record.locator == "5.1"}
    assert set(told) == {"colitis", "hypothyroidism", "thyroiditis"}
    colitis = told["colitis"]
    assert colitis.causality == "immune_mediated"
    assert [rate.model_dump(mode="json", exclude_none=True) for rate in colitis.rates] == [
        {"grades": "any", "patients": 48, "percent": 1.7},
        {"grades": "4", "percent_below": 0.1},
        {"grades": "3", "percent": 1.1},
        {"grades": "2", "percent": 0.4},
    ]
    assert colitis.discontinued is not None
    assert (colitis.discontinued.patients, colitis.discontinued.percent) == (15, 0.5)
    assert colitis.resolved is not None
    assert (colitis.resolved.percent, colitis.resolved.of) == (85, 48)
    pool = next(cohort for cohort in drafted.cohorts if cohort.key == colitis.cohort)
    assert (pool.patients, pool.pooled, pool.key) == (2799, True, "pooled-examplumab-n2799")


def test_a_sentence_that_names_a_reported_trial_counts_in_its_cohort() -> None:
    drafted = draft_label(label("plain"), vocabulary(), THERAPIES)
    thyroiditis = next(record for record in drafted.adverse_events if record.event == "thyroiditis")
    assert thyroiditis.cohort == "invented-001-examplumab"
    assert thyroiditis.rates[1].grades == "5"


def test_sentences_that_do_not_fit_are_reported() -> None:
    drafted = draft_label(label(), vocabulary(), THERAPIES)
    why = [item.reason for item in drafted.unread if item.where == "5.1"]
    assert "no event of the vocabulary stands before `occurred`" in why
    assert "the vocabulary lacks a group of grades, or a group is larger than all grades" in why
    assert "1 sentences with `occurred in … (n/N)` do not fit the pattern as a whole" in why


# -- parts -------------------------------------------------------------------------------------------------------------


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
