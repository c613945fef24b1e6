"""`immunofacts …`: what runs between the database and HTTP."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from app.config import settings_or_exit

cli = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Serve the immunotherapy fact base.",
)


@cli.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    from app.database import migrate as run  # imported here: `serve` starts faster without Alembic

    settings = settings_or_exit()
    revision = run(settings.database_url)
    typer.echo(f"The schema of the database is at {revision}.")


releases = typer.Typer(no_args_is_help=True, help="List releases, and move between them.")
cli.add_typer(releases, name="release")
Version = Annotated[str, typer.Argument(help="Version of a release, such as `2026.11.21`.")]


@contextmanager
def _release(version: str) -> Iterator[tuple[Any, Any]]:
    """A connection that writes, and the release of a version; the command ends where there is none."""
    with _connection() as connection:
        from app.releases import named

        row = connection.execute(named(version)).mappings().first()
        if row is None or row["removed_at"] is not None:
            typer.echo(f"There is no release {version!r}. `immunofacts release list` shows them.", err=True)
            raise typer.Exit(1)
        yield connection, row


@contextmanager
def _connection() -> Iterator[Any]:
    from app.database import check_schema, writing_engine
    from app.reader import NotReadyError

    engine = writing_engine(settings_or_exit().database_url)
    try:
        check_schema(engine)
        with engine.begin() as connection:
            yield connection
    except NotReadyError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    finally:
        engine.dispose()


@releases.command("list")
def list_releases() -> None:
    """List the releases, newest first; `*` marks the current one."""
    from app.releases import listed

    with _connection() as connection:
        for form in listed(connection):
            records = sum(form.counts.values())
            since = f"{form.activated_at:%Y-%m-%d %H:%M} UTC"
            typer.echo(
                f"{'*' if form.current else ' '} {form.version:14} {records:>8} records  {since}  {form.digest[:12]}"
            )


@releases.command("activate")
def activate_release(version: Version) -> None:
    """Make a release current: running servers answer from it within RELEASE_CHECK_SECONDS."""
    from app.releases import activate, latest

    with _release(version) as (connection, row):
        current = connection.execute(latest()).mappings().first()
        if current["id"] == row["id"]:
            typer.echo(f"Release {version} is current already.")
            return
        activate(connection, row["id"])
    typer.echo(f"Release {version} is current; before it was {current['version']}.")


@releases.command("remove")
def remove_release(version: Version) -> None:
    """Remove the records of a release that is not current. Its version is never given again."""
    from app.releases import latest, remove

    with _release(version) as (connection, row):
        if connection.execute(latest()).mappings().one()["id"] == row["id"]:
            typer.echo(f"Release {version} is current. Activate another one first.", err=True)
            raise typer.Exit(1)
        remove(connection, row["id"])
    typer.echo(f"Release {version} is removed.")


@releases.command("export")
def export_release(
    version: Version,
    to: Annotated[Path, typer.Option(help="Folder for the files.")] = Path(),
) -> None:
    """Write a release as a SQLite file, as JSON Lines, and their checksums."""
    from app.database import NoSuchReleaseError
    from app.exporting import export

    try:
        written = export(settings_or_exit().database_url, version, to)
    except NoSuchReleaseError as error:
        typer.echo(error.message, err=True)
        raise typer.Exit(1) from error
    typer.echo("\n".join(str(path) for path in written))


@cli.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; default is HOST, else 127.0.0.1.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; default is PORT, else 8000.")] = None,
) -> None:
    """Serve the API. Stops at once, with what to run, where the database is not ready."""
    gc.disable()  # nearly all that is made at the start stays: the collector would look through it again and again

    import uvicorn  # imported here: the other commands need no server

    from app.database import check_ready
    from app.reader import NotReadyError
    from app.server import options, raise_file_limit, shared_metrics
    from app.stopping import run

    settings = settings_or_exit()
    raise_file_limit()
    try:
        check_ready(settings.database_url)
    except NotReadyError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    config = uvicorn.Config(
        "app.server:worker",
        factory=True,
        host=host or settings.host,
        port=settings.port if port is None else port,
        workers=settings.workers,
        **options(settings),
    )
    with shared_metrics(settings.workers):
        run(config)


if __name__ == "__main__":
    cli()
