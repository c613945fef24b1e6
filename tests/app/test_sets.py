"""Sets of records as whole numbers: everything that is done with them, against the same with Python's own sets."""

import random
from array import array
from itertools import islice

import pytest

from app.queries.sets import Families, Order, of, packed, positions, unpacked

pytestmark = pytest.mark.only_on_sqlite("No engine plays a part in whole numbers.")


@pytest.mark.parametrize("length", [1, 7, 64, 2047, 2048, 2049, 30_000])
@pytest.mark.parametrize("share", [0.001, 0.02, 0.5, 1.0])
def test_a_set_is_walked_and_stored_as_it_was_made(length: int, share: float) -> None:
    chance = random.Random(length)  # noqa: S311  # the same sets in every run
    wanted = sorted({chance.randrange(length), *(p for p in range(length) if chance.random() < share)})
    found = of(chance.sample(wanted, len(wanted)))
    assert found == sum(1 << position for position in wanted)
    assert list(positions(found)) == wanted
    assert unpacked(packed(wanted)) == found
    for start in (0, 1, wanted[len(wanted) // 2], length - 1, length + 5):
        expected = [position for position in wanted if position >= start]
        assert list(positions(found, start)) == expected
        assert list(islice(positions(found, start), 3)) == expected[:3]
    ordered = chance.sample(range(length), length)
    order = Order.of(ordered)
    for start in (0, length // 2, length):
        expected_places = [(p, ordered[p]) for p in range(start, length) if ordered[p] in set(wanted)]
        assert list(order.walk(found, start)) == expected_places


def test_the_empty_set_is_one() -> None:
    assert of([]) == 0
    assert list(positions(0)) == list(positions(0, 9)) == []
    assert list(Order.of([2, 0, 1]).walk(0, 0)) == []


@pytest.mark.parametrize("families", [1, 2, 300, 3000])
def test_owners_are_found_and_counted_by_carries(families: int) -> None:
    chance = random.Random(families)  # noqa: S311  # the same families in every run
    sizes = [chance.choice([0, 1, 1, 2, 5, 70]) for _ in range(families)] + [1]
    owner = array("I", [number for number, size in enumerate(sizes) for _ in range(size)])
    kin = Families(owner)
    for share in (0.0, 0.01, 0.3, 1.0):
        members = {place for place in range(len(owner)) if chance.random() < share}
        assert set(positions(kin.owners(of(members)))) == {owner[place] for place in members}
        inner = {place for place in range(len(owner)) if chance.random() < 0.5}
        outer = {number for number in range(len(sizes)) if chance.random() < 0.5}
        [(_, counted)] = kin.counted({"value": of(members)}, of(inner), of(outer))
        assert counted == len({owner[place] for place in members & inner} & outer)


def test_a_list_whose_families_are_scattered_is_refused() -> None:
    with pytest.raises(ValueError, match="side by side"):
        Families(array("I", [0, 1, 0]))
