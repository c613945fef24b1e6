"""Partners of indications, with alternatives as lists.

Revision: 0015
After: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("indication", schema=None) as batch_op:
        batch_op.add_column(sa.Column("combination", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("indication", schema=None) as batch_op:
        batch_op.drop_column("combination")
