"""How Alembic reaches the database and the models."""

import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, TypeVar

import sqlalchemy as sa
from alembic import context
from alembic.operations import ops
from alembic.script import ScriptDirectory, write_hooks
from sqlmodel import SQLModel

import app.release.tables  # noqa: F401  # declares the tables of releases
from app.config import Settings
from app.nouns.declaration_errors import DeclarationError
from app.nouns.registry import nouns
from app.release.database import writing_engine

try:
    nouns()  # declares the tables of records
except DeclarationError as error:
    sys.exit(str(error))


Operation = TypeVar("Operation", bound=ops.MigrateOperation)


def number(_: Any, __: Any, directives: list[ops.MigrationScript]) -> None:
    """Number a new revision after the last one, name its foreign keys, and say what its columns hold in older rows."""
    head = ScriptDirectory.from_config(context.config).get_current_head()
    for script in directives:
        script.rev_id = f"{int(head or 0) + 1:04d}"
        for operations in (script.upgrade_ops, script.downgrade_ops):
            for key in _each(ops.CreateForeignKeyOp, operations):
                key.constraint_name = key.constraint_name or _name(key)
            for dropped in _each(ops.DropConstraintOp, operations):
                added_back = dropped.to_constraint() if dropped.constraint_name is None else None
                if isinstance(added_back, sa.ForeignKeyConstraint):
                    dropped.constraint_name = _name(ops.CreateForeignKeyOp.from_constraint(added_back))
            for added in _each(ops.AddColumnOp, operations):
                if not added.column.nullable and added.column.server_default is None:
                    added.column.server_default = sa.DefaultClause(_default(added.table_name, added.column))


def _each(kind: type[Operation], operations: ops.OpContainer | None) -> Iterator[Operation]:
    """The operations of a kind, within tables too."""
    for operation in operations.ops if operations else ():
        if isinstance(operation, ops.ModifyTableOps):
            yield from _each(kind, operation)
        elif isinstance(operation, kind):
            yield operation


def _name(key: ops.CreateForeignKeyOp) -> str:
    """The name of a foreign key: SQLite, where a table is made anew, takes none without."""
    return f"fk_{key.source_table}_{key.local_cols[-1].removesuffix('_id')}"


def _default(table: str, column: sa.Column[Any]) -> sa.TextClause | str:
    """The default of the model's field; where it has none, what is nearest to nothing."""
    models = {mapper.local_table.name: mapper.class_ for mapper in SQLModel._sa_registry.mappers}
    field = models[table].model_fields.get(column.name) if table in models else None
    value = None if field is None or field.is_required() else field.get_default(call_default_factory=True)
    if isinstance(column.type, sa.JSON):
        return json.dumps(value)
    if isinstance(column.type, sa.Boolean):
        return sa.text("true" if value else "false")
    if isinstance(column.type, sa.Numeric | sa.Integer):
        return str(value or 0)
    if isinstance(column.type, sa.Date | sa.DateTime):
        return str(value or "1970-01-01")
    return str(value or "")


@write_hooks.register("ruff")
def ruff(path: str, _: dict[str, Any]) -> None:
    """Format a new revision, where ruff is installed."""
    if importlib.util.find_spec("ruff"):
        for command in (["check", "--fix", "--quiet"], ["format", "--quiet"]):
            subprocess.run([sys.executable, "-m", "ruff", *command, path], check=False)  # noqa: S603  # our own command


def run() -> None:
    """Run the migrations on the database of the settings."""
    engine = writing_engine(context.config.attributes.get("database_url") or Settings().database_url)
    try:
        with engine.connect() as connection:
            if connection.dialect.name == "sqlite":  # a table that others refer to is altered by making it anew
                connection.connection.cursor().execute("PRAGMA foreign_keys=OFF")
            context.configure(
                connection=connection,
                target_metadata=SQLModel.metadata,
                process_revision_directives=number,
                render_as_batch=connection.dialect.name == "sqlite",
            )
            with context.begin_transaction():
                context.run_migrations()
    finally:
        engine.dispose()


run()
