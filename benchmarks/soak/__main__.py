"""`python -m benchmarks.soak`."""

import os
import signal
import sys
import tempfile
from pathlib import Path

from benchmarks.soak.findings import passed, table
from benchmarks.soak.run import soak


def main() -> None:
    """Run, and tell what was found."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    seconds = float(os.environ.get("SOAK_SECONDS", "360"))
    with tempfile.TemporaryDirectory(prefix="immunofacts-soak-") as folder:
        findings = soak(Path(folder), seconds, lambda step: print(step, file=sys.stderr, flush=True))
        print(table(findings))
        for example in [*findings.examples, *findings.failed_actions, *findings.faults[:5]]:
            print(example)
        sound = passed(findings)
    sys.exit(0 if sound else 1)


if __name__ == "__main__":
    main()
