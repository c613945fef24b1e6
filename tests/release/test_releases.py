"""Releases: versions in the order of time, which is current when, and what differs between two."""

import datetime as dt
import random

import pytest
from sqlalchemy import create_engine, select

from app.release import changes, releases
from app.release.releases import day_of, end_of, next_version, order
from seed.bundles import bundles
from tests.conftest import Two
from tests.databases import execute, rows

DAY = dt.date(2026, 11, 21)


@pytest.mark.parametrize(
    ("taken", "version"),
    [
        (set(), "2026.11.21"),
        ({"2026.11.20", "2026.11.2"}, "2026.11.21"),
        ({"2026.11.21"}, "2026.11.21.2"),
        ({"2026.11.21", "2026.11.21.2", "2026.11.21.10"}, "2026.11.21.11"),
        ({"2026.11.21.3"}, "2026.11.21.4"),  # the others were removed: no version is given again
    ],
)
def test_a_version_is_a_day_with_a_number_from_the_second_on(taken: set[str], version: str) -> None:
    assert next_version(taken, DAY) == version
    assert day_of(version) == DAY


def test_versions_are_in_the_order_of_time() -> None:
    in_order = ["2025.12.31", "2026.01.02", "2026.11.21", "2026.11.21.2", "2026.11.21.9", "2026.11.21.10", "2026.11.22"]
    shuffled = random.Random(1).sample(in_order, len(in_order))  # noqa: S311  # the same order in every run
    assert sorted(shuffled, key=order) == in_order


@pytest.mark.parametrize("wrong", ["", "2026.11", "2026.11.21.1", "2026.11.21.0", "2026.13.01", "2026-11-21", "x" * 99])
def test_what_is_no_version_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"^('|month)"):
        day_of(wrong)


def test_a_day_ends_at_midnight_utc() -> None:
    assert end_of(DAY) == dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
    assert end_of(dt.date.max).tzinfo is dt.UTC


def test_the_latest_activation_is_the_current_release(two: Two) -> None:
    engine = create_engine(two.database)
    with engine.connect() as connection:
        forms = releases.listed(connection)
        assert [(form.version, form.current) for form in forms] == [(two.second, True), (two.first, False)]
        assert forms[1].activated_at == dt.datetime(2026, 3, 2, 10, tzinfo=dt.UTC)
        assert [release_id for _, release_id in releases.activations(connection)] == [2, 1]
        assert releases.versions(connection) == {two.first, two.second}
    with engine.begin() as connection:
        releases.activate(connection, 1)
        assert connection.execute(releases.latest()).mappings().one()["version"] == two.first
        assert [(form.version, form.current) for form in releases.listed(connection)] == [
            (two.second, False),
            (two.first, True),
        ]
    engine.dispose()


def test_removing_leaves_the_version_and_nothing_else(two: Two) -> None:
    engine = create_engine(two.database)
    with engine.begin() as connection:
        releases.remove(connection, 1)
        assert [row["version"] for row in releases.readable(connection)] == [two.second]
        assert releases.versions(connection) == {two.first, two.second}
        for table in releases.tables_of_releases():
            left = select(table).where(table.c.release_id == 1)
            assert connection.execute(left).all() == [], table.name
        releases.bring_back(connection, 1)
        assert [row["version"] for row in releases.readable(connection)] == [two.second, two.first]
    engine.dispose()


def test_what_differs_between_two_releases(two: Two) -> None:
    engine = create_engine(two.database)
    with engine.connect() as connection:
        found = changes.changed_records(connection, 1, 2)
        told = {(item.list_name, item.id): item.change for item in found}
        assert told["mechanisms", "examplumab.PDCD1.inhibitor"] == "changed"
        assert told["warnings", "examplumab.boxed.rash"] == "removed"
        assert told["indications", "examplumab.ema.melanoma"] == "added"
        back = {(item.list_name, item.id): item.change for item in changes.changed_records(connection, 2, 1)}
        turned = {"added": "removed", "removed": "added", "changed": "changed"}
        assert back == {key: turned[change] for key, change in told.items()}
        assert changes.changed_records(connection, 1, 1) == []
        counted = changes.count_changes(found)
        assert sum(sum(of_list.values()) for of_list in counted.values()) == len(found)
        assert counted["targets"] == {"added": 0, "removed": 0, "changed": 0}
        therapy = next(item for item in found if item.list_name == "therapies")
        fields = {item.field: (item.before, item.after) for item in changes.changed_fields(connection, 1, 2, therapy)}
        assert fields["counts.warnings"] == (1, 0)
        assert fields["coverage.boxed_warning"] == ("curated", "not curated")
        assert fields["mechanisms"] == (None, None)  # only named: their own records say what changed
    engine.dispose()


def test_a_list_of_later_code_is_no_difference(two: Two) -> None:
    """What a server of before a list was declared says of a newer release."""
    execute(two.database, "UPDATE document SET list = 'of-later-code' WHERE list = 'warnings'")
    engine = create_engine(two.database)
    with engine.connect() as connection:
        found = changes.changed_records(connection, 1, 2)
        assert "of-later-code" not in {item.list_name for item in found}
        assert "of-later-code" not in changes.count_changes(found)
    engine.dispose()


def test_the_same_facts_have_the_published_version_in_every_database(database: str) -> None:
    version, digest = rows(database, "SELECT version, digest FROM release ORDER BY id DESC LIMIT 1")[0]
    published = {bundle.digest: bundle.version for bundle in bundles()}
    assert published.get(digest, version) == version
    assert digest in published or version not in published.values()
