"""`CITATION.cff` is sound, cites the newest published release, and as the service says."""

import json
import shutil
import tomllib
from pathlib import Path
from typing import Any

import httpx
import yaml

from seed.bundles import bundles
from seed.citation import FILE, cite
from tests.conftest import ROOT, run


def cff(path: Path = FILE) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


def checked(path: Path) -> list[str]:
    """What the JSON Schema of the Citation File Format says against a file."""
    done = run("check_jsonschema", "--builtin-schema", "vendor.citation-file-format", "-o", "json", str(path))
    return [error["path"] for error in json.loads(done.stdout)["errors"]]


def test_it_is_in_the_citation_file_format(tmp_path: Path) -> None:
    assert checked(FILE) == []
    unsound = tmp_path / FILE.name
    unsound.write_text(FILE.read_text(encoding="utf-8").replace("license: CC0-1.0", "license: none"), encoding="utf-8")
    assert checked(unsound) == ["$.license"]


def test_it_cites_the_newest_published_release() -> None:
    newest, found = bundles()[-1], cff()
    assert (found["version"], found["date-released"]) == (newest.version, newest.released_on.isoformat())
    assert [each["value"] for each in found["identifiers"]] == [f"sha256:{newest.digest}"]


def test_a_release_that_is_published_is_cited(tmp_path: Path) -> None:
    path = tmp_path / FILE.name
    shutil.copy(FILE, path)
    before = cff(path)
    cite(bundles()[-1].model_copy(update={"version": "2027.01.02", "digest": "0" * 64}), path)
    digest = before["identifiers"][0] | {"value": f"sha256:{'0' * 64}"}
    assert cff(path) == before | {"version": "2027.01.02", "identifiers": [digest]}
    cite(bundles()[-1], tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


def test_the_service_cites_itself_in_the_same_words(client: httpx.Client) -> None:
    found, info = cff(), client.get("/service-info").json()
    item = client.get("/therapies/pembrolizumab", params={"format": "csl-json"}).json()[-1]
    assert info["cite_as"].startswith(f"{found['title']}. Release ")
    assert (item["title"], item["type"]) == (found["title"], found["type"])
    assert [author["literal"] for author in item["author"]] == [author["name"] for author in found["authors"]]
    code = found["references"][0]
    assert info["licence"] == f"Facts: {found['license']}. Code: {code['license']}."
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["license"] == f"{code['license']} AND {found['license']}"
