"""The OpenAPI document, made of what endpoints and nouns declare."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import orjson
from pydantic import TypeAdapter

from app.api.descriptions import COMMON_PROBLEMS, DESCRIPTION, PATH_PARAMS, TITLE, VERSION
from app.api.endpoint import Endpoint
from app.api.errors import MEDIA_TYPE, ProblemDocument, ProblemType, example
from app.api.formats import STANDARDS
from app.api.page import Page
from app.api.params import OF_EXPORTS, Word
from app.api.schemas import REFERENCE, Schema, extend, name_of, properties_of, schemas, without_null
from app.api.shape import facts_apart, includable
from app.nouns.declaration import Noun
from app.nouns.declaration_errors import DeclarationError
from app.nouns.registry import fact_nouns, nouns
from app.nouns.source import NOUN as SOURCES
from app.vocabulary import Vocabulary

PROBLEMS: dict[str, tuple[str, dict[str, Any]]] = {
    "404": (
        "NotFound",
        example(
            ProblemType.NOT_FOUND,
            noun="therapy",
            parameter="id",
            detail="There is no therapy 'pembrolizumap'.",
            suggestions=["pembrolizumab"],
        ),
    ),
    "413": ("BodyTooLong", example(ProblemType.BODY_TOO_LONG)),
    "422": (
        "Unanswerable",
        example(
            ProblemType.BAD_PARAMETER,
            parameter="condition",
            detail="No value of `condition` is called 'melanomma'.",
            allowed="an id or a known name of /conditions",
            suggestions=["melanoma"],
        ),
    ),
    "default": (
        "Others",
        example(ProblemType.TOO_MANY_REQUESTS, detail="600 per 1 minute are answered to one client."),
    ),
}
"""By status, the name of a problem among the components, and an example of it."""

WORD = TypeAdapter(Word).json_schema()
"""What most parameters take several of."""
Operation = dict[str, Any]


def openapi_document(endpoints: Sequence[Endpoint]) -> dict[str, Any]:
    """The OpenAPI document of endpoints. Raises `DeclarationError` where it could not be true of a noun."""
    for noun in nouns():
        check_formats(noun)
    answers, named = _answers(endpoints)
    queries, vocabularies = schemas([endpoint.query_model for endpoint in endpoints], "validation")
    bodies, named_bodies = schemas([endpoint.body for endpoint in endpoints if endpoint.body], "validation")
    taken = {name: vocabularies.pop(name) for name in set(map(name_of, queries))}
    paths: dict[str, dict[str, Operation]] = defaultdict(dict)
    for endpoint, query in zip(endpoints, queries, strict=True):
        operation = _operation(endpoint, taken[name_of(query)], answers.get(endpoint.operation_id))
        if endpoint.body:
            content = {"application/json": {"schema": bodies.pop(0)}}
            operation["requestBody"] = {"required": True, "content": content}
        paths[endpoint.path]["post" if endpoint.body else "get"] = operation
    _link(paths)
    for vocabulary in Vocabulary.__subclasses__():
        if schema := named.get(vocabulary.__name__) or vocabularies.get(vocabulary.__name__):
            schema["description"] += f"\n\n{vocabulary.documentation()}"
    operations = [operation for methods in paths.values() for operation in methods.values()]
    every = vocabularies | named_bodies | named | {"Word": WORD | {"description": "An id, a name or another value."}}
    found: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {
            "title": TITLE,
            "version": VERSION,
            "description": DESCRIPTION,
            "license": {"name": "Facts CC0-1.0, code Apache-2.0", "identifier": "Apache-2.0 AND CC0-1.0"},
        },
        "servers": [{"url": "/"}],
        "security": [],
        "tags": [{"name": name, "description": text} for name, text in _tags().items()],
        # A list stands before what is found within it: Swagger UI shows them in this order.
        "paths": dict(sorted(paths.items(), key=lambda item: item[0].count("/"))),
        "components": {
            "parameters": _shared_parameters(operations, every.keys()),
            "responses": _shared_responses(operations),
            "schemas": dict(sorted(every.items())),
        },
    }
    used = set(re.findall(r'"#/components/schemas/(\w+)"', orjson.dumps(found).decode()))
    for name in found["components"]["schemas"].keys() - used:
        del found["components"]["schemas"][name]
    return found


def check_formats(noun: Noun) -> None:
    """Raise `DeclarationError` where nothing draws the picture of a noun, or writes its records as a standard says."""
    written = {format_.value: module for format_, module in STANDARDS.items()}
    for name in noun.standards:
        module = written.get(name)
        if module is None or noun.name not in import_module(f"app.standards.{module}").FORMS:
            raise DeclarationError(f"`standards` of {noun.name} has {name!r}, which no module of app/standards writes.")
    if noun.picture and find_spec(f"app.pictures.{noun.picture}") is None:
        raise DeclarationError(f"The `picture` of {noun.name} is {noun.picture!r}, which is no module of app/pictures.")


def _answers(endpoints: Sequence[Endpoint]) -> tuple[dict[str, Schema], dict[str, Schema]]:
    """The schema of each answer by operation, and all schemas by name. Raises `DeclarationError`."""
    models = {endpoint.operation_id: model for endpoint in endpoints if (model := endpoint.answer())}
    found, named = schemas([*models.values(), ProblemDocument, Page], "serialization")
    if doubled := sorted(name.replace("__", ".") for name in named if name.startswith("app__")):
        raise DeclarationError(f"Forms have one name: {', '.join(doubled)}. Call that of app/nouns/ otherwise.")
    del named[Page.__name__]["properties"]["items"]  # of any type
    named[Page.__name__]["required"].remove("items")
    extend(named)
    for noun in nouns():
        listed, whole = properties_of(named[noun.listed.__name__]), properties_of(named[noun.public.__name__])
        for key in includable(noun):
            source: Schema = {"$ref": REFERENCE.format(model=SOURCES.public.__name__)}
            source["description"] = "The whole source."
            if facts := facts_apart(noun).get(key):
                item = {"$ref": REFERENCE.format(model=facts.public.__name__)}
                source = {"type": "array", "items": item, "description": f"Its {facts.name.replace('-', ' ')}."}
            listed.setdefault(key, whole.get(key, source))
    return dict(zip(models, found, strict=False)), named


def _operation(endpoint: Endpoint, query: Schema, answer: Schema | None) -> Operation:
    """One operation; what it shares with others is taken out later."""
    parameters = [_path_parameter(endpoint.path, name) for name in endpoint.param_convertors]
    required = query.get("required", ())
    description = endpoint.description
    shown = query.get("properties", {})
    if of_list := _list_of(endpoint.path):
        shown = {name: schema for name, schema in shown.items() if name not in {*of_list.by_name, "facets"}}
        description += f" Takes the filters and facets of `/{of_list.name}` too."
    for name, schema in shown.items():
        if not (answer and name in OF_EXPORTS):  # a list answers other formats too, but its exports document them
            parameters.append(_query_parameter(name, schema) | ({"required": True} if name in required else {}))
    found: Operation = {
        "operationId": endpoint.operation_id,
        "tags": [endpoint.tag],
        "summary": endpoint.summary,
        "description": description,
        "parameters": parameters,
    }
    ok = {"description": "Answer.", "content": {}} | endpoint.responses.get(200, {})
    if answer:
        ok["content"] = {"application/json": {"schema": answer}} | ok["content"]
    responses = {**COMMON_PROBLEMS, **endpoint.responses, 200: ok}
    found["responses"] = {str(status): responses[status] for status in sorted(responses, key=str)}
    return found


def _list_of(path: str) -> Noun | None:
    """The noun of a list of what belongs to one record. Its filters are documented at its own list alone."""
    return next((noun for noun in nouns() if path.endswith(f"/{{id}}/{noun.name}")), None)


def _path_parameter(path: str, name: str) -> dict[str, Any]:
    kind = "id" if name == "id" and "/releases" not in path else "version"
    return {"name": name, "in": "path", "required": True, **PATH_PARAMS[kind]}


def _query_parameter(name: str, schema: Schema) -> dict[str, Any]:
    """A parameter of a query string, which has no null: what is not given is left out."""
    schema = without_null({key: value for key, value in schema.items() if value is not None})
    found = {"name": name, "in": "query", "description": schema.pop("description")}
    if schema.get("type") == "array":
        if filled := schema.pop("examples", None):
            found["example"] = filled[0]  # pages fill it in
        items = {key: value for key, value in schema["items"].items() if key != "examples"}
        if items == WORD:
            schema["items"] = {"$ref": REFERENCE.format(model="Word")} | {
                key: value for key, value in schema["items"].items() if key == "examples"
            }
    return found | {"schema": schema}


def _shared_parameters(operations: Sequence[Operation], taken: Collection[str]) -> dict[str, Any]:
    """Take parameters that are alike in several operations out of them; return them by name.

    A name says of which operation a parameter is, where others of the same name are not alike. Generators make types of
    parameters and of schemas, so none has a name that is `taken` by a schema.
    """
    users: dict[bytes, list[str]] = defaultdict(list)
    for operation in operations:
        for parameter in operation["parameters"]:
            users[orjson.dumps(parameter)].append(operation["operationId"])
    shared = {text: orjson.loads(text) for text, ids in users.items() if len(ids) > 1}
    alike = Counter(_component(parameter) for parameter in shared.values())
    names: dict[bytes, str] = {}
    for text, parameter in shared.items():
        name, user = _component(parameter), users[text][0]
        of_user = [_camel(user.partition("_")[2]) + name, _camel(user) + name]
        candidates = [name, f"{name}Param"] if alike[name] == 1 else of_user
        names[text] = next(each for each in candidates if each not in {*names.values(), *taken})
    for operation in operations:
        operation["parameters"] = [
            {"$ref": f"#/components/parameters/{names[text]}"}
            if (text := orjson.dumps(parameter)) in names
            else parameter
            for parameter in operation["parameters"]
        ]
    return {names[text]: parameter for text, parameter in sorted(shared.items(), key=lambda item: names[item[0]])}


def _component(parameter: Mapping[str, Any]) -> str:
    return _camel(parameter["name"]) + ("Path" if parameter["in"] == "path" else "")


def _camel(name: str) -> str:
    return "".join(word.title() for word in name.split("_"))


def _shared_responses(operations: Sequence[Operation]) -> dict[str, Any]:
    """Take problems, and what else several operations answer alike, out of the operations; return them by name."""
    found: dict[str, Any] = {}
    schema = {"$ref": REFERENCE.format(model=ProblemDocument.__name__)}
    alike = Counter(orjson.dumps(operation["responses"]["200"]) for operation in operations)
    names: dict[bytes, str] = {}
    for operation in operations:
        for status, response in operation["responses"].items():
            if status in PROBLEMS:
                name, shown = PROBLEMS[status]
                found[name] = response | {"content": {MEDIA_TYPE: {"schema": schema, "example": shown}}}
            elif alike[text := orjson.dumps(response)] > 1:
                name = names.setdefault(text, f"{_camel(operation['operationId'])}Answer")
                found[name] = response
            else:
                continue
            operation["responses"][status] = {"$ref": f"#/components/responses/{name}"}
    return found


def _tags() -> dict[str, str]:
    """Groups of operations, in the order of the page."""
    return {noun.name: f"{noun.list_summary}, each and all." for noun in nouns()} | {
        "names": "Suggestions while a user types, resolving of given names, and search over everything.",
        "exports": "Whole results as tables, as one record a line, or as citations of every source they used.",
        "releases": "The loads of the fact base; a release never changes.",
        "service": "What the service says of itself.",
    }


def _link(paths: Mapping[str, Mapping[str, Operation]]) -> None:
    """Say where a record of a list is found by itself, and where the lists of a therapy are (OpenAPI links)."""
    for noun in nouns():
        single = paths[f"/{noun.name}/{{id}}"]["get"]
        first = {"operationId": single["operationId"], "parameters": {"id": "$response.body#/items/0/id"}}
        paths[f"/{noun.name}"]["get"]["responses"]["200"]["links"] = {"first": first}
    nested = {noun.name: paths[f"/therapies/{{id}}/{noun.name}"]["get"] for noun in fact_nouns()}
    paths["/therapies/{id}"]["get"]["responses"]["200"]["links"] = {
        name: {"operationId": operation["operationId"], "parameters": {"id": "$response.body#/id"}}
        for name, operation in nested.items()
    }


def add_examples(document: Mapping[str, Any], examples: Mapping[str, Any]) -> None:
    """Add real answers, by path, to a document."""
    for path, answer in examples.items():
        document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["example"] = answer
