"""Run by the environment of the validators: what KGX, and the models of Biolink, find wrong with graphs; as JSON.

Both are given the model and the prefixes that the package of Biolink brings: nothing is fetched.
"""

import json
import sys
from importlib.resources import files

import bmt.toolkit

MODEL = files("biolink_model")
OWN = ("immunofacts_id", "immunofacts_sources", "monotherapy", "release")
"""Columns of ours, which the model does not know."""


class _Nothing:
    text = "predicate mappings: []"


def main(paths: list[str]) -> None:
    bmt.toolkit.requests.get = lambda *_: _Nothing()  # predicates that were called otherwise once
    bmt.toolkit.Toolkit.__init__.__defaults__ = (str(MODEL / "schema" / "biolink_model.yaml"), "")
    from kgx import config  # only now: it makes a toolkit when it is imported

    prefixes = json.loads((MODEL / "prefixmaps" / "biolink_model_prefix_map.json").read_text())
    config.jsonld_context_map["biolink"] = prefixes
    from kgx.transformer import Transformer
    from kgx.validator import Validator

    found = []
    for path in paths:
        transformer = Transformer()
        transformer.transform({"filename": [path], "format": "tsv", "compression": "tar.gz"})
        graph = transformer.store.graph
        validator = Validator()
        validator.validate(graph)
        found.append(
            {
                "nodes": graph.number_of_nodes(),
                "edges": graph.number_of_edges(),
                "version": validator.get_validation_model_version(),
                "prefixes": sorted(prefixes),
                "kgx": validator.get_errors(),
                "biolink": sorted(set(_refused(graph))),
            }
        )
    print(json.dumps(found))


def _refused(graph):
    """What the pydantic models of Biolink refuse, a sentence each."""
    from biolink_model.datamodel import pydanticmodel_v2 as models
    from pydantic import ValidationError

    parts = [data for _, data in graph.nodes(data=True)] + [data for *_, data in graph.edges(keys=True, data=True)]
    for data in parts:
        [category] = data["category"] if isinstance(data["category"], list) else [data["category"]]
        known = {key: value for key, value in data.items() if key not in OWN and value not in ("", None)}
        try:
            getattr(models, category.removeprefix("biolink:"))(**known | {"category": [category]})
        except ValidationError as error:
            for problem in error.errors():
                yield f"{category} {problem['loc']}: {problem['msg']}"


if __name__ == "__main__":
    main(sys.argv[1:])
