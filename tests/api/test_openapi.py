"""The OpenAPI document: complete, with real examples, and true of every answer."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.api.comparisons import compare_routes
from app.api.document import check_formats
from app.api.formats import MEDIA_TYPES, PICTURES, STANDARDS, Format, formats_of
from app.api.routes import list_routes
from app.api.shape import includable
from app.nouns.declaration_errors import DeclarationError
from app.nouns.registry import noun as noun_of
from app.nouns.registry import nouns
from app.vocabulary import Vocabulary
from tests.api.documented import documented, operations
from tests.project import Copy
from tests.servers import served

TYPED = {Format.PARQUET, Format.XLSX}
MAX_BYTES_A_LIST = 22_000
"""Of the OpenAPI document: a noun adds some 12 KB, a filter 0.5 KB. Where it is more, shorten descriptions."""


@pytest.mark.parametrize(
    ("unsound", "sentence"),
    [
        (
            {"standards": ("jsonl-d",)},
            "`standards` of warnings has 'jsonl-d', which no module of app/standards writes.",
        ),
        ({"standards": ("jsonld",)}, "`standards` of warnings has 'jsonld', which no module …"),
        ({"picture": "timline"}, "The `picture` of warnings is 'timline', which is no module of app/pictures."),
    ],
)
def test_a_format_that_nothing_writes_is_refused(unsound: dict[str, Any], sentence: str) -> None:
    with pytest.raises(DeclarationError) as error:
        check_formats(replace(noun_of("warnings"), **unsound))
    assert str(error.value).startswith(sentence.rstrip("…"))


@pytest.fixture(scope="module")
def document(client: httpx.Client) -> dict[str, Any]:
    """The OpenAPI document, with parameters and answers in their places."""
    return documented(client)


@pytest.fixture(scope="module")
def schemas(document: dict[str, Any]) -> dict[str, Any]:
    """The schemas that it names."""
    return document["components"]["schemas"]


def checker(document: dict[str, Any], schema: dict[str, Any]) -> Any:
    """What checks an answer against a schema of the document."""
    from jsonschema_rs import validator_for

    return validator_for({**schema, "components": document["components"]})


def question(path: str, operation: dict[str, Any], example: dict[str, Any], client: httpx.Client) -> tuple[str, str]:
    """A request that the operation answers: its example's permalink, or its examples of what it requires."""
    if "requestBody" in operation:
        return "POST", path
    if path.startswith("/releases/{"):
        release = client.get("/service-info").json()["release"]
        return "GET", path.replace("{id}", release).replace("{a}", release).replace("{b}", release)
    if "permalink" in example:
        return "GET", example["permalink"].replace("{id}", "pembrolizumab")
    lists = {f"/{noun.name}" for noun in nouns()}
    if path.removesuffix("/{id}") in lists - {"/therapies"}:
        path = path.replace("{id}", client.get(path.removesuffix("/{id}")).json()["items"][0]["id"])
    if path.partition("/{id}/")[0] in lists - {path}:
        path = owned(path, client)
    needed = [parameter for parameter in operation.get("parameters", []) if parameter.get("required")]
    asked = [item for item in needed if item["in"] == "query"]
    values = {item["name"]: item.get("example") or item["schema"]["examples"][0] for item in asked}
    return "GET", str(httpx.URL(path.replace("{id}", str(example.get("id", "pembrolizumab"))), params=values))


def owned(path: str, client: httpx.Client) -> str:
    """The path of what belongs to a record: to the first of its list to which something does."""
    owners = client.get(path.partition("/{id}/")[0], params={"fields": "id", "limit": 500}).json()["items"]
    paths = (path.replace("{id}", owner["id"]) for owner in owners)
    found = next((each for each in paths if client.get(each).json()["items"]), None)
    assert found, f"{path}: curate a record that belongs to one of these."
    return found


def test_a_list_stands_before_what_is_found_within_it(document: dict[str, Any]) -> None:
    for noun in nouns():
        operations = ((path, methods.get("get", {}).get("tags")) for path, methods in document["paths"].items())
        assert next(path for path, tags in operations if tags == [noun.name]) == f"/{noun.name}"


def test_every_operation_says_what_it_does_and_takes(document: dict[str, Any]) -> None:
    seen = set()
    for path, operation in operations(document):
        assert operation["operationId"] not in seen
        seen.add(operation["operationId"])
        assert operation["summary"], path
        assert operation["description"], path
        for parameter in operation.get("parameters", []):
            assert parameter.get("description") or parameter["schema"].get("description"), (path, parameter["name"])


def test_every_answer_has_a_real_example(document: dict[str, Any], client: httpx.Client) -> None:
    for path, operation in operations(document):
        if operation["tags"][0] in {"service", "releases", "names", "exports"} or "/{id}/" in path:
            continue
        if path.endswith("/{id}") and path != "/therapies/{id}":
            continue  # the record alone is the very item of its list
        example = operation["responses"]["200"]["content"]["application/json"]["example"]
        if path.endswith("{id}"):
            answer = client.get(path.replace("{id}", example["id"]))
            assert answer.json() == example, path
        else:
            assert example.get("items") or example.get("cells") or example.get("comparisons"), path


def test_errors_are_documented_as_problems(document: dict[str, Any]) -> None:
    for path, operation in operations(document):
        for status, answer in operation["responses"].items():
            if status != "200":
                assert list(answer["content"]) == ["application/problem+json"], (path, status)


def test_every_answer_keeps_to_its_schema(document: dict[str, Any], client: httpx.Client) -> None:
    for path, operation in operations(document):
        content = operation["responses"]["200"]["content"]
        if "application/json" not in content:
            continue
        check = checker(document, content["application/json"]["schema"])
        example = content["application/json"].get("example", {})
        body = {"names": ["Keytruda"]} if "requestBody" in operation else None
        answer = client.request(*question(path, operation, example, client), json=body)
        assert answer.status_code == 200, path
        check.validate(answer.json())
        if example:
            check.validate(example)


def test_every_record_has_every_key_that_is_required(
    document: dict[str, Any], documents: dict[str, list[dict[str, Any]]], client: httpx.Client
) -> None:
    """All documents of the base, and their list forms; no key of theirs is without a schema, at any depth."""
    for noun in nouns():
        check = checker(document, {"$ref": f"#/components/schemas/{noun.public.__name__}"})
        for record in documents[noun.name]:
            check.validate(record)
    for text in client.get("/therapies?format=jsonl").text.splitlines():
        checker(document, {"$ref": "#/components/schemas/TherapySummary"}).validate(json.loads(text))


def test_every_key_is_required_unless_it_is_told_when_it_is_there(schemas: dict[str, Any]) -> None:
    for name, key, _ in properties(schemas):
        if key not in required(schemas[name]) and name != "ResolveBody":
            sometimes = {"facets", "absence", "allowed", "parents", "groups", "not_curated", "none_found"}
            assert key in sometimes or key in {k for n in nouns() for k in includable(n)}, name


def test_keys_that_only_fields_leaves_out_are_as_their_schema_says(
    document: dict[str, Any], schemas: dict[str, Any], client: httpx.Client
) -> None:
    for noun in nouns():
        schema = schemas[noun.listed.__name__]
        check = checker(document, {key: part for key, part in schema.items() if key != "required"})
        for key in (*schema["required"], *includable(noun)):
            shape = "include" if key in includable(noun) and key not in schema["required"] else "fields"
            [record] = client.get(f"/{noun.name}?limit=1&{shape}={key}").json()["items"]
            assert key in record
            check.validate(record)


def parts(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """The parts of a schema that have properties."""
    return [part for part in (*schema.get("allOf", ()), schema) if "properties" in part]


def required(schema: dict[str, Any]) -> set[str]:
    return {key for part in parts(schema) for key in part.get("required", ())}


def properties(schemas: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every schema, key, and what is said of it."""
    for name, schema in schemas.items():
        for part in parts(schema):
            for key, said in part["properties"].items():
                yield name, key, said


def test_every_schema_and_every_property_says_what_it_is(schemas: dict[str, Any]) -> None:
    for name, schema in schemas.items():
        assert re.fullmatch(r"[A-Z][A-Za-z]+", name), "Names of schemas are plain: no module, no generic."
        assert schema["description"].strip(), name
    for name, key, said in properties(schemas):
        assert len(said.get("description", "")) > 5, f"{key} of {name} needs a description (`Field(description=…)`)."
        assert "title" not in said or isinstance(said["title"], dict), (name, key)


def test_answers_in_json_are_typed_and_exports_are_apart(document: dict[str, Any]) -> None:
    exported = 0
    for path, operation in operations(document):
        content = operation["responses"]["200"]["content"]
        if "application/json" in content:
            assert list(content) == ["application/json"], f"{path}: declare its export (app/api/exports.py)."
            assert content["application/json"]["schema"].keys() == {"$ref"}, path
            assert not {"format", "bom"} & {parameter["name"] for parameter in operation["parameters"]}, path
        exported += path.startswith("/exports/")
    assert exported > len(nouns())
    for noun in nouns():
        page = document["components"]["schemas"][f"{noun.singular.title().replace(' ', '')}Page"]
        items = parts(page)[-1]["properties"]["items"]
        assert items["items"] == {"$ref": f"#/components/schemas/{noun.listed.__name__}"}


def test_an_export_is_the_whole_list_under_its_filters(client: httpx.Client) -> None:
    for noun in nouns():
        for format_, media_type in MEDIA_TYPES.items():
            if format_ in TYPED and noun not in nouns()[:3]:
                continue  # each file is a process's work; test_typed_files.py reads those of every list
            query = {"id": client.get(f"/{noun.name}?limit=1").json()["items"][0]["id"], "format": format_.value}
            export = client.get(f"/exports/{noun.name}", params=query)
            if format_ is Format.JSON or format_ not in formats_of(noun):
                assert export.status_code == 422
                continue
            assert export.headers["Content-Type"].partition(";")[0] == media_type
            if format_ in PICTURES or format_ in STANDARDS:
                continue  # it says where it is from; test_pictures.py and tests/standards the rest
            assert export.content == client.get(f"/{noun.name}", params=query).content
    refused = client.get("/exports/therapies?limit=3")
    assert (refused.status_code, refused.json()["errors"][0]["parameter"]) == (422, "limit")
    assert client.get("/exports/therapies?class=car-t").headers["Content-Type"].startswith("text/csv")


def test_parameters_are_as_they_are_read(document: dict[str, Any], client: httpx.Client) -> None:
    flags, lists = 0, 0
    for path, operation in operations(document):
        for parameter in operation["parameters"]:
            schema = parameter["schema"]
            assert schema.get("default", "") is not None, (path, parameter["name"])
            assert '"null"' not in json.dumps(schema), (path, parameter["name"])
            if schema.get("type") == "array":
                assert not {"style", "explode"} & parameter.keys(), "as is usual: form, exploded"
                assert isinstance(parameter.get("example", []), list)
                assert "examples" not in schema
                lists += 1
            elif schema.get("type") == "boolean":
                assert all(isinstance(example, bool) for example in schema.get("examples", []))
                flags += 1
    assert flags > 20
    assert lists > 100
    exploded = client.get("/therapies?class=pd-1-inhibitor&class=ctla-4-inhibitor&limit=1").json()
    assert exploded["query"]["class"] == ["pd-1-inhibitor", "ctla-4-inhibitor"]


def test_each_operation_documents_the_parameters_that_it_reads(document: dict[str, Any]) -> None:
    """What is shared by name is that of the operation, and not of another."""
    endpoints = [*compare_routes(), *list_routes()]
    for endpoint in endpoints:
        said = document["paths"][endpoint.path]["get"]["parameters"]
        fields = {field.alias or name: field for name, field in endpoint.query_model.model_fields.items()}
        for parameter in said:
            if parameter["in"] == "query":
                assert parameter["description"] == fields[parameter["name"]].description, endpoint.path


def test_an_order_is_given_as_the_document_says(document: dict[str, Any], client: httpx.Client) -> None:
    from jsonschema_rs import is_valid

    for noun in nouns():
        operation = document["paths"][f"/{noun.name}"]["get"]
        [sort] = [parameter["schema"] for parameter in operation["parameters"] if parameter["name"] == "sort"]
        for key in noun.sorts:
            assert is_valid(sort, [f"-{key}"])
            assert not is_valid(sort, [f"-{key}", f"-{key}"])
            assert client.get(f"/{noun.name}?limit=1&sort=-{key},-{key}").status_code == 422


def test_the_document_is_small_and_shares_what_is_alike(client: httpx.Client) -> None:
    answer = client.get("/openapi.json")
    assert len(answer.content) <= MAX_BYTES_A_LIST * len(nouns()), "Shorten descriptions, or raise MAX_BYTES_A_LIST."
    document = answer.json()
    assert document["security"] == []
    assert document["servers"] == [{"url": "/"}]
    inline = Counter(
        json.dumps(parameter)
        for _, operation in operations(document)
        for parameter in operation["parameters"]
        if "$ref" not in parameter
    )
    assert set(inline.values()) == {1}, inline.most_common(1)
    for path, operation in operations(document):
        for status, said in operation["responses"].items():
            assert status == "200" or said.keys() == {"$ref"}, path


def test_making_the_document_leaves_but_its_bytes_in_memory(reading: str) -> None:
    with served(reading) as (url, process), httpx.Client(base_url=url, timeout=60) as client:
        client.get("/therapies")
        before = anonymous_bytes(process.pid)
        size = len(client.get("/openapi.json").content)
        assert anonymous_bytes(process.pid) - before < 5_000_000 + size  # a page that was forked counts once written


def anonymous_bytes(pid: int) -> int:
    """The memory of a process that no file holds, in bytes."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(re.search(r"RssAnon:\s+(\d+) kB", status)[1]) * 1000


def test_allowed_values_are_documented(document: dict[str, Any], schemas: dict[str, Any]) -> None:
    """As lists of values, and each once with what it means."""
    text = json.dumps(document)
    for vocabulary in Vocabulary.__subclasses__():
        if vocabulary.__name__ != "Coverage":
            assert all(value.value in text for value in vocabulary), vocabulary
            assert vocabulary.documentation() in schemas[vocabulary.__name__]["description"], vocabulary
    for path, operation in operations(document):
        for parameter in operation["parameters"]:
            assert "\n- `" not in parameter["description"], (path, parameter["name"])


def test_an_example_that_is_filled_in_finds_something(document: dict[str, Any], client: httpx.Client) -> None:
    filled = 0
    for noun in nouns():
        for path in (f"/{noun.name}", f"/exports/{noun.name}"):
            parameters = document["paths"][path]["get"]["parameters"]
            examples = {each["name"]: ",".join(each["example"]) for each in parameters if "example" in each}
            assert list(examples) == [*noun.common[:1]]
            filled += len(examples)
            assert client.get(f"/{noun.name}", params=examples).json()["total"] > 0
    assert filled > 10
    for path in ("/adverse-events/compare", "/adverse-events/matrix"):
        parameters = document["paths"][path]["get"]["parameters"]
        examples = {each["name"]: ",".join(each["example"]) for each in parameters if "example" in each}
        answer = client.get(path, params=examples).json()
        assert answer.get("items") or answer.get("cells")


def test_the_worked_questions_have_answers(document: dict[str, Any], client: httpx.Client) -> None:
    description = document["info"]["description"]
    questions = [part.split(")")[0] for part in description.split("](")[1:]]
    assert len(questions) == 5
    for question in questions:
        assert client.get(question).json()["total"] > 0, question
    assert "not medical advice" in description


def test_the_document_is_made_once_for_all_servers_of_the_same_code(tmp_path: Path) -> None:
    """The command keeps what it wrote, a server reads what is kept, and what other code kept goes."""
    copy = Copy(tmp_path)
    cache = copy.folder / "app" / "api" / "__pycache__"
    read = "import asyncio; from app.api.openapi import written; print(asyncio.run(written()).decode(), end='')"
    for path in cache.glob("openapi.*.json"):
        path.unlink()

    made = copy.run("python", "-c", read)
    [kept] = cache.glob("openapi.*.json")
    assert json.loads(made)["openapi"] == "3.1.0"
    assert kept.read_text(encoding="utf-8") == made
    assert kept.stat().st_mode & 0o777 == 0o644, "who made the image is not who serves"

    kept.write_text("kept", encoding="utf-8")
    other = kept.with_name(kept.name.replace(kept.suffixes[-2], ".0-of-other-code"))
    other.touch()
    assert copy.run("python", "-c", read) == "kept"
    assert copy.run("python", "-m", "app", "openapi") == made
    assert list(cache.glob("openapi.*.json")) == [kept]
    assert kept.read_text(encoding="utf-8") == made
