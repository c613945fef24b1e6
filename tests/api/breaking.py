"""What breaks a client: the rules by which two OpenAPI documents are compared, as a list.

An answer may grow and a request may be asked for less; nothing that a client sends or reads may go.
`python -m tests.api.breaking` renews the document that is kept (`make openapi`), and refuses what breaks a client.
"""

import json
import sys
from collections.abc import Iterator
from typing import Any

from tests.conftest import ROOT

Json = dict[str, Any]
KEPT = ROOT / "docs" / "openapi.json"
PAST_SUNSET = "--past-sunset"
TEXTS = frozenset({"description", "summary", "title", "example", "examples"})


class Documents:
    """An older and a newer document, compared part by part."""

    def __init__(self, old: Json, new: Json) -> None:
        self.old, self.new = old, new
        self._seen: set[tuple[str, str, bool]] = set()

    def breaks(self) -> list[str]:
        """What a client of the older one would stumble over in the newer one, a sentence each."""
        return sorted(set(self._paths()))

    def _paths(self) -> Iterator[str]:
        for path, methods in self.old["paths"].items():
            if path not in self.new["paths"]:
                yield f"{path}: the path is gone"
                continue
            for method, operation in methods.items():
                there = self.new["paths"][path].get(method)
                if there is None:
                    yield f"{path}: {method} is gone"
                    continue
                where = f"{method} {path}"
                if operation.get("operationId") != there.get("operationId"):
                    yield f"{where}: the operation has another id, by which generated clients call it"
                yield from self._parameters(where, operation, there)
                yield from self._answers(where, operation, there)
                yield from self._body(where, operation, there)

    def _parameters(self, where: str, old: Json, new: Json) -> Iterator[str]:
        before = self._named(self.old, old)
        after = self._named(self.new, new)
        for key, parameter in before.items():
            if key not in after:
                yield f"{where}: the parameter {key[1]} is gone"
                continue
            if after[key].get("required") and not parameter.get("required"):
                yield f"{where}: the parameter {key[1]} is required"
            yield from self._schema(
                f"{where} {key[1]}", parameter.get("schema", {}), after[key].get("schema", {}), sent=True
            )
        for key in after.keys() - before.keys():
            if after[key].get("required"):
                yield f"{where}: the new parameter {key[1]} is required"

    def _named(self, document: Json, operation: Json) -> dict[tuple[str, str], Json]:
        found = [resolve(document, parameter) for parameter in operation.get("parameters", [])]
        return {(parameter["in"], parameter["name"]): parameter for parameter in found}

    def _answers(self, where: str, old: Json, new: Json) -> Iterator[str]:
        for status, answer in old.get("responses", {}).items():
            if status not in new.get("responses", {}):
                yield f"{where}: the answer {status} is gone"
                continue
            before = resolve(self.old, answer).get("content", {})
            after = resolve(self.new, new["responses"][status]).get("content", {})
            yield from self._contents(f"{where} {status}", before, after, sent=False)

    def _body(self, where: str, old: Json, new: Json) -> Iterator[str]:
        before, after = (side.get("requestBody", {}) for side in (old, new))
        if after and not before:
            yield f"{where}: a body is wanted"
        yield from self._contents(f"{where} body", before.get("content", {}), after.get("content", {}), sent=True)

    def _contents(self, where: str, old: Json, new: Json, *, sent: bool) -> Iterator[str]:
        for kind, content in old.items():
            if kind not in new:
                yield f"{where}: the media type {kind} is gone"
            else:
                yield from self._schema(where, content.get("schema", {}), new[kind].get("schema", {}), sent=sent)

    def _schema(self, where: str, old: Json, new: Json, *, sent: bool) -> Iterator[str]:
        """What breaks in a schema; what is `sent` may be allowed more, what is answered may say more keys."""
        pair = (old.get("$ref", ""), new.get("$ref", ""), sent)
        if all(pair[:2]):
            if pair in self._seen:
                return
            self._seen.add(pair)
        if "$ref" in old:
            where = old["$ref"].rpartition("/")[2]
        old, new = resolve(self.old, old), resolve(self.new, new)
        lost, won = types_of(self.old, old) - types_of(self.new, new), types_of(self.new, new) - types_of(self.old, old)
        if types_of(self.new, new) and types_of(self.old, old) and (lost if sent else won):
            yield f"{where}: the type is {', '.join(sorted(types_of(self.new, new)))}"
        if sent and "enum" in new:
            for value in old.get("enum", []):
                if value not in new["enum"]:
                    yield f"{where}: the value {value!r} is gone"
            if "enum" not in old and old:
                yield f"{where}: only some values are allowed"
        before, after = old.get("properties", {}), new.get("properties", {})
        for key, part in before.items():
            if key not in after:
                yield f"{where}: the key {key} is gone"
            else:
                yield from self._schema(f"{where}.{key}", part, after[key], sent=sent)
                required = [key in side.get("required", []) for side in (old, new)]
                if required == ([False, True] if sent else [True, False]):
                    yield f"{where}: the key {key} is {'required' if sent else 'no longer always there'}"
        if sent:
            for key in set(new.get("required", [])) - before.keys():
                yield f"{where}: the new key {key} is required"
        if "items" in old and "items" in new:
            yield from self._schema(f"{where}[]", old["items"], new["items"], sent=sent)
        yield from self._choices(where, old, new, sent=sent)

    def _choices(self, where: str, old: Json, new: Json, *, sent: bool) -> Iterator[str]:
        """Of schemas with alternatives: each that a client knows still has one that it may be."""
        for word in ("anyOf", "oneOf", "allOf"):
            ways = new.get(word, [])
            for number, part in enumerate(old.get(word, [])):
                same = [
                    way for way in ways if way.get("$ref") == part.get("$ref") and way.get("type") == part.get("type")
                ]
                if not same and ways:
                    if sent:
                        yield f"{where}: an alternative is gone"
                elif same:
                    yield from self._schema(f"{where}|{number}", part, same[min(number, len(same) - 1)], sent=sent)


def resolve(document: Json, part: Json) -> Json:
    """A part of a document, where it is a reference: what it refers to."""
    while "$ref" in part:
        found: Any = document
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step.replace("~1", "/")]
        part = found
    return part


def types_of(document: Json, schema: Json) -> set[str]:
    """The types that a value may have; integers are numbers. Empty where a schema does not say."""
    schema = resolve(document, schema)
    named = schema.get("type", [])
    found = {named} if isinstance(named, str) else set(named)
    for part in [*schema.get("anyOf", []), *schema.get("oneOf", [])]:
        found |= types_of(document, part)
    return found | ({"integer"} if "number" in found else set())


def without_texts(value: Any) -> Any:
    """A document without what is for readers; keys of answers may have the same names, and are schemas."""
    if isinstance(value, dict):
        return {
            k: without_texts(v) for k, v in value.items() if k not in TEXTS or (isinstance(v, dict) and k != "examples")
        }
    return [without_texts(part) for part in value] if isinstance(value, list) else value


def main() -> None:
    """Renew the document that is kept; what breaks a client is refused, unless its announced end is past."""
    from app.main import openapi

    new = json.loads(openapi())
    found = Documents(json.loads(KEPT.read_text(encoding="utf-8")), new).breaks() if KEPT.exists() else []
    if found and PAST_SUNSET not in sys.argv[1:]:
        print("This breaks clients; CONTRIBUTING.md says how something may go.", *found, sep="\n", file=sys.stderr)
        raise SystemExit(1)
    KEPT.write_text(json.dumps(new, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
