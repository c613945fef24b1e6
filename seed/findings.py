"""Findings: what is wrong in the fact files, where, and how to fix it."""

from collections.abc import Iterator
from dataclasses import dataclass

MAX_FINDINGS = 1000
"""Findings of one report; who broke more has broken them in the same way."""
MAX_LENGTH = 600
"""Characters that are shown of one finding."""


@dataclass(frozen=True)
class Finding:
    """Something wrong in the fact files: which check, where, what, and how to fix it."""

    code: str
    file: str
    record: str
    message: str
    fix: str

    def __str__(self) -> str:
        said = printable(f"{self.file}: {self.record}: [{self.code}] {self.message}")
        return f"{said if len(said) <= MAX_LENGTH else said[:MAX_LENGTH] + '…'} Fix: {self.fix}"


class TooManyFindingsError(Exception):
    """The report is full."""


class Report:
    """Findings as they are collected. Raises `TooManyFindingsError` when it is full."""

    def __init__(self) -> None:
        self._findings: list[Finding] = []
        self._cut = False

    def add(self, code: str, file: str, record: str, message: str, fix: str) -> None:
        """Add a finding."""
        if len(self._findings) >= MAX_FINDINGS:
            self._cut = True
            raise TooManyFindingsError
        self._findings.append(Finding(code, file, record, message, fix))

    def __len__(self) -> int:
        return len(self._findings)

    def __iter__(self) -> Iterator[Finding]:
        yield from self._findings
        if self._cut:
            message = f"There are more than {MAX_FINDINGS:,} findings; the others are not shown."
            yield Finding("too-many-findings", "-", "-", message, "fix these first.")


def printable(text: str) -> str:
    """A text for a terminal: control and invisible characters, and bytes that are not UTF-8, are written out."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)
