"""The registry finds every noun; commands end in a sentence where one is not sound."""

import re
import shutil
from pathlib import Path

import pytest

from app.nouns import registry
from app.nouns.declaration_checks import check
from app.nouns.registry import fact_nouns, named_nouns, nouns
from app.release.database import migrate
from tests.project import Copy


def test_every_noun_of_the_package_is_found() -> None:
    check(nouns())
    folder = Path(registry.__file__).parent
    declaring = [path.stem for path in folder.glob("*.py") if "\nNOUN = Noun(" in path.read_text(encoding="utf-8")]
    assert len(declaring) == len(nouns()) > 10


def test_facts_stand_in_the_order_of_a_file() -> None:
    orders = [each.section.order for each in fact_nouns() if each.section]
    assert orders == sorted(orders)
    assert {"mechanisms", "adverse-events"} <= {each.name for each in fact_nouns()}
    assert not {"therapies", "sources", "statements"} & {each.name for each in fact_nouns()}


def test_names_are_shown_in_an_order_of_their_own() -> None:
    shown = ["therapy", "target", "condition", "class", "event", "endpoint", "trial"]
    assert [kind for kind in named_nouns() if kind in shown] == shown


@pytest.mark.only_on_sqlite("The code is copied, not the database.")
def test_every_command_ends_with_the_sentence(tmp_path: Path, loaded: str) -> None:
    """Whatever is started with an unsound declaration says it, and nothing else."""
    copy = Copy(tmp_path, loaded)
    copy.insert(
        "app/nouns/therapy.py", "    filters=(", '        TermFilter("format", "Format.", "format", example="x"),'
    )
    sentence = "The filter 'format' of therapies has the name of a parameter that every list takes; call it otherwise."
    for command in ("app serve", "app migrate", "app release list", "seed check", "seed load --migrate"):
        assert copy.run("python", "-m", *command.split(), fails=True) == f"{sentence}\n", command


@pytest.mark.only_on_sqlite("The code is copied, not the database.")
def test_a_form_of_the_name_of_one_of_the_api_is_said_by_the_document(tmp_path: Path) -> None:
    copy = Copy(tmp_path)
    path = copy.folder / "app" / "nouns" / "warning.py"
    path.write_text(path.read_text(encoding="utf-8").replace("LabelWarning", "Page"), encoding="utf-8")
    said = "Forms have one name: app.api.page.Page, app.nouns.warning.Page. Call that of app/nouns/ otherwise.\n"
    assert copy.run("python", "-m", "app", "openapi", fails=True) == said


WRITTEN = {
    "a part of the declaration is missing": (
        "    public=LabelWarning,",
        "",
        "warning.py cannot be imported (app/nouns/warning.py, line {}): "
        "TypeError: Noun.__init__() missing 1 required positional argument: 'public'",
    ),
    "the table of another noun": (
        '    __tablename__ = "warning"',
        '    __tablename__ = "mechanism"',
        "warning.py cannot be imported (app/nouns/warning.py, line {}): "
        "InvalidRequestError: Table 'mechanism' is already defined for this MetaData instance.",
    ),
    "a field without a migration": (
        "class WarningBase(SQLModel):",
        "class WarningBase(SQLModel):\n    society: str | None = Field(default=None, description='Who says so.')",
        "The load was given up, and changed nothing: table warning has no column named society.\n"
        "The tables lack what app/nouns/ declares. "
        'Run `alembic revision --autogenerate -m "what is new"`, then `immunofacts migrate`.',
    ),
    "a natural key with what is null": (
        '        return ".".join(filter(None, [self.level, self.event, self.key]))',
        '        return f"{self.level}.{self.event}.{self.key}"',
        "A fact of warnings in therapies/examplumab.json has the natural key 'boxed.rash.None': "
        "let `natural_key` leave out what is null, and join what there is by dots.",
    ),
    "a further table without a migration": (
        "_LEVELS = list(WarningLevel)",
        "_LEVELS = list(WarningLevel)\n\n\nclass Note(RecordTable, table=True):\n    __tablename__ = 'note'",
        "There is no table 'note', which app/nouns/ declares. "
        'Run `alembic revision --autogenerate -m "what is new"`, then `immunofacts migrate`.',
    ),
    "a foreign key of no column": (
        '        release_foreign_key("event_id", "event"),',
        '        release_foreign_key("evnt_id", "event"),',
        "warning.py cannot be imported (app/nouns/warning.py, line {}): ConstraintColumnNotFoundError: "
        "Can't create ForeignKeyConstraint on table 'warning': no column named 'evnt_id' is present.",
    ),
    "a list without a type of its column": (
        "class WarningBase(SQLModel):",
        "class WarningBase(SQLModel):\n    societies: list[str] = Field(default=[], description='Who say so.')",
        "warning.py cannot be imported (app/nouns/warning.py, line {}): ValueError: <class 'list'> has no matching "
        "SQLAlchemy type; a list or an object takes `sa_type=JSON`",
    ),
    "a field that SQLAlchemy has": (
        "class WarningBase(SQLModel):",
        "class WarningBase(SQLModel):\n    registry: str | None = Field(default=None, description='Where.')",
        "A field of warnings is called 'registry', as what SQLAlchemy keeps of every table is.",
    ),
    "a column that nothing fills": (
        "    locator: str",
        "    locator: str\n    volume: float | None = None",
        "The column 'volume' of WarningTable is no field of LabelWarning and no reference of warnings: "
        "let `columns` of the noun give it.",
    ),
    "a name that is not imported": (
        "    public=LabelWarning,",
        "    public=Warnings,",
        "warning.py cannot be imported (app/nouns/warning.py, line {}): NameError: name 'Warnings' is not defined",
    ),
    "a field that nothing fills": (
        "class LabelWarning(WarningBase, Fact):",
        "class LabelWarning(WarningBase, Fact):\n    society: str = Field(description='Who says so.')",
        "The field 'society' of LabelWarning is no field of WarningRecord, "
        "and warnings have no `compute` that gives it.",
    ),
}
"""Lines of a file, what stands there instead, and what is said of it."""
DECLARED = {
    "a text of a key that is not there": (
        "text=lambda fact: (fact['txt'],)",
        "No index can be made of warnings (app/nouns/warning.py, line {}): KeyError: 'txt'; documents of older "
        "releases lack what came later: read it by `.get()`",
    ),
    "one text": (
        "text=lambda fact: (fact['text'])",
        "No index can be made of warnings: TypeError: `text` gives one text; it is to give several, such as `(one,)`",
    ),
    "one value of a filter": (
        "filters=(*NOUN.filters, TermFilter('words', 'Words.', lambda fact: fact['text'], example='x'))",
        "No index can be made of warnings: TypeError: the function of 'words' gives one value; it is to give several, "
        "such as `(one,)`",
    ),
    "one value of a sort": (
        "sorts={'longer': lambda fact: len(fact['text'])}",
        "No index can be made of warnings: TypeError: the function of 'longer' gives one value; it is to give several, "
        "such as `(one,)`",
    ),
    "names without an id": (
        "names=lambda fact: [('name', fact['text'])]",
        "No index can be made of warnings: ValueError: `names` gives a record no pair "
        '`("id", …)`, by which it is found',
    ),
    "a kind of coverage that cannot be told": (
        "section=replace(NOUN.section, coverage=dict.fromkeys(NOUN.section.coverage, lambda fact: fact.grade))",
        "`coverage` of the section 'warnings' fails (app/nouns/warning.py, line {}): "
        "AttributeError: 'WarningRecord' object has no attribute 'grade'; it is given records and public facts, so it "
        "reads fields that both have",
    ),
    "what is computed has no field": (
        "compute=lambda *_: {'societi': 'ESMO'}",
        "`compute` of warnings gives 'societi', which is no field of LabelWarning.",
    ),
    "a column of no table": (
        "columns=lambda form: {'volume': 1}",
        "`columns` of warnings gives 'volume', which is no column of warning.",
    ),
    "a record of no list": (
        "refers=lambda record: [('conditons', 'melanoma')]",
        "`refers` of warnings names 'conditons', which is no list.",
    ),
    "what `finish` cannot do": (
        "finish=lambda forms, others: others['warning']",
        "`finish` of warnings fails (app/nouns/warning.py, line {}): KeyError: 'warning'",
    ),
}
"""Parts of a declaration, whatever it has of its own, and what is said of them."""


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file of the newest schema, with no release."""
    path = tmp_path_factory.mktemp("migrated") / "empty.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def copy(tmp_path: Path, migrated: Path) -> Copy:
    """A copy of the project, whose database has no release."""
    copy = Copy(tmp_path)
    shutil.copy(migrated, copy.database.removeprefix("sqlite:///"))
    return copy


def assert_load_says(copy: Copy, sentence: str) -> None:
    """A load ends in a sentence, in which the number of a line may be any."""
    said = copy.run("python", "-m", "seed", "load", fails=True)
    assert re.sub(r"line \d+", "line {}", said).endswith(f"{sentence}\n"), said


@pytest.mark.only_on_sqlite("The code is copied, not the database.")
@pytest.mark.parametrize(("line", "instead", "sentence"), WRITTEN.values(), ids=WRITTEN.keys())
def test_what_no_check_sees_ends_a_load_in_a_sentence_too(copy: Copy, line: str, instead: str, sentence: str) -> None:
    copy.replace("app/nouns/warning.py", line, instead)
    assert_load_says(copy, sentence)


@pytest.mark.only_on_sqlite("The code is copied, not the database.")
@pytest.mark.parametrize(("part", "sentence"), DECLARED.values(), ids=DECLARED.keys())
def test_what_a_declared_function_cannot_do_ends_a_load_in_a_sentence_too(copy: Copy, part: str, sentence: str) -> None:
    with (copy.folder / "app" / "nouns" / "warning.py").open("a", encoding="utf-8") as file:
        file.write(f"from dataclasses import replace\n\nNOUN = replace(NOUN, {part})\n")
    assert_load_says(copy, sentence)
