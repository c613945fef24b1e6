"""The OpenAPI document as version 3.0: for Swagger UI, which then takes half the time, and older tools.

What 3.0 has no words for is said as near as it can be.
"""

from collections.abc import Mapping
from typing import Any

Schema = dict[str, Any]
VERSION = "3.0.3"
_SAME = frozenset({"example", "examples", "default", "enum"})
"""Keys whose values are no schemas, whatever they look like."""


def as_3_0(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document of version 3.1 as one of 3.0."""
    found = {key: _converted(part) for key, part in document.items()}
    found["openapi"] = VERSION
    found["info"].get("license", {}).pop("identifier", None)
    return found


def _converted(part: Any) -> Any:
    """A part of the document that is no schema; what refers to another says no more."""
    if isinstance(part, list):
        return [_converted(each) for each in part]
    if not isinstance(part, dict):
        return part
    if isinstance(part.get("$ref"), str):
        return {"$ref": part["$ref"]}
    found = {key: _of_key(key, value) for key, value in part.items()}
    if "in" in part and "schema" in part:  # a parameter, which pages would fill in with the example of its schema
        found["schema"] = {key: value for key, value in found["schema"].items() if key != "example"}
    return found


def _of_key(key: str, value: Any) -> Any:
    if key == "schema":
        return _schema(value)
    if key == "schemas":
        return {name: _schema(each) for name, each in value.items()}
    return value if key in _SAME else _converted(value)


def _schema(given: Any) -> Any:
    """A schema: null is a mark and no type, one value is a list, what refers to another has nothing beside."""
    if not isinstance(given, dict):
        return given  # `additionalProperties: false`
    found: Schema = {}
    for key, value in given.items():
        if key in {"properties", "patternProperties"}:
            found[key] = {name: _schema(each) for name, each in value.items()}
        elif key in {"anyOf", "allOf", "oneOf"}:
            found[key] = [_schema(each) for each in value]
        elif key in {"items", "additionalProperties", "not"}:
            found[key] = _schema(value)
        else:
            found[key] = value
    if "const" in found:
        found["enum"] = [found.pop("const")]
    if "examples" in found:
        found.setdefault("example", found.pop("examples")[0])
    for bound in ("Minimum", "Maximum"):
        if (limit := found.pop(f"exclusive{bound}", None)) is not None:
            found |= {bound.lower(): limit, f"exclusive{bound}": True}
    if parts := found.pop("prefixItems", None):
        found |= {"items": {"anyOf": [_schema(each) for each in parts]}, "minItems": len(parts), "maxItems": len(parts)}
    return _referring(_nullable(found))


def _nullable(schema: Schema) -> Schema:
    """The same, null said by `nullable`."""
    kinds = schema.get("type")
    if isinstance(kinds, list):
        some = [kind for kind in kinds if kind != "null"]
        rest = {key: value for key, value in schema.items() if key != "type"}
        typed = {"type": some[0]} if len(some) == 1 else {"anyOf": [{"type": kind} for kind in some]}
        schema = rest | typed | ({"nullable": True} if len(some) < len(kinds) else {})
    ways = schema.get("anyOf", [])
    some = [way for way in ways if way.get("type") != "null"]
    if len(some) == len(ways):
        return schema
    rest = {key: value for key, value in schema.items() if key != "anyOf"}
    return rest | ({"allOf" if len(some) == 1 else "anyOf": some}) | {"nullable": True}


def _referring(schema: Schema) -> Schema:
    """The same, where it refers to another and says more, as all of both."""
    if "$ref" not in schema or len(schema) == 1:
        return schema
    return {"allOf": [{"$ref": schema["$ref"]}], **{key: value for key, value in schema.items() if key != "$ref"}}
