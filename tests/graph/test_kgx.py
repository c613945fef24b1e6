"""The knowledge graph of a release: KGX and the models of Biolink accept it, and it says what the facts say."""

import json
import tarfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from app.tabular import kgx

OF_OURS = {"OAE", *(f"immunofacts.{kind}" for kind in kgx.LISTS.values())}
"""Prefixes that the Biolink Model does not know."""
Documents = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def archive(data_files: Path) -> Path:
    [found] = data_files.glob("*.kgx.tar.gz")
    return found


def table(archive: Path, name: str) -> pd.DataFrame:
    with tarfile.open(archive) as opened:
        return pd.read_csv(opened.extractfile(f"immunofacts_{name}.tsv"), sep="\t", dtype=str, keep_default_na=False)  # type: ignore[arg-type]  # it is a file


@pytest.fixture(scope="module")
def nodes(archive: Path) -> pd.DataFrame:
    return table(archive, "nodes").set_index("id")


@pytest.fixture(scope="module")
def edges(archive: Path) -> pd.DataFrame:
    return table(archive, "edges")


@pytest.fixture(scope="module")
def validations(
    validators: Callable[..., Any], archive: Path, tmp_path_factory: pytest.TempPathFactory
) -> list[dict[str, Any]]:
    """What the validators say of the graph, and of one with wrong edges: they take long to start."""
    folder = tmp_path_factory.mktemp("wrong")
    with tarfile.open(archive) as opened:
        opened.extractall(folder, filter="data")
    path = folder / "immunofacts_edges.tsv"
    path.write_text(
        path.read_text().replace("biolink:treats", "biolink:heals").replace("\tobservation\t", "\trumour\t")
    )
    wrong = folder / "wrong.tar.gz"
    with tarfile.open(wrong, "w:gz") as made:
        for name in ("nodes", "edges"):
            made.add(folder / f"immunofacts_{name}.tsv", f"immunofacts_{name}.tsv")
    found: list[dict[str, Any]] = validators("validate_kgx.py", archive, wrong)
    return found


@pytest.fixture(scope="module")
def validated(validations: list[dict[str, Any]]) -> dict[str, Any]:
    """What the validators say of the graph."""
    return validations[0]


def complaints(validated: dict[str, Any]) -> list[str]:
    """What KGX finds, other than prefixes that are not of Biolink."""
    said = [message for level in validated["kgx"].values() for found in level.values() for message in found]
    return [message for message in said if not any(f"CURIE prefix '{prefix}'" in message for prefix in OF_OURS)]


def test_kgx_reads_and_accepts_it(validated: dict[str, Any], nodes: pd.DataFrame, edges: pd.DataFrame) -> None:
    assert (validated["nodes"], validated["edges"]) == (len(nodes), len(edges))
    assert complaints(validated) == []


def test_the_models_of_biolink_accept_each_node_and_edge(validated: dict[str, Any]) -> None:
    assert validated["biolink"] == []


def test_the_validators_refuse_what_is_wrong(validations: list[dict[str, Any]]) -> None:
    found = validations[1]
    assert any("heals" in message for message in complaints(found))
    assert any("knowledge_level" in message for message in found["biolink"])


def test_every_edge_joins_nodes_and_says_where_it_is_from(nodes: pd.DataFrame, edges: pd.DataFrame) -> None:
    assert nodes.index.is_unique
    assert edges["id"].is_unique
    assert not edges.duplicated(["subject", "predicate", "object", "object_direction_qualifier"]).any()
    assert set(edges["subject"]) | set(edges["object"]) <= set(nodes.index)
    assert set(edges["primary_knowledge_source"]) == {"infores:immunofacts"}
    assert edges["release"].nunique() == nodes["release"].nunique() == 1
    stated = edges[edges["immunofacts_sources"] != ""]
    assert (stated["publications"] != "").mean() > 0.95
    unsourced = edges[edges["immunofacts_sources"] == ""]
    assert set(unsourced["predicate"]) == {"biolink:subclass_of"}


def test_known_facts_are_edges(nodes: pd.DataFrame, edges: pd.DataFrame) -> None:
    triples = set(zip(edges["subject"], edges["predicate"], edges["object"], strict=True))
    pembrolizumab = "UNII:DPT0O3T46P"
    assert nodes.loc[pembrolizumab, "name"] == "pembrolizumab"
    assert "RXCUI:1547545" in str(nodes.loc[pembrolizumab, "xref"]).split("|")
    assert (pembrolizumab, "biolink:treats", "MONDO:0005105") in triples
    assert (pembrolizumab, "biolink:affects", "HGNC:8760") in triples
    assert (pembrolizumab, "biolink:has_adverse_event", "HP:0012378") in triples
    assert (pembrolizumab, "biolink:subclass_of", "immunofacts.class:pd-1-inhibitor") in triples
    [affects] = edges[(edges["subject"] == pembrolizumab) & (edges["predicate"] == "biolink:affects")].to_dict(
        "records"
    )
    assert (affects["object_aspect_qualifier"], affects["object_direction_qualifier"]) == ("activity", "decreased")


def test_edges_are_those_of_the_facts(edges: pd.DataFrame, documents: Documents) -> None:
    counted = Counter[str]()
    for predicate, evidence in zip(edges["predicate"], edges["evidence_count"].astype(int), strict=True):
        counted[predicate] += evidence
    active = [row for row in documents["indications"] if row["status"] == "active"]
    preventing = sum(row["intent"] in {"prevention", "post_exposure_prophylaxis"} for row in active)
    diagnosing = sum(row["intent"] == "diagnosis" for row in active)
    assert counted["biolink:preventative_for_condition"] == preventing > 0
    assert counted["biolink:treats"] == len(active) - preventing - diagnosing
    received = [
        row
        for row in documents["adverse-events"]
        if not row["cohort"]["comparator"] and any(rate["patients"] or rate["percent"] for rate in row["rates"])
    ]
    assert counted["biolink:has_adverse_event"] == len(received)
    targeted = sum(row["target"] is not None for row in documents["mechanisms"])
    assert counted["biolink:affects"] + counted["biolink:interacts_with"] == targeted


def test_the_same_release_is_the_same_archive(texts: dict[str, list[str]], tmp_path: Path) -> None:
    for name in ("one", "other"):
        kgx.write(tmp_path / name, texts, "2026.11.21")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


def test_what_is_of_two_records_is_the_id_of_neither(tmp_path: Path) -> None:
    targets = [{"id": name, "name": name, "kind": "protein", "xrefs": ["hgnc:1"]} for name in ("A", "B")]
    targets.append({"id": "C", "name": "C", "kind": "protein", "synonyms": ["c|c\td"], "xrefs": ["hgnc:2"]})
    kgx.write(tmp_path / "graph", {"targets": [json.dumps(target) for target in targets]}, "2026.11.21")
    found = table(tmp_path / "graph", "nodes")
    assert set(found["id"]) == {"immunofacts.target:A", "immunofacts.target:B", "HGNC:2"}
    assert "c/c d" in set(found["synonym"])


def test_older_releases_are_graphs_too(tmp_path: Path) -> None:
    above = {"id": "pd-1-inhibitor", "name": "PD-1 inhibitor"}
    evidence = {"source": {"id": "label.examplara.2023-01-02"}}
    written = {
        "classes": [above | {"parents": []}],
        "therapies": [
            {"id": "a", "name": "a", "class": above, "identifiers": [{"id": "rxcui:1"}], "evidence": evidence}
        ],
        "conditions": [{"id": "melanoma", "name": "Melanoma", "xrefs": ["mondo:0005105"]}],
        "sources": [{"id": "label.examplara.2023-01-02"}],
    }
    older = {name: [json.dumps(record) for record in records] for name, records in written.items()}
    kgx.write(tmp_path / "graph", older, "2026.11.21")
    assert set(table(tmp_path / "graph", "nodes")["id"]) == {
        "RXCUI:1",
        "MONDO:0005105",
        "immunofacts.class:pd-1-inhibitor",
    }
    assert list(table(tmp_path / "graph", "edges")["subject"]) == ["RXCUI:1"]
