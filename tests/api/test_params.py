"""Parameters: the query string as pairs, the model of a list made of its declarations, names resolved to ids."""

import datetime as dt
import json
import re
from dataclasses import replace
from typing import Any

import pytest

from app.api.endpoint import validated
from app.api.errors import Problem, ProblemType
from app.api.filters import given_filters, resolve_filters
from app.api.params import MAX_VALUES, MOST_USED, NoParams, list_params, record_params
from app.api.query_string import MAX_PARAMETERS, MAX_QUERY_BYTES, grouped, parse_query
from app.nouns.declaration import Noun
from app.nouns.filters import FlagFilter, RangeFilter, TermFilter
from app.nouns.registry import noun as noun_of
from app.nouns.registry import nouns
from app.release.indexing import build
from app.release.opened import OpenRelease
from app.vocabulary import TherapyStatus

THERAPIES = noun_of("therapies")


def read(query: str, noun: Noun = THERAPIES) -> Any:
    """The parameters of a list, read from a query string."""
    model = list_params(noun)
    return validated(model, grouped(parse_query(query.encode()), model))


def refused(query: str, noun: Noun = THERAPIES) -> Problem:
    """The problem that a query string is refused with."""
    with pytest.raises(Problem) as error:
        read(query, noun)
    return error.value


def test_a_query_string_is_pairs_with_what_was_written() -> None:
    found = parse_query("q=a%20b+c&class=&x&=y&q=ü".encode("latin-1").replace(b"\xfc", b"%C3%BC"))
    assert [(param.name, param.value) for param in found] == [
        ("q", "a b c"),
        ("class", ""),
        ("x", ""),
        ("", "y"),
        ("q", "ü"),
    ]
    assert [param.raw for param in found] == ["q=a%20b+c", "class=", "x", "=y", "q=%C3%BC"]
    assert parse_query(b"") == parse_query(b"&&&") == []


def test_what_an_address_cannot_hold_is_written_otherwise() -> None:
    """A permalink is made of the raw pairs: nothing in it may end a header or a link."""
    for query in (b"q=<a>", b'q="a"', b"q=a|b{c}", b"q=\\", b"q=^`"):
        raw = parse_query(query)[0].raw
        assert not set(raw) & set('<>"{}|\\^`')
        assert parse_query(raw.encode())[0].value == parse_query(query)[0].value


@pytest.mark.parametrize(
    ("query", "kind", "parameter"),
    [
        (b"q=" + b"a" * MAX_QUERY_BYTES, ProblemType.QUERY_TOO_LONG, None),
        (b"&".join([b"a=b"] * (MAX_PARAMETERS + 1)), ProblemType.BAD_PARAMETER, "query"),
        (b"q=%ff", ProblemType.BAD_PARAMETER, "query"),
        (b"q=\xff", ProblemType.BAD_PARAMETER, "query"),
        (b"q=a%00", ProblemType.BAD_PARAMETER, "q"),
        (b"a%00=b", ProblemType.BAD_PARAMETER, "a"),
        (b"%00=b", ProblemType.BAD_PARAMETER, "query"),
    ],
)
def test_what_cannot_be_read_is_a_problem(query: bytes, kind: ProblemType, parameter: str | None) -> None:
    with pytest.raises(Problem) as error:
        parse_query(query)
    assert error.value.type is kind
    assert [param.parameter for param in error.value.params] == ([parameter] if parameter else [])
    assert len(error.value.detail) < 200


def test_the_limits_themselves_are_answered() -> None:
    assert len(parse_query(b"q=" + b"a" * (MAX_QUERY_BYTES - 2))) == 1
    assert len(parse_query(b"&".join([b"a=b"] * MAX_PARAMETERS))) == MAX_PARAMETERS


def test_several_values_come_with_commas_or_one_by_one() -> None:
    for query in ("class=a,b,c", "class=a&class=b&class=c", "class=a,&class=%20b%20,c,"):
        assert read(query).class_ == ["a", "b", "c"]
    assert read("class=" + ",".join(map(str, range(MAX_VALUES)))).class_[-1] == str(MAX_VALUES - 1)


def test_words_of_vocabularies_are_found_in_any_spelling() -> None:
    for written in ("emergency_use", "EMERGENCY-USE", "Emergency use"):
        assert read(f"status={written.replace(' ', '%20')}").status == [TherapyStatus.EMERGENCY_USE]
    assert read("status=approved,withdrawn").status == [TherapyStatus.APPROVED, TherapyStatus.WITHDRAWN]


def test_days_numbers_and_flags_have_their_types() -> None:
    query = read("approved_from=2020-01-31&boxed_warning=true&limit=7&sort=-name,first_approval")
    assert query.approved_from == dt.date(2020, 1, 31)
    assert query.boxed_warning is True
    assert query.limit == 7
    assert query.sort == ["-name", "first_approval"]
    assert read("patients_from=12", noun_of("cohorts")).patients_from == 12
    assert read("any_percent_to=12.5", noun_of("adverse-events")).any_percent_to == 12.5
    assert read("").limit == 20


@pytest.mark.parametrize(
    ("query", "parameter", "suggestion"),
    [
        ("clas=car-t", "clas", "class"),
        ("status=aproved", "status", "approved"),
        ("sort=nam", "sort", "name"),
        ("facets=clas", "facets", "class"),
        ("fields=nam", "fields", "name"),
        ("include=product", "include", "products"),
        ("format=cvs", "format", "csv"),
        ("class=", "class", None),
        ("class=,,", "class", None),
        ("limit=1&limit=2", "limit", None),
        ("limit=0", "limit", None),
        ("limit=501", "limit", None),
        ("limit=1e2", "limit", None),
        ("limit=" + "9" * 4_500, "limit", None),
        ("approved_from=2020-13-01", "approved_from", None),
        ("approved_from=1577836800", "approved_from", None),
        ("approved_from=٢٠٢٠-٠١-٠١", "approved_from", None),
        ("boxed_warning=perhaps", "boxed_warning", None),
        ("as_of=2999-01-01", "as_of", None),
        ("class=" + ",".join(map(str, range(MAX_VALUES + 1))), "class", None),
        ("q=" + "a" * 301, "q", None),
        ("q=", "q", None),
    ],
)
def test_a_bad_value_names_its_parameter_and_the_nearest(query: str, parameter: str, suggestion: str | None) -> None:
    from urllib.parse import quote

    problem = refused(quote(query, safe="=&,-"))
    assert problem.status == 422
    param = problem.params[0]
    assert param.parameter == parameter
    assert param.detail
    assert suggestion is None or suggestion in param.suggestions
    assert len(str(param.model_dump())) < 2_500


def test_numbers_beyond_their_bounds_are_refused() -> None:
    for query, name in (("any_percent_from=101", "adverse-events"), ("any_percent_from=nan", "adverse-events")):
        assert refused(query, noun_of(name)).params[0].parameter == "any_percent_from"
    for query in ("patients_from=0", "patients_from=-1", "patients_to=" + "9" * 30, "patients_to=1.5"):
        assert refused(query, noun_of("cohorts")).params[0].parameter == query.split("=")[0]
    assert refused("any_percent_from=1e400", noun_of("adverse-events")).status == 422


def test_every_fault_is_said_at_once() -> None:
    assert {param.parameter for param in refused("limit=0&status=x&clas=y").params} == {"limit", "status", "clas"}


@pytest.mark.parametrize("noun", nouns(), ids=lambda noun: noun.name)
def test_the_parameters_of_a_list_follow_from_its_declaration(noun: Noun) -> None:
    fields = list_params(noun).model_fields
    names = [field.alias or name for name, field in fields.items()]
    own = [name for name in noun.by_name if name not in noun.all_filters]
    common = noun.common or own[:MOST_USED]
    others = [name for name in own if name not in common]
    assert [name for name in names if name in noun.by_name] == [*common, *others, *noun.all_filters]
    assert names[: len(common) + 2] == [*common, "q", "sort"]
    assert names[-2:] == ["release", "as_of"]
    for wanted in noun.by_name.values():
        parsed = read(f"{wanted.name}={wanted.example}", noun)
        assert given_filters(noun, parsed).keys() == {wanted.name}
    assert "therapy" not in list_params(noun, leave_out="therapy").model_fields
    record = record_params(noun).model_fields
    assert {"fields", "format", "release", "as_of"} <= record.keys()
    assert not record.keys() & {"limit", "sort", "q", "facets"}


def test_a_filter_declared_later_is_a_parameter() -> None:
    more = (
        TermFilter("molecule", "Format of the molecule.", "format", example="Whole antibody"),
        FlagFilter("licensed", "Has a product.", lambda _: [True]),
        RangeFilter("products_from", "At least so many.", "counts.sources", int, "2", minimum=1),
    )
    later = replace(THERAPIES, filters=(*THERAPIES.filters, *more))
    query = read("molecule=Whole%20antibody&licensed=false&products_from=2&facets=molecule,licensed", later)
    assert given_filters(later, query) == {"molecule": ["Whole antibody"], "licensed": False, "products_from": 2}
    assert refused("facets=products_from", later).params[0].parameter == "facets"
    assert refused("products_from=0", later).params[0].parameter == "products_from"


@pytest.mark.parametrize("noun", nouns(), ids=lambda noun: noun.name)
def test_unknown_is_taken_in_any_case_where_values_may_be_missing_and_refused_elsewhere(noun: Noun) -> None:
    for name, wanted in noun.by_name.items():
        closed = not isinstance(wanted, TermFilter) or wanted.vocabulary is not None
        if name in noun.optional:
            for written in ("unknown", "UNKNOWN", "Unknown"):
                value = given_filters(noun, read(f"{name}={written}", noun))[name]
                assert value == ("unknown" if isinstance(wanted, (FlagFilter, RangeFilter)) else [value[0]]), name
                assert not closed or str(value[0] if isinstance(value, list) else value) == "unknown", name
        elif closed and not (isinstance(wanted, TermFilter) and "unknown" in list(wanted.vocabulary or ())):
            problem = refused(f"{name}=unknown", noun)
            assert [param.parameter for param in problem.params] == [name]


def test_all_of_too_many_combinations_is_refused() -> None:
    release = opened()
    given = {"agency_all": ["FDA", "EMA"], "status": ["approved"]}
    assert resolve_filters(release, THERAPIES, given) == given
    many = {"agency_all": ["FDA"], "setting_all": ["adjuvant", "neoadjuvant", "metastatic"], "line_all": list("abc")}
    assert resolve_filters(release, THERAPIES, many) == many
    with pytest.raises(Problem) as error:
        resolve_filters(release, THERAPIES, {"line_all": [str(n) for n in range(51)], "agency_all": ["FDA", "EMA"]})
    assert error.value.params[0].allowed == "at most 100 combinations of their values"


def test_no_text_speaks_of_the_library() -> None:
    queries = ("class=", "approved_from=1", "as_of=2999-01-01", "boxed_warning=perhaps", "limit=x", "limit=1.5")
    for query in queries:
        detail = refused(query).detail
        assert not re.search("Value error|Assertion|valid boolean|valid integer|unable to", detail), detail


def test_an_operation_without_parameters_refuses_all() -> None:
    with pytest.raises(Problem) as error:
        validated(NoParams, grouped(parse_query(b"x=1"), NoParams))
    assert error.value.params[0].allowed == "one of: none"


def opened() -> OpenRelease:
    """A release of a few targets, one of which is below another."""
    targets = [
        {"id": "PDCD1", "name": "PD-1", "synonyms": ["CD279", "twin"], "parents": []},
        {"id": "CTLA4", "name": "CTLA-4", "synonyms": ["twin"], "parents": [{"id": "PDCD1", "name": "PD-1"}]},
    ]
    documents = [json.dumps(target | {"kind": "protein", "xrefs": []}) for target in targets]
    row = {
        "id": 1,
        "version": "2026.01.02",
        "released_on": dt.date(2026, 1, 2),
        "digest": "d",
        "counts": {"targets": 2},
    }
    return OpenRelease(row, build({"targets": documents}))  # type: ignore[arg-type]  # it reads nothing else of a row


def test_names_become_ids_and_each_once() -> None:
    release, targets = opened(), noun_of("targets")
    assert resolve_filters(release, THERAPIES, {"target": ["pd 1", "PDCD1", "CD279", "CTLA4"]}) == {
        "target": ["PDCD1", "CTLA4"]
    }
    given = {"id": ["b", "a", "b"], "q": "pd-1", "kind": ["protein"], "below": ["PD-1"]}
    assert resolve_filters(release, targets, given) == given | {"id": ["b", "a"], "below": ["PDCD1"]}


@pytest.mark.parametrize(
    ("given", "suggestions", "allowed"),
    [
        ({"target": ["PD-11"]}, ["PDCD1"], "an id or a known name of /targets, or `unknown`"),
        ({"target": ["twin"]}, ["CTLA4", "PDCD1"], "CTLA4 or PDCD1"),
        ({"route": ["intravenous"]}, [], "a value that occurs in this list, or `unknown`"),
        ({"q": '"" ++'}, [], 'words, and phrases in "quotes"'),
    ],
)
def test_a_name_that_is_not_known_or_not_clear_is_refused(
    given: dict[str, Any], suggestions: list[str], allowed: str
) -> None:
    with pytest.raises(Problem) as error:
        resolve_filters(opened(), THERAPIES, given)
    param = error.value.params[0]
    assert param.parameter == next(iter(given))
    assert (param.suggestions, param.allowed) == (suggestions, allowed)
