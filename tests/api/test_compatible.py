"""Compatible for good: the OpenAPI document breaks no client of the one that is kept, `docs/openapi.json`."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from app.main import openapi
from tests.api.breaking import KEPT, Documents, without_texts

Json = dict[str, Any]


@pytest.fixture(scope="module")
def kept() -> Json:
    document: Json = json.loads(KEPT.read_text(encoding="utf-8"))
    return document


def test_no_client_breaks(kept: Json) -> None:
    assert Documents(kept, json.loads(openapi())).breaks() == [], "CONTRIBUTING.md says how something may go."


def test_the_kept_document_is_of_today(kept: Json) -> None:
    assert without_texts(kept) == without_texts(json.loads(openapi())), "`make openapi` renews it."


def schema_with(document: Json, key: str) -> Json:
    return next(s for s in document["components"]["schemas"].values() if key in s.get("properties", {}))


def remove_path(new: Json) -> None:
    del new["paths"]["/therapies/{id}"]


def rename_operation(new: Json) -> None:
    new["paths"]["/therapies"]["get"]["operationId"] += "_2"


def remove_operation(new: Json) -> None:
    del new["paths"]["/resolve"]["post"]


def remove_parameter(new: Json) -> None:
    new["paths"]["/therapies"]["get"]["parameters"].pop(0)


def add_required_parameter(new: Json) -> None:
    parameter = {"in": "query", "name": "key", "required": True, "schema": {"type": "string"}}
    new["paths"]["/therapies"]["get"]["parameters"].append(parameter)


def remove_value(new: Json) -> None:
    for part in (*new["components"]["parameters"].values(), *new["components"]["schemas"].values()):
        schema = part.get("schema", part)
        for place in (schema, schema.get("items", {})):
            if len(place.get("enum", [])) > 2:
                place["enum"].pop()


def remove_key(new: Json) -> None:
    del schema_with(new, "brand_names")["properties"]["brand_names"]


def change_type(new: Json) -> None:
    schema_with(new, "brand_names")["properties"]["brand_names"] = {"type": "string"}


def optional_key(new: Json) -> None:
    schema_with(new, "brand_names")["required"].remove("brand_names")


def remove_answer(new: Json) -> None:
    del new["paths"]["/therapies/{id}"]["get"]["responses"]["404"]


def remove_media_type(new: Json) -> None:
    del new["paths"]["/therapies"]["get"]["responses"]["200"]["content"]["application/json"]


BREAKING = [remove_path, rename_operation, remove_operation, remove_parameter, add_required_parameter, remove_value,
            remove_key, change_type, optional_key, remove_answer, remove_media_type]  # fmt: skip


@pytest.mark.parametrize("change", BREAKING)
def test_what_would_break_a_client_is_seen(kept: Json, change: Callable[[Json], None]) -> None:
    new = copy.deepcopy(kept)
    change(new)
    assert Documents(kept, new).breaks() != []


def test_what_only_grows_breaks_nobody(kept: Json) -> None:
    new = copy.deepcopy(kept)
    new["paths"]["/more"] = {"get": {"operationId": "more", "responses": {}}}
    parameter = {"in": "query", "name": "more", "schema": {"type": "string"}}
    new["paths"]["/therapies"]["get"]["parameters"].append(parameter)
    schema = schema_with(new, "brand_names")
    schema["properties"]["more"] = {"type": "string"}
    schema["required"].append("more")
    assert Documents(kept, new).breaks() == []
