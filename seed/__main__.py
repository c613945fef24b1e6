"""`python -m seed …`: everything between the fact files and the database."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from app.config import settings_or_exit
from seed.files import FACTS, Finding, format_all, read

cli = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Check, format and load the fact files.",
)
Folder = Annotated[Path, typer.Option("--facts", help="Folder of the fact files.")]
_err = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)


def _stop_at(findings: list[Finding]) -> None:
    if findings:
        for finding in findings:
            _err.print(str(finding))
        _err.print(f"{len(findings)} finding(s). Nothing was loaded.")
        raise typer.Exit(1)


@cli.command()
def check(facts: Folder = FACTS) -> None:
    """Run every check over the fact files; all findings are shown at once."""
    from seed.checks import findings_of  # imported here: `fmt` works while the checks are being written

    base, unread = read(facts)
    _stop_at(unread + findings_of(base, facts))
    typer.echo(f"{len(base.therapies)} therapies and everything they refer to are in order.")


@cli.command()
def fmt(facts: Folder = FACTS) -> None:
    """Rewrite the fact files canonically: one fact a line, sorted."""
    changed, findings = format_all(facts)
    _stop_at(findings)
    typer.echo("\n".join([*changed, f"{len(changed)} file(s) rewritten."]))


@cli.command()
def load(facts: Folder = FACTS) -> None:
    """Check the fact files, and load them as a new release into the database of DATABASE_URL."""
    from app.database import NotReadyError, check_schema, writing_engine  # imported here: `check` needs no database
    from seed.checks import findings_of
    from seed.load import already_current, inputs_digest
    from seed.load import load as write

    engine = writing_engine(settings_or_exit().database_url)
    try:
        check_schema(engine)
    except NotReadyError as error:
        _err.print(str(error))
        raise typer.Exit(1) from error
    inputs = inputs_digest(facts)
    loaded = already_current(engine, inputs)
    if loaded is None:
        with _err.status("checking") as status:
            base, unread = read(facts)
            _stop_at(unread + findings_of(base, facts))
            loaded = write(engine, base, inputs, lambda step: status.update(step))
    state = "loaded" if loaded.new else "is current already"
    typer.echo(f"Release {loaded.version} {state}: {sum(loaded.counts.values())} records.")


if __name__ == "__main__":
    cli()
