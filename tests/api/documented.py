"""The OpenAPI document, for tests that ask what it says of an operation."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import httpx


def documented(client: httpx.Client) -> dict[str, Any]:
    """The document of a server, with parameters and answers in the place of the references to them."""
    return resolved(client.get("/openapi.json").json())


def resolved(document: dict[str, Any]) -> dict[str, Any]:
    """A document with parameters and answers in the place of the references to them."""

    def there(part: dict[str, Any]) -> dict[str, Any]:
        if "$ref" not in part:
            return part
        _, kind, name = part["$ref"].removeprefix("#/").split("/")
        return deepcopy(document["components"][kind][name])  # tests change what they are given

    for _, operation in operations(document):
        operation["parameters"] = [there(part) for part in operation["parameters"]]
        for parameter in operation["parameters"]:
            if (items := parameter["schema"].get("items", {})).get("$ref", "").endswith("/Word"):
                beside = {key: value for key, value in items.items() if key != "$ref"}
                parameter["schema"]["items"] = there(items) | beside
        operation["responses"] = {status: there(part) for status, part in operation["responses"].items()}
    return document


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every path and operation."""
    for path, methods in document["paths"].items():
        for operation in methods.values():
            yield path, operation
