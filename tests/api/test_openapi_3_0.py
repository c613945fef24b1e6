"""The OpenAPI document in the words of version 3.0: valid there, and no other than the document itself."""

from typing import Any

import httpx
import pytest

from app.api.openapi_3_0 import as_3_0
from tests.api.documented import operations

SCHEMAS = {
    "null is a mark": ({"type": ["string", "null"]}, {"type": "string", "nullable": True}),
    "several types": ({"type": ["string", "integer"]}, {"anyOf": [{"type": "string"}, {"type": "integer"}]}),
    "one value": ({"const": "unknown"}, {"enum": ["unknown"]}),
    "null or a reference": (
        {"anyOf": [{"$ref": "#/a"}, {"type": "null"}], "description": "A."},
        {"allOf": [{"$ref": "#/a"}], "nullable": True, "description": "A."},
    ),
    "a reference that says more": (
        {"$ref": "#/a", "description": "A."},
        {"allOf": [{"$ref": "#/a"}], "description": "A."},
    ),
    "bounds": ({"exclusiveMinimum": 0}, {"minimum": 0, "exclusiveMinimum": True}),
    "examples": ({"items": {"examples": ["a", "b"]}}, {"items": {"example": "a"}}),
    "a property that is called as a keyword": (
        {"properties": {"const": {"type": ["null", "number"]}}},
        {"properties": {"const": {"type": "number", "nullable": True}}},
    ),
    "a pair": (
        {"prefixItems": [{"type": "number"}, {"type": "string"}]},
        {"items": {"anyOf": [{"type": "number"}, {"type": "string"}]}, "minItems": 2, "maxItems": 2},
    ),
}


@pytest.mark.parametrize(("later", "older"), SCHEMAS.values(), ids=SCHEMAS.keys())
def test_a_schema_says_the_same_in_the_words_of_3_0(later: dict[str, Any], older: dict[str, Any]) -> None:
    document = {"openapi": "3.1.0", "info": {}, "components": {"schemas": {"A": later}}}
    assert as_3_0(document)["components"]["schemas"] == {"A": older}


def test_the_document_is_valid_and_says_of_each_operation_what_the_other_says(client: httpx.Client) -> None:
    from schemathesis.specs.openapi.definitions import OPENAPI_30_VALIDATOR

    answer, later = client.get("/openapi-3.0.json"), client.get("/openapi.json").json()
    older = answer.json()
    assert answer.headers["ETag"] != client.get("/openapi.json").headers["ETag"]
    assert [str(error) for error in OPENAPI_30_VALIDATOR.iter_errors(older)] == []
    for (path, operation), (_, other) in zip(operations(older), operations(later), strict=True):
        for key in ("operationId", "summary", "description"):
            assert operation[key] == other[key], path
        assert operation["responses"].keys() == other["responses"].keys(), path
        assert [shown.get("name", shown.get("$ref")) for shown in operation["parameters"]] == [
            shown.get("name", shown.get("$ref")) for shown in other["parameters"]
        ], path
    assert older["servers"] == later["servers"]
    assert older["components"]["schemas"].keys() == later["components"]["schemas"].keys()
