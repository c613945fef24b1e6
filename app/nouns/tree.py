"""Trees of terms."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache


class Tree:
    """The ancestors of every term of one vocabulary."""

    def __init__(self, parents: Mapping[str, Iterable[str]]) -> None:
        self._parents = {child: list(above) for child, above in parents.items()}
        self.children: dict[str, list[str]] = defaultdict(list)
        for child, above in self._parents.items():
            for parent in above:
                self.children[parent].append(child)

    @cache  # noqa: B019  # a tree lives as long as its load
    def upwards(self, term: str) -> frozenset[str]:
        """The term and everything above it."""
        found: set[str] = set()
        waiting = [term]
        while waiting:
            current = waiting.pop()
            if current not in found:
                found.add(current)
                waiting.extend(self._parents.get(current, ()))
        return frozenset(found)
