"""What a declaration gives: values at paths, the filters of a list with those it joins, titles."""

from app.nouns.declaration import title_of
from app.nouns.paths import public_keys, reader, values_at
from app.nouns.registry import noun, nouns

DOCUMENT = {
    "id": "x",
    "name": None,
    "tags": ["a", None, "b"],
    "parts": [{"id": "1", "sub": {"n": 1}}, {"id": "2", "sub": None}, {"sub": {"n": 0}}],
    "flag": False,
}


def test_values_at_a_path_follow_lists_and_leave_nulls_out() -> None:
    for path, found in {
        "id": ["x"],
        "name": [],
        "missing.deeper": [],
        "parts.id": ["1", "2"],
        "parts.sub.n": [1, 0],
        "flag": [False],
        "id.deeper": [],
    }.items():
        assert values_at(DOCUMENT, path) == found, path


def test_values_by_a_function_leave_nulls_out() -> None:
    assert list(reader(lambda document: document["tags"])(DOCUMENT)) == ["a", "b"]
    assert list(reader("parts.id")(DOCUMENT)) == ["1", "2"]


def test_a_list_takes_the_filters_that_it_joins() -> None:
    therapies, indications = noun("therapies"), noun("indications")
    assert therapies.by_name["condition"] is indications.by_name["condition"]
    assert therapies.owners["condition"] is indications
    assert therapies.owners["agency"] is therapies
    assert list(therapies.filter_names.values())[-2:] == ["q", "id"]
    assert therapies.filter_names["class_"] == "class"
    assert "approved_from" in therapies.filter_names
    assert "approved_from" not in therapies.facets
    assert "condition" in therapies.facets


def test_keys_are_those_of_the_answer() -> None:
    assert "class" in public_keys(noun("therapies").public)
    assert "class_" not in public_keys(noun("therapies").public)


def test_a_fact_is_called_by_its_therapy_and_what_it_is_about() -> None:
    pembrolizumab = {"name": "pembrolizumab"}
    assert title_of(noun("indications"), {"therapy": pembrolizumab, "condition": {"name": "Melanoma"}}) == (
        "pembrolizumab: Melanoma"
    )
    assert title_of(noun("mechanisms"), {"therapy": pembrolizumab, "target": None}) == "pembrolizumab"
    assert title_of(noun("classes"), {"name": "CAR-T"}) == "CAR-T"
    about = {"therapy": None, "about": {"name": "Immunotherapy"}}
    assert title_of(noun("statements"), about) == "Immunotherapy"


def test_every_noun_says_what_the_documentation_shows() -> None:
    for each in nouns():
        for said in (each.list_summary, each.list_description, each.record_summary, each.record_description):
            assert said, each.name
        for wanted in each.filters:
            assert wanted.description.endswith("."), (each.name, wanted.name)
            assert wanted.example, (each.name, wanted.name)
