"""The documentation tells the truth: every table, example and command is held to the code and to the facts."""

import json
import re

import httpx
import pytest
import yaml

from app.config import Settings
from seed.checks import described
from seed.files import FACT_KINDS
from tests.conftest import ROOT, run

README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
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
    from seed.files import Finding, _therapy

    text = re.search(r"```jsonc\n(.+?)```", CONTRIBUTING, re.DOTALL)[1]  # type: ignore[index]  # the block is there
    content = json.loads(re.sub(r"\s//.*$", "", text, flags=re.MULTILINE))
    findings: list[Finding] = []
    therapy = _therapy(content, "therapies/examplumab.json", findings)
    assert findings == []
    assert therapy is not None
    assert all(getattr(therapy, kind) for kind in FACT_KINDS)


@pytest.mark.parametrize("command", ["migrate", "serve"])
def test_the_commands_of_the_readme_are_there(command: str) -> None:
    assert command in README
    assert run("app", command, "--help").returncode == 0


@pytest.mark.parametrize("command", ["check", "fmt", "load", "draft", "verify", "diff", "coverage"])
def test_the_seed_commands_of_the_readme_are_there(command: str) -> None:
    assert command in README
    assert run("seed", command, "--help").returncode == 0


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
