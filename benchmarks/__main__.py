"""`python -m benchmarks`: measure everything, and write RESULTS.md."""

import gc
import tempfile
from compileall import compile_dir
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from benchmarks import calls, pages, report, servers
from benchmarks.alternatives import compared
from benchmarks.floors import FULL, QUICK, WORK, floors
from benchmarks.footprint import footprint, load
from benchmarks.growth import FACTORS, growth
from benchmarks.soak.run import soak

PARTS = (
    "floors",
    *(work.key for work in WORK),
    pages.SECTION,
    *(row.key for row in pages.ROWS),
    "calls",
    "datasette",
    "growth",
    "footprint",
    "soak",
)
cli = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
_err = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)


@cli.command()
def main(
    quick: Annotated[bool, typer.Option("--quick", help="Few rounds, for trying; the figures are rough.")] = False,
    only: Annotated[str | None, typer.Option(help=f"One part: {', '.join(PARTS)}. Shown, and not written.")] = None,
    database: Annotated[Path | None, typer.Option(help="A loaded SQLite file; by default one is made.")] = None,
    most: Annotated[int, typer.Option(help="Largest factor that the base is multiplied by.")] = FACTORS[-1],
    bases: Annotated[Path | None, typer.Option(help="Folder in which multiplied bases stay for the next run.")] = None,
    soak_seconds: Annotated[float, typer.Option(help="How long the soak runs.")] = 360,
    out: Annotated[Path, typer.Option(help="File for the results.")] = report.RESULTS,
) -> None:
    """Measure the floors, growth, memory, start and load, and write what was found."""
    if only is not None and only not in PARTS:
        raise typer.BadParameter(f"is one of {', '.join(PARTS)}", param_hint="--only")
    head = report.machine(quick)
    servers.pin(servers.LOAD_CORE)
    gc.disable()  # the generator must not pause; what it keeps is bounded
    for package in ("app", "seed", "migrations"):  # as the image has it, and every second start
        compile_dir(package, quiet=1)
    scale = QUICK if quick else FULL
    sections = ["# Results\n", head]

    def add(title: str, section: str) -> None:
        """Add a section; what was measured stands in the file at once, whatever comes after it."""
        sections.extend([f"## {title}\n", section])
        if only is None:
            out.write_text("\n".join(sections), encoding="utf-8")

    with tempfile.TemporaryDirectory(prefix="immunofacts-bench-") as folder:
        if database is None:
            database = Path(folder) / "facts.db"
            _progress("loading the fact base")
            load(database)
        if only in {None, "floors", *(work.key for work in WORK)}:
            found = floors(database, scale, only, _progress)
            add("Floors", report.floors_section(found, servers.nginx_missing()))
        if only in {None, pages.SECTION, *(row.key for row in pages.ROWS)}:
            drawn = floors(database, scale, only, _progress, pages.ROWS, pages.SECTION)
            add("Pages to look at", report.pages_section(drawn))
        if only in {None, "calls"}:
            entered = calls.functions_entered(f"sqlite:///{database}")
            add("The way of a request", report.calls_section(entered))
        if only in {None, "datasette"}:
            against = compared(database, Path(folder), scale, _progress)
            add("Against Datasette", report.alternatives_section(against))
        if only in {None, "growth"}:
            factors = tuple(factor for factor in (FACTORS[:2] if quick else FACTORS) if factor <= most)
            grown = growth(database, bases or Path(folder), factors, _progress)
            add("Growth", report.growth_section(grown))
        if only in {None, "footprint"}:
            taken = footprint(database, Path(folder), scale, _progress)
            add("Memory, start, load", report.footprint_section(taken))
        if only in {None, "soak"}:
            servers.pin(set(servers.CORES))
            seconds = min(soak_seconds, 30) if quick else soak_seconds
            add("Soak", report.soak_section(seconds, soak(Path(folder), seconds, _progress)))
    if only is None:
        _err.print(f"Written: {out}")
    else:
        typer.echo("\n".join(sections))


def _progress(step: str) -> None:
    _err.print(step)  # a line each: a bar that moves would take time from the generator


if __name__ == "__main__":
    cli()
