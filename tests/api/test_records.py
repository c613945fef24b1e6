"""Records, parsed: what several refer to is one object, so that thousands can be held together."""

from collections.abc import Iterator

import pytest
from pyroaring import BitMap
from sqlalchemy import Connection

from app.api.records import records_at
from app.nouns.outcome import NOUN as OUTCOMES
from tests.api.opened import Opened, opened


@pytest.fixture(scope="module")
def base(database: str) -> Iterator[Opened]:
    with opened(database) as found:
        yield found


def test_what_records_refer_to_is_one_object_in_all_of_them(base: Opened) -> None:
    def read(connection: Connection) -> list[dict]:
        found = records_at(connection, base.release, OUTCOMES, BitMap(range(base.release.lists["outcomes"].size)))
        return [record for _, record in found]

    records = base.run(base.store.compute(read))
    for key in ("cohort", "endpoint", "therapy", "trial"):
        referred = [record[key] for record in records if record[key]]
        assert len({id(part) for part in referred}) == len({part["id"] for part in referred}) < len(referred), key
