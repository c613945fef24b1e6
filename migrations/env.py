"""How Alembic reaches the database and the models."""

from alembic import context
from sqlmodel import SQLModel

import app.models  # noqa: F401  # importing the models fills the metadata
from app.config import Settings
from app.database import writing_engine


def is_compared(_: object, name: str | None, __: str, reflected: bool, ___: object) -> bool:
    """Leave out the tables and the index of the search engines, which no model describes."""
    return not (reflected and name is not None and name.startswith(("search_fts", "ix_search_text_words")))


def run() -> None:
    """Run the migrations on the database of the settings."""
    engine = writing_engine(context.config.attributes.get("database_url") or Settings().database_url)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=SQLModel.metadata,
            include_object=is_compared,
            render_as_batch=connection.dialect.name == "sqlite",
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
