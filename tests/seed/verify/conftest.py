"""A web whose time stands still, and a folder of labels."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from seed.verify.documents import Shelf, read_folder
from seed.verify.web import Web
from tests.seed.verify.invented import label


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now, self.slept = 1_700_000_000.0, list[float]()

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def web(tmp_path: Path, time: Time) -> Iterator[Web]:
    with Web(tmp_path / "cache", clock=lambda: time.now, sleep=time.sleep, chance=lambda: 0.5) as web:
        yield web


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    folder = tmp_path / "labels"
    folder.mkdir()
    (folder / "examplara.json").write_text(json.dumps({"meta": {}, "results": [label()]}))
    return read_folder(folder)
