"""`immunofacts …` as it is installed: the commands of `app`, and of `seed` those that fill a database."""

import os
import subprocess
import sys
from pathlib import Path

import typer

import app
from app import cli as service
from app.config import OWN_PYTHON
from app.release.database import is_prepared

cli = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
_AS_GIVEN = {"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": list[str]()}
"""All that is written after a command goes to the command of `seed` of the same name, `--help` too."""
DATABASE = "immunofacts.db"


@cli.callback(invoke_without_command=True)
def serve_by_default(context: typer.Context) -> None:
    """Serve the immunotherapy fact base; `serve` is what is done where no command is given."""
    service.before_each_command()
    if context.invoked_subcommand is None:
        serve()


@cli.command()
def serve(host: service.Host = None, port: service.Port = None) -> None:
    """Serve the API. An SQLite file that is missing, older or empty is migrated and loaded first."""
    service.start(host, port, _prepare)


@cli.command()
def mcp() -> None:
    """Answer an agent over standard input and output (MCP). The database is prepared as for `serve`."""
    service.speak(_prepare)


def _prepare(url: str) -> None:
    """Bring an SQLite file to the newest schema, and load the facts where it has none. A server is left as it is.

    Processes of their own do it, which leave their memory with them, and whose words are no lines of the log.
    """
    for command in (("app", "migrate"), ("seed", "load")):
        if is_prepared(url) is False:
            done = subprocess.run([*OWN_PYTHON, *command], stdout=sys.stderr, check=False)  # noqa: S603  # our own
            if done.returncode:
                raise typer.Exit(done.returncode)


@cli.command(context_settings=_AS_GIVEN)
def load(context: typer.Context) -> None:
    """Migrate, check the facts of this package, and load them as a new release; `--past` restores older ones too."""
    context.args.append("--migrate")
    _of_seed(context)


@cli.command(context_settings=_AS_GIVEN)
def check(context: typer.Context) -> None:
    """Run every check over the facts of this package, or of another folder (`--facts`)."""
    _of_seed(context)


def _of_seed(context: typer.Context) -> None:
    from seed.__main__ import main

    sys.argv = [f"{context.parent.info_name if context.parent else ''}", str(context.info_name), *context.args]
    main()


cli.command()(service.export)
cli.command()(service.migrate)
cli.command()(service.openapi)
cli.add_typer(service.releases, name="release")


def main() -> None:
    """Run a command, by default on the file of this user."""
    if "DATABASE_URL" not in os.environ and (folder := own_folder()):
        folder.mkdir(parents=True, exist_ok=True)
        os.environ["DATABASE_URL"] = f"sqlite:///{folder / DATABASE}"
    cli()


def own_folder() -> Path | None:
    """The folder of the user's database; None in a working copy of the project, which has it where one is working."""
    if (Path(str(app.__file__)).parents[1] / "pyproject.toml").exists():
        return None
    from platformdirs import user_data_path

    return user_data_path("immunofacts", appauthor=False)


if __name__ == "__main__":
    main()
