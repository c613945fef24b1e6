"""`python -m immunofacts …` is `immunofacts …`."""

from immunofacts.command import main

main()
