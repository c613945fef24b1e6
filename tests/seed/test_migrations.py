"""Migrations: from an older database with its data, from nothing, and written by Alembic as documented."""

import sys
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.command import downgrade, upgrade
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect
from sqlmodel import SQLModel

from app.release.database import MIGRATIONS, head_revision, migrate
from tests.databases import rows
from tests.project import Copy
from tests.seed.base import sound

PRODUCT = '{"brand":"Examplara","proper_name":"exämplumab-abcd","approved_on":null}'
THERAPY = f'{{"id":"examplumab","name":"examplumab","products":[{PRODUCT}]}}'


def config(url: str) -> Config:
    found = Config()
    found.set_main_option("script_location", str(MIGRATIONS))
    found.attributes["database_url"] = url
    return found


def insert(url: str, table: str, **values: Any) -> None:
    """Insert a row, its values as they would be written in SQL for either engine."""
    names = ", ".join(f'"{name}"' for name in values)
    texts = ", ".join(f"'{value}'" if isinstance(value, str) else str(value) for value in values.values())
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql(f'INSERT INTO "{table}" ({names}) VALUES ({texts})')  # noqa: S608  # a test's own
    engine.dispose()


@pytest.fixture
def old(empty: str) -> str:
    """A database as the code before revision 0004 left it."""
    upgrade(config(empty), "0003")
    of_record = {"release_id": 1, "position": 0}
    insert(empty, "release", id=1, version="2026.01.02", released_on="2026-01-02", digest="d", counts="{}", inputs="i")
    insert(empty, "activation", id=1, release_id=1, activated_at="2026-01-02 03:04:05")
    insert(
        empty, "class", **of_record, id="pd-1-inhibitor", name="PD-1 inhibitor", synonyms="[]", definition="Blocks.",
        document='{"id":"pd-1-inhibitor"}',
    )  # fmt: skip
    insert(
        empty, "source", **of_record, id="label.a", kind="label", title="A", authors="[]", standing="current",
        level="regulatory_label", document='{"id":"label.a"}',
    )  # fmt: skip
    insert(
        empty, "therapy", **of_record, id="examplumab", name="examplumab", synonyms="[]", codes="[]", routes="[]",
        identifiers="[]", class_id="pd-1-inhibitor", source_id="label.a", locator="1", document=THERAPY,
        summary='{"id":"examplumab"}',
    )  # fmt: skip
    insert(
        empty, "product", **of_record, id="examplumab.0", brand="Examplara", agency="FDA", status="authorised",
        biosimilar=False, therapy_id="examplumab", source_id="label.a", locator="1", document=PRODUCT,
    )  # fmt: skip
    return empty


def tables(url: str) -> set[str]:
    engine = create_engine(url)
    found = set(inspect(engine).get_table_names())
    engine.dispose()
    return found


def test_documents_of_an_older_database_are_kept(old: str) -> None:
    migrate(old)
    kept = rows(old, "SELECT list, position, id, summary, document FROM document ORDER BY list")
    assert kept == [
        ("classes", 0, "pd-1-inhibitor", None, '{"id":"pd-1-inhibitor"}'),
        ("sources", 0, "label.a", None, '{"id":"label.a"}'),
        ("therapies", 0, "examplumab", '{"id":"examplumab"}', THERAPY),
    ]
    assert rows(old, "SELECT id, class_id FROM therapy") == [("examplumab", "pd-1-inhibitor")]
    assert rows(old, "SELECT release_id FROM activation") == [(1,)]
    assert not {"tag", "name", "search_text", "search_fts"} & tables(old)


def test_the_way_back_restores_documents_and_makes_the_older_code_load_again(old: str) -> None:
    migrate(old)
    downgrade(config(old), "0003")
    assert rows(old, "SELECT document, summary FROM therapy") == [(THERAPY, '{"id":"examplumab"}')]
    assert rows(old, "SELECT document FROM product") == [(PRODUCT,)]
    assert {"tag", "name", "search_text"} <= tables(old)
    assert "document" not in tables(old)
    assert rows(old, "SELECT count(*) FROM activation") == [(0,)]
    migrate(old)
    assert rows(old, "SELECT document FROM document WHERE list = 'therapies'") == [(THERAPY,)]


@pytest.mark.on_every_engine
@pytest.mark.parametrize("start", ["nothing", "an older database"])
def test_the_migrations_make_what_the_models_say(start: str, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue("empty" if start == "nothing" else "old")
    migrate(url)
    engine = create_engine(url)
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), SQLModel.metadata)
    engine.dispose()
    assert differences == []


def test_alembic_and_the_code_know_the_same_head() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_current_head() == head_revision()


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    """A copy of the project without published releases, its small fact base loaded."""
    found = Copy(tmp_path)
    for bundle in (found.folder / "seed" / "releases").iterdir():
        bundle.unlink()
    found.run(sys.executable, "-m", "seed", "load", "--migrate")
    return found


def query(copy: Copy, text: str) -> list[Any]:
    return rows(copy.database, text)


def test_new_columns_are_migrated_as_documented(copy: Copy) -> None:
    """Columns that may not be null have a default for the rows of older releases, and can be taken back."""
    fields = [
        "    withdrawn: bool = False",
        "    priority: int",
        "    remark: str",
        "    links: list[str] = Field(default=[], sa_type=JSON)",
    ]
    line = '    """One arm, or one pooled group, in which safety or efficacy was counted."""'
    copy.insert("app/nouns/cohort.py", line, "\n".join(["", *fields, ""]))
    reference = "    condition_id: str | None = None"
    copy.insert("app/nouns/cohort.py", '    __tablename__ = "cohort"', reference)
    copy.insert(
        "app/nouns/cohort.py", "        unique_position(),", '        release_foreign_key("condition_id", "condition"),'
    )
    copy.run("alembic", "revision", "--autogenerate", "-m", "more of cohorts")
    written = next((copy.folder / "migrations" / "versions").glob("*_more_of_cohorts.py"))
    assert written.name == f"{int(head_revision()) + 1:04d}_more_of_cohorts.py"
    copy.run(sys.executable, "-m", "ruff", "format", "--check", str(written))
    files = sound()
    files["therapies/examplumab.json"]["cohorts"][0] |= {"priority": 3, "remark": "New."}
    copy.write_facts(files)
    copy.run(sys.executable, "-m", "seed", "load", "--migrate")
    found = query(copy, "SELECT withdrawn, priority, remark, links FROM cohort ORDER BY release_id")
    assert found == [(0, 0, "", "[]"), (0, 3, "New.", "[]")]
    assert "No new upgrade operations" in copy.run("alembic", "check")
    copy.run("alembic", "downgrade", head_revision())
    assert query(copy, "SELECT count(*) FROM cohort") == [(2,)]
    assert query(copy, "SELECT count(*) FROM adverse_event") == [(2,)]
    assert query(copy, "PRAGMA foreign_key_check") == []
