"""A run as the command line asks for it: progress on stderr, the table on stdout, the report in a file."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from seed.files import Facts
from seed.verify.documents import Shelf, read_folder
from seed.verify.report import as_json, show
from seed.verify.scope import UnusableOptionError, read_scope
from seed.verify.verifying import Item, Track, Verifying
from seed.verify.web import Web


def verify(facts: Facts, web: Web, labels: Iterable[Path], only: Iterable[str], report: Path | None) -> bool:
    """Make the checks, show what they say, and answer whether nothing is wrong. Raises `UnusableOptionError`."""
    scope = read_scope(only, facts)
    if report and not report.parent.is_dir():
        raise UnusableOptionError(f"There is no folder {report.parent} for the report.")
    errors = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)
    shelf = shelf_of(labels)
    with _progress(errors) as track:
        judgements = Verifying(facts, web, shelf, scope, track).run()
    notes = [*shelf.problems, *_of_the_web(web)]
    show(judgements, Console(soft_wrap=True, highlight=False, markup=False))
    for note in notes:
        errors.print(note)
    if report:
        today = dt.datetime.now(dt.UTC).date()
        try:
            report.write_text(as_json(judgements, today, notes), encoding="utf-8")
        except OSError as error:
            raise UnusableOptionError(f"The report cannot be written to {report}: {error.strerror}.") from error
    return not any(judgement.verdict.wrong for judgement in judgements)


def shelf_of(folders: Iterable[Path]) -> Shelf:
    """The labels of all folders; where two hold one label, the first counts. Raises `UnusableOptionError`."""
    shelf = Shelf()
    for folder in folders:
        if not folder.is_dir():
            raise UnusableOptionError(f"There is no folder {folder} of labels.")
        further = read_folder(folder)
        shelf.by_set = further.by_set | shelf.by_set
        shelf.by_id = further.by_id | shelf.by_id
        shelf.problems += further.problems
    return shelf


def _of_the_web(web: Web) -> Iterator[str]:
    """What is to be said of the registers: which were not reached, and what that means."""
    if web.offline:
        yield f"Offline: {web.cache_hits} cached responses were used, and no request was sent."
    elif web.unreachable:
        yield "The network cannot be reached: only labels at hand and kept answers were judged, the rest was not."
    for failure in web.failures.values():
        yield f"{failure} It got no more requests, and what needs it was not judged; run again for the rest."


@contextmanager
def _progress(console: Console) -> Iterator[Track]:
    """Progress bars on a terminal; each step has one."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:

        def track(items: Sequence[Item], step: str) -> Iterable[Item]:
            return progress.track(items, description=step) if items else items

        yield track
