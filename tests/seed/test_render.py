"""Rendering: forms follow from the declarations of the nouns, and nothing is left out in silence."""

from pathlib import Path

import pytest

from app.nouns.registry import noun, nouns
from seed.files import Facts, read
from seed.release_data import ReleaseData
from seed.render import RenderError, render
from seed.rows import typed_rows
from tests.project import Copy
from tests.seed.base import sound, write


@pytest.fixture
def facts(tmp_path: Path) -> Facts:
    """The small fact base."""
    return read(write(sound(), tmp_path))[0]


def test_every_noun_has_a_list_in_its_own_order(facts: Facts) -> None:
    forms = render(facts)
    assert list(forms) == [each.name for each in nouns()]
    assert [form.id for form in forms["conditions"]] == ["melanoma", "skin-cancer"]
    for name in ("classes", "targets", "conditions", "events", "sources", "statements", "therapies"):
        assert forms[name] == sorted(forms[name], key=noun(name).sort_key)


def test_a_fact_has_its_id_therapy_evidence_and_what_it_refers_to(facts: Facts) -> None:
    forms = render(facts)
    (event,) = forms["adverse-events"]
    assert event.id == "examplumab.trial-1-examplumab.rash"
    assert (event.therapy.id, event.therapy.class_.name) == ("examplumab", "PD-1 inhibitor")
    assert (event.term.id, event.term.organ_system) == ("rash", "skin-and-subcutaneous-tissue")
    assert event.cohort.id == "examplumab.trial-1-examplumab"
    assert [therapy.class_.id for therapy in event.cohort.therapies] == ["pd-1-inhibitor"]
    assert (event.evidence.source.title, str(event.evidence.curated_on)) == (
        "EXAMPLARA prescribing information",
        "2024-05-06",
    )
    assert event.patients_at_risk == 200
    (therapy,) = forms["therapies"]
    assert therapy.counts.adverse_events == 1
    assert therapy.mechanisms == forms["mechanisms"]


def test_facts_of_several_therapies_follow_the_order_of_therapies(tmp_path: Path) -> None:
    files = sound()
    text = files["therapies/examplumab.json"]
    other = {**text, "therapy": {**text["therapy"], "id": "b", "name": "Aaumab", "products": []}, "cohorts": []}
    files["therapies/b.json"] = {**other, "adverse_events": []}
    found = render(read(write(files, tmp_path / "two"))[0])
    assert [form.id for form in found["therapies"]] == ["b", "examplumab"]
    assert [form.therapy.id for form in found["mechanisms"]] == ["b", "examplumab"]


@pytest.mark.only_on_sqlite("The code is copied, not the database.")
def test_a_field_that_is_written_otherwise_is_answered(tmp_path: Path) -> None:
    """Where the key is no name in Python, as `class`."""
    copy, files = Copy(tmp_path), sound()
    field = '    class_: Text | None = Field(default=None, alias="class", description="Kind of warning.")'
    copy.insert("app/nouns/warning.py", "class WarningBase(SQLModel):", field)
    files["therapies/examplumab.json"]["warnings"][0]["class"] = "immune"
    copy.write_facts(files)
    program = "import seed.files, seed.render as s; print(s.render(seed.files.read()[0])['warnings'][0].class_)"
    assert copy.run("python", "-c", program) == "immune\n"


def test_facts_of_no_noun_are_refused(facts: Facts) -> None:
    facts.therapies[0].sections["doses"] = facts.therapies[0].sections["mechanisms"]
    with pytest.raises(RenderError, match=r"therapies/examplumab.json: doses"):
        render(facts)
    del facts.therapies[0].sections["doses"]
    facts.lists["phases"] = []
    with pytest.raises(RenderError, match="phases"):
        render(facts)


def test_a_reference_to_nothing_is_refused(facts: Facts) -> None:
    facts.lists["targets"] = []
    with pytest.raises(RenderError, match="There is no 'PDCD1' among the targets"):
        render(facts)


def test_lists_without_records_are_no_part_of_a_release(facts: Facts) -> None:
    facts.lists["statements"] = []
    data = ReleaseData.of_forms(render(facts))
    assert "statements" not in data.counts
    read_back = ReleaseData.of_documents({**data.documents, "statements": []})
    assert (read_back.digest, read_back.counts) == (data.digest, data.counts)


def test_a_list_of_no_noun_is_refused() -> None:
    with pytest.raises(ValueError, match="there is no list 'doses'"):
        ReleaseData.of_documents({"doses": ["{}"]})


def test_rows_have_every_column_of_their_table(facts: Facts) -> None:
    tables = {found.table.name: found for found in typed_rows(ReleaseData.of_forms(render(facts)))}
    assert list(tables).index("therapy") < list(tables).index("cohort") < list(tables).index("adverse_event")
    for found in tables.values():
        assert {*found.columns, "release_id"} == set(found.table.columns.keys())
    event = tables["adverse_event"]
    row = dict(zip(event.columns, next(iter(event.rows)), strict=True))
    assert row["cohort_id"] == "examplumab.trial-1-examplumab"
    assert (row["event_id"], row["therapy_id"], row["any_percent"]) == ("rash", "examplumab", 15)
    assert type(row["kind"]) is str
    product = tables["product"]
    row = dict(zip(product.columns, next(iter(product.rows)), strict=True))
    assert (row["id"], row["position"], row["agency"]) == ("examplumab.fda.examplara", 0, "FDA")
