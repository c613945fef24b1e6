"""The commands that migrate, serve, and change or export releases; `immunofacts/` adds those that load facts."""

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from app.config import settings_or_exit

cli = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
releases = typer.Typer(no_args_is_help=True, help="List releases, and move between them.")
cli.add_typer(releases, name="release")
LOCK_SECONDS = 5.0
"""How long a command waits for another that changes releases."""
Host = Annotated[str | None, typer.Option(help="Address to listen on; default is HOST, else 127.0.0.1.")]
Port = Annotated[int | None, typer.Option(min=0, max=65535, help="Port to listen on; default is PORT, else 8000.")]
Version = Annotated[str, typer.Argument(help="Version of a release, such as `2026.11.21`.")]


def _fail(message: str) -> typer.Exit:
    """Say what is wrong, and return what is raised to end the command."""
    typer.echo(message, err=True)
    return typer.Exit(1)


@contextmanager
def errors_as_sentences() -> Iterator[None]:
    """End the command with a sentence where a database, a release or a folder cannot be used."""
    import sqlite3  # imported here: a command starts faster without what it does not need

    from sqlalchemy.exc import DBAPIError

    from app.release.database import NotReadyError
    from app.release.lock import BusyError
    from app.release.store import NoSuchReleaseError

    try:
        yield
    except (NoSuchReleaseError, NotReadyError, OSError) as error:
        raise _fail(str(error)) from error
    except BusyError as error:
        raise _fail(
            "Releases of this database are being changed by another command. This one changed nothing."
        ) from error
    except sqlite3.Error as error:
        raise _fail(f"A file cannot be written: {error}.") from error
    except DBAPIError as error:
        reason = str(error.orig).partition("\n")[0]
        raise _fail(f"The database cannot be used: {reason}.") from error


@cli.callback()
def before_each_command() -> None:
    """Serve the immunotherapy fact base."""
    gc.disable()  # what a command reads stays to its end; a release is written in 9.0 s, not 12.8, of the same memory
    from app.nouns.declaration_errors import DeclarationError
    from app.nouns.registry import nouns

    try:
        nouns()
    except DeclarationError as error:
        raise _fail(str(error)) from error


@cli.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    from app.release.database import migrate as run

    with errors_as_sentences():
        revision = run(settings_or_exit().database_url)
    typer.echo(f"The schema of the database is at {revision}.")


@cli.command()
def openapi() -> None:
    """Write the OpenAPI document to standard output; a server adds examples out of its release."""
    from app.api.openapi import keep
    from app.main import openapi as made
    from app.nouns.declaration_errors import DeclarationError

    try:
        document = made()
    except DeclarationError as error:
        raise _fail(str(error)) from error
    keep(document)
    sys.stdout.buffer.write(document)


@contextmanager
def _changing(version: str) -> Iterator[tuple[Any, Any]]:
    """A connection that writes, alone, and the release of a version; the command ends where there is none."""
    from app.release.database import check_schema, writing_engine
    from app.release.lock import release_lock
    from app.release.releases import named

    with errors_as_sentences():
        engine = writing_engine(settings_or_exit().database_url)
        try:
            check_schema(engine)
            with release_lock(engine, LOCK_SECONDS), engine.begin() as connection:
                row = connection.execute(named(version)).mappings().first()
                if row is None or row["removed_at"] is not None:
                    raise _fail(f"There is no release {version!r}. `immunofacts release list` shows them.")
                yield connection, row
        finally:
            engine.dispose()


@releases.command("list")
def list_releases() -> None:
    """List the releases, newest first; `*` marks the current one."""
    from app.release.database import check_schema, reading_engine
    from app.release.releases import listed

    with errors_as_sentences():
        engine = reading_engine(settings_or_exit().database_url)
        check_schema(engine)
        with engine.connect() as connection:
            forms = listed(connection)
        engine.dispose()
    for form in forms:
        records = sum(form.counts.values())
        since = f"{form.activated_at:%Y-%m-%d %H:%M} UTC"
        mark = "*" if form.current else " "
        typer.echo(f"{mark} {form.version:14} {records:>8} records  {since}  {form.digest[:12]}")


@releases.command("activate")
def activate_release(version: Version) -> None:
    """Make a release current: running servers answer from it within RELEASE_CHECK_SECONDS."""
    from app.release.releases import activate, latest

    with _changing(version) as (connection, row):
        current = connection.execute(latest()).mappings().first()
        if current["id"] == row["id"]:
            typer.echo(f"Release {version} is current already.")
            return
        activate(connection, row["id"])
    typer.echo(f"Release {version} is current; before it was {current['version']}.")


@releases.command("remove")
def remove_release(version: Version) -> None:
    """Remove the records of a release that is not current. Its version is never given again."""
    from app.release.releases import latest, remove

    with _changing(version) as (connection, row):
        if connection.execute(latest()).mappings().one()["id"] == row["id"]:
            raise _fail(f"Release {version} is current. Activate another one first.")
        remove(connection, row["id"])
    typer.echo(f"Release {version} is removed.")


@releases.command("export")
def export_release(version: Version, to: Annotated[Path, typer.Option(help="Folder for the files.")] = Path()) -> None:
    """Write the downloads of a release: SQLite to serve, JSON Lines, SQLite to analyse, a Data Package, checksums."""
    from app.release.export import export as write

    with errors_as_sentences():
        written = write(settings_or_exit().database_url, version, to)
    typer.echo("\n".join(map(str, written)))


@cli.command()
def export(
    to: Annotated[Path, typer.Option(help="Folder for the files.")],
    release: Annotated[str | None, typer.Option(help="Version of a release; by default the current one.")] = None,
) -> None:
    """Write a release for data scientists: a Data Package (CSV, Parquet), SQLite for analysis, SSSOM, KGX."""
    from app.release.export import export_data

    with errors_as_sentences():
        written = export_data(settings_or_exit().database_url, release, to)
    typer.echo("\n".join(map(str, written)))


@cli.command()
def serve(host: Host = None, port: Port = None) -> None:
    """Serve the API. Stops at once, with what to run, where the database is not ready."""
    start(host, port)


@cli.command()
def mcp() -> None:
    """Answer an agent by the Model Context Protocol, over standard input and output."""
    speak()


def speak(prepare: Callable[[str], None] = lambda _: None) -> None:
    """Answer an agent, from the database that is prepared by then, given its URL."""
    import asyncio

    from app.main import speak_with_agent

    settings = settings_or_exit()
    _prepare_and_check(settings.database_url, prepare)
    gc.enable()  # it goes on as long as the agent wants
    asyncio.run(speak_with_agent(settings))


def start(host: str | None, port: int | None, prepare: Callable[[str], None] = lambda _: None) -> None:
    """Serve the API, from the database that is prepared by then, given its URL."""
    from app.http.server import bind, run

    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = settings_or_exit().model_copy(update=given)
    listening = bind(settings)  # before all that takes long
    _prepare_and_check(settings.database_url, prepare)
    run(settings, "app.main:worker", listening)


def _prepare_and_check(url: str, prepare: Callable[[str], None]) -> None:
    """Prepare a database; the command ends where it has no release of this code's schema then."""
    from app.release.store import Store

    with errors_as_sentences():
        prepare(url)
        store = Store(url)
        store.check_ready()
        store.close()
