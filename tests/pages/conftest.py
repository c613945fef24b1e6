"""A server of the whole fact base with its past releases: pages show what changed, and read what older ones lack."""

import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests import databases
from tests.conftest import filled, served


@pytest.fixture(scope="session")
def past(shared: Path) -> str:
    """URL of the whole fact base with the releases that were published; loaded once for all workers of a test run."""
    if "TEST_DATABASE" in os.environ:
        return f"sqlite:///{os.environ['TEST_DATABASE']}"
    return databases.once(
        shared, "past", databases.SQLITE, lambda: filled(databases.create(databases.SQLITE, shared), "--past")
    )


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
