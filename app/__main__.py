"""`immunofacts …`: what runs between the database and HTTP."""

from typing import Annotated

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


@cli.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; default is HOST, else 127.0.0.1.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; default is PORT, else 8000.")] = None,
) -> None:
    """Serve the API. Stops at once, with what to run, where the database is not ready."""
    import uvicorn  # imported here: the other commands need no server

    from app.database import NotReadyError, check_ready
    from app.stopping import run

    settings = settings_or_exit()
    try:
        check_ready(settings.database_url)
    except NotReadyError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    config = uvicorn.Config(
        "app.main:create_app",
        factory=True,
        host=host or settings.host,
        port=settings.port if port is None else port,
        workers=settings.workers,
        server_header=False,
        access_log=False,
    )
    run(config)


if __name__ == "__main__":
    cli()
