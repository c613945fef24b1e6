"""What most questions need, read ahead of them: what therapies are found by, and their documents."""

from app.queries.filters import Bound, List, Tagged
from app.queries.listing import all_positions, documents_at, order
from app.queries.matching import by_value, column, families
from app.queries.names import by_fold, known_names
from app.queries.therapies import THERAPIES
from app.reader import Reader

AT_HAND = 500
"""Therapies up to which their documents are held, whole ones too: about 20 KB each."""


def warm(reader: Reader) -> None:
    """Read what lists of therapies are made of, unless there is too much of it."""
    _warm_filters(reader, THERAPIES)
    if THERAPIES.through:
        _warm_filters(reader, THERAPIES.through.of)
        families(reader, THERAPIES, THERAPIES.through)
    for key in THERAPIES.sorts:
        order(reader, THERAPIES, [key])
        order(reader, THERAPIES, [f"-{key}"])
    if reader.is_small(THERAPIES.name):
        known_names(reader)
        all_positions(reader, THERAPIES)
    everything = range(reader.counts[THERAPIES.name])
    if len(everything) <= AT_HAND:
        documents_at(reader, THERAPIES, everything)
        documents_at(reader, THERAPIES, everything, whole=True)


def _warm_filters(reader: Reader, spec: List) -> None:
    for wanted in spec.filters:
        if isinstance(wanted, Bound):
            column(reader, spec, wanted)
        elif reader.is_small(spec.name):
            by_value(reader, spec, wanted.name)
            if isinstance(wanted, Tagged) and wanted.names is None and wanted.vocabulary is None:
                by_fold(reader, f"{spec.name}.{wanted.name}")
