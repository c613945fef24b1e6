"""Sets of records as whole numbers: bit 3 is the record at position 3 of its list.

Cutting and counting such numbers takes microseconds.
"""

import struct
import zlib
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, compress, count, pairwise
from typing import NamedTuple, Self

SPARSE = 32
"""Bits to a record from which on it is quicker to go from record to record than from bit to bit."""
PIECE = 256
"""Bytes that are looked at together: a page needs but the first few records of a long list."""
ONE = ord("1")


def of(found: Iterable[int]) -> int:
    """The set of some positions."""
    places = list(found)
    last = max(places, default=0)
    if len(places) * SPARSE < last:
        bits = bytearray((last >> 3) + 1)
        for place in places:
            bits[place >> 3] |= 1 << (place & 7)
        return int.from_bytes(bits, "little")
    digits = bytearray(b"0") * (last + 1)
    for place in places:
        digits[~place] = ONE
    return int(bytes(digits), 2)


def packed(places: Sequence[int]) -> bytes:
    """The set of some positions as it is stored: a few are numbers, many are bits, which shrink."""
    if len(places) * SPARSE < max(places):
        return b"n" + struct.pack(f"<{len(places)}I", *places)
    found = of(places)
    return b"b" + zlib.compress(found.to_bytes((found.bit_length() + 7) >> 3, "little"), 1)


def unpacked(stored: bytes) -> int:
    """A set that was stored."""
    if stored[:1] == b"n":
        return of(struct.unpack(f"<{len(stored) >> 2}I", stored[1:]))
    return int.from_bytes(zlib.decompress(stored[1:]), "little")


def positions(found: int, start: int = 0) -> Iterator[int]:
    """The positions in a set, ascending, from one on."""
    rest = found >> start
    stored = rest.to_bytes((rest.bit_length() + 7) >> 3, "little")
    pieces = range(0, len(stored), PIECE)
    return chain.from_iterable(
        _piece(int.from_bytes(stored[piece : piece + PIECE], "little"), start + 8 * piece) for piece in pieces
    )


def _piece(found: int, first: int) -> Iterable[int]:
    """The positions in a short set, whose first bit is that of a position."""
    if found.bit_count() * SPARSE >= found.bit_length():
        return compress(count(first), _flags(found))
    there = []
    while found:
        lowest = found & -found
        there.append(first + lowest.bit_length() - 1)
        found ^= lowest
    return there


class Order(NamedTuple):
    """An order of the records of a list: the position at each place, and the place of each position."""

    positions: "array[int]"
    places: "array[int]"
    parts: list[int]
    """The records of the order, part by part."""

    @classmethod
    def of(cls, ordered: Sequence[int]) -> Self:
        """The order of these positions."""
        places = array("I", bytes(4 * len(ordered)))
        for place, position in enumerate(ordered):
            places[position] = place
        return cls(array("I", ordered), places, parts(ordered))

    def walk(self, found: int, start: int) -> Iterator[tuple[int, int]]:
        """The places and positions of a set, from a place on."""
        first = start // length_of_part(len(self.positions))
        few = found.bit_count() ** 2 < len(self.positions)
        for there in [found] if few else (found & part for part in self.parts[first:]):
            for place in sorted(map(self.places.__getitem__, positions(there))) if there else ():
                if place >= start:
                    yield place, self.positions[place]


def parts(ordered: Sequence[int]) -> list[int]:
    """The sets of the positions of an order, part by part."""
    length = length_of_part(len(ordered))
    return [of(ordered[start : start + length]) for start in range(0, len(ordered), length)]


def length_of_part(length: int) -> int:
    """The longer an order is, the more parts it has, and the longer they are."""
    return max(64, length >> 6)


def _moves(places: Sequence[int]) -> list[tuple[int, int]]:
    """The way from ascending places to the first ones, without gaps: how far it goes each time, and for whom.

    Everybody whose distance has the lowest bit goes 1 back, then 2 for the next bit, then 4: since whoever stands
    behind has no shorter way to go, nobody gets into another's place.
    """
    ahead = [place - rank for rank, place in enumerate(places)]
    there, moves = list(places), []
    for bit in range(max(ahead, default=0).bit_length()):
        moving = [way >> bit & 1 for way in ahead]
        moves.append((1 << bit, of(compress(there, moving))))
        there = [place - (moves_on << bit) for place, moves_on in zip(there, moving, strict=True)]
    return moves


def _flags(found: int) -> bytes:
    """A byte for each position, which is not zero where the set has it."""
    return f"{found:b}"[::-1].encode().translate(_ZEROED)


_ZEROED = bytes(number if number != ord("0") else 0 for number in range(256))


class Families:
    """Which records of another list belong to each record: they stand side by side there, in the order of the records.

    So whole families are found by adding: where all members but the last are given a one, any that was there carries
    over into the place of the last.
    """

    def __init__(self, owner: "array[int]") -> None:
        if any(before > after for before, after in pairwise(owner)):
            raise ValueError("The members of a family do not stand side by side.")
        lasts = {of_whom: place for place, of_whom in enumerate(owner)}
        self._lasts = of(lasts.values())
        self._last_of = [lasts.get(of_whom, len(owner)) for of_whom in range(max(lasts, default=-1) + 1)]
        """The place of the last member of each record's family; beyond all members where it has none."""
        self._others = (1 << len(owner)) - 1 & ~self._lasts
        self._together = _moves(list(lasts.values()))
        self._apart = [(way, movers >> way) for way, movers in reversed(_moves(list(lasts)))]
        self._asked = (0, 0)

    def owners(self, members: int) -> int:
        """The records whose families some members are of."""
        found = ((members & self._others) + self._others | members) & self._lasts
        for way, movers in self._together:  # the last members stand side by side then, one for each that has a family
            moving = found & movers
            found = found ^ moving | moving >> way
        for way, movers in self._apart:  # and then where the records are
            moving = found & movers
            found = found ^ moving | moving << way
        return found

    def counted(self, values: dict[str, int], inner: int, outer: int) -> list[tuple[str, int]]:
        """How many records, among some, have a member that carries each value and is among some members."""
        asked, wanted = self._asked
        if asked != outer:  # the facets of a page mostly ask for the same
            wanted = of(compress(self._last_of, _flags(outer)))
            self._asked = outer, wanted
        others = self._others
        return [  # as in `owners`, but written out: this runs for each of hundreds of values
            (value, ((((found := members & inner) & others) + others | found) & wanted).bit_count())
            for value, members in values.items()
        ]
