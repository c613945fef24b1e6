"""The store: which release is read, its documents by key, and what is said where they cannot be read."""

import asyncio
import datetime as dt
import json
import os
import shutil
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import Connection, insert, literal, select, text, update

from app.nouns.base import table_of
from app.nouns.registry import noun as noun_of
from app.nouns.registry import nouns
from app.release.database import DeadlineError, NotReadyError
from app.release.opened import ReleaseKey
from app.release.opening import MAX_OPENED
from app.release.store import BATCH, NoSuchReleaseError, Store, documents_at
from app.release.tables import DocumentTable, ReleaseTable
from tests import databases
from tests.conftest import Two, filled
from tests.databases import ENGINE, SQLITE, execute, file_of
from tests.seed.base import many, write

THERAPIES, MECHANISMS, WARNINGS = map(noun_of, ("therapies", "mechanisms", "warnings"))
DAY = dt.date(2026, 3, 2)
RELEASE, DOCUMENT = table_of(ReleaseTable), table_of(DocumentTable)
Result = TypeVar("Result")


def using(database: str, use: Callable[[Store], Awaitable[Result]], **settings: float) -> Result:
    """Use a store, and close it."""

    async def run() -> Result:
        store = Store(database, **settings)
        try:
            return await use(store)
        finally:
            store.close()

    return asyncio.run(run())


@pytest.fixture(scope="module")
def thousand(shared: Path) -> str:
    """A database with a few hundred therapies."""

    def make() -> str:
        folder = write(many(BATCH + 50), shared / "thousand")
        return filled(databases.create(ENGINE, shared), "--facts", str(folder))

    return databases.once(shared, "thousand-url", ENGINE, make)


@pytest.mark.on_every_engine
def test_documents_are_read_by_position_in_the_order_requested(thousand: str) -> None:
    async def read(store: Store) -> None:
        release = await store.current()
        wanted = [249, 0, 17, 3, 0]
        summaries = [json.loads(one) for one in await store.documents(release, THERAPIES, wanted)]
        whole = [json.loads(one) for one in await store.documents(release, THERAPIES, wanted, whole=True)]
        assert [one["id"] for one in summaries] == [one["id"] for one in whole]
        assert summaries[1] == summaries[4]
        assert "products" not in summaries[0]
        assert whole[0].items() >= summaries[0].items()
        assert whole[0]["products"]
        ids = [one["id"] for one in whole]
        assert await store.positions(release, THERAPIES, ids) == dict(zip(ids, wanted, strict=True))
        assert await store.positions(release, THERAPIES, [ids[0], "nobody", "x\x00"[:1]]) == {ids[0]: 249}
        assert await store.documents(release, THERAPIES, []) == []
        found = await store.document(release, THERAPIES, ids[0])
        assert found is not None
        assert json.loads(found) == whole[0]
        assert await store.document(release, THERAPIES, ids[0].upper()) is None
        assert await store.document(release, MECHANISMS, ids[0]) is None

    using(thousand, read)


@pytest.mark.on_every_engine
def test_batches_are_all_documents_in_their_order(thousand: str) -> None:
    async def read(store: Store) -> None:
        release = await store.current()
        positions = list(range(BATCH + 50))[::-1]
        batches = [batch async for batch in store.batches(release, THERAPIES, positions)]
        assert [len(batch) for batch in batches] == [BATCH, 50]
        assert [one for batch in batches for one in batch] == await store.documents(release, THERAPIES, positions)
        in_a_thread = await store.compute(lambda connection: documents_at(connection, release, THERAPIES, [1, 0]))
        assert in_a_thread == await store.documents(release, THERAPIES, [1, 0])

    using(thousand, read)


def test_the_current_release_is_the_one_activated_last(two: Two) -> None:
    async def read(store: Store) -> None:
        assert store.peek() is None
        release = await store.current()
        assert release.version == two.second
        assert store.peek() == release.key == ReleaseKey(release.version, release.digest)
        assert await store.current() is release  # opened once
        assert await store.release(two.second) is release

    using(two.database, read)


def test_a_release_is_pinned_by_version_or_day(two: Two) -> None:
    async def read(store: Store) -> None:
        first = await store.release(two.first)
        assert first.version == two.first
        assert await store.release(two.first) is first  # opened once
        assert await store.release(as_of=DAY) is first
        assert (await store.release(as_of=dt.datetime.now(dt.UTC).date())).version == two.second
        assert json.loads((await store.documents(first, MECHANISMS, [0]))[0])["description"] == "Blocks."
        assert first.lists[WARNINGS.name].size == 1
        assert (await store.current()).lists[WARNINGS.name].size == 0
        for asked, parameter in (
            ({"version": "1999.01.01"}, "release"),
            ({"version": "x" * 500}, "release"),
            ({"as_of": DAY - dt.timedelta(days=1)}, "as_of"),
        ):
            with pytest.raises(NoSuchReleaseError) as error:
                await store.release(**asked)  # type: ignore[arg-type]  # one of the two
            assert error.value.parameter == parameter
            assert len(error.value.message) < 100

    using(two.database, read)


def test_a_removed_release_is_said_to_be_removed(two: Two) -> None:
    execute(two.database, "UPDATE release SET removed_at = '2026-05-06 07:08:09' WHERE id = 1")

    async def read(store: Store) -> None:
        for asked in ({"version": two.first}, {"as_of": DAY}):
            with pytest.raises(NoSuchReleaseError, match=rf"Release {two.first} was removed on 2026-05-06\."):
                await store.release(**asked)  # type: ignore[arg-type]  # one of the two

    using(two.database, read)


def test_a_release_that_is_removed_while_it_is_opened_is_said_to_be_removed(two: Two) -> None:
    async def read(store: Store) -> None:
        await store.current()  # sees the release; then it goes before it is read
        execute(two.database, "DELETE FROM document WHERE release_id = 1")
        execute(two.database, "DELETE FROM list_index WHERE release_id = 1")
        execute(two.database, "UPDATE release SET removed_at = '2026-05-06 07:08:09' WHERE id = 1")
        for asked in ({"version": two.first}, {"as_of": DAY}):
            with pytest.raises(NoSuchReleaseError, match=rf"Release {two.first} was removed on 2026-05-06\."):
                await store.release(**asked)  # type: ignore[arg-type]  # one of the two

    using(two.database, read, check_seconds=3600)


def test_another_release_is_seen_as_soon_as_what_was_seen_is_too_old(two: Two) -> None:
    async def read(store: Store) -> None:
        before = await store.current()
        execute(two.database, "UPDATE activation SET activated_at = '2026-01-01 00:00:00' WHERE release_id = 2")
        assert await store.current() is before  # trusted for an hour
        assert (await store.observe()).current.version == two.first
        assert (await store.current()).version == two.first

    using(two.database, read, check_seconds=3600)


def test_what_was_seen_is_trusted_for_some_time_only(two: Two) -> None:
    async def read(store: Store) -> None:
        await store.current()
        assert store.peek() is not None
        await asyncio.sleep(0.11)
        assert store.peek() is not None  # and looks again, beside whoever asks
        await asyncio.sleep(0.15)
        assert store.peek() is not None
        await asyncio.sleep(0.3)
        assert store.peek() is None

    using(two.database, read, check_seconds=0.2)


def test_a_version_that_came_since_is_found(two: Two) -> None:
    async def read(store: Store) -> None:
        await store.current()
        execute(two.database, "UPDATE release SET version = '2001.02.03' WHERE id = 1")
        assert (await store.release("2001.02.03")).version == "2001.02.03"

    using(two.database, read, check_seconds=3600)


@pytest.fixture
def many_releases(two: Two) -> str:
    """URL of a database with more releases than are held open, from 2020.01.01 on."""
    values = [column for column in RELEASE.c if column.name not in {"id", "version"}]
    own = [column for column in DOCUMENT.c if column.name != "release_id"]
    for number in range(1, MAX_OPENED + 2):
        copied = select(literal(f"2020.01.0{number}"), *values).where(RELEASE.c.id == 1)
        execute(two.database, insert(RELEASE).from_select(["version", *values], copied))
        copied = select(literal(2 + number), *own).where(DOCUMENT.c.release_id == 1)
        execute(two.database, insert(DOCUMENT).from_select(["release_id", *own], copied))
    return two.database


def test_few_pinned_releases_are_held_open(many_releases: str) -> None:
    async def read(store: Store) -> None:
        first = await store.release("2020.01.01")
        for number in range(2, MAX_OPENED + 2):
            await store.release(f"2020.01.0{number}")
        again = await store.release("2020.01.01")
        assert again is not first
        assert again.key == first.key

    using(many_releases, read)


def test_each_release_is_opened_once_however_often_all_are_requested_meanwhile(many_releases: str) -> None:
    async def read(store: Store) -> None:
        versions = [f"2020.01.0{number}" for number in range(1, MAX_OPENED + 2)]
        found = await asyncio.gather(*(store.release(version) for _ in range(20) for version in versions))
        assert [release.version for release in found] == versions * 20
        assert len(set(map(id, found))) == len(versions)

    using(many_releases, read)


def test_a_list_that_came_after_a_release_is_empty_there(two: Two) -> None:
    databases.remove_list(two.database, 1, "warnings")

    async def read(store: Store) -> None:
        first = await store.release(two.first)
        assert "warnings" not in first.counts
        index = first.lists[WARNINGS.name]
        assert index.size == len(index.everything) == len(index.text.matches("rash")) == 0
        assert await store.documents(first, WARNINGS, []) == []
        assert await store.document(first, WARNINGS, "examplumab.boxed.rash") is None
        assert await store.positions(first, WARNINGS, ["examplumab.boxed.rash"]) == {}
        assert first.lists[MECHANISMS.name].size == 1

    using(two.database, read)


def test_a_list_of_later_code_is_passed_over(two: Two) -> None:
    """What is read by a server of before the list was declared."""
    databases.rename_list(two.database, 2, "mechanisms", "of-later-code")

    async def read(store: Store) -> None:
        release = await store.current()
        assert release.counts["of-later-code"] == 1
        assert release.lists[MECHANISMS.name].size == 0
        assert release.lists[THERAPIES.name].size == 1

    using(two.database, read)


def test_a_release_with_records_missing_is_not_read(two: Two) -> None:
    execute(two.database, "DELETE FROM document WHERE release_id = 2 AND list = 'indications' AND position = 1")
    execute(two.database, "DELETE FROM list_index WHERE release_id = 2")
    with pytest.raises(NotReadyError, match="has not all its records; load it again"):
        using(two.database, Store.current)


def test_a_release_that_is_removed_meanwhile_is_said_to_be_so_and_looked_at_again(two: Two) -> None:
    async def read(store: Store) -> None:
        release = await store.current()
        execute(two.database, "DELETE FROM document WHERE release_id = 2 AND list = 'mechanisms'")
        with pytest.raises(NotReadyError, match="being removed"):
            await store.documents(release, MECHANISMS, [0])
        assert store.peek() is None

    using(two.database, read, check_seconds=3600)


def test_rows_are_read_at_once_from_a_file_and_in_a_thread_from_a_server(loaded: str) -> None:
    def name(_: Connection) -> str:
        return threading.current_thread().name

    async def read(store: Store) -> tuple[str, str]:
        return await store.fetch(name), await store.compute(name)

    fetched, computed = using(loaded, read)
    assert (fetched == threading.current_thread().name) is (ENGINE == SQLITE)
    assert computed.startswith("computer")


ENDLESS = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
    "postgresql": "SELECT pg_sleep(30)",
}


def test_what_takes_too_long_is_ended(loaded: str) -> None:
    def endless_query(connection: Connection) -> Any:
        return connection.execute(text(ENDLESS[ENGINE])).scalar()

    def endless_work(_: Connection) -> Any:
        time.sleep(3)

    async def read(store: Store) -> None:
        await store.current()
        for work in (endless_query, endless_work, endless_query, endless_work):
            began = time.monotonic()
            with pytest.raises(DeadlineError):
                await store.compute(work)
            assert time.monotonic() - began < 5
        await asyncio.sleep(3)
        assert len(await store.documents(await store.current(), THERAPIES, [0])) == 1
        assert await store.compute(lambda connection: connection.execute(text("SELECT 1")).scalar()) == 1

    using(loaded, read, deadline=2)  # what takes no time keeps to it on a busy machine too


@pytest.mark.only_on_sqlite("It is about the file of SQLite.")
def test_a_file_that_is_replaced_is_read_anew(two: Two, loaded: str) -> None:
    file, other = file_of(two.database), file_of(loaded)
    execute(loaded, "UPDATE release SET digest = 'of the other file'")
    databases.checkpoint(loaded)

    async def read(store: Store) -> None:
        first = await store.release(two.first)
        databases.checkpoint(two.database)
        await store.observe()
        shutil.copy(other, file.with_suffix(".new"))
        file.with_suffix(".new").replace(file)
        assert (await store.observe()).current.digest == "of the other file"
        if first.version == (await store.current()).version:
            assert await store.release(two.first) is not first
        os.truncate(file, 4096)
        with pytest.raises(NotReadyError, match="damaged"):
            await store.observe()
        with pytest.raises(NotReadyError):
            await store.current()

    using(two.database, read, check_seconds=3600)


def test_every_noun_has_its_index(loaded: str) -> None:
    release = using(loaded, Store.current)
    for noun in nouns():
        assert release.lists[noun.name].size == release.counts.get(noun.name, 0)


@pytest.mark.only_on_sqlite("the file is copied; what is opened does not depend on the engine")
@pytest.mark.parametrize(("fingerprints", "deadline"), [("as stored", 0.1), ("of other code", 2)])
def test_a_release_that_takes_longer_to_open_than_the_deadline_is_opened_once(
    database: str, tmp_path: Path, fingerprints: str, deadline: float
) -> None:
    """A large one, or one of which the index is derived: the first who ask are told to wait, and not for ever."""
    path = tmp_path / "facts.db"
    shutil.copyfile(file_of(database), path)
    copied = f"sqlite:///{path}"
    if fingerprints != "as stored":
        execute(copied, update(databases.INDEX).values(fingerprint=fingerprints))

    async def ask_until_answered(store: Store) -> tuple[int, ReleaseKey]:
        refused = 0
        while True:
            try:
                return refused, (await store.current()).key
            except DeadlineError:
                refused += 1
                assert refused < 100, "The release is opened again and again."

    refused, key = using(copied, ask_until_answered, deadline=deadline)
    assert refused > 0, "It takes no longer than the deadline: the test shows nothing."

    async def current(store: Store) -> ReleaseKey:
        return (await store.current()).key

    assert key == using(database, current)


def test_a_release_that_declarations_cannot_read_is_tried_once_and_logged(
    loaded: str, caplog: pytest.LogCaptureFixture
) -> None:
    execute(loaded, update(databases.INDEX).values(fingerprint="of other code"))
    execute(loaded, update(DOCUMENT).where(DOCUMENT.c.list == "warnings").values(document='{"id": "x"}'))

    async def ask_twice(store: Store) -> None:
        for _ in range(2):
            with pytest.raises(NotReadyError, match="No index can be made of warnings"):
                await store.current()

    using(loaded, ask_twice)
    assert [record.message for record in caplog.records] == ["not opened"]


def test_what_takes_too_long_closes_no_release(loaded: str) -> None:
    async def read(store: Store) -> None:
        release = await store.current()
        with pytest.raises(DeadlineError):
            await store.compute(lambda _: time.sleep(2.5))
        assert await store.current() is release

    using(loaded, read, deadline=2, check_seconds=60)  # what takes no time keeps to it on a busy machine too
