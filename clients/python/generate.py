"""Generates `immunofacts_client/generated` of docs/openapi.json, whenever a package is built."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from openapi_python_client import generate
from openapi_python_client.config import ClassOverride, Config, ConfigFile, MetaType
from openapi_python_client.strings import snake_case

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
DOCUMENT = ROOT / "docs" / "openapi.json"
OUTPUT = HERE / "immunofacts_client" / "generated"


class Generate(BuildHookInterface[Any]):
    """What hatchling calls before it packs the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  # as hatchling calls it
        """Generate the code."""
        if DOCUMENT.exists():  # else this is the source distribution, which has the code
            generated(readable(json.loads(DOCUMENT.read_text("utf-8"))))
            shutil.copy(ROOT / "LICENSES" / "Apache-2.0.txt", OUTPUT / "LICENSE")


def readable(document: dict[str, Any]) -> dict[str, Any]:
    """The document as the generator reads it.

    Descriptions of parameters are in their schemas. Where records are answered, `fields` is left out: a model has all
    its fields. What has other formats than JSON is a text to the generator, and bytes in our template.
    """
    shared = document["components"]
    for operation in (operation for methods in document["paths"].values() for operation in methods.values()):
        parameters = [there(parameter, shared["parameters"]) for parameter in operation["parameters"]]
        for parameter in parameters:
            parameter["schema"].setdefault("description", parameter.get("description", ""))
        if "exports" not in operation["tags"]:
            parameters = [parameter for parameter in parameters if parameter["name"] != "fields"]
        operation["parameters"] = parameters
        answer = there(operation["responses"]["200"], shared["responses"])
        if "application/json" not in answer["content"]:
            answer["content"] = {"text/plain": {"schema": {"type": "string"}}}
    return document


def there(part: dict[str, Any], shared: dict[str, Any]) -> dict[str, Any]:
    """A part of the document, or what it refers to."""
    return shared[part["$ref"].rsplit("/", 1)[1]] if "$ref" in part else part


def modules(document: dict[str, Any]) -> Iterator[tuple[str, ClassOverride]]:
    """Other modules for models with a field of their own name, which the generator takes for the model itself."""
    for name, schema in document["components"]["schemas"].items():
        if (module := snake_case(name)) in schema.get("properties", {}):
            yield name, ClassOverride(module_name=f"{module}_model")


def generated(document: dict[str, Any]) -> None:
    """Write the code. Raises `RuntimeError` where the generator had to leave something out."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "openapi.json")
        source.write_text(json.dumps(document), "utf-8")
        options = ConfigFile(
            literal_enums=True,
            docstrings_on_attributes=True,
            class_overrides=dict(modules(document)),
        )
        config = Config.from_sources(options, MetaType.NONE, source, "utf-8", overwrite=True, output_path=OUTPUT)
        errors = generate(config=config, custom_template_path=HERE / "templates")
    if errors:
        raise RuntimeError("\n".join(f"{error.header}\n{error.detail}" for error in errors))
