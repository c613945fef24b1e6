"""Settings from the environment. Importing this module does nothing; `Settings()` reads and checks."""

import sys
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class Settings(BaseSettings):
    """Every setting, its default and what it does. The environment variable is the name in capitals."""

    model_config = SettingsConfigDict(extra="ignore")

    database_url: str = Field(
        default="sqlite:///immunofacts.db",
        description="Where the facts are: `sqlite:///file` or `postgresql+psycopg://user:password@host/name`.",
        pattern=r"^(sqlite:///.+|postgresql\+psycopg://.+)$",
    )
    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port to listen on.")
    workers: int = Field(default=1, ge=1, le=64, description="Number of worker processes.")
    cors_origins: Annotated[list[str], NoDecode] = Field(
        default=["*"], description="Origins that may read from a browser, with commas; `*` is every origin."
    )
    cache_bytes: int = Field(
        default=67_108_864, ge=0, description="Bytes of finished answers that a worker keeps at most."
    )
    release_check_seconds: float = Field(
        default=1.0, ge=0, le=60, description="How long a worker may trust the current release before it looks again."
    )

    deadline_seconds: float = Field(
        default=10.0, ge=0, le=3600, description="Seconds that the database may take for an answer; 0 is for ever."
    )
    downloads: Path | None = Field(
        default=None, description="Folder for the files of releases that are downloaded; by default a temporary one."
    )

    @field_validator("cors_origins", mode="before")
    @classmethod
    def split_origins(cls, value: object) -> object:
        """Read a list written with commas."""
        return [origin.strip() for origin in value.split(",") if origin.strip()] if isinstance(value, str) else value


def settings_or_exit() -> Settings:
    """Read the settings; where one is wrong, end the command with its name and what is wrong with it."""
    try:
        return Settings()
    except ValidationError as error:
        wrong = [f"{'.'.join(map(str, part['loc'])).upper()}: {part['msg']}." for part in error.errors()]
        print("Wrong settings.", *wrong, sep="\n", file=sys.stderr)
        raise SystemExit(1) from error
