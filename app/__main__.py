"""`python -m app …`: the commands of `app/cli.py`. `immunofacts …` has those that load facts, too."""

from app.cli import cli

cli()
