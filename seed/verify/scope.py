"""What is to be checked: kinds of checks, and therapies with the sources that they cite."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from seed.checks.references import references_of
from seed.files import Facts
from seed.verify.verdicts import Kind


class UnusableOptionError(ValueError):
    """An option cannot be followed; the message says why."""


@dataclass(frozen=True)
class Scope:
    """Which checks are made: (kind, therapy), where None is any. Nothing at all is everything."""

    wanted: tuple[tuple[Kind | None, str | None], ...] = ()

    def includes(self, kind: Kind, therapies: Iterable[str]) -> bool:
        """Whether a check of a kind, for a record of these therapies, is to be made."""
        held = set(therapies)
        return not self.wanted or any(
            of_kind in (None, kind) and (therapy is None or therapy in held) for of_kind, therapy in self.wanted
        )


def read_scope(filters: Iterable[str], facts: Facts) -> Scope:
    """The scope that filters such as `rate`, `examplumab`, `rate/examplumab` name. Raises `UnusableOptionError`."""
    known = {file.therapy.id for file in facts.therapies}
    kinds = {kind.value: kind for kind in Kind}
    wanted = []
    for given in filters:
        first, slash, second = given.partition("/")
        kind_name, therapy = (first, second) if slash or first in kinds else ("", first)
        if (kind_name and kind_name not in kinds) or (therapy and therapy not in known):
            raise UnusableOptionError(
                f"{given!r} is no filter: write KIND, THERAPY or KIND/THERAPY, where KIND is one of "
                f"{', '.join(kinds)}, and THERAPY the id of a therapy."
            )
        wanted.append((kinds.get(kind_name), therapy or None))
    return Scope(tuple(wanted))


def citing(facts: Facts) -> dict[str, tuple[str, ...]]:
    """The therapies that cite each source; those of the field cite it for no therapy."""
    found: dict[str, set[str]] = defaultdict(set)
    for statement in facts.records("statements"):
        about = [subject.partition(":") for subject in (statement.about, *statement.also_about)]
        found[statement.source].update(name for kind, _, name in about if kind == "therapy")
    for file in facts.therapies:
        for _, kind, record_id in references_of(file):
            if kind == "sources":
                found[record_id].add(file.therapy.id)
    return {source: tuple(sorted(therapies)) for source, therapies in found.items()}
