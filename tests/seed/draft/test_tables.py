"""Every shape of table that is read, and every one that is refused."""

import json

import pytest

from seed.draft.drafting import draft_label
from seed.draft.tables import UnreadableTableError, read_table
from tests.seed.draft.invented import THERAPIES, draft, fact, facts, label, reasons, vocabulary

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
