"""Against Datasette on the same file: the same page, search and facets, as its table endpoints offer them."""

import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import quote

import orjson

from app.nouns.registry import nouns
from app.nouns.spelling import words
from benchmarks import servers, workload
from benchmarks.client import get, measure
from benchmarks.floors import Scale

FIRST, REPEATED = 5.0, 50.0
"""At least so many times the requests per second of Datasette, for new URLs and for one that is repeated."""


@dataclass(frozen=True)
class Pair:
    """The same request to both."""

    ours: str
    theirs: str
    same: Callable[[Any, Any], bool]
    """Whether both answers hold the same."""


@dataclass
class Compared:
    """A kind of request, measured: requests per second by round."""

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


def compared(database: Path, folder: Path, scale: Scale, progress: Callable[[str], None]) -> list[Compared]:
    """Measure all three; a copy of the file for Datasette is made in the folder."""
    count = max(100, scale.requests // 10)
    theirs = folder / "datasette.db"
    _copy_for_datasette(database, theirs)
    with servers.immunofacts(database) as server:
        kinds = {
            ("page of 20 therapies of 1–3 classes", "view `therapy_page`, `class_id__in=`"): _pages(server.port, count),
            ("full text in one list", "table `searched_text`, `list=` and `_search=`"): _texts(server.port, count),
            (
                "the page since a day, with 4 facets",
                "view `therapy_page`, `first_approval__gte=`, 4 `_facet=`",
            ): _facets(count),
        }
    found = []
    for (title, endpoint), pairs in kinds.items():
        result = Compared(title, endpoint)
        rounds = min(scale.rounds, 5)
        for number in range(rounds):
            progress(f"Datasette: {title}: round {number + 1} of {rounds}")
            _round(database, theirs, pairs, scale, result)
        found.append(result)
    return found


def _copy_for_datasette(database: Path, copy: Path) -> None:
    """Copy the file, and add what Datasette needs: therapies with their documents, and the texts of `q` in FTS5."""
    shutil.copyfile(database, copy)
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("CREATE TABLE searched_text (id INTEGER PRIMARY KEY, list TEXT, record TEXT, text TEXT)")
        for noun in nouns():
            rows = connection.execute(
                "SELECT id, document FROM document WHERE list = ? ORDER BY position", (noun.name,)
            )
            texts = [
                (
                    noun.name,
                    record,
                    " ".join(word for text in noun.text(orjson.loads(document)) if text for word in words(text)),
                )
                for record, document in rows
            ]
            connection.executemany("INSERT INTO searched_text (list, record, text) VALUES (?, ?, ?)", texts)
        connection.execute("CREATE INDEX ix_searched_text_list ON searched_text (list)")
        connection.execute(
            "CREATE VIEW therapy_page AS SELECT therapy.*, document.summary FROM therapy JOIN document "
            "USING (release_id, position) WHERE document.list = 'therapies'"
        )
        connection.execute(
            "CREATE VIRTUAL TABLE search_fts USING fts5 (text, content='searched_text', content_rowid='id')"
        )
        connection.execute("INSERT INTO search_fts (search_fts) VALUES ('rebuild')")
        connection.execute("ANALYZE")
        connection.commit()


def _round(database: Path, copy: Path, pairs: list[Pair], scale: Scale, result: Compared) -> None:
    """Both in turn, each in a process that has not seen the requests."""
    theirs = [f"/{quote(copy.stem)}/{pair.theirs}" for pair in pairs]
    ours = [pair.ours for pair in pairs]
    with servers.datasette(copy) as server:
        first, repeated, their_bodies = _side(server, theirs, scale, same_bytes=False)
        result.theirs.append(first)
        result.theirs_repeated.append(repeated)
    with servers.immunofacts(database) as server:
        first, repeated, our_bodies = _side(server, ours, scale, same_bytes=True)
        result.first.append(first)
        result.repeated.append(repeated)
    for pair, our_body, their_body in zip(pairs, our_bodies, their_bodies, strict=True):
        if not pair.same(orjson.loads(our_body), orjson.loads(their_body)):
            raise RuntimeError(f"{pair.ours} and {pair.theirs} do not answer the same.")


def _side(
    server: servers.Server, targets: list[str], scale: Scale, *, same_bytes: bool
) -> tuple[float, float, list[bytes]]:
    """Requests per second where each URL is new, and where one is repeated; and all answers.

    Some go ahead, so that what either server does once only is not counted.
    """
    plain = [get(target) for target in targets]
    ahead = len(plain) // 4
    measure(server.port, plain[:ahead], count=ahead)
    first = measure(server.port, plain[ahead:], count=len(plain) - ahead).per_second
    bodies = [answer.body for answer in workload.answers(server.port, targets)]
    # Datasette's answers hold how long they took: their bytes differ, and are compared by what they hold instead.
    repeated = get(targets[0], body=bodies[0] if same_bytes else None)
    return first, measure(server.port, [repeated], seconds=scale.seconds).per_second, bodies


def _pages(port: int, count: int) -> list[Pair]:
    """Therapies of some classes. Datasette, which follows no trees, gets every class below them."""
    chance = random.Random(6)  # noqa: S311  # the same requests in every run
    below = {}
    for value, _, _ in workload.vocabulary(port)["class"]:
        [answer] = workload.answers(port, [f"/therapies?class={value}&limit=500&fields=class"])
        below[value] = {item["class"]["id"] for item in workload.parsed(answer)["items"]}
    found: dict[str, Pair] = {}
    while len(found) < count:
        classes = chance.sample(sorted(below), chance.choice([1, 2, 3]))
        leaves = ",".join(sorted(set().union(*(below[value] for value in classes))))
        ours = f"/therapies?class={','.join(classes)}&limit=20"
        found[ours] = Pair(ours, f"therapy_page.json?class_id__in={leaves}&{_PAGE}", _same_page)
    return list(found.values())


def _texts(port: int, count: int) -> list[Pair]:
    """Words in a list. Datasette answers the texts that hold them, not the records."""
    found = []
    for each in workload.texts(port, count, lambda _: None):
        listed, query = each.target[1:].split("?")[0], workload.query_of(each.target)
        match = quote(" AND ".join(f'"{word}"*' for word in query["q"].split()))
        theirs = f"searched_text.json?list={listed}&_search={match}&_searchmode=raw&_size={query['limit']}"
        found.append(Pair(each.target, f"{theirs}&_shape=objects&_fts_table=search_fts&_fts_pk=id", _same_total))
    return found


def _facets(count: int) -> list[Pair]:
    """Therapies first approved since some day, counted by four columns."""
    chance = random.Random(6)  # noqa: S311  # the same requests in every run
    found: dict[str, Pair] = {}
    while len(found) < count:
        day = f"{chance.randint(1986, 2020)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
        ours = f"/therapies?first_approved_from={day}&limit=20&facets=class,status,boxed_warning,agency"
        theirs = f"therapy_page.json?first_approval__gte={day}&{_PAGE}"
        theirs += "&_facet=class_id&_facet=status&_facet=boxed_warning&_facet=source_id"
        found[ours] = Pair(ours, theirs, _same_counts)
    return list(found.values())


_PAGE = "_size=20&_sort=position&_col=id&_col=summary&_shape=objects"


def _same_total(ours: Any, theirs: Any) -> bool:
    return bool(ours["total"] == theirs["filtered_table_rows_count"])


def _same_page(ours: Any, theirs: Any) -> bool:
    listed = [item["id"] for item in ours["items"]]
    return _same_total(ours, theirs) and listed == [row["id"] for row in theirs["rows"]]


def _same_counts(ours: Any, theirs: Any) -> bool:
    counts = {value["id"]: value["count"] for value in ours["facets"]["status"]}
    found = {value["value"]: value["count"] for value in theirs["facet_results"]["status"]["results"]}
    return _same_page(ours, theirs) and counts == found
