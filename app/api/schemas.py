"""JSON Schemas of what is answered and taken, as the OpenAPI document shows them: short, and true of every answer."""

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel
from pydantic.config import JsonDict
from pydantic.json_schema import JsonSchemaMode, models_json_schema

REFERENCE = "#/components/schemas/{model}"
NOT_ALWAYS: JsonDict = {"x-not-always": True}
"""`json_schema_extra` of a field whose key is left out of some answers. All other keys are always answered."""
_OF_CURATORS = {"default", "minLength", "maxLength"}
"""Keywords that say how the fact files are written, and nothing of an answer."""

_BOUNDS = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}
"""What pydantic calls the bounds of a union, and JSON Schema of each of its types."""
LEAST_SHARED = 3
"""Properties that a schema must have to be extended by others."""

Schema = dict[str, Any]


def schemas(models: Iterable[type[BaseModel]], mode: JsonSchemaMode) -> tuple[list[Schema], dict[str, Schema]]:
    """A schema for each model, and the schemas of all that they refer to, by name.

    Of answers (`serialization`) every key is required that is not marked `NOT_ALWAYS`.
    """
    inputs = [(model, mode) for model in models]
    found, rest = models_json_schema(inputs, ref_template=REFERENCE)
    answered = mode == "serialization"
    named = {name: plain(schema, answered=answered) for name, schema in rest.get("$defs", {}).items()}
    for schema in named.values():
        for part in schema.get("properties", {}).values():
            if "$ref" in part:  # pydantic leaves out what the schema referred to says in the same words
                part.setdefault("description", named[name_of(part)].get("description"))
    return [found[key] for key in inputs], named


def name_of(schema: Schema) -> str:
    """The name of the schema that is referred to."""
    return str(schema["$ref"]).rsplit("/", 1)[1]


def plain(schema: Schema, *, answered: bool) -> Schema:
    """A schema without what tells a reader nothing."""
    left_out = {"title"} | (_OF_CURATORS if answered else set())
    found = {_BOUNDS.get(key, key): value for key, value in schema.items() if key not in left_out}
    if "default" in found and found["default"] is None:
        del found["default"]
    for key in ("anyOf", "prefixItems"):
        if key in found:
            found[key] = [plain(part, answered=answered) for part in found[key]]
    for key in ("items", "additionalProperties"):
        if isinstance(found.get(key), dict):
            found[key] = plain(found[key], answered=answered)
    if answered and found.get("additionalProperties") is False:
        del found["additionalProperties"]  # a later version of the service may answer more
    if "anyOf" in found:
        found = _joined(found)
    if "properties" in found:
        found["properties"] = {key: plain(part, answered=answered) for key, part in found["properties"].items()}
        if answered:
            _require_all(found)
    return found


def without_null(schema: Schema) -> Schema:
    """The same without null, for what may be left out, but never is null."""
    if isinstance(schema.get("type"), list):
        kinds = [kind for kind in schema["type"] if kind != "null"]
        return schema | {"type": kinds if len(kinds) > 1 else kinds[0]}
    kinds = [kind for kind in schema.get("anyOf", []) if kind != {"type": "null"}]
    if len(kinds) != 1:
        return schema | ({"anyOf": kinds} if kinds else {})
    return {**kinds[0], **{key: value for key, value in schema.items() if key != "anyOf"}}


def _joined(schema: Schema) -> Schema:
    """Alternatives of plain types as one schema with several types: `["string", "null"]`."""
    kinds = schema["anyOf"]
    if any(set(kind) & {"$ref", "enum", "const"} or not isinstance(kind.get("type"), str) for kind in kinds):
        return schema
    types = [kind["type"] for kind in kinds]
    if "number" in types:
        types.remove("integer") if "integer" in types else None
    found = {key: value for kind in kinds for key, value in kind.items()}
    found |= {key: value for key, value in schema.items() if key != "anyOf"}
    return found | {"type": types if len(types) > 1 else types[0]}


def _require_all(schema: Schema) -> None:
    """Require every key, but those that are not always answered."""
    properties = schema["properties"]
    sometimes = {key for key, part in properties.items() if part.pop("x-not-always", False)}
    properties.update({key: without_null(properties[key]) for key in sometimes})
    schema["required"] = [key for key in properties if key not in sometimes]


def properties_of(schema: Schema) -> dict[str, Schema]:
    """The properties of a schema; of one that extends another, those that it adds."""
    part: Schema = schema["allOf"][-1] if "allOf" in schema else schema
    found: dict[str, Schema] = part.get("properties", {})
    return found


def extend(named: dict[str, Schema]) -> None:
    """Let schemas that have all properties of another, word for word, say but what they add to it."""
    whole = {name: schema for name, schema in named.items() if len(schema.get("properties", ())) >= LEAST_SHARED}
    for name, schema in whole.items():
        bases = [base for base, other in whole.items() if _extends(schema, other)]
        if bases:
            base = max(bases, key=lambda base: len(whole[base]["properties"]))
            own = {key: part for key, part in schema["properties"].items() if key not in whole[base]["properties"]}
            required = [key for key in schema["required"] if key in own]
            added = {"type": "object", "properties": own, "required": required}
            parts = [{"$ref": REFERENCE.format(model=base)}, added]
            named[name] = {"description": schema["description"], "allOf": parts}


def _extends(schema: Schema, other: Schema) -> bool:
    """Whether a schema has more than the other, and all of it."""
    more = schema["properties"].items() > other["properties"].items()
    return more and set(schema.get("required", ())) >= set(other.get("required", ()))
