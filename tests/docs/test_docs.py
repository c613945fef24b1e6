"""The documentation tells the truth: every table, example and command is held to the code and to the facts."""

import json
import re

import httpx
import pytest
import yaml
from typer.main import get_command

from app.cli import cli as service
from app.config import Settings
from seed.__main__ import cli as curation
from seed.checks import described
from seed.files import _therapy, sections
from seed.findings import Report
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
DOCS = sorted((ROOT / "docs").glob("*.md"))
QUESTION = re.compile(
    r"^\| (?P<question>.+) \| `GET (?P<path>/\S+)` \| (?P<total>[\d,]+): (?P<answer>.+) \|$", re.MULTILINE
)


@pytest.mark.parametrize("row", list(QUESTION.finditer(README)), ids=lambda row: row["path"])
def test_the_questions_of_the_readme_have_their_answers(client: httpx.Client, row: re.Match[str]) -> None:
    body = client.get(row["path"]).json()
    assert body["total"] == int(row["total"].replace(",", ""))
    named = re.findall(r"`([^`]+)`", row["answer"])
    found = {item["id"] for item in body["items"]} | {
        item["therapy"]["id"] for item in body["items"] if item.get("therapy")
    }
    assert named
    assert set(named) <= found


def test_there_are_five_questions() -> None:
    assert len(QUESTION.findall(README)) == 5


def test_the_adverse_event_of_the_readme_is_real(client: httpx.Client) -> None:
    shown = json.loads(re.search(r"```json\n(.+?)```", README, re.DOTALL)[1])  # type: ignore[index]  # the block is there
    record = client.get(f"/adverse-events/{shown['id']}").json()
    assert shown == {key: record[key] for key in shown}


def test_every_setting_is_in_the_readme_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \| `([^`]*)` \|", README, re.MULTILINE))
    for name, field in Settings.model_fields.items():
        default = ",".join(field.default) if isinstance(field.default, list) else str(field.default)
        assert rows.pop(name.upper()) == default
    assert rows == {}


def test_every_check_is_in_contributing() -> None:
    table = CONTRIBUTING.split("| code | what must be true |")[1].split("\n\n")[0]
    assert re.findall(r"^\| `([^`]+)` \| (.+) \|$", table, re.MULTILINE) == described()


def test_the_annotated_example_is_a_therapy_file() -> None:
    text = re.search(r"```jsonc\n(.+?)```", CONTRIBUTING, re.DOTALL)[1]  # type: ignore[index]  # the block is there
    content = json.loads(re.sub(r"\s//.*$", "", text, flags=re.MULTILINE))
    report = Report()
    therapy = _therapy(content, "therapies/examplumab.json", report)
    assert list(report) == []
    assert therapy is not None
    missing = [section for section in sections() if not therapy.facts(section)]
    assert missing == [], "The annotated therapy of CONTRIBUTING.md has an example of every section."


def test_the_commands_of_the_readme_are_there() -> None:
    for command in ("migrate", "serve"):
        assert command in README
        assert command in get_command(service).commands  # type: ignore[attr-defined]  # it is a group
    for command in ("check", "fmt", "load", "draft", "verify", "diff", "coverage", "publish"):
        assert command in README + CONTRIBUTING
        assert command in get_command(curation).commands  # type: ignore[attr-defined]  # it is a group


PATH = re.compile(r"\b((?:app|seed|tests|migrations|benchmarks|docs)/[\w./-]+\.(?:py|md|toml|json))\b")


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", *(f"docs/{path.name}" for path in DOCS)])
def test_the_files_that_a_page_names_are_there(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    written_by_hand = set(re.findall(r"<!-- file (\S+) -->", text))
    assert [path for path in PATH.findall(text) if not (ROOT / path).exists() and path not in written_by_hand] == []


def test_it_is_said_that_this_is_no_medical_advice() -> None:
    assert "not medical advice" in README


def test_the_composition_sets_only_settings_that_there_are() -> None:
    composed = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    known = {name.upper() for name in Settings.model_fields}
    for name in ("load", "app"):
        assert set(composed["services"][name]["environment"]) <= known
    app = composed["services"]["app"]
    assert app["read_only"]
    assert app["cap_drop"] == ["ALL"]
    assert "location = /metrics { return 404; }" in composed["configs"]["proxy"]["content"]
