"""The whole fact base, once as documents and once as an opened release."""

import asyncio
import json
from typing import Any

import pytest

from app.nouns.registry import nouns
from app.release.opened import OpenRelease
from app.release.store import Store
from tests import databases
from tests.release.brute_force import BruteForce


@pytest.fixture(scope="session")
def texts(database: str) -> dict[str, list[str]]:
    """The documents of the current release, by list, in their order, as they are stored."""
    current = "(SELECT release_id FROM activation ORDER BY activated_at DESC, id DESC LIMIT 1)"
    query = f"SELECT list, document FROM document WHERE release_id = {current} ORDER BY list, position"  # noqa: S608  # ours
    found: dict[str, list[str]] = {noun.name: [] for noun in nouns()}
    for name, text in databases.rows(database, query):
        found[name].append(text)
    return found


@pytest.fixture(scope="session")
def documents(texts: dict[str, list[str]]) -> dict[str, list[dict[str, Any]]]:
    """The same, parsed."""
    return {name: [json.loads(text) for text in listed] for name, listed in texts.items()}


@pytest.fixture(scope="session")
def base(documents: dict[str, list[dict[str, Any]]]) -> BruteForce:
    """The same, to be asked without an index."""
    return BruteForce(documents)


@pytest.fixture(scope="session")
def release(database: str) -> OpenRelease:
    """The current release as a server opens it."""
    store = Store(database)
    try:
        return asyncio.run(store.current())
    finally:
        store.close()
