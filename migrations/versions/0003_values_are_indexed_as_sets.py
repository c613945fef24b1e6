"""The records that carry a value of a filter are one row, as a set; there was a row for each of them.

Revision: 0003
After: 0002
"""

import struct
import zlib
from itertools import groupby
from operator import itemgetter

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NAMES = ("release_id", "list", "filter", "value")


def _instead(last: sa.Column) -> sa.Table:
    """The table in its other form; its rows were read."""
    text = sqlmodel.sql.sqltypes.AutoString
    op.drop_table("tag")
    return op.create_table(
        "tag",
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("list", text(length=40), nullable=False),
        sa.Column("filter", text(length=40), nullable=False),
        sa.Column("value", text(length=300), nullable=False),
        last,
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint(*NAMES, *([last.name] if last.name == "position" else [])),
        sqlite_with_rowid=False,
    )


def _rows(name: str) -> list[sa.Row]:
    table = sa.table("tag", *(sa.column(column) for column in (*NAMES, name)))
    return list(op.get_bind().execute(sa.select(table).order_by(*(table.c[column] for column in NAMES))))


def upgrade() -> None:
    """Apply."""
    rows = _rows("position")
    sets = [
        dict(zip(NAMES, key, strict=True)) | {"records": _packed([row.position for row in group])}
        for key, group in groupby(rows, key=itemgetter(0, 1, 2, 3))
    ]
    op.bulk_insert(_instead(sa.Column("records", sa.LargeBinary(), nullable=False)), sets)


def downgrade() -> None:
    """Take back."""
    rows = [
        dict(zip(NAMES, row[:4], strict=True)) | {"position": position}
        for row in _rows("records")
        for position in _unpacked(row.records)
    ]
    op.bulk_insert(_instead(sa.Column("position", sa.Integer(), nullable=False)), rows)


def _packed(positions: list[int]) -> bytes:
    if len(positions) * 32 < max(positions):
        return b"n" + struct.pack(f"<{len(positions)}I", *sorted(positions))
    found = sum(1 << position for position in positions)
    return b"b" + zlib.compress(found.to_bytes((found.bit_length() + 7) >> 3, "little"), 1)


def _unpacked(stored: bytes) -> list[int]:
    if stored[:1] == b"n":
        return list(struct.unpack(f"<{len(stored) >> 2}I", stored[1:]))
    found = int.from_bytes(zlib.decompress(stored[1:]), "little")
    return [position for position in range(found.bit_length()) if found >> position & 1]
