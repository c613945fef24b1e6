"""The OpenAPI document: complete, with real examples, and true of every answer."""

import json
from collections.abc import Iterator

import httpx
import pytest

from app.vocabulary import Vocabulary


@pytest.fixture(scope="module")
def document(client: httpx.Client) -> dict:
    """The OpenAPI document."""
    return client.get("/openapi.json").json()


def operations(document: dict) -> Iterator[tuple[str, dict]]:
    """Every path and operation."""
    for path, methods in document["paths"].items():
        for operation in methods.values():
            yield path, operation


def question(path: str, operation: dict, example: dict, client: httpx.Client) -> tuple:
    """A request that the operation answers: its example's permalink, or its examples of what it requires."""
    if "requestBody" in operation:
        return "POST", path
    if path.startswith("/releases/{"):
        release = client.get("/service-info").json()["release"]
        return "GET", path.replace("{id}", release).replace("{a}", release).replace("{b}", release)
    if "permalink" in example:
        return "GET", example["permalink"].replace("{id}", "pembrolizumab")
    needed = [parameter for parameter in operation.get("parameters", []) if parameter["required"]]
    values = {item["name"]: item["schema"]["examples"][0] for item in needed if item["in"] == "query"}
    return "GET", str(httpx.URL(path.replace("{id}", str(example.get("id", "pembrolizumab"))), params=values))


def strict(schema: dict, document: dict) -> dict:
    """A schema without the shape that `fields` gives: the whole record is asked for."""
    shaped = {"$ref": "#/components/schemas/Shaped"}
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    text = json.dumps(schema).replace(f", {json.dumps(shaped)}", "")
    assert json.dumps(shaped) not in text
    return json.loads(text)


def test_every_operation_says_what_it_does_and_takes(document: dict) -> None:
    seen = set()
    for path, operation in operations(document):
        assert operation["operationId"] not in seen
        seen.add(operation["operationId"])
        assert operation["summary"], path
        assert operation["description"], path
        for parameter in operation.get("parameters", []):
            assert parameter.get("description") or parameter["schema"].get("description"), (path, parameter["name"])


def test_every_answer_has_a_real_example(document: dict, client: httpx.Client) -> None:
    for path, operation in operations(document):
        if operation["tags"][0] in {"service", "releases", "names"}:
            continue
        example = operation["responses"]["200"]["content"]["application/json"]["example"]
        if path.endswith("{id}"):
            answer = client.get(path.replace("{id}", example["id"]))
            assert answer.json() == example, path
        else:
            assert example.get("items") or example.get("cells") or example.get("comparisons"), path


def test_errors_are_documented_as_problems(document: dict) -> None:
    for path, operation in operations(document):
        for status, answer in operation["responses"].items():
            if status.startswith(("4", "5")):
                assert list(answer["content"]) == ["application/problem+json"], (path, status)


def test_every_answer_keeps_to_its_schema(document: dict, client: httpx.Client) -> None:
    from jsonschema_rs import validator_for

    for path, operation in operations(document):
        content = operation["responses"]["200"]["content"]
        if "application/json" not in content:
            assert path in {"/metrics", "/releases/{id}/download"}
            continue
        schema = content["application/json"]["schema"]
        check = validator_for({**strict(schema, document), "components": document["components"]})
        example = operation["responses"]["200"]["content"]["application/json"].get("example", {})
        body = {"names": ["Keytruda"]} if "requestBody" in operation else None
        answer = client.request(*question(path, operation, example, client), json=body)
        assert answer.status_code == 200, path
        check.validate(answer.json())


def test_allowed_values_are_documented(document: dict) -> None:
    text = json.dumps(document)
    for vocabulary in Vocabulary.__subclasses__():
        if vocabulary.__name__ != "Coverage":
            assert all(value.value in text for value in vocabulary), vocabulary


def test_the_worked_questions_have_answers(document: dict, client: httpx.Client) -> None:
    description = document["info"]["description"]
    questions = [part.split(")")[0] for part in description.split("](")[1:]]
    assert len(questions) == 5
    for question in questions:
        assert client.get(question).json()["total"] > 0, question
    assert "not medical advice" in description
