"""CURIEs are written as the Bioregistry prefers them, and match the patterns of their registers."""

import re
from collections.abc import Callable, Iterator
from importlib import import_module
from types import ModuleType
from typing import Any

import pytest

from app.nouns.identifier_forms import former, parsed, prefixes
from app.nouns.identifiers import REGISTRIES, identifier
from seed.files import Facts, read


@pytest.fixture(scope="module")
def facts() -> Facts:
    found, findings = read()
    assert not findings
    return found


def curies(value: Any) -> Iterator[str]:
    """Every CURIE below the fields that hold them."""
    if isinstance(value, dict):
        for key, part in value.items():
            if key in {"identifiers", "xrefs"}:
                yield from part
            else:
                yield from curies(part)
    elif isinstance(value, list):
        for part in value:
            yield from curies(part)


def every_curie(facts: Facts) -> set[str]:
    records = [record for kept in facts.lists.values() for record in kept] + [file.therapy for file in facts.therapies]
    return {curie for record in records for curie in curies(record.model_dump(mode="json"))}


@pytest.fixture(scope="module")
def bioregistry() -> ModuleType:
    """The Bioregistry. It is read at its import, for a second: workers that run none of these tests go without."""
    return import_module("bioregistry")


@pytest.fixture(scope="module")
def preferred(bioregistry: ModuleType) -> Callable[[str], str]:
    """The preferred form of a prefix."""

    def form(prefix: str) -> str:
        normal = bioregistry.normalize_prefix(prefix)
        assert normal, f"The Bioregistry does not know {prefix}."
        return bioregistry.get_preferred_prefix(normal) or normal

    return form


def test_every_curie_of_the_facts_is_preferred_and_well_formed(
    facts: Facts, bioregistry: ModuleType, preferred: Callable[[str], str]
) -> None:
    found = every_curie(facts)
    assert len({curie.partition(":")[0] for curie in found}) > 10
    for curie in found:
        prefix, _, local = curie.partition(":")
        assert prefix == preferred(prefix), curie
        pattern = bioregistry.get_pattern(prefix)
        assert pattern is None or re.fullmatch(pattern, local), curie
        assert parsed(curie) == (prefix, local)


def test_every_register_goes_by_its_preferred_prefix(preferred: Callable[[str], str]) -> None:
    for prefix in REGISTRIES:
        assert prefix == preferred(prefix)
        assert prefixes(prefix)[0] == prefix


@pytest.mark.parametrize(
    ("curie", "before"),
    [("rxnorm:1547545", "rxcui:1547545"), ("MONDO:0005105", "mondo:0005105"), ("hgnc:8760", "hgnc:8760"),
     ("NCIT:C3224", "ncit:C3224"), ("DOID:1909", "doid:1909"), ("NCBIGene:5133", "ncbigene:5133")],
)  # fmt: skip
def test_former_forms_mean_the_same(curie: str, before: str) -> None:
    assert former(curie) == before
    assert parsed(before) == parsed(curie) == tuple(curie.split(":"))


def test_what_is_written_otherwise_says_what_it_was() -> None:
    assert identifier("rxnorm:1547545").former_id == "rxcui:1547545"
    assert identifier("unii:DPT0O3T46P").former_id is None
