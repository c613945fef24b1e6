"""The examples run on a release as `immunofacts export` writes it."""

import base64
import re
import shutil
import subprocess
import warnings
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT

EXAMPLES = ROOT / "examples"
PNG = b"\x89PNG"


def outputs(cell: Any) -> dict[str, Any]:
    """What a cell showed, by media type."""
    return {kind: shown for output in cell["outputs"] for kind, shown in output.get("data", {}).items()}


def test_the_notebook_runs_and_draws(data_files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what jupyter imports
        import nbformat
        from nbclient import NotebookClient

        notebook = nbformat.read(EXAMPLES / "overall_survival.ipynb", as_version=4)
        assert all(not cell.get("outputs") for cell in notebook.cells)  # what is kept is the code
        monkeypatch.setenv("IMMUNOFACTS_DATA", str(data_files))
        NotebookClient(
            notebook, timeout=180, kernel_name="python3", resources={"metadata": {"path": str(data_files)}}
        ).execute()
    shown = [outputs(cell) for cell in notebook.cells if cell["cell_type"] == "code"]
    assert "KEYNOTE-006" in shown[1]["text/html"]
    assert "The same outcomes: True" in str(notebook.cells[5]["outputs"])
    assert "ipilimumab" in shown[3]["text/html"]
    assert base64.b64decode(shown[4]["image/png"]).startswith(PNG)


def test_the_script_of_r_draws_the_same(data_files: Path, tmp_path: Path) -> None:
    if shutil.which("Rscript") is None:
        pytest.skip("R is not installed.")
    picture = tmp_path / "forest.png"
    command = ["Rscript", "--vanilla", str(EXAMPLES / "overall_survival.R"), str(data_files), str(picture)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert "KEYNOTE-006" in done.stdout
    assert picture.read_bytes().startswith(PNG)


def test_the_examples_are_those_that_are_named() -> None:
    named = set(re.findall(r"\]\(([\w.]+)\)", (EXAMPLES / "README.md").read_text(encoding="utf-8")))
    assert named == {path.name for path in EXAMPLES.iterdir()} - {"README.md"}
