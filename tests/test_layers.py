"""The layers: imports point one way, and nothing stands there that nobody uses."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.calls import MAX_FILES, MAX_FUNCTIONS
from tests.conftest import ROOT, run
from tests.project import Copy

CODE = ("app", "seed", "immunofacts")

USED_BY_OTHERS = {
    "__doc__": "read by Python",
    "agrees_with": "a field of a form, which is set before it is written",
    "_value_": "read by enum",
    "disconnected": "read by uvicorn",
    "curie_match": "read by the renderer, as what a form answers of an event",
    "differs_from": "a field of a form, which is set before it is written",
    "eof_received": "called by asyncio",
    "isolation_level": "read by the driver",
    "justify": "read by rich",
    "pivotal_trials": "a field of a form, which is set before it is written",
    "process_log_record": "called by python-json-logger",
    "redirect_slashes": "read by Starlette",
    "set_header": "called by rispy",
    "_encode": "called by pybtex",
    "check_braces": "called by pybtex",
    "tables_read": "a field of a report, which is written",
    "worker": "named to uvicorn by app/cli.py",
}
"""What nothing here uses by its name, and who does."""
MARKED = {"callback", "command", "field_validator"}
"""Decorators whose functions are called by the library that they come from: typer, pydantic."""


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the linter of imports in a folder."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--no-logo"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_imports_keep_to_the_contracts() -> None:
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


def test_every_contract_is_broken_by_what_it_forbids(tmp_path: Path) -> None:
    copy = Copy(tmp_path)
    for file, line in {
        "app/nouns/warning.py": "import app.release.store",
        "app/http/cache.py": "import app.api.routes",
        "app/api/page.py": "import app.http.cache",
        "app/release/store.py": "import seed.load",
        "seed/render.py": "import app.api.page",
        "app/pictures/frame.py": "import app.api.page",
        "app/standards/about.py": "import app.api.page",
    }.items():
        path = copy.folder / file
        path.write_text(f"{path.read_text(encoding='utf-8')}\n{line}\n", encoding="utf-8")
    said = lint_imports(copy.folder).stdout
    assert " 0 kept, 7 broken" in said, said


def test_middleware_imports_nothing_of_the_api_but_its_errors() -> None:
    for path in (ROOT / "app" / "http").glob("*.py"):
        own = {name for name in imported(path) if name.startswith("app.") and not name.startswith("app.http")}
        assert own <= {"app.api.errors", "app.config", "app.temporary"}, path


def test_nouns_know_neither_http_nor_queries() -> None:
    for path in (ROOT / "app" / "nouns").glob("*.py"):
        outside = {name.split(".")[0] for name in imported(path)}
        assert not outside & {"fastapi", "starlette", "uvicorn", "httpx", "prometheus_client"}, path
        source = path.read_text(encoding="utf-8")
        assert "select(" not in source, path


def imported(path: Path) -> Iterator[str]:
    """The modules that a file imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module)


def test_nothing_is_there_that_nobody_uses() -> None:
    from vulture.core import Vulture

    templates = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "app/pages/templates").glob("*.html"))
    vulture = Vulture()
    vulture.scavenge([str(ROOT / folder) for folder in (*CODE, "migrations", "benchmarks")])
    unused = [
        item
        for item in vulture.get_unused_code(min_confidence=60)
        if item.filename.relative_to(ROOT).parts[0] in CODE
        and item.name not in USED_BY_OTHERS
        and not is_field(item)
        and not is_marked(item)
        and f"p.{item.name}(" not in templates
    ]
    assert [item.get_report() for item in unused] == []


def test_the_way_of_a_request_is_short(every_list: str) -> None:
    done = run("benchmarks.calls", database=every_list)
    found = re.search(r"(\d+) functions in (\d+) files", done.stdout)
    assert found, done.stderr
    assert int(found[1]) <= MAX_FUNCTIONS, done.stdout
    assert int(found[2]) <= MAX_FILES, done.stdout


def test_the_allowed_names_are_needed() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for folder in CODE for path in (ROOT / folder).rglob("*.py"))
    assert [name for name in USED_BY_OTHERS if name not in code] == []


def line(item: object, number: int) -> str:
    """A line of the file in which something stands."""
    return item.filename.read_text(encoding="utf-8").split("\n")[number - 1]  # type: ignore[attr-defined]  # vulture has no types


def is_field(item: object) -> bool:
    """Whether it is a field of a model or a word of a vocabulary: those are read by their names in JSON."""
    return item.typ == "variable" and line(item, item.first_lineno).startswith(" ")  # type: ignore[attr-defined]  # no types


def is_marked(item: object) -> bool:
    """Whether a decorator says that a library calls it."""
    first = line(item, item.first_lineno)  # type: ignore[attr-defined]  # no types
    return first.lstrip().startswith("@") and any(name in first for name in MARKED)
