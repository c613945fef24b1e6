"""Documents are in one narrow table, and the index of a list is one row. Full text, names and tags have no tables.

Revision: 0004
After: 0003
"""

import json

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

LISTS = {
    "therapy": "therapies",
    "indication": "indications",
    "mechanism": "mechanisms",
    "warning": "warnings",
    "adverse_event": "adverse-events",
    "cohort": "cohorts",
    "statement": "statements",
    "source": "sources",
    "target": "targets",
    "condition": "conditions",
    "class": "classes",
    "event": "events",
}
"""The tables of records, and the list of each."""


def upgrade() -> None:
    """Apply. Stored indexes are made by the next `python -m seed load`; until then a server derives them."""
    text = sqlmodel.sql.sqltypes.AutoString
    op.create_table(
        "document",
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("list", text(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("id", text(length=300), nullable=False),
        sa.Column("summary", text(), nullable=True),
        sa.Column("document", text(), nullable=False),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("release_id", "list", "position"),
        sa.UniqueConstraint("release_id", "list", "id"),
    )
    op.create_table(
        "list_index",
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("list", text(length=40), nullable=False),
        sa.Column("fingerprint", text(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("release_id", "list"),
    )
    for table, name in LISTS.items():
        summary = "summary" if table == "therapy" else "NULL"
        op.execute(
            "INSERT INTO document (release_id, list, position, id, summary, document) "  # noqa: S608  # names above
            f"SELECT release_id, '{name}', position, id, {summary}, document FROM \"{table}\""
        )
        op.drop_column(table, "document")
    op.drop_column("therapy", "summary")
    op.drop_column("product", "document")
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE search_fts")
    op.drop_table("search_text")
    op.drop_table("name")
    op.drop_table("tag")


def downgrade() -> None:
    """Take back. Documents return into their tables.

    What the older code searches in cannot be made of them: no release is current, and none counts as loaded, until
    its `python -m seed load` has written one.
    """
    for table, name in LISTS.items():
        _restore_column(table, "document", name)
    _restore_column("therapy", "summary", "therapies")
    _restore_products()
    op.drop_table("list_index")
    op.drop_table("document")
    _create_index_tables()
    op.execute("DELETE FROM activation")
    op.execute("UPDATE release SET digest = '', inputs = ''")


def _restore_column(table: str, column: str, name: str | None = None) -> None:
    text = sqlmodel.sql.sqltypes.AutoString()
    op.add_column(table, sa.Column(column, text, nullable=False, server_default=""))
    if name:
        op.execute(
            f'UPDATE "{table}" SET {column} = (SELECT kept.{column} FROM document AS kept WHERE kept.release_id = '  # noqa: S608  # names above
            f'"{table}".release_id AND kept.list = \'{name}\' AND kept.id = "{table}".id)'
        )
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column(table, column, server_default=None)


def _restore_products() -> None:
    """The document of a product is part of that of its therapy."""
    _restore_column("product", "document")
    products = sa.table("product", *map(sa.column, ("release_id", "id", "document")))
    update = (
        products.update()
        .where(products.c.release_id == sa.bindparam("release"), products.c.id == sa.bindparam("product"))
        .values(document=sa.bindparam("text"))
    )
    connection = op.get_bind()
    therapies = connection.execute(sa.text("SELECT release_id, id, document FROM document WHERE list = 'therapies'"))
    rows = [
        {
            "release": release_id,
            "product": f"{therapy_id}.{number}",
            "text": json.dumps(product, ensure_ascii=False, separators=(",", ":")),
        }
        for release_id, therapy_id, document in therapies.all()
        for number, product in enumerate(json.loads(document)["products"])
    ]
    if rows:
        connection.execute(update, rows)


def _create_index_tables() -> None:
    """The tables of the older index, empty."""
    text = sqlmodel.sql.sqltypes.AutoString
    op.create_table(
        "tag",
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("list", text(length=40), nullable=False),
        sa.Column("filter", text(length=40), nullable=False),
        sa.Column("value", text(length=300), nullable=False),
        sa.Column("records", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("release_id", "list", "filter", "value"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "name",
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("list", text(length=40), nullable=False),
        sa.Column("folded", text(length=400), nullable=False),
        sa.Column("id", text(length=300), nullable=False),
        sa.Column("how", text(length=20), nullable=False),
        sa.Column("name", text(), nullable=False),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("release_id", "list", "folded", "id", "how"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "search_text",
        sa.Column("rowid", sa.Integer(), nullable=False),
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("list", text(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", text(), nullable=False),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("rowid"),
    )
    op.create_index("ix_search_text_place", "search_text", ["release_id", "list", "position"])
    if op.get_bind().dialect.name == "sqlite":
        op.execute("CREATE VIRTUAL TABLE search_fts USING fts5(text, content='search_text', content_rowid='rowid')")
    else:
        op.execute(
            "CREATE INDEX ix_search_text_words ON search_text USING gin (to_tsvector('simple'::regconfig, text))"
        )
