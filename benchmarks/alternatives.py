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

ALIKE = 0.95
"""Share of the requests of a kind that both must answer alike; the others are not measured."""
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
    for (title, endpoint), every in kinds.items():
        result, pairs = Compared(title, endpoint), _answered_alike(database, theirs, every)
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
        # Of a month or a year that is all that is known, `first_approved_from` takes the last day.
        connection.execute(
            "UPDATE therapy SET first_approval = (SELECT said || substr('-12-31', length(said) - 3) FROM (SELECT "
            "json_extract(document, '$.first_approval.on') AS said FROM document WHERE list = 'therapies' "
            "AND document.id = therapy.id)) WHERE first_approval IS NULL"
        )
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


def _answered_alike(database: Path, copy: Path, pairs: list[Pair]) -> list[Pair]:
    """The pairs that both answer alike. Ours also finds words that are written apart, which is seldom."""
    with servers.immunofacts(database) as server:
        ours = workload.answers(server.port, [pair.ours for pair in pairs])
    with servers.datasette(copy) as server:
        theirs = workload.answers(server.port, _addresses(copy, pairs))
    alike = [
        pair
        for pair, our, their in zip(pairs, ours, theirs, strict=True)
        if pair.same(orjson.loads(our.body), orjson.loads(their.body))
    ]
    if len(alike) < ALIKE * len(pairs):
        other = next(pair for pair in pairs if pair not in alike)
        raise RuntimeError(f"{other.ours} and {other.theirs} do not answer the same.")
    return alike


def _addresses(copy: Path, pairs: list[Pair]) -> list[str]:
    return [f"/{quote(copy.stem)}/{pair.theirs}" for pair in pairs]


def _round(database: Path, copy: Path, pairs: list[Pair], scale: Scale, result: Compared) -> None:
    """Both in turn, each in a process that has not seen the requests."""
    theirs, ours = _addresses(copy, pairs), [pair.ours for pair in pairs]
    with servers.datasette(copy) as server:
        first, repeated = _side(server, theirs, scale, same_bytes=False)
        result.theirs.append(first)
        result.theirs_repeated.append(repeated)
    with servers.immunofacts(database) as server:
        first, repeated = _side(server, ours, scale, same_bytes=True)
        result.first.append(first)
        result.repeated.append(repeated)


def _side(server: servers.Server, targets: list[str], scale: Scale, *, same_bytes: bool) -> tuple[float, float]:
    """Requests per second where each URL is new, and where one is repeated.

    Some go ahead, so that what either server does once only is not counted.
    """
    plain = [get(target) for target in targets]
    ahead = len(plain) // 4
    measure(server.port, plain[:ahead], count=ahead)
    first = measure(server.port, plain[ahead:], count=len(plain) - ahead).per_second
    [answer] = workload.answers(server.port, targets[:1])
    # Datasette's answers hold how long they took: their bytes differ.
    repeated = get(targets[0], body=answer.body if same_bytes else None)
    return first, measure(server.port, [repeated], seconds=scale.seconds).per_second


def _pages(port: int, count: int) -> list[Pair]:
    """Therapies of some classes. Datasette, which follows no trees, gets every class below them.

    Classes that find a combination by its parts are left out: its own class, the column that Datasette has, is another.
    """
    chance = random.Random(6)  # noqa: S311  # the same requests in every run
    class_of, below = _classes(port), dict[str, set[str]]()
    for value, _, _ in workload.vocabulary(port)["class"]:
        found_by_class = _classes(port, f"class={value}&")
        leaves = set(found_by_class.values())
        if found_by_class == {therapy: leaf for therapy, leaf in class_of.items() if leaf in leaves}:
            below[value] = leaves
    found: dict[str, Pair] = {}
    while len(found) < count:
        classes = chance.sample(sorted(below), chance.choice([1, 2, 3]))
        every_leaf = ",".join(sorted(set().union(*(below[value] for value in classes))))
        ours = f"/therapies?class={','.join(classes)}&limit=20"
        found[ours] = Pair(ours, f"therapy_page.json?class_id__in={every_leaf}&{_PAGE}", _same_page)
    return list(found.values())


def _classes(port: int, filters: str = "") -> dict[str, str]:
    """The class of each therapy that some filters find, by its id."""
    [answer] = workload.answers(port, [f"/therapies?{filters}limit=500&fields=class"])
    return {item["id"]: item["class"]["id"] for item in workload.parsed(answer)["items"]}


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
