"""A server of the whole fact base with its oldest release: pages show what changed, and read what older ones lack."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from app.release.database import writing_engine
from seed.bundles import named
from seed.load import restore
from tests import databases
from tests.conftest import served

OLDEST = "2026.11.21"
"""The release with the least: the lists of trials and outcomes came later."""


@pytest.fixture(scope="session")
def past(shared: Path, facts_on: Callable[[str], str]) -> str:
    """URL of the whole fact base with the oldest release beside it; made once for all workers of a test run."""

    def make() -> str:
        url = databases.create(databases.SQLITE, shared, facts_on(databases.SQLITE))
        engine = writing_engine(url)
        restore(engine, named(OLDEST), lambda _: None)
        engine.dispose()
        return url

    if "TEST_DATABASE" in os.environ:
        return facts_on(databases.SQLITE)
    return databases.once(shared, "past", databases.SQLITE, make)


@pytest.fixture(scope="session")
def site(past: str) -> Iterator[str]:
    """Address of a server of it."""
    with served(past) as (address, _):
        yield address


@pytest.fixture(scope="session")
def visitor(site: str) -> Iterator[httpx.Client]:
    """A client of it."""
    with httpx.Client(base_url=site, timeout=60) as client:
        yield client
