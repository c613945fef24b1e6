"""Outcomes, endpoints and trials.

Revision: 0016
After: 0015
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "endpoint",
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("synonyms", sa.JSON(), nullable=False),
        sa.Column("definition", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("better", sa.String(), nullable=True),
        sa.Column("xrefs", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("release_id", "id"),
        sa.UniqueConstraint("release_id", "position"),
    )
    op.create_table(
        "trial",
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("synonyms", sa.JSON(), nullable=False),
        sa.Column("nct_ids", sa.JSON(), nullable=False),
        sa.Column("phase", sa.String(), nullable=True),
        sa.Column("design", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("randomised", sa.Boolean(), nullable=True),
        sa.Column("blinding", sa.String(), nullable=True),
        sa.Column("enrolled", sa.Integer(), nullable=True),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("population", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("biomarkers", sa.JSON(), nullable=False),
        sa.Column("source_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("locator", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["release_id", "source_id"],
            ["source.release_id", "source.id"],
        ),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("release_id", "id"),
        sa.UniqueConstraint("release_id", "position"),
    )
    op.create_table(
        "outcome",
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("reported_endpoint", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("measure", sa.String(), nullable=False),
        sa.Column("time", sa.JSON(), nullable=True),
        sa.Column("patients", sa.Integer(), nullable=True),
        sa.Column("denominator", sa.Integer(), nullable=True),
        sa.Column("percent", sa.Float(), nullable=True),
        sa.Column("percent_below", sa.Float(), nullable=True),
        sa.Column("percent_above", sa.Float(), nullable=True),
        sa.Column("adjusted", sa.Boolean(), nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("value_status", sa.String(), nullable=True),
        sa.Column("unit", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("interval", sa.JSON(), nullable=True),
        sa.Column("range", sa.JSON(), nullable=True),
        sa.Column("spread", sa.JSON(), nullable=True),
        sa.Column("p_value", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=True),
        sa.Column("p_sides", sa.Integer(), nullable=True),
        sa.Column("stratified", sa.Boolean(), nullable=True),
        sa.Column("margin", sa.Float(), nullable=True),
        sa.Column("criteria", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("assessor", sa.String(), nullable=True),
        sa.Column("population", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("analysed", sa.String(), nullable=True),
        sa.Column("analysis", sa.String(), nullable=True),
        sa.Column("cutoff", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=True),
        sa.Column("follow_up", sa.JSON(), nullable=True),
        sa.Column("role", sa.String(), nullable=True),
        sa.Column("note", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("therapy_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("cohort_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("against_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("endpoint_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("biomarkers", sa.JSON(), nullable=False),
        sa.Column("share_percent", sa.Float(), nullable=True),
        sa.Column("source_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("locator", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["release_id", "against_id"],
            ["cohort.release_id", "cohort.id"],
        ),
        sa.ForeignKeyConstraint(
            ["release_id", "cohort_id"],
            ["cohort.release_id", "cohort.id"],
        ),
        sa.ForeignKeyConstraint(
            ["release_id", "endpoint_id"],
            ["endpoint.release_id", "endpoint.id"],
        ),
        sa.ForeignKeyConstraint(
            ["release_id", "source_id"],
            ["source.release_id", "source.id"],
        ),
        sa.ForeignKeyConstraint(
            ["release_id", "therapy_id"],
            ["therapy.release_id", "therapy.id"],
        ),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("release_id", "id"),
        sa.UniqueConstraint("release_id", "position"),
    )
    with op.batch_alter_table("outcome", schema=None) as batch_op:
        batch_op.create_index("ix_outcome_cohort", ["release_id", "cohort_id"], unique=False)

    with op.batch_alter_table("cohort", schema=None) as batch_op:
        batch_op.add_column(sa.Column("trial_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
        batch_op.create_foreign_key("fk_cohort_trial", "trial", ["release_id", "trial_id"], ["release_id", "id"])


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("cohort", schema=None) as batch_op:
        batch_op.drop_constraint("fk_cohort_trial", type_="foreignkey")
        batch_op.drop_column("trial_id")

    with op.batch_alter_table("outcome", schema=None) as batch_op:
        batch_op.drop_index("ix_outcome_cohort")

    op.drop_table("outcome")
    op.drop_table("trial")
    op.drop_table("endpoint")
