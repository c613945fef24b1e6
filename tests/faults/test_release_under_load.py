"""New releases under load: every answer is whole and of exactly one release, and soon of the new one."""

import csv
import io
import threading
import time
from collections import Counter
from itertools import count
from pathlib import Path

import httpx
import pytest

from tests.conftest import run
from tests.faults.serving import serving, wait_for
from tests.seed.base import many, write

SECONDS = 2.0
"""Within which every worker answers from a new release."""
BASES = {f"Blocks {number}.": count for number, count in enumerate((20, 35, 20), start=1)}
"""What each release says, and how many times."""


class Reader:
    """What a client was answered: the release of each answer, when it was asked for, and what was wrong."""

    def __init__(self) -> None:
        self.answers: list[tuple[float, str, str]] = []
        self.faults: list[str] = []

    def ask(self, client: httpx.Client, number: int) -> None:
        """Ask in one of three ways, and hold that the answer is whole and of one release.

        Each fifth closes the connection, so that both workers are asked.
        """
        asked = time.monotonic()
        path = (f"/mechanisms?limit={100 + number % 300}", "/mechanisms?limit=100", "/mechanisms?format=csv")[
            number % 3
        ]
        answer = client.get(path, headers={"Connection": "close"} if number % 5 == 4 else {})
        if answer.status_code != 200:
            self.faults.append(f"{path}: {answer.status_code} {answer.text}")
            return
        release = answer.headers["X-Release"]
        if path.endswith("csv"):
            said = [row["description"] for row in csv.DictReader(io.StringIO(answer.text))]
        else:
            body = answer.json()
            said = [item["description"] for item in body["items"]]
            if (
                body["release"] != release
                or body["total"] != len(said)
                or f"release={release}" not in body["permalink"]
            ):
                self.faults.append(f"{path}: {release}, {body['release']}, {body['total']} of {len(said)}")
        if len(set(said)) != 1 or len(said) != BASES.get(said[0]):
            self.faults.append(f"{path}: {release} said {Counter(said)}")
        self.answers.append((asked, release, said[0]))


@pytest.mark.parametrize("workers", ["2"])
def test_every_answer_is_of_one_release_and_the_new_one_comes_soon(loaded: str, tmp_path: Path, workers: str) -> None:
    folders = [write(many(count, text), tmp_path / str(number)) for number, (text, count) in enumerate(BASES.items())]
    load = ("seed", "load", "--facts")
    assert run(*load, str(folders[0]), database=loaded).returncode == 0
    readers = [Reader() for _ in range(6)]
    over = threading.Event()
    moments: list[float] = []

    with serving(loaded, tmp_path / "log", WORKERS=workers) as (_, url):

        def read(reader: Reader) -> None:
            with httpx.Client(base_url=url, timeout=60) as client:
                for number in count():
                    if over.is_set():
                        return
                    reader.ask(client, number)
                    time.sleep(0.02)  # a reader that asks without pause shows no more, and keeps others from work

        threads = [threading.Thread(target=read, args=(reader,)) for reader in readers]
        for thread in threads:
            thread.start()
        try:
            for folder in folders[1:]:
                before = sum(len(reader.answers) for reader in readers)
                done = run(*load, str(folder), database=loaded)
                moments.append(time.monotonic())
                assert done.returncode == 0, done.stderr
                wait_for(lambda: time.monotonic() > moments[-1] + SECONDS, 30)
                wait_for(lambda before=before: sum(len(reader.answers) for reader in readers) > before + 100, 60)
        finally:
            over.set()
            for thread in threads:
                thread.join(60)
    assert [fault for reader in readers for fault in reader.faults] == []
    answers = sorted(answer for reader in readers for answer in reader.answers)
    print(Counter(text for _, _, text in answers))
    # A release says one thing, whoever was asked.
    assert len({(release, said) for _, release, said in answers}) == len(BASES)
    texts = list(BASES)
    for moment, old, new in zip(moments, texts, texts[1:], strict=False):
        late = [said for asked, _, said in answers if asked > moment + SECONDS and said == old]
        assert late == [], (old, new)
