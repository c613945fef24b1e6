"""Sets of records as whole numbers: bit 3 is the record at position 3 of its list.

Cutting and counting such numbers takes microseconds.
"""

import struct
import zlib
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, compress, count, pairwise
from operator import itemgetter

SPARSE = 32
"""Bits to a record from which on it is quicker to go from record to record than from bit to bit."""
PIECE = 2048
"""Bits that are looked at together: a page needs but the first few records of a long list."""
ONE = ord("1")


def of(found: Iterable[int]) -> int:
    """The set of some positions."""
    places = list(found)
    if len(places) * SPARSE < max(places, default=0):
        bits = bytearray((max(places) >> 3) + 1)
        for place in places:
            bits[place >> 3] |= 1 << (place & 7)
        return int.from_bytes(bits, "little")
    digits = bytearray(b"0") * (max(places, default=0) + 1)
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
    if rest.bit_count() * SPARSE < rest.bit_length():
        return _sparse(rest << start)
    pieces = range(0, rest.bit_length(), PIECE)
    return chain.from_iterable(
        compress(count(start + piece), _flags(rest >> piece & (1 << PIECE) - 1)) for piece in pieces
    )


def _sparse(found: int) -> Iterator[int]:
    while found:
        lowest = found & -found
        yield lowest.bit_length() - 1
        found ^= lowest


def in_order(found: int, ordered: "array[int]", start: int) -> Iterator[tuple[int, int]]:
    """The places and positions of a set in an order, from a place on."""
    marked = found.to_bytes((max(len(ordered), found.bit_length()) + 7) >> 3, "little")
    for place in range(start, len(ordered)):
        position = ordered[place]
        if marked[position >> 3] >> (position & 7) & 1:
            yield place, position


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
        self._pick = itemgetter(*self._last_of, len(owner), len(owner))
        self._members = len(owner)
        self._others = (1 << len(owner)) - 1 & ~self._lasts
        self._asked = (0, 0)

    def owners(self, members: int) -> int:
        """The records whose families some members are of."""
        lasts = ((members & self._others) + self._others | members) & self._lasts
        return int("".join(self._pick(f"{lasts:0{self._members + 1}b}"[::-1]))[::-1], 2)

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
