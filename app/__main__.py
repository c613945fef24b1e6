"""`python -m app …` is `immunofacts …`."""

from app.cli import cli

cli()
