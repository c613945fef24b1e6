"""A loader that is warm: it has read everything, and forks one load after another, for a test to kill.

Each line on standard input starts a load; it says the number of the process, each step of the load, and its end.
"""

import os
import sys
from pathlib import Path

from app.release.database import writing_engine
from app.release.lock import release_lock
from seed.files import Facts, read
from seed.load import load
from seed.release_data import ReleaseData
from seed.render import render


def say(*words: object) -> None:
    os.write(1, f"{' '.join(map(str, words))}\n".encode())


def load_once(url: str, facts: Facts, number: int) -> None:
    engine = writing_engine(url)
    facts.records("statements")[0].text = f"It may help {number} more patients."
    with release_lock(engine):
        data = ReleaseData.of_forms(render(facts))
        load(engine, data, f"inputs {number}", lambda step: say("step", step))


def main(url: str, folder: str) -> None:
    facts, findings = read(Path(folder))
    assert not findings, findings
    say("warm")
    for number, _ in enumerate(sys.stdin):
        child = os.fork()
        if child == 0:
            say("pid", os.getpid())
            load_once(url, facts, number)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        say("end", os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main(*sys.argv[1:])
