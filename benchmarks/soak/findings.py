"""What the soak counts, and how it is told."""

import threading
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from statistics import quantiles

LATE = 1.0
"""Seconds after which an answer is late."""
BAD = ("lost", "mixed", "wrong", "stale", "5xx", "503", "refused", "closed unanswered")
"""Counts that must be 0."""


@dataclass
class Findings:
    """What was counted. Threads share it under the lock."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """Of each answer, by kind."""
    counts: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)
    actions: Counter[str] = field(default_factory=Counter)
    failed_actions: list[str] = field(default_factory=list)
    releases: Counter[str] = field(default_factory=Counter)
    """Answers by the release that they name."""
    faults: list[str] = field(default_factory=list)
    """Faults and tracebacks in the log of the server."""
    exits: list[int] = field(default_factory=list)
    """Statuses with which the server ended when it was told to."""

    def count(self, what: str, example: str = "") -> None:
        """Count something, with an example of it."""
        with self.lock:
            self.counts[what] += 1
            if example and self.counts[what] <= 5:
                self.examples.append(f"{what}: {example}")


def table(findings: Findings) -> str:
    """What was found."""
    lines = [
        "| requests | answers | p50 ms | p99 ms | slowest ms | late (> 1 s) |",
        "| --- | --: | --: | --: | --: | --: |",
    ]
    everything = [second for seconds in findings.seconds.values() for second in seconds]
    for kind, seconds in [*sorted(findings.seconds.items()), ("all", everything)]:
        cuts = quantiles(seconds, n=100, method="inclusive") if len(seconds) > 1 else seconds * 99
        late = sum(second > LATE for second in seconds)
        figures = (f"{1000 * value:,.0f}" for value in (cuts[49], cuts[98], max(seconds)))
        lines.append(f"| {kind} | {len(seconds):,} | {' | '.join(figures)} | {late} |")
    counted = {what: findings.counts.get(what, 0) for what in BAD} | dict(sorted(findings.counts.items()))
    lines += ["", "| counted | |", "| --- | --: |", *(f"| {what} | {number:,} |" for what, number in counted.items())]
    lines += [f"| faults and tracebacks in the log | {len(findings.faults)} |"]
    lines += [f"| ends by SIGTERM with another status than 0 | {sum(map(bool, findings.exits))} |"]
    lines += [f"| {what} | {number} |" for what, number in sorted(findings.actions.items())]
    lines += [f"| answers of release {version} | {number:,} |" for version, number in sorted(findings.releases.items())]
    return "\n".join(lines) + "\n"


def passed(findings: Findings) -> bool:
    """Whether nothing was lost, mixed, wrong or stale, and nothing failed."""
    bad = any(findings.counts[what] for what in BAD) or findings.faults or any(findings.exits)
    return not bad and not findings.failed_actions
