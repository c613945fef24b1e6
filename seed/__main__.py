"""`python -m seed …`: everything between the fact files and the database."""

import gc
import json
import re
import sqlite3
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.live import Live

from app.config import settings_or_exit
from app.nouns.declaration_errors import DeclarationError
from seed.files import FACTS, Facts, read
from seed.findings import Finding
from seed.render import RenderError

cli = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Check, format and load the fact files.",
)
Folder = Annotated[Path, typer.Option("--facts", help="Folder of the fact files.")]
_NOT_THERE = re.compile(r"no such table|has no column|does not exist")
"""In what a database says of a table or a column that it does not have."""
MIGRATION = 'Run `alembic revision --autogenerate -m "what is new"`, then `immunofacts migrate`.'
_err = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)


def _stop_at(findings: list[Finding]) -> None:
    if findings:
        for finding in findings:
            _err.print(str(finding))
        _err.print(f"{len(findings)} finding(s). Nothing was changed.")
        raise typer.Exit(1)


def _read(folder: Path) -> Facts:
    """The facts of a folder, if every record can be read; else all findings are shown and the command ends."""
    facts, unread = read(folder)
    _stop_at(unread)
    return facts


def _sound(folder: Path) -> Facts:
    """The facts of a folder, if every check passes; else all findings are shown and the command ends."""
    from seed.checks import findings_of  # imported here: `fmt` needs no checks

    facts = _read(folder)  # else what could not be read is missing wherever it is referred to: only the cause is shown
    _stop_at(findings_of(facts, folder))
    return facts


def _rendered(folder: Path) -> Any:
    """What a release of these facts holds, if every check passes: they are checked while they are rendered."""
    from seed.background import in_background
    from seed.checks import findings_of
    from seed.release_data import ReleaseData
    from seed.render import render

    facts = _read(folder)
    findings = in_background(partial(findings_of, facts, folder))
    try:
        return ReleaseData.of_forms(render(facts))
    finally:  # what is wrong with facts that could not be rendered either
        _stop_at(findings())


@cli.command()
def check(facts: Folder = FACTS) -> None:
    """Run every check over the fact files; all findings are shown at once."""
    base = _sound(facts)
    typer.echo(f"{len(base.therapies)} therapies and everything they refer to are in order.")


@cli.command()
def fmt(facts: Folder = FACTS) -> None:
    """Rewrite the fact files canonically: one fact a line, sorted."""
    from seed.formatting import format_all  # imported here: the other commands print no facts

    try:
        changed, findings = format_all(facts)
    except OSError as error:
        _err.print(f"A file cannot be written: {error}. No fact was lost; files before it are formatted.")
        raise typer.Exit(1) from error
    _stop_at(findings)
    typer.echo("\n".join([*changed, f"{len(changed)} file(s) rewritten."]))


@cli.command()
def load(
    facts: Folder = FACTS,
    migrate: Annotated[bool, typer.Option("--migrate", help="Bring the database to the newest schema first.")] = False,
    past: Annotated[bool, typer.Option("--past", help="Restore the past releases of seed/releases/ too.")] = False,
    release: Annotated[
        str | None,
        typer.Option(help="Instead of the fact files: a version of seed/releases/, or a file of JSON Lines."),
    ] = None,
) -> None:
    """Check the fact files, and load them as a new release into the database of DATABASE_URL."""
    from app.release.database import check_schema, writing_engine
    from app.release.database import migrate as bring_to_head
    from seed.load import missing_tables

    url = settings_or_exit().database_url
    done: list[Any] = []
    with _errors_as_sentences(url, done):
        if migrate:
            bring_to_head(url)
        engine = writing_engine(url)
        try:
            check_schema(engine)
            if missing := missing_tables(engine):
                _err.print(f"There is no table {missing[0]!r}, which app/nouns/ declares. {MIGRATION}")
                raise typer.Exit(1)
            for loaded in _loads(engine, facts, release, past=past):
                done.append(loaded)
                typer.echo(_said(loaded))
        finally:
            engine.dispose()


@contextmanager
def _errors_as_sentences(url: str, done: list[Any]) -> Iterator[None]:
    """Say in a sentence why a load was given up."""
    from sqlalchemy.exc import DBAPIError

    from app.release.database import NotReadyError
    from app.release.lock import BusyError, clear_wal
    from seed.bundles import UnsoundBundleError

    try:
        yield
    except (NotReadyError, UnsoundBundleError) as error:
        _err.print(str(error))
        raise typer.Exit(1) from error
    except BusyError as error:
        _err.print("Another load of this database is running. This one changed nothing.")
        raise typer.Exit(1) from error
    except (DBAPIError, OSError, sqlite3.Error) as error:
        reason = str(getattr(error, "orig", error)).partition("\n")[0]
        said = "was given up" if done else "was given up, and changed nothing"
        _err.print(f"The load {said}: {reason}.")
        if _NOT_THERE.search(reason):
            _err.print(f"The tables lack what app/nouns/ declares. {MIGRATION}")
        if advice := clear_wal(url):
            _err.print(advice)
        raise typer.Exit(1) from error


def _loads(engine: Any, facts: Path, release: str | None, *, past: bool) -> Iterator[Any]:
    """What is to be loaded, one after the other; nobody else changes releases meanwhile."""
    from app.release.lock import release_lock
    from seed.bundles import named
    from seed.indexing import outdated, renew_index
    from seed.load import already_current, inputs_digest, load, missing, restore

    inputs = inputs_digest(facts) if release is None else ""
    loaded = already_current(engine, inputs)
    if loaded:
        yield loaded
    if loaded and not (past and missing(engine)) and not outdated(engine):
        return
    # Nothing spins: that takes a thread, and a process that has one may not be forked (`background.py`).
    with release_lock(engine), Live(console=_err, transient=True, auto_refresh=False) as live:
        say = partial(live.update, refresh=True)
        say("checking")
        if release is not None:
            yield restore(engine, named(release), say, current=True)
        elif not loaded:
            yield load(engine, _rendered(facts), inputs, say)
        for bundle in missing(engine) if past else []:
            say(f"restoring release {bundle.version}")
            yield restore(engine, bundle, lambda _: None)
        for release_id, version in outdated(engine):
            say(f"indexing release {version}")
            renew_index(engine, release_id)
            yield version


def _said(loaded: Any) -> str:
    """What a load did, in a sentence."""
    if isinstance(loaded, str):
        return f"Release {loaded} has a new index."
    state = {
        (True, True): "loaded",
        (True, False): "restored",
        (False, True): "is current again",
        (False, False): "is current already",
    }[loaded.new, loaded.activated]
    return f"Release {loaded.version} {state}: {sum(loaded.counts.values())} records."


@cli.command()
def publish(facts: Folder = FACTS) -> None:
    """Keep the facts as a bundle in seed/releases/, under the version that every load of them then has."""
    import datetime as dt

    from seed.bundles import UnsoundBundleError
    from seed.bundles import publish as keep
    from seed.citation import cite

    try:
        bundle, new = keep(_rendered(facts), dt.datetime.now(dt.UTC))
    except (UnsoundBundleError, OSError) as error:
        _err.print(f"Nothing was published: {error}")
        raise typer.Exit(1) from error
    if new:
        cite(bundle)
    state = "is kept in" if new else "is in"
    typer.echo(f"Release {bundle.version} {state} {bundle.path.name}: {bundle.path.stat().st_size:,} bytes.")


@cli.command()
def draft(
    label: Annotated[str, typer.Argument(help="A file of openFDA JSON, or a brand, set id or BLA number to fetch.")],
    out: Annotated[Path | None, typer.Option(help="File for the draft; by default it is printed.")] = None,
    facts: Folder = FACTS,
) -> None:
    """Draft the records of a US label, for a curator to review: what cannot be read is said, and never guessed."""
    from seed import openfda  # imported here: the other commands read no labels
    from seed.draft.conditions import ConditionVocabulary
    from seed.draft.drafting import draft_label, therapy_names
    from seed.draft.labels import NotALabelError
    from seed.draft.terms import EventVocabulary

    base = _read(facts)
    try:
        drafted = draft_label(
            openfda.label(label),
            EventVocabulary.of(base.records("events")),
            therapy_names(file.therapy for file in base.therapies),
            ConditionVocabulary.of(base.records("conditions")),
        )
    except (openfda.LabelNotFoundError, NotALabelError) as error:
        _err.print(str(error))
        raise typer.Exit(1) from error
    text = json.dumps(drafted.as_json(), ensure_ascii=False, indent=1)
    if out:
        try:
            out.write_text(text + "\n", encoding="utf-8")
        except OSError as error:
            _err.print(f"The draft cannot be written to {out}: {error.strerror}.")
            raise typer.Exit(1) from error
    else:
        typer.echo(text)
    _err.print(
        f"{len(drafted.cohorts)} cohorts and {len(drafted.adverse_events)} adverse events drafted; "
        f"{len(drafted.unread)} places could not be read, {len(drafted.skipped)} tables were passed over."
    )


@cli.command()
def diff(old: Path, new: Annotated[Path, typer.Argument()] = FACTS) -> None:
    """Say which facts came (+), went (-) and changed (~) between two folders of fact files."""
    from seed.diff import changes  # imported here: the other commands compare nothing

    found = list(changes(_read(old), _read(new)))
    marks = Counter(change.mark for change in found)
    typer.echo("\n".join(map(str, found)))
    typer.echo(f"{marks['+']} came, {marks['-']} went, {marks['~']} changed.")


@cli.command()
def coverage(facts: Folder = FACTS) -> None:
    """Write the coverage page, `seed/COVERAGE.md`, from the fact files."""
    from seed import coverage as coverage_page  # imported here: the other commands render nothing

    base = _sound(facts)
    coverage_page.PAGE.write_text(coverage_page.page(base), encoding="utf-8")
    typer.echo(f"{coverage_page.PAGE.name} says what {len(base.therapies)} therapies have.")


@contextmanager
def _registers(cache: Path, max_age: float, offline: bool, mailto: str | None) -> Iterator[Any]:
    """A client of registers; the command ends in a sentence where an option cannot be followed, or at an interrupt."""
    from seed.verify.scope import UnusableOptionError
    from seed.verify.web import Web

    try:
        with Web(cache, max_age, offline, mailto) as web:
            yield web
    except UnusableOptionError as error:
        _err.print(str(error))
        raise typer.Exit(2) from error
    except KeyboardInterrupt:
        _err.print(f"Interrupted. Responses so far are cached in {cache}.")
        raise typer.Exit(130) from None


@cli.command()
def verify(
    labels: Annotated[
        list[Path] | None, typer.Option(help="Folder of labels: openFDA JSON, or plain text. May be repeated.")
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(help="KIND, THERAPY or KIND/THERAPY: rate, revision, doi, pmid, nct.")
    ] = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="Send no request: only labels at hand and cached responses.")
    ] = False,
    cache: Annotated[Path, typer.Option(help="Folder of the cache of responses.")] = Path(".cache/verify"),
    max_age: Annotated[float, typer.Option(min=0, help="Days for which a cached response is used.")] = 30,
    mailto: Annotated[str | None, typer.Option(help="Your address, which Crossref and NCBI ask for.")] = None,
    report: Annotated[Path | None, typer.Option(help="File for the whole report, as JSON.")] = None,
    facts: Folder = FACTS,
) -> None:
    """Check facts against their sources: rates against labels, identifiers against their registers."""
    from seed.verify import command  # imported here: the other commands ask no registers

    base = _read(facts)
    with _registers(cache, max_age, offline, mailto) as web:
        sound = command.verify(base, web, labels or [], only or [], report)
    if not sound:
        raise typer.Exit(1)


@cli.command()
def refresh(
    therapy: Annotated[list[str] | None, typer.Option(help="Id of a therapy. May be repeated; else all.")] = None,
    labels: Annotated[
        Path | None, typer.Option(help="Folder of the labels read (openFDA JSON, text), to compare wording with.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for report.json and drafts.json.")] = Path("refresh"),
    offline: Annotated[bool, typer.Option("--offline", help="Send no request: only cached responses.")] = False,
    cache: Annotated[Path, typer.Option(help="Folder of the cache of responses.")] = Path(".cache/verify"),
    max_age: Annotated[float, typer.Option(min=0, help="Days for which a cached response is used.")] = 1,
    mailto: Annotated[str | None, typer.Option(help="Your address, for the User-Agent.")] = None,
    facts: Folder = FACTS,
) -> None:
    """Compare the facts with what openFDA, DailyMed, EMA, Purple Book and ClinicalTrials.gov say now."""
    from seed.refresh import command  # imported here: the other commands ask no registers

    base = _read(facts)
    with _registers(cache, max_age, offline, mailto) as web:
        result = command.refresh(base, web, therapy or [], labels, out)
    typer.echo("\n".join(command.as_lines(result)))
    for note in result.notes:
        _err.print(note)
    if not result.reached:
        raise typer.Exit(1)


def main() -> None:
    """Run a command; where nouns or facts do not allow it, say so in a sentence."""
    gc.disable()  # what is read stays to the end: looking for garbage takes a sixth of a load, and finds none
    try:
        cli()
    except (DeclarationError, RenderError) as error:
        _err.print(str(error))
        sys.exit(1)
    finally:
        gc.freeze()  # nor is it looked through when the process ends


if __name__ == "__main__":
    main()
