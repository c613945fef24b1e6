"""Against Datasette on the same file: the same page, search and facets, as its table endpoints offer them."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import quote

import orjson

from benchmarks import questions, servers
from benchmarks.client import measure, question
from benchmarks.floors import Scale

FIRST, REPEATED = 5.0, 50.0
"""At least so many times the requests per second of Datasette, for new URLs and for one that is repeated."""


@dataclass(frozen=True)
class Pair:
    """The same asked of both."""

    ours: str
    theirs: str
    same: Callable[[Any, Any], bool]
    """Whether both answers say the same."""


@dataclass
class Compared:
    """A kind of question, measured: requests per second by round."""

    title: str
    theirs_is: str
    first: list[float] = field(default_factory=list)
    repeated: list[float] = field(default_factory=list)
    theirs: list[float] = field(default_factory=list)
    theirs_repeated: list[float] = field(default_factory=list)

    @property
    def first_ratio(self) -> float:
        """How many times Datasette's requests per second, where each URL is new."""
        return median(a / b for a, b in zip(self.first, self.theirs, strict=True))

    @property
    def repeated_ratio(self) -> float:
        """The same where one URL is repeated."""
        return median(a / b for a, b in zip(self.repeated, self.theirs_repeated, strict=True))


def compared(database: Path, scale: Scale, progress: Callable[[str], None]) -> list[Compared]:
    """Measure all three."""
    count = max(100, scale.asked // 10)
    with servers.immunofacts(database) as server:
        asked = {
            ("page of 20 therapies of 1–3 classes", "table `therapy`, `class_id__in=`"): _pages(server.port, count),
            ("full text in one list", "table `search_text`, `list=` and `_search=`"): _texts(server.port, count),
            ("the page since a day, with 4 facets", "table `therapy`, `first_approval__gte=`, 4 `_facet=`"): _facets(
                count
            ),
        }
    found = []
    for (title, endpoint), pairs in asked.items():
        result = Compared(title, endpoint)
        rounds = min(scale.rounds, 5)
        for number in range(rounds):
            progress(f"Datasette: {title}: round {number + 1} of {rounds}")
            _round(database, pairs, scale, result)
        found.append(result)
    return found


def _round(database: Path, pairs: list[Pair], scale: Scale, result: Compared) -> None:
    """Both in turn, each in a process that has not seen the questions."""
    theirs = [f"/{quote(database.stem)}/{pair.theirs}" for pair in pairs]
    ours = [pair.ours for pair in pairs]
    with servers.datasette(database) as server:
        first, repeated, their_bodies = _side(server, theirs, scale, same_bytes=False)
        result.theirs.append(first)
        result.theirs_repeated.append(repeated)
    with servers.immunofacts(database) as server:
        first, repeated, our_bodies = _side(server, ours, scale, same_bytes=True)
        result.first.append(first)
        result.repeated.append(repeated)
    for pair, our_body, their_body in zip(pairs, our_bodies, their_bodies, strict=True):
        if not pair.same(orjson.loads(our_body), orjson.loads(their_body)):
            raise RuntimeError(f"{pair.ours} and {pair.theirs} do not say the same.")


def _side(
    server: servers.Server, targets: list[str], scale: Scale, *, same_bytes: bool
) -> tuple[float, float, list[bytes]]:
    """Requests per second where each URL is new, and where one is repeated; and all answers.

    Some go ahead, so that what either server does once only is not counted.
    """
    plain = [question(target) for target in targets]
    ahead = len(plain) // 4
    measure(server.port, plain[:ahead], requests=ahead)
    first = measure(server.port, plain[ahead:], requests=len(plain) - ahead).per_second
    bodies = [answer.body for answer in questions.asked(server.port, targets)]
    # Datasette's answers hold how long they took: their bytes differ, and are compared by what they say instead.
    repeated = question(targets[0], body=bodies[0] if same_bytes else None)
    return first, measure(server.port, [repeated], seconds=scale.seconds).per_second, bodies


def _pages(port: int, count: int) -> list[Pair]:
    """Therapies of some classes. Datasette, which follows no trees, is told every class below them."""
    chance = random.Random(6)  # noqa: S311  # the same questions in every run
    below = {}
    for value, _, _ in questions.vocabulary(port)["class"]:
        [answer] = questions.asked(port, [f"/therapies?class={value}&limit=500&fields=class"])
        below[value] = {item["class"]["id"] for item in questions.parsed(answer)["items"]}
    found: dict[str, Pair] = {}
    while len(found) < count:
        classes = chance.sample(sorted(below), chance.choice([1, 2, 3]))
        leaves = ",".join(sorted(set().union(*(below[value] for value in classes))))
        ours = f"/therapies?class={','.join(classes)}&limit=20"
        found[ours] = Pair(ours, f"therapy.json?class_id__in={leaves}&{_COLUMNS}", _same_page)
    return list(found.values())


def _texts(port: int, count: int) -> list[Pair]:
    """Words in a list. Datasette answers the texts that hold them, not the records."""
    found = []
    for each in questions.texts(port, count, lambda _: None):
        listed, asked = each.target[1:].split("?")[0], questions.query_of(each.target)
        match = quote(" AND ".join(f'"{word}"*' for word in asked["q"].split()))
        theirs = f"search_text.json?list={listed}&_search={match}&_searchmode=raw&_size={asked['limit']}&_shape=objects"
        found.append(Pair(each.target, f"{theirs}&_fts_table=search_fts&_fts_pk=rowid", _same_total))
    return found


def _facets(count: int) -> list[Pair]:
    """Therapies first approved since some day, counted by four columns."""
    chance = random.Random(6)  # noqa: S311  # the same questions in every run
    found: dict[str, Pair] = {}
    while len(found) < count:
        day = f"{chance.randint(1986, 2020)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
        ours = f"/therapies?first_approved_from={day}&limit=20&facets=class,status,boxed_warning,agency"
        theirs = f"therapy.json?first_approval__gte={day}&{_COLUMNS}"
        theirs += "&_facet=class_id&_facet=status&_facet=boxed_warning&_facet=source_id"
        found[ours] = Pair(ours, theirs, _same_counts)
    return list(found.values())


_COLUMNS = "_size=20&_sort=position&_col=id&_col=summary&_shape=objects"


def _same_total(ours: Any, theirs: Any) -> bool:
    return bool(ours["total"] == theirs["filtered_table_rows_count"])


def _same_page(ours: Any, theirs: Any) -> bool:
    listed = [item["id"] for item in ours["items"]]
    return _same_total(ours, theirs) and listed == [row["id"] for row in theirs["rows"]]


def _same_counts(ours: Any, theirs: Any) -> bool:
    counts = {value["id"]: value["count"] for value in ours["facets"]["status"]}
    found = {value["value"]: value["count"] for value in theirs["facet_results"]["status"]["results"]}
    return _same_page(ours, theirs) and counts == found
