"""Settings from the environment. Importing this module does nothing; `Settings()` reads and checks."""

import re
import sys
from ipaddress import ip_network
from typing import Annotated, Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

OWN_PYTHON = (sys.executable, "-P", "-m")
"""What runs a module of ours in a process of its own: never one of that name in the current folder."""


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
    root_path: str = Field(
        default="/",
        description="Path under which a proxy offers the service, and which it strips; in links, such as `/facts`.",
        pattern=r"^/$|^(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+/?$",
    )
    cors_origins: Annotated[list[str], NoDecode] = Field(
        default=["*"], description="Origins that may read from a browser, with commas; `*` is every origin."
    )
    cache_bytes: int = Field(
        default=16_777_216, ge=0, description="Bytes of finished answers that a worker keeps at most."
    )
    release_check_seconds: float = Field(
        default=1.0, ge=0, le=60, description="How long a worker may trust the current release before it looks again."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="`info` logs every request, `warning` only what went wrong."
    )
    deadline_seconds: float = Field(
        default=10.0,
        ge=0,
        le=3600,
        description="Seconds that the database may take for an answer; 0 disables the timeout.",
    )
    downloads: str = Field(
        default="temporary", description="Folder for the files of releases that are downloaded; or a `temporary` one."
    )
    allowed_hosts: Annotated[list[str], NoDecode] = Field(
        default=["*"],
        description="Names in `Host` that are answered, with commas; `*.example.org` is every name below it.",
    )
    trusted_proxies: str = Field(
        default="none",
        description="Addresses or networks (CIDR), with commas, whose `X-Forwarded-For`, `-Proto` and `-Prefix` are "
        "believed.",
    )
    rate_limit: str = Field(
        default="none",
        description="Requests that one client is answered, such as `600/minute`; each worker counts for itself.",
    )
    request_seconds: float = Field(
        default=30,
        gt=0,
        le=3600,
        description="How long a client may take to send a request, or to read on in an answer.",
    )
    mcp: Literal["on", "off"] = Field(
        default="on", description="Whether agents are answered at `/mcp`, by the Model Context Protocol."
    )
    shutdown_seconds: int = Field(
        default=25, ge=0, le=3600, description="How long requests in flight may take to end when the server is stopped."
    )

    @field_validator("cors_origins", "allowed_hosts", mode="before")
    @classmethod
    def split_list(cls, value: object) -> object:
        """Read a list written with commas."""
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("allowed_hosts")
    @classmethod
    def check_hosts(cls, value: list[str]) -> list[str]:
        """Refuse what no `Host` can be: a scheme, a port, a star within."""
        wrong = [name for name in value if name != "*" and not re.fullmatch(r"(\*\.)?[\w.-]+|\[[\da-fA-F:.]+\]", name)]
        if wrong or not value:
            raise ValueError(f"{wrong[0] if wrong else 'nothing'!r} is no name of a host")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def check_proxies(cls, value: str) -> str:
        """Refuse what is no address: it would match no proxy, without a word."""
        for part in value.split(",") if value != "none" else ():
            ip_network(part.strip())
        return value

    @field_validator("rate_limit")
    @classmethod
    def check_rate_limit(cls, value: str) -> str:
        """Refuse what is no limit."""
        if value != "none":
            from limits import parse  # imported here: it takes long, and hardly anybody needs it

            if parse(value).amount < 1:
                raise ValueError("at least one request must be allowed")
        return value


def settings_or_exit() -> Settings:
    """Read the settings; where one is wrong, end the command with its name and what is wrong with it."""
    try:
        return Settings()
    except ValidationError as error:
        wrong = [f"{'.'.join(map(str, part['loc'])).upper()}: {part['msg']}." for part in error.errors()]
        print("Wrong settings.", *wrong, sep="\n", file=sys.stderr)
        raise SystemExit(1) from error
