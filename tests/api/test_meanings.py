"""Errors that help: words for parameters, values and paths by their meaning; paths that are nearly right."""

from collections import Counter

import httpx
import pytest
from pydantic import BaseModel

from app.api.endpoint import Endpoint
from app.api.meanings import PARAMETERS, PATHS, VALUES, meant_by, normalized
from app.api.other_paths import intended_path
from app.config import Settings
from app.main import create_api
from app.nouns.filters import TermFilter
from app.nouns.registry import fact_nouns, nouns


@pytest.fixture(scope="module")
def endpoints() -> list[Endpoint]:
    """All endpoints."""
    api = create_api(Settings(database_url="sqlite:///none.db"))
    return [route for route in api.routes if isinstance(route, Endpoint)]


def parameters(endpoint: Endpoint) -> set[str]:
    """The parameters of an endpoint, or of its body."""
    models: list[type[BaseModel]] = [endpoint.query_model, *([endpoint.body] if endpoint.body else [])]
    return {field.alias or name for model in models for name, field in model.model_fields.items()}


def test_every_parameter_and_path_of_the_tables_is_there(endpoints: list[Endpoint]) -> None:
    known = set().union(*map(parameters, endpoints))
    assert PARAMETERS.keys() <= known
    parts = {part for endpoint in endpoints for part in endpoint.path.split("/")} | {"docs", "openapi.json"}
    assert PATHS.keys() <= parts


def test_every_value_of_the_tables_is_one_of_its_parameter(client: httpx.Client) -> None:
    for parameter, meanings in VALUES.items():
        known: set[str] = {"csv", "jsonl", "bibtex", "csl-json"} if parameter == "format" else set()
        if parameter == "release":
            continue
        for noun in nouns():
            wanted = noun.by_name.get(parameter)
            if isinstance(wanted, TermFilter) and wanted.vocabulary:
                known |= {str(member) for member in wanted.vocabulary}
            elif isinstance(wanted, TermFilter):
                body = client.get(f"/{noun.name}", params={"facets": parameter, "limit": 1}).json()
                known |= {value["id"] for value in body["facets"][parameter]}
            if parameter == "sort":
                known |= {key for name in noun.sorts for key in (name, f"-{name}")}
        assert meanings.keys() <= known, parameter


def test_no_word_of_a_table_is_given_twice_for_one_meaning() -> None:
    for meanings in (PARAMETERS, PATHS, *VALUES.values()):
        for right, others in meanings.items():
            counted = Counter(map(normalized, others.split()))
            assert max(counted.values()) == 1, (right, counted.most_common(1))
            assert normalized(right) not in counted, right


WORDS = [
    ("drug", "therapy"), ("medicine", "therapy"), ("compound", "therapy"), ("disease", "condition"),
    ("indication", "condition"), ("page", "cursor"), ("offset", "cursor"), ("per_page", "limit"), ("perPage", "limit"),
    ("size", "limit"), ("search", "q"), ("gene", "target"), ("antigen", "target"),
]  # fmt: skip


@pytest.mark.parametrize(("word", "meant"), WORDS)
def test_a_parameter_is_suggested_by_its_meaning(client: httpx.Client, word: str, meant: str) -> None:
    for noun in nouns():
        known = [*noun.by_name, "q", "sort", "limit", "cursor", "id", "fields", "include", "facets", "format"]
        if meant not in known or word in known:
            continue
        error = client.get(f"/{noun.name}", params={word: "x"}).json()["errors"][0]
        assert error["parameter"] == word
        assert error["suggestions"][0] == meant, noun.name


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("/therapies?area=cancer", "oncology"),
        ("/therapies?line=1L", "first"),
        ("/indications?line=1l", "first"),
        ("/therapies?route=IV", "intravenous"),
        ("/therapies?route=SC", "subcutaneous"),
        ("/therapies?route_all=I.V.", "intravenous"),
        ("/therapies?agency=Europe", "EMA"),
        ("/therapies?boxed_warning=null", "unknown"),
        ("/therapies?line=none", "unknown"),
        ("/adverse-events?organ_system=GI", "gastrointestinal"),
        ("/adverse-events?causality=irAE", "immune_mediated"),
        ("/warnings?level=black%20box", "boxed"),
        ("/therapies?format=excel", "csv"),
    ],
)
def test_a_value_is_suggested_by_its_meaning(client: httpx.Client, path: str, meant: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["suggestions"][0] == meant


def test_what_may_mean_several_names_all() -> None:
    assert meant_by("2L", VALUES["line"], ["first", "second", "second_or_later"]) == ["second", "second_or_later"]
    assert meant_by("2L", VALUES["line"], ["first"]) == []


def test_a_path_in_other_spellings_is_redirected(client: httpx.Client) -> None:
    spellings = {
        f"/{noun.name}": {f"/{noun.name}/", f"/{noun.name.upper()}", f"/{noun.singular.replace(' ', '_')}"}
        for noun in nouns()
    }
    spellings |= {f"/{noun.name}/x%20y": {f"/{noun.name}/x%20y/", f"/{noun.kind}/x%20y"} for noun in nouns()}
    spellings |= {f"/therapies/x/{noun.name}": {f"/drugs/x/{noun.kind}/"} for noun in fact_nouns()}
    spellings |= {"/therapies": {"/drugs", "/medicine", "/api/drugs", "/v1/therapies"}, "/docs": {"/docs/", "/Docs"}}
    for right, others in spellings.items():
        for other in others - {right}:
            answer = client.get(f"{other}?a=b%20c&d=,", follow_redirects=False)
            assert answer.status_code == 308, other
            assert answer.headers["Location"] == f"{right}?a=b%20c&d=,", other
            assert "max-age" in answer.headers["Cache-Control"]


def test_a_redirect_leads_to_this_service_alone(endpoints: list[Endpoint]) -> None:
    templates = [endpoint.path for endpoint in endpoints]
    for path in ("//evil.example/x", "///therapies", "/\\evil/therapies", "/drugs//evil.example", "/drug/\r\nX: y"):
        meant = intended_path(path, templates)
        assert meant is None or (meant.startswith("/") and not meant.startswith("//") and meant.isprintable()), path
        assert meant is None or "\\" not in meant


def test_a_path_that_means_nothing_is_told_the_nearest(client: httpx.Client) -> None:
    for path, right in (
        ("/therapees", "/therapies"),
        ("/adverse-evnts", "/adverse-events"),
        ("/drugs/a/b/c", "/therapies"),
    ):
        answer = client.get(path)
        assert answer.status_code == 404
        assert right in answer.json()["errors"][0]["suggestions"]


def test_a_body_on_get_is_refused(client: httpx.Client) -> None:
    for path in ("/therapies", "/suggest?q=a", "/therapies/pembrolizumab"):
        for body in (b"{}", b"q=a"):
            answer = client.request("GET", path, content=body)
            assert answer.status_code == 400
            assert answer.json()["detail"] == "GET takes no body."


def test_no_error_speaks_of_the_library(few: httpx.Client, endpoints: list[Endpoint]) -> None:
    """Every parameter, given nonsense where it is first declared so: the error follows from its declaration."""
    declared = {
        (field.alias or name, repr(field)): endpoint
        for endpoint in reversed(endpoints)
        for name, field in endpoint.query_model.model_fields.items()
        if not endpoint.body
    }
    refused = 0
    for (name, _), endpoint in declared.items():
        path = endpoint.path.replace("{id}", "x").replace("{a}", "x").replace("{b}", "y")
        for value in ("", "\u00e9", "-1", "2999-01-01"):
            with few.stream("GET", path, params={name: value}) as answer:
                said = answer.read().decode() if answer.is_error else ""
            assert "Value error" not in said, (path, name, value)
            assert "Input should be" not in said, (path, name, value)
            refused += answer.status_code == 422
    assert refused > 300
