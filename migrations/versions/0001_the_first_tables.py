"""The first tables.

Revision: 0001
After:
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "release",
        sa.Column("version", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("released_on", sa.Date(), nullable=False),
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("inputs", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("version"),
    )
    op.create_table(
        "activation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("activated_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "class",
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("document", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("synonyms", sa.JSON(), nullable=False),
        sa.Column("definition", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("release_id", "id"),
        sa.UniqueConstraint("release_id", "position"),
    )
    op.create_table(
        "condition",
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("document", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("synonyms", sa.JSON(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("xrefs", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("release_id", "id"),
        sa.UniqueConstraint("release_id", "position"),
    )
    op.create_table(
        "event",
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("document", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("synonyms", sa.JSON(), nullable=False),
        sa.Column("organ_system", sa.String(), nullable=False),
        sa.Column("immune_related", sa.Boolean(), nullable=False),
        sa.Column("ctcae", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("release_id", "id"),
        sa.UniqueConstraint("release_id", "position"),
    )
    op.create_table(
        "name",
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("list", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("folded", sqlmodel.sql.sqltypes.AutoString(length=400), nullable=False),
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("how", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("release_id", "list", "folded", "id", "how"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "search_text",
        sa.Column("rowid", sa.Integer(), nullable=False),
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("list", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("rowid"),
    )
    with op.batch_alter_table("search_text", schema=None) as batch_op:
        batch_op.create_index("ix_search_text_place", ["release_id", "list", "position"], unique=False)

    op.create_table(
        "source",
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("document", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("authors", sa.JSON(), nullable=False),
        sa.Column("container", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("citation", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("date", sa.Date(), nullable=True),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("revision", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("doi", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("pmid", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("nct_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("set_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("url", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("licence", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("accessed_on", sa.Date(), nullable=True),
        sa.Column("standing", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("superseded_by", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("release_id", "id"),
        sa.UniqueConstraint("release_id", "position"),
    )
    op.create_table(
        "tag",
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("list", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("filter", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("value", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("release_id", "list", "filter", "value", "position"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "target",
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("document", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("synonyms", sa.JSON(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("xrefs", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("release_id", "id"),
        sa.UniqueConstraint("release_id", "position"),
    )
    op.create_table(
        "statement",
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("document", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
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
        "therapy",
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("document", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("synonyms", sa.JSON(), nullable=False),
        sa.Column("codes", sa.JSON(), nullable=False),
        sa.Column("format", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("routes", sa.JSON(), nullable=False),
        sa.Column("identifiers", sa.JSON(), nullable=False),
        sa.Column("class_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("source_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("locator", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("status", sa.String(), nullable=True),
        sa.Column("first_approval", sa.Date(), nullable=True),
        sa.Column("boxed_warning", sa.Boolean(), nullable=True),
        sa.Column("summary", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["release_id", "class_id"],
            ["class.release_id", "class.id"],
        ),
        sa.ForeignKeyConstraint(
            ["release_id", "source_id"],
            ["source.release_id", "source.id"],
        ),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("release_id", "id"),
        sa.UniqueConstraint("release_id", "position"),
    )
    with op.batch_alter_table("therapy", schema=None) as batch_op:
        batch_op.create_index("ix_therapy_first_approval", ["release_id", "first_approval"], unique=False)

    op.create_table(
        "cohort",
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("document", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("label", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("trial", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("nct_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("other_agents", sa.JSON(), nullable=False),
        sa.Column("monotherapy", sa.Boolean(), nullable=True),
        sa.Column("comparator", sa.Boolean(), nullable=False),
        sa.Column("population", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("schedule", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("patients", sa.Integer(), nullable=True),
        sa.Column("pooled", sa.Boolean(), nullable=False),
        sa.Column("pooled_from", sa.JSON(), nullable=False),
        sa.Column("therapy_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("condition_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("source_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("locator", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["release_id", "condition_id"],
            ["condition.release_id", "condition.id"],
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
    op.create_table(
        "indication",
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("document", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("line", sa.String(), nullable=True),
        sa.Column("intent", sa.String(), nullable=False),
        sa.Column("stage", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("biomarkers", sa.JSON(), nullable=False),
        sa.Column("population", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("age_groups", sa.JSON(), nullable=False),
        sa.Column("age_min_years", sa.Float(), nullable=True),
        sa.Column("age_max_years", sa.Float(), nullable=True),
        sa.Column("monotherapy", sa.Boolean(), nullable=True),
        sa.Column("partners", sa.JSON(), nullable=False),
        sa.Column("brands", sa.JSON(), nullable=False),
        sa.Column("approval_type", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("approved_on", sa.Date(), nullable=True),
        sa.Column("converted_on", sa.Date(), nullable=True),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.Column("trials", sa.JSON(), nullable=False),
        sa.Column("therapy_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("condition_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("source_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("locator", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["release_id", "condition_id"],
            ["condition.release_id", "condition.id"],
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
    with op.batch_alter_table("indication", schema=None) as batch_op:
        batch_op.create_index("ix_indication_approved", ["release_id", "approved_on"], unique=False)
        batch_op.create_index("ix_indication_therapy", ["release_id", "therapy_id"], unique=False)

    op.create_table(
        "mechanism",
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("document", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("effect", sa.String(), nullable=False),
        sa.Column("description", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("therapy_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("target_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("source_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("locator", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["release_id", "source_id"],
            ["source.release_id", "source.id"],
        ),
        sa.ForeignKeyConstraint(
            ["release_id", "target_id"],
            ["target.release_id", "target.id"],
        ),
        sa.ForeignKeyConstraint(
            ["release_id", "therapy_id"],
            ["therapy.release_id", "therapy.id"],
        ),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("release_id", "id"),
        sa.UniqueConstraint("release_id", "position"),
    )
    op.create_table(
        "product",
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("document", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("brand", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("proper_name", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("holder", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("application", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("approved_on", sa.Date(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("status_on", sa.Date(), nullable=True),
        sa.Column("biosimilar", sa.Boolean(), nullable=False),
        sa.Column("therapy_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("source_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("locator", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
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
    op.create_table(
        "warning",
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("document", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("rems", sa.Boolean(), nullable=True),
        sa.Column("therapy_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("event_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("source_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("locator", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["release_id", "event_id"],
            ["event.release_id", "event.id"],
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
    op.create_table(
        "adverse_event",
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("document", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("reported_term", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("causality", sa.String(), nullable=False),
        sa.Column("serious", sa.Boolean(), nullable=False),
        sa.Column("denominator", sa.Integer(), nullable=True),
        sa.Column("denominator_range", sa.JSON(), nullable=True),
        sa.Column("rates", sa.JSON(), nullable=False),
        sa.Column("frequency_band", sa.String(), nullable=True),
        sa.Column("onset", sa.JSON(), nullable=True),
        sa.Column("discontinued", sa.JSON(), nullable=True),
        sa.Column("resolved", sa.JSON(), nullable=True),
        sa.Column("note", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("therapy_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("cohort_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("event_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("source_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("locator", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("patients_at_risk", sa.Integer(), nullable=True),
        sa.Column("any_percent", sa.Float(), nullable=True),
        sa.Column("severe_percent", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(
            ["release_id", "cohort_id"],
            ["cohort.release_id", "cohort.id"],
        ),
        sa.ForeignKeyConstraint(
            ["release_id", "event_id"],
            ["event.release_id", "event.id"],
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
    with op.batch_alter_table("adverse_event", schema=None) as batch_op:
        batch_op.create_index("ix_adverse_event_any", ["release_id", "any_percent"], unique=False)
        batch_op.create_index("ix_adverse_event_cohort", ["release_id", "cohort_id"], unique=False)
        batch_op.create_index("ix_adverse_event_severe", ["release_id", "severe_percent"], unique=False)

    if op.get_bind().dialect.name == "sqlite":
        op.execute("CREATE VIRTUAL TABLE search_fts USING fts5(text, content='search_text', content_rowid='rowid')")
    else:
        op.execute(
            "CREATE INDEX ix_search_text_words ON search_text USING gin (to_tsvector('simple'::regconfig, text))"
        )


def downgrade() -> None:
    """Take back."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE search_fts")
    with op.batch_alter_table("adverse_event", schema=None) as batch_op:
        batch_op.drop_index("ix_adverse_event_severe")
        batch_op.drop_index("ix_adverse_event_cohort")
        batch_op.drop_index("ix_adverse_event_any")

    op.drop_table("adverse_event")
    op.drop_table("warning")
    op.drop_table("product")
    op.drop_table("mechanism")
    with op.batch_alter_table("indication", schema=None) as batch_op:
        batch_op.drop_index("ix_indication_therapy")
        batch_op.drop_index("ix_indication_approved")

    op.drop_table("indication")
    op.drop_table("cohort")
    with op.batch_alter_table("therapy", schema=None) as batch_op:
        batch_op.drop_index("ix_therapy_first_approval")

    op.drop_table("therapy")
    op.drop_table("statement")
    op.drop_table("target")
    op.drop_table("tag")
    op.drop_table("source")
    with op.batch_alter_table("search_text", schema=None) as batch_op:
        batch_op.drop_index("ix_search_text_place")

    op.drop_table("search_text")
    op.drop_table("name")
    op.drop_table("event")
    op.drop_table("condition")
    op.drop_table("class")
    op.drop_table("activation")
    op.drop_table("release")
