"""A label as a whole: its source, what it hints at, its text, and what is refused."""

from typing import Any

import pytest

from app.nouns.adverse_event import AdverseEventRecord
from seed.draft.drafting import draft_label
from seed.draft.labels import NotALabelError
from tests.seed.draft.invented import THERAPIES, draft, label, vocabulary


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
    assert hints["identifiers"] == ["unii:0000000000", "rxnorm:1"]


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
